package fleet

import (
	"flag"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew instead of comparing with them")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)

// clock is set by hand.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func mustOpen(t testing.TB, fs vfs.FS, opt Options) *Fleet {
	t.Helper()
	if opt.Now == nil {
		opt.Now = (&clock{start}).now
	}
	f, err := Open(fs, "fleet", opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// name makes the name of an agent.
func name(n int) string { return fmt.Sprintf("%032x", n) }

func header(agent int, epoch, seq uint64, documents int) wire.BatchHeader {
	return wire.BatchHeader{Agent: name(agent), Host: fmt.Sprintf("web-%d", agent), Version: "1", Epoch: epoch, Seq: seq, Documents: documents}
}

func stored(seq uint64, n int) wire.BatchAnswer {
	return wire.BatchAnswer{Seq: seq, Outcomes: map[string]int64{wire.OutcomeStored: int64(n)}}
}

func trace(n int) roentgen.TraceID {
	return roentgen.TraceID{1, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

func notices(from, to int) []wire.Notice {
	var out []wire.Notice
	for i := from; i < to; i++ {
		out = append(out, wire.Notice{Trace: trace(i), Reason: "error"})
	}
	return out
}

// commit takes a batch of n stored documents from begin to end.
func mustCommit(t testing.TB, f *Fleet, agent int, epoch, seq uint64, n int, list []wire.Notice, statement []byte) {
	t.Helper()
	h := header(agent, epoch, seq, n)
	answered, release, err := f.Begin(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	answer := stored(seq, n)
	if answered != nil {
		answer = *answered
	}
	if err := f.Commit(h, answer, list, statement); err != nil {
		t.Fatal(err)
	}
}

func theAgent(t testing.TB, f *Fleet, agent int) AgentView {
	t.Helper()
	views, err := f.Agents(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range views {
		if v.Agent == name(agent) {
			return v
		}
	}
	t.Fatalf("agent %d is not known", agent)
	return AgentView{}
}
