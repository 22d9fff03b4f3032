package test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The node that most of the tests of the console look at.
const backendName = "afirgen-main-backend"

// traffic is what AFIRGen really did: trace ids by what happened.
type traffic struct {
	Good    string // a typed complaint
	Letter  string // a photographed one: two services
	Summary string // an approval that asks the model server: two services
	Refused string // 400: nothing in it
	Nowhere string // 404
	Slow    string // longer than 5 s, because the caller is slow
	Fault   string // 503 with an exception: the model server is gone
}

// slowly is a body of which the second half comes late.
type slowly struct {
	first, second io.Reader
	pause         time.Duration
}

func (s *slowly) Read(p []byte) (int, error) {
	if n, err := s.first.Read(p); err != io.EOF {
		return n, err
	}
	if s.pause > 0 { // the caller's own slowness: it is what is traced
		time.Sleep(s.pause)
		s.pause = 0
	}
	return s.second.Read(p)
}

// makeTraffic runs AFIRGen with every request recorded and sends it one
// request of each kind; the last ends its model server.
func makeTraffic(t *testing.T) (*afirgen, traffic) {
	t.Helper()
	a := startAFIRGen(t, "1")
	var out traffic
	var answered string
	send := func(segments, status int, req *http.Request) string {
		t.Helper()
		got, header, body := a.do(t, req)
		answered = body
		if got != status {
			t.Fatalf("%s %s: status %d, want %d: %s", req.Method, req.URL, got, status, body)
		}
		id := traceOf(t, header)
		a.awaitSegments(t, id, segments)
		return id
	}
	process := func(body io.Reader) *http.Request {
		return a.request(t, http.MethodPost, "/process", "application/json", body)
	}
	if *rewriteScreenshots {
		a.busy(t)
	}
	out.Good = send(1, 200, process(jsonBody(complaintText)))
	approve := a.approval(t, sessionOf(t, answered))
	out.Summary = send(2, 200, approve)
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	contentType, body := form(t, "image", "letter.jpg", letter)
	out.Letter = send(2, 200, a.request(t, http.MethodPost, "/process", contentType, body))
	out.Refused = send(1, 400, process(strings.NewReader(`{}`)))
	out.Nowhere = send(1, 404, a.request(t, http.MethodGet, "/nowhere", "", nil))
	whole, err := io.ReadAll(jsonBody(complaintText))
	if err != nil {
		t.Fatal(err)
	}
	half := len(whole) / 2
	out.Slow = send(1, 200, process(&slowly{strings.NewReader(string(whole[:half])), strings.NewReader(string(whole[half:])), 5200 * time.Millisecond}))
	waiting := sessionOf(t, answered)
	syscall.Kill(a.pids[0], syscall.SIGTERM) // the model server, the first of them
	eventually(t, func() error {
		c, err := net.Dial("tcp", a.model)
		if err != nil {
			return nil
		}
		return errors.Join(c.Close(), errors.New("the model server still answers"))
	})
	out.Fault = send(1, 503, a.approval(t, waiting))
	return a, out
}

// busy sends a hundred requests over a minute, so that the pictures of the
// documentation show a system at work.
func (a *afirgen) busy(t *testing.T) {
	t.Helper()
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		req := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
		switch {
		case i%9 == 4:
			contentType, body := form(t, "image", "letter.jpg", letter)
			req = a.request(t, http.MethodPost, "/process", contentType, body)
		case i%13 == 6:
			req = a.request(t, http.MethodPost, "/process", "application/json", strings.NewReader(`{}`))
		case i%17 == 8:
			req = a.request(t, http.MethodGet, "/nowhere", "", nil)
		}
		if status, _, body := a.do(t, req); status == http.StatusOK {
			a.do(t, a.approval(t, sessionOf(t, body)))
		}
		time.Sleep(600 * time.Millisecond)
	}
}
