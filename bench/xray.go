package bench

import (
	"encoding/hex"
	"strconv"
)

// Documents appends the segment documents of a trace to dst, one for each
// service, and tells each of them and how many spans it holds. They are X-Ray's
// as the SDK for Go writes them.
func (t *Trace) Documents(dst []byte, each func(document []byte, spans int)) []byte {
	for i := range t.Spans {
		if t.Spans[i].Kind != KindServer {
			continue
		}
		from := len(dst)
		w := &documentWriter{b: dst, trace: t}
		w.segment(i)
		dst = w.b
		each(dst[from:], w.spans)
	}
	return dst
}

// documentWriter writes one document.
type documentWriter struct {
	b     []byte
	trace *Trace
	spans int
}

func (w *documentWriter) raw(s string) { w.b = append(w.b, s...) }

// field begins a member that is not the first.
func (w *documentWriter) field(key string) {
	w.b = append(w.b, ',')
	w.quote(key)
	w.b = append(w.b, ':')
}

func (w *documentWriter) textField(key, value string) {
	if value != "" {
		w.field(key)
		w.quote(value)
	}
}

func (w *documentWriter) quote(s string) {
	const digits = "0123456789abcdef"
	w.b = append(w.b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < ' ':
			w.b = append(w.b, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}

func (w *documentWriter) value(v Value) {
	switch v.kind {
	case textKind:
		w.quote(v.text)
	case wholeKind:
		w.b = strconv.AppendInt(w.b, v.whole, 10)
	case realKind:
		w.b = strconv.AppendFloat(w.b, v.real, 'g', -1, 64)
	case truthKind:
		w.b = strconv.AppendBool(w.b, v.truth)
	}
}

// seconds writes Unix nanoseconds with six decimals, as SDKs do.
func (w *documentWriter) seconds(key string, ns int64) {
	w.field(key)
	w.b = strconv.AppendInt(w.b, ns/1e9, 10)
	micros := strconv.AppendInt(nil, 1e6+ns%1e9/1e3, 10) // a 1 in front keeps the zeros
	micros[0] = '.'
	w.b = append(w.b, micros...)
}

// open begins the segment or subsegment of a span.
func (w *documentWriter) open(name string, s *Span) {
	w.spans++
	w.raw(`{"name":`)
	w.quote(name)
	w.raw(`,"id":"`)
	w.b = hex.AppendEncode(w.b, s.ID[:])
	w.raw(`"`)
	w.seconds("start_time", s.Start)
	w.seconds("end_time", s.End)
}

const sdkBlocks = `,"origin":"AWS::EC2::Instance","service":{"version":"1.4.2","compiler_version":"go1.26","compiler":"gc"},` +
	`"aws":{"xray":{"sdk":"X-Ray for Go","sdk_version":"1.8.5","auto_instrumentation":false}}`

func (w *documentWriter) segment(at int) {
	s := &w.trace.Spans[at]
	w.open(serviceName(s.Service), s)
	w.textField("trace_id", w.trace.ID.String())
	if s.Parent >= 0 {
		w.textField("parent_id", w.trace.Spans[s.Parent].hexID())
	}
	blocks := blocksOf(s)
	w.textField("user", blocks.user)
	w.raw(sdkBlocks)
	w.body(s, blocks)
	w.children(at)
	w.raw("}")
}

// children writes the subsegments: the span's children in the same service.
func (w *documentWriter) children(at int) {
	begun := false
	for i := at + 1; i < len(w.trace.Spans); i++ {
		s := &w.trace.Spans[i]
		if s.Parent != at || s.Service != w.trace.Spans[at].Service {
			continue
		}
		if !begun {
			w.raw(`,"subsegments":[`)
		} else {
			w.raw(",")
		}
		begun = true
		name := s.Remote
		if name == "" {
			name = s.Name
		}
		w.open(name, s)
		w.textField("namespace", s.Namespace)
		w.body(s, blocksOf(s))
		w.children(i)
		w.raw("}")
	}
	if begun {
		w.raw("]")
	}
}

// blocks are the attributes that X-Ray has a place of their own for.
type blocks struct {
	method, url, clientIP, userAgent, user          string
	statement                                       string
	operation, region, requestID, bucket, objectKey string
	length                                          *int64
}

func blocksOf(s *Span) (b blocks) {
	for i := range s.Attrs {
		v := &s.Attrs[i].Value
		switch s.Attrs[i].Key {
		case "http.request.method":
			b.method = v.text
		case "url.full":
			b.url = v.text
		case "url.path":
			b.url = "https://afirgen.example.gov.in" + v.text
		case "client.address":
			b.clientIP = v.text
		case "user_agent.original":
			b.userAgent = v.text
		case "enduser.id":
			b.user = v.text
		case "http.response.body.size":
			b.length = &v.whole
		case "db.statement":
			b.statement = v.text
		case "rpc.method":
			b.operation = v.text
		case "aws.region":
			b.region = v.text
		case "aws.request_id":
			b.requestID = v.text
		case "aws.s3.bucket":
			b.bucket = v.text
		case "aws.s3.key":
			b.objectKey = v.text
		}
	}
	return b
}

// body writes what segments and subsegments have alike.
func (w *documentWriter) body(s *Span, b blocks) {
	if s.Status != 0 {
		w.http(s.Status, b)
	}
	if b.statement != "" {
		w.raw(`,"sql":{"url":"` + database + `:3306/fir_db","database_type":"mysql","user":"afirgen_app","sanitized_query":`)
		w.quote(b.statement)
		w.raw("}")
	}
	if b.operation != "" {
		w.raw(`,"aws":{"operation":`)
		w.quote(b.operation)
		w.textField("region", b.region)
		w.textField("request_id", b.requestID)
		w.textField("bucket_name", b.bucket)
		w.textField("key", b.objectKey)
		w.raw("}")
	}
	w.attrs(s, Annotation, `,"annotations":{`, "}")
	w.attrs(s, Metadata, `,"metadata":{"default":{`, "}}")
	if s.Fault {
		w.raw(`,"fault":true`)
	}
	if s.Exception != nil {
		w.cause(s)
	}
}

func (w *documentWriter) http(status int, b blocks) {
	w.raw(`,"http":{"request":{"method":`)
	w.quote(b.method)
	w.textField("url", b.url)
	w.textField("client_ip", b.clientIP)
	w.textField("user_agent", b.userAgent)
	w.raw(`},"response":{"status":`)
	w.b = strconv.AppendInt(w.b, int64(status), 10)
	if b.length != nil {
		w.field("content_length")
		w.b = strconv.AppendInt(w.b, *b.length, 10)
	}
	w.raw("}}")
}

// attrs writes the attributes of one place, if there are any.
func (w *documentWriter) attrs(s *Span, place Place, open, shut string) {
	begun := false
	for i := range s.Attrs {
		a := &s.Attrs[i]
		if a.Place != place {
			continue
		}
		if begun {
			w.raw(",")
		} else {
			w.raw(open)
		}
		begun = true
		w.quote(a.Key)
		w.raw(":")
		w.value(a.Value)
	}
	if begun {
		w.raw(shut)
	}
}

func (w *documentWriter) cause(s *Span) {
	w.raw(`,"cause":{"working_directory":"/app","exceptions":[{"id":"` + s.hexID() + `"`)
	w.textField("type", s.Exception.Type)
	w.textField("message", s.Exception.Message)
	w.raw(`,"stack":[`)
	for i, f := range s.Exception.Frames {
		if i > 0 {
			w.raw(",")
		}
		w.raw(`{"path":`)
		w.quote(f.Path)
		w.field("line")
		w.b = strconv.AppendInt(w.b, int64(f.Line), 10)
		w.textField("label", f.Label)
		w.raw("}")
	}
	w.raw("]}]}")
}
