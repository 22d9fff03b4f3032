package tracing

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestTheRateConfiguredIsTheRateSeen allows five standard deviations of the
// binomial distribution, sqrt(n p (1-p)): one wrong alarm in 1.7 million, and
// none with this seed.
func TestTheRateConfiguredIsTheRateSeen(t *testing.T) {
	const n = 200_000
	for _, p := range []float64{0, 0.001, 0.1, 0.5, 0.9, 1} {
		tr := startAt(t, Config{SamplingRate: rate(p), Rand: seeded(), DaemonAddress: newAgent(t).conn.LocalAddr().String(), QueueSize: 1})
		seen := 0
		for range n {
			if tr.sampler.decide(request{}, time.Now()).sampled {
				seen++
			}
		}
		bound := 5 * math.Sqrt(n*p*(1-p))
		if off := math.Abs(float64(seen) - n*p); off > bound {
			t.Errorf("rate %v: %d of %d, off by %.0f, allowed %.0f", p, seen, n, off, bound)
		}
	}
}

func TestARequestMayHaveItsOwnRate(t *testing.T) {
	tr := startAt(t, Config{SamplingRate: rate(1), RequestRate: func(r *http.Request) (float64, bool) {
		if r.URL.Path == "/panic" {
			panic("rate")
		}
		return 0, strings.HasPrefix(r.URL.Path, "/health")
	}})
	for path, want := range map[string]string{"/health": "Sampled=0", "/process": "Sampled=1", "/panic": "Sampled=1"} {
		w := httptest.NewRecorder()
		tr.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if got := w.Header().Get(HeaderName); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestTheDecisionComesFromTheHighestPlace(t *testing.T) {
	const key = "secret"
	peers := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	now := time.Unix(1780165693, 0)
	sign := func(r *http.Request) { ForceSampling(r, key, now) }
	cases := []struct {
		title    string
		rate     float64
		header   string
		peer     string
		force    func(*http.Request)
		sampled  bool
		counters Stats
	}{
		{"the sampler decides alone", 1, "", "10.0.0.1:1", nil, true, Stats{Sampled: 1}},
		{"a trusted caller says no", 1, "Sampled=0", "10.0.0.1:1", nil, false, Stats{Unsampled: 1}},
		{"a trusted caller says yes", 0, "Sampled=1", "10.0.0.1:1", nil, true, Stats{Sampled: 1}},
		{"a mapped address is the same peer", 0, "Sampled=1", "[::ffff:10.0.0.1]:1", nil, true, Stats{Sampled: 1}},
		{"a stranger says yes", 0, "Sampled=1", "192.0.2.1:1", nil, false, Stats{Unsampled: 1, UntrustedDecisions: 1}},
		{"a stranger says no", 1, "Sampled=0", "192.0.2.1:1", nil, true, Stats{Sampled: 1, UntrustedDecisions: 1}},
		{"a peer without address is a stranger", 0, "Sampled=1", "@", nil, false, Stats{Unsampled: 1, UntrustedDecisions: 1}},
		{"a stranger with a valid force header", 0, "", "192.0.2.1:1", sign, true, Stats{Sampled: 1, Forced: 1}},
		{"a trusted no goes before force", 0, "Sampled=0", "10.0.0.1:1", sign, false, Stats{Unsampled: 1}},
		{"force for another path", 0, "", "10.0.0.1:1", func(r *http.Request) {
			other := httptest.NewRequest(r.Method, "/other", nil)
			sign(other)
			r.Header.Set(ForceHeaderName, other.Header.Get(ForceHeaderName))
		}, false, Stats{Unsampled: 1, ForceRejected: 1}},
		{"force for another method", 0, "", "10.0.0.1:1", func(r *http.Request) {
			other := httptest.NewRequest(http.MethodGet, r.URL.Path, nil)
			sign(other)
			r.Header.Set(ForceHeaderName, other.Header.Get(ForceHeaderName))
		}, false, Stats{Unsampled: 1, ForceRejected: 1}},
		{"force with another key", 0, "", "10.0.0.1:1", func(r *http.Request) { ForceSampling(r, "guess", now) }, false, Stats{Unsampled: 1, ForceRejected: 1}},
		{"force too old", 0, "", "10.0.0.1:1", func(r *http.Request) { ForceSampling(r, key, now.Add(-6*time.Minute)) }, false, Stats{Unsampled: 1, ForceRejected: 1}},
		{"force from the future", 0, "", "10.0.0.1:1", func(r *http.Request) { ForceSampling(r, key, now.Add(6*time.Minute)) }, false, Stats{Unsampled: 1, ForceRejected: 1}},
		{"force within the window", 0, "", "10.0.0.1:1", func(r *http.Request) { ForceSampling(r, key, now.Add(-4*time.Minute)) }, true, Stats{Sampled: 1, Forced: 1}},
		{"force garbage", 0, "", "10.0.0.1:1", func(r *http.Request) { r.Header.Set(ForceHeaderName, "t=-9223372036854775808,v1=zz") }, false, Stats{Unsampled: 1, ForceRejected: 1}},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			tr := startAt(t, Config{SamplingRate: rate(c.rate), TrustedPeers: peers, ForceKey: key, Now: func() time.Time { return now }})
			r := httptest.NewRequest(http.MethodPost, "/process", nil)
			r.RemoteAddr = c.peer
			if c.header != "" {
				r.Header.Set(HeaderName, c.header)
			}
			if c.force != nil {
				c.force(r)
			}
			sampled := false
			tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, _ := current(r.Context())
				sampled = s != nil
				if r.Header.Get(ForceHeaderName) != "" {
					t.Error("the force header went on to the handler")
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
			got := tr.Stats()
			got.DocumentsSent, got.BytesSent, got.SendErrors = 0, 0, 0
			if sampled != c.sampled || got != c.counters {
				t.Errorf("sampled %v, stats %+v", sampled, got)
			}
		})
	}
}

func TestWithoutAKeyTheForceHeaderMeansNothing(t *testing.T) {
	tr := startAt(t, Config{SamplingRate: rate(0)})
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	ForceSampling(r, "", time.Now())
	tr.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
	if st := tr.Stats(); st.Forced != 0 || st.ForceRejected != 0 || st.Unsampled != 1 {
		t.Errorf("stats %+v", st)
	}
}

func TestForceSamplingSignsWhatTheServerSees(t *testing.T) {
	tr := startAt(t, Config{SamplingRate: rate(0), ForceKey: "k"})
	var sampled bool
	srv := httptest.NewServer(tr.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, _ := current(r.Context())
		sampled = s != nil
	})))
	defer srv.Close()
	for _, path := range []string{"", "/", "/a%2Fb/c d?q=1", "/क"} {
		req, err := http.NewRequestWithContext(context.Background(), "", srv.URL+strings.ReplaceAll(path, " ", "%20"), nil)
		if err != nil {
			t.Fatal(err)
		}
		ForceSampling(req, "k", time.Now())
		sampled = false
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if !sampled {
			t.Errorf("path %q was not forced", path)
		}
	}
	srv.Client().CloseIdleConnections()
}
