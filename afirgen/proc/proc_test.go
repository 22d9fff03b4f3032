package proc

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

func TestKillingALeaderKillsWhatItHasStarted(t *testing.T) {
	// Leader and child hold the write end: it reads as ended only when both are dead.
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = read.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", "sleep 600 & echo started; wait")
	cmd.Stdout = write
	Lead(cmd)
	if err := errors.Join(cmd.Start(), write.Close(), read.SetReadDeadline(time.Now().Add(15*time.Second))); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(read)
	if line, err := lines.ReadString('\n'); err != nil || line != "started\n" {
		t.Fatalf("read %q, %v", line, err)
	}
	cancel()
	if err := cmd.Wait(); err == nil {
		t.Error("the leader ended as if nothing had happened")
	}
	if _, err := lines.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("what the leader had started still runs: %v", err)
	}
}
