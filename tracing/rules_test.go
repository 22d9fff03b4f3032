package tracing

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// ruleText is one record of GetSamplingRules; change is JSON members that
// replace those of a rule for everything.
func ruleText(name string, priority, reservoir int, rate float64, change string) string {
	members := map[string]any{
		"RuleName": name, "RuleARN": "arn:aws:xray:eu-west-1:1:sampling-rule/" + name, "ResourceARN": "*", "Priority": priority, "FixedRate": rate,
		"ReservoirSize": reservoir, "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1,
		"Attributes": map[string]string{},
	}
	var changed map[string]any
	if change != "" {
		if err := json.Unmarshal([]byte("{"+change+"}"), &changed); err != nil {
			panic(err)
		}
	}
	for k, v := range changed {
		members[k] = v
	}
	b, err := json.Marshal(map[string]any{"SamplingRule": members, "CreatedAt": 0.0, "ModifiedAt": 1.5e9})
	if err != nil {
		panic(err)
	}
	return string(b)
}

func rulesText(records ...string) string {
	return `{"NextToken":null,"SamplingRuleRecords":[` + strings.Join(records, ",") + `]}`
}

func rulesOf(t testing.TB, records ...string) *ruleSet {
	t.Helper()
	set, err := parseRules([]byte(rulesText(records...)), "AWS::ECS::Container", nil, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTheFirstRuleThatMatchesDecides(t *testing.T) {
	set := rulesOf(t,
		ruleText("Default", 10000, 1, 0.05, ""),
		ruleText("b", 5, 0, 1, `"URLPath":"/fir/*"`),
		ruleText("a", 5, 0, 1, `"URLPath":"/fir/?"`),
		ruleText("post", 1, 0, 1, `"HTTPMethod":"POST","Host":"*.test:8080"`),
		ruleText("model", 2, 0, 1, `"ServiceName":"gguf*"`),
		ruleText("lambda", 3, 0, 1, `"ServiceType":"AWS::Lambda*","URLPath":"/l"`),
		ruleText("attributes", 1, 0, 1, `"Attributes":{"k":"v"}`),
		ruleText("stage", 1, 0, 1, `"ResourceARN":"arn:aws:apigateway:*"`),
		ruleText("version", 1, 0, 1, `"Version":2`),
		`{"SamplingRule":{"RuleName":"half","Priority":1}}`, `{}`)
	cases := []struct {
		want string
		q    request
	}{
		{"a", request{service: "shop", host: "shop.test", method: "GET", path: "/fir/7"}},
		{"b", request{service: "shop", host: "shop.test", method: "GET", path: "/fir/77"}},
		{"post", request{service: "shop", host: "A.TEST:8080", method: "post", path: "/"}},
		{"model", request{service: "GGUF-server", host: "x", method: "GET", path: "/"}},
		{"Default", request{service: "shop", host: "x", method: "GET", path: "/l"}},
		{"post", request{service: "shop"}}, // what is not known matches
	}
	for _, c := range cases {
		if r := set.first(c.q); r == nil || r.name != c.want {
			t.Errorf("%+v is decided by %+v, want %s", c.q, r, c.want)
		}
	}
	if len(set.rules) != 6 {
		t.Errorf("%d rules were taken", len(set.rules))
	}
}

func TestASpanIsMatchedByWhatItStartsWith(t *testing.T) {
	q := attributeRequest("shop", []attribute.KeyValue{
		attribute.String("http.request.method", "PUT"), attribute.String("url.path", "/x"),
		attribute.String("server.address", "h"), attribute.Int("server.port", 8080)})
	if want := (request{service: "shop", method: "PUT", path: "/x", host: "h:8080"}); q != want {
		t.Errorf("got %+v", q)
	}
	q = attributeRequest("shop", []attribute.KeyValue{
		attribute.String("http.method", "GET"), attribute.String("http.target", "/y?q=1"), attribute.String("net.host.name", "h"), attribute.Int("net.host.port", 443)})
	if want := (request{service: "shop", method: "GET", path: "/y", host: "h"}); q != want {
		t.Errorf("got %+v", q)
	}
}

func TestRulesThatCannotBeReadChangeNothing(t *testing.T) {
	for _, text := range []string{``, `[]`, `{"SamplingRuleRecords":7}`, `{"SamplingRuleRecords":[{"SamplingRule":{"Priority":"x"}}]}`} {
		if _, err := parseRules([]byte(text), "", nil, time.Now()); err == nil {
			t.Errorf("%q passes", text)
		}
	}
}

// drive sends perSecond requests in each of some seconds, from a clock that
// starts at 1000, and returns what was sampled, with certainty and by the rate.
func drive(r *rule, s *sampler, from, seconds, perSecond int) (certain, drawn int, weight float64) {
	for sec := range seconds {
		for n := range perSecond {
			at := time.Unix(int64(from+sec), int64(n)*int64(time.Second)/int64(perSecond))
			d := r.decide(at, s)
			switch {
			case !d.sampled && !d.undecided:
				panic("neither sampled nor undecided")
			case d.sampled && d.probability == 1:
				certain++
			case d.sampled:
				drawn++
			}
			if d.sampled {
				weight += 1 / d.probability
			}
		}
	}
	return certain, drawn, weight
}

func newSampler(p float64) *sampler { return &sampler{rate: p, dice: newDice(seeded())} }

// within fails when got is more than four standard deviations of the binomial
// distribution away: one wrong alarm in 15,000, and none with these seeds.
func within(t *testing.T, what string, got int, n, p float64) {
	t.Helper()
	if bound := 4 * math.Sqrt(n*p*(1-p)); math.Abs(float64(got)-n*p) > bound {
		t.Errorf("%s: %d of %.0f, off by more than %.0f", what, got, n, bound)
	}
}

func TestWithoutALeaseOneTraceASecondIsBorrowed(t *testing.T) {
	s := newSampler(0)
	set := rulesOf(t, ruleText("r", 1, 5, 0.1, ""))
	certain, drawn, weight := drive(set.rules[0], s, 1000, 600, 100)
	if certain != 600 {
		t.Errorf("%d were borrowed in 600 s", certain)
	}
	within(t, "by the rate", drawn, 600*99, 0.1)
	if math.Abs(weight/60000-1) > 0.05 {
		t.Errorf("60000 requests are estimated as %.0f", weight)
	}
	got := set.statistics("c", time.Unix(1600, 0))
	want := []statistics{{RuleName: "r", ClientID: "c", Timestamp: 1600, RequestCount: 60000, SampledCount: int64(drawn), BorrowCount: 600}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("reported %+v, want %+v", got, want)
	}
	if again := set.statistics("c", time.Unix(1700, 0)); again != nil {
		t.Errorf("reported again: %+v", again)
	}
}

func TestALeaseIsUsedUpEachSecondUntilItEnds(t *testing.T) {
	s := newSampler(0)
	set := rulesOf(t, ruleText("r", 1, 50, 0, ""))
	if _, err := set.apply([]byte(`{"SamplingTargetDocuments":[{"RuleName":"r","FixedRate":0.02,"ReservoirQuota":7,"ReservoirQuotaTTL":1299,"Interval":20}]}`), time.Unix(900, 0)); err != nil {
		t.Fatal(err)
	}
	certain, drawn, weight := drive(set.rules[0], s, 1000, 300, 100)
	if certain != 7*300 {
		t.Errorf("%d were sampled within the lease of 7 in 300 s", certain)
	}
	within(t, "by the target's rate", drawn, 300*93, 0.02)
	if math.Abs(weight/30000-1) > 0.15 {
		t.Errorf("30000 requests are estimated as %.0f", weight)
	}
	if st := set.statistics("c", time.Unix(1019, 0)); st == nil || st[0].SampledCount != int64(certain+drawn) || st[0].BorrowCount != 0 {
		t.Errorf("reported %+v", st)
	}
	certain, _, _ = drive(set.rules[0], s, 1300, 10, 100) // it has ended
	if certain != 10 {
		t.Errorf("%d were borrowed in 10 s after the lease", certain)
	}
	if st := set.statistics("c", time.Unix(1030, 0)); st != nil {
		t.Errorf("reported before its interval of 20 s was over: %+v", st)
	}
	certain, _, _ = drive(rulesOf(t, ruleText("none", 1, 0, 0, "")).rules[0], s, 1000, 10, 10)
	if certain != 0 {
		t.Errorf("%d were borrowed from a rule without a reservoir", certain)
	}
}

func TestAQuotaOfZeroIsALease(t *testing.T) {
	set := rulesOf(t, ruleText("r", 1, 5, 0, ""))
	_, err := set.apply([]byte(`{"SamplingTargetDocuments":[{"RuleName":"r","ReservoirQuota":0,"ReservoirQuotaTTL":2000.9},{"RuleName":"unknown"}]}`), time.Unix(900, 0))
	if certain, drawn, _ := drive(set.rules[0], newSampler(0), 1000, 10, 10); err != nil || certain+drawn != 0 {
		t.Errorf("%d and %d, error %v", certain, drawn, err)
	}
}

func TestAnUneditedDefaultYieldsToTheConfiguredRate(t *testing.T) {
	s := newSampler(0.3)
	set := rulesOf(t, ruleText("Default", 10000, 1, 0.05, ""))
	certain, drawn, _ := drive(set.rules[0], s, 1000, 100, 100)
	if certain != 0 {
		t.Errorf("%d came out of the reservoir", certain)
	}
	within(t, "by the configured rate", drawn, 10000, 0.3)
	if st := set.statistics("c", time.Unix(2000, 0)); len(st) != 1 || st[0].RequestCount != 10000 || st[0].SampledCount != int64(drawn) {
		t.Errorf("reported %+v", st)
	}
	edited := rulesOf(t, ruleText("Default", 10000, 1, 0.5, ""))
	certain, drawn, _ = drive(edited.rules[0], s, 1000, 100, 100)
	if certain != 100 {
		t.Errorf("%d came out of the edited one's reservoir", certain)
	}
	within(t, "by the edited one's rate", drawn, 9900, 0.5)
}

func TestANewFetchKeepsLeasesAndCounts(t *testing.T) {
	set := rulesOf(t, ruleText("r", 1, 5, 0, ""), ruleText("gone", 2, 5, 0, ""))
	if _, err := set.apply([]byte(`{"SamplingTargetDocuments":[{"RuleName":"r","ReservoirQuota":2,"ReservoirQuotaTTL":2000}]}`), time.Unix(900, 0)); err != nil {
		t.Fatal(err)
	}
	drive(set.rules[0], newSampler(0), 1000, 10, 10)
	next, err := parseRules([]byte(rulesText(ruleText("r", 9, 6, 0.25, ""), ruleText("new", 1, 0, 0, ""))), "", set, time.Unix(1010, 0))
	if err != nil {
		t.Fatal(err)
	}
	r := next.named("r")
	if certain, _, _ := drive(r, newSampler(0), 1010, 10, 10); certain != 20 || r.state.rate != 0.25 {
		t.Errorf("%d sampled within the lease, rate %v", certain, r.state.rate)
	}
	if st := next.statistics("c", time.Unix(1020, 0)); len(st) != 1 || st[0].RequestCount != 200 {
		t.Errorf("reported %+v", st)
	}
}

func TestAnAnswerTellsWhetherTheRulesAreStale(t *testing.T) {
	fetched := time.Unix(1000, 5e8)
	for text, want := range map[string]bool{
		`{"LastRuleModification":999.9}`: false,
		`{"LastRuleModification":1000}`:  true,
		`{}`:                             false,
		`{"UnprocessedStatistics":[{"RuleName":"r","ErrorCode":"404"}]}`:        true,
		`{"UnprocessedStatistics":[{"RuleName":"r","ErrorCode":"500"}]}`:        false,
		`{"LastRuleModification":1,"SamplingTargetDocuments":[{"Interval":0}]}`: false,
	} {
		if stale, err := rulesOf(t).apply([]byte(text), fetched); stale != want || err != nil {
			t.Errorf("%s: %v, %v", text, stale, err)
		}
	}
	if _, err := rulesOf(t).apply([]byte(`<html>`), fetched); err == nil {
		t.Error("what is no JSON passes")
	}
}

func FuzzRules(f *testing.F) {
	f.Add([]byte(rulesText(ruleText("r", 1, 5, 0.1, ""))), []byte(`{"SamplingTargetDocuments":[{"RuleName":"r","FixedRate":1,"ReservoirQuota":3,"ReservoirQuotaTTL":1e9,"Interval":10}]}`))
	f.Fuzz(func(t *testing.T, rules, answer []byte) {
		set, err := parseRules(rules, "", nil, time.Unix(1, 0))
		if err != nil {
			return
		}
		_, _ = set.apply(answer, time.Unix(1, 0))
		if r := set.first(request{path: "/x"}); r != nil {
			r.decide(time.Unix(2, 0), newSampler(0.5))
		}
		set.statistics("c", time.Unix(100, 0))
	})
}
