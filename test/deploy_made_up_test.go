package test

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// The account and region that plans of tests are of.
const (
	testAccount = "123456789012"
	testRegion  = "ap-south-1"
)

// madeUp is a resource as others see it: its arguments, and what only AWS could tell, in AWS's form. address stands for the
// name of what has none.
func madeUp(kind, address string, values map[string]cty.Value, schema providerSchema) map[string]cty.Value {
	whole := map[string]cty.Value{"id": cty.StringVal(address)}
	for _, exported := range schema.Exported {
		whole[exported] = cty.StringVal(address)
	}
	for optional := range schema.Arguments {
		if _, has := values[optional]; !has && optional != "id" {
			whole[optional] = cty.NullVal(cty.DynamicPseudoType)
		}
	}
	maps.Copy(whole, values)
	name := nameOf(kind, values, address)
	whole["arn"] = cty.StringVal(arnOf(kind, name))
	for attribute, v := range toldBy(kind, name) {
		whole[attribute] = cty.StringVal(v)
	}
	return whole
}

// nameOf is what AWS would call a resource, which is also the id of those that have no other.
func nameOf(kind string, values map[string]cty.Value, otherwise string) string {
	arguments := []string{"name", "rule_name", "group_name", "alarm_name", "family", "identifier", "dashboard_name"}
	if kind == "aws_s3_bucket" {
		arguments = []string{"bucket"}
	}
	for _, argument := range arguments {
		if v, ok := values[argument]; ok && !v.IsNull() && v.Type() == cty.String {
			return v.AsString()
		}
	}
	return otherwise
}

func arnOf(kind, name string) string {
	const here = testRegion + ":" + testAccount + ":"
	switch kind {
	case "aws_s3_bucket":
		return "arn:aws:s3:::" + name
	case "aws_secretsmanager_secret":
		return "arn:aws:secretsmanager:" + here + "secret:" + name + "-AbCdEf"
	}
	forms := map[string]string{
		"aws_iam_role": "iam::" + testAccount + ":role/", "aws_iam_policy": "iam::" + testAccount + ":policy/",
		"aws_cloudwatch_log_group": "logs:" + here + "log-group:", "aws_ecs_task_definition": "ecs:" + here + "task-definition/",
		"aws_ecs_cluster": "ecs:" + here + "cluster/", "aws_ecr_repository": "ecr:" + here + "repository/", "aws_db_instance": "rds:" + here + "db:",
		"aws_sns_topic": "sns:" + here, "aws_efs_file_system": "elasticfilesystem:" + here + "file-system/",
		"aws_efs_access_point":        "elasticfilesystem:" + here + "access-point/",
		"aws_cloudwatch_metric_alarm": "cloudwatch:" + here + "alarm:", "aws_acm_certificate": "acm:" + here + "certificate/",
	}
	form, ok := forms[kind]
	if !ok {
		_, short, _ := strings.Cut(kind, "_")
		form = cmp.Or(short, kind) + ":" + here
	}
	return "arn:aws:" + form + name
}

// toldBy lists what a kind of resource has besides, which something here asks for.
func toldBy(kind, name string) map[string]string {
	switch kind {
	case "aws_iam_role", "aws_iam_policy", "aws_xray_group", "aws_s3_bucket", "aws_cloudwatch_log_group", "aws_db_parameter_group", "aws_db_subnet_group":
		return map[string]string{"id": name}
	case "aws_secretsmanager_secret":
		return map[string]string{"id": arnOf(kind, name)}
	case "aws_ecr_repository":
		return map[string]string{"id": name, "repository_url": fmt.Sprintf("%s.dkr.ecr.%s.amazonaws.com/%s", testAccount, testRegion, name)}
	case "aws_db_instance":
		host := name + ".c1a2b3c4d5e6." + testRegion + ".rds.amazonaws.com"
		return map[string]string{"address": host, "endpoint": host + ":3306"}
	case "aws_vpc_endpoint":
		return map[string]string{"prefix_list_id": "pl-78a54011"}
	case "aws_lb":
		return map[string]string{"dns_name": name + "-1234567890." + testRegion + ".elb.amazonaws.com", "arn_suffix": "app/" + name + "/50dc6c495c0c9188"}
	case "aws_lb_target_group":
		return map[string]string{"arn_suffix": "targetgroup/" + name + "/943f017f100becff"}
	}
	return nil
}

// awsAnswers are those of data sources and ephemeral resources that AWS would be asked for. name is that of the block.
func awsAnswers(name string) map[string]map[string]cty.Value {
	return map[string]map[string]cty.Value{
		"aws_caller_identity": {"account_id": cty.StringVal(testAccount)},
		"aws_partition":       {"partition": cty.StringVal("aws"), "dns_suffix": cty.StringVal("amazonaws.com")},
		"aws_region":          {"name": cty.StringVal(testRegion), "region": cty.StringVal(testRegion)},
		"aws_availability_zones": {"names": cty.ListVal([]cty.Value{
			cty.StringVal(testRegion + "a"), cty.StringVal(testRegion + "b"), cty.StringVal(testRegion + "c"),
		})},
		"aws_secretsmanager_random_password": {"random_password": cty.StringVal(madeUpPassword + name)},
		"aws_secretsmanager_secret_version":  {"secret_string": cty.StringVal(`{"username":"afirgen","password":"` + madeUpPassword + `"}`)},
	}
}

// madeUpPassword begins every value that nobody may find in a state.
const madeUpPassword = "NoStateMayHoldThis."
