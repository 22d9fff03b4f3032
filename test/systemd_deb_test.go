package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDebianPackagesHoldWhatTheyNeed makes both packages of the programs under test and unpacks them.
func TestDebianPackagesHoldWhatTheyNeed(t *testing.T) {
	out := t.TempDir()
	c := exec.Command("../scripts/deb.sh")
	c.Env = append(os.Environ(), "BIN="+bin, "OUT="+out, "VERSION=v1.2-3-gabcdef", "COMPRESSION=none")
	if said, err := c.CombinedOutput(); err != nil {
		t.Fatalf("deb.sh: %v\n%s", err, said)
	}
	for name, want := range map[string]string{
		"roentgen": `etc/roentgen/agent.env etc/roentgen/server.env usr/bin/roentgen usr/lib/systemd/system/roentgen-agent.service
			usr/lib/systemd/system/roentgen.service usr/lib/sysusers.d/roentgen.conf usr/lib/tmpfiles.d/roentgen.conf
			usr/share/bash-completion/completions/roentgen usr/share/doc/roentgen/copyright
			usr/share/fish/vendor_completions.d/roentgen.fish usr/share/zsh/vendor-completions/_roentgen`,
		"afirgen": `etc/afirgen/asr-ocr-server.env etc/afirgen/gguf-server.env etc/afirgen/main-backend.env usr/bin/afirgen
			usr/lib/systemd/system/afirgen-asr-ocr-server.service usr/lib/systemd/system/afirgen-gguf-server.service
			usr/lib/systemd/system/afirgen-main-backend.service usr/lib/sysusers.d/afirgen.conf usr/lib/tmpfiles.d/afirgen.conf
			usr/share/doc/afirgen/copyright`,
	} {
		files, err := filepath.Glob(filepath.Join(out, name+"_1.2+3.gabcdef_*.deb"))
		if err != nil || len(files) != 1 {
			t.Fatalf("there are %d packages %s (%v)", len(files), name, err)
		}
		checkPackage(t, files[0], name, strings.Fields(want))
	}
}

func checkPackage(t *testing.T, file, name string, want []string) {
	t.Helper()
	tree := t.TempDir()
	said, err := exec.Command("dpkg-deb", "--raw-extract", file, tree).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", file, err, said)
	}
	for _, hook := range []string{"control", "conffiles", "postinst", "prerm"} {
		want = append(want, "DEBIAN/"+hook)
	}
	slices.Sort(want)
	wantFiles(t, tree, want...)
	if out, err := exec.Command(filepath.Join(tree, "usr", "bin", name), "--version").CombinedOutput(); err != nil {
		t.Errorf("%s does not run: %v: %s", name, err, out)
	}
	control, err := os.ReadFile(filepath.Join(tree, "DEBIAN", "control"))
	if err != nil || !regexp.MustCompile(`(?s)^Package: `+name+`\nVersion: 1\.2\+3\.gabcdef\n.*\nDescription: .+\n$`).Match(control) {
		t.Errorf("its control file is %q (%v)", control, err)
	}
	for _, hook := range []string{"postinst", "prerm"} {
		path := filepath.Join(tree, "DEBIAN", hook)
		if out, err := exec.Command("sh", "-n", path).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", hook, err, out)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, unit := range want {
			if service := strings.TrimSuffix(filepath.Base(unit), ".service"); strings.HasSuffix(unit, ".service") && !regexp.MustCompile(`[ ]`+service+`[ ;]`).Match(text) {
				t.Errorf("%s forgets %s", hook, service)
			}
		}
	}
	for _, kind := range []string{"sysusers", "tmpfiles"} {
		out, err := exec.Command("systemd-"+kind, "--root="+tree, map[string]string{"sysusers": "--dry-run", "tmpfiles": "--cat-config"}[kind], name+".conf").CombinedOutput()
		if err != nil {
			t.Errorf("systemd-%s does not read %s.conf: %v: %s", kind, name, err, out)
		}
	}
}
