package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
)

func TestClientIP(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		title, peer, forwarded, want string
		trusted                      []netip.Prefix
	}{
		{"the peer", "192.0.2.7:1234", "", "192.0.2.7", proxies},
		{"a header from anyone is not believed", "192.0.2.7:1234", "198.51.100.1", "192.0.2.7", proxies},
		{"a proxy's is", "10.1.1.1:1234", "198.51.100.1", "198.51.100.1", proxies},
		{"the last hop that is no proxy counts", "10.1.1.1:1234", "1.2.3.4, 198.51.100.1, 10.2.2.2", "198.51.100.1", proxies},
		{"nonsense stops the search", "10.1.1.1:1234", "198.51.100.1, Meera", "10.1.1.1", proxies},
		{"no proxies are trusted at first", "10.1.1.1:1234", "198.51.100.1", "10.1.1.1", nil},
		{"IPv6", "[2001:db8::1]:1234", "", "2001:db8::1", nil},
		{"IPv4 in IPv6", "[::ffff:192.0.2.7]:1234", "", "192.0.2.7", nil},
		{"an interface's own address", "[fe80::1%eth0]:1234", "", "fe80::1", nil},
		{"no address", "@", "", "unknown", nil},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := clientIP(clientAddr(r, c.trusted)); got != c.want {
			t.Errorf("%s: %s, want %s", c.title, got, c.want)
		}
	}
}

func TestAsError(t *testing.T) {
	for _, c := range []struct {
		title  string
		err    error
		status int
		kind   contract.ErrorType
	}{
		{"one of ours", Fail(409, contract.VersionConflict, "x"), 409, contract.VersionConflict},
		{"one of ours, wrapped", fmt.Errorf("storing: %w", Fail(409, contract.VersionConflict, "x")), 409, contract.VersionConflict},
		{"a body too large", &http.MaxBytesError{Limit: 5}, 413, contract.TooLarge},
		{"a client who has gone", fmt.Errorf("asking: %w", context.Canceled), 499, contract.ClientCancelled},
		{"time is up", context.DeadlineExceeded, 504, contract.UpstreamTimeout},
		{"anything else", errors.New("disk on fire"), 500, contract.Internal},
	} {
		e := AsError(c.err)
		if e.Status != c.status || e.Kind != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.title, e.Status, e.Kind, c.status, c.kind)
		}
		if e.Kind == contract.Internal && strings.Contains(e.Detail, "disk") {
			t.Errorf("%s: the caller reads %q", c.title, e.Detail)
		}
	}
}

func TestReadJSONNeverQuotesTheCaller(t *testing.T) {
	for _, c := range []struct {
		title, kind, body string
		status            int
	}{
		{"good", "application/json; charset=utf-8", `{"text":"x"}`, 0},
		{"the wrong kind", "text/plain", `{"text":"x"}`, 415},
		{"no JSON", "application/json", `Meera`, 400},
		{"cut off", "application/json", `{"text":"Meera`, 400},
		{"two values", "application/json", `{"text":"x"} "Meera"`, 400},
		{"a number for a text", "application/json", `{"text":9876543210}`, 422},
		{"a list", "application/json", `["Meera"]`, 422},
	} {
		var v struct {
			Text string `json:"text"`
		}
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		err := ReadJSON(r, &v)
		if c.status == 0 {
			if err != nil || v.Text != "x" {
				t.Errorf("%s: %q, %v", c.title, v.Text, err)
			}
			continue
		}
		if e := AsError(err); err == nil || e.Status != c.status || strings.Contains(e.Error(), "Meera") || strings.Contains(e.Error(), "9876") {
			t.Errorf("%s: %v, want status %d without a quotation", c.title, err, c.status)
		}
		if strings.Contains(err.Error(), "  ") {
			t.Errorf("%s: %q has a gap", c.title, err)
		}
	}
}

func TestReadMultipart(t *testing.T) {
	form := func(parts ...string) *http.Request {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(parts); i += 2 {
			p, err := w.CreateFormFile(parts[i], "../../etc/passwd")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = p.Write([]byte(parts[i+1]))
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/", &b)
		r.Header.Set("Content-Type", w.FormDataContentType())
		return r
	}
	fields := []Field{{Name: "a", Max: 5}, {Name: "b", Max: 5}}
	got, err := ReadMultipart(form("a", "12345", "other", "anything at all"), fields...)
	if err != nil || string(got["a"]) != "12345" || len(got) != 1 {
		t.Errorf("got %q, %v", got, err)
	}
	cut := form("a", "12345")
	cut.Body = http.MaxBytesReader(httptest.NewRecorder(), cut.Body, 60)
	broken := httptest.NewRequest("POST", "/", strings.NewReader("--x\r\nMeera"))
	broken.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	for _, c := range []struct {
		title  string
		r      *http.Request
		status int
	}{
		{"too large a field", form("a", "123456"), 413},
		{"a field twice", form("a", "1", "a", "2"), 400},
		{"no form", httptest.NewRequest("POST", "/", nil), 415},
		{"too large a body", cut, 413},
		{"broken", broken, 400},
	} {
		_, err := ReadMultipart(c.r, fields...)
		if e := AsError(err); err == nil || e.Status != c.status || strings.Contains(e.Error(), "Meera") {
			t.Errorf("%s: %v, want status %d", c.title, err, c.status)
		}
	}
}

func TestNewLoggerNamesWhatItDoesNotKnow(t *testing.T) {
	if _, err := NewLogger(&bytes.Buffer{}, "xml", "info", "x"); err == nil || !strings.Contains(err.Error(), `"xml"`) {
		t.Errorf("format xml: %v", err)
	}
	if _, err := NewLogger(&bytes.Buffer{}, "json", "loud", "x"); err == nil || !strings.Contains(err.Error(), `"loud"`) {
		t.Errorf("level loud: %v", err)
	}
}
