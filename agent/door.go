package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
)

// handler is the TCP door: what X-Ray SDKs ask a daemon for, a way in for
// documents that no datagram can hold, and what is told about the agent.
func (a *Agent) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /TraceSegments", a.putSegments)
	mux.HandleFunc("GET /.well-known/roentgen-agent", a.capability)
	mux.HandleFunc("POST /GetSamplingRules", a.samplingRules)
	mux.HandleFunc("POST /SamplingTargets", a.samplingTargets)
	mux.HandleFunc("POST /SamplingStatisticSummaries", a.passOn)
	if a.cfg.ProxyAll {
		mux.HandleFunc("POST /", a.passOn)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Method+" "+r.URL.Path+" is not answered here: this is Roentgen's agent, in the place of the X-Ray daemon; the API is at the server", http.StatusNotFound)
	})
	a.observe(mux)
	return mux
}

// observe adds what probes and scrapers ask for.
func (a *Agent) observe(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.ready)
	if a.cfg.Metrics != nil {
		mux.Handle("GET /metrics", a.cfg.Metrics)
	}
}

// ready says whether documents are taken and can be kept. That the upstream is
// away does not make an agent unready: the spool is there for that.
func (a *Agent) ready(w http.ResponseWriter, _ *http.Request) {
	switch s := a.spool.Stats(); {
	case a.draining.Load():
		http.Error(w, "shutting down", http.StatusServiceUnavailable)
	case s.Full:
		http.Error(w, "not ready: the spool is full: "+orElse(s.Trouble, "the upstream does not answer: "+a.forwarder.Stats().LastError), http.StatusServiceUnavailable)
	default:
		fmt.Fprintln(w, "ready")
	}
}

func orElse(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

// fail answers an error as X-Ray words it.
func fail(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"__type": code, "Message": message})
}

// unavailable answers that the sender does best to come again.
func unavailable(w http.ResponseWriter, message string) {
	w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	fail(w, http.StatusServiceUnavailable, "ThrottledException", message)
}

// retryAfter is in seconds.
const retryAfter = 2

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

// body reads a request's body up to a bound, and answers when it cannot. done
// is to be called when the body is not needed any more.
func (a *Agent) body(w http.ResponseWriter, r *http.Request, limit int64) (text []byte, done func(), ok bool) {
	in := &rationed{from: http.MaxBytesReader(w, r.Body, limit), left: &a.bodies}
	b, err := io.ReadAll(in)
	switch {
	case err == nil:
		return b, in.giveBack, true
	case errors.Is(err, errTooMuch):
		_, _ = io.Copy(io.Discard, in.from) // who is not heard out takes the closed connection for an answer
		unavailable(w, "this agent is busy with large requests; send it again later")
	default:
		fail(w, http.StatusRequestEntityTooLarge, "InvalidRequestException", fmt.Sprintf("read the request, of which at most %d bytes are taken: %v", limit, err))
	}
	in.giveBack()
	return nil, nil, false
}

// rationed counts what is read against what all requests together may hold, so
// that many at once cannot take the host's memory.
type rationed struct {
	from io.Reader
	left *atomic.Int64
	took int64
}

var errTooMuch = errors.New("too many bytes of requests are held at once")

func (r *rationed) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.took += int64(n)
	if r.left.Add(-int64(n)) < 0 {
		return n, errTooMuch
	}
	return n, err
}

func (r *rationed) giveBack() {
	r.left.Add(r.took)
	r.took = 0
}
