package tracing

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// statusClientGone is recorded when the client went away before the handler
// answered; no response carries it. The number is nginx's.
const statusClientGone = 499

// Middleware records each request as a segment named after the service. Put it
// outermost, so that every response carries X-Amzn-Trace-Id: Root, Parent if
// one came in, and the sampling decision.
//
// The segment's http block has the URL without query, method, user agent, the
// client's address (from X-Forwarded-For if the peer is trusted), the status
// and the bytes written. Status 4xx sets error, 429 throttle too, 5xx fault. A
// panic, also http.ErrAbortHandler, is recorded as a fault and goes on up. The
// response writer handed on has the optional interfaces of the original
// (Flusher, Hijacker, Pusher, io.ReaderFrom) and Unwrap. Inside another
// Middleware, or in a segment that OpenTelemetry's server instrumentation
// opened, it only sees to the response header.
func (tr *Tracing) Middleware(next http.Handler) http.Handler {
	if tr.set.disabled {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tr.serve(next, w, r) })
}

func (tr *Tracing) serve(next http.Handler, w http.ResponseWriter, r *http.Request) {
	if s, i := current(r.Context()); s != nil || i != nil {
		serveInside(next, w, r, s, i)
		return
	}
	trusted := tr.trusts(r.RemoteAddr)
	h := tr.incoming(r, trusted)
	ctx, s := tr.open(r.Context(), tr.set.name, h, serverRequest(tr.set.name, r))
	_, i := current(ctx)
	rw := newResponseWriter(w, s, i, h.parent)
	r2 := handOn(r, ctx)
	if s == nil { // the writer is still wrapped: handlers and proxies replace headers here too
		rw.serve(next, r2)
		handBack(r, r2)
		return
	}
	s.describe(requestInfo(r, trusted))
	done := false
	defer s.answered(r, rw, &done)
	rw.serve(next, r2)
	handBack(r, r2)
	done = true
}

// incoming reads the trace header. The decision of a peer that is not trusted
// is dropped; the trace it belongs to is not.
func (tr *Tracing) incoming(r *http.Request, trusted bool) header {
	text := r.Header.Get(HeaderName)
	if text == "" {
		return header{}
	}
	h, sound := parseHeader(text)
	if !sound {
		tr.count.badHeaders.Add(1)
	}
	if !trusted && (h.sampled == '0' || h.sampled == '1') {
		h.sampled, h.undecided = 0, false
		tr.count.untrusted.Add(1)
	}
	return h
}

// serveInside sees to the response header when something else opened the
// segment: OpenTelemetry's own server instrumentation around Middleware, or
// another Middleware, which has set it.
func serveInside(next http.Handler, w http.ResponseWriter, r *http.Request, s *span, i *idle) {
	if w.Header().Get(HeaderName) != "" {
		next.ServeHTTP(w, r)
		return
	}
	upstream := trace.SpanID{}
	if s != nil {
		upstream = s.seg.upstream
	}
	newResponseWriter(w, s, i, upstream).serve(next, r)
}

// handOn is the request for the handler: in the segment's context and without
// the force header, which is meant for this service only.
func handOn(r *http.Request, ctx context.Context) *http.Request {
	r2 := r.WithContext(ctx)
	if _, ok := r.Header[ForceHeaderName]; ok {
		r2.Header = r.Header.Clone()
		r2.Header.Del(ForceHeaderName)
	}
	return r2
}

// handBack shows net/http the form that the handler parsed from its copy of the
// request: the server removes the temporary files of the request it made.
func handBack(r, r2 *http.Request) {
	if r.MultipartForm == nil {
		r.MultipartForm = r2.MultipartForm
	}
}

// trusts reports whether the peer at addr ("ip:port") may decide for us.
func (tr *Tracing) trusts(addr string) bool {
	if tr.set.trusted == nil {
		return true
	}
	peer, err := netip.ParseAddrPort(addr)
	if err != nil {
		return false
	}
	ip := peer.Addr().Unmap().WithZone("")
	for _, p := range tr.set.trusted {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

func requestInfo(r *http.Request, trusted bool) *httpInfo {
	info := &httpInfo{method: r.Method, url: serverURL(r), userAgent: r.UserAgent()}
	forwarded, _, _ := strings.Cut(r.Header.Get("X-Forwarded-For"), ",")
	if forwarded = strings.TrimSpace(forwarded); trusted && forwarded != "" {
		info.clientIP, info.forwarded = forwarded, true
		return info
	}
	info.clientIP = r.RemoteAddr
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		info.clientIP = host
	}
	return info
}

// describe sets the http block; the caller must be the only user of s yet.
func (s *span) describe(info *httpInfo) {
	s.seg.mu.Lock()
	s.detailsLocked().http = info
	s.seg.mu.Unlock()
}

// answered is deferred around the handler. It ends the segment in every case.
func (s *span) answered(r *http.Request, rw *responseWriter, done *bool) {
	if *done {
		s.finishResponse(rw, r.Context().Err())
		s.end(s.seg.elapsed())
		return
	}
	v := recover()
	s.addPanic(v)
	if rw.status == 0 { // whoever recovers may still answer
		rw.setAnswer(http.StatusInternalServerError)
	}
	s.finishResponse(rw, nil)
	s.end(s.seg.elapsed())
	if v != nil {
		panic(v)
	}
}

// finishResponse records what went back to the client. gone is the request
// context's error: the server cancels it when the client goes away.
func (s *span) finishResponse(rw *responseWriter, gone error) {
	status, written := rw.status, rw.written
	if status == 0 && !rw.hijacked && errors.Is(gone, context.Canceled) {
		status = statusClientGone
		s.addError(gone, false)
	}
	if !s.touch() {
		return
	}
	defer s.release()
	if status == 0 && !rw.hijacked && s.flags&flagFault == 0 {
		status = http.StatusOK // what net/http sends for a handler that writes nothing
	}
	d := s.detailsLocked()
	s.flags |= statusFlags(status)
	if status != 0 {
		d.http.status, d.http.length, d.http.hasLength = status, written, true
	}
}
