package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestAnAgentKeepsItsToken has an agent come back with another token: the server
// takes nothing of it, and it loses nothing, until the first token is gone.
func TestAnAgentKeepsItsToken(t *testing.T) {
	const web, other = "web-0123456789-abcdefghij", "other-0123456789-abcdefgh"
	tokens := tokenFile(t)
	operatorLine := operator + " " + operatorToken + "\n"
	writeFile(t, tokens, []byte(operatorLine+"web "+web+"\nother "+other+"\n"))
	s := startServer(t, t.TempDir(), "--auth-file", tokens)
	state := t.TempDir()
	stored := func(a *agentProcess, n float64) {
		t.Helper()
		eventually(t, func() error {
			if got := a.metric(t, `roentgen_ledger_settled_total{outcome="stored"}`); got != n {
				return fmt.Errorf("%v documents are stored, want %v\n%s", got, n, a.stderr)
			}
			return nil
		})
	}
	speaks := func(want string) {
		t.Helper()
		stdout, stderr, code := s.tool(t, []string{"ROENTGEN_TOKEN=" + operatorToken}, "ledger", "--json")
		var ledger struct {
			Agents []struct{ Token string }
		}
		if err := json.Unmarshal([]byte(stdout), &ledger); err != nil || code != 0 {
			t.Fatalf("the ledger ended with %d: %v, %s", code, err, stderr)
		}
		for _, a := range ledger.Agents {
			if a.Token == want {
				return
			}
		}
		t.Errorf("no agent is spoken for by %q: %s", want, stdout)
	}
	a := launchAgentTo(t, s.HTTP, []string{"ROENTGEN_TOKEN=" + web}, state)
	a.send(t, false, agentSegment(newTraceID(), ""))
	stored(a, 1)
	speaks("web")
	a.kill()

	a = launchAgentTo(t, s.HTTP, []string{"ROENTGEN_TOKEN=" + other}, state)
	a.send(t, false, agentSegment(newTraceID(), ""))
	eventually(t, func() error {
		if text := a.stderr.String(); !strings.Contains(text, "the token other does not speak for the agent") {
			return fmt.Errorf("the agent says\n%s", text)
		}
		return nil
	})
	speaks("web")
	writeFile(t, tokens, []byte(operatorLine+"other "+other+"\n"))
	stored(a, 2)
	speaks("other")
}
