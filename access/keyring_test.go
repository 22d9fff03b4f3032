package access_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/access"
)

const (
	aliceToken = "alice-has-0123456789-secrets"
	graphToken = "grafana/0123456789+secret=="
	tokenFile  = "# who may come in\n\nalice " + aliceToken + "\n  grafana\t" + graphToken + "  \r\n"
)

// disk is a token file in memory.
type disk struct {
	text string
	mode fs.FileMode
	err  error
}

func (d *disk) read() ([]byte, fs.FileMode, error) { return []byte(d.text), d.mode, d.err }

func keyring(t *testing.T, text string) (*access.Keyring, *disk) {
	t.Helper()
	d := &disk{text: text, mode: 0o600}
	k, err := access.OpenKeyring("tokens", d.read)
	if err != nil {
		t.Fatal(err)
	}
	return k, d
}

func TestATokenFileIsReadWithCommentsAndSpace(t *testing.T) {
	k, _ := keyring(t, tokenFile)
	if k.Len() != 2 {
		t.Errorf("%d tokens, want 2", k.Len())
	}
}

func TestABadTokenFileIsRefusedWithTheLineAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		name, text string
		mode       fs.FileMode
		want       []string
	}{
		{"everyone may read it", tokenFile, 0o604, []string{"0604", "chmod o= tokens"}},
		{"everyone may write it", tokenFile, 0o602, []string{"0602", "chmod o= tokens"}},
		{"no token", "# nothing\n", 0o600, []string{"no token", "urandom"}},
		{"a name alone", "alice\n", 0o600, []string{"line 1", "1 words"}},
		{"three words", "\nalice a b\n", 0o600, []string{"line 2", "3 words"}},
		{"a name with a slash", "al/ice " + aliceToken, 0o600, []string{"line 1", "name", "a-z"}},
		{"a long name", strings.Repeat("a", 65) + " " + aliceToken, 0o600, []string{"at most 64"}},
		{"a short token", "alice 0123456789", 0o600, []string{"line 1", "alice", "10 characters", "urandom"}},
		{"a token beyond ASCII", "alice 0123456789åäö0123", 0o600, []string{"line 1", "Authorization"}},
		{"a name twice", tokenFile + "alice another-0123456789", 0o600, []string{"line 5", "alice", "line 3"}},
		{"a token twice", tokenFile + "bob " + aliceToken, 0o600, []string{"line 5", "bob", "line 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &disk{text: c.text, mode: c.mode}
			_, err := access.OpenKeyring("tokens", d.read)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range append(c.want, "tokens") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q; want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), aliceToken) {
				t.Errorf("it repeats a token: %q", err)
			}
		})
	}
}

func TestAFileOfTheGroupIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(path, []byte(tokenFile), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := access.OpenKeyring(path, access.File(path)); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := access.OpenKeyring(path, access.File(path)); err == nil {
		t.Error("a file that everyone may read was read")
	}
	if err := os.WriteFile(path, make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := access.OpenKeyring(path, access.File(path)); err == nil {
		t.Error("a file of more than a megabyte was read")
	}
	if _, err := access.OpenKeyring("gone", access.File(path+".gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestReloadTakesAChangedFileAndKeepsTheOldOneAfterAnError(t *testing.T) {
	k, d := keyring(t, tokenFile)
	if changed, err := k.Reload(); changed || err != nil {
		t.Errorf("changed %v, %v; the file is the same", changed, err)
	}
	d.text = "alice " + aliceToken
	if changed, err := k.Reload(); !changed || err != nil || k.Len() != 1 {
		t.Errorf("changed %v, %v, %d tokens", changed, err, k.Len())
	}
	for _, broken := range []disk{{text: "", mode: 0o600}, {text: tokenFile, mode: 0o644}, {err: fs.ErrNotExist}} {
		*d = broken
		if changed, err := k.Reload(); changed || err == nil || k.Len() != 1 {
			t.Errorf("%+v: changed %v, %v, %d tokens", broken, changed, err, k.Len())
		}
	}
}
