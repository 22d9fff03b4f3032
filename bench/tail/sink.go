package tail

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/s2"
)

// sink is an upstream that takes everything and keeps nothing: a Roentgen server's part of docs/protocol/agent.md, and AWS's PutTraceSegments.
type sink struct {
	url    string
	server *http.Server
	served chan error

	documents atomic.Int64 // each once, however often its batch came
	bytes     atomic.Int64 // of bodies
	down      atomic.Bool  // answer 500
	refused   atomic.Int64

	mu   sync.Mutex
	seen map[[2]uint64]bool // epoch and seq
}

func newSink(ctx context.Context) (*sink, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as an upstream: %w", err)
	}
	s := &sink{url: "http://" + l.Addr().String(), served: make(chan error, 1), seen: map[[2]uint64]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/agent/batches", s.batches)
	mux.HandleFunc("GET /api/agent/notices", s.notices)
	mux.HandleFunc("POST /TraceSegments", s.segments)
	mux.HandleFunc("POST /", func(w http.ResponseWriter, _ *http.Request) { answerJSON(w, map[string]any{}) })
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { s.served <- s.server.Serve(l) }() // ends by close
	return s, nil
}

func (s *sink) close() error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// read reads a body, unless the sink is down.
func (s *sink) read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	body, err := readBody(r)
	if s.down.Load() || err != nil {
		s.refused.Add(1)
		http.Error(w, "the upstream is down", http.StatusInternalServerError)
		return nil, false
	}
	s.bytes.Add(int64(len(body)))
	return body, true
}

// batches takes a batch: of its records the first is a header in JSON.
func (s *sink) batches(w http.ResponseWriter, r *http.Request) {
	body, ok := s.read(w, r)
	if !ok {
		return
	}
	h, err := batchHeader(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	again := s.seen[[2]uint64{h.Epoch, h.Seq}]
	s.seen[[2]uint64{h.Epoch, h.Seq}] = true
	s.mu.Unlock()
	if !again {
		s.documents.Add(int64(h.Documents))
	}
	answerJSON(w, map[string]any{"seq": h.Seq, "repeated": again, "outcomes": map[string]int{"stored": h.Documents}})
}

type header struct {
	Epoch, Seq uint64
	Documents  int
}

// batchHeader reads the header of a batch (docs/protocol/agent.md).
func batchHeader(body []byte) (h header, err error) {
	plain, err := s2.Decode(nil, body)
	if err != nil {
		return h, fmt.Errorf("unpack the batch: %w", err)
	}
	const magic, recordHead = 4, 5
	if len(plain) < magic+recordHead || string(plain[:magic]) != "RGB1" || plain[magic] != 1 {
		return h, errors.New("the batch does not begin with RGB1 and a header")
	}
	size := int(binary.LittleEndian.Uint32(plain[magic+1:]))
	if size > len(plain)-magic-recordHead {
		return h, errors.New("the batch's header is longer than the batch")
	}
	if err := json.Unmarshal(plain[magic+recordHead:magic+recordHead+size], &h); err != nil {
		return h, fmt.Errorf("read the batch's header: %w", err)
	}
	return h, nil
}

// notices has none: it answers when the asker's wait is over.
func (s *sink) notices(w http.ResponseWriter, r *http.Request) {
	wait, err := time.ParseDuration(r.URL.Query().Get("wait"))
	if err != nil {
		wait = 25 * time.Second
	}
	select {
	case <-r.Context().Done():
	case <-time.After(wait):
	}
	answer := append([]byte("RGN1"), make([]byte, 20)...)
	binary.LittleEndian.PutUint64(answer[12:], 1) // the oldest is the next one
	w.Header().Set("Content-Type", "application/x-roentgen-notices")
	w.Write(answer) // who does not read it asks again
}

// segments counts the documents of PutTraceSegments without decoding them.
func (s *sink) segments(w http.ResponseWriter, r *http.Request) {
	body, ok := s.read(w, r)
	if !ok {
		return
	}
	s.documents.Add(countDocuments(body))
	answerJSON(w, map[string]any{"UnprocessedTraceSegments": []any{}})
}

// countDocuments counts the strings of PutTraceSegments's array, which are
// objects in JSON: a quote within one of them is escaped, so that only between two of them is there this
// text.
func countDocuments(b []byte) int64 {
	if !bytes.Contains(b, []byte(`"{`)) {
		return 0
	}
	return int64(bytes.Count(b, []byte(`}","{`))) + 1
}

// readBody reads a body whose length is known into a buffer of that length: the
// sink's part of the processor is none of the agent's.
func readBody(r *http.Request) ([]byte, error) {
	const most = 128 << 20
	if n := r.ContentLength; n > 0 && n <= most {
		body := make([]byte, n)
		_, err := io.ReadFull(r.Body, body)
		return body, err
	}
	return io.ReadAll(io.LimitReader(r.Body, most))
}

func answerJSON(w http.ResponseWriter, v any) {
	text, err := json.Marshal(v)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(text) // who does not read it asks again
}
