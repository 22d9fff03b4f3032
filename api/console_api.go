package api

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Console is what the console's own questions need beyond Config. The zero
// Console works.
type Console struct {
	Version   string        // of the program
	Retention time.Duration // how long documents are kept; 0: not told
	// Now is the clock by which names for completion grow old. Default: the
	// machine's.
	Now func() time.Time
}

// RegisterConsole puts the console's questions on mux, below /api/, and the
// deletion of a trace. They are asked and refused in the same way as X-Ray's actions; answers above 1 kB are
// compressed for those who take that.
func (a *API) RegisterConsole(mux *http.ServeMux, c Console) {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &consoleServer{API: a, Console: c}
	mux.Handle("GET /api/about", asked(s, "ConsoleAbout", s.about))
	mux.Handle("POST /api/filter", asked(s, "ConsoleFilter", s.filter))
	mux.Handle("POST /api/complete", asked(s, "ConsoleComplete", s.complete))
	mux.Handle("POST /api/traces", asked(s, "ConsoleTraces", s.traces))
	mux.Handle("POST /api/sampling/simulate", asked(s, "SimulateSampling", s.simulate))
	mux.Handle("GET /api/traces/{id}", s.traceAs())
	mux.Handle("DELETE /api/traces/{id}", s.deleteTrace())
}

// consoleServer answers the console. Its one memory is that of names.
type consoleServer struct {
	*API
	Console
	recent recentNames
	zips   sync.Pool // of *gzip.Writer, of which each holds 800 kB
}

// minCompressed is the size, in bytes, from which an answer is compressed.
const minCompressed = 1 << 10

// asked makes a handler of one of the console's questions.
func asked[In, Out any](s *consoleServer, name string, do func(context.Context, *In) (*Out, error)) http.Handler {
	return handle(s.API, name, do, func(w http.ResponseWriter, r *http.Request, out *Out) { s.answerConsole(w, r, name, out) })
}

func (s *consoleServer) answerConsole(w http.ResponseWriter, r *http.Request, name string, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		s.fail(w, name, fmt.Errorf("encode the answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Vary", "Accept-Encoding")
	if len(body) >= minCompressed && takesGzip(r.Header.Values("Accept-Encoding")) {
		if body, err = s.compressed(body); err != nil {
			s.fail(w, name, fmt.Errorf("compress the answer: %w", err))
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
	}
	s.metrics.requests.WithLabelValues(name, "200").Inc()
	w.Write(body)
}

// compressed takes the quickest level: names and numbers that repeat shrink to
// a fifth by that too, and somebody waits.
func (s *consoleServer) compressed(body []byte) ([]byte, error) {
	var b bytes.Buffer
	z, ok := s.zips.Get().(*gzip.Writer)
	if !ok {
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // a level that there is
	}
	defer s.zips.Put(z)
	z.Reset(&b)
	if _, err := z.Write(body); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

// takesGzip reads Accept-Encoding: gzip by name, and not refused by q=0.
func takesGzip(headers []string) bool {
	for _, coding := range strings.Split(strings.Join(headers, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, _ := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return strings.Trim(q, "0.") != "" || q == ""
		}
	}
	return false
}
