package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/trace"
)

type calleeKey struct{}

// CalleeName says which service answers the HTTP calls made within the
// returned context. Their subsegments are named after it and marked
// traced=true, so that the service map waits for that service's own segment.
func CalleeName(ctx context.Context, name string) context.Context {
	return context.WithValue(nonNil(ctx), calleeKey{}, name)
}

// Transport records each call as a subsegment and tells the callee about the
// trace in X-Amzn-Trace-Id. base nil means http.DefaultTransport.
//
// The subsegment is named after the callee (CalleeName, Config.Callees) or
// else the URL's host, and has namespace remote, method, URL without user,
// password and query, status and declared content length. It ends when the
// response's header has arrived, like that of the official SDK; the body is
// not touched. Status 4xx, 429 and 5xx set flags as in Middleware, a transport
// error is recorded as an exception. Beneath an AWS client whose calls are
// recorded it adds no second subsegment to theirs.
func (tr *Tracing) Transport(base http.RoundTripper) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	if tr.set.disabled {
		return base
	}
	return &transport{tr: tr, base: base}
}

type transport struct {
	tr   *Tracing
	base http.RoundTripper
}

// RoundTrip implements [http.RoundTripper]; it does not change req.
func (t *transport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	s, i := current(req.Context())
	switch {
	case i != nil:
		resp, err = t.base.RoundTrip(withHeader(req, req.Context(), outgoing(nil, i)))
		i.hear(resp)
		return resp, err
	case s == nil:
		t.tr.missing(req.Context(), "Transport", req.URL.Host)
		return t.base.RoundTrip(req)
	case s.isAWSCall():
		return t.base.RoundTrip(withHeader(req, req.Context(), outgoing(s, nil)))
	}
	c, ctx := t.begin(s, req)
	done := false
	defer c.conclude(&done, &err)
	resp, err = t.base.RoundTrip(withHeader(req, ctx, outgoing(c, nil)))
	if resp != nil {
		c.received(resp)
	}
	done = true
	return resp, err
}

// begin starts the subsegment of a call.
func (t *transport) begin(parent *span, req *http.Request) (*span, context.Context) {
	name, traced := t.callee(req)
	c := parent.child(req.Context(), name)
	c.kind = trace.SpanKindClient
	c.describe(&httpInfo{method: method(req), url: clientURL(req.URL), traced: traced})
	return c, c.inContext()
}

func (t *transport) callee(req *http.Request) (name string, traced bool) {
	if name, ok := req.Context().Value(calleeKey{}).(string); ok && name != "" {
		return name, true
	}
	if name, ok := t.tr.set.callees[req.URL.Host]; ok {
		return name, true
	}
	return req.URL.Host, false
}

func method(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}

// withHeader returns req with the trace header in ctx, leaving req as it is.
func withHeader(req *http.Request, ctx context.Context, value string) *http.Request {
	r2 := req.WithContext(ctx)
	r2.Header = req.Header.Clone()
	if r2.Header == nil {
		r2.Header = http.Header{}
	}
	r2.Header[HeaderName] = []string{value}
	return r2
}

// received notes the response's header.
func (s *span) received(resp *http.Response) {
	s.seg.hear(resp)
	if !s.touch() {
		return
	}
	defer s.release()
	info := s.d.http
	info.status = resp.StatusCode
	info.length, info.hasLength = resp.ContentLength, resp.ContentLength >= 0
	s.flags |= statusFlags(resp.StatusCode)
}

// CloseIdleConnections reaches the base transport, as http.Client expects.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
