package fleet

import (
	"errors"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

// TestAnAgentIsSpokenForByTheTokenItCameWith goes through who may send a batch of
// an agent that "web" spoke for first.
func TestAnAgentIsSpokenForByTheTokenItCameWith(t *testing.T) {
	tokens := map[string]bool{"web": true, "mallory": true, "new": true}
	opt := Options{Token: func(name string) bool { return tokens[name] }}
	fs := vfs.NewFault(1)
	f := mustOpen(t, fs, opt)
	seq := uint64(0)
	send := func(agent int, by string) error {
		seq++
		h := header(agent, 1, seq, 1)
		h.By = by
		_, release, err := f.Begin(t.Context(), h)
		if err != nil {
			return err
		}
		defer release()
		return f.Commit(h, stored(seq, 1), nil, nil)
	}
	may := func(agent int, by, why string) {
		t.Helper()
		if err := send(agent, by); err != nil {
			t.Errorf("%s: %v", why, err)
		}
	}
	mayNot := func(agent int, by, owner, why string) {
		t.Helper()
		var no *NotYours
		if err := send(agent, by); !errors.As(err, &no) || no.Owner != owner || no.By != by || !strings.Contains(err.Error(), owner) {
			t.Errorf("%s: %v", why, err)
		}
	}
	may(1, "web", "the first token")
	may(2, "web", "the same token for another agent, as where ten agents share one")
	mayNot(1, "mallory", "web", "another token")
	may(3, Within, "the agent within the server")
	mayNot(3, "mallory", Within, "a token in the place of the server itself")
	may(1, "", "a server that lets everybody in")
	mayNot(1, "mallory", "web", "and asks for tokens again")
	may(4, "", "an agent that came while everybody was let in")
	may(4, "new", "the first token of it then")
	mayNot(4, "web", "new", "and no other from then on")
	for life := range 2 { // the second time out of a snapshot
		f.book.bytes = int64(life) * f.opt.logBytes
		may(2, "web", "before a restart")
		f.Close()
		f = mustOpen(t, fs, opt)
		mayNot(1, "mallory", "web", "after a restart")
	}
	tokens["web"] = false
	may(1, "new", "another token, where that of the first name is gone")
	if v := theAgent(t, f, 1); v.By != "new" {
		t.Errorf("%q speaks for it", v.By)
	}
	tokens["web"] = true
	mayNot(1, "web", "new", "the first one, when it is back")
	if v := theAgent(t, f, 3); v.By != Within {
		t.Errorf("%q speaks for the agent within", v.By)
	}
}

// TestWhoIsRefusedLearnsNothing wants no recorded answer to be given to a token
// that does not speak for the agent.
func TestWhoIsRefusedLearnsNothing(t *testing.T) {
	f := mustOpen(t, vfs.NewFault(1), Options{})
	h := header(1, 1, 1, 1)
	h.By = "web"
	_, release, err := f.Begin(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(h, wire.BatchAnswer{Seq: 1, Outcomes: map[string]int64{wire.OutcomeStored: 1}}, nil, nil); err != nil {
		t.Fatal(err)
	}
	release()
	h.By = "mallory"
	if answered, _, err := f.Begin(t.Context(), h); answered != nil || !errors.As(err, new(*NotYours)) {
		t.Errorf("%+v, %v", answered, err)
	}
}
