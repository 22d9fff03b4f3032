//go:build long

package test

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TestTheImagesOfAFIRGenAreBuilt builds the program by the Dockerfile's own steps, for both kinds of processor. That takes
// a C++ compiler for each, but no Docker: see builder.
func TestTheImagesOfAFIRGenAreBuilt(t *testing.T) {
	for _, p := range []struct {
		arch, triplet string
		machine       elf.Machine
	}{{"amd64", "x86_64-linux-gnu", elf.EM_X86_64}, {"arm64", "aarch64-linux-gnu", elf.EM_AARCH64}} {
		t.Run(p.arch, func(t *testing.T) {
			if _, err := exec.LookPath(p.triplet + "-g++"); err != nil {
				t.Fatalf("%v; install Debian's package g++-%s, as scripts/setup.sh long does", err, strings.ReplaceAll(p.triplet, "_", "-"))
			}
			b := newBuilder(t, "afirgen.Dockerfile")
			b.stub("apt-get", "rm", "useradd")
			b.env["TARGETARCH"] = p.arch
			path := filepath.Join(b.build("main-backend"), "usr", "local", "bin", "afirgen")
			wantProgramFor(t, path, p.machine)
			if p.arch == runtime.GOARCH {
				out, err := exec.Command(path, "--version").CombinedOutput()
				if err != nil || !strings.Contains(string(out), "1.2.3") {
					t.Errorf("it calls itself %q (%v), without 1.2.3", out, err)
				}
			}
			whole := []string{"data", "etc/group", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "tmp", "usr/local/bin/afirgen"}
			wantFiles(t, b.roots["main-backend"], whole...)
			wantFiles(t, b.build("gguf-server"), slices.DeleteFunc(slices.Clone(whole), func(name string) bool { return name == "data" })...)
			wantFiles(t, b.build("asr-ocr-server"), "etc/ssl/certs/ca-certificates.crt", "usr/local/bin/afirgen")
		})
	}
}

// wantProgramFor wants a program for that processor, and no library that the base image lacks.
func wantProgramFor(t *testing.T, path string, machine elf.Machine) {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Machine != machine {
		t.Errorf("it is for %s, want %s", f.Machine, machine)
	}
	for _, library := range librariesOf(t, path) {
		if !slices.Contains(inDistroless, library) {
			t.Errorf("the program needs %s, which the base image does not have", library)
		}
	}
}
