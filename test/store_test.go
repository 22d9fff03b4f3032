package test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// putTraces sends n traces of one document each, and returns their ids.
// Of each document some hundred bytes are noise that nothing compresses.
func (s *server) putTraces(t *testing.T, n int) (ids []string) {
	t.Helper()
	for len(ids) < n {
		some, status, says := s.offer(t, min(n-len(ids), 50))
		if status != 200 || says != "" {
			t.Fatalf("%d documents were answered with %d: %s", n, status, says)
		}
		ids = append(ids, some...)
	}
	return ids
}

// offer sends n, 50 at most, in one call and returns what was answered.
func (s *server) offer(t *testing.T, n int) (ids []string, status int, says string) {
	t.Helper()
	var docs []string
	now := time.Now().Unix()
	for range n {
		trace := newTraceID()
		ids = append(ids, trace)
		docs = append(docs, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"shop","start_time":%d,"end_time":%d,"metadata":{"default":{"noise":%q}}}`,
			trace, newID(), now-1, now, noise(600)))
	}
	var answer struct {
		Message                  string
		UnprocessedTraceSegments []struct{ Message string }
	}
	status = s.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": docs}, &answer)
	for _, u := range answer.UnprocessedTraceSegments {
		answer.Message = u.Message
	}
	return ids, status, answer.Message
}

func noise(n int) string {
	var b strings.Builder
	for b.Len() < n {
		fmt.Fprintf(&b, "%016x", rand.Uint64())
	}
	return b.String()
}

// missing returns those traces that are not there.
func (s *server) missing(t *testing.T, ids []string) (gone []string) {
	t.Helper()
	for some := range slices.Chunk(ids, 5) {
		var got answeredTraces
		if status := s.post(t, "/Traces", map[string]any{"TraceIds": some}, &got); status != 200 {
			t.Fatalf("traces are answered with %d", status)
		}
		gone = append(gone, got.UnprocessedTraceIds...)
	}
	return gone
}

// wantAll wants every trace to be there.
func (s *server) wantAll(t *testing.T, ids []string) {
	t.Helper()
	if gone := s.missing(t, ids); len(gone) > 0 || len(ids) == 0 {
		t.Fatalf("%d of %d traces are lost, like %s\n%s", len(gone), len(ids), slices.Concat(gone, ids)[:1], s.stderr)
	}
}

// offline runs a tool on files.
func offline(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return (&server{}).tool(t, nil, args...)
}

// wantTool wants a tool to succeed and returns what it said.
func wantTool(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := offline(t, args...)
	if code != 0 {
		t.Fatalf("roentgen %q ended with %d: %s%s", args, code, stdout, stderr)
	}
	return stdout + stderr
}

// refused wants the server not to start on a directory, and to say all that.
func refused(t *testing.T, data string, says ...string) {
	t.Helper()
	stderr, code := runServer(t, "--data", data, "--http", "127.0.0.1:0", "--daemon", "off", "--otlp-grpc", "off", "--otlp-http", "off")
	for _, want := range says {
		if code != 1 || !strings.Contains(stderr, want) {
			t.Errorf("it ended with %d and does not say %q:\n%s", code, want, stderr)
		}
	}
}

// filesIn are those of a folder of a data directory.
func filesIn(t *testing.T, data, folder, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(data, folder, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("no %s in %s of %s: %v", pattern, folder, data, err)
	}
	return names
}

func size(t *testing.T, paths ...string) (n int64) {
	t.Helper()
	for _, path := range paths {
		st, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		n += st.Size()
	}
	return n
}

// sender puts traces until it is stopped, and remembers those acknowledged.
type sender struct {
	mu   sync.Mutex
	ids  []string
	stop chan struct{}
	done sync.WaitGroup
}

// send starts one. A call that fails ends it: the server is on its way down.
func (s *server) send() *sender {
	from := &sender{stop: make(chan struct{})}
	from.done.Go(func() {
		for from.ended() == nil && from.call(s) == nil {
		}
	})
	return from
}

func (f *sender) ended() error {
	select {
	case <-f.stop:
		return io.EOF
	default:
		return nil
	}
}

func (f *sender) call(s *server) error {
	now, trace := time.Now().Unix(), newTraceID()
	doc := fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"shop","start_time":%d,"end_time":%d,"metadata":{"default":{"noise":%q}}}`, trace, newID(), now-1, now, noise(600))
	resp, err := client.Post(s.HTTP+"/TraceSegments", "application/json", strings.NewReader(fmt.Sprintf(`{"TraceSegmentDocuments":[%q]}`, doc)))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !strings.Contains(string(text), `"UnprocessedTraceSegments":[]`) {
		return fmt.Errorf("status %d: %s: %w", resp.StatusCode, text, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ids = append(f.ids, trace)
	return nil
}

// acknowledged waits until there are n and returns all.
func (f *sender) acknowledged(t *testing.T, n int) []string {
	t.Helper()
	var ids []string
	eventually(t, func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if ids = slices.Clone(f.ids); len(ids) < n {
			return fmt.Errorf("%d traces acknowledged, want %d", len(ids), n)
		}
		return nil
	})
	return ids
}

func (f *sender) end() {
	close(f.stop)
	f.done.Wait()
}
