package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// exchange is one call that an agent got.
type exchange struct {
	at   time.Duration // since the start
	what string        // method and path
	body string
}

// fakeWire is an agent without a network, for times that pass at once.
type fakeWire struct {
	answer func(what string) (status int, body string, err error)

	mu    sync.Mutex
	began time.Time
	calls []exchange
}

// again forgets all calls; times count from now.
func (w *fakeWire) again() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began, w.calls = time.Now(), nil
}

// got returns all calls.
func (w *fakeWire) got() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

func (w *fakeWire) RoundTrip(r *http.Request) (*http.Response, error) {
	body := ""
	if r.Body != nil {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		body = string(b)
	}
	what := r.Method + " " + r.URL.Path
	w.mu.Lock()
	w.calls = append(w.calls, exchange{time.Since(w.began), what, body})
	w.mu.Unlock()
	status, text, err := w.answer(what)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(text)), Header: http.Header{}, Request: r}, nil
}

// times are those of the calls whose method and path begin with what.
func (w *fakeWire) times(what string) (at []time.Duration) {
	for _, c := range w.got() {
		if strings.HasPrefix(c.what, what) {
			at = append(at, c.at)
		}
	}
	return at
}

const (
	askCall    = "GET /.well-known/roentgen-agent"
	rulesCall  = "POST /GetSamplingRules"
	reportCall = "POST /SamplingTargets"
)

// polling runs a poller in a bubble of its own time. Jitter is as large as it
// may be. step is what happens in the bubble.
func polling(t *testing.T, cfg Config, answer func(what string) (int, string, error), step func(tr *Tracing, w *fakeWire)) {
	synctest.Test(t, func(t *testing.T) {
		cfg.LookupEnv, cfg.Logger = emptyEnv, quiet()
		set, err := resolve(cfg)
		if err != nil {
			t.Fatal(err)
		}
		tr := newTracing(set)
		w := &fakeWire{began: time.Now(), answer: answer}
		p := newPoller(tr, w)
		p.jitter = func(below time.Duration) time.Duration { return below }
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { p.run(ctx); close(done) }()
		synctest.Wait()
		step(tr, w)
		stop()
		<-done
	})
}

// busy lets a request arrive each second.
func busy(tr *Tracing, seconds int) {
	for range seconds {
		tr.open(context.Background(), "shop", header{}, request{service: "shop"})
		time.Sleep(time.Second) // of the bubble
		synctest.Wait()
	}
}

func official(what string) (int, string, error) {
	switch what {
	case rulesCall:
		return 200, rulesText(ruleText("all", 1, 2, 0.5, ""), ruleText("Default", 10000, 1, 0.05, "")), nil
	case reportCall:
		return 200, `{"LastRuleModification":1,"SamplingTargetDocuments":[{"RuleName":"all","FixedRate":0.25,"ReservoirQuota":1,"ReservoirQuotaTTL":1e10,"Interval":10}]}`, nil
	}
	return 403, `{"message":"Missing Authentication Token"}`, nil
}

func TestTheAgentIsAskedWhileThereIsTraffic(t *testing.T) {
	polling(t, Config{}, official, func(tr *Tracing, w *fakeWire) {
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if got := fmt.Sprint(w.times("")); got != "[0s]" {
			t.Errorf("without a request it was asked at %s", got)
		}
		w.again()
		busy(tr, 100)
		if got := fmt.Sprint(w.times(askCall)); got != "[0s 27s 54s 1m21s]" {
			t.Errorf("asked at %s", got)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := len(w.times(askCall)); got > 5 {
			t.Errorf("asked %d times more after the last request", got-4)
		}
	})
}

func TestRulesAndReportsKeepTheTimesOfTheOfficialSDKs(t *testing.T) {
	polling(t, Config{SamplingRate: rate(0)}, official, func(tr *Tracing, w *fakeWire) {
		if len(w.times(rulesCall)) > 0 {
			t.Error("rules were fetched before the first decision")
		}
		w.again()
		busy(tr, 700)
		if got := fmt.Sprint(w.times(rulesCall)); got != "[0s 4m55s 9m50s]" {
			t.Errorf("rules fetched at %s", got)
		}
		reports := w.times(reportCall)
		for i, at := range reports {
			if want := time.Duration(i+1) * 10 * time.Second; at != want {
				t.Errorf("report %d at %v, want %v", i, at, want)
			}
		}
		if len(reports) != 70 {
			t.Errorf("%d reports", len(reports))
		}
		var first struct{ SamplingStatisticsDocuments []map[string]any }
		for _, c := range w.got() {
			if c.what == reportCall {
				if err := json.Unmarshal([]byte(c.body), &first); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		// The very first request came before the rules: the local rate decided about it.
		d := first.SamplingStatisticsDocuments[0]
		if len(first.SamplingStatisticsDocuments) != 1 || d["RuleName"] != "all" || len(d["ClientID"].(string)) != 24 || d["RequestCount"] != 9.0 || d["BorrowCount"] != 9.0 || d["SampledCount"] != 0.0 {
			t.Errorf("the first report is %v", first)
		}
		if r := tr.sampler.central.Load().named("all"); r.state.quota != 1 || r.state.rate != 0.25 {
			t.Errorf("the target had no effect: %+v", r.state)
		}
	})
}

func TestRulesHoldForAnHour(t *testing.T) {
	var away atomic.Bool
	polling(t, Config{}, func(what string) (int, string, error) {
		if away.Load() {
			return 0, "", errors.New("away")
		}
		return official(what)
	}, func(tr *Tracing, w *fakeWire) {
		busy(tr, 10)
		away.Store(true)
		time.Sleep(time.Hour - 12*time.Second)
		synctest.Wait()
		if tr.sampler.central.Load() == nil {
			t.Error("the rules have gone too early")
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if tr.sampler.central.Load() != nil {
			t.Error("rules hold that are older than an hour")
		}
		away.Store(false)
		busy(tr, 60)
		if tr.sampler.central.Load() == nil {
			t.Error("the rules have not come back")
		}
	})
}

func TestChangedRulesAreFetchedAtOnce(t *testing.T) {
	polling(t, Config{}, func(what string) (int, string, error) {
		if what == reportCall {
			return 200, `{"LastRuleModification":99999999999}`, nil
		}
		return official(what)
	}, func(tr *Tracing, w *fakeWire) {
		w.again()
		busy(tr, 35)
		if got := fmt.Sprint(w.times(rulesCall)); got != "[0s 10s 20s 30s]" {
			t.Errorf("rules fetched at %s", got)
		}
	})
}

func TestSilenceIsAskedAgainMoreAndMoreSeldom(t *testing.T) {
	polling(t, Config{}, func(string) (int, string, error) { return 0, "", errors.New("refused") }, func(tr *Tracing, w *fakeWire) {
		busy(tr, 200)
		if got := fmt.Sprint(w.times("")[:9]); got != "[0s 250ms 1s 2s 4s 8s 13s 18s 23s]" {
			t.Errorf("asked at %s", got)
		}
		if tr.agent.answer().undecided || tr.sampler.central.Load() != nil {
			t.Error("silence can do something")
		}
	})
}

func TestOneLostAnswerIsNoSilence(t *testing.T) {
	var away atomic.Bool
	polling(t, Config{SamplingRate: rate(0)}, func(what string) (int, string, error) {
		if away.Load() {
			return 0, "", errors.New("refused")
		}
		return 200, `{"agent":"roentgen","undecided":true,"rules":"none"}`, nil
	}, func(tr *Tracing, w *fakeWire) {
		away.Store(true)
		busy(tr, 27)
		if !tr.agent.answer().undecided {
			t.Error("one lost answer was taken for silence")
		}
		busy(tr, 2)
		if tr.agent.answer().undecided {
			t.Error("two lost answers were not taken for silence")
		}
		away.Store(false)
		busy(tr, 10)
		if !tr.agent.answer().undecided {
			t.Error("the agent is back and not believed")
		}
		w.again()
		tr.agent.lost() // the sender found nobody
		if tr.agent.answer().undecided {
			t.Error("the answer of an agent that is away is still believed")
		}
		synctest.Wait()
		if len(w.got()) != 1 || !tr.agent.answer().undecided {
			t.Errorf("it was not asked again at once: %v", w.got())
		}
	})
}

func TestWhoOffersRulesDecidesWhetherTheyAreFetched(t *testing.T) {
	cases := []struct {
		title, answer string
		status        int
		cfg           Config
		polled        bool
	}{
		{"the X-Ray daemon", `{"message":"no"}`, 403, Config{}, true},
		{"the X-Ray daemon, 404", `<html>`, 404, Config{}, true},
		{"somebody else's JSON", `{"agent":"other","rules":"none"}`, 200, Config{}, true},
		{"Roentgen with central rules", `{"agent":"roentgen","rules":"central"}`, 200, Config{}, true},
		{"Roentgen with Default as it came", `{"agent":"roentgen","rules":"default"}`, 200, Config{}, false},
		{"Roentgen without rules", `{"agent":"roentgen","rules":"none"}`, 200, Config{}, false},
		{"rules are turned off", `{"agent":"roentgen","rules":"central"}`, 200, Config{Sampling: SamplingLocal}, false},
		{"rules of the X-Ray daemon are turned off", ``, 404, Config{Sampling: SamplingLocal}, false},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			polling(t, c.cfg, func(what string) (int, string, error) {
				if what == askCall {
					return c.status, c.answer, nil
				}
				return official(what)
			}, func(tr *Tracing, w *fakeWire) {
				busy(tr, 30)
				if polled := len(w.times(rulesCall)) > 0; polled != c.polled || (tr.sampler.central.Load() != nil) != c.polled {
					t.Errorf("calls %v", w.got())
				}
			})
		})
	}
}

func TestRulesThatAreNoLongerOfferedNoLongerHold(t *testing.T) {
	var rules atomic.Pointer[string]
	offer := func(what string) { rules.Store(&what) }
	offer("central")
	polling(t, Config{}, func(what string) (int, string, error) {
		if what == askCall {
			return 200, `{"agent":"roentgen","rules":"` + *rules.Load() + `"}`, nil
		}
		return official(what)
	}, func(tr *Tracing, w *fakeWire) {
		busy(tr, 5)
		if tr.sampler.central.Load() == nil {
			t.Fatal("no rules")
		}
		offer("default")
		busy(tr, 30)
		if tr.sampler.central.Load() != nil {
			t.Error("the rules still hold")
		}
		offer("central")
		busy(tr, 30)
		if tr.sampler.central.Load() == nil {
			t.Error("the rules have not come back")
		}
	})
}

func TestAReportHasAtMost25Rules(t *testing.T) {
	var records []string
	for i := range 60 {
		records = append(records, ruleText(fmt.Sprintf("r%02d", i), 1+i, 1, 0, fmt.Sprintf(`"URLPath":"/%d"`, i)))
	}
	polling(t, Config{}, func(what string) (int, string, error) {
		if what == rulesCall {
			return 200, rulesText(records...), nil
		}
		return official(what)
	}, func(tr *Tracing, w *fakeWire) {
		busy(tr, 1)
		for i := range 60 {
			tr.open(context.Background(), "shop", header{}, request{path: fmt.Sprintf("/%d", i)})
		}
		busy(tr, 20)
		total := 0
		for _, c := range w.got() {
			if c.what == reportCall {
				n := strings.Count(c.body, `"RuleName"`)
				if n > maxReports {
					t.Errorf("%d rules in one report", n)
				}
				total += n
			}
		}
		if total < 60 {
			t.Errorf("%d rules were reported", total)
		}
	})
}

func TestAnAnswerWithoutEndIsNoAnswer(t *testing.T) {
	polling(t, Config{}, func(string) (int, string, error) { return 200, strings.Repeat(" ", maxAnswer+1), nil }, func(tr *Tracing, w *fakeWire) {
		if tr.agent.known.Load() != nil {
			t.Error("it was believed")
		}
	})
}
