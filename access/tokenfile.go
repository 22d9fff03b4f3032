package access

import (
	"fmt"
	"strings"
)

// Bounds of a token file.
const (
	maxFile   = 1 << 20 // bytes
	minSecret = 16      // bytes: below, guessing over the network would be worth a try
	maxSecret = 512     // bytes
	maxName   = 64      // bytes
)

// parseTokens reads lines of "name token". Empty lines and lines that begin
// with # are passed over. Errors name the line, never the token.
func parseTokens(text string) ([]token, error) {
	var tokens []token
	names, secrets := map[string]int{}, map[string]int{} // by the line they stand in
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		t, err := parseToken(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if first := names[t.name]; first != 0 {
			return nil, fmt.Errorf("line %d: the name %s stands in line %d already; give each token a name of its own", n, t.name, first)
		}
		if first := secrets[t.secret]; first != 0 {
			return nil, fmt.Errorf("line %d: %s has the token of line %d; give each name a token of its own", n, t.name, first)
		}
		names[t.name], secrets[t.secret] = n, n
		tokens = append(tokens, t)
	}
	if len(tokens) == 0 {
		return nil, fmt.Errorf("it holds no token, so nobody could come in; write a line with a name and what this prints: head -c 32 /dev/urandom | base64")
	}
	return tokens, nil
}

func parseToken(line string) (token, error) {
	fields := strings.Fields(line)
	if len(fields) != 2 {
		return token{}, fmt.Errorf("want a name and a token with a space between, found %d words", len(fields))
	}
	name, secret := fields[0], fields[1]
	if len(name) > maxName || !only(name, isNameByte) {
		return token{}, fmt.Errorf("a name has at most %d of the letters a-z A-Z 0-9 . _ -", maxName)
	}
	if len(secret) < minSecret || len(secret) > maxSecret {
		return token{}, fmt.Errorf("the token of %s has %d characters, want %d to %d; make one with: head -c 32 /dev/urandom | base64",
			name, len(secret), minSecret, maxSecret)
	}
	if !only(secret, isSecretByte) {
		return token{}, fmt.Errorf("the token of %s has a character besides a-z A-Z 0-9 - . _ ~ + / =, which no Authorization header can carry", name)
	}
	return newToken(name, secret), nil
}

func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return s != ""
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

// isNameByte keeps names apart from what separates them in a SigV4 credential
// and in a cookie.
func isNameByte(b byte) bool { return isAlphanumeric(b) || b == '.' || b == '_' || b == '-' }

// isSecretByte is token68 of RFC 7235, section 2.1.
func isSecretByte(b byte) bool {
	return isAlphanumeric(b) || strings.IndexByte("-._~+/=", b) >= 0
}
