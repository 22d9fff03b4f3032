package test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// tlsPolicies are those of a load balancer that speak TLS 1.2 and later, with forward secrecy.
var tlsPolicies = []string{"ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-TLS13-1-2-Res-2021-06", "ELBSecurityPolicy-TLS13-1-3-2021-06"}

// block is the first block of a type in a resource, and empty where there is none.
func (r planned) block(name string) planned { return r.blockAt(name, 0) }

func (r planned) blockAt(name string, i int) planned {
	if v, ok := r.values[name]; ok {
		if list := v.AsValueSlice(); i < len(list) {
			return planned{kind: r.kind + "." + name, name: r.name, values: list[i].AsValueMap()}
		}
	}
	return planned{kind: r.kind + "." + name, name: r.name}
}

// is tells whether an argument has a value.
func (r planned) is(argument string, want any) bool {
	v, ok := r.values[argument]
	if !ok || v.IsNull() {
		return false
	}
	switch want := want.(type) {
	case bool:
		return v.RawEquals(cty.BoolVal(want))
	case int:
		return r.number(argument) == float64(want)
	case string:
		return r.text(argument) == want
	}
	return false
}

// texts is an argument as a list of strings.
func (r planned) texts(argument string) (all []string) {
	if v, ok := r.values[argument]; ok && !v.IsNull() {
		for _, one := range v.AsValueSlice() {
			all = append(all, one.AsString())
		}
	}
	return all
}

// theOne is the one resource of a kind and name, and empty where there is none or are many.
func theOne(list []planned, kind, name string) planned {
	var all []planned
	for _, r := range list {
		if r.kind == kind && r.name == name {
			all = append(all, r)
		}
	}
	if len(all) != 1 {
		return planned{kind: kind, name: name}
	}
	return all[0]
}

// checkDoor wants one way in: TLS 1.2 or later, to backends that say they are ready.
func checkDoor(list []planned) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	list = inModule(list, "cluster")
	alb := theOne(list, "aws_lb", "main")
	if !alb.is("internal", false) || !alb.is("drop_invalid_header_fields", true) || !alb.block("access_logs").is("enabled", true) || alb.number("idle_timeout") <= 160 {
		say("the load balancer is not on the internet, keeps damaged headers or no log, or ends while a recording is heard")
	}
	plain := theOne(list, "aws_lb_listener", "http")
	if redirect := plain.block("default_action").block("redirect"); !plain.is("port", 80) || !redirect.is("protocol", "HTTPS") || !redirect.is("port", "443") ||
		!redirect.is("status_code", "HTTP_301") {
		say("port 80 does more than send to 443")
	}
	secure := theOne(list, "aws_lb_listener", "https")
	if !secure.is("port", 443) || !secure.is("protocol", "HTTPS") || !slices.Contains(tlsPolicies, secure.text("ssl_policy")) || secure.text("certificate_arn") == "" {
		say("port 443 speaks %s by %s, with the certificate %q", secure.text("protocol"), secure.text("ssl_policy"), secure.text("certificate_arn"))
	}
	group := theOne(list, "aws_lb_target_group", "main_backend")
	if secure.block("default_action").text("target_group_arn") != arnOf("aws_lb_target_group", group.text("name")) {
		say("port 443 does not lead to the backend")
	}
	health := group.block("health_check")
	if !group.is("target_type", "ip") || !health.is("path", "/readyz") || !health.is("matcher", "200") || !health.is("healthy_threshold", 2) || !health.is("unhealthy_threshold", 3) {
		say("the load balancer sends to backends that are not ready")
	}
	inside := theOne(list, "aws_lb_listener_rule", "inside")
	if !slices.Contains(inside.block("condition").block("path_pattern").texts("values"), "/metrics") || !inside.block("action").block("fixed_response").is("status_code", "404") {
		say("metrics are shown to everybody")
	}
	return found
}

// checkServices wants services that nobody reaches but by the load balancer and by name, whose tasks are replaced without a
// gap, and their deployment taken back where that fails.
func checkServices(list []planned) (found []string) {
	tasks, err := tasksOf(list)
	if err != nil {
		return []string{err.Error()}
	}
	all := ofKind(inModule(list, "cluster"), "aws_ecs_service")
	if len(all) != len(services) {
		found = append(found, fmt.Sprintf("the cluster has %d services", len(all)))
	}
	for _, r := range all {
		say := func(format string, args ...any) {
			found = append(found, r.text("name")+": "+fmt.Sprintf(format, args...))
		}
		key := strings.ReplaceAll(strings.TrimPrefix(r.text("name"), "afirgen-"), "-", "_")
		d := tasks[key]
		if !r.is("deployment_minimum_healthy_percent", 100) || !r.is("deployment_maximum_percent", 200) {
			say("its tasks are stopped before new ones are healthy")
		}
		if breaker := r.block("deployment_circuit_breaker"); !breaker.is("enable", true) || !breaker.is("rollback", true) {
			say("a deployment that fails goes on")
		}
		if r.text("task_definition") != arnOf("aws_ecs_task_definition", d.Family) || !r.is("launch_type", "FARGATE") {
			say("it runs %s", r.text("task_definition"))
		}
		found = append(found, checkPlace(r, key)...)
		if key == "main_backend" {
			balancer, port := r.block("load_balancer"), d.Containers[0].PortMappings[0].ContainerPort
			if balancer.text("container_name") != d.Containers[0].Name || !balancer.is("container_port", port) ||
				!theOne(inModule(list, "cluster"), "aws_lb_target_group", "main_backend").is("port", port) {
				say("the load balancer sends to %s:%v, which is not where it listens", balancer.text("container_name"), balancer.number("container_port"))
			}
		} else if r.block("service_registries").text("registry_arn") == "" {
			say("it has no name")
		}
	}
	return append(found, checkScaling(list)...)
}

// checkPlace wants tasks in private subnets, without a public address, behind the security group of their part.
func checkPlace(r planned, part string) (found []string) {
	network := r.block("network_configuration")
	subnets := network.texts("subnets")
	private := len(subnets) >= 2
	for _, subnet := range subnets {
		private = private && strings.HasPrefix(subnet, "private")
	}
	if !network.is("assign_public_ip", false) || !private {
		found = append(found, fmt.Sprintf("%s: its tasks are in %v, or have a public address", r.text("name"), subnets))
	}
	if groups := network.texts("security_groups"); len(groups) != 1 || groups[0] != "part-"+part {
		found = append(found, fmt.Sprintf("%s: its security groups are %v", r.text("name"), groups))
	}
	return found
}

// checkScaling wants so many tasks of each service as AFIRGen promises, by their CPU.
func checkScaling(list []planned) (found []string) {
	want := map[string][2]int{"main_backend": {2, 10}, "gguf_server": {1, 5}, "asr_ocr_server": {1, 5}}
	bounds, policies := ofKind(list, "aws_appautoscaling_target"), ofKind(list, "aws_appautoscaling_policy")
	if len(bounds) != len(want) || len(policies) != len(want) {
		found = append(found, fmt.Sprintf("%d services are scaled, by %d policies", len(bounds), len(policies)))
	}
	for _, r := range bounds {
		w := want[r.key]
		if !r.is("min_capacity", w[0]) || !r.is("max_capacity", w[1]) || r.text("resource_id") != "service/afirgen/afirgen-"+services[r.key] {
			found = append(found, fmt.Sprintf("%s is scaled from %v to %v", r.text("resource_id"), r.number("min_capacity"), r.number("max_capacity")))
		}
	}
	for _, r := range policies {
		c := r.block("target_tracking_scaling_policy_configuration")
		if metric := c.block("predefined_metric_specification").text("predefined_metric_type"); !c.is("target_value", 70) || metric != "ECSServiceAverageCPUUtilization" {
			found = append(found, fmt.Sprintf("%s is scaled at %v of %s", r.key, c.number("target_value"), metric))
		}
	}
	return found
}

// checkNeighbours wants each URL that a task is given to be the name and the port of a service.
func checkNeighbours(w way) func(list []planned) []string {
	return func(list []planned) (found []string) {
		tasks, err := tasksOf(list)
		if err != nil {
			return []string{err.Error()}
		}
		domain := theOne(list, "aws_service_discovery_private_dns_namespace", "main").text("name")
		ports := map[string]int{} // host to port
		for _, r := range ofKind(list, "aws_service_discovery_service") {
			key := r.key
			if r.module == "roentgen" {
				key = "roentgen"
			}
			if d, ok := tasks[key]; ok {
				ports[r.text("name")+"."+domain] = d.Containers[0].PortMappings[0].ContainerPort
			}
		}
		urls := []string{valueOf(tasks["main_backend"], "MODEL_SERVER_URL"), valueOf(tasks["main_backend"], "ASR_OCR_SERVER_URL")}
		if w.server {
			urls = append(urls, tasks["gguf_server"].Containers[1].value("--upstream"))
		}
		for _, text := range urls {
			u, err := url.Parse(text)
			if err != nil || u.Port() == "" || fmt.Sprint(ports[u.Hostname()]) != u.Port() {
				found = append(found, fmt.Sprintf("nobody listens at %s; names are %v", text, ports))
			}
		}
		return found
	}
}

func TestTheLoadBalancerIsTheOnlyWayIn(t *testing.T) {
	const alb = "terraform/modules/cluster/alb.tf"
	hold(t, checkPlan(checkDoor, "dev"))
	hold(t, checkPlan(checkDoor, "prod"),
		flaw{"plain HTTP", alb, "type = \"redirect\"\n\n    redirect {\n      port        = \"443\"", "type = \"redirect\"\n\n    redirect {\n      port        = \"80\"", "port 80 does more"},
		flaw{"a redirect that browsers ask for each time", alb, "HTTP_301", "HTTP_302", "port 80 does more"},
		flaw{"TLS of long ago", alb, "ELBSecurityPolicy-TLS13-1-2-2021-06", "ELBSecurityPolicy-2016-08", "port 443 speaks HTTPS by ELBSecurityPolicy-2016-08"},
		flaw{"requests for backends without a database", alb, "\"/readyz\"", "\"/livez\"", "not ready"},
		flaw{"ended while it listens", alb, "idle_timeout               = 200", "idle_timeout               = 60", "while a recording is heard"},
		flaw{"metrics for everybody", alb, "[\"/metrics\", ", "[", "shown to everybody"},
		flaw{"no log of who asked", alb, "enabled = true", "enabled = false", "no log"},
	)
}

func TestServicesAreReplacedWithoutAGap(t *testing.T) {
	const file, scaling = "terraform/modules/cluster/services.tf", "terraform/modules/cluster/autoscaling.tf"
	hold(t, checkPlan(checkServices, "dev"))
	hold(t, checkPlan(checkServices, "prod"),
		flaw{"a public address", file, "assign_public_ip = false", "assign_public_ip = true", "or have a public address"},
		flaw{"public subnets", "terraform/environments/prod/services.tf", "private_subnet_ids = module.network.private_subnet_ids", "private_subnet_ids = module.network.public_subnet_ids", "or have a public address"},
		flaw{"another's security group", file, "[var.security_group_ids[each.key]]", "[var.security_group_ids.main_backend]", "its security groups are [part-main_backend]"},
		flaw{"stopped first", file, "deployment_minimum_healthy_percent = 100", "deployment_minimum_healthy_percent = 0", "before new ones are healthy"},
		flaw{"a deployment that fails for ever", file, "rollback = true", "rollback = false", "goes on"},
		flaw{"another port", file, "container_port   = var.services[\"main_backend\"].port", "container_port   = 8080", "which is not where it listens"},
		flaw{"more tasks than promised", "terraform/modules/cluster/variables.tf", "most = 10", "most = 20", "is scaled from 2 to 20"},
		flaw{"later", scaling, "= 70", "= 95", "is scaled at 95"},
		flaw{"another definition", file, "each.value.task_definition_arn", "var.services[\"main_backend\"].task_definition_arn", "it runs arn:aws:ecs"},
	)
}

func TestServicesFindEachOtherByName(t *testing.T) {
	const environment = "terraform/environments/prod/services.tf"
	hold(t, checkPlan(checkNeighbours(toXRay()), "dev"))
	hold(t, checkPlan(checkNeighbours(toXRay()), "prod"),
		flaw{"another name", environment, "http://afirgen-gguf-server.", "http://gguf.", "nobody listens at http://gguf."},
		flaw{"another port", environment, ":8002", ":8001", "nobody listens at http://afirgen-asr-ocr-server.afirgen.internal:8001"},
		flaw{"another port of the program", "ecs/gguf-server.json", "\"containerPort\": 8001", "\"containerPort\": 8003", "nobody listens at http://afirgen-gguf-server"},
	)
}
