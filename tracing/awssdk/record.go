package awssdk

import (
	"context"
	"errors"
	"net/url"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/roentgen/roentgen/tracing"
)

// record is the middleware around a whole call. It never changes.
type record struct{ wanted map[string][]Parameter }

// call is one call while it lasts. The attempts of a call come one after the other, so it has no lock.
type call struct {
	span     trace.Span
	service  string
	bucket   string // of S3
	withKeys bool   // the caller has asked for S3's keys, so the URL may show them too
	attempts int
	answer   answer // the last attempt's
}

// callKey finds the call in the context of its attempts.
type callKey struct{}

// ID implements the SDK's middleware.
func (record) ID() string { return "RoentgenRecord" }

// HandleInitialize calls next exactly once and returns what it returned.
func (r record) HandleInitialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	out middleware.InitializeOutput, metadata middleware.Metadata, err error,
) {
	ctx, c := r.begin(ctx, in.Parameters)
	if c == nil {
		return next.HandleInitialize(ctx, in)
	}
	returned := false
	defer func() {
		if !returned { // a panic, or Goexit: it goes on up, and whoever stops it records it
			c.span.SetStatus(codes.Error, "")
			c.span.End()
		}
	}()
	out, metadata, err = next.HandleInitialize(ctx, in)
	returned = true
	c.end(err)
	return out, metadata, err
}

// begin returns nil where nothing is recorded.
func (r record) begin(ctx context.Context, input any) (context.Context, *call) {
	service := serviceName(awsmiddleware.GetServiceID(ctx))
	ctx, span := tracing.BeginCall(ctx, service)
	if !span.IsRecording() {
		return ctx, nil
	}
	c := &call{span: span, service: service}
	attrs := append(make([]attribute.KeyValue, 0, 8),
		attribute.String("aws.service", service),
		attribute.String("aws.operation", awsmiddleware.GetOperationName(ctx)))
	if region := awsmiddleware.GetRegion(ctx); region != "" {
		attrs = append(attrs, attribute.String("aws.region", region))
	}
	attrs = readQuietly(attrs, input, r.wanted[service])
	span.SetAttributes(attrs...)
	c.bucket = bucketOf(attrs)
	c.withKeys = slices.ContainsFunc(r.wanted["S3"], func(p Parameter) bool { return p.Field == "Key" })
	return context.WithValue(ctx, callKey{}, c), c
}

// readQuietly does without the parameters where reading them fails: the input is foreign.
func readQuietly(attrs []attribute.KeyValue, input any, wanted []Parameter) (all []attribute.KeyValue) {
	defer func() {
		if recover() != nil {
			all = attrs
		}
	}()
	return read(attrs, input, wanted)
}

// end records what came of the call.
func (c *call) end(err error) {
	attrs := make([]attribute.KeyValue, 0, 8)
	if c.attempts > 0 {
		attrs = append(c.answer.attributes(attrs), attribute.Int("aws.xray.retries", c.attempts-1))
	}
	if throttled(err) {
		attrs = append(attrs, attribute.Bool("aws.xray.throttle", true))
	}
	c.span.SetAttributes(attrs...)
	switch {
	case err == nil, c.answer.status == 304: // not modified: the SDK's way to say that nothing is new
		c.span.End()
	case c.answer.status >= 400: // the status tells whose mistake it was
		c.span.RecordError(essence(err), trace.WithStackTrace(true))
		c.span.End()
	default:
		tracing.End(c.span, withoutURL(err))
	}
}

// withoutURL is the network's error without the URL that net/http puts before it, which may hold an object's key.
func withoutURL(err error) error {
	if at := new(url.Error); errors.As(err, &at) && at.Err != nil {
		return at.Err
	}
	return err
}

// essence is the service's own error, with its code, out of what the SDK has wrapped around it: that repeats the status
// and the request's id, which stand elsewhere.
func essence(err error) error {
	var said smithy.APIError
	if errors.As(err, &said) {
		return said
	}
	return err
}

// throttled knows the many ways in which services say 429.
func throttled(err error) bool {
	if err == nil {
		return false
	}
	return retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err) == aws.TrueTernary
}
