package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"

	"github.com/roentgen/roentgen/afirgen/contract"
)

func jsonRequest(kind, body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

func TestWhatAJSONBodyMayBe(t *testing.T) {
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		s, err := unicode.UTF16(order, mark).NewEncoder().String(`{"text":"चोरी"}`)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	nested := func(n int) string {
		return `{"more":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `,"text":"चोरी"}`
	}
	const plain = "application/json"
	for _, c := range []struct {
		title, kind, body string
		status            int // 0: read
		error             contract.ErrorType
	}{
		{"Hindi", plain, `{"text":"चोरी"}`, 0, ""},
		{"Hindi, escaped", plain, `{"text":"\u091a\u094b\u0930\u0940"}`, 0, ""},
		{"with a mark in front", plain, "\uFEFF" + `{"text":"चोरी"}`, 0, ""},
		{"that says UTF-8", plain + `; charset="UTF-8"`, `{"text":"चोरी"}`, 0, ""},
		{"with keys that nobody knows", plain, `{"text":"चोरी","mood":{"text":1}}`, 0, ""},
		{"ten deep", plain, nested(10), 0, ""},
		{"eleven deep", plain, nested(11), 400, contract.InvalidRequest},
		{"very deep and cut off", plain, strings.Repeat("[", 1<<20), 400, contract.InvalidRequest},
		{"brackets in a string", plain, `{"text":"चोरी","x":"` + strings.Repeat(`[\"{`, 20) + `"}`, 0, ""},
		{"in Latin 1", plain + "; charset=iso-8859-1", `{"text":"x"}`, 400, contract.WrongEncoding},
		{"in a charset that nobody knows", plain + "; charset=klingon", `{"text":"x"}`, 400, contract.WrongEncoding},
		{"in UTF-16, big end first", plain, utf16(unicode.BigEndian, unicode.IgnoreBOM), 400, contract.WrongEncoding},
		{"in UTF-16, little end first", plain, utf16(unicode.LittleEndian, unicode.IgnoreBOM), 400, contract.WrongEncoding},
		{"in UTF-16 with a mark", plain, utf16(unicode.BigEndian, unicode.UseBOM), 400, contract.WrongEncoding},
		{"in UTF-16 that says so", plain + "; charset=utf-16", utf16(unicode.LittleEndian, unicode.UseBOM), 400, contract.WrongEncoding},
		{"with a byte that is no UTF-8", plain, "{\"text\":\"Meer\xe1\"}", 400, contract.WrongEncoding},
		{"with half a character", plain, `{"text":"\ud83d"}`, 400, contract.WrongEncoding},
		{"with the other half", plain, `{"text":"\udc00x"}`, 400, contract.WrongEncoding},
		{"with two first halves", plain, `{"text":"\ud83d\ud83d"}`, 400, contract.WrongEncoding},
		{"with a whole one", plain, `{"text":"चोरी","x":"\ud83d\ude00\uD83D\uDE00"}`, 0, ""},
		{"with an escaped backslash before a u", plain, `{"text":"चोरी","x":"\\ud83d"}`, 0, ""},
		{"with a key twice", plain, `{"text":"Meera","text":"x"}`, 400, contract.InvalidRequest},
		{"with a key twice, deeper", plain, `{"text":"x","more":[{"a":1,"b":{"a":1},"a":2}]}`, 400, contract.InvalidRequest},
		{"with a key twice, in another case", plain, `{"text":"x","TEXT":"y"}`, 400, contract.InvalidRequest},
		{"with a key twice, in a letter that folds", plain, `{"session":1,"ſession":2}`, 400, contract.InvalidRequest},
		{"with the same key in two objects", plain, `{"text":"चोरी","more":[{"a":1},{"a":1}],"b":{"a":"a"},"c":["a","a","text"]}`, 0, ""},
		{"empty", plain, " ", 400, contract.InvalidRequest},
		{"null", plain, "null", 0, ""},
		{"a list", plain, `["Meera"]`, 422, contract.InvalidRequest},
		{"two values", plain, `{"text":"x"}{}`, 400, contract.InvalidRequest},
		{"with a number too large", plain, `{"text":"x","n":1e999}`, 422, contract.InvalidRequest},
		{"of another type", "text/json", `{}`, 415, contract.WrongType},
		{"of no type", "", `{}`, 415, contract.WrongType},
	} {
		var v struct {
			Text string  `json:"text"`
			N    float64 `json:"n"`
		}
		err := ReadJSON(jsonRequest(c.kind, c.body), &v)
		if c.status == 0 {
			if err != nil || v.Text != "चोरी" && c.title != "null" {
				t.Errorf("%s: %q, %v", c.title, v.Text, err)
			}
			continue
		}
		if e := AsError(err); err == nil || e.Status != c.status || e.Kind != c.error || strings.Contains(e.Error(), "Meer") {
			t.Errorf("%s: %v, want %d %s", c.title, err, c.status, c.error)
		}
	}
}

func TestTheSizeOfAJSONBody(t *testing.T) {
	body := `{"text":"` + strings.Repeat("x", 100) + `"}`
	for _, c := range []struct {
		limit int64
		fine  bool
	}{{0, true}, {int64(len(body)), true}, {int64(len(body)) - 1, false}} {
		r := jsonRequest("application/json", body)
		r = r.WithContext(withRecord(r.Context(), &record{maxJSON: c.limit}))
		err := ReadJSON(r, new(struct{}))
		if c.fine != (err == nil) || err != nil && AsError(err).Status != 413 {
			t.Errorf("at most %d of %d bytes: %v", c.limit, len(body), err)
		}
	}
	huge := jsonRequest("application/json", "")
	huge.Body = io.NopCloser(io.MultiReader(strings.NewReader(`"`), io.LimitReader(zeros{}, 11<<20)))
	if err := ReadJSON(huge, new(string)); AsError(err).Status != 413 {
		t.Errorf("11 MiB: %v", err)
	}
	cut := jsonRequest("application/json", "")
	cut.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"text`), failingReader{}))
	if err := ReadJSON(cut, new(string)); AsError(err).Status != 400 {
		t.Errorf("cut off: %v", err)
	}
}

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errors.New("Meera has gone") }

func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{`{"text":"चोरी"}`, `{"a":[1,{"b":null}],"a":2}`, `"\ud83d\ude00"`, "\uFEFF1", `{"a":"\\u`, `[[[[[[[[[[[]]]]]]]]]]]`, `{`, `1 2`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var v any
		err := ReadJSON(jsonRequest("application/json", string(body)), &v)
		if err != nil {
			if e := AsError(err); e.Status != 400 && e.Status != 422 || e.Cause != nil {
				t.Fatalf("%v is no answer to a caller", err)
			}
			return
		}
		var again any
		if !utf8.Valid(body) || json.Unmarshal(bytes.TrimPrefix(body, []byte("\uFEFF")), &again) != nil {
			t.Fatal("this was taken and is no JSON in UTF-8")
		}
		if depthOf(v) > maxJSONDepth {
			t.Fatalf("this was taken and is %d deep", depthOf(v))
		}
	})
}

func depthOf(v any) int {
	deepest := 0
	switch v := v.(type) {
	case map[string]any:
		for _, w := range v {
			deepest = max(deepest, depthOf(w))
		}
	case []any:
		for _, w := range v {
			deepest = max(deepest, depthOf(w))
		}
	default:
		return 0
	}
	return deepest + 1
}

// part is one part of a form.
type part struct{ name, kind, data, extra string }

func formOf(t *testing.T, parts ...part) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", p.name)}}
		if p.kind != "" {
			h.Set("Content-Type", p.kind)
		}
		if p.extra != "" {
			h.Set("X-Extra", p.extra)
		}
		out, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(out, p.data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", "/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func TestWhatAFormMayBe(t *testing.T) {
	fields := []Field{{Name: "text", Max: 100, Text: true}, {Name: "image", Max: 100}}
	many := func(n int) (parts []part) {
		for range n {
			parts = append(parts, part{name: "other"})
		}
		return parts
	}
	for _, c := range []struct {
		title  string
		parts  []part
		status int // 0: read
		kind   contract.ErrorType
	}{
		{"Hindi", []part{{name: "text", data: "चोरी"}}, 0, ""},
		{"Hindi that says so", []part{{name: "text", data: "चोरी", kind: "text/plain; charset=UTF-8"}}, 0, ""},
		{"a text in Latin 1", []part{{name: "text", data: "Meer\xe1"}}, 400, contract.WrongEncoding},
		{"a text that says it is in Latin 1", []part{{name: "text", data: "Meera", kind: "text/plain; charset=latin1"}}, 400, contract.WrongEncoding},
		{"a photograph, which is no text", []part{{name: "image", data: "\xff\xd8\xff"}}, 0, ""},
		{"32 parts", many(32), 0, ""},
		{"33 parts", many(33), 400, contract.InvalidRequest},
		{"a long header", []part{{name: "text", data: "x", extra: strings.Repeat("Meera", 2000)}}, 400, contract.InvalidRequest},
		{"no parts", nil, 0, ""},
	} {
		form, err := ReadMultipart(formOf(t, c.parts...), fields...)
		if c.status == 0 {
			if err != nil || len(c.parts) == 1 && string(form[c.parts[0].name]) != c.parts[0].data {
				t.Errorf("%s: %q, %v", c.title, form, err)
			}
			continue
		}
		if e := AsError(err); err == nil || e.Status != c.status || e.Kind != c.kind || strings.Contains(e.Error(), "Meer") {
			t.Errorf("%s: %v, want %d %s", c.title, err, c.status, c.kind)
		}
	}
}

func FuzzReadMultipart(f *testing.F) {
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nचोरी\r\n--x--\r\n"))
	f.Add([]byte("--x\r\nContent-Disposition: form-data; name=\"text\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ff\r\n--x--\r\n"))
	f.Add([]byte("--x\r\n\r\n--x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		form, err := ReadMultipart(r, Field{Name: "text", Max: 20, Text: true}, Field{Name: "image", Max: 20})
		if err != nil {
			if e := AsError(err); e.Status < 400 || e.Status > 499 || e.Cause != nil {
				t.Fatalf("%v is no answer to a caller", err)
			}
			return
		}
		for name, data := range form {
			if name != "text" && name != "image" || len(data) > 20 || name == "text" && !utf8.Valid(data) {
				t.Fatalf("this was taken: %s %q", name, data)
			}
		}
	})
}
