package test

import "testing"

// TestConsoleLogin goes from the login to a page and out again.
func TestConsoleLogin(t *testing.T) {
	s := startServer(t, t.TempDir(), "--auth-file", tokenFile(t))
	b := openTab(t, s, 1280, 800)
	b.forgive("status of 401") // the browser's own word for a token that is refused
	b.do("open the console", navigate(s.HTTP+"/#/traces"))
	b.see("main.login label", "Token")
	checkAccessible(b, "the login")

	b.enterToken("not-a-token-0123456789")
	b.see("[role=alert]", "does not know this token")

	b.selectAll()
	b.enterToken(operatorToken)
	b.see("nav a", "Traces")
	b.wait("the page that was asked for is open", `location.hash.startsWith('#/traces')`)
	if cookie := eval[string](b, `document.cookie`); cookie != "" {
		t.Errorf("scripts can read the cookie %q", cookie)
	}
	t.Run("the session outlives a reload", func(t *testing.T) {
		b.do("reload", reload())
		b.see("nav a", "Traces")
	})
	t.Run("and ends with a click", func(t *testing.T) {
		b.click("header button", "Log out")
		b.see("main.login label", "Token")
		b.do("reload", reload())
		b.see("main.login label", "Token")
	})
	if n := s.metricAs(t, operatorToken, `roentgen_auth_accepted_total{way="login"}`); n != 1 {
		t.Errorf("%v logins counted, want 1", n)
	}
	if n := s.metricAs(t, operatorToken, `roentgen_auth_refused_total{reason="unknown",way="login"}`); n != 1 {
		t.Errorf("%v refused logins counted, want 1", n)
	}
}

// enterToken waits until the login takes what is typed, and types a token.
func (b *tab) enterToken(token string) {
	b.Helper()
	b.wait("the token's field has the focus", `document.activeElement === document.querySelector('main.login input')`)
	b.write(token)
	b.wait("the token can be sent", `document.querySelector('main.login button')?.disabled === false`)
	b.press("Enter")
}
