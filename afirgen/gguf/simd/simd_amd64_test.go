package simd_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const program = `package main

import "github.com/roentgen/roentgen/afirgen/gguf/simd"

func main() { println(simd.Built()) }
`

// build makes a program that imports simd for those C flags. It lies beside this file: its import needs our module.
func build(t *testing.T, flags string) string {
	t.Helper()
	dir := t.TempDir()
	source, overlay := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json")
	virtual, err := filepath.Abs(filepath.Join("probe", "main.go"))
	if err == nil {
		err = errors.Join(os.WriteFile(source, []byte(program), 0o600),
			os.WriteFile(overlay, []byte(`{"Replace":{"`+virtual+`":"`+source+`"}}`), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "probe")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", overlay, "-o", path, "./probe")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1", "CGO_CFLAGS=-O1 "+flags)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building with %s: %v\n%s", flags, err, out)
	}
	return path
}

// No processor has had XOP since 2017, and none ever had it together with AVX512.
func TestAProgramForAnotherProcessorSaysSo(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), build(t, "-march=x86-64-v4 -mxop")).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("it ended with %v", err)
	}
	if !bytes.HasPrefix(out, []byte("afirgen: this program was built for processors with ")) || !bytes.Contains(out, []byte("MARCH=x86-64 make build")) {
		t.Errorf("it said %q", out)
	}
}

func TestAProgramForThisProcessorRuns(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), build(t, "-march=native")).CombinedOutput()
	if err != nil || strings.Contains(string(out), "baseline") {
		t.Errorf("it said %q, %v", out, err)
	}
	if out, err := exec.CommandContext(t.Context(), build(t, "-march=x86-64")).CombinedOutput(); err != nil || string(out) != "baseline amd64\n" {
		t.Errorf("the portable one said %q, %v", out, err)
	}
}
