package test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

func anyRule(name string) *types.SamplingRule {
	star := aws.String("*")
	return &types.SamplingRule{
		RuleName: aws.String(name), Priority: aws.Int32(7), FixedRate: 0.25, ReservoirSize: 3, Version: aws.Int32(1),
		ServiceName: star, ServiceType: star, Host: star, HTTPMethod: star, URLPath: aws.String("/fir/*"), ResourceARN: star,
	}
}

// TestAWSClientChangesSamplingRules makes, changes and deletes rules with AWS's
// own client, and restarts the server between.
func TestAWSClientChangesSamplingRules(t *testing.T) {
	data := t.TempDir()
	s := launch(t, data)
	c := awsClient(s)
	made, err := c.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: anyRule("afirgen")})
	if err != nil {
		t.Fatal(err)
	}
	record := made.SamplingRuleRecord
	if arn := aws.ToString(record.SamplingRule.RuleARN); !strings.HasSuffix(arn, ":sampling-rule/afirgen") || time.Since(aws.ToTime(record.CreatedAt)) > time.Minute {
		t.Errorf("made %s at %v", arn, record.CreatedAt)
	}
	if _, err := c.UpdateSamplingRule(t.Context(), &xray.UpdateSamplingRuleInput{
		SamplingRuleUpdate: &types.SamplingRuleUpdate{RuleARN: record.SamplingRule.RuleARN, FixedRate: aws.Float64(0.5), HTTPMethod: aws.String("POST")},
	}); err != nil {
		t.Fatal(err)
	}
	s.kill()
	s = startServer(t, data)
	c = awsClient(s)
	rules, err := c.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rules.SamplingRuleRecords) != 2 {
		t.Fatalf("%d rules, want afirgen and Default", len(rules.SamplingRuleRecords))
	}
	if r := rules.SamplingRuleRecords[0].SamplingRule; aws.ToString(r.RuleName) != "afirgen" || r.FixedRate != 0.5 || aws.ToString(r.HTTPMethod) != "POST" || r.ReservoirSize != 3 {
		t.Errorf("after a kill the rule is %+v", r)
	}
	if _, err := c.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String("afirgen")}); err != nil {
		t.Fatal(err)
	}
	if rules, err = c.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{}); err != nil || len(rules.SamplingRuleRecords) != 1 {
		t.Errorf("%d rules after the deletion, %v; want Default alone", len(rules.SamplingRuleRecords), err)
	}
	testRefusedRules(t, c)
}

func testRefusedRules(t *testing.T, c *xray.Client) {
	rate := anyRule("rate")
	rate.FixedRate = 1.5
	for name, call := range map[string]struct {
		do   func() error
		code string
	}{
		"a rate above 1": {func() error {
			_, err := c.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: rate})
			return err
		}, "InvalidRequestException"},
		"Default is there": {func() error {
			_, err := c.DeleteSamplingRule(t.Context(), &xray.DeleteSamplingRuleInput{RuleName: aws.String("Default")})
			return err
		}, "InvalidRequestException"},
		"the twenty-sixth": {func() (err error) {
			for i := range 26 {
				_, err = c.CreateSamplingRule(t.Context(), &xray.CreateSamplingRuleInput{SamplingRule: anyRule("rule-" + string(rune('a'+i)))})
			}
			return err
		}, "RuleLimitExceededException"},
	} {
		t.Run(name, func(t *testing.T) {
			var apiErr smithy.APIError
			if err := call.do(); !errors.As(err, &apiErr) || apiErr.ErrorCode() != call.code || apiErr.ErrorMessage() == "" {
				t.Errorf("got %v, want %s with a message", err, call.code)
			}
		})
	}
}

func TestAWSClientReadsWhatClientsCounted(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	for _, client := range []string{"0123456789abcdef01234567", "1123456789abcdef01234567"} {
		if _, err := c.GetSamplingTargets(t.Context(), &xray.GetSamplingTargetsInput{SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{
			{RuleName: aws.String("Default"), ClientID: aws.String(client), Timestamp: aws.Time(time.Now()), RequestCount: 10, SampledCount: 2, BorrowCount: 1},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := c.GetSamplingStatisticSummaries(t.Context(), &xray.GetSamplingStatisticSummariesInput{})
	if err != nil {
		t.Fatal(err)
	}
	requests, sampled, borrowed := int32(0), int32(0), int32(0)
	for _, sum := range got.SamplingStatisticSummaries { // two, where ten seconds ended between the calls
		requests, sampled, borrowed = requests+sum.RequestCount, sampled+sum.SampledCount, borrowed+sum.BorrowCount
	}
	if requests != 20 || sampled != 4 || borrowed != 2 {
		t.Errorf("%d requests, %d sampled, %d borrowed; want 20, 4, 2", requests, sampled, borrowed)
	}
}
