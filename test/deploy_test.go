package test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// ours is the deployment that the repository holds. Tests that break something do so on a copy.
var ours = filepath.Join("..", "deploy")

// services are AFIRGen's, by the key under which Terraform keeps them.
var services = map[string]string{"main_backend": "main-backend", "gguf_server": "gguf-server", "asr_ocr_server": "asr-ocr-server"}

// planDeploy evaluates an environment with the values of its example and of more, and lists what there would be.
func planDeploy(deploy, environment string, more map[string]cty.Value) ([]planned, error) {
	schema, err := readSchema()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(deploy, "terraform", "environments", environment)
	name := filepath.Join(dir, "terraform.tfvars.example")
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	file, diags := hclsyntax.ParseConfig(text, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	inputs := map[string]cty.Value{}
	for name, a := range file.Body.(*hclsyntax.Body).Attributes {
		if inputs[name], diags = a.Expr.Value(nil); diags.HasErrors() {
			return nil, diags
		}
	}
	maps.Copy(inputs, more)
	p := &planner{schema: schema}
	_, err = p.plan(environment, dir, inputs)
	return p.planned, err
}

func ofKind(list []planned, kind string) (some []planned) {
	for _, r := range list {
		if r.kind == kind {
			some = append(some, r)
		}
	}
	return some
}

// inModule lists what one module makes.
func inModule(list []planned, module string) []planned {
	return slices.DeleteFunc(slices.Clone(list), func(r planned) bool { return r.module != module })
}

// text is an argument as a string, empty where there is none.
func (r planned) text(argument string) string {
	if v, ok := r.values[argument]; ok && v.Type() == cty.String && !v.IsNull() {
		return v.AsString()
	}
	return ""
}

// number is an argument as a number, -1 where there is none.
func (r planned) number(argument string) float64 {
	v, ok := r.values[argument]
	if !ok || v.Type() != cty.Number || v.IsNull() {
		return -1
	}
	f, _ := v.AsBigFloat().Float64()
	return f
}

// checkForm holds every file of every module against Terraform's language, its format and the provider's schema.
func checkForm(deploy string) (found []string) {
	schema, err := readSchema()
	if err != nil {
		return []string{err.Error()}
	}
	dirs, _ := filepath.Glob(filepath.Join(deploy, "terraform", "*", "*"))
	for _, dir := range dirs {
		if info, err := os.Lstat(dir); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			continue // a damaged copy links what is as it was
		}
		m, problems := readTerraform(dir)
		if found = append(found, problems...); len(problems) > 0 {
			continue
		}
		if problems = m.checkSchema(schema); len(problems) == 0 {
			problems = m.checkReferences(schema)
		}
		found = append(found, problems...)
	}
	if len(dirs) < 4 {
		found = append(found, fmt.Sprintf("%s has %d modules", deploy, len(dirs)))
	}
	return found
}

// checkPlan runs a check over what an environment would hold.
func checkPlan(check func([]planned) []string, environment string) func(deploy string) []string {
	return func(deploy string) []string {
		list, err := planDeploy(deploy, environment, nil)
		if err != nil {
			return []string{err.Error()}
		}
		return check(list)
	}
}

// policy is an IAM policy document. Action and Resource are lists, as Terraform's data source is written here.
type policy struct {
	Version   string
	Statement []struct {
		Sid, Effect      string
		Action, Resource []string
		Principal        map[string][]string
		Condition        map[string]map[string][]string
	}
}

func readPolicy(text string) (p policy, err error) {
	err = decodeStrictly([]byte(text), &p)
	return p, err
}

// allows lists what the policy allows, as action → resources.
func (p policy) allows() map[string][]string {
	all := map[string][]string{}
	for _, s := range p.Statement {
		if s.Effect != "Allow" {
			continue
		}
		for _, action := range s.Action {
			all[action] = append(all[action], s.Resource...)
		}
	}
	return all
}

// xrayActions are what a sidecar needs, and all that it may.
var xrayActions = []string{"xray:GetSamplingRules", "xray:GetSamplingStatisticSummaries", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}

// arnsOf lists the ARNs of what a plan has of a kind, of one name or, where that is empty, of all.
func arnsOf(list []planned, kind, name string) (arns []string) {
	for _, r := range ofKind(list, kind) {
		if name == "" || r.name == name {
			arns = append(arns, arnOf(kind, nameOf(kind, r.values, r.name)))
		}
	}
	slices.Sort(arns)
	return arns
}

// checkRoles wants three task roles that tasks alone may take, with the policy attached to each, and no right more than
// each needs.
func checkRoles(all []planned) (found []string) {
	list := inModule(all, "tracing")
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	roles := map[string]bool{}
	for _, r := range ofKind(list, "aws_iam_role") {
		roles[r.text("name")] = true
		found = append(found, checkTrust(r)...)
	}
	want := []string{"afirgen-asr-ocr-server-task-role", "afirgen-gguf-server-task-role", "afirgen-main-backend-task-role", "afirgen-task-execution-role"}
	if got := slices.Sorted(maps.Keys(roles)); !slices.Equal(got, want) {
		say("the roles are %v, want %v", got, want)
	}
	write := ofKind(list, "aws_iam_policy")
	if len(write) != 1 {
		return append(found, fmt.Sprintf("there are %d policies to attach, want one", len(write)))
	}
	var attached []string
	for _, a := range ofKind(list, "aws_iam_role_policy_attachment") {
		if a.text("policy_arn") == arnOf("aws_iam_policy", write[0].text("name")) {
			attached = append(attached, a.text("role"))
		}
	}
	if slices.Sort(attached); !slices.Equal(attached, want[:3]) {
		say("the X-Ray policy is attached to %v, want the three task roles", attached)
	}
	return append(found, checkRights(all, list, write[0])...)
}

// checkTrust wants a role that ECS tasks of this account and region, and nobody else, may take.
func checkTrust(r planned) []string {
	p, err := readPolicy(r.text("assume_role_policy"))
	if err != nil || len(p.Statement) != 1 {
		return []string{fmt.Sprintf("%s: who may take it: %v", r.text("name"), err)}
	}
	s := p.Statement[0]
	if s.Effect != "Allow" || !slices.Equal(s.Action, []string{"sts:AssumeRole"}) ||
		!reflect.DeepEqual(s.Principal, map[string][]string{"Service": {"ecs-tasks.amazonaws.com"}}) ||
		!slices.Equal(s.Condition["StringEquals"]["aws:SourceAccount"], []string{"123456789012"}) ||
		!slices.Equal(s.Condition["ArnLike"]["aws:SourceArn"], []string{"arn:aws:ecs:ap-south-1:123456789012:*"}) {
		return []string{fmt.Sprintf("%s: others than this account's ECS tasks may take it: %s", r.text("name"), r.text("assume_role_policy"))}
	}
	return nil
}

// checkRights holds each policy of the module tracing against what its role needs of all that there is.
func checkRights(all, list []planned, write planned) (found []string) {
	everything := []string{"*"}
	keys, mysql := arnsOf(all, "aws_secretsmanager_secret", "api_keys"), arnsOf(all, "aws_secretsmanager_secret", "mysql")
	bucket := arnsOf(all, "aws_s3_bucket", "archive")
	if len(keys) != 1 || len(mysql) != 1 || len(bucket) != 1 {
		return []string{fmt.Sprintf("there are %d secrets of keys, %d of the database, and %d archives", len(keys), len(mysql), len(bucket))}
	}
	objects := []string{bucket[0] + "/*"}
	want := map[string]map[string][]string{write.text("name"): {}}
	for _, action := range xrayActions {
		want[write.text("name")][action] = everything
	}
	want["afirgen-main-backend-policy"] = map[string][]string{
		"secretsmanager:GetSecretValue": {keys[0], mysql[0]},
		"s3:PutObject":                  objects, "s3:GetObject": objects, "s3:DeleteObject": objects, "s3:ListBucket": bucket,
	}
	repositories := arnsOf(all, "aws_ecr_repository", "")
	var logs []string
	for _, name := range groupNames(list) {
		logs = append(logs, arnOf("aws_cloudwatch_log_group", name)+":*")
	}
	want["afirgen-task-execution-policy"] = map[string][]string{
		"ecr:GetAuthorizationToken": everything, "ecr:BatchCheckLayerAvailability": repositories, "ecr:GetDownloadUrlForLayer": repositories,
		"ecr:BatchGetImage": repositories, "logs:CreateLogStream": logs, "logs:PutLogEvents": logs, "secretsmanager:GetSecretValue": keys,
	}
	got := map[string]map[string][]string{}
	for _, r := range append(ofKind(list, "aws_iam_role_policy"), write) {
		p, err := readPolicy(r.text("policy"))
		if err != nil || p.Version != "2012-10-17" {
			found = append(found, fmt.Sprintf("%s is no policy: %v", r.text("name"), err))
			continue
		}
		got[r.text("name")] = sorted(p.allows())
		found = append(found, checkActions(r.text("name"), p)...)
	}
	for name := range want {
		if !reflect.DeepEqual(got[name], sorted(want[name])) {
			found = append(found, fmt.Sprintf("%s allows %v, want %v", name, got[name], want[name]))
		}
	}
	if len(got) != len(want) {
		found = append(found, fmt.Sprintf("there are %d policies, want %d", len(got), len(want)))
	}
	return found
}

// sorted puts the resources of each action in order.
func sorted(rights map[string][]string) map[string][]string {
	for action, resources := range rights {
		rights[action] = slices.Sorted(slices.Values(resources))
	}
	return rights
}

// checkActions wants names that IAM knows; those of X-Ray are also the operations of AWS's own client.
func checkActions(name string, p policy) (found []string) {
	text, err := os.ReadFile(filepath.Join("testdata", "terraform", "iam-actions.txt"))
	if err != nil {
		return []string{err.Error()}
	}
	known := strings.Split(string(text), "\n")
	for action := range p.allows() {
		operation, isXRay := strings.CutPrefix(action, "xray:")
		_, has := reflect.TypeFor[*xray.Client]().MethodByName(operation)
		if !slices.Contains(known, action) || isXRay && !has {
			found = append(found, fmt.Sprintf("%s: IAM has no action %s", name, action))
		}
	}
	return found
}

func groupNames(list []planned) (names []string) {
	for _, r := range ofKind(inModule(list, "tracing"), "aws_cloudwatch_log_group") {
		names = append(names, r.text("name"))
	}
	slices.Sort(names)
	return names
}

// checkLogGroups wants one group for each container, kept for a while and not for ever.
func checkLogGroups(list []planned) (found []string) {
	var want []string
	for _, service := range services {
		want = append(want, "/ecs/afirgen/"+service, "/ecs/afirgen/"+service+"/xray-agent")
	}
	slices.Sort(want)
	if got := groupNames(list); !slices.Equal(got, want) {
		found = append(found, fmt.Sprintf("the log groups are %v, want %v", got, want))
	}
	used := map[string]string{}
	for _, r := range ofKind(list, "aws_ecs_task_definition") {
		var containers []container
		if err := json.Unmarshal([]byte(r.text("container_definitions")), &containers); err != nil {
			return append(found, err.Error())
		}
		for _, c := range containers {
			group := c.LogConfiguration.Options["awslogs-group"]
			if other := used[group]; other != "" || !slices.Contains(want, group) {
				found = append(found, fmt.Sprintf("%s of %s logs to %q, which is no group of its own (%s)", c.Name, r.key, group, other))
			}
			used[group] = r.key + "/" + c.Name
		}
	}
	for _, r := range ofKind(list, "aws_cloudwatch_log_group") {
		if days := r.number("retention_in_days"); !slices.Contains([]float64{1, 3, 5, 7, 14, 30, 60, 90}, days) {
			found = append(found, fmt.Sprintf("%s keeps lines for %v days, which CloudWatch does not offer or is too long", r.text("name"), days))
		}
	}
	return found
}

// broken is a copy of the deployment in which old stands as new in file. All beside the way to the file are links.
func broken(t *testing.T, file, old, new string) string {
	t.Helper()
	dir := t.TempDir()
	from, err := filepath.Abs(ours)
	if err != nil {
		t.Fatal(err)
	}
	to, way := dir, strings.Split(file, "/")
	for _, step := range way {
		entries, err := os.ReadDir(from)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if entry.Name() == step {
				continue
			}
			if err := os.Symlink(filepath.Join(from, entry.Name()), filepath.Join(to, entry.Name())); err != nil {
				t.Fatal(err)
			}
		}
		if from, to = filepath.Join(from, step), filepath.Join(to, step); step == way[len(way)-1] {
			break
		}
		if err := os.Mkdir(to, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q to break", file, old)
	}
	writeFile(t, to, []byte(strings.Replace(string(text), old, new, 1)))
	return dir
}

// flaw is a change that a check has to find.
type flaw struct{ title, file, old, new, says string }

// hold wants no findings of the deployment as it is, and one that says so of each damaged copy.
func hold(t *testing.T, check func(deploy string) []string, flaws ...flaw) {
	t.Helper()
	for _, sentence := range check(ours) {
		t.Error(sentence)
	}
	for _, d := range flaws {
		found := check(broken(t, d.file, d.old, d.new))
		if !slices.ContainsFunc(found, func(sentence string) bool { return strings.Contains(sentence, d.says) }) {
			t.Errorf("%s: no finding says %q; found %q", d.title, d.says, found)
		}
	}
}

func TestTheTerraformFollowsTheProvidersSchema(t *testing.T) {
	const (
		tracing = "terraform/modules/tracing/"
		tasks   = "terraform/modules/tasks/"
		prod    = "terraform/environments/prod/"
	)
	hold(t, checkForm,
		flaw{"a file that does not parse", tracing + "logs.tf", "{", "", "logs.tf"},
		flaw{"not formatted", tracing + "logs.tf", "  for_each =", "  for_each  =", "not as terraform fmt leaves it"},
		flaw{"a resource that AWS does not have", tracing + "groups.tf", "\"aws_xray_group\" \"services\"", "\"aws_xray_groups\" \"services\"", "no resource aws_xray_groups"},
		flaw{"a data source that AWS does not have", tracing + "roles.tf", "\"aws_partition\" \"current\"", "\"aws_partitions\" \"current\"", "no data aws_partitions"},
		flaw{"an unknown argument", tracing + "sampling.tf", "fixed_rate     = 0\n", "fixed_rates    = 0\n", "has no argument fixed_rates"},
		flaw{"a required argument that is missing", tracing + "sampling.tf", "  fixed_rate     = 0\n", "", "lacks the argument fixed_rate"},
		flaw{"an unknown block", tracing + "groups.tf", "insights_configuration {", "insights {", "has no block insights"},
		flaw{"a required argument of a block", tracing + "groups.tf", "    insights_enabled      = true\n", "", "lacks the argument insights_enabled"},
		flaw{"a block that may stand once", tasks + "main.tf", "  runtime_platform {", "  runtime_platform {\n  }\n\n  runtime_platform {", "2 blocks runtime_platform"},
		flaw{"a variable that is not declared", tracing + "locals.tf", "var.tags", "var.tag", "the variable tag is not declared"},
		flaw{"a variable that nobody asks for", tracing + "locals.tf", "merge(var.tags, ", "merge(", "nobody asks for var.tags"},
		flaw{"a local that is not declared", tracing + "sampling.tf", "local.sampling_rate", "local.rate", "the local rate is not declared"},
		flaw{"the roles that were never declared", tracing + "locals.tf", "aws_iam_role.gguf_server_task_role.name", "aws_iam_role.gguf_task_role.name", "aws_iam_role.gguf_task_role is not declared"},
		flaw{"an attribute that is none", tracing + "policies.tf", "aws_iam_policy.xray_write[\"xray\"].arn", "aws_iam_policy.xray_write[\"xray\"].arns", "the attribute arns of aws_iam_policy is not declared"},
		flaw{"an output that is none", prod + "services.tf", "module.tracing.sampling_rate", "module.tracing.rate", "the output rate of the module tracing"},
		flaw{"an input that is none", prod + "services.tf", "  alarm_topic_arns          =", "  alarm_topics              =", "has no argument alarm_topics"},
		flaw{"an input that is missing", prod + "services.tf", "  repository_arns           = module.registry.repository_arns\n", "", "lacks the argument repository_arns"},
		flaw{"one of many, and which is not said", tracing + "groups.tf", "alarm_actions       = var.alarm_topic_arns", "alarm_actions       = [aws_cloudwatch_log_group.containers.arn]", "is many: say which"},
		flaw{"an ephemeral resource that AWS does not have", "terraform/modules/secrets/main.tf", "\"aws_secretsmanager_random_password\" \"api_key\"", "\"aws_secretsmanager_password\" \"api_key\"", "no ephemeral aws_secretsmanager_password"},
		flaw{"an ephemeral attribute that is none", "terraform/modules/database/main.tf", "mysql.secret_string)", "mysql.secret_text)", "the attribute secret_text of aws_secretsmanager_secret_version is not declared"},
		flaw{"an unknown argument of lifecycle", "terraform/modules/database/main.tf", "create_before_destroy = true", "create_before_delete = true", "has no argument create_before_delete"},
		flaw{"an unknown block that is dynamic", "terraform/modules/storage/main.tf", "dynamic \"rule\"", "dynamic \"rules\"", "has no block rules"},
		flaw{"a dynamic block of nothing", "terraform/modules/storage/main.tf", "    content {", "    contents {", "has one block content"},
		flaw{"the turn of another block", "terraform/modules/storage/main.tf", "prefix = rule.value", "prefix = turn.value", "turn.value is not declared"},
		flaw{"a resource twice", tracing + "roles.tf", "\"gguf_server_task_role\"", "\"main_backend_task_role\"", "is declared twice"},
	)
}

func TestTerraformDeclaresRolesAndAttachesThePolicy(t *testing.T) {
	const policies = "terraform/modules/tracing/policies.tf"
	hold(t, checkPlan(checkRoles, "dev"))
	hold(t, checkPlan(checkRoles, "prod"),
		flaw{"a role without the policy", "terraform/modules/tracing/locals.tf", "    gguf_server    = aws_iam_role.gguf_server_task_role.name\n", "", "is attached to [afirgen-asr-ocr-server-task-role afirgen-main-backend-task-role]"},
		flaw{"one action too few", policies, "      \"xray:GetSamplingTargets\",\n", "", "afirgen-xray-write-policy allows"},
		flaw{"an action that there is not", policies, "xray:PutTraceSegments", "xray:PutTraceSegment", "IAM has no action xray:PutTraceSegment"},
		flaw{"too much", policies, "\"s3:ListBucket\"", "\"s3:*\"", "IAM has no action s3:*"},
		flaw{"another bucket", policies, "${var.archive_bucket_arn}/*", "*", "afirgen-main-backend-policy allows"},
		flaw{"every secret", policies, "[var.api_keys_secret_arn, var.mysql_secret_arn]", "[\"*\"]", "afirgen-main-backend-policy allows"},
		flaw{"another service may take the roles", "terraform/modules/tracing/roles.tf", "ecs-tasks.amazonaws.com", "ec2.amazonaws.com", "others than this account's ECS tasks"},
		flaw{"any account", "terraform/modules/tracing/roles.tf", "\"aws:SourceAccount\"", "\"aws:SourceOrgID\"", "others than this account's ECS tasks"},
	)
}

func TestEveryContainerHasALogGroup(t *testing.T) {
	hold(t, checkPlan(checkLogGroups, "dev"))
	hold(t, checkPlan(checkLogGroups, "prod"),
		flaw{"a group is missing", "terraform/modules/tracing/locals.tf", "/ecs/afirgen/gguf-server/xray-agent", "/ecs/afirgen/xray-daemon", "the log groups are"},
		flaw{"two containers in one group", "terraform/modules/tasks/main.tf", "${service}_agent", "main_backend_agent", "no group of its own"},
		flaw{"for ever", "terraform/modules/tracing/logs.tf", "local.log_days[var.environment]", "0", "keeps lines for 0 days"},
	)
}

// TestTheAlarmWatchesMetricsThatExist: of a group as a whole X-Ray publishes ApproximateTraceCount, by GroupName, and
// nothing else.
func TestTheAlarmWatchesMetricsThatExist(t *testing.T) {
	check := func(list []planned) (found []string) {
		groups := map[string]bool{}
		for _, g := range ofKind(list, "aws_xray_group") {
			groups[g.text("group_name")] = true
		}
		alarms := ofKind(inModule(list, "tracing"), "aws_cloudwatch_metric_alarm")
		if len(alarms) != 1 {
			return []string{fmt.Sprintf("there are %d alarms, want one", len(alarms))}
		}
		for _, q := range alarms[0].values["metric_query"].AsValueSlice() {
			if !q.Type().HasAttribute("metric") {
				continue
			}
			m := q.GetAttr("metric").AsValueSlice()[0].AsValueMap()
			group := m["dimensions"].AsValueMap()["GroupName"].AsString()
			if m["namespace"].AsString() != "AWS/X-Ray" || m["metric_name"].AsString() != "ApproximateTraceCount" || !groups[group] {
				found = append(found, fmt.Sprintf("nobody publishes %s %s of %s", m["namespace"].AsString(), m["metric_name"].AsString(), group))
			}
		}
		return found
	}
	const groups = "terraform/modules/tracing/groups.tf"
	hold(t, checkPlan(check, "prod"),
		flaw{"a metric that there is not", groups, "ApproximateTraceCount", "FaultRate", "nobody publishes AWS/X-Ray FaultRate"},
		flaw{"a group that there is not", groups, "GroupName = aws_xray_group.faults[each.key].group_name", "GroupName = \"faults\"", "of faults"},
	)
}

// TestAPlanRefusesBadValues: what a deployment gets wrong in its variables is said before anything is made.
func TestAPlanRefusesBadValues(t *testing.T) {
	plan := checkPlan(func([]planned) []string { return nil }, "prod")
	const (
		example  = "terraform/environments/prod/terraform.tfvars.example"
		services = "terraform/environments/prod/services.tf"
		traceTo  = "trace_to = \"xray\""
		daemon   = "trace_to     = \"roentgen\"\ndaemon_image = \"public.ecr.aws/xray/aws-xray-daemon"
	)
	hold(t, plan,
		flaw{"a tag in place of a digest", example, "\"sha256:" + strings.Repeat("0", 63) + "1\"", "\"latest\"", "Each digest is sha256:"},
		flaw{"a password in the URL", services, "module.database.database_url", "\"mysql://root:pw@fir-db:3306/fir_db\"", "holds no user and no password"},
		flaw{"no station", example, "  code     = \"KTW\"\n", "", "code"},
		flaw{"an environment that is none", services, "  environment               = \"prod\"", "  environment               = \"production\"", "The environment is dev or prod."},
		flaw{"a value that is missing", example, "certificate_arn = ", "# ", "the variable certificate_arn has no value"},
		flaw{"a certificate of elsewhere", example, "arn:aws:acm:", "arn:aws:iam:", "The certificate is one of ACM"},
		flaw{"traces to nowhere", example, traceTo, "trace_to = \"jaeger\"", "Traces go to xray or to roentgen."},
		flaw{"AWS's daemon to a Roentgen server", example, traceTo, daemon + "@sha256:" + strings.Repeat("0", 64) + "\"", "AWS's daemon sends to X-Ray alone"},
		flaw{"AWS's daemon by a tag", example, traceTo, daemon + ":latest\"", "The image ends in @sha256:"},
		flaw{"a server that is no URL", example, traceTo, "trace_to     = \"roentgen\"\nroentgen_url = \"roentgen.example.in\"", "its URL is http:// or https://"},
		flaw{"a template that asks for more", "ecs/gguf-server.json", "${log_level}", "${loglevel}", "loglevel"},
		flaw{"a call of what Terraform lacks", "terraform/modules/tasks/main.tf", "tostring(", "asstring(", "asstring"},
	)
}

// TestTheEnvironmentsDifferInNameAlone: what prod is to be, dev has tried.
func TestTheEnvironmentsDifferInNameAlone(t *testing.T) {
	err := fs.WalkDir(os.DirFS(filepath.Join(ours, "terraform", "environments", "dev")), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text := map[string]string{}
		for _, environment := range []string{"dev", "prod"} {
			b, err := os.ReadFile(filepath.Join(ours, "terraform", "environments", environment, name))
			if err != nil {
				return err
			}
			text[environment] = strings.ReplaceAll(string(b), "\""+environment+"\"", "\"…\"")
		}
		if text["dev"] != text["prod"] {
			t.Errorf("%s of dev is not that of prod", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
