package wire

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"unicode/utf8"
)

// Random contents of JSON strings, held against encoding/json, from every
// offset within the 64 bytes that are looked at together.
func TestStringsAreUnquotedAsEncodingJSONDoes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(19, 20))
	pieces := []string{`\"`, `\"`, `\"name\":\"`, `x`, `words of more than thirty-two characters`, `\\`, `\\\"`, `\n`, `\u00e9`, `é`, `भाषा`, `#`, `\/`, "\x7f", "\n", `\x`, `\ud83d`, `\u12`}
	var u Unquoter
	taken, indexed := 0, 0
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
		ok, known := sameUnquoted(t, &u, text)
		if ok {
			taken++
		}
		if known {
			indexed++
		}
	}
	if taken < 10000 || indexed < 1000 {
		t.Errorf("%d texts were taken, of %d it is known where the quotes stand", taken, indexed)
	}
}

// sameUnquoted reports whether text, a JSON string, is taken, and whether it is
// known then where its quotes stand. It is read twice, one behind the other.
func sameUnquoted(t *testing.T, u *Unquoter, text []byte) (taken, known bool) {
	t.Helper()
	src := append(append(make([]byte, 0, 2*len(text)+UnquotePadding), text...), text...)
	src = append(src, make([]byte, UnquotePadding)...)
	u.Begin(2 * len(text))
	for at := 0; at < 2*len(text); at += len(text) {
		got, next := u.Next(src, at+1)
		if next < 0 {
			return false, false
		}
		var want string
		if err := json.Unmarshal(src[at:next], &want); err != nil || string(got.Bytes()) != want {
			t.Fatalf("%q: got %q, want %q, %v", text, got.Bytes(), want, err)
		}
		known = got.index.quotes != nil
		var x index
		if known && (!x.make(got.Bytes()) || !slices.Equal(x.quotes, got.index.quotes) || x.high && !got.index.high) {
			t.Fatalf("%q: quotes %v, high %t, want %v, %t", got.Bytes(), got.index.quotes, got.index.high, x.quotes, x.high)
		}
		if !u.High && !isASCII(src[at:next]) {
			t.Fatalf("%q: not told of what is not ASCII", text)
		}
		if next != at+len(text) { // a string, and more
			break
		}
	}
	return true, known
}

// FuzzUnquote holds what is taken against encoding/json. Bytes that are not
// UTF-8 are the caller's to find.
func FuzzUnquote(f *testing.F) {
	for _, s := range []string{`{\"a\":\"b\"}`, `\\\"\\`, `\u00e9\n`, `a"b`, `\ud83d`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if utf8.Valid(content) {
			var u Unquoter
			sameUnquoted(t, &u, []byte(`"`+string(content)+`"`))
		}
	})
}
