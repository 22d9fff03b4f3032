package test

import (
	"strings"
	"testing"
)

// TestErasure deletes traces by the command line and in the console, and starts
// the server again.
func TestErasure(t *testing.T) {
	data := t.TempDir()
	open := launch(t, data)
	ids := []string{open.complaint(t, 1, 200), open.complaint(t, 1, 200), open.complaint(t, 1, 200)}
	open.stop(t)
	s := launch(t, data, "--auth-file", tokenFile(t))
	env := []string{"ROENTGEN_TOKEN=" + operatorToken}

	if _, stderr, code := s.tool(t, env, "trace", "delete", ids[0]); code != 1 || !strings.Contains(stderr, "repeat with --yes") {
		t.Errorf("without --yes it ended with %d: %s", code, stderr)
	}
	if stdout, stderr, code := s.tool(t, env, "trace", "delete", ids[0], "--yes"); code != 0 || !strings.Contains(stdout, ids[0]) {
		t.Errorf("it ended with %d: %s%s", code, stdout, stderr)
	}
	if _, stderr, code := s.tool(t, env, "trace", "delete", ids[0], "--yes"); code != 1 || !strings.Contains(stderr, "gone already") {
		t.Errorf("a second time it ended with %d: %s", code, stderr)
	}

	b := openTab(t, s, 1280, 800)
	b.do("open the console", navigate(s.HTTP+"/#/traces"))
	b.see("main.login label", "Token")
	b.enterToken(operatorToken)
	b.click(`a.trace-link[href*="`+ids[1]+`"]`, "")
	b.see("[data-testid=trace-id]", ids[1])
	b.click("button", "Delete…")
	b.see("dialog", "Nothing brings them back")
	checkAccessible(b, "the question before a deletion")
	b.click("dialog button", "Keep it")
	b.gone("dialog", "")
	b.see("[data-testid=trace-id]", ids[1])
	b.click("button", "Delete…")
	b.click("dialog button", "Delete for good")
	b.wait("the list is open", `location.hash.startsWith('#/traces')`)
	b.see(`a.trace-link[href*="`+ids[2]+`"]`, "")
	b.gone(`a.trace-link[href*="`+ids[1]+`"]`, "")
	b.wait("the list is read", `document.querySelectorAll('a.trace-link').length === 1`)

	s.kill()
	again := startServer(t, data, "--auth-file", tokenFile(t))
	for i, id := range ids {
		_, stderr, code := again.tool(t, env, "trace", id)
		if gone := code == 1 && strings.Contains(stderr, "has no trace "+id); gone != (i < 2) {
			t.Errorf("after a restart trace %s: %d, %s", id, code, stderr)
		}
	}
}
