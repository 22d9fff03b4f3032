package test

import (
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestUpShowsTwoTraces runs the main job as `make up` does, on free ports, and
// reads what a person would see.
func TestUpShowsTwoTraces(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program("afirgen"), "up", "--once", "--port-base", "0", "--data", t.TempDir())
	out, err := c.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, want := range []string{
		`A written complaint → session \S+\n  summary \(rules\): \w`,
		`trace 1-[0-9a-f]{8}-[0-9a-f]{24}, 2 segments\nafirgen-main-backend [\d.]+ m?s 200\n`,
		`A photographed letter → session \S+\n  summary \(rules\): \w`,
		`trace 1-[0-9a-f]{8}-[0-9a-f]{24}, 3 segments\n`,
		`└─ process_fir_request`,
		`└─ afirgen-asr-ocr-server \[remote\] .* 200\n.*└─ afirgen-asr-ocr-server .* 200`,
		`model_name=summariser`,
		`(?s)backend has stopped.*gguf has stopped.*roentgen has stopped`,
	} {
		if !regexp.MustCompile(strings.ReplaceAll(want, " ", ` +`)).MatchString(text) {
			t.Errorf("%q does not stand in what it printed", want)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}
