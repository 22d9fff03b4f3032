package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	modzip "golang.org/x/mod/zip"
)

// publishedModules are those of this repository that guides ask for with go get, by folder.
var publishedModules = map[string]string{
	"github.com/roentgen/roentgen/tracing": "../tracing",
	"github.com/roentgen/roentgen/redact":  "../redact",
}

// publishedVersion is the one under which they require each other.
const publishedVersion = "v0.0.0"

// debianPython is the Python that has the packages which scripts/setup.sh installs.
const debianPython = "/usr/bin/python3"

// guideSurroundings are the variables that every guide finds beside those of this process: where `go get` looks, and Debian's
// Python in place of another that may come first on the PATH.
var guideSurroundings = sync.OnceValues(func() ([]string, error) {
	if err := os.Symlink(debianPython, filepath.Join(bin, "python3")); err != nil {
		return nil, fmt.Errorf("put Python on the guides' PATH: %w", err)
	}
	return publish()
})

// publish makes a Go module proxy of this checkout, and returns the variables that have `go get` find the SDK
// there as it would find a release of it. Modules of others come from this machine's download cache where it has them.
// The module cache of the guides is their own, as the version stays the same while the checkout changes.
func publish() ([]string, error) {
	proxy, cache := filepath.Join(bin, "goproxy"), filepath.Join(bin, "gomod")
	for path, dir := range publishedModules {
		if err := publishModule(proxy, path, dir); err != nil {
			return nil, fmt.Errorf("publish %s for the guides: %w", path, err)
		}
	}
	out, err := exec.Command("go", "env", "GOMODCACHE", "GOPROXY", "GOCACHE", "GOPATH").Output()
	if err != nil {
		return nil, fmt.Errorf("ask go for its settings: %w", err)
	}
	had := strings.Split(strings.TrimRight(string(out), "\n"), "\n")
	if len(had) != 4 {
		return nil, fmt.Errorf("ask go for its settings: it says %q", out)
	}
	return []string{
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(had[0], "cache", "download") + "," + had[1],
		"GOMODCACHE=" + cache, "GOCACHE=" + had[2], "GOPATH=" + had[3], "GOSUMDB=off", "GOWORK=off",
		"GOFLAGS=-modcacherw -trimpath -buildvcs=false",
	}, nil
}

// publishModule writes a module as the proxy protocol has it.
func publishModule(proxy, path, dir string) error {
	at := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(at, 0o755); err != nil {
		return err
	}
	gomod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return err
	}
	for name, content := range map[string]string{
		"list":                     publishedVersion + "\n",
		publishedVersion + ".info": `{"Version":"` + publishedVersion + `","Time":"2026-01-01T00:00:00Z"}`,
		publishedVersion + ".mod":  string(gomod),
	} {
		if err := os.WriteFile(filepath.Join(at, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	f, err := os.Create(filepath.Join(at, publishedVersion+".zip"))
	if err != nil {
		return err
	}
	return errors.Join(modzip.CreateFromDir(f, module.Version{Path: path, Version: publishedVersion}, dir), f.Close())
}
