package accept

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/roentgen/roentgen/wire"
)

// Content types of OTLP over HTTP.
const (
	typeProtobuf = "application/x-protobuf"
	typeJSON     = "application/json"
)

// Handler takes spans over HTTP: POST /v1/traces, in protobuf or JSON.
func (o *OTLP) Handler() http.Handler {
	mux := http.NewServeMux()
	h := &otlpHandler{OTLP: o}
	mux.HandleFunc("POST /v1/traces", h.traces)
	for _, what := range []string{"metrics", "logs"} {
		mux.HandleFunc("/v1/"+what, func(w http.ResponseWriter, r *http.Request) {
			h.fail(w, r, http.StatusNotFound, codes.Unimplemented, notTraces(what))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/traces" {
			w.Header().Set("Allow", http.MethodPost)
			h.fail(w, r, http.StatusMethodNotAllowed, codes.Unimplemented, "send spans with POST")
			return
		}
		h.fail(w, r, http.StatusNotFound, codes.NotFound, "this is Roentgen's door for OpenTelemetry's traces: send them to POST /v1/traces; the console and the API stand at --http")
	})
	return mux
}

// otlpHandler answers requests. Its memory is that of bodies.
type otlpHandler struct {
	*OTLP
	bodies sync.Pool // of *bytes.Buffer
	zips   sync.Pool // of *gzip.Reader
}

// httpRefusal is why a body was not read.
type httpRefusal struct {
	status  int
	message string
}

func (r *httpRefusal) Error() string { return r.message }

func (h *otlpHandler) traces(w http.ResponseWriter, r *http.Request) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != typeProtobuf && kind != typeJSON {
		h.fail(w, r, http.StatusUnsupportedMediaType, codes.InvalidArgument,
			fmt.Sprintf("Content-Type %q is neither %s nor %s", r.Header.Get("Content-Type"), typeProtobuf, typeJSON))
		return
	}
	body := h.body()
	defer h.bodies.Put(body)
	if err := h.read(body, w, r); err != nil {
		var no *httpRefusal
		if !errors.As(err, &no) {
			no = &httpRefusal{http.StatusBadRequest, "read the request: " + err.Error()}
		}
		h.requests.WithLabelValues(string(DoorOTLPHTTP), resultInvalid).Inc()
		h.fail(w, r, no.status, codes.InvalidArgument, no.message)
		return
	}
	request := body.Bytes()
	if kind == typeJSON {
		if request, err = wire.SpansFromJSON(request); err != nil {
			h.requests.WithLabelValues(string(DoorOTLPHTTP), resultInvalid).Inc()
			h.fail(w, r, http.StatusBadRequest, codes.InvalidArgument, err.Error())
			return
		}
	}
	verdict, err := h.accept(r.Context(), DoorOTLPHTTP, request)
	if err != nil {
		h.refused(w, r, err)
		return
	}
	h.answer(w, kind, verdict)
}

func (h *otlpHandler) body() *bytes.Buffer {
	if b, ok := h.bodies.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

// read reads the body, decompressed, up to the limit.
func (h *otlpHandler) read(dst *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	limit := int64(h.cfg.MaxRequestBytes)
	tooLarge := &httpRefusal{http.StatusRequestEntityTooLarge, fmt.Sprintf(
		"the request has more than %d bytes; send fewer spans at a time, or raise --otlp-max-request-bytes", limit)}
	var from io.Reader = http.MaxBytesReader(w, r.Body, limit)
	switch coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); coding {
	case "", "identity":
	case "gzip":
		zip, err := h.unzip(from)
		if err != nil {
			return &httpRefusal{http.StatusBadRequest, "the request is no gzip: " + err.Error()}
		}
		defer h.zips.Put(zip)
		from = zip
	default:
		return &httpRefusal{http.StatusUnsupportedMediaType, fmt.Sprintf("Content-Encoding %q is neither gzip nor identity", coding)}
	}
	n, err := dst.ReadFrom(io.LimitReader(from, limit+1))
	var over *http.MaxBytesError
	if n > limit || errors.As(err, &over) {
		return tooLarge
	}
	return err
}

func (h *otlpHandler) unzip(from io.Reader) (*gzip.Reader, error) {
	if zip, ok := h.zips.Get().(*gzip.Reader); ok {
		return zip, zip.Reset(from)
	}
	return gzip.NewReader(from)
}

// refused answers an error of accept.
func (h *otlpHandler) refused(w http.ResponseWriter, r *http.Request, err error) {
	code := codeOf(err)
	status := http.StatusServiceUnavailable
	switch code {
	case codes.InvalidArgument:
		h.fail(w, r, http.StatusBadRequest, code, err.Error())
		return
	case codes.ResourceExhausted:
		status = http.StatusTooManyRequests
	}
	if h.acceptor.warn.Allow() {
		h.acceptor.cfg.Logger.Error("spans turned away; the sender will send them again", "door", DoorOTLPHTTP, "error", err)
	}
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	h.fail(w, r, status, code, err.Error())
}

// answer says what became of the spans, in the form in which they came.
func (h *otlpHandler) answer(w http.ResponseWriter, kind string, v spanVerdict) {
	w.Header().Set("Content-Type", kind)
	if kind == typeProtobuf {
		w.Write(v.reply())
		return
	}
	if v.rejected == 0 {
		io.WriteString(w, "{}")
		return
	}
	text := wire.AppendString([]byte(`{"partialSuccess":{"rejectedSpans":"`+strconv.Itoa(v.rejected)+`","errorMessage":`), v.message)
	w.Write(append(text, "}}"...))
}

// fail answers a google.rpc.Status, as OTLP wants it.
func (h *otlpHandler) fail(w http.ResponseWriter, r *http.Request, status int, code codes.Code, message string) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var body []byte
	if kind == typeProtobuf {
		body = protowire.AppendTag(nil, 1, protowire.VarintType)
		body = protowire.AppendVarint(body, uint64(code))
		body = protowire.AppendTag(body, 2, protowire.BytesType)
		body = protowire.AppendString(body, message)
	} else {
		kind = typeJSON
		body, _ = json.Marshal(map[string]any{"code": code, "message": message}) // such a map always encodes
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	w.Write(body)
}
