package agent

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

func TestAStateDirectoryThatIsTakenAwayEndsNothing(t *testing.T) {
	for _, up := range []bool{true, false} {
		h := newHouse(t)
		dir := filepath.Join(t.TempDir(), "state")
		a := startAgent(t, h, dir, nil)
		trace, held := newTrace(), newTrace()
		a.send(t, plain, document(trace, ""))
		h.await(t, trace, 1)
		h.down.Store(true)
		a.send(t, plain, document(trace, ""))
		a.send(t, undecided, document(held, ""))
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		many := make([]string, 300) // of 30 kB: several files of the spool, made when the directory is gone
		traces := make([]roentgen.TraceID, len(many))
		for i := range many {
			traces[i] = newTrace()
			many[i] = document(traces[i], `"metadata":{"default":{"text":"`+strings.Repeat("x", 30_000)+`"}}`)
		}
		a.send(t, plain, many...)
		h.down.Store(!up)
		if err := a.stop(); err != nil {
			t.Errorf("the agent ended with: %v", err)
		}
		log := a.log.String()
		if !strings.Contains(log, "the state directory was taken away") || !strings.Contains(log, "undecided=1") {
			t.Error("the log does not say what is lost with the directory")
		}
		n := len(h.documents(t, trace))
		for _, trace := range traces {
			n += len(h.documents(t, trace))
		}
		if up && n != 302 || !up && n != 1 {
			t.Errorf("the server has %d documents, it was there: %v", n, up)
		}
		if lost := strings.Contains(log, "documents that waited in it are lost"); lost == up {
			t.Errorf("documents are said to be lost: %v; the server was there: %v", lost, up)
		}
	}
}
