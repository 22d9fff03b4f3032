//go:build long

package test

import (
	"debug/elf"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestTheImagesOfAFIRGenAreBuilt builds the program by the Dockerfile's own steps: for this machine, and for the other kind
// of processor where its compiler is installed.
func TestTheImagesOfAFIRGenAreBuilt(t *testing.T) {
	for arch, compiler := range map[string]string{"amd64": "x86_64-linux-gnu-g++", "arm64": "aarch64-linux-gnu-g++"} {
		if _, err := exec.LookPath(compiler); err != nil {
			t.Logf("not for %s: %v", arch, err)
			continue
		}
		b := newBuilder(t, "afirgen.Dockerfile")
		b.stub("apt-get", "rm")
		b.env["TARGETARCH"] = arch
		path := filepath.Join(b.build("main-backend"), "usr", "local", "bin", "afirgen")
		f, err := elf.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[arch]
		if f.Machine != want {
			t.Errorf("for %s it is for %s", arch, f.Machine)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		for _, library := range librariesOf(t, path) {
			if !slices.Contains(inDistroless, library) {
				t.Errorf("for %s the program needs %s, which the base image does not have", arch, library)
			}
		}
		wantFiles(t, b.roots["main-backend"], "data", "etc/group", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "tmp", "usr/local/bin/afirgen")
	}
}
