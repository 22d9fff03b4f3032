package test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// checkWhole holds a whole environment, each module with what the others give it, against what no module may undo.
func checkWhole(list []planned) (found []string) {
	found = append(found, checkFlows(list)...)
	found = append(found, checkWorldWide(list)...)
	found = append(found, checkNoSecretInState("", list, nil)...)
	found = append(found, checkWiring(list)...)
	for _, role := range ofKind(list, "aws_iam_role") {
		found = append(found, checkTaken(role)...)
	}
	for _, group := range ofKind(list, "aws_cloudwatch_log_group") {
		if days := group.number("retention_in_days"); days < 1 || days > 90 {
			found = append(found, fmt.Sprintf("%s keeps lines for %v days", group.text("name"), days))
		}
	}
	return found
}

// checkWorldWide finds what the internet could reach besides the load balancer.
func checkWorldWide(list []planned) (found []string) {
	for _, r := range list {
		switch r.kind {
		case "aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule":
			if r.module != "network" {
				found = append(found, fmt.Sprintf("%s.%s is in the module %s: who speaks to whom stands in one table", r.kind, r.name, r.module))
			}
		case "aws_db_instance":
			found = append(found, wants(r, map[string]cty.Value{"publicly_accessible": cty.False})...)
		case "aws_ecs_service":
			its := r.values["network_configuration"].AsValueSlice()[0].AsValueMap()
			if public := its["assign_public_ip"]; public == cty.NilVal || public.True() {
				found = append(found, r.module+"."+r.name+" has a public address")
			}
			if subnets := textsOf(its["subnets"]); !slices.Equal(subnets, []string{"private-a", "private-b"}) {
				found = append(found, fmt.Sprintf("%s.%s is in the subnets %v", r.module, r.name, subnets))
			}
		case "aws_s3_bucket":
			if !slices.ContainsFunc(ofKind(list, "aws_s3_bucket_public_access_block"), func(b planned) bool { return b.text("bucket") == r.text("bucket") }) {
				found = append(found, r.text("bucket")+" may be made public")
			}
		}
	}
	return found
}

func textsOf(list cty.Value) (texts []string) {
	for _, v := range list.AsValueSlice() {
		texts = append(texts, v.AsString())
	}
	slices.Sort(texts)
	return texts
}

// checkWiring wants what one module makes to be what another is given.
func checkWiring(list []planned) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	for _, db := range ofKind(list, "aws_db_instance") {
		if groups := textsOf(db.values["vpc_security_group_ids"]); !slices.Equal(groups, []string{"part-database"}) {
			say("the database is in the groups %v", groups)
		}
	}
	for _, group := range ofKind(list, "aws_db_subnet_group") {
		if subnets := textsOf(group.values["subnet_ids"]); !slices.Equal(subnets, []string{"private-a", "private-b"}) {
			say("the database is in the subnets %v", subnets)
		}
	}
	for _, balancer := range ofKind(list, "aws_lb") {
		if subnets := textsOf(balancer.values["subnets"]); !slices.Equal(subnets, []string{"public-a", "public-b"}) {
			say("the load balancer is in the subnets %v", subnets)
		}
		if groups := textsOf(balancer.values["security_groups"]); !slices.Equal(groups, []string{"part-alb"}) {
			say("the load balancer is in the groups %v", groups)
		}
		found = append(found, checkBalancerLogs(list, balancer)...)
	}
	gateway, _ := byID(list, "aws_vpc_endpoint", "s3")
	for _, arn := range arnsOf(list, "aws_s3_bucket", "archive") {
		put := request{action: "s3:PutObject", resource: arn + "/audio/x.wav", principal: "AWS", context: map[string]string{"aws:ResourceAccount": testAccount}}
		found = append(found, checkWishes("the gateway of S3", gateway.text("policy"), wish{"an upload to " + arn, put, true})...)
	}
	return found
}

// checkBalancerLogs wants the bucket to take the load balancer's logs where it puts them; AWS refuses the balancer else.
func checkBalancerLogs(list []planned, balancer planned) []string {
	logs := balancer.values["access_logs"].AsValueSlice()[0].AsValueMap()
	bucket := logs["bucket"].AsString()
	key := strings.TrimPrefix(logs["prefix"].AsString()+"/AWSLogs/"+testAccount+"/x.log.gz", "/")
	for _, p := range ofKind(list, "aws_s3_bucket_policy") {
		if p.text("bucket") == bucket {
			put := request{action: "s3:PutObject", resource: "arn:aws:s3:::" + bucket + "/" + key, principal: "logdelivery.elasticloadbalancing.amazonaws.com",
				context: map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}}
			return checkWishes("the policy of "+bucket, p.text("policy"), wish{"the load balancer's log at " + key, put, true})
		}
	}
	return []string{"the load balancer logs into " + bucket + ", which has no policy"}
}

// checkTaken wants a role to be for services of AWS on behalf of this account, never for another account or everybody.
func checkTaken(role planned) []string {
	p, err := readPolicy(role.text("assume_role_policy"))
	if err != nil || len(p.Statement) != 1 {
		return []string{fmt.Sprintf("%s: who may take it: %v", role.text("name"), err)}
	}
	s := p.Statement[0]
	if len(s.Principal) != 1 || len(s.Principal["Service"]) != 1 || !slices.Equal(s.Action, []string{"sts:AssumeRole"}) ||
		!slices.Equal(s.Condition["StringEquals"]["aws:SourceAccount"], []string{testAccount}) {
		return []string{fmt.Sprintf("%s: others than one service of this account may take it", role.text("name"))}
	}
	return nil
}

func TestTheModulesFitTogether(t *testing.T) {
	const prod = "terraform/environments/prod/main.tf"
	hold(t, checkPlan(checkWhole, "dev"))
	for _, w := range []way{byDaemon(), toRoentgen(), toRoentgenElsewhere()} {
		hold(t, inWay(w, checkWhole))
		hold(t, inWay(w, func(list []planned) []string { return append(checkPolicies(list), checkBounds(list)...) }))
	}
	hold(t, checkPlan(checkWhole, "prod"),
		flaw{"the database in another group", prod, "module.network.security_group_ids[\"database\"]", "module.network.security_group_ids[\"main_backend\"]", "the database is in the groups [part-main_backend]"},
		flaw{"the database in public", prod, "  subnet_ids        = module.network.private_subnet_ids", "  subnet_ids        = module.network.public_subnet_ids", "the database is in the subnets [public-a public-b]"},
		flaw{"tasks with addresses of their own", "terraform/modules/cluster/services.tf", "assign_public_ip = false", "assign_public_ip = true", "has a public address"},
		flaw{"logs that the bucket does not take", "terraform/modules/cluster/alb.tf", "prefix  = var.alb_log_prefix", "prefix  = \"logs\"", "the load balancer's log at logs/AWSLogs/123456789012/x.log.gz: allowed is false"},
		flaw{"a bucket that the gateway does not know", "terraform/modules/storage/main.tf", "\"afirgen-archive-$", "\"fir-archive-$", "an upload to arn:aws:s3:::fir-archive-prod-123456789012: allowed is false"},
		flaw{"flow logs of any account", "terraform/modules/network/flow_logs.tf", "\"aws:SourceAccount\"", "\"aws:SourceOrgID\"", "afirgen-flow-logs-role: others than one service"},
	)
}
