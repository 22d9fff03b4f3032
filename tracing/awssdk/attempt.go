package awssdk

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"go.opentelemetry.io/otel/attribute"

	"github.com/roentgen/roentgen/tracing"
)

// attempt is the middleware around each request of a call. It has no state.
type attempt struct{}

// answer is what one attempt sent and got.
type answer struct {
	method, url        string
	requestID, otherID string
	status             int // 0: nothing came back
	length             int64
	hasLength          bool
}

// ID implements the SDK's middleware.
func (attempt) ID() string { return "RoentgenAttempt" }

// HandleDeserialize adds the trace header and looks at the answer's header.
func (attempt) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	req, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return next.HandleDeserialize(ctx, in)
	}
	if header := tracing.Header(ctx); header != "" {
		req.Header.Set(tracing.HeaderName, header)
	}
	c, recorded := ctx.Value(callKey{}).(*call)
	if recorded {
		c.attempts++
		c.answer = answer{method: req.Method, url: c.shown(req.URL)}
	}
	out, metadata, err := next.HandleDeserialize(ctx, in)
	if resp, ok := out.RawResponse.(*smithyhttp.Response); ok && recorded {
		c.answer.received(resp)
	}
	return out, metadata, err
}

func (a *answer) received(resp *smithyhttp.Response) {
	if resp == nil || resp.Response == nil || resp.StatusCode == 0 {
		return // the SDK's stand-in for no response
	}
	a.status, a.length, a.hasLength = resp.StatusCode, resp.ContentLength, resp.ContentLength >= 0
	a.requestID = first(resp.Header, "X-Amzn-Requestid", "X-Amz-Request-Id", "X-Amz-Requestid")
	a.otherID = resp.Header.Get("X-Amz-Id-2")
}

func first(h http.Header, names ...string) string {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

func (a *answer) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	attrs = append(attrs, attribute.String("http.request.method", a.method), attribute.String("url.full", a.url))
	if a.requestID != "" {
		attrs = append(attrs, attribute.String("aws.request_id", a.requestID))
	}
	if a.otherID != "" {
		attrs = append(attrs, attribute.String("aws.extended_request_id", a.otherID))
	}
	if a.status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", a.status))
	}
	if a.hasLength {
		attrs = append(attrs, attribute.Int64("http.response.body.size", a.length))
	}
	return attrs
}

// shown is the URL without query and, for S3, without the object's key, which is not for traces unless asked for.
func (c *call) shown(u *url.URL) string {
	path := u.EscapedPath()
	if c.service == "S3" && !c.withKeys {
		path = "/"
		if c.bucket != "" && strings.HasPrefix(u.Path+"/", "/"+c.bucket+"/") {
			path += c.bucket
		}
	}
	return u.Scheme + "://" + u.Host + path
}
