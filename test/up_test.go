package test

import (
	"context"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestUpShowsSixComplaints runs the main job as `make up` does, on free ports,
// and reads what a person would see.
func TestUpShowsSixComplaints(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program("afirgen"), "up", "--once", "--port-base", "0", "--data", t.TempDir())
	out, err := c.CombinedOutput()
	text := string(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	link := `\S+/#/traces/1-[0-9a-f]{8}-[0-9a-f]{24}\n`
	for _, want := range []string{
		`A written complaint\n → signed and locked as LKS/0001/\d{4}\n process 200 [\d.]+ ms ` + link,
		`A complaint written in Hindi\n → signed and locked as LKS/0002/\d{4}\n`,
		`A photographed letter\n → signed and locked as LKS/0003/\d{4}\n`,
		`A spoken complaint\n → signed and locked as LKS/0004/\d{4}\n`,
		`A complaint that is refused, .*\n → refused with 400 .*\n process 400 [\d.]+ ms ` + link,
		`A complaint that meets a fault: .*\n → failed with 503 .*, then passed: it waits at summary_review\n`,
		`the trace of process, segments: 2\n afirgen-main-backend [\d.]+ ms 200\n`,
		`└─ afirgen-asr-ocr-server \[remote\] .* 200\n.*└─ afirgen-asr-ocr-server .* 200`,
		`finalise 200 [\d.]+ ms ` + link,
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
