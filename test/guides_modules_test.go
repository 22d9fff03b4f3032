package test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// publish makes a Go module proxy of this checkout, and returns the variables that have `go get` find the SDK there as it
// would find a release of it. Modules of others come from this machine's cache where it has them.
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
	for _, folder := range []string{"github.com", "cache/download/github.com"} {
		if err := shareFolder(had[0], cache, folder); err != nil {
			return nil, fmt.Errorf("make a module cache for the guides: %w", err)
		}
	}
	return []string{
		"GOPROXY=file://" + proxy + ",file://" + filepath.Join(had[0], "cache", "download") + "," + had[1],
		"GOMODCACHE=" + cache, "GOCACHE=" + had[2], "GOPATH=" + had[3], "GOSUMDB=off", "GOWORK=off",
		// -trimpath: what was compiled once is found again, though this cache is another each time.
		"GOFLAGS=-modcacherw -trimpath -buildvcs=false",
	}, nil
}

// shareFolder makes a folder of the guides' module cache, and every folder on the way to it, in which all that this
// machine's cache has stands by a link, but for this repository's modules: they keep one version while the checkout
// changes, so they must not be remembered.
func shareFolder(from, to, folder string) error {
	way := ""
	for _, step := range append([]string{""}, strings.Split(folder, "/")...) {
		way = filepath.Join(way, step)
		if err := os.MkdirAll(filepath.Join(to, way), 0o755); err != nil {
			return err
		}
		entries, err := os.ReadDir(filepath.Join(from, way))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			at := filepath.Join(way, e.Name())
			own := e.Name() == "roentgen" || slices.Contains([]string{"github.com", "cache", "cache/download", "cache/download/github.com"}, filepath.ToSlash(at))
			if own || !e.IsDir() {
				continue
			}
			if err := os.Symlink(filepath.Join(from, at), filepath.Join(to, at)); err != nil && !errors.Is(err, fs.ErrExist) {
				return err
			}
		}
	}
	return nil
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
