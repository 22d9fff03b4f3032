package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// awsPublishes is what AWS's services publish, as far as deploy/ asks for it: by namespace and name, the dimensions under
// which there are figures, and whether there is one in each minute as long as the thing runs.
//
// Sources: Amazon ECS CloudWatch metrics (none is sent of a service without running tasks), CloudWatch metrics for your
// Application Load Balancer (HealthyHostCount and UnHealthyHostCount are reported if there are registered targets, counts
// of codes if they are not 0), Amazon CloudWatch metrics for Amazon RDS, Monitoring X-Ray with CloudWatch.
var awsPublishes = map[string]struct {
	dimensions string
	always     bool
}{
	"AWS/ECS CPUUtilization":                       {"ClusterName,ServiceName", true},
	"AWS/ECS MemoryUtilization":                    {"ClusterName,ServiceName", true},
	"AWS/ApplicationELB HealthyHostCount":          {"LoadBalancer,TargetGroup", true},
	"AWS/ApplicationELB UnHealthyHostCount":        {"LoadBalancer,TargetGroup", true},
	"AWS/ApplicationELB RequestCount":              {"LoadBalancer", false},
	"AWS/ApplicationELB TargetResponseTime":        {"LoadBalancer", false},
	"AWS/ApplicationELB HTTPCode_Target_4XX_Count": {"LoadBalancer", false},
	"AWS/ApplicationELB HTTPCode_Target_5XX_Count": {"LoadBalancer", false},
	"AWS/ApplicationELB HTTPCode_ELB_5XX_Count":    {"LoadBalancer", false},
	"AWS/RDS CPUUtilization":                       {"DBInstanceIdentifier", true},
	"AWS/RDS FreeStorageSpace":                     {"DBInstanceIdentifier", true},
	"AWS/RDS DatabaseConnections":                  {"DBInstanceIdentifier", true},
	"AWS/RDS ReadLatency":                          {"DBInstanceIdentifier", true},
	"AWS/RDS WriteLatency":                         {"DBInstanceIdentifier", true},
	"AWS/X-Ray ApproximateTraceCount":              {"GroupName", false},
}

// namesOfDimensions are the values that dimensions may have.
type namesOfDimensions map[string][]string

// aDeployment is what the module is told of when it is planned by itself.
var aDeployment = namesOfDimensions{
	"ClusterName": {"afirgen-prod"}, "ServiceName": {"backend-svc", "gguf-svc", "asrocr-svc"}, "LoadBalancer": {"app/afirgen/0123456789abcdef"},
	"TargetGroup": {"targetgroup/backend/0123456789abcdef"}, "DBInstanceIdentifier": {"afirgen-prod"}, "GroupName": {"afirgen-services", "afirgen-faults"},
}

func objectOf(members map[string]string) cty.Value {
	values := map[string]cty.Value{}
	for name, v := range members {
		values[name] = cty.StringVal(v)
	}
	return cty.ObjectVal(values)
}

// observed is the module observability with everything that it can watch, and inputs in place of some.
func observed(deploy string, inputs map[string]cty.Value) ([]planned, error) {
	schema, err := readSchema()
	if err != nil {
		return nil, err
	}
	groups := map[string]string{}
	for key, service := range services {
		groups[key], groups[key+"_agent"] = "/ecs/afirgen/"+service, "/ecs/afirgen/"+service+"/xray-agent"
	}
	given := map[string]cty.Value{
		"environment": cty.StringVal("prod"), "region": cty.StringVal("ap-south-1"), "log_group_names": objectOf(groups),
		"cluster_name":   cty.StringVal("afirgen-prod"),
		"service_names":  objectOf(map[string]string{"main_backend": "backend-svc", "gguf_server": "gguf-svc", "asr_ocr_server": "asrocr-svc"}),
		"alb_arn_suffix": cty.StringVal("app/afirgen/0123456789abcdef"), "target_group_arn_suffix": cty.StringVal("targetgroup/backend/0123456789abcdef"),
		"database_identifier": cty.StringVal("afirgen-prod"), "alarm_email": cty.StringVal("ops@example.org"),
		"xray_group_names":      objectOf(map[string]string{"services": "afirgen-services", "faults": "afirgen-faults"}),
		"fault_rate_alarm_name": cty.StringVal("prod-afirgen-fault-rate"),
		"alarm_topic_arns":      cty.ListVal([]cty.Value{cty.StringVal("arn:aws:sns:ap-south-1:123456789012:pager")}),
	}
	maps.Copy(given, inputs)
	p := &planner{schema: schema}
	_, err = p.plan("observability", filepath.Join(deploy, "terraform", "modules", "observability"), given)
	return p.planned, err
}

// watching runs a check over the module with inputs.
func watching(check func([]planned) []string, inputs map[string]cty.Value) func(deploy string) []string {
	return func(deploy string) []string {
		list, err := observed(deploy, inputs)
		if err != nil {
			return []string{err.Error()}
		}
		return check(list)
	}
}

// figure is one metric that is asked for.
type figure struct {
	namespace, name string
	dimensions      map[string]string
}

func (f figure) String() string { return fmt.Sprintf("%s %s %v", f.namespace, f.name, f.dimensions) }

// filterMetrics lists the metrics that are made of log lines, by the name under which they are published.
func filterMetrics(list []planned) map[string]bool {
	all := map[string]bool{}
	for _, f := range ofKind(list, "aws_cloudwatch_log_metric_filter") {
		to := f.values["metric_transformation"].AsValueSlice()[0].AsValueMap()
		all[to["namespace"].AsString()+" "+to["name"].AsString()] = true
	}
	return all
}

// unpublished says what is wrong with a figure: nobody publishes it, or under other dimensions.
func (f figure) unpublished(ofLogs map[string]bool, their namesOfDimensions) string {
	key := f.namespace + " " + f.name
	if ofLogs[key] {
		if len(f.dimensions) > 0 {
			return fmt.Sprintf("%s has dimensions, and is made of log lines without any", f)
		}
		return ""
	}
	published, ok := awsPublishes[key]
	if !ok {
		return fmt.Sprintf("nobody publishes %s", f)
	}
	if got := strings.Join(slices.Sorted(maps.Keys(f.dimensions)), ","); got != published.dimensions {
		return fmt.Sprintf("%s is published under %s", f, published.dimensions)
	}
	for name, value := range f.dimensions {
		if !slices.Contains(their[name], value) {
			return fmt.Sprintf("%s: there is no %s %q", f, name, value)
		}
	}
	return ""
}

// figures lists what an alarm watches.
func (r planned) figures() (all []figure) {
	if r.text("metric_name") != "" {
		return []figure{{r.text("namespace"), r.text("metric_name"), dimensionsOf(r.values["dimensions"])}}
	}
	for _, q := range r.values["metric_query"].AsValueSlice() {
		if q.Type().HasAttribute("metric") {
			m := q.GetAttr("metric").AsValueSlice()[0].AsValueMap()
			all = append(all, figure{m["namespace"].AsString(), m["metric_name"].AsString(), dimensionsOf(m["dimensions"])})
		}
	}
	return all
}

func dimensionsOf(v cty.Value) map[string]string {
	all := map[string]string{}
	if v == cty.NilVal || v.IsNull() {
		return all
	}
	for name, value := range v.AsValueMap() {
		all[name] = value.AsString()
	}
	return all
}

// checkAlarms wants every alarm to watch figures that exist, to say what to do, to be heard, and to take no data for what
// it is.
func checkAlarms(list []planned) (found []string) {
	ofLogs := filterMetrics(list)
	alarms := ofKind(list, "aws_cloudwatch_metric_alarm")
	for _, a := range alarms {
		say := func(format string, args ...any) {
			found = append(found, a.text("alarm_name")+": "+fmt.Sprintf(format, args...))
		}
		watched := a.figures()
		if len(watched) == 0 {
			say("it watches nothing")
		}
		for _, f := range watched {
			if says := f.unpublished(ofLogs, aDeployment); says != "" {
				say("%s", says)
			}
			always := awsPublishes[f.namespace+" "+f.name].always
			if a.text("treat_missing_data") == "breaching" && !always {
				say("no data is an alarm, and %s has none while all is well", f)
			}
		}
		if strings.HasPrefix(a.text("statistic"), "p") || (a.text("extended_statistic") != "" && a.text("statistic") != "") {
			say("a percentile is an extended statistic, and no other")
		}
		if !regexp.MustCompile(`\. (Look|Search) .+\.$`).MatchString(a.text("alarm_description")) {
			say("it does not say where to look: %q", a.text("alarm_description"))
		}
		found = append(found, checkHeard(list, a)...)
	}
	if len(alarms) < 12 {
		found = append(found, fmt.Sprintf("there are %d alarms", len(alarms)))
	}
	return found
}

// checkHeard wants an alarm's beginning and end to reach the topic and the topics that were handed in.
func checkHeard(list []planned, a planned) (found []string) {
	topics := ofKind(list, "aws_sns_topic")
	if len(topics) != 1 || topics[0].text("name") != "prod-afirgen-cloudwatch-alarms" {
		return []string{fmt.Sprintf("there are %d topics, want prod-afirgen-cloudwatch-alarms", len(topics))}
	}
	want := []string{arnOf("aws_sns_topic", topics[0].text("name")), "arn:aws:sns:ap-south-1:123456789012:pager"}
	for _, when := range []string{"alarm_actions", "ok_actions"} {
		var got []string
		for _, v := range a.values[when].AsValueSlice() {
			got = append(got, v.AsString())
		}
		if !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("%s: its %s are %v, want %v", a.text("alarm_name"), when, got, want))
		}
	}
	return found
}

// checkComposite wants the alarm over alarms to ring with each of its own, and with none when all is well or silent.
func checkComposite(list []planned) (found []string) {
	composites := ofKind(list, "aws_cloudwatch_composite_alarm")
	if len(composites) != 1 {
		return []string{fmt.Sprintf("there are %d alarms over alarms, want one", len(composites))}
	}
	names := map[string]bool{}
	for _, a := range ofKind(list, "aws_cloudwatch_metric_alarm") {
		names[a.text("alarm_name")] = true
	}
	rule := composites[0].text("alarm_rule")
	children := regexp.MustCompile(`ALARM\("([^"]+)"\)`).FindAllStringSubmatch(rule, -1)
	rest := rule
	for _, c := range children {
		if !names[c[1]] && c[1] != "prod-afirgen-fault-rate" {
			found = append(found, "the alarm over alarms asks for "+c[1]+", which there is not")
		}
		rest = strings.Replace(rest, c[0], "", 1)
	}
	if strings.ReplaceAll(strings.ReplaceAll(rest, "OR", ""), " ", "") != "" || len(children) < 6 {
		found = append(found, "the alarm over alarms is no list of alarms joined by OR: "+rule)
	}
	return append(found, checkHeard(list, composites[0])...)
}

func TestEveryAlarmWatchesWhatIsPublished(t *testing.T) {
	const alarms, filters = "terraform/modules/observability/alarms.tf", "terraform/modules/observability/filters.tf"
	hold(t, watching(checkAlarms, nil),
		flaw{"a name that nothing publishes", alarms, `metric = "FIRNotDrafted"`, `metric = "FIRGenerations"`, "nobody publishes AFIRGen FIRGenerations"},
		flaw{"a filter that is gone", filters, "    RateLimited ", "    RateLimitedx", "nobody publishes AFIRGen RateLimited"},
		flaw{"other dimensions than AWS has", alarms, "{ LoadBalancer = var.alb_arn_suffix, TargetGroup = var.target_group_arn_suffix }", "{ TargetGroup = var.target_group_arn_suffix }", "is published under LoadBalancer,TargetGroup"},
		flaw{"a service that there is not", alarms, "ServiceName = var.service_names[key]", "ServiceName = service", `there is no ServiceName "main-backend"`},
		flaw{"dimensions on what has none", alarms, "  namespace           = local.namespace\n", "  namespace           = local.namespace\n  dimensions          = { Status = \"Failure\" }\n", "made of log lines without any"},
		flaw{"an alarm for ever", alarms, `treat_missing_data  = "notBreaching"`, `treat_missing_data  = "breaching"`, "has none while all is well"},
		flaw{"a percentile in the wrong place", alarms, `extended_statistic  = "p95"`, `statistic           = "p95"`, "a percentile is an extended statistic"},
		flaw{"no word of what to do", alarms, "Look at its slow statements, or give", "Give", "does not say where to look"},
		flaw{"nobody hears it", alarms, "  ok_actions          = local.alarm_actions\n", "  ok_actions          = []\n", "its ok_actions are []"},
	)
	hold(t, watching(checkComposite, nil),
		flaw{"an alarm that there is not", "terraform/modules/observability/composite.tf", `of_the_log["database-failures"].alarm_name`, `of_the_log["database-failures"].metric_name`, "which there is not"},
		flaw{"another word", "terraform/modules/observability/composite.tf", `" OR "`, `" XOR "`, "no list of alarms joined by OR"},
	)
}

// TestWithoutADatabaseGroupsOrOurAgent: what is not there is not watched.
func TestWithoutADatabaseGroupsOrOurAgentNothingAsksForThem(t *testing.T) {
	bare := map[string]cty.Value{
		"database_identifier": cty.StringVal(""), "xray_group_names": objectOf(map[string]string{"services": "", "faults": ""}),
		"roentgen_agent": cty.False, "alarm_email": cty.StringVal(""),
	}
	check := func(list []planned) (found []string) {
		for _, r := range list {
			for _, word := range []string{"AWS/RDS", "AWS/X-Ray", "AgentDocuments"} {
				if strings.Contains(fmt.Sprint(r.figuresOrBody()), word) {
					found = append(found, fmt.Sprintf("%s %s asks for %s", r.kind, r.key, word))
				}
			}
		}
		if n := len(ofKind(list, "aws_sns_topic_subscription")); n > 0 {
			found = append(found, fmt.Sprintf("nobody gave an address, and there are %d subscriptions", n))
		}
		rule := ofKind(list, "aws_cloudwatch_composite_alarm")[0].text("alarm_rule")
		if !strings.Contains(rule, "fault-rate") {
			found = append(found, "a sample that is fair is left out of the alarm over alarms")
		}
		return append(found, checkDashboards(list)...)
	}
	hold(t, watching(check, bare),
		flaw{"the database is always watched", "terraform/modules/observability/alarms.tf", " if local.has_database }", " }", "asks for AWS/RDS"},
		flaw{"the agents are always counted", "terraform/modules/observability/filters.tf", "    } if var.roentgen_agent\n", "    }\n", "asks for AgentDocuments"},
	)
	with, err := observed(ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s := ofKind(with, "aws_sns_topic_subscription"); len(s) != 1 || s[0].text("protocol") != "email" || s[0].text("endpoint") != "ops@example.org" {
		t.Errorf("an address was given, and the subscriptions are %v", s)
	}
	if rule := ofKind(with, "aws_cloudwatch_composite_alarm")[0].text("alarm_rule"); strings.Contains(rule, "fault-rate") {
		t.Error("where our agent keeps every failure, the share of recorded faults wakes people")
	}
}

// figuresOrBody is what a resource asks CloudWatch for.
func (r planned) figuresOrBody() any {
	switch r.kind {
	case "aws_cloudwatch_metric_alarm":
		return r.figures()
	case "aws_cloudwatch_log_metric_filter":
		return r.values["metric_transformation"].AsValueSlice()[0].GetAttr("name").AsString()
	}
	return r.text("dashboard_body")
}

// widget is a part of a dashboard, as CloudWatch's dashboard body has it.
type widget struct {
	Type          string
	Width, Height int
	Properties    struct {
		Title, Region, View, Stat, Query string
		Stacked                          bool
		Period                           int
		Metrics                          [][]any
		Alarms                           []string
	}
}

// checkDashboards wants three dashboards whose graphs show figures that exist and whose tables ask log groups that exist.
func checkDashboards(list []planned) []string { return checkGraphs(list, aDeployment) }

// checkGraphs is checkDashboards for other names.
func checkGraphs(list []planned, their namesOfDimensions) (found []string) {
	ofLogs := filterMetrics(list)
	var names []string
	for _, d := range ofKind(list, "aws_cloudwatch_dashboard") {
		names = append(names, d.text("dashboard_name"))
		var body struct{ Widgets []widget }
		if err := decodeStrictly([]byte(d.text("dashboard_body")), &body); err != nil {
			return append(found, d.text("dashboard_name")+": "+err.Error())
		}
		for _, w := range body.Widgets {
			for _, says := range w.check(ofLogs, their) {
				found = append(found, fmt.Sprintf("%s: %s: %s", d.text("dashboard_name"), w.Properties.Title, says))
			}
		}
	}
	slices.Sort(names)
	if want := []string{"prod-afirgen-errors", "prod-afirgen-main", "prod-afirgen-performance"}; !slices.Equal(names, want) {
		found = append(found, fmt.Sprintf("the dashboards are %v, want %v", names, want))
	}
	return found
}

func (w widget) check(ofLogs map[string]bool, their namesOfDimensions) (found []string) {
	if w.Properties.Title == "" || w.Width < 1 || w.Width > 24 || w.Height < 1 {
		found = append(found, "it has no title or no size")
	}
	switch w.Type {
	case "alarm":
		if len(w.Properties.Alarms) < 10 {
			found = append(found, fmt.Sprintf("it shows %d alarms", len(w.Properties.Alarms)))
		}
		return found
	case "log":
		return append(found, checkInsights(w.Properties.Query)...)
	case "metric":
		if len(w.Properties.Metrics) == 0 || w.Properties.Stat == "" || w.Properties.Region != "ap-south-1" {
			found = append(found, "it shows nothing, of no region, or by no statistic")
		}
		for _, row := range w.Properties.Metrics {
			f, says := readRow(row)
			if says == "" {
				says = f.unpublished(ofLogs, their)
			}
			if says != "" {
				found = append(found, says)
			}
		}
		return found
	}
	return append(found, "CloudWatch has no widget "+w.Type)
}

// readRow reads a metric of a graph: namespace, name, dimensions by name and value, and what differs from the graph.
func readRow(row []any) (f figure, says string) {
	var words []string
	for i, part := range row {
		if word, ok := part.(string); ok {
			words = append(words, word)
		} else if options, ok := part.(map[string]any); !ok || i != len(row)-1 {
			return f, fmt.Sprintf("%v is no metric", row)
		} else if label, _ := options["label"].(string); label == "" {
			return f, fmt.Sprintf("%v has no label", row)
		}
	}
	if len(words) < 2 || len(words)%2 != 0 {
		return f, fmt.Sprintf("%v is no metric", row)
	}
	f = figure{words[0], words[1], map[string]string{}}
	for pair := range slices.Chunk(words[2:], 2) {
		f.dimensions[pair[0]] = pair[1]
	}
	return f, ""
}

// insights are the commands and functions of CloudWatch Logs Insights that our queries use, and the members of log lines.
var insights = regexp.MustCompile(`^(fields|filter|stats|sort|limit|count|avg|max|pct|by|as|and|or|desc|asc|like|in|@timestamp|` +
	`msg|service|endpoint|status|duration_ms|error_type|error|trace_id|request_id|` +
	`answers|requests|average|p95|p99|slowest|request|[0-9]+)$`)

// checkInsights wants the groups of a query to exist and its words to be of the language or of our log lines.
func checkInsights(query string) (found []string) {
	parts := strings.Split(query, " | ")
	sources := 0
	for _, part := range parts {
		group, isSource := strings.CutPrefix(part, "SOURCE ")
		if !isSource {
			for _, word := range regexp.MustCompile(`@?[A-Za-z_0-9]+`).FindAllString(part, -1) {
				if !insights.MatchString(word) {
					found = append(found, fmt.Sprintf("%q of the query is no word of it", word))
				}
			}
			continue
		}
		sources++
		group = strings.TrimPrefix(strings.Trim(group, "'"), "/ecs/afirgen/")
		if !slices.Contains(slices.Collect(maps.Values(services)), group) {
			found = append(found, "there is no log group "+group)
		}
	}
	if sources == 0 || sources == len(parts) {
		found = append(found, "it asks no log group, or nothing: "+query)
	}
	return found
}

func TestEveryDashboardShowsWhatIsPublished(t *testing.T) {
	const of = "terraform/modules/observability/"
	hold(t, watching(checkDashboards, nil),
		flaw{"a handler's name in place of a metric", of + "dashboard_performance.tf", `"APILatency", { label = "average" }`, `"process_fir", { label = "average" }`, "nobody publishes AFIRGen process_fir"},
		flaw{"dimensions under which there is nothing", of + "dashboard_main.tf", `"RequestCount", "LoadBalancer", var.alb_arn_suffix`, `"RequestCount", "TargetGroup", var.target_group_arn_suffix`, "is published under LoadBalancer"},
		flaw{"a group of logs that there is not", of + "dashboards.tf", "SOURCE '${var.log_group_names[service]}'", "SOURCE '/aws/ecs/${service}'", "there is no log group"},
		flaw{"a member that no line has", of + "dashboard_errors.tf", "by status | sort status", "by status_code | sort status_code", `"status_code" of the query`},
		flaw{"another name than the alarms have", of + "dashboards.tf", `"${local.prefix}-${each.key}"`, `"afirgen-${each.key}"`, "the dashboards are [afirgen-errors"},
	)
	list, err := observed(ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range ofKind(list, "aws_cloudwatch_dashboard") {
		if !json.Valid([]byte(d.text("dashboard_body"))) || len(d.text("dashboard_body")) > 500_000 {
			t.Errorf("%s has a body of %d bytes", d.text("dashboard_name"), len(d.text("dashboard_body")))
		}
	}
}

// namesIn are the values that dimensions may have in what is planned.
func namesIn(list []planned) namesOfDimensions {
	their := namesOfDimensions{}
	for dimension, of := range map[string][2]string{
		"ClusterName": {"aws_ecs_cluster", "name"}, "ServiceName": {"aws_ecs_service", "name"},
		"DBInstanceIdentifier": {"aws_db_instance", "identifier"}, "GroupName": {"aws_xray_group", "group_name"},
	} {
		for _, r := range ofKind(list, of[0]) {
			their[dimension] = append(their[dimension], r.text(of[1]))
		}
	}
	for dimension, kind := range map[string]string{"LoadBalancer": "aws_lb", "TargetGroup": "aws_lb_target_group"} {
		for _, r := range ofKind(list, kind) {
			their[dimension] = append(their[dimension], toldBy(kind, nameOf(kind, r.values, r.name))["arn_suffix"])
		}
	}
	return their
}

// TestWhatAnEnvironmentWatchesIsInIt: cluster, services, load balancer, database, groups and log groups are those that the
// other modules make, in both ways to trace.
func TestWhatAnEnvironmentWatchesIsInIt(t *testing.T) {
	check := func(list []planned) (found []string) {
		their, within := namesIn(list), inModule(list, "observability")
		ofLogs, groups := filterMetrics(within), groupNames(list)
		for _, a := range ofKind(within, "aws_cloudwatch_metric_alarm") {
			for _, f := range a.figures() {
				if says := f.unpublished(ofLogs, their); says != "" {
					found = append(found, a.text("alarm_name")+": "+says)
				}
			}
		}
		for _, f := range ofKind(within, "aws_cloudwatch_log_metric_filter") {
			if !slices.Contains(groups, f.text("log_group_name")) {
				found = append(found, f.text("name")+": there is no log group "+f.text("log_group_name"))
			}
		}
		if len(within) < 50 {
			found = append(found, fmt.Sprintf("%d things are watched or watch", len(within)))
		}
		return append(found, checkGraphs(within, their)...)
	}
	const prod = "terraform/environments/prod/services.tf"
	hold(t, checkPlan(check, "prod"),
		flaw{"another cluster", prod, "cluster_name            = module.cluster.cluster_name", `cluster_name            = "main"`, `there is no ClusterName "main"`},
		flaw{"another database", prod, "database_identifier     = module.database.instance_identifier", `database_identifier     = "fir-db"`, `there is no DBInstanceIdentifier "fir-db"`},
		flaw{"groups that are not made", "terraform/modules/tracing/outputs.tf", "faults   = join(\"\", [for group in aws_xray_group.faults : group.group_name])", `faults   = "faults"`, "there is no GroupName"},
	)
}
