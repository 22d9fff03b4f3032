package upstream

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go"
)

const (
	pathSegments  = "/TraceSegments"
	pathTelemetry = "/TelemetryRecords"
)

// actions are what a policy has to allow, by path.
var actions = map[string]string{
	pathSegments:                  "xray:PutTraceSegments",
	pathTelemetry:                 "xray:PutTelemetryRecords",
	"/GetSamplingRules":           "xray:GetSamplingRules",
	"/SamplingTargets":            "xray:GetSamplingTargets",
	"/SamplingStatisticSummaries": "xray:GetSamplingStatisticSummaries",
}

// maxSkew is how far a clock may be off before AWS complains.
const maxSkew = 4 * time.Minute

// awsError is the body of an answer that is no success. Which member holds the
// code depends on where in AWS it comes from.
type awsError struct {
	serverError
	Code string `json:"code"`
}

// readAWSError finds code and message.
func readAWSError(h http.Header, b []byte) (code, message string) {
	var e awsError
	if json.Unmarshal(b, &e) != nil {
		e.Message = string(b)
	}
	if e.Message == "" {
		e.Message = e.OtherMessage
	}
	for _, c := range []string{h.Get("X-Amzn-Errortype"), e.Type, e.Code} {
		c, _, _ = strings.Cut(c, ":")
		if _, after, found := strings.Cut(c, "#"); found {
			c = after
		}
		if c != "" {
			return c, clip(e.Message)
		}
	}
	return "", clip(e.Message)
}

// refusal explains an answer that is no success.
func (a *AWS) refusal(doing, path string, resp *http.Response, body []byte) *Error {
	code, message := readAWSError(resp.Header, body)
	e := &Error{Category: Category4XX, Status: resp.StatusCode, Code: code, RetryAfter: retryAfter(resp.Header, a.cfg.Now())}
	if resp.StatusCode >= 500 {
		e.Category = Category5XX
	}
	label := fmt.Sprintf("%d %s", resp.StatusCode, code)
	if code == "" {
		label = fmt.Sprintf("%d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	}
	e.Text = fmt.Sprintf("%s to %s: %s: %s", doing, a.endpoint.Redacted(), label, a.advice(e, path, message, resp.Header))
	return e
}

// advice says what to do about it, and sets what becomes of the batch.
func (a *AWS) advice(e *Error, path, message string, h http.Header) string {
	code := strings.TrimSuffix(e.Code, "Exception")
	switch {
	case e.Status >= 500:
		return message + "; AWS is in trouble, it is sent again"
	case e.Status == http.StatusTooManyRequests || strings.HasPrefix(code, "Throttl") || code == "RequestLimitExceeded" || code == "LimitExceeded":
		return message + "; AWS takes 2,600 segments a second and region unless that was raised: it is sent again more slowly"
	case e.Status == http.StatusProxyAuthRequired:
		e.Config = true
		return "the proxy wants a user: put it into --proxy-address as http://user:password@host:port"
	case code == "AccessDenied" || code == "AccessDeniedError":
		e.Config = true
		return denied(path, message)
	case a.unsure(code):
		e.Config = true
		a.credentials.Invalidate()
		return a.credentialAdvice(code, message, h)
	case e.Code == "" && e.Status != http.StatusBadRequest:
		e.Config = true
		return message + "; that is no answer of X-Ray: is the endpoint right, and is there a proxy in between?"
	}
	e.Permanent = e.Status == http.StatusBadRequest || e.Status == http.StatusRequestEntityTooLarge
	e.Config = !e.Permanent
	return message
}

// unsure tells whether the code doubts who we are.
func (a *AWS) unsure(code string) bool {
	switch code {
	case "ExpiredToken", "InvalidSignature", "SignatureDoesNotMatch", "RequestExpired", "RequestTimeTooSkewed",
		"UnrecognizedClient", "InvalidClientTokenId", "InvalidAccessKeyId", "MissingAuthenticationToken",
		"IncompleteSignature", "NotAuthorized", "OptInRequired", "InvalidToken":
		return true
	}
	return false
}

func denied(path, message string) string {
	action := actions[path]
	if action == "" {
		action = "the action"
	}
	if strings.Contains(message, "explicit deny") {
		return fmt.Sprintf("%s; a policy denies %s in so many words: take that out", message, action)
	}
	return fmt.Sprintf("%s; add %s on * to the policy of that user or role (AWSXRayDaemonWriteAccess has all that is needed)", message, action)
}

// credentialAdvice explains why AWS does not believe us. Where the clock is
// off, the next request is signed with AWS's time.
func (a *AWS) credentialAdvice(code, message string, h http.Header) string {
	if skew, known := a.clock(h); known && skew.Abs() > maxSkew && code != "ExpiredToken" {
		a.skew.Store(int64(skew))
		side := "behind"
		if skew < 0 {
			side = "ahead of"
		}
		return fmt.Sprintf("this host's clock is %s %s that of AWS: set it (chrony or ntpd); until then requests are signed with AWS's time", skew.Abs().Round(time.Second), side)
	}
	switch {
	case code == "ExpiredToken":
		return message + "; the credentials are over: renew those in the environment or the shared file; a role's are asked for anew by themselves"
	case strings.Contains(message, "valid region"), strings.Contains(message, "Credential should be scoped"):
		return fmt.Sprintf("%s; requests are signed for %s (from %s): name the endpoint's own region with --region", message, a.region, a.regionFrom)
	case code == "InvalidSignature", code == "SignatureDoesNotMatch", code == "IncompleteSignature":
		return message + "; the secret access key does not belong to the access key id: copy both again"
	case code == "MissingAuthenticationToken":
		return message + "; the signature did not arrive, or X-Ray has no such path: is there a proxy that takes headers away?"
	case code == "OptInRequired":
		return message + "; the region is not enabled for this account"
	}
	return message + fmt.Sprintf("; AWS does not know the access key in region %s: was it deleted, or is it one of another partition?", a.region)
}

// clock returns how far AWS's clock is ahead of ours, by the Date of an answer.
func (a *AWS) clock(h http.Header) (time.Duration, bool) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return 0, false
	}
	return at.Sub(a.cfg.Now()), true
}

// withoutCredentials explains why there are none.
func (a *AWS) withoutCredentials(doing string, err error) *Error {
	e := &Error{Config: true, Err: err, Code: "NoCredentials"}
	why := fmt.Sprintf("there are no credentials (%s): give the instance, task or pod a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile", clip(innermost(err).Error()))
	var api smithy.APIError
	var operation *smithy.OperationError
	if errors.As(err, &operation) && operation.Service() == "STS" && a.cfg.RoleARN != "" {
		why = fmt.Sprintf("the role %s cannot be assumed (%s): its trust policy has to name who asks, and the policy of who asks has to allow sts:AssumeRole on it", a.cfg.RoleARN, clip(innermost(err).Error()))
	}
	if errors.As(err, &api) {
		e.Code = api.ErrorCode()
	}
	e.Text = fmt.Sprintf("%s to %s: %s", doing, a.endpoint.Redacted(), why)
	return e
}
