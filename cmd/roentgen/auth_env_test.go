package main

import (
	"log/slog"
	"strings"
	"testing"
)

func TestTokensComeFromTheEnvironment(t *testing.T) {
	const tokens = "agents " + goodToken + "\npeople fedcba9876543210\n"
	t.Setenv("AUTH_TOKENS", tokens)
	l, err := openLocks(config{AuthFile: "env:AUTH_TOKENS"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if n := l.keys.Len(); n != 2 {
		t.Errorf("%d tokens are known, want 2", n)
	}
	if trouble := l.reload(true); trouble != "" {
		t.Errorf("read again: %s", trouble)
	}
	for _, c := range []struct{ title, name, value, want string }{
		{"a variable that is not there", "NOT_THERE", "", `no variable "NOT_THERE"`},
		{"an empty one", "AUTH_TOKENS", "", "holds no token"},
		{"a token alone", "AUTH_TOKENS", goodToken, "line 1"},
	} {
		t.Setenv("AUTH_TOKENS", c.value)
		_, err := openLocks(config{AuthFile: "env:" + c.name}, slog.New(slog.DiscardHandler))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), goodToken) {
			t.Errorf("%s: %v, want %q and no token", c.title, err, c.want)
		}
	}
}
