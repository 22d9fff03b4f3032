package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// canonical returns what a document of any shape becomes, or why it does not.
func canonical(text []byte, maxDepth int) ([]byte, error) {
	var s scanner
	s.scan(prepare(text), maxDepth)
	s.skip()
	if !s.done() {
		return nil, s.err
	}
	if s.duplicate {
		return dropDuplicates(s.buf[:s.w], maxDepth), nil
	}
	return s.buf[:s.w:s.w], nil
}

// meaning decodes text with encoding/json: numbers as literals, of duplicate
// keys the last.
func meaning(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("text goes on: %v", err)
	}
	return v, nil
}

func TestCanonicalText(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"white space between tokens goes, within strings it stays", " { \"a b\" : [ 1 , \"x  y\" ,\t{ } , [ ] ]\r\n} ", `{"a b":[1,"x  y",{},[]]}`},
		{"number literals stay as they are", `[9007199254740993, -0, 1E400, 1e-7, 0.10]`, `[9007199254740993,-0,1E400,1e-7,0.10]`},
		{"escapes stay as they are", `{"k":"\u0000\ud800\u00e9\/"}`, `{"k":"\u0000\ud800\u00e9\/"}`},
		{"the last of duplicate keys counts, where it stands", `{"a":1,"b":2,"a":3,"c":4}`, `{"b":2,"a":3,"c":4}`},
		{"keys are equal when they mean the same", `{"a":1,"\u0061":2,"\u0041":3}`, `{"\u0061":2,"\u0041":3}`},
		{"case tells keys apart", `{"a":1,"A":2}`, `{"a":1,"A":2}`},
		{"duplicates go at every depth", `{"x":[{"y":{"z":1,"z":[{"q":1,"q":2}]}}]}`, `{"x":[{"y":{"z":[{"q":2}]}}]}`},
		{"duplicates within what does not count go too", `{"a":{"b":1,"b":2},"a":7}`, `{"a":7}`},
		{"three of a kind", `{"":1,"":2,"":3}`, `{"":3}`},
		{"a byte order mark goes", "\xef\xbb\xbf{}", `{}`},
		{"bytes that are not UTF-8 become U+FFFD one by one", "{\"a\":\"\xff\xfe\xe2\x82x\"}", "{\"a\":\"\ufffd\ufffd\ufffd\ufffdx\"}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := canonical([]byte(c.in), 64)
			if err != nil || string(got) != c.want {
				t.Fatalf("got %s, %v; want %s", got, err, c.want)
			}
		})
	}
}

func TestManyKeysWithOneDuplicate(t *testing.T) {
	for _, n := range []int{2, sortedFrom - 1, sortedFrom, sortedFrom + 1, sortedFrom + 2, 5000} {
		for _, again := range []int{-1, 0, n / 2, n - 1} {
			var b strings.Builder
			b.WriteByte('{')
			for i := range n {
				fmt.Fprintf(&b, `"key%d":%d,`, i, i)
			}
			fmt.Fprintf(&b, `"key%d":"last"}`, again)
			got, err := canonical([]byte(b.String()), 64)
			if err != nil {
				t.Fatal(err)
			}
			sameMeaning(t, []byte(b.String()), got)
			wantKeys := n + 1
			if again >= 0 {
				wantKeys = n
			}
			if keys := bytes.Count(got, []byte(":")); keys != wantKeys {
				t.Errorf("%d keys, key%d twice: %d are left, want %d", n+1, again, keys, wantKeys)
			}
		}
	}
}

func TestWhatIsNotJSON(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, "byte 0: text ends where a value should stand"},
		{`{`, "byte 1: text ends where a key in quotes should stand"},
		{`{"a"`, "byte 4: text ends where a colon should stand"},
		{`{"a":1,}`, `byte 7: found '}' where a key in quotes should stand`},
		{`[1,]`, `byte 3: found ']' where a value should stand`},
		{`[1 2]`, `byte 3: found '2' where a comma or the end of the array should stand`},
		{`{"a":1 "b":2}`, `byte 7: found '"' where a comma or the end of the object should stand`},
		{`{a:1}`, `byte 1: found 'a' where a key in quotes should stand`},
		{`[01]`, `byte 2: found '1' where a comma`},
		{`[-]`, `byte 2: found ']' where a digit should stand`},
		{`[1.]`, `byte 3: found ']' where a digit should stand`},
		{`[1e+]`, `byte 4: found ']' where a digit should stand`},
		{`[+1]`, `byte 1: found '+' where a value should stand`},
		{`[NaN]`, `byte 1: found 'N' where a value should stand`},
		{`[nul]`, `byte 1: found 'n' where a value (null?) should stand`},
		{`[truex]`, `byte 5: found 'x'`},
		{"[\"a\nb\"]", `byte 3: control character 0x0a in a string; write it as \u000a`},
		{`["abc`, "byte 1: the string that begins here has no end"},
		{`["\x"]`, "byte 2: no escape sequence of JSON begins here"},
		{`["\u12g4"]`, "byte 2: no escape sequence"},
		{`["\`, "byte 2: no escape sequence"},
		{"[\x00]", `byte 1: found '\x00' where a value should stand`},
		{"{}\x00", "byte 2: text goes on after the end of the value"},
		{`{} {}`, "byte 3: text goes on after the end of the value"},
		{strings.Repeat("[", 9), "byte 8: more than 8 objects and arrays stand in one another"},
	} {
		_, err := canonical([]byte(c.in), 8)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.in, err, c.want)
		}
		if json.Valid([]byte(c.in)) {
			t.Errorf("%q: encoding/json takes it", c.in)
		}
	}
}

// Strings of every length with every kind of end, so that the reading of
// eight bytes at a time is tried at every offset.
func TestStringsOfEveryLength(t *testing.T) {
	for n := range 40 {
		for _, special := range []string{"", `\"`, `\\`, "é", "\u007f", "\x1f", "\x00", `\u00e9`, "\xff"} {
			for at := range n + 1 {
				text := `["` + strings.Repeat("x", at) + special + strings.Repeat("y", n-at) + `"]`
				got, err := canonical([]byte(text), 8)
				if (err == nil) != json.Valid([]byte(text)) {
					t.Fatalf("%q: %v", text, err)
				}
				if err == nil {
					sameMeaning(t, []byte(text), got)
				}
			}
		}
	}
}

// sameMeaning holds canonical text against the text it was made from.
func sameMeaning(t *testing.T, in, out []byte) {
	t.Helper()
	want, err := meaning(bytes.TrimPrefix(in, []byte(byteOrderMark)))
	if err != nil {
		t.Fatalf("encoding/json refuses %q: %v", in, err)
	}
	got, err := meaning(out)
	if err != nil {
		t.Fatalf("encoding/json refuses the canonical text %q: %v", out, err)
	}
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	if !bytes.Equal(a, b) {
		t.Fatalf("%q means\n%s, its canonical text %q\n%s", in, a, out, b)
	}
}
