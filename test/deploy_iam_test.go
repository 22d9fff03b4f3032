package test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// request is somebody's wish to do something to a resource, with what a condition may ask of it.
type request struct {
	action, resource string
	principal        string // AWS, or the service's name; empty: of the identity that has the policy
	context          map[string]string
}

// decide says whether a policy lets a request through: something allows it, and nothing denies it.
func (p policy) decide(r request) (allowed bool, err error) {
	for _, s := range p.Statement {
		holds, err := conditionsHold(s.Condition, r.context)
		if err != nil {
			return false, err
		}
		if !holds || !anyMatches(s.Action, r.action) || !anyMatches(s.Resource, r.resource) || !speaksOf(s.Principal, r.principal) {
			continue
		}
		if s.Effect == "Deny" {
			return false, nil
		}
		allowed = true
	}
	return allowed, nil
}

func speaksOf(principals map[string][]string, who string) bool {
	if who == "" || principals == nil {
		return principals == nil
	}
	if slices.Contains(principals["*"], "*") || who == "AWS" && slices.Contains(principals["AWS"], "*") {
		return true
	}
	return slices.Contains(principals["Service"], who)
}

func anyMatches(patterns []string, s string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, s) })
}

// matches knows IAM's two wildcards.
func matches(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	switch pattern[0] {
	case '*':
		return matches(pattern[1:], s) || s != "" && matches(pattern, s[1:])
	case '?':
		return s != "" && matches(pattern[1:], s[1:])
	}
	return s != "" && s[0] == pattern[0] && matches(pattern[1:], s[1:])
}

// conditionsHold wants all tests to hold. A key that a request lacks holds no test.
func conditionsHold(tests map[string]map[string][]string, context map[string]string) (bool, error) {
	for test, keys := range tests {
		for key, values := range keys {
			have, ok := context[key]
			if !ok {
				return false, nil
			}
			holds, err := conditionHolds(test, have, values)
			if !holds || err != nil {
				return false, err
			}
		}
	}
	return true, nil
}

func conditionHolds(test, have string, values []string) (bool, error) {
	switch test {
	case "StringEquals", "Bool":
		return slices.Contains(values, have), nil
	case "ArnLike", "StringLike":
		return anyMatches(values, have), nil
	case "NumericLessThan":
		number, err := strconv.ParseFloat(have, 64)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(values, func(v string) bool {
			bound, err := strconv.ParseFloat(v, 64)
			return err == nil && number < bound
		}), nil
	}
	return false, fmt.Errorf("a policy asks for %s, which the tests do not know", test)
}

// wish is a request, and whether it has to be let through.
type wish struct {
	title   string
	request request
	allowed bool
}

// checkWishes asks a policy.
func checkWishes(name, text string, wishes ...wish) (found []string) {
	p, err := readPolicy(text)
	if err != nil {
		return []string{fmt.Sprintf("%s: %v", name, err)}
	}
	for _, w := range wishes {
		allowed, err := p.decide(w.request)
		if err != nil {
			return []string{fmt.Sprintf("%s: %v", name, err)}
		}
		if allowed != w.allowed {
			found = append(found, fmt.Sprintf("%s: %s: allowed is %t", name, w.title, allowed))
		}
	}
	return found
}

// planModule evaluates one module of its own, with inputs that another would give it.
func planModule(deploy, module string, inputs map[string]cty.Value) ([]planned, map[string]cty.Value, error) {
	schema, err := readSchema()
	if err != nil {
		return nil, nil, err
	}
	p := &planner{schema: schema}
	outputs, err := p.plan(module, filepath.Join(deploy, "terraform", "modules", module), inputs)
	return p.planned, outputs, err
}

// checkModule runs a check over what a module would make and say, for dev and prod.
func checkModule(module string, inputs map[string]cty.Value, check func(environment string, list []planned, outputs map[string]cty.Value) []string) func(deploy string) []string {
	return func(deploy string) (found []string) {
		for _, environment := range []string{"dev", "prod"} {
			with := map[string]cty.Value{"environment": cty.StringVal(environment)}
			maps.Copy(with, inputs)
			list, outputs, err := planModule(deploy, module, with)
			if err != nil {
				return append(found, err.Error())
			}
			for _, sentence := range check(environment, list, outputs) {
				found = append(found, environment+": "+sentence)
			}
		}
		return found
	}
}

// policyArguments are those that hold a policy of IAM.
var policyArguments = []string{"policy", "assume_role_policy", "access_policy"}

// checkPolicies wants of each policy that it parses, that IAM knows its actions, and that it says for whom.
func checkPolicies(list []planned) (found []string) {
	for _, r := range list {
		if r.kind == "aws_ecr_lifecycle_policy" {
			continue // the rules of a repository, not of IAM
		}
		for _, argument := range policyArguments {
			if r.text(argument) != "" {
				found = append(found, checkPolicyText(r.kind+"."+r.name, r.text(argument))...)
			}
		}
	}
	return found
}

func checkPolicyText(name, text string) (found []string) {
	p, err := readPolicy(text)
	if err != nil || p.Version != "2012-10-17" || len(p.Statement) == 0 {
		return []string{fmt.Sprintf("%s is no policy: %v", name, err)}
	}
	sids := map[string]bool{}
	for _, s := range p.Statement {
		if s.Sid == "" || sids[s.Sid] || strings.ContainsFunc(s.Sid, isNoAlphanumeric) {
			found = append(found, fmt.Sprintf("%s: the name %q of a statement is missing, taken, or no letters and digits", name, s.Sid))
		}
		sids[s.Sid] = true
		for _, resource := range s.Resource {
			if resource != "*" && !strings.HasPrefix(resource, "arn:aws:") {
				found = append(found, fmt.Sprintf("%s: %s is the resource %q, which is no ARN", name, s.Sid, resource))
			}
		}
	}
	return append(found, checkActions(name, p)...)
}

func isNoAlphanumeric(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
}

// unboundActions are those that a role may do to everything: IAM knows no resource of theirs.
var unboundActions = append([]string{"ecr:GetAuthorizationToken", "logs:DescribeLogGroups", "cloudwatch:PutMetricData"}, xrayActions...)

// checkBounds wants the policies of roles to name what they are about.
func checkBounds(list []planned) (found []string) {
	for _, r := range slices.Concat(ofKind(list, "aws_iam_role_policy"), ofKind(list, "aws_iam_policy")) {
		p, err := readPolicy(r.text("policy"))
		if err != nil {
			return append(found, err.Error())
		}
		for action, resources := range p.allows() {
			if slices.Contains(resources, "*") && !slices.Contains(unboundActions, action) {
				found = append(found, fmt.Sprintf("%s: %s to everything", r.text("name"), action))
			}
		}
	}
	return found
}

// TestEveryPolicyIsIAMs: of each module by itself; TestTerraformDeclaresRolesAndAttachesThePolicy says what roles need.
func TestEveryPolicyIsIAMs(t *testing.T) {
	check := func(_ string, list []planned, _ map[string]cty.Value) []string {
		return append(checkPolicies(list), checkBounds(list)...)
	}
	const network = "terraform/modules/network/"
	hold(t, checkModule("network", inRegion(), check),
		flaw{"an action that there is not", network + "endpoints.tf", "\"ecr:BatchGetImage\"", "\"ecr:PullImage\"", "IAM has no action ecr:PullImage"},
		flaw{"a role for every log", network + "flow_logs.tf", "[aws_cloudwatch_log_group.flows.arn, \"${aws_cloudwatch_log_group.flows.arn}:*\"]", "[\"*\"]", "afirgen-flow-logs-policy: logs:PutLogEvents to everything"},
		flaw{"a resource that is no ARN", network + "endpoints.tf", "\"arn:${data.aws_partition.current.partition}:s3:::afirgen-*\"", "\"afirgen-*\"", "which is no ARN"},
		flaw{"a statement without a name", network + "flow_logs.tf", "\"FindTheGroup\"", "\"find the group\"", "no letters and digits"},
	)
	hold(t, checkModule("storage", nil, check),
		flaw{"an action that there is not", "terraform/modules/storage/policies.tf", "\"s3:PutObject\"", "\"s3:PutObjects\"", "IAM has no action s3:PutObjects"},
		flaw{"two statements of one name", "terraform/modules/storage/policies.tf", "\"Tls12\"", "\"TlsAlone\"", "taken"},
	)
	for _, environment := range []string{"dev", "prod"} {
		hold(t, checkPlan(func(list []planned) []string { return append(checkPolicies(list), checkBounds(list)...) }, environment))
	}
}

// TestTheListOfActionsIsSorted, so that one is found, and added once.
func TestTheListOfActionsIsSorted(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "terraform", "iam-actions.txt"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")[1:]
	if !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Error("iam-actions.txt is not sorted, or has an action twice")
	}
}

// TestDecidingAsIAMDoes holds the tests' own reading of a policy.
func TestDecidingAsIAMDoes(t *testing.T) {
	p, err := readPolicy(`{"Version":"2012-10-17","Statement":[
		{"Sid":"A","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:Get*"],"Resource":["arn:aws:s3:::b/?/*"],"Condition":{"StringEquals":{"aws:ResourceAccount":["1"]}}},
		{"Sid":"B","Effect":"Deny","Principal":{"*":["*"]},"Action":["s3:*"],"Resource":["*"],"Condition":{"NumericLessThan":{"s3:TlsVersion":["1.2"]}}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	get := func(resource string, context map[string]string) request {
		return request{action: "s3:GetObject", resource: resource, principal: "AWS", context: context}
	}
	for _, w := range []wish{
		{"as allowed", get("arn:aws:s3:::b/x/y", map[string]string{"aws:ResourceAccount": "1", "s3:TlsVersion": "1.3"}), true},
		{"another account", get("arn:aws:s3:::b/x/y", map[string]string{"aws:ResourceAccount": "2"}), false},
		{"a key that is missing", get("arn:aws:s3:::b/x/y", nil), false},
		{"two letters for one", get("arn:aws:s3:::b/xx/y", map[string]string{"aws:ResourceAccount": "1"}), false},
		{"denied", get("arn:aws:s3:::b/x/y", map[string]string{"aws:ResourceAccount": "1", "s3:TlsVersion": "1.1"}), false},
		{"a service", request{action: "s3:GetObject", resource: "arn:aws:s3:::b/x/y", principal: "logging.s3.amazonaws.com", context: map[string]string{"aws:ResourceAccount": "1"}}, false},
		{"another action", request{action: "s3:PutObject", resource: "arn:aws:s3:::b/x/y", principal: "AWS", context: map[string]string{"aws:ResourceAccount": "1"}}, false},
	} {
		if allowed, err := p.decide(w.request); err != nil || allowed != w.allowed {
			t.Errorf("%s: allowed is %t, %v", w.title, allowed, err)
		}
	}
	if _, err := conditionHolds("IpAddress", "", nil); err == nil {
		t.Error("a test that is not known holds")
	}
}
