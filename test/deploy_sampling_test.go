package test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-xray-sdk-go/daemoncfg"
	awssampling "github.com/aws/aws-xray-sdk-go/strategy/sampling"
	"github.com/zclconf/go-cty/cty"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/sampling"
)

// rulesOf reads the sampling rules of a plan.
func rulesOf(list []planned) (rules []roentgen.Rule) {
	for _, r := range ofKind(list, "aws_xray_sampling_rule") {
		rules = append(rules, roentgen.Rule{
			Name: r.text("rule_name"), Priority: int(r.number("priority")), FixedRate: r.number("fixed_rate"),
			ReservoirSize: int(r.number("reservoir_size")), ServiceName: r.text("service_name"), ServiceType: r.text("service_type"),
			Host: r.text("host"), HTTPMethod: r.text("http_method"), URLPath: r.text("url_path"), ResourceARN: r.text("resource_arn"),
			Version: int(r.number("version")),
		})
	}
	return rules
}

const defaultRuleName = "afirgen-default-sampling"

func defaultRule(t *testing.T, list []planned) roentgen.Rule {
	t.Helper()
	rules := rulesOf(list)
	i := slices.IndexFunc(rules, func(r roentgen.Rule) bool { return r.Name == defaultRuleName })
	if i < 0 {
		t.Fatalf("there is no rule %s", defaultRuleName)
	}
	return rules[i]
}

// checkRules holds rules against X-Ray's bounds, and wants none but the probes' before the default, with no reservoir
// anywhere.
func checkRules(list []planned) (found []string) {
	say := func(r roentgen.Rule, says string) { found = append(found, "the rule "+r.Name+" "+says) }
	for _, r := range rulesOf(list) {
		if len(r.Name) < 1 || len(r.Name) > 32 || r.Priority < 1 || r.Priority > 9999 || r.FixedRate < 0 || r.FixedRate > 1 || r.Version != 1 ||
			len(r.ServiceName) > 64 || len(r.Host) > 64 || len(r.HTTPMethod) > 10 || len(r.URLPath) > 128 || len(r.ResourceARN) > 500 {
			say(r, "is out of X-Ray's bounds")
		}
		if r.ReservoirSize != 0 {
			say(r, "has a reservoir: at a thousand requests a day that is nearly all of them")
		}
		probe := slices.Contains([]string{"/health", "/livez", "/readyz"}, r.URLPath) && r.FixedRate == 0
		if r.Name != defaultRuleName && !probe {
			say(r, "decides about more than probes, before the default does: a rule sees no status, so it cannot be about errors")
		}
	}
	return found
}

// asked is an AWS SDK that fetches the rules as it does from an agent, and decides by them.
type asked struct {
	strategy *awssampling.CentralizedStrategy
}

// askSDK gives the rules to AWS's SDK for Go, through our own sampling service.
func askSDK(t *testing.T, rules []roentgen.Rule) asked {
	t.Helper()
	quietSDK()
	server := httptest.NewServer(rulesOverHTTP(t, rules))
	t.Cleanup(server.Close)
	endpoints, err := daemoncfg.GetDaemonEndpointsFromString(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	strategy, err := awssampling.NewCentralizedStrategy()
	if err != nil {
		t.Fatal(err)
	}
	strategy.LoadDaemonEndpoints(endpoints)
	eventually(t, func() error {
		if d := strategy.ShouldTrace(&awssampling.Request{ServiceName: "another"}); d.Rule == nil {
			return errors.New("the SDK has not fetched the rules yet")
		}
		return nil
	})
	return asked{strategy}
}

// fixedRules are rules that do not change, as Rules of a sampling service.
type fixedRules []roentgen.Rule

func (f fixedRules) Rules(context.Context) ([]roentgen.Rule, roentgen.Time, error) {
	rules := append(slices.Clone(f), roentgen.DefaultRule())
	slices.SortFunc(rules, sampling.ByPriority)
	return rules, roentgen.At(time.Now()), nil
}

func serviceOf(t *testing.T, rules []roentgen.Rule) *sampling.Service {
	t.Helper()
	for _, r := range rules {
		if err := sampling.Check(r); err != nil {
			t.Fatal(err)
		}
	}
	return sampling.New(fixedRules(rules), sampling.Config{})
}

// rulesOverHTTP answers GetSamplingRules.
func rulesOverHTTP(t *testing.T, rules []roentgen.Rule) http.Handler {
	service := serviceOf(t, rules)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		all, err := service.Rules(r.Context())
		if err != nil || r.URL.Path != "/GetSamplingRules" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		var records []any
		for _, r := range all {
			records = append(records, map[string]any{"SamplingRule": map[string]any{
				"RuleName": r.Name, "Priority": r.Priority, "FixedRate": r.FixedRate, "ReservoirSize": r.ReservoirSize, "ServiceName": r.ServiceName,
				"ServiceType": r.ServiceType, "Host": r.Host, "HTTPMethod": r.HTTPMethod, "URLPath": r.URLPath, "ResourceARN": r.ResourceARN, "Version": 1,
			}})
		}
		json.NewEncoder(w).Encode(map[string]any{"SamplingRuleRecords": records})
	})
}

// draws is how often a decision is asked for.
const draws = 20_000

// decide asks about many requests of one kind, and returns the rule that decided and how many are recorded.
func (a asked) decide(t *testing.T, service, method, path string) (rule string, recorded int) {
	t.Helper()
	request := awssampling.Request{Host: "fir.example.in", Method: method, URL: path, ServiceName: service, ServiceType: "AWS::ECS::Container"}
	for range draws {
		d := a.strategy.ShouldTrace(&request)
		if d.Rule == nil || rule != "" && rule != *d.Rule {
			t.Fatalf("%s %s of %s is decided by no rule, or by one after another", method, path, service)
		}
		if rule = *d.Rule; d.Sample {
			recorded++
		}
	}
	return rule, recorded
}

// wantShare allows six standard deviations: by chance it fails once in 500 million runs.
func wantShare(t *testing.T, what string, recorded int, rate float64) {
	t.Helper()
	allowed := 6 * math.Sqrt(draws*rate*(1-rate))
	if math.Abs(float64(recorded)-draws*rate) > allowed {
		t.Errorf("%s: %d of %d are recorded, want %.0f ± %.0f", what, recorded, draws, draws*rate, allowed)
	}
}

func planOf(t *testing.T, deploy, environment string) []planned {
	t.Helper()
	list, err := planDeploy(deploy, environment, nil)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSamplingRuleIsTenPercentInProduction(t *testing.T) { sampledAt(t, "prod", 0.1) }

func TestSamplingRuleIsEverythingInDevelopment(t *testing.T) { sampledAt(t, "dev", 1) }

func sampledAt(t *testing.T, environment string, rate float64) {
	rules := rulesOf(planOf(t, ours, environment))
	a := askSDK(t, rules)
	for _, service := range services {
		for _, path := range []string{"/process", "/session/{id}/status", "/inference", "/healthy"} {
			rule, recorded := a.decide(t, "afirgen-"+service, "POST", path)
			if rule != defaultRuleName {
				t.Errorf("%s of %s is decided by %s", path, service, rule)
			}
			wantShare(t, environment+" "+service+path, recorded, rate)
		}
		for _, probe := range []string{"/health", "/livez", "/readyz"} {
			if rule, recorded := a.decide(t, "afirgen-"+service, "GET", probe); recorded > 0 || rule != "afirgen-probe-"+probe[1:] {
				t.Errorf("the probe %s of %s is recorded %d times, by %s", probe, service, recorded, rule)
			}
		}
	}
	if rule, _ := a.decide(t, "shop", "POST", "/process"); rule != roentgen.DefaultRuleName {
		t.Errorf("another service is decided about by %s", rule)
	}
	wantLent(t, rules, 0)
}

// wantLent asks for targets as an SDK does, and wants so many requests a second lent of each of our rules.
func wantLent(t *testing.T, rules []roentgen.Rule, quota int) {
	t.Helper()
	service := serviceOf(t, rules)
	for _, r := range rules {
		answer, err := service.Report(t.Context(), []sampling.Statistics{{Rule: r.Name, Client: "0123456789abcdef01234567", At: roentgen.At(time.Now()), Requests: 10}}, nil)
		if err != nil || len(answer.Targets) != 1 {
			t.Fatalf("targets of %s: %+v, %v", r.Name, answer, err)
		}
		if got := answer.Targets[0]; got.Quota != quota || got.FixedRate != r.FixedRate {
			t.Errorf("of %s a client may record %d a second and then %v, want %d and %v", r.Name, got.Quota, got.FixedRate, quota, r.FixedRate)
		}
	}
}

// errorRule is what the original had: 100 % "of errors", before the default.
const errorRule = `resource "aws_xray_sampling_rule" "errors" {
  rule_name      = "afirgen-error-sampling"
  priority       = 100
  version        = 1
  reservoir_size = 1
  fixed_rate     = 1.0
  service_name   = "afirgen-*"
  service_type   = "*"
  host           = "*"
  http_method    = "*"
  url_path       = "*"
  resource_arn   = "*"
}

# No reservoir:`

// TestNoRuleDecidesByErrors: no rule can, so none may pretend to. On a copy with the original's rule, every request is
// recorded, and the 10 % are dead.
func TestNoRuleDecidesByErrors(t *testing.T) {
	const file = "terraform/modules/tracing/sampling.tf"
	for _, environment := range []string{"dev", "prod"} {
		hold(t, checkPlan(checkRules, environment),
			flaw{"a rule for errors", file, "# No reservoir:", errorRule, "afirgen-error-sampling decides about more than probes"},
			flaw{"a reservoir", file, "reservoir_size = 0\n  fixed_rate     = local", "reservoir_size = 1\n  fixed_rate     = local", "has a reservoir"},
			flaw{"a name that X-Ray refuses", file, "afirgen-probe-${each.key}", "afirgen-probe-of-an-orchestrator-${each.key}", "out of X-Ray's bounds"},
		)
	}
	with := broken(t, file, "# No reservoir:", errorRule)
	if problems := checkForm(with); len(problems) > 0 {
		t.Errorf("the copy is damaged otherwise too: %q", problems)
	}
	rule, recorded := askSDK(t, rulesOf(planOf(t, with, "prod"))).decide(t, "afirgen-main-backend", "POST", "/process")
	if rule != "afirgen-error-sampling" || recorded != draws {
		t.Errorf("with a rule for errors %d of %d requests are recorded, by %s; want all", recorded, draws, rule)
	}
}

// groupsOf reads the groups of a plan: name → expression.
func groupsOf(list []planned) map[string]string {
	groups := map[string]string{}
	for _, g := range ofKind(list, "aws_xray_group") {
		groups[g.text("group_name")] = g.text("filter_expression")
	}
	return groups
}

// TestTheGroupHoldsTheThreeServices: each expression parses as X-Ray's do; a server that has the groups puts the traces
// of the three services in, and no others.
func TestTheGroupHoldsTheThreeServices(t *testing.T) {
	list := planOf(t, ours, "prod")
	groups := groupsOf(list)
	story := newGroupStory(t)
	defer func() { story.server.stop(t) }()
	for name, expression := range groups {
		if e, err := filter.ParseGroup(expression); err != nil || strings.Contains(e.String(), "*") {
			t.Errorf("%s: %s: %v", name, expression, err)
		}
		story.create(name, expression)
	}
	for _, service := range services {
		story.trace("afirgen-"+service, "")
	}
	story.trace("afirgen-gguf-server", `,"fault":true`)
	story.trace("shop", `,"fault":true`)
	story.trace("afirgen-main-backend-2", ``)

	story.wantMembers("with all traces", "afirgen-services", 4, false)
	story.wantMembers("with all traces", "afirgen-faults", 1, false)
	story.wantFound("as the module has it,", groups["afirgen-services"], 4)
	story.wantFound("as the original had it,", `service("afirgen-*")`, 0) // a service of that very name
	for _, g := range ofKind(list, "aws_xray_group") {
		insights := g.values["insights_configuration"].AsValueSlice()[0].GetAttr("insights_enabled")
		if want := cty.BoolVal(g.text("group_name") == "afirgen-services"); !insights.RawEquals(want) {
			t.Errorf("insights of %s are %v", g.text("group_name"), insights.True())
		}
	}
	if len(groups) != 2 {
		t.Errorf("there are %d groups", len(groups))
	}
	if _, err := filter.ParseGroup(fmt.Sprintf("service(%s)", "afirgen-*")); err == nil {
		t.Error("a name without quotation marks parses")
	}
}
