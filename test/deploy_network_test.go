package test

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// inRegion is what a module is given that has to know where it is.
func inRegion() map[string]cty.Value {
	return map[string]cty.Value{"region": cty.StringVal(testRegion)}
}

// checkNetwork runs a check over the network of dev and prod.
func checkNetwork(check func(list []planned) []string) func(deploy string) []string {
	return checkModule("network", inRegion(), func(_ string, list []planned, _ map[string]cty.Value) []string { return check(list) })
}

// byID finds the resource of a kind that has an id. Ids of the plan are name-key.
func byID(list []planned, kind, id string) (planned, bool) {
	for _, r := range ofKind(list, kind) {
		if id == strings.TrimSuffix(r.name+"-"+r.key, "-") {
			return r, true
		}
	}
	return planned{}, false
}

// flow is who may speak to whom, as the two rules of security groups say it.
type flow struct {
	from, to string // parts, networks, or s3
	port     int
}

// flowsOf reads the rules of one direction. What a rule says is one port of TCP, or it is a finding.
func flowsOf(list []planned, kind string) (flows []flow, found []string) {
	for _, r := range ofKind(list, kind) {
		from, to := r.number("from_port"), r.number("to_port")
		if r.text("ip_protocol") != "tcp" || from != to || from < 1 {
			found = append(found, fmt.Sprintf("%s[%s] is %s from %v to %v, not one port of TCP", r.name, r.key, r.text("ip_protocol"), from, to))
		}
		part := strings.TrimPrefix(r.text("security_group_id"), "part-")
		var other []string
		for _, argument := range []string{"referenced_security_group_id", "cidr_ipv4", "cidr_ipv6", "prefix_list_id"} {
			if s := r.text(argument); s != "" {
				other = append(other, strings.TrimPrefix(strings.Replace(s, "pl-78a54011", "s3", 1), "part-"))
			}
		}
		if len(other) != 1 {
			found = append(found, fmt.Sprintf("%s[%s] is about %v, want one", r.name, r.key, other))
			continue
		}
		if kind == "aws_vpc_security_group_egress_rule" {
			flows = append(flows, flow{part, other[0], int(from)})
		} else {
			flows = append(flows, flow{other[0], part, int(from)})
		}
	}
	return flows, found
}

// wantFlows are all that there may be inside of the VPC.
func wantFlows() (flows []flow) {
	flows = []flow{
		{"alb", "main_backend", 8000}, {"alb", "roentgen", 1895},
		{"main_backend", "gguf_server", 8001}, {"main_backend", "asr_ocr_server", 8002}, {"main_backend", "database", 3306},
		{"main_backend", "roentgen", 1895}, {"gguf_server", "roentgen", 1895}, {"asr_ocr_server", "roentgen", 1895},
		{"roentgen", "efs", 2049},
	}
	for _, part := range taskParts {
		flows = append(flows, flow{part, "endpoints", 443})
	}
	return flows
}

// taskParts run our images.
var taskParts = []string{"main_backend", "gguf_server", "asr_ocr_server", "roentgen"}

// checkFlows wants the rules to be the table, in both directions, and nothing open to the world but the load balancer.
func checkFlows(list []planned) (found []string) {
	in, found := flowsOf(list, "aws_vpc_security_group_ingress_rule")
	out, more := flowsOf(list, "aws_vpc_security_group_egress_rule")
	found = append(found, more...)
	wantIn := append(wantFlows(), flow{"0.0.0.0/0", "alb", 80}, flow{"0.0.0.0/0", "alb", 443})
	wantOut := wantFlows()
	for _, part := range taskParts {
		wantOut = append(wantOut, flow{part, "0.0.0.0/0", 443}, flow{part, "s3", 443})
	}
	found = append(found, differ("may be received", in, wantIn)...)
	found = append(found, differ("may be sent", out, wantOut)...)
	for _, g := range slices.Concat(ofKind(list, "aws_security_group"), ofKind(list, "aws_default_security_group")) {
		for _, inline := range []string{"ingress", "egress"} {
			if _, has := g.values[inline]; has {
				found = append(found, fmt.Sprintf("the group %s[%s] has rules of its own: %s", g.name, g.key, inline))
			}
		}
	}
	if len(ofKind(list, "aws_default_security_group")) != 1 {
		found = append(found, "the VPC's own group lets everything out")
	}
	return found
}

func differ(what string, got, want []flow) (found []string) {
	for _, f := range got {
		if !slices.Contains(want, f) {
			found = append(found, fmt.Sprintf("%s → %s:%d %s, and nobody needs it", f.from, f.to, f.port, what))
		}
	}
	for _, f := range want {
		if !slices.Contains(got, f) {
			found = append(found, fmt.Sprintf("%s → %s:%d is not what %s", f.from, f.to, f.port, what))
		}
	}
	return found
}

// ec2Text is what EC2 takes as the description of a group or a rule; a group's name may not begin with sg-.
var ec2Text = regexp.MustCompile(`^[a-zA-Z0-9. _:/()#,@\[\]+=&;{}!$*-]{1,255}$`)

func checkGroupTexts(list []planned) (found []string) {
	for _, r := range list {
		text := r.text("description")
		isOurs := r.kind == "aws_security_group" || strings.HasPrefix(r.kind, "aws_vpc_security_group_")
		if isOurs && !ec2Text.MatchString(text) {
			found = append(found, fmt.Sprintf("EC2 does not take the description %q", text))
		}
	}
	return found
}

func TestPartsSpeakToWhomTheyHaveTo(t *testing.T) {
	const groups = "terraform/modules/network/security_groups.tf"
	hold(t, checkNetwork(checkFlows),
		flaw{"a door to the world", groups, "{ http = 80, https = 443 }", "{ http = 80, https = 443, ssh = 22 }", "0.0.0.0/0 → alb:22 may be received"},
		flaw{"the backend open to the world", groups, "aws_security_group.part[\"alb\"].id\n  cidr_ipv4", "aws_security_group.part[\"main_backend\"].id\n  cidr_ipv4", "0.0.0.0/0 → main_backend:80 may be received"},
		flaw{"every part into the database", groups, "{ from = \"main_backend\", to = \"database\", port = 3306 }", "{ from = \"gguf_server\", to = \"database\", port = 3306 }", "gguf_server → database:3306 may be received"},
		flaw{"a flow too few", groups, "    backend_to_gguf      = { from = \"main_backend\", to = \"gguf_server\", port = 8001 }\n", "", "main_backend → gguf_server:8001 is not what may be sent"},
		flaw{"sent and never received", groups, "aws_security_group.part[each.value.to].id\n  referenced", "aws_security_group.part[each.value.from].id\n  referenced", "is not what may be received"},
		flaw{"every port", groups, "  from_port         = 443\n  to_port           = 443\n  description       = \"Images", "  from_port         = 0\n  to_port           = 65535\n  description       = \"Images", "not one port of TCP"},
		flaw{"every protocol", groups, "ip_protocol       = \"tcp\"", "ip_protocol       = \"-1\"", "is -1 from 80 to 80"},
		flaw{"rules that stand in the group", groups, "\"_\", \"-\")}\" })\n}", "\"_\", \"-\")}\" })\n\n  egress {\n    from_port   = 0\n    to_port     = 0\n    protocol    = \"-1\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n}", "has rules of its own: egress"},
		flaw{"no way to the layers", groups, "toset(local.tasks)", "toset([])", "main_backend → s3:443 is not what may be sent"},
	)
	hold(t, checkNetwork(checkGroupTexts),
		flaw{"an apostrophe", groups, "Backend of AFIRGen", "AFIRGen's backend", "EC2 does not take"},
	)
}

// TestTasksCanBeKeptFromTheInternet: with images in ECR and endpoints for all, no task needs a way out.
func TestTasksCanBeKeptFromTheInternet(t *testing.T) {
	inputs := inRegion()
	inputs["environment"], inputs["https_egress_cidrs"] = cty.StringVal("prod"), cty.ListValEmpty(cty.String)
	list, _, err := planModule(ours, "network", inputs)
	if err != nil {
		t.Fatal(err)
	}
	out, found := flowsOf(list, "aws_vpc_security_group_egress_rule")
	for _, f := range out {
		if strings.Contains(f.to, "/") {
			found = append(found, fmt.Sprintf("%s may still go to %s", f.from, f.to))
		}
	}
	if len(found) > 0 {
		t.Error(found)
	}
}

// checkRoutes wants of each zone that its private subnet goes out by a NAT gateway in the public subnet of natOf that zone.
func checkRoutes(list []planned, natOf func(zone string) string) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, zone := range []string{"a", "b"} {
		routes := routesOf(list, "private-"+zone)
		if len(routes) != 1 || routes[0].text("destination_cidr_block") != "0.0.0.0/0" {
			say("private-%s has %d routes, want one to everywhere", zone, len(routes))
			continue
		}
		nat, ok := byID(list, "aws_nat_gateway", routes[0].text("nat_gateway_id"))
		if want := "public-" + natOf(zone); !ok || nat.text("subnet_id") != want {
			say("private-%s goes out by %q in %q, want NAT in %s", zone, routes[0].text("nat_gateway_id"), nat.text("subnet_id"), want)
		}
		if eip, ok := byID(list, "aws_eip", nat.text("allocation_id")); !ok || eip.text("domain") != "vpc" {
			say("the NAT gateway of private-%s has no address", zone)
		}
		if routes = routesOf(list, "public-"+zone); len(routes) != 1 || routes[0].text("gateway_id") != "main" {
			say("public-%s has no way to the internet gateway", zone)
		}
	}
	return found
}

// routesOf lists the routes of the table that a subnet has.
func routesOf(list []planned, subnet string) (routes []planned) {
	for _, a := range ofKind(list, "aws_route_table_association") {
		if a.text("subnet_id") != subnet {
			continue
		}
		for _, r := range ofKind(list, "aws_route") {
			if r.text("route_table_id") == a.text("route_table_id") {
				routes = append(routes, r)
			}
		}
	}
	return routes
}

// checkSubnets wants two zones with a public and a private subnet each, apart from each other, and no public addresses.
func checkSubnets(list []planned) (found []string) {
	vpc := netip.MustParsePrefix("10.0.0.0/16")
	zones, taken := map[string][]string{}, map[string]netip.Prefix{}
	for _, s := range ofKind(list, "aws_subnet") {
		id := s.name + "-" + s.key
		network, err := netip.ParsePrefix(s.text("cidr_block"))
		if err != nil || !vpc.Overlaps(network) || network.Bits() <= vpc.Bits() {
			found = append(found, fmt.Sprintf("%s is %q, which is not of the VPC", id, s.text("cidr_block")))
		}
		for other, its := range taken {
			if its.Overlaps(network) {
				found = append(found, fmt.Sprintf("%s and %s have the same addresses", id, other))
			}
		}
		taken[id] = network
		zones[s.text("availability_zone")] = append(zones[s.text("availability_zone")], s.name)
		if public, ok := s.values["map_public_ip_on_launch"]; !ok || public.True() {
			found = append(found, id+" gives out public addresses")
		}
	}
	for _, zone := range []string{testRegion + "a", testRegion + "b"} {
		if slices.Sort(zones[zone]); !slices.Equal(zones[zone], []string{"private", "public"}) {
			found = append(found, fmt.Sprintf("%s has the subnets %v", zone, zones[zone]))
		}
	}
	return found
}

func TestEachZoneHasItsOwnWayOut(t *testing.T) {
	const routes = "terraform/modules/network/routes.tf"
	check := checkNetwork(func(list []planned) []string {
		found := checkRoutes(list, func(zone string) string { return zone })
		return append(found, checkSubnets(list)...)
	})
	hold(t, check,
		flaw{"one zone by the other's", routes, "aws_nat_gateway.main[var.nat_per_zone ? each.key : \"a\"].id", "aws_nat_gateway.main[\"a\"].id", "private-b goes out by \"main-a\" in \"public-a\", want NAT in public-b"},
		flaw{"NAT in a private subnet", routes, "subnet_id     = aws_subnet.public[each.key].id\n  tags", "subnet_id     = aws_subnet.private[each.key].id\n  tags", "in \"private-a\", want NAT in public-a"},
		flaw{"a private subnet that is public", routes, "nat_gateway_id         = aws_nat_gateway.main[var.nat_per_zone ? each.key : \"a\"].id", "gateway_id             = aws_internet_gateway.main.id", "private-a goes out by \"\""},
		flaw{"a subnet with the main table", routes, "  subnet_id      = aws_subnet.private[each.key].id\n", "  subnet_id      = aws_subnet.public[each.key].id\n", "private-a has 0 routes"},
		flaw{"public addresses", "terraform/modules/network/vpc.tf", "map_public_ip_on_launch = false\n", "map_public_ip_on_launch = true\n", "gives out public addresses"},
		flaw{"two subnets of the same addresses", "terraform/modules/network/locals.tf", "cidrsubnet(var.cidr, 8, 11)", "cidrsubnet(var.cidr, 8, 10)", "have the same addresses"},
		flaw{"all in one zone", "terraform/modules/network/locals.tf", "{ index = 1,", "{ index = 0,", "ap-south-1b has the subnets []"},
	)
	inputs := inRegion()
	inputs["environment"], inputs["nat_per_zone"] = cty.StringVal("dev"), cty.False
	list, _, err := planModule(ours, "network", inputs)
	if err != nil {
		t.Fatal(err)
	}
	if found := checkRoutes(list, func(string) string { return "a" }); len(found) > 0 || len(ofKind(list, "aws_nat_gateway")) != 1 {
		t.Errorf("with one NAT gateway for both zones: %d of them, %v", len(ofKind(list, "aws_nat_gateway")), found)
	}
}

// checkS3Endpoint wants S3 reached from both private subnets, the archive and the layers of images, and nothing else.
func checkS3Endpoint(list []planned) (found []string) {
	e, ok := byID(list, "aws_vpc_endpoint", "s3")
	if !ok || e.text("vpc_endpoint_type") != "Gateway" || e.text("service_name") != "com.amazonaws."+testRegion+".s3" {
		return []string{"S3 has no gateway"}
	}
	var tables []string
	for _, table := range e.values["route_table_ids"].AsValueSlice() {
		tables = append(tables, table.AsString())
	}
	if slices.Sort(tables); !slices.Equal(tables, []string{"private-a", "private-b"}) {
		found = append(found, fmt.Sprintf("the gateway of S3 is in the tables %v", tables))
	}
	asked := func(action, resource, account string) request {
		return request{action: action, resource: resource, principal: "AWS", context: map[string]string{"aws:ResourceAccount": account}}
	}
	const (
		archive = "arn:aws:s3:::afirgen-archive-prod-" + testAccount
		layers  = "arn:aws:s3:::prod-" + testRegion + "-starport-layer-bucket/9e3a12-06fd/layer"
		others  = "999999999999"
	)
	return append(found, checkWishes("the gateway of S3", e.text("policy"),
		wish{"a layer of an image", asked("s3:GetObject", layers, others), true},
		wish{"an upload", asked("s3:PutObject", archive+"/audio/x.wav", testAccount), true},
		wish{"a report", asked("s3:GetObject", archive+"/firs/KTW/1/2026.json", testAccount), true},
		wish{"taking back", asked("s3:DeleteObject", archive+"/audio/x.wav", testAccount), true},
		wish{"looking whether it is there", asked("s3:ListBucket", archive, testAccount), true},
		wish{"somebody else's bucket", asked("s3:PutObject", "arn:aws:s3:::loot/x", others), false},
		wish{"somebody else's bucket of our name", asked("s3:PutObject", "arn:aws:s3:::afirgen-archive/x", others), false},
		wish{"changing a layer", asked("s3:PutObject", layers, others), false},
		wish{"deleting the archive", asked("s3:DeleteBucket", archive, testAccount), false},
	)...)
}

// checkInterfaceEndpoints wants what tasks ask of AWS to be answered inside of the VPC, for identities of the account.
func checkInterfaceEndpoints(list []planned) (found []string) {
	need := map[string][]string{
		"ecr.api": {"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"},
		"ecr.dkr": {"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"}, "logs": {"logs:CreateLogStream", "logs:PutLogEvents"},
		"secretsmanager": {"secretsmanager:GetSecretValue"}, "xray": xrayActions,
	}
	for service, actions := range need {
		e, ok := byID(list, "aws_vpc_endpoint", "interface-"+service)
		if !ok || e.text("vpc_endpoint_type") != "Interface" || e.text("service_name") != "com.amazonaws."+testRegion+"."+service {
			found = append(found, service+" has no endpoint")
			continue
		}
		groups := e.values["security_group_ids"].AsValueSlice()
		if len(groups) != 1 || groups[0].AsString() != "part-endpoints" || e.values["subnet_ids"].LengthInt() != 2 || !e.values["private_dns_enabled"].True() {
			found = append(found, service+": tasks do not find its endpoint")
		}
		for _, action := range actions {
			asked := func(account string) request {
				return request{action: action, resource: "arn:aws:any", principal: "AWS", context: map[string]string{"aws:PrincipalAccount": account}}
			}
			found = append(found, checkWishes("the endpoint of "+service, e.text("policy"),
				wish{action, asked(testAccount), true}, wish{action + " by another account", asked("999999999999"), false})...)
		}
	}
	if vpc := ofKind(list, "aws_vpc"); len(vpc) != 1 || !vpc[0].values["enable_dns_support"].True() || !vpc[0].values["enable_dns_hostnames"].True() {
		found = append(found, "private names of endpoints want enable_dns_support and enable_dns_hostnames")
	}
	return found
}

func TestAWSIsReachedInsideOfTheVPC(t *testing.T) {
	const endpoints = "terraform/modules/network/endpoints.tf"
	hold(t, checkNetwork(checkS3Endpoint),
		flaw{"no layers", endpoints, "prod-${var.region}-starport-layer-bucket", "afirgen-layers", "a layer of an image: allowed is false"},
		flaw{"a condition that S3 does not fill", endpoints, "aws:ResourceAccount", "aws:PrincipalAccount", "an upload: allowed is false"},
		flaw{"every account's buckets of our names", endpoints, "\"StringEquals\"\n      variable = \"aws:ResourceAccount\"\n      values   = [data.aws_caller_identity.current.account_id]", "\"StringLike\"\n      variable = \"aws:ResourceAccount\"\n      values   = [\"*\"]", "somebody else's bucket of our name: allowed is true"},
		flaw{"one table alone", endpoints, "[for table in values(aws_route_table.private) : table.id]", "[aws_route_table.private[\"a\"].id]", "in the tables [private-a]"},
	)
	hold(t, checkNetwork(checkInterfaceEndpoints),
		flaw{"an action too few", endpoints, "      \"xray:GetSamplingTargets\",\n", "", "xray:GetSamplingTargets: allowed is false"},
		flaw{"every account", endpoints, "    condition {\n      test     = \"StringEquals\"\n      variable = \"aws:PrincipalAccount\"\n      values   = [data.aws_caller_identity.current.account_id]\n    }\n", "", "by another account: allowed is true"},
		flaw{"no name", endpoints, "private_dns_enabled = true", "private_dns_enabled = false", "tasks do not find its endpoint"},
		flaw{"another group", endpoints, "[aws_security_group.part[\"endpoints\"].id]", "[aws_security_group.part[\"alb\"].id]", "tasks do not find its endpoint"},
		flaw{"no answer to names", "terraform/modules/network/vpc.tf", "enable_dns_hostnames = true", "enable_dns_hostnames = false", "want enable_dns_support"},
		flaw{"X-Ray by way of NAT", "terraform/modules/network/variables.tf", "\"secretsmanager\", \"xray\"]\n\n", "\"secretsmanager\"]\n\n", "xray has no endpoint"},
	)
}

// checkFlowLogs wants all traffic of the VPC in a group that is not kept for ever, by a role that flow logs alone may take.
func checkFlowLogs(list []planned) (found []string) {
	logs, roles, groups := ofKind(list, "aws_flow_log"), ofKind(list, "aws_iam_role"), ofKind(list, "aws_cloudwatch_log_group")
	if len(logs) != 1 || len(roles) != 1 || len(groups) != 1 {
		return []string{fmt.Sprintf("there are %d flow logs, %d roles and %d groups, want one of each", len(logs), len(roles), len(groups))}
	}
	if logs[0].text("vpc_id") != "main" || logs[0].text("traffic_type") != "ALL" || logs[0].text("log_destination") != arnOf("aws_cloudwatch_log_group", groups[0].text("name")) ||
		logs[0].text("iam_role_arn") != arnOf("aws_iam_role", roles[0].text("name")) {
		found = append(found, fmt.Sprintf("the flow log is of %s %s to %s", logs[0].text("vpc_id"), logs[0].text("traffic_type"), logs[0].text("log_destination")))
	}
	if days := groups[0].number("retention_in_days"); days != 7 && days != 30 {
		found = append(found, fmt.Sprintf("flows are kept for %v days", days))
	}
	asked := func(service, account string) request {
		return request{action: "sts:AssumeRole", principal: service, context: map[string]string{
			"aws:SourceAccount": account, "aws:SourceArn": "arn:aws:ec2:" + testRegion + ":" + account + ":vpc-flow-log/fl-1",
		}}
	}
	trust := strings.ReplaceAll(roles[0].text("assume_role_policy"), `"Action"`, `"Resource":[""],"Action"`) // who may take a role names none
	found = append(found, checkWishes("the role of flow logs", trust,
		wish{"flow logs", asked("vpc-flow-logs.amazonaws.com", testAccount), true},
		wish{"flow logs of another account", asked("vpc-flow-logs.amazonaws.com", "999999999999"), false},
		wish{"tasks", asked("ecs-tasks.amazonaws.com", testAccount), false})...)
	group := arnOf("aws_cloudwatch_log_group", groups[0].text("name"))
	return append(found, checkWishes("the policy of flow logs", ofKind(list, "aws_iam_role_policy")[0].text("policy"),
		wish{"a stream", request{action: "logs:CreateLogStream", resource: group + ":log-stream:eni-1"}, true},
		wish{"lines", request{action: "logs:PutLogEvents", resource: group + ":log-stream:eni-1"}, true},
		wish{"another group", request{action: "logs:PutLogEvents", resource: arnOf("aws_cloudwatch_log_group", "/ecs/afirgen/main-backend") + ":log-stream:x"}, false})...)
}

func TestFlowsAreLogged(t *testing.T) {
	const logs = "terraform/modules/network/flow_logs.tf"
	hold(t, checkNetwork(checkFlowLogs),
		flaw{"what was refused alone", logs, "\"ALL\"", "\"REJECT\"", "the flow log is of main REJECT"},
		flaw{"for ever", logs, "local.log_days[var.environment]", "0", "kept for 0 days"},
		flaw{"another service", logs, "vpc-flow-logs.amazonaws.com", "ecs-tasks.amazonaws.com", "flow logs: allowed is false"},
		flaw{"any account", logs, "    condition {\n      test     = \"StringEquals\"\n      variable = \"aws:SourceAccount\"\n      values   = [data.aws_caller_identity.current.account_id]\n    }\n\n    condition {\n      test     = \"ArnLike\"\n      variable = \"aws:SourceArn\"\n      values   = [\"arn:${data.aws_partition.current.partition}:ec2:${var.region}:${data.aws_caller_identity.current.account_id}:vpc-flow-log/*\"]\n    }\n", "", "flow logs of another account: allowed is true"},
		flaw{"the group without its streams", logs, "[aws_cloudwatch_log_group.flows.arn, \"${aws_cloudwatch_log_group.flows.arn}:*\"]", "[aws_cloudwatch_log_group.flows.arn]", "lines: allowed is false"},
	)
}

// TestANetworkRefusesBadValues before anything is made.
func TestANetworkRefusesBadValues(t *testing.T) {
	for name, v := range map[string]cty.Value{
		"cidr":                cty.StringVal("172.0.0.0/16"),
		"environment":         cty.StringVal("production"),
		"interface_endpoints": cty.SetVal([]cty.Value{cty.StringVal("s3")}),
	} {
		inputs := inRegion()
		inputs["environment"] = cty.StringVal("dev")
		inputs[name] = v
		if _, _, err := planModule(ours, "network", inputs); err == nil || !strings.Contains(err.Error(), "the variable "+name+" is refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
