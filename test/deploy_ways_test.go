package test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// inWay runs a check over what production would hold in a way to trace.
func inWay(w way, check func([]planned) []string) func(deploy string) []string {
	return func(deploy string) []string {
		list, err := planDeploy(deploy, "prod", w.inputs)
		if err != nil {
			return []string{err.Error()}
		}
		return check(list)
	}
}

// rightsOf lists what the policies of a plan allow, by policy, action and resources.
func rightsOf(list []planned) (map[string]map[string][]string, error) {
	all := map[string]map[string][]string{}
	for _, r := range append(ofKind(list, "aws_iam_role_policy"), ofKind(list, "aws_iam_policy")...) {
		p, err := readPolicy(r.text("policy"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.text("name"), err)
		}
		all[r.text("name")] = p.allows()
	}
	return all, nil
}

// checkNothingOfXRay wants neither rights to X-Ray nor anything made there.
func checkNothingOfXRay(list []planned) (found []string) {
	rights, err := rightsOf(list)
	if err != nil {
		return []string{err.Error()}
	}
	for name, allowed := range rights {
		for action := range allowed {
			if strings.HasPrefix(action, "xray:") {
				found = append(found, name+" allows "+action+", which nobody needs")
			}
		}
	}
	for _, r := range list {
		if strings.HasPrefix(r.kind, "aws_xray_") || r.kind == "aws_iam_role_policy_attachment" && r.module == "tracing" {
			found = append(found, fmt.Sprintf("%s.%s is made, and nobody asks for it", r.kind, r.name))
		}
		if r.kind == "aws_vpc_endpoint" && strings.HasSuffix(r.text("service_name"), ".xray") {
			found = append(found, "there is an endpoint of X-Ray, which costs by the hour")
		}
		if r.kind == "aws_cloudwatch_metric_alarm" && strings.Contains(fmt.Sprintf("%#v", r.values), "AWS/X-Ray") {
			found = append(found, r.text("alarm_name")+" watches X-Ray, where no traces are")
		}
	}
	return found
}

// checkTokenReaders wants the roles that start a task to read the token, where a task shows or asks for one, and no other.
func checkTokenReaders(w way) func(list []planned) []string {
	return func(list []planned) (found []string) {
		rights, err := rightsOf(list)
		if err != nil {
			return []string{err.Error()}
		}
		secret := arnOf("aws_secretsmanager_secret", "afirgen/roentgen/token")
		var want []string
		if w.upstream != "aws" {
			want = append(want, "afirgen-task-execution-policy")
		}
		if w.server {
			want = append(want, "afirgen-roentgen-execution-policy")
		}
		var got []string
		for name, allowed := range rights {
			if slices.Contains(allowed["secretsmanager:GetSecretValue"], secret) {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if slices.Sort(want); !slices.Equal(got, want) {
			found = append(found, fmt.Sprintf("%s: the token is read by %v, want %v", w.title, got, want))
		}
		return found
	}
}

// TestOnlyTheWayToXRayTouchesXRay: the five actions, rules and groups in the one way, nothing in the other.
func TestOnlyTheWayToXRayTouchesXRay(t *testing.T) {
	const policies = "terraform/modules/tracing/policies.tf"
	for _, w := range []way{toRoentgen(), toRoentgenElsewhere()} {
		hold(t, inWay(w, checkNothingOfXRay),
			flaw{"rights that nobody needs", policies, "  for_each = local.xray\n", "  for_each = toset([\"xray\"])\n", "afirgen-xray-write-policy allows xray:PutTraceSegments"},
			flaw{"a rule that nobody asks for", "terraform/modules/tracing/sampling.tf", "  for_each = local.xray\n", "  for_each = toset([\"xray\"])\n", "aws_xray_sampling_rule.default is made"},
			flaw{"an endpoint that nobody uses", "terraform/environments/prod/main.tf", "service if service != \"xray\" || var.trace_to == \"xray\"", "service", "an endpoint of X-Ray"},
			flaw{"an alarm without data", "terraform/modules/tracing/locals.tf", "if destination == \"xray\"", "if destination != \"\"", "is made, and nobody asks for it"},
		)
	}
	for _, w := range []way{toXRay(), byDaemon(), toRoentgen(), toRoentgenElsewhere()} {
		hold(t, inWay(w, checkTokenReaders(w)))
	}
	hold(t, inWay(toXRay(), checkTokenReaders(toXRay())),
		flaw{"a token that nobody shows", "terraform/modules/tracing/locals.tf", "arn if var.trace_to == \"roentgen\"", "arn if arn != \"\"", "the token is read by [afirgen-task-execution-policy], want []"})
	hold(t, inWay(toXRay(), checkRoles))
	hold(t, inWay(byDaemon(), checkRoles))
}

// checkServer wants one Roentgen server and never two, on a directory that outlives it.
func checkServer(list []planned) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	all := list
	list = inModule(list, "roentgen")
	r := theOne(list, "aws_ecs_service", "server")
	if !r.is("desired_count", 1) || !r.is("deployment_minimum_healthy_percent", 0) || !r.is("deployment_maximum_percent", 100) || !r.is("availability_zone_rebalancing", "DISABLED") {
		say("two servers may run on one directory")
	}
	for _, target := range ofKind(all, "aws_appautoscaling_target") {
		if strings.Contains(target.text("resource_id"), "roentgen") {
			say("the server is scaled")
		}
	}
	if _, ok := r.values["volume_configuration"]; ok {
		say("its data is on a volume that ECS deletes with the task")
	}
	found = append(found, checkPlace(r, "roentgen")...)
	tasks, err := tasksOf(all)
	if err != nil {
		return append(found, err.Error())
	}
	return slices.Concat(found, checkData(list, tasks["roentgen"]), checkServersRights(list))
}

// checkData wants the server's directory on EFS, encrypted on disk and on the way, in every zone, and owned by its user.
func checkData(list []planned, d taskDefinition) (found []string) {
	say := func(format string, args ...any) { found = append(found, "its data: "+fmt.Sprintf(format, args...)) }
	if !theOne(list, "aws_efs_file_system", "data").is("encrypted", true) {
		say("it is not encrypted on disk")
	}
	subnets := theOne(list, "aws_ecs_service", "server").block("network_configuration").texts("subnets")
	var mounted []string
	for _, m := range ofKind(list, "aws_efs_mount_target") {
		mounted = append(mounted, m.text("subnet_id"))
		if groups := m.texts("security_groups"); len(groups) != 1 || groups[0] != "part-efs" {
			say("its security groups are %v", groups)
		}
	}
	if slices.Sort(mounted); !slices.Equal(mounted, slices.Sorted(slices.Values(subnets))) {
		say("the task runs in %v, and it can be mounted in %v", subnets, mounted)
	}
	user := theOne(list, "aws_efs_access_point", "data").block("posix_user")
	c := d.Containers[0]
	if c.User != fmt.Sprintf("%v:%v", user.number("uid"), user.number("gid")) {
		say("it belongs to %v, and the server runs as %s", user.number("uid"), c.User)
	}
	v := d.Volumes[0]
	if v.EFS == nil || v.EFS.TransitEncryption != "ENABLED" || v.EFS.AuthorizationConfig.IAM != "ENABLED" || v.EFS.AuthorizationConfig.AccessPointID == "" {
		say("it is mounted in the clear, or by everybody")
	}
	if m := c.MountPoints[0]; m.SourceVolume != v.Name || m.ContainerPath != c.value("--data") {
		say("the server keeps it in %s, and %s is mounted at %s", c.value("--data"), m.SourceVolume, m.ContainerPath)
	}
	if bytes := c.value("--max-disk-bytes"); bytes != fmt.Sprint(50<<30) {
		say("it may grow to %s bytes", bytes)
	}
	return found
}

// checkServersRights wants two roles with what they need.
func checkServersRights(list []planned) (found []string) {
	for _, r := range ofKind(list, "aws_iam_role") {
		found = append(found, checkTrust(r)...)
	}
	for _, r := range ofKind(list, "aws_iam_role_policy") {
		p, err := readPolicy(r.text("policy"))
		if err != nil {
			return append(found, err.Error())
		}
		found = append(found, checkActions(r.text("name"), p)...)
	}
	system := arnOf("aws_efs_file_system", "data")
	rights, err := rightsOf(list)
	if err != nil {
		return append(found, err.Error())
	}
	want := map[string][]string{"elasticfilesystem:ClientMount": {system}, "elasticfilesystem:ClientWrite": {system}}
	if got := rights["afirgen-roentgen-policy"]; !maps.EqualFunc(got, want, slices.Equal) {
		found = append(found, fmt.Sprintf("the server may %v, want %v", got, want))
	}
	task, err := readPolicy(theOne(list, "aws_iam_role_policy", "task").text("policy"))
	if err != nil || len(task.Statement) != 1 || !slices.Equal(task.Statement[0].Condition["StringEquals"]["elasticfilesystem:AccessPointArn"], []string{arnOf("aws_efs_access_point", "data")}) {
		found = append(found, "the server may mount more than its directory")
	}
	starts := slices.Sorted(maps.Keys(rights["afirgen-roentgen-execution-policy"]))
	if !slices.Equal(starts, []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer", "logs:CreateLogStream", "logs:PutLogEvents", "secretsmanager:GetSecretValue"}) {
		found = append(found, fmt.Sprintf("who starts the server may %v", starts))
	}
	return found
}

// checkConsole wants the console under its name on port 443, or nowhere.
func checkConsole(host string) func(list []planned) []string {
	return func(list []planned) []string {
		list = inModule(list, "roentgen")
		rule, balancer := theOne(list, "aws_lb_listener_rule", "console"), theOne(list, "aws_ecs_service", "server").block("load_balancer")
		if host == "" {
			if rule.values != nil || balancer.values != nil {
				return []string{"the server is on the load balancer, and nobody asked for that"}
			}
			return nil
		}
		if !slices.Equal(rule.block("condition").block("host_header").texts("values"), []string{host}) || !balancer.is("container_port", 1895) {
			return []string{"the console is not under " + host}
		}
		return nil
	}
}

func TestARoentgenServerRunsOnceOnItsData(t *testing.T) {
	const main, data, roles = "terraform/modules/roentgen/main.tf", "terraform/modules/roentgen/data.tf", "terraform/modules/roentgen/roles.tf"
	hold(t, inWay(toRoentgen(), checkServer),
		flaw{"two at once", main, "deployment_maximum_percent         = 100", "deployment_maximum_percent         = 200", "two servers may run"},
		flaw{"two for good", main, "desired_count                      = 1", "desired_count                      = 2", "two servers may run"},
		flaw{"two while zones are balanced", main, "\"DISABLED\"", "\"ENABLED\"", "two servers may run"},
		flaw{"gone with the task", main, "  service_registries {", "  volume_configuration {\n    name = \"data\"\n\n    managed_ebs_volume {\n      role_arn = aws_iam_role.task.arn\n    }\n  }\n\n  service_registries {", "ECS deletes with the task"},
		flaw{"a zone that cannot mount", data, "tostring(i) => subnet }", "tostring(i) => subnet if i == 0 }", "it can be mounted in"},
		flaw{"in the clear on disk", data, "encrypted        = true", "encrypted        = false", "not encrypted on disk"},
		flaw{"in the clear on the way", "ecs/roentgen.json", "\"transitEncryption\": \"ENABLED\"", "\"transitEncryption\": \"DISABLED\"", "in the clear"},
		flaw{"somebody else's directory", data, "uid = 10001", "uid = 1000", "belongs to 1000"},
		flaw{"data beside its volume", "ecs/roentgen.json", "\"--data\", \"/data\"", "\"--data\", \"/srv\"", "keeps it in /srv"},
		flaw{"every directory of the file system", roles, "elasticfilesystem:AccessPointArn", "aws:SourceArn", "mount more than its directory"},
		flaw{"an action that there is not", roles, "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientWrites", "IAM has no action elasticfilesystem:ClientWrites"},
		flaw{"root of the file system", roles, "\"elasticfilesystem:ClientWrite\"]", "\"elasticfilesystem:ClientWrite\", \"elasticfilesystem:ClientRootAccess\"]", "the server may"},
	)
}

func TestTheConsoleIsWhereTheVariableSays(t *testing.T) {
	const console = "terraform/modules/roentgen/console.tf"
	hold(t, inWay(toRoentgen(), checkConsole("traces.example.in")),
		flaw{"every name", console, "values = [each.key]", "values = [\"*\"]", "the console is not under traces.example.in"})
	hidden := toRoentgen()
	hidden.inputs = maps.Clone(hidden.inputs)
	delete(hidden.inputs, "console_host")
	hold(t, inWay(hidden, checkConsole("")),
		flaw{"shown all the same", console, "host if host != \"\"", "host", "nobody asked for that"})
	hold(t, inWay(toRoentgen(), checkNeighbours(toRoentgen())),
		flaw{"agents that look elsewhere", "terraform/environments/prod/main.tf", ":1895", ":8000", "nobody listens at http://roentgen.afirgen.internal:8000"})
}
