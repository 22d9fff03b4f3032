package test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// alertRule is an alert of deploy/prometheus.
type alertRule struct {
	Alert, Expr, For    string
	Labels, Annotations map[string]string
}

// alertRules reads deploy/prometheus/rules.
func alertRules(t *testing.T, deploy string) (rules []alertRule, files []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(deploy, "prometheus", "rules", "*.yml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no rules: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Groups []struct{ Rules []alertRule } }
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, g := range file.Groups {
			rules = append(rules, g.Rules...)
		}
	}
	return rules, files
}

// bad is what makes an alert ring: series of 30 minutes in Prometheus' notation, and the labels that the alert then has
// beside those of its rule. What is not said stays as it is when all is well.
type bad struct {
	series map[string]string
	labels map[string]string
}

// well is a deployment in which nothing is wrong.
var well = map[string]string{
	`up{job="afirgen-main-backend",service="afirgen-main-backend",instance="b"}`:                                      "1x60",
	`up{job="roentgen",service="roentgen",instance="r"}`:                                                              "1x60",
	`up{job="roentgen-agent",service="roentgen-agent",instance="a"}`:                                                  "1x60",
	`api_requests_total{service="afirgen-main-backend",endpoint="/process",method="POST",status="200"}`:               "0+100x60",
	`api_requests_total{service="afirgen-main-backend",endpoint="/process",method="POST",status="500"}`:               "0+1x60",
	`api_request_duration_seconds_bucket{service="afirgen-main-backend",endpoint="/process",method="POST",le="30"}`:   "0+100x60",
	`api_request_duration_seconds_bucket{service="afirgen-main-backend",endpoint="/process",method="POST",le="60"}`:   "0+100x60",
	`api_request_duration_seconds_bucket{service="afirgen-main-backend",endpoint="/process",method="POST",le="+Inf"}`: "0+100x60",
	`fir_generations_total{service="afirgen-main-backend",status="failure"}`:                                          "0x20 1x40",
	`api_errors_total{service="afirgen-main-backend",error_type="store_failed"}`:                                      "0x20 2x40",
	`db_pool_wait_seconds_total{service="afirgen-main-backend"}`:                                                      "0+0.1x60",
	`rate_limit_events_total{service="afirgen-main-backend",result="limited"}`:                                        "0+1x60",
	`rate_limit_events_total{service="afirgen-main-backend",result="allowed"}`:                                        "0+1000x60",
	`authentication_refused_total{service="afirgen-main-backend",reason="wrong_key"}`:                                 "0+1x60",
	`model_inference_duration_seconds_sum{service="afirgen-main-backend",model="summariser"}`:                         "0+10x60",
	`model_inference_duration_seconds_count{service="afirgen-main-backend",model="summariser"}`:                       "0+5x60",
	`model_inferences_total{service="afirgen-main-backend",model="summariser",success="true"}`:                        "0+99x60",
	`model_inferences_total{service="afirgen-main-backend",model="summariser",success="false"}`:                       "0+1x60",
	`circuit_breaker_state{service="afirgen-main-backend",server="model_server"}`:                                     "0x20 2 1 0x40",
	`model_server_availability{service="afirgen-main-backend",server="model_server"}`:                                 "1x60",
	`tracing_lost_total{service="afirgen-main-backend",reason="send_error"}`:                                          "7x60",
	`roentgen_ledger_difference{service="roentgen-agent",instance="a"}`:                                               "0x60",
	`roentgen_ledger_lost_total{service="roentgen-agent",instance="a",cause="killed"}`:                                "3x60",
	`roentgen_agent_kernel_drops_total{service="roentgen-agent",instance="a"}`:                                        "5x60",
	`roentgen_agent_spool_bytes{service="roentgen-agent",instance="a"}`:                                               "10x60",
	`roentgen_agent_spool_capacity_bytes{service="roentgen-agent",instance="a"}`:                                      "100x60",
	`roentgen_ledger_waiting{service="roentgen-agent",instance="a",place="spool"}`:                                    "0x60",
	`roentgen_ledger_waiting{service="roentgen-agent",instance="a",place="ring"}`:                                     "100x60",
	`roentgen_upstream_last_success_timestamp_seconds{service="roentgen-agent",instance="a"}`:                         "0+30x60",
	`roentgen_agent_shed_ratio{service="roentgen-agent",instance="a"}`:                                                "0x60",
	`roentgen_agent_ring_horizon_seconds{service="roentgen-agent",instance="a"}`:                                      "300x60",
	`roentgen_agent_notices_total{service="roentgen-agent",instance="a",direction="missed"}`:                          "2x60",
	`roentgen_agent_notices_total{service="roentgen-agent",instance="a",direction="sent"}`:                            "0+5x60",
	`roentgen_agent_trigger_over_quota_total{service="roentgen-agent",instance="a",trigger="fault"}`:                  "1x60",
	`roentgen_documents_lost_total{service="roentgen",instance="r",door="http",cause="store_failed"}`:                 "4x60",
	`roentgen_documents_rejected_total{service="roentgen",instance="r",door="http",code="MissingId"}`:                 "0x20 3x40",
	`roentgen_api_requests_total{service="roentgen",instance="r",action="PutTraceSegments",status="200"}`:             "0+100x60",
	`roentgen_api_requests_total{service="roentgen",instance="r",action="PutTraceSegments",status="500"}`:             "0+1x60",
	`roentgen_store_damage{service="roentgen",instance="r"}`:                                                          "0x60",
	`roentgen_agents_unbalanced{service="roentgen",instance="r"}`:                                                     "0x60",
	`roentgen_agent_seen_timestamp_seconds{service="roentgen",instance="r",agent="01",host="h"}`:                      "0+30x60",
	`roentgen_log_sync_seconds_bucket{service="roentgen",instance="r",le="0.4096"}`:                                   "0+100x60",
	`roentgen_log_sync_seconds_bucket{service="roentgen",instance="r",le="0.8192"}`:                                   "0+100x60",
	`roentgen_log_sync_seconds_bucket{service="roentgen",instance="r",le="+Inf"}`:                                     "0+100x60",
	`roentgen_auth_refused_total{service="roentgen",instance="r",way="bearer",reason="unknown"}`:                      "0+0.1x60",
}

const (
	ofBackend = `service="afirgen-main-backend"`
	ofAgent   = `service="roentgen-agent",instance="a"`
	ofServer  = `service="roentgen",instance="r"`
)

var (
	backendLabels = map[string]string{"service": "afirgen-main-backend"}
	agentLabels   = map[string]string{"service": "roentgen-agent", "instance": "a"}
	modelServer   = map[string]string{"service": "afirgen-main-backend", "server": "model_server"}
)

func and(labels map[string]string, name, value string) map[string]string {
	more := maps.Clone(labels)
	more[name] = value
	return more
}

// wrong is how each alert is made to ring.
var wrong = map[string]bad{
	"AFIRGenServiceDown": {map[string]string{`up{job="afirgen-main-backend",` + ofBackend + `,instance="b"}`: "1x20 0x40"},
		map[string]string{"job": "afirgen-main-backend", "service": "afirgen-main-backend", "instance": "b"}},
	"AFIRGenErrorRate": {map[string]string{`api_requests_total{` + ofBackend + `,endpoint="/process",method="POST",status="500"}`: "0+10x60"}, backendLabels},
	"AFIRGenSlow": {map[string]string{`api_request_duration_seconds_bucket{` + ofBackend + `,endpoint="/process",method="POST",le="30"}`: "0+90x60"},
		and(backendLabels, "endpoint", "/process")},
	"AFIRGenReportsNotDrafted":  {map[string]string{`fir_generations_total{` + ofBackend + `,status="failure"}`: "0+1x60"}, and(backendLabels, "status", "failure")},
	"AFIRGenDatabaseFailures":   {map[string]string{`api_errors_total{` + ofBackend + `,error_type="store_failed"}`: "0+2x60"}, backendLabels},
	"AFIRGenDatabaseWaits":      {map[string]string{`db_pool_wait_seconds_total{` + ofBackend + `}`: "0+60x60"}, backendLabels},
	"AFIRGenRateLimited":        {map[string]string{`rate_limit_events_total{` + ofBackend + `,result="limited"}`: "0+20x60"}, backendLabels},
	"AFIRGenUnauthorized":       {map[string]string{`authentication_refused_total{` + ofBackend + `,reason="wrong_key"}`: "0+10x60"}, backendLabels},
	"AFIRGenModelSlow":          {map[string]string{`model_inference_duration_seconds_sum{` + ofBackend + `,model="summariser"}`: "0+60x60"}, map[string]string{"model": "summariser"}},
	"AFIRGenModelFails":         {map[string]string{`model_inferences_total{` + ofBackend + `,model="summariser",success="false"}`: "0+20x60"}, map[string]string{"model": "summariser"}},
	"AFIRGenBreakerOpen":        {map[string]string{`circuit_breaker_state{` + ofBackend + `,server="model_server"}`: "0x20 2x40"}, modelServer},
	"AFIRGenNeighbourUnhealthy": {map[string]string{`model_server_availability{` + ofBackend + `,server="model_server"}`: "1x20 0x40"}, modelServer},
	"AFIRGenTracesNotSent":      {map[string]string{`tracing_lost_total{` + ofBackend + `,reason="send_error"}`: "7x20 7+1x40"}, backendLabels},

	"RoentgenAgentDown":        {map[string]string{`up{job="roentgen-agent",` + ofAgent + `}`: "1x20 0x40"}, and(agentLabels, "job", "roentgen-agent")},
	"RoentgenLedgerOff":        {map[string]string{`roentgen_ledger_difference{` + ofAgent + `}`: "0x20 -1x40"}, agentLabels},
	"RoentgenDocumentsLost":    {map[string]string{`roentgen_ledger_lost_total{` + ofAgent + `,cause="killed"}`: "3x50 4x10"}, and(agentLabels, "cause", "killed")},
	"RoentgenKernelDrops":      {map[string]string{`roentgen_agent_kernel_drops_total{` + ofAgent + `}`: "5x50 6x10"}, agentLabels},
	"RoentgenSpoolFilling":     {map[string]string{`roentgen_agent_spool_bytes{` + ofAgent + `}`: "0+2x60"}, agentLabels},
	"RoentgenUpstreamAway":     {map[string]string{`roentgen_ledger_waiting{` + ofAgent + `,place="spool"}`: "9x60", `roentgen_upstream_last_success_timestamp_seconds{` + ofAgent + `}`: "600x60"}, and(agentLabels, "place", "spool")},
	"RoentgenShedding":         {map[string]string{`roentgen_agent_shed_ratio{` + ofAgent + `}`: "0x20 0.1x40"}, agentLabels},
	"RoentgenRingShort":        {map[string]string{`roentgen_agent_ring_horizon_seconds{` + ofAgent + `}`: "59x60"}, agentLabels},
	"RoentgenNoticesMissed":    {map[string]string{`roentgen_agent_notices_total{` + ofAgent + `,direction="missed"}`: "2x50 3x10"}, agentLabels},
	"RoentgenTriggerOverQuota": {map[string]string{`roentgen_agent_trigger_over_quota_total{` + ofAgent + `,trigger="fault"}`: "1x50 2x10"}, and(agentLabels, "trigger", "fault")},

	"RoentgenServerDown":       {map[string]string{`up{job="roentgen",` + ofServer + `}`: "1x20 0x40"}, map[string]string{"job": "roentgen", "service": "roentgen", "instance": "r"}},
	"RoentgenAgentsUnbalanced": {map[string]string{`roentgen_agents_unbalanced{` + ofServer + `}`: "0x20 1x40"}, map[string]string{"service": "roentgen", "instance": "r"}},
	"RoentgenAgentSilent": {map[string]string{`roentgen_agent_seen_timestamp_seconds{` + ofServer + `,agent="01",host="h"}`: "1000x60"},
		map[string]string{"service": "roentgen", "instance": "r", "agent": "01", "host": "h"}},
	"RoentgenStoreFails": {map[string]string{`roentgen_documents_lost_total{` + ofServer + `,door="http",cause="store_failed"}`: "4x55 5x5"},
		map[string]string{"door": "http", "cause": "store_failed"}},
	"RoentgenDocumentsRejected": {map[string]string{`roentgen_documents_rejected_total{` + ofServer + `,door="http",code="MissingId"}`: "0+2x60"},
		map[string]string{"door": "http", "code": "MissingId"}},
	"RoentgenAPIErrors":    {map[string]string{`roentgen_api_requests_total{` + ofServer + `,action="PutTraceSegments",status="500"}`: "0+10x60"}, map[string]string{}},
	"RoentgenStoreDamaged": {map[string]string{`roentgen_store_damage{` + ofServer + `}`: "0x50 1x10"}, map[string]string{"service": "roentgen", "instance": "r"}},
	"RoentgenDiskSlow":     {map[string]string{`roentgen_log_sync_seconds_bucket{` + ofServer + `,le="0.4096"}`: "0+50x60"}, map[string]string{"instance": "r"}},
	"RoentgenRefused":      {map[string]string{`roentgen_auth_refused_total{` + ofServer + `,way="bearer",reason="unknown"}`: "0+5x60"}, map[string]string{"way": "bearer", "reason": "unknown"}},
}

// promtool runs Debian's.
func promtool(args ...string) error {
	if out, err := exec.Command("promtool", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("promtool %s: %w\n%s", strings.Join(args[:2], " "), err, out)
	}
	return nil
}

func TestTheConfigurationAndTheRulesOfPrometheus(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(ours, "prometheus"))); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "api_key"), []byte("a key\n"))
	if err := promtool("check", "config", filepath.Join(dir, "prometheus.yml")); err != nil {
		t.Error(err)
	}
	rules, files := alertRules(t, ours)
	if err := promtool(append([]string{"check", "rules", "--lint=all", "--lint-fatal"}, files...)...); err != nil {
		t.Error(err)
	}
	for _, r := range rules {
		if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) || !strings.HasSuffix(r.Annotations["summary"], ".") || len(r.Annotations["runbook"]) < 40 {
			t.Errorf("%s has no severity, no summary, or no runbook: %+v", r.Alert, r)
		}
		if _, tried := wrong[r.Alert]; !tried {
			t.Errorf("no test makes %s ring", r.Alert)
		}
	}
	if len(rules) != len(wrong) {
		t.Errorf("there are %d alerts, and %d are tried", len(rules), len(wrong))
	}
}

// ruleTest is one test of promtool's.
type ruleTest struct {
	Interval string              `json:"interval"`
	Name     string              `json:"name"`
	Series   []map[string]string `json:"input_series"`
	Alerts   []ruleExpectation   `json:"alert_rule_test"`
}

type ruleExpectation struct {
	At        string `json:"eval_time"`
	Alert     string `json:"alertname"`
	Expected_ []any  `json:"exp_alerts"`
}

// inTheEnd is the series of a deployment in which some are not well.
func inTheEnd(unwell map[string]string) (series []map[string]string) {
	all := maps.Clone(well)
	maps.Copy(all, unwell)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		series = append(series, map[string]string{"series": name, "values": all[name]})
	}
	return series
}

// TestEveryAlertRingsWhenItShouldAndNotWhenAllIsWell has Prometheus evaluate the rules over half an hour in which all is
// well, and over one in which everything that is watched goes wrong: each alert then rings once, with its labels.
func TestEveryAlertRingsWhenItShouldAndNotWhenAllIsWell(t *testing.T) {
	rules, files := alertRules(t, ours)
	var paths []string
	for _, f := range files {
		path, err := filepath.Abs(f)
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	silent, rings := ruleTest{Interval: "30s", Name: "all is well"}, ruleTest{Interval: "30s", Name: "everything goes wrong"}
	unwell := map[string]string{}
	for _, r := range rules {
		for minute := 1; minute <= 30; minute++ {
			silent.Alerts = append(silent.Alerts, ruleExpectation{fmt.Sprintf("%dm", minute), r.Alert, []any{}})
		}
		for series, values := range wrong[r.Alert].series {
			if unwell[series] != "" || well[series] == "" {
				t.Errorf("%s: two alerts go by %s, or it is not among those of a good day", r.Alert, series)
			}
			unwell[series] = values
		}
		labels := maps.Clone(r.Labels)
		maps.Copy(labels, wrong[r.Alert].labels)
		rings.Alerts = append(rings.Alerts, ruleExpectation{"30m", r.Alert, []any{map[string]any{"exp_labels": labels, "exp_annotations": r.Annotations}}})
	}
	silent.Series, rings.Series = inTheEnd(nil), inTheEnd(unwell)
	name := filepath.Join(t.TempDir(), "tests.yml")
	writeFile(t, name, jsonText(t, map[string]any{"rule_files": paths, "evaluation_interval": "30s", "tests": []ruleTest{silent, rings}}))
	if err := promtool("test", "rules", name); err != nil {
		t.Error(err)
	}
}

// TestEveryMetricOfARuleIsOneThatWeHave: an alert on a name that nobody exports would be silent for ever.
func TestEveryMetricOfARuleIsOneThatWeHave(t *testing.T) {
	rules, _ := alertRules(t, ours)
	known := map[string]bool{"up": true}
	for _, dir := range []string{"../afirgen", "../agent", "../accept", "../api", "../cmd/roentgen"} {
		names, err := exportedMetrics(dir)
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(known, names)
	}
	word := regexp.MustCompile(`\b(up|[a-z]+(?:_[a-z0-9]+)+)\b(\{|\[| |$|\))`)
	for _, r := range rules {
		expression := regexp.MustCompile(`"[^"]*"|by \([^)]*\)|on \([^)]*\)`).ReplaceAllString(r.Expr, "")
		for _, m := range word.FindAllStringSubmatch(expression, -1) {
			base := m[1]
			for _, suffix := range []string{"_bucket", "_sum", "_count"} {
				if known[strings.TrimSuffix(base, suffix)] {
					base = strings.TrimSuffix(base, suffix)
				}
			}
			if !known[base] && base != "histogram_quantile" {
				t.Errorf("%s asks for %s, which nothing exports", r.Alert, m[1])
			}
		}
	}
}

// exportedMetrics are the names that stand in a folder's code as names of metrics.
func exportedMetrics(dir string) (map[string]bool, error) {
	names := map[string]bool{}
	quoted := regexp.MustCompile(`"([a-z]+(?:_[a-z0-9]+)+)"`)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), "prometheus") {
			return err
		}
		for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
			names[m[1]], names["tracing_"+m[1]] = true, true // web's tracer metrics share their first word
		}
		return nil
	})
	return names, err
}
