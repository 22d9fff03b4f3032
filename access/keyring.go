package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io/fs"
	"os"
	"sync/atomic"
)

// Source reads the token file: its text and its permissions.
type Source func() (text []byte, mode fs.FileMode, err error)

// File is the Source of a file on this machine's disk.
func File(path string) Source {
	return func() ([]byte, fs.FileMode, error) {
		info, err := os.Stat(path)
		if err != nil {
			return nil, 0, err
		}
		if info.Size() > maxFile {
			return nil, 0, fmt.Errorf("%s has %d bytes, a token file at most %d", path, info.Size(), maxFile)
		}
		text, err := os.ReadFile(path)
		return text, info.Mode(), err
	}
}

// Keyring holds the tokens of a file. It is safe for use by many goroutines;
// only the caller of Reload changes it.
type Keyring struct {
	name   string // of the file, for errors
	source Source
	keys   atomic.Pointer[keys]
}

// keys is one reading of the file; it never changes.
type keys struct {
	text   [sha256.Size]byte // hash of the file, so that nothing is parsed twice
	tokens []token
}

// token is a name, its secret, and what is derived from it once.
type token struct {
	name    string
	secret  string
	digest  [sha256.Size]byte // of the secret: compared in place of it, as it has one length
	session []byte            // key that signs the sessions opened with it
}

// OpenKeyring reads the tokens of a file; name is what errors call it.
func OpenKeyring(name string, source Source) (*Keyring, error) {
	k := &Keyring{name: name, source: source}
	_, err := k.Reload()
	return k, err
}

// Reload reads the file again and says whether it had changed. After an error
// the tokens of the last good reading still hold, so that half a file written
// by an editor locks nobody out.
func (k *Keyring) Reload() (changed bool, err error) {
	text, mode, err := k.source()
	if err != nil {
		return false, fmt.Errorf("read token file %s: %w", k.name, err)
	}
	if mode.Perm()&0o007 != 0 {
		return false, fmt.Errorf("read token file %s: everyone on this machine may use it (mode %04o); run: chmod o= %s", k.name, mode.Perm(), k.name)
	}
	sum := sha256.Sum256(text)
	if old := k.keys.Load(); old != nil && old.text == sum {
		return false, nil
	}
	tokens, err := parseTokens(string(text))
	if err != nil {
		return false, fmt.Errorf("read token file %s: %w", k.name, err)
	}
	k.keys.Store(&keys{text: sum, tokens: tokens})
	return true, nil
}

// Len returns the number of tokens.
func (k *Keyring) Len() int { return len(k.keys.Load().tokens) }

// Has reports whether there is a token of that name.
func (k *Keyring) Has(name string) bool {
	_, ok := k.byName(name)
	return ok
}

// bySecret finds the token with that secret. It looks at all of them, each in
// the same time, so that a clock tells nothing about any.
func (k *Keyring) bySecret(secret string) (token, bool) {
	digest := sha256.Sum256([]byte(secret))
	var found token
	ok := 0
	for _, t := range k.keys.Load().tokens {
		same := subtle.ConstantTimeCompare(t.digest[:], digest[:])
		if same == 1 {
			found = t
		}
		ok |= same
	}
	return found, ok == 1
}

// byName finds the token of that name. Names are no secret.
func (k *Keyring) byName(name string) (token, bool) {
	for _, t := range k.keys.Load().tokens {
		if t.name == name {
			return t, true
		}
	}
	return token{}, false
}

func newToken(name, secret string) token {
	return token{
		name: name, secret: secret,
		digest:  sha256.Sum256([]byte(secret)),
		session: keyedHash([]byte(secret), "roentgen session 1"),
	}
}

// keyedHash is HMAC-SHA256.
func keyedHash(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
