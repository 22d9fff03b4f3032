// Package awssdk records the calls of the AWS SDK for Go v2 as subsegments, one for each API call, however many attempts
// it took. It is a package of its own so that services without AWS never compile that SDK.
//
//	cfg, err := config.LoadDefaultConfig(ctx)
//	awssdk.InstrumentAWS(&cfg)
//	client := s3.NewFromConfig(cfg)
//
// It owns nothing: all state belongs to the call. It never changes what a call sends (but for the header
// X-Amzn-Trace-Id, which no signature covers) or returns, and never panics. Values of parameters that its list does not
// name are never recorded, bodies neither.
package awssdk

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
)

// InstrumentAWS makes every client that is built from cfg afterwards record its calls. Each becomes a subsegment of the
// segment in the call's context, named after the service (S3, SecretsManager, DynamoDB), with namespace aws and an aws
// block: operation, region, request_id, id_2 where the service gives one, retries (attempts less one) and the
// parameters of the built-in list, extended by more.
//
// 4xx marks it as an error, 5xx as a fault, a refusal for too many calls as throttled too; the service's error is
// recorded with its code, its message and the caller's stack. It ends when the call returns, which for a download is
// when the header has arrived. Calls with no segment in their context are counted as missing, those of unrecorded
// traces carry the header. Presigning is no call and not recorded. To instrument twice is to instrument once.
func InstrumentAWS(cfg *aws.Config, more ...Parameter) {
	r := record{wanted: wanted(more)}
	cfg.APIOptions = append(slices.Clip(cfg.APIOptions), r.join)
}

// join adds the two middlewares to one call's stack. An error here would fail the call.
func (r record) join(stack *middleware.Stack) error {
	if _, there := stack.Initialize.Get(r.ID()); there || len(stack.Deserialize.List()) == 0 {
		return nil // instrumented already; or nothing will answer: a URL is being presigned
	}
	// After: behind those that note service, operation and region, and behind the check of parameters.
	if err := stack.Initialize.Add(r, middleware.After); err != nil {
		return nil
	}
	// After: next to the HTTP client, once for each attempt, when the request is signed.
	_ = stack.Deserialize.Add(attempt{}, middleware.After)
	return nil
}
