package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

// bin is where TestMain puts the programs under test.
var bin string

// unstoppable are the pollers of AWS's SDK for Go, which it gives no way to end.
var unstoppable = []goleak.Option{
	goleak.IgnoreTopFunction("github.com/aws/aws-xray-sdk-go/strategy/sampling.(*CentralizedStrategy).startRulePoller.func2"),
	goleak.IgnoreTopFunction("github.com/aws/aws-xray-sdk-go/strategy/sampling.(*CentralizedStrategy).startTargetPoller.func1"),
}

func TestMain(m *testing.M) {
	code, err := runWithPrograms(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if code == 0 {
		if err := goleak.Find(unstoppable...); err != nil {
			fmt.Fprintln(os.Stderr, "goroutines left behind:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func runWithPrograms(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "roentgen-test-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	bin = dir
	for module, pkg := range map[string]string{"..": "./cmd/roentgen", "../afirgen": "./cmd/afirgen"} {
		if err := build(module, pkg); err != nil {
			return 1, err
		}
	}
	defer stopChromium()
	return m.Run(), nil
}

// build compiles as an outsider does: each module by itself, and without
// asking git, which may refuse a checkout that another user owns.
func build(module, pkg string) error {
	c := exec.Command("go", "build", "-buildvcs=false", "-o", bin+string(filepath.Separator), pkg)
	c.Dir = module
	c.Env = append(os.Environ(), "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s in %s: %w\n%s", pkg, module, err, out)
	}
	return nil
}

func program(name string) string { return filepath.Join(bin, name) }
