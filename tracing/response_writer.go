package tracing

import (
	"bufio"
	"io"
	"net"
	"net/http"

	"go.opentelemetry.io/otel/trace"
)

// responseWriter notes status and length of a response. Like the original, it
// is for one goroutine at a time.
type responseWriter struct {
	http.ResponseWriter
	answer   string // value of the trace header
	teller   teller // nil: the answer stays as it is
	status   int    // 0 until the final header is written
	written  int64  // body bytes
	hijacked bool
}

// teller knows, when the status of a response is settled, whether its trace
// will be kept though the head did not sample it.
type teller interface{ keeps(status int) bool }

// newResponseWriter wraps w for a request within s or i and sets the trace
// header. Only unsampled ones have something to add to it later.
func newResponseWriter(w http.ResponseWriter, s *span, i *idle, parent trace.SpanID) *responseWriter {
	rw := &responseWriter{ResponseWriter: w}
	switch {
	case s == nil:
		rw.answer, rw.teller = formatHeader(i.traceID, parent, sayUnsampled, ""), i
	case s.seg.undecided:
		rw.answer, rw.teller = formatHeader(s.seg.traceID, parent, sayUnsampled, ""), s.seg
	default:
		rw.answer = formatHeader(s.seg.traceID, parent, saySampled, "")
	}
	w.Header()[HeaderName] = []string{rw.answer}
	return rw
}

// setAnswer sets the trace header, as it is right for a response with status.
func (w *responseWriter) setAnswer(status int) {
	if w.teller != nil && w.teller.keeps(status) {
		w.answer, w.teller = w.answer+keptField, nil
	}
	w.Header()[HeaderName] = []string{w.answer}
}

// WriteHeader lets informational responses pass; 101 is final. The trace
// header is set again, because a handler may have replaced all headers, or
// a proxy added the upstream's.
func (w *responseWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.setAnswer(code)
		if code >= 200 || code == http.StatusSwitchingProtocols {
			w.status = code
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

// serve runs the handler. One that wrote nothing leaves the header to net/http,
// and may have taken ours away.
func (w *responseWriter) serve(next http.Handler, r *http.Request) {
	next.ServeHTTP(w.likeTheOriginal(), r)
	if w.status == 0 && !w.hijacked {
		w.setAnswer(http.StatusOK)
	}
}

func (w *responseWriter) implicitHeader() {
	if w.status == 0 {
		w.status = http.StatusOK
		w.setAnswer(http.StatusOK)
	}
}

func (w *responseWriter) Write(b []byte) (int, error) {
	w.implicitHeader()
	n, err := w.ResponseWriter.Write(b)
	w.written += int64(n)
	return n, err
}

func (w *responseWriter) WriteString(s string) (int, error) {
	w.implicitHeader()
	n, err := io.WriteString(w.ResponseWriter, s)
	w.written += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *responseWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// flusher, hijacker, readerFrom and pusher add one optional interface each.
type (
	flusher    struct{ w *responseWriter }
	hijacker   struct{ w *responseWriter }
	readerFrom struct{ w *responseWriter }
	pusher     struct{ w *responseWriter }
)

func (f flusher) Flush() {
	f.w.implicitHeader()
	f.w.ResponseWriter.(http.Flusher).Flush()
}

// FlushError is how http.ResponseController learns that the client has gone.
func (f flusher) FlushError() error {
	f.w.implicitHeader()
	return http.NewResponseController(f.w.ResponseWriter).Flush()
}

func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, b, err := h.w.ResponseWriter.(http.Hijacker).Hijack()
	h.w.hijacked = err == nil
	return c, b, err
}

// ReadFrom sends no header when src gives nothing, be it empty or broken: the
// handler may still choose another status then.
func (r readerFrom) ReadFrom(src io.Reader) (int64, error) {
	before := r.w.status
	r.w.implicitHeader()
	n, err := r.w.ResponseWriter.(io.ReaderFrom).ReadFrom(src)
	if n == 0 {
		r.w.status = before
	}
	r.w.written += n
	return n, err
}

func (p pusher) Push(target string, opts *http.PushOptions) error {
	return p.w.ResponseWriter.(http.Pusher).Push(target, opts)
}

// likeTheOriginal returns w with exactly the optional interfaces that the
// original has: code asks for them by type assertion, and a false yes is as
// bad as a false no.
func (w *responseWriter) likeTheOriginal() http.ResponseWriter {
	f, h, r, p := flusher{w}, hijacker{w}, readerFrom{w}, pusher{w}
	switch w.interfaces() {
	case canFlush:
		return struct {
			*responseWriter
			flusher
		}{w, f}
	case canHijack:
		return struct {
			*responseWriter
			hijacker
		}{w, h}
	case canFlush | canHijack:
		return struct {
			*responseWriter
			flusher
			hijacker
		}{w, f, h}
	case canRead:
		return struct {
			*responseWriter
			readerFrom
		}{w, r}
	case canFlush | canRead:
		return struct {
			*responseWriter
			flusher
			readerFrom
		}{w, f, r}
	case canHijack | canRead:
		return struct {
			*responseWriter
			hijacker
			readerFrom
		}{w, h, r}
	case canFlush | canHijack | canRead:
		return struct {
			*responseWriter
			flusher
			hijacker
			readerFrom
		}{w, f, h, r}
	case canPush:
		return struct {
			*responseWriter
			pusher
		}{w, p}
	case canFlush | canPush:
		return struct {
			*responseWriter
			flusher
			pusher
		}{w, f, p}
	case canHijack | canPush:
		return struct {
			*responseWriter
			hijacker
			pusher
		}{w, h, p}
	case canFlush | canHijack | canPush:
		return struct {
			*responseWriter
			flusher
			hijacker
			pusher
		}{w, f, h, p}
	case canRead | canPush:
		return struct {
			*responseWriter
			readerFrom
			pusher
		}{w, r, p}
	case canFlush | canRead | canPush:
		return struct {
			*responseWriter
			flusher
			readerFrom
			pusher
		}{w, f, r, p}
	case canHijack | canRead | canPush:
		return struct {
			*responseWriter
			hijacker
			readerFrom
			pusher
		}{w, h, r, p}
	case canFlush | canHijack | canRead | canPush:
		return struct {
			*responseWriter
			flusher
			hijacker
			readerFrom
			pusher
		}{w, f, h, r, p}
	}
	return w
}

const (
	canFlush = 1 << iota
	canHijack
	canRead
	canPush
)

func (w *responseWriter) interfaces() (set int) {
	if _, ok := w.ResponseWriter.(http.Flusher); ok {
		set |= canFlush
	}
	if _, ok := w.ResponseWriter.(http.Hijacker); ok {
		set |= canHijack
	}
	if _, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		set |= canRead
	}
	if _, ok := w.ResponseWriter.(http.Pusher); ok {
		set |= canPush
	}
	return set
}
