package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/roentgen/roentgen/agent/upstream"
)

// lookAtUpstream looks at the way of an agent to where it sends.
func (d *doctor) lookAtUpstream(ctx context.Context) {
	where, _ := d.c.Flags().GetString("upstream")
	switch {
	case where == upstreamAWS, where == "" && d.awsIsMeant():
		d.lookAtAWS(ctx)
	case where == "":
		d.skipped("AWS", "this environment names no region and no credentials, and --upstream aws is not given")
	default:
		d.lookAtRoentgen(ctx, where)
	}
}

// awsIsMeant tells whether this environment speaks of AWS.
func (d *doctor) awsIsMeant() bool {
	for _, flag := range []string{"region", "role-arn", "endpoint"} {
		if d.c.Flags().Changed(flag) {
			return true
		}
	}
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
		"AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_WEB_IDENTITY_TOKEN_FILE", "ECS_CONTAINER_METADATA_URI_V4",
	} {
		if d.getenv(name) != "" {
			return true
		}
	}
	return false
}

// lookAtRoentgen asks a Roentgen server as an agent would.
func (d *doctor) lookAtRoentgen(ctx context.Context, where string) {
	text := func(flag string) string { v, _ := d.c.Flags().GetString(flag); return v }
	r, err := upstream.NewRoentgen(upstream.RoentgenConfig{
		URL: where, Token: d.getenv(tokenEnv), TokenFile: text("token-file"), Version: version, Proxy: text("proxy-address"), Timeout: looking, Now: d.now,
	})
	if err != nil {
		d.failed("upstream", err.Error(), "change --upstream, --token-file or --proxy-address")
		return
	}
	defer r.Close()
	if err := r.Check(ctx); err != nil {
		d.failed("upstream", "", "")
		d.explained(err)
		return
	}
	d.ok("upstream", "%s takes batches", r.Describe())
}

// explained parts the last check's sentence of the upstream, which names cause
// and remedy, at its colon or semicolon.
func (d *doctor) explained(err error) {
	last := &d.checks[len(d.checks)-1]
	text := harmless(err.Error())
	last.Found, last.Remedy = text, text
	if i := strings.LastIndex(text, "; "); i > 0 {
		last.Found, last.Remedy = text[:i], text[i+2:]
	} else if i := strings.LastIndex(text, ": "); i > 0 {
		last.Found, last.Remedy = text[:i], text[i+2:]
	}
}

// lookAtAWS looks at region, endpoint, proxy, credentials, and at every action
// that an agent needs.
func (d *doctor) lookAtAWS(ctx context.Context) {
	text := func(flag string) string { v, _ := d.c.Flags().GetString(flag); return v }
	local, _ := d.c.Flags().GetBool("local-mode")
	a, err := upstream.NewAWS(upstream.AWSConfig{
		Region: text("region"), Endpoint: text("endpoint"), RoleARN: text("role-arn"), Proxy: text("proxy-address"), LocalMode: local,
		Version: version, Timeout: looking, Now: d.now, Getenv: d.getenv,
	})
	if err != nil {
		d.failed("AWS region", err.Error(), "export AWS_REGION=…, or --region of the agent, or Region: in its file")
		return
	}
	defer a.Close()
	region, from := a.Region()
	d.ok("AWS region", "%s, from %s", region, from)
	d.lookAtProxy(text("proxy-address"))
	if err := a.Check(ctx); err != nil {
		d.failed("AWS credentials", "", "")
		d.explained(err)
		if e, ok := err.(*upstream.Error); ok && isDenied(e.Code) {
			last := &d.checks[len(d.checks)-1]
			last.Name = "AWS actions"
			last.Remedy = policyLine([]string{"xray:PutTraceSegments"})
			d.lookAtActions(ctx, a, []string{"xray:PutTraceSegments"})
		}
		return
	}
	d.ok("AWS upstream", "%s takes segments", a.Describe())
	d.lookAtActions(ctx, a, nil)
}

func (d *doctor) lookAtProxy(flag string) {
	proxy, from := flag, "--proxy-address"
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		if proxy == "" {
			proxy, from = d.getenv(name), name
		}
	}
	if proxy == "" {
		return
	}
	u, err := url.Parse(proxy)
	if err != nil || u.Host == "" {
		d.failed("proxy", fmt.Sprintf("%s is no URL like http://proxy.example:3128", from), "correct "+from)
		return
	}
	d.ok("proxy", "%s, from %s", u.Redacted(), from)
}

// awsAsk is an action that an agent needs, and a question that changes nothing.
type awsAsk struct{ action, path, body string }

var awsAsks = [...]awsAsk{
	{"xray:GetSamplingRules", "/GetSamplingRules", `{}`},
	{"xray:GetSamplingTargets", "/SamplingTargets", `{"SamplingStatisticsDocuments":[]}`},
	{"xray:GetSamplingStatisticSummaries", "/SamplingStatisticSummaries", `{}`},
	{"xray:PutTelemetryRecords", "/TelemetryRecords", `{"TelemetryRecords":[]}`},
}

// lookAtActions finds the actions that the role is missing.
func (d *doctor) lookAtActions(ctx context.Context, a *upstream.AWS, denied []string) {
	var allowed []string
	for _, ask := range awsAsks {
		answer, err := a.Do(ctx, ask.path, []byte(ask.body))
		if err != nil {
			d.failed("AWS actions", "", "")
			d.explained(err)
			return
		}
		switch code := awsCode(answer); {
		case isDenied(code):
			denied = append(denied, ask.action)
		case answer.Status == http.StatusOK || answer.Status == http.StatusBadRequest: // the question was understood, and is not liked
			allowed = append(allowed, ask.action)
		default:
			d.warning("AWS actions", fmt.Sprintf("%s is answered with %d %s", ask.action, answer.Status, code), "ask again; if it stays so, see what stands between this host and AWS")
		}
	}
	if len(denied) > 0 {
		last := len(d.checks) - 1
		if d.checks[last].Name == "AWS actions" && d.checks[last].State == stateFailed { // of PutTraceSegments
			d.checks = d.checks[:last]
		}
		d.failed("AWS actions", "the role may not do "+strings.Join(denied, ", "), policyLine(denied))
		return
	}
	d.ok("AWS actions", "%s are allowed", strings.Join(append([]string{"xray:PutTraceSegments"}, allowed...), ", "))
}

// policyLine is what to add to the policy.
func policyLine(actions []string) string {
	text, _ := json.Marshal(map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}) // such a map always encodes
	return "add to the policy of that role: " + string(text)
}

func isDenied(code string) bool { return strings.HasPrefix(code, "AccessDenied") }

// awsCode is the error's name in an answer.
func awsCode(a *upstream.Answer) string {
	var body struct {
		Type string `json:"__type"`
		Code string `json:"code"`
	}
	json.Unmarshal(a.Body, &body) // what cannot be read has no code
	for _, code := range []string{a.Header.Get("X-Amzn-Errortype"), body.Type, body.Code} {
		code, _, _ = strings.Cut(code, ":")
		if _, after, found := strings.Cut(code, "#"); found {
			code = after
		}
		if code != "" {
			return code
		}
	}
	return ""
}
