package wire

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// Random contents of JSON strings, held against encoding/json, from every
// offset within the 64 bytes that are looked at together.
func TestStringsAreUnquotedAsEncodingJSONDoes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(19, 20))
	pieces := []string{`\"`, `\"`, `\"name\":\"`, `x`, `words of more than thirty-two characters`, `\\`, `\\\"`, `\n`, `\u00e9`, `é`, `भाषा`, `#`, `\/`, "\x7f", "\n", `\x`, `\ud83d`, `\u12`}
	taken := 0
	for n := range 30000 {
		all := len(pieces)
		if n%3 > 0 {
			all -= 4 // sound
		}
		text := []byte(`"`)
		for range rnd.IntN(30) {
			text = append(text, pieces[rnd.IntN(all)]...)
		}
		text = append(text, '"')
		if !sameUnquoted(t, text) {
			continue
		}
		taken++
	}
	if taken < 10000 {
		t.Errorf("%d texts were taken", taken)
	}
}

// sameUnquoted reports whether text, a JSON string, is taken.
func sameUnquoted(t *testing.T, text []byte) bool {
	t.Helper()
	src := append(append(make([]byte, 0, len(text)+UnquotePadding), text...), make([]byte, UnquotePadding)...)
	dst := make([]byte, len(text)+UnquotePadding)
	end, next := Unquote(dst, 0, src, 1)
	if next < 0 {
		return false
	}
	var want string
	if err := json.Unmarshal(text[:next], &want); err != nil || string(dst[:end]) != want {
		t.Fatalf("%q: got %q, want %q, %v", text, dst[:end], want, err)
	}
	return true
}

// FuzzUnquote holds what is taken against encoding/json. Bytes that are not
// UTF-8 are the caller's to find.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`{\"a\":\"b\"}`, `\\\"\\`, `\u00e9\n`, `a"b`, `\ud83d`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if utf8.Valid(content) {
			sameUnquoted(t, []byte(`"`+string(content)+`"`))
		}
	})
}
