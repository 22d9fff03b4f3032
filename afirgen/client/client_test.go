package client

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

const header = "Root=1-65f00000-0123456789abcdef01234567;Sampled=1"

// serve starts a server and a client of it.
func serve(t *testing.T, adapt func(*Config), handle http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	cfg := Config{Base: server.URL + "/", APIKey: "right", HTTP: server.Client()}
	if adapt != nil {
		adapt(&cfg)
	}
	return New(cfg)
}

func TestAnAnswerComesWithItsReceipt(t *testing.T) {
	c := serve(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.URL.EscapedPath() != "/fir/KTW%2F0042%2F2026" || r.Header.Get("X-API-Key") != "right" {
			t.Errorf("%s %s with key %q", r.Method, r.URL.EscapedPath(), r.Header.Get("X-API-Key"))
		}
		w.Header().Set("X-Amzn-Trace-Id", header)
		w.Header().Set("X-Request-Id", "r-1")
		_, _ = w.Write([]byte(`{"fir_number":"KTW/0042/2026","status":"registered","finalized_at":null}`))
	})
	report, r, err := c.Report(t.Context(), "KTW/0042/2026")
	if err != nil || report.Status != fir.StateRegistered || report.FinalizedAt != nil {
		t.Errorf("%+v %v", report, err)
	}
	if r.Status != 200 || r.TraceID != "1-65f00000-0123456789abcdef01234567" || !r.Sampled || r.RequestID != "r-1" || r.Took <= 0 {
		t.Errorf("the receipt is %+v", r)
	}
}

func TestAnErrorSaysWhatTheBackendSaid(t *testing.T) {
	c := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Trace-Id", header)
		w.WriteHeader(422)
		_, _ = w.Write([]byte(`{"detail":"the form is not complete","error_type":"form_incomplete","problems":[{"item":6,"field":"complainant.name"}]}`))
	})
	_, r, err := c.Validate(t.Context(), Decision{})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v", err)
	}
	if e.Status != 422 || r.Status != 422 || e.ErrorType != "form_incomplete" || e.TraceID == "" || len(e.Problems) != 1 {
		t.Errorf("%+v", e)
	}
	if want := "POST /validate answered 422 form_incomplete: the form is not complete (complainant.name)"; err.Error() != want {
		t.Errorf("it says %q, want %q", err, want)
	}
}

func TestAnErrorNeverRepeatsAQuery(t *testing.T) {
	c := New(Config{Base: "http://127.0.0.1:1", HTTP: &http.Client{Transport: &http.Transport{}}})
	_, _, err := c.Call(t.Context(), Call{Method: "POST", Path: "/process?text=Meera"})
	if err == nil || strings.Contains(err.Error(), "Meera") || !strings.Contains(err.Error(), "/process") {
		t.Errorf("it says %v", err)
	}
}

func TestARefusalByTheRateLimitIsRepeatedOnlyWithAClock(t *testing.T) {
	for _, patient := range []bool{false, true} {
		asked, signed := 0, 0
		var waited []time.Duration
		c := serve(t, func(cfg *Config) {
			cfg.Sign = func(*http.Request) { signed++ }
			if patient {
				cfg.After = func(d time.Duration) <-chan time.Time {
					waited = append(waited, d)
					now := make(chan time.Time)
					close(now)
					return now
				}
			}
		}, func(w http.ResponseWriter, r *http.Request) {
			asked++
			if asked <= 2 {
				w.Header().Set("Retry-After", "7")
				w.WriteHeader(429)
			} else if body := make([]byte, 4); true {
				n, _ := r.Body.Read(body)
				_, _ = w.Write(body[:n])
			}
		})
		body, r, err := c.Call(t.Context(), Call{Method: "POST", Path: "/x", Body: []byte("{}")})
		if patient && (err != nil || string(body) != "{}" || asked != 3 || signed != 3 || len(waited) != 2 || waited[0] != 7*time.Second) {
			t.Errorf("with a clock: %q %v, asked %d times, waited %v", body, err, asked, waited)
		}
		if !patient && (r.Status != 429 || asked != 1) {
			t.Errorf("without: %+v, asked %d times", r, asked)
		}
	}
}

func TestSamplingIsDecidedByTheCaller(t *testing.T) {
	now := func() time.Time { return time.Unix(0x65f00000, 0) }
	for _, c := range []struct {
		sign func(*http.Request)
		want string
	}{{Sampled(true, rand.Reader, now), ";Sampled=1"}, {Sampled(false, rand.Reader, now), ";Sampled=0"}} {
		req := httptest.NewRequest("GET", "/", nil)
		c.sign(req)
		got := req.Header.Get("X-Amzn-Trace-Id")
		if RootOf(got) == "" || !strings.HasPrefix(got, "Root=1-65f00000-") || !strings.HasSuffix(got, c.want) {
			t.Errorf("the header is %q", got)
		}
	}
	req := httptest.NewRequest("GET", "/", nil)
	Forced("secret", now)(req)
	if req.Header.Get("X-Roentgen-Force-Sampling") == "" {
		t.Error("a forced request is not signed")
	}
}

func TestRootOf(t *testing.T) {
	for given, want := range map[string]string{
		header: "1-65f00000-0123456789abcdef01234567",
		"Self=1-67891233-abcdef012345678912345678;Root=1-65f00000-0123456789abcdef01234567": "1-65f00000-0123456789abcdef01234567",
		"Root=1-65f00000-0123456789ABCDEF01234567":                                          "",
		"Self=1-67891233-abcdef012345678912345678":                                          "",
		"": "",
	} {
		if got := RootOf(given); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

func TestAHealthThatIsBadIsReadAllTheSame(t *testing.T) {
	c := serve(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(503)
		_, _ = w.Write([]byte(`{"status":"unhealthy","database":"unavailable"}`))
	})
	h, r, err := c.Health(t.Context())
	if err == nil || r.Status != 503 || h.Status != "unhealthy" || h.Database != "unavailable" {
		t.Errorf("%+v %+v %v", h, r, err)
	}
}

func TestTheDetailsCompleteAForm(t *testing.T) {
	at := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	d := MadeUpDetails(at)
	c := d.correction(nil)
	if c.Ruling != nil || len(c.Add) != 1 {
		t.Errorf("without sections: %+v", c)
	}
	doc := fir.Document{
		Header: fir.Header{Station: fir.Station{Code: "KTW", Name: "Kotwali", District: "Lakeside", State: "X"},
			Number: fir.Number{Station: "KTW", Series: fir.SeriesFIR, Seq: 1, Year: 2026}, ReportedAt: at},
		Charges: c.Add, Occurrence: *c.Occurrence, Information: *c.Information, Place: *c.Place, Complainant: *c.Complainant,
		Accused: *c.Accused, Taken: *c.Taken, Contents: fir.Contents{Narrative: "it was stolen"},
	}
	if err := doc.Ready(fir.ForReview); err != nil {
		t.Errorf("the form is not complete: %v", err)
	}
	unsure := fir.Violation{Act: fir.BNS, Section: "85", Cognizable: fir.Conditional, Confidence: fir.High}
	if c := d.correction([]fir.Violation{unsure}); c.Ruling == nil || c.Ruling.Class != fir.Cognizable || len(c.Add) != 0 {
		t.Errorf("with a section that is not sure: %+v", c)
	}
	if _, err := json.Marshal(c); err != nil {
		t.Error(err)
	}
}
