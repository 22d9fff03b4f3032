package test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestAServerThatWentBackToABackupKeepsItsBooks has an agent go on while its
// server is replaced by a copy of some time ago: what the copy knew of the agent
// is there, what came in between is said to be missing, and no sum is wrong.
func TestAServerThatWentBackToABackupKeepsItsBooks(t *testing.T) {
	s := launch(t, t.TempDir())
	a := launchAgent(t, s, t.TempDir())
	put := func(s *server, n int) {
		var ids, docs []string
		for range n {
			ids = append(ids, newTraceID())
			docs = append(docs, agentSegment(ids[len(ids)-1], ""))
		}
		a.send(t, false, docs...)
		for _, id := range ids {
			s.awaitSegments(t, id, 1)
		}
	}
	put(s, 12)
	balances(t, s, a)
	archive, copied := filepath.Join(t.TempDir(), "roentgen.tar"), filepath.Join(t.TempDir(), "copied")
	if _, stderr, code := s.tool(t, nil, "backup", archive); code != 0 {
		t.Fatal(stderr)
	}
	put(s, 9)
	balances(t, s, a)
	s.kill()

	wantTool(t, "restore", archive, "--data", copied)
	if out := wantTool(t, "store", "verify", copied, "--output", "table"); strings.Contains(out, "foreign") {
		t.Errorf("a file of the backup is not known to be ours:\n%s", out)
	}
	again := startServer(t, copied, "--http", strings.TrimPrefix(s.HTTP, "http://"))
	put(again, 3)
	eventually(t, func() error {
		stdout, stderr, code := again.tool(t, nil, "ledger", "--json")
		if code != 0 || !strings.Contains(stdout, "at least 9 documents that the agent had sent before the restore are not in it") {
			return fmt.Errorf("the ledger ended with %d: %s%s", code, stdout, stderr)
		}
		return nil
	})
	balances(t, again, a)
}
