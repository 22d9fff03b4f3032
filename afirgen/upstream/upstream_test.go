package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// answer is one answer of a neighbour; status 0 cuts the connection.
type answer struct {
	status int
	body   string
	header string // of Retry-After
}

// street is an Upstream and its neighbour, which gives the answers in their order, the last one for ever.
type street struct {
	*Upstream
	server *httptest.Server
	clock  *clock

	mu      sync.Mutex
	answers []answer
	bodies  []string
	waits   []time.Duration
	log     strings.Builder
}

func (s *street) Write(p []byte) (int, error) { // of the log
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.bodies = append(s.bodies, string(body))
	a := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	if a.status == 0 {
		panic(http.ErrAbortHandler)
	}
	if a.header != "" {
		w.Header().Set("Retry-After", a.header)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func (s *street) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.bodies)
}

func (s *street) say(answers ...answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// open makes a street whose waits pass at once and move its clock.
func open(t *testing.T, change ...func(*Config)) *street {
	t.Helper()
	s := &street{clock: &clock{}, answers: []answer{{200, `{"word":"good"}`, ""}}}
	s.server = httptest.NewServer(s)
	client := s.server.Client()
	t.Cleanup(func() {
		client.CloseIdleConnections()
		s.server.Close()
	})
	cfg := Config{
		Name: contract.GGUF, Breaker: "model_server", Base: s.server.URL + "/", Client: client,
		Now: s.clock.now, Rand: func() float64 { return 1 }, Log: slog.New(slog.NewTextHandler(s, nil)),
		After: func(d time.Duration) <-chan time.Time {
			s.mu.Lock()
			s.waits = append(s.waits, d)
			s.mu.Unlock()
			s.clock.advance(d)
			passed := make(chan time.Time)
			close(passed)
			return passed
		},
	}
	for _, f := range change {
		f(&cfg)
	}
	s.Upstream = New(cfg)
	return s
}

func (s *street) post(ctx context.Context) (string, error) {
	var out struct {
		Word string `json:"word"`
	}
	err := s.Post(ctx, Call{Path: "/inference", ContentType: "application/json", Body: []byte("the same")}, &out)
	return out.Word, err
}

var good = answer{200, `{"word":"good"}`, ""}

func TestWhatIsAskedAgain(t *testing.T) {
	for _, c := range []struct {
		title   string
		answers []answer
		calls   int
		status  int // 0: success
		kind    contract.ErrorType
	}{
		{"success", []answer{good}, 1, 0, ""},
		{"a 503, then success", []answer{{503, "", ""}, good}, 2, 0, ""},
		{"a 502 and a 504, then success", []answer{{502, "", ""}, {504, "", ""}, good}, 3, 0, ""},
		{"a cut connection, then success", []answer{{}, good}, 2, 0, ""},
		{"503 for ever", []answer{{503, `{"error_type":"overloaded"}`, ""}}, 3, 503, contract.UpstreamUnavailable},
		{"502 for ever", []answer{{502, "", ""}}, 3, 502, contract.UpstreamFailed},
		{"504 for ever", []answer{{504, `{"error_type":"engine_timeout"}`, ""}}, 3, 504, contract.UpstreamTimeout},
		{"cut for ever", []answer{{}}, 3, 503, contract.UpstreamUnreachable},
		{"an engine that comes back soon", []answer{{503, `{"error_type":"model_unavailable"}`, "1"}, good}, 2, 0, ""},
		{"an engine that it has not", []answer{{503, `{"error_type":"model_unavailable"}`, ""}}, 1, 503, contract.ModelUnavailable},
		{"a 500", []answer{{500, `{"error_type":"engine_failed"}`, ""}}, 1, 502, contract.UpstreamFailed},
		{"a 500 without a word", []answer{{500, "", ""}}, 1, 502, contract.UpstreamFailed},
		{"a 501", []answer{{501, "", ""}}, 1, 502, contract.UpstreamFailed},
		{"a 400", []answer{{400, `{"error_type":"invalid_request"}`, ""}}, 1, 502, contract.UpstreamFailed},
		{"a 404", []answer{{404, `{"error_type":"invalid_model"}`, ""}}, 1, 502, contract.UpstreamFailed},
		{"a 429", []answer{{429, "", ""}}, 1, 503, contract.UpstreamUnavailable},
		{"a 422 that the caller can mend", []answer{{422, `{"error_type":"undecodable_image"}`, ""}}, 1, 422, contract.Undecodable},
		{"a redirect", []answer{{307, "", ""}}, 1, 502, contract.UpstreamFailed},
		{"a page", []answer{{200, "<html>Meera</html>", ""}}, 1, 502, contract.UpstreamFailed},
		{"too long an answer", []answer{{200, `"` + strings.Repeat("x", maxAnswer) + `"`, ""}}, 1, 502, contract.UpstreamFailed},
	} {
		t.Run(c.title, func(t *testing.T) {
			s := open(t)
			s.say(c.answers...)
			word, err := s.post(t.Context())
			if s.calls() != c.calls || slices.Contains(s.bodies, "") {
				t.Errorf("asked %d times with %q, want %d times with the whole body", s.calls(), s.bodies, c.calls)
			}
			if c.status == 0 {
				if err != nil || word != "good" {
					t.Errorf("got %q, %v", word, err)
				}
				return
			}
			e := web.AsError(err)
			if err == nil || e.Status != c.status || e.Kind != c.kind || strings.Contains(e.Error(), "Meera") {
				t.Errorf("got %v (%d %s), want %d %s", err, e.Status, e.Kind, c.status, c.kind)
			}
			if e.Kind == contract.UpstreamUnavailable && e.RetryAfter <= 0 {
				t.Error("a 503 does not say when to come back")
			}
		})
	}
}

func TestOnlyWhatTellsOfTheNeighbourCounts(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	late, cancel := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	for _, c := range []struct {
		title  string
		ctx    context.Context
		answer answer
		counts bool
	}{
		{"5xx", t.Context(), answer{500, "", ""}, true},
		{"a cut connection", t.Context(), answer{}, true},
		{"404", t.Context(), answer{404, "", ""}, false},
		{"413", t.Context(), answer{413, `{"error_type":"too_large"}`, ""}, false},
		{"429", t.Context(), answer{429, "", ""}, false},
		{"nonsense", t.Context(), answer{200, "?", ""}, false},
		{"an engine that it has not", t.Context(), answer{503, `{"error_type":"model_unavailable"}`, ""}, false},
		{"a caller who has gone", gone, answer{500, "", ""}, false},
		{"a caller who is out of time", late, answer{500, "", ""}, false},
	} {
		t.Run(c.title, func(t *testing.T) {
			s := open(t, func(c *Config) { c.Retries = -1 })
			s.say(c.answer)
			for range 5 {
				if _, err := s.post(c.ctx); err == nil {
					t.Fatal("no error")
				}
			}
			if state := s.State(); (state.State == Open) != c.counts || (state.Failures == 5) != c.counts {
				t.Errorf("after five: %+v", state)
			}
		})
	}
}

func TestTheWaitsBetweenAttempts(t *testing.T) {
	half := func(c *Config) { c.Rand = func() float64 { return 0 } }
	for _, c := range []struct {
		title   string
		change  func(*Config)
		answers []answer
		want    []time.Duration
	}{
		{"double each time", func(c *Config) { c.Retries = 5 }, []answer{{503, "", ""}}, []time.Duration{1e9, 2e9, 4e9, 8e9}},
		{"up to the cap", func(c *Config) { c.Start, c.Cap = 4*time.Second, 5*time.Second }, []answer{{503, "", ""}}, []time.Duration{4e9, 5e9}},
		{"down to a half by chance", half, []answer{{503, "", ""}}, []time.Duration{5e8, 1e9}},
		{"as long as it asks for", half, []answer{{503, "", "3"}, {503, "", ""}}, []time.Duration{3e9, 1e9}},
		{"until the date that it names", half, []answer{{503, "", (&clock{}).now().Add(4 * time.Second).UTC().Format(http.TimeFormat)}, good}, []time.Duration{4e9}},
		{"no longer than the cap, whatever it asks", half, []answer{{503, "", "86400"}, good}, []time.Duration{10e9}},
		{"a wish that is none", half, []answer{{503, "", "soon"}, good}, []time.Duration{5e8}},
	} {
		s := open(t, c.change)
		s.say(c.answers...)
		_, _ = s.post(t.Context())
		if !slices.Equal(s.waits, c.want) {
			t.Errorf("%s: waited %v, want %v", c.title, s.waits, c.want)
		}
	}
}

func TestNoAttemptBeginsBeyondTheDeadline(t *testing.T) {
	s := open(t, func(c *Config) { c.Now = time.Now })
	s.say(answer{503, "", "8"})
	ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
	defer cancel()
	_, err := s.post(ctx)
	if e := web.AsError(err); e.Kind != contract.UpstreamUnavailable || s.calls() != 1 || len(s.waits) != 0 {
		t.Errorf("got %v after %d calls and the waits %v, want the first answer at once", err, s.calls(), s.waits)
	}
}

func TestACallerWhoGoesIsNotWaitedFor(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	s := open(t, func(c *Config) {
		c.After = func(time.Duration) <-chan time.Time {
			leave() // while we wait
			return nil
		}
	})
	s.say(answer{503, "", ""})
	if _, err := s.post(ctx); !errors.Is(err, context.Canceled) || s.calls() != 1 {
		t.Errorf("got %v after %d calls", err, s.calls())
	}

	ctx, leave = context.WithCancel(t.Context())
	held := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		leave() // while it works
		<-r.Context().Done()
	}))
	defer held.Close()
	s = open(t, func(c *Config) { c.Base = held.URL })
	if _, err := s.post(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if state := s.State(); state.Failures != 0 {
		t.Errorf("the neighbour was blamed: %+v", state)
	}
}

func TestANeighbourThatHangsIsNotAskedAgain(t *testing.T) {
	calls := make(chan struct{}, 10)
	held := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls <- struct{}{}
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/half" {
			_, _ = io.WriteString(w, `{"word":"g`)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
	defer held.Close()
	s := open(t, func(c *Config) { c.Base = held.URL })
	for i, path := range []string{"/silent", "/half"} {
		err := s.Post(t.Context(), Call{Path: path, Timeout: 30 * time.Millisecond}, &struct{}{})
		if e := web.AsError(err); e.Status != 504 || e.Kind != contract.UpstreamTimeout || len(calls) != i+1 {
			t.Errorf("%s: %v after %d calls", path, err, len(calls))
		}
	}
	if state := s.State(); state.Failures != 2 || state.LastError != contract.UpstreamTimeout {
		t.Errorf("it stands at %+v", state)
	}
}

func TestANeighbourThatIsNotThere(t *testing.T) {
	s := open(t)
	s.server.Close()
	_, err := s.post(t.Context())
	e := web.AsError(err)
	if e.Status != 503 || e.Kind != contract.UpstreamUnreachable || e.RetryAfter <= 0 || len(s.waits) != 2 {
		t.Errorf("got %v after the waits %v", err, s.waits)
	}
	if strings.Contains(e.Detail, "127.0.0.1") {
		t.Errorf("our caller reads an address: %s", e.Detail)
	}
}

func TestNothingIsSentToWhereARedirectPoints(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the complaint was sent elsewhere")
	}))
	defer elsewhere.Close()
	neighbour := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer neighbour.Close()
	s := open(t, func(c *Config) { c.Base = neighbour.URL })
	if _, err := s.post(t.Context()); web.AsError(err).Kind != contract.UpstreamFailed {
		t.Errorf("got %v", err)
	}
	if _, err := s.Health(t.Context()); err == nil {
		t.Error("a redirect is no health")
	}
}

func TestAnOpenBreakerAnswersAtOnceAndThenTriesOnce(t *testing.T) {
	s := open(t)
	s.say(answer{503, "", ""})
	_, _ = s.post(t.Context())
	if _, err := s.post(t.Context()); web.AsError(err).Kind != contract.UpstreamUnavailable {
		t.Errorf("the call that opened the breaker got %v, want what the neighbour said", err)
	}
	if s.calls() != 5 {
		t.Errorf("asked %d times, want 5: the breaker ends the second call's attempts", s.calls())
	}
	before := s.calls()
	s.clock.advance(10 * time.Second)
	_, err := s.post(t.Context())
	if e := web.AsError(err); e.Status != 503 || e.Kind != contract.CircuitOpen || e.RetryAfter != 50*time.Second || s.calls() != before {
		t.Errorf("while open: %v, Retry-After %s, %d calls more", err, e.RetryAfter, s.calls()-before)
	}

	s.clock.advance(50 * time.Second)
	_, _ = s.post(t.Context()) // the trial fails: one call, and no retry
	if s.calls() != before+1 || s.State().State != Open {
		t.Errorf("the trial made %d calls and left %+v", s.calls()-before, s.State())
	}

	s.clock.advance(time.Minute)
	s.say(good)
	if word, err := s.post(t.Context()); err != nil || word != "good" || s.State().State != Closed {
		t.Errorf("a good trial: %q, %v, %+v", word, err, s.State())
	}
	for _, line := range []string{"from=closed to=open", "from=half_open to=open", "from=half_open to=closed"} {
		if !strings.Contains(s.log.String(), line) {
			t.Errorf("the log does not say %q:\n%s", line, s.log.String())
		}
	}
}

func TestWhatTheCallerCanMendIsSaidInOurWords(t *testing.T) {
	for kind, want := range mendable {
		s := open(t)
		body, err := json.Marshal(map[string]string{"detail": "Meera wrote this", "error_type": string(kind)})
		if err != nil {
			t.Fatal(err)
		}
		s.say(answer{want.status, string(body), ""})
		_, err = s.post(t.Context())
		e := web.AsError(err)
		if e.Status != want.status || e.Kind != kind || e.Detail != want.detail || strings.Contains(e.Error(), "Meera") {
			t.Errorf("%s: got %d %s %q", kind, e.Status, e.Kind, e.Error())
		}
		if s.say(answer{500, string(body), ""}); web.AsError(second(s.post(t.Context()))).Kind != contract.UpstreamFailed {
			t.Errorf("%s in a 500 is passed on as the caller's", kind)
		}
	}
}

func second(_ string, err error) error { return err }

func TestAnAttemptIsWrappedEachTimeAndCountedInOrder(t *testing.T) {
	s := open(t)
	s.say(answer{503, "", ""}, answer{503, "", ""}, good)
	var tried []int
	err := s.Post(t.Context(), Call{Path: "/x", Attempt: func(ctx context.Context, n int, do func(context.Context) error) error {
		tried = append(tried, n)
		if err := do(ctx); err != nil {
			return fmt.Errorf("attempt %d: %w", n, err)
		}
		return nil
	}}, &struct{}{})
	if err != nil || !slices.Equal(tried, []int{1, 2, 3}) {
		t.Errorf("tried %v, %v", tried, err)
	}
}

func TestAPanicInAnAttemptGivesTheTrialBack(t *testing.T) {
	s := open(t, func(c *Config) {
		c.Failures, c.Retries = 1, -1
		c.Client = &http.Client{Transport: roundTrip(func(*http.Request) (*http.Response, error) { panic("a bug") })}
	})
	s.breaker.leave(first(s.breaker.enter()), fails, contract.UpstreamFailed)
	s.clock.advance(time.Minute)
	func() {
		defer func() { _ = recover() }()
		_, _ = s.post(t.Context())
		t.Error("no panic")
	}()
	if _, _, ok := s.breaker.enter(); !ok {
		t.Error("the trial is lost for ever")
	}
}

func first(p permit, _ time.Duration, _ bool) permit { return p }

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestACrowdBeforeAFailingNeighbour(t *testing.T) {
	s := open(t, func(c *Config) { c.Retries = -1 })
	s.say(answer{500, "", ""})
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			for range 20 {
				_, err := s.post(t.Context())
				if kind := web.AsError(err).Kind; kind != contract.UpstreamFailed && kind != contract.CircuitOpen {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	wait.Wait()
	// Those who were let in before the fifth failure came back may still go: at most one for each who asks.
	if n := s.calls(); n < 5 || n > 5+20 {
		t.Errorf("%d calls went out, want 5 and at most 20 that were under way", n)
	}
	if s.State().State != Open {
		t.Errorf("it stands at %+v", s.State())
	}
}
