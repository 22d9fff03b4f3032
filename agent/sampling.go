package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/roentgen/roentgen/agent/upstream"
)

// Paths of the sampling API.
const (
	pathRules   = "/GetSamplingRules"
	pathTargets = "/SamplingTargets"
)

// maxQuestionBytes bounds one request that is passed on.
const maxQuestionBytes = 1 << 20

// samplingRules answers the upstream's rules, and those that were last known
// while the upstream is away.
func (a *Agent) samplingRules(w http.ResponseWriter, r *http.Request) {
	question, done, ok := a.body(w, r, maxQuestionBytes)
	if !ok {
		return
	}
	defer done()
	got, err := a.askRules(r.Context(), question)
	if err != nil || got.Status >= http.StatusInternalServerError {
		held, _ := a.rules.held()
		if held == nil {
			a.relay(w, got, err)
			return
		}
		got = &upstream.Answer{Status: http.StatusOK, Body: held}
	}
	a.relayCaptured(w, r, got)
}

// askRules asks the upstream and learns from what it says.
func (a *Agent) askRules(ctx context.Context, question []byte) (*upstream.Answer, error) {
	got, err := a.ask(ctx, pathRules, question)
	if err == nil && got.Status == http.StatusOK {
		if err := a.rules.learn(got.Body); err != nil {
			return nil, fmt.Errorf("read the upstream's sampling rules: %w", err)
		}
	}
	return got, err
}

// samplingTargets passes statistics on, and the answer back.
func (a *Agent) samplingTargets(w http.ResponseWriter, r *http.Request) {
	question, done, ok := a.body(w, r, maxQuestionBytes)
	if !ok {
		return
	}
	defer done()
	got, err := a.ask(r.Context(), pathTargets, question)
	if err != nil {
		a.relay(w, nil, err)
		return
	}
	a.relayCaptured(w, r, got)
}

// passOn is for paths of which the agent knows nothing.
func (a *Agent) passOn(w http.ResponseWriter, r *http.Request) {
	question, done, ok := a.body(w, r, maxQuestionBytes)
	if !ok {
		return
	}
	defer done()
	got, err := a.ask(r.Context(), r.URL.Path, question)
	a.relay(w, got, err)
}

func (a *Agent) ask(ctx context.Context, path string, question []byte) (*upstream.Answer, error) {
	if a.cfg.Ask == nil {
		return nil, fmt.Errorf("pass %s on: this agent has no upstream that answers it", path)
	}
	got, err := a.cfg.Ask.Do(ctx, path, question)
	a.tellRefusal(path, got, err)
	return got, err
}

// refusals are of the questions that are passed on, by their path.
type refusals struct {
	sync.Mutex
	rules, targets, others spell
}

// tellRefusal says in the log that this agent is not let in with a question,
// and why: SDKs that get no answer go on by themselves, so that nobody else says so.
func (a *Agent) tellRefusal(path string, got *upstream.Answer, err error) {
	var refusal *upstream.Error
	if errors.As(err, &refusal) && !refusal.Config {
		return // it is away, of which the sender speaks
	}
	if err == nil {
		refusal = got.Refusal
	}
	a.refusals.Lock()
	defer a.refusals.Unlock()
	of := &a.refusals.others
	switch path {
	case pathRules:
		of = &a.refusals.rules
	case pathTargets:
		of = &a.refusals.targets
	}
	switch {
	case refusal == nil && err == nil && of.ends():
		a.cfg.Logger.Info("the upstream answers questions of sampling again", "path", path)
	case refusal != nil && of.begins(a.cfg.Now(), refusal.Code+refusal.Category.String()):
		a.cfg.Logger.Error("the upstream refuses a question of sampling; SDKs keep the rules that they have, or their own rate", "path", path, "error", refusal)
	}
}

// relay answers what the upstream answered, or that it did not.
func (a *Agent) relay(w http.ResponseWriter, got *upstream.Answer, err error) {
	if err != nil || got == nil {
		unavailable(w, fmt.Sprintf("the upstream does not answer: %v", err))
		return
	}
	for key, values := range got.Header {
		w.Header()[key] = values
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(got.Status)
	w.Write(got.Body)
}

// relayCaptured is relay, where rules that are captured have the rate 1 for
// SDKs that do not hand over what they did not sample.
func (a *Agent) relayCaptured(w http.ResponseWriter, r *http.Request, got *upstream.Answer) {
	captured := a.rules.view.Load().captured
	if got.Status == http.StatusOK && len(captured) > 0 && r.Header.Get(headerUndecided) != "1" {
		if changed, err := atRateOne(got.Body, captured); err == nil {
			with := *got
			with.Body = changed
			got = &with
		}
	}
	a.relay(w, got, nil)
}

// atRateOne writes 1 for the FixedRate of the rules named, wherever they stand
// in an answer to one of the two questions.
func atRateOne(text []byte, names map[string]float64) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var page map[string]any
	if err := d.Decode(&page); err != nil {
		return nil, err
	}
	for _, list := range []string{"SamplingRuleRecords", "SamplingTargetDocuments"} {
		records, _ := page[list].([]any)
		for _, record := range records {
			rule, _ := record.(map[string]any)
			if inner, ok := rule["SamplingRule"].(map[string]any); ok {
				rule = inner
			}
			name, _ := rule["RuleName"].(string)
			if _, captured := names[name]; captured {
				rule["FixedRate"] = 1
			}
		}
	}
	return json.Marshal(page)
}

// How often the agent asks for rules by itself: SDKs are told what kind there
// are, and captured rules have a rate that has to be known.
const (
	rulesEvery  = 5 * time.Minute
	rulesSooner = 10 * time.Second // of a Roentgen server: SDKs ask for nothing before its first rule; and while there was no answer, or rules are captured
)

// keepRules asks for rules until ctx ends.
func (a *Agent) keepRules(ctx context.Context) error {
	if a.cfg.Ask == nil {
		return nil
	}
	for {
		got, err := a.askRules(ctx, []byte("{}"))
		pause := rulesEvery
		if a.cfg.Roentgen || err != nil || got.Status != http.StatusOK || len(a.rules.view.Load().captured) > 0 {
			pause = rulesSooner
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}
