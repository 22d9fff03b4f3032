package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// taken is what came through a door, in any order.
type taken struct {
	mu     sync.Mutex
	bodies map[string]int
}

func (k *taken) add(body string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.bodies == nil {
		k.bodies = map[string]int{}
	}
	k.bodies[body]++
}

// all compares with what was prepared: each request once.
func (k *taken) all(t *testing.T, requests [][]byte) {
	t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, r := range requests {
		if k.bodies[string(r)] != 1 {
			t.Errorf("request %d came %d times", i, k.bodies[string(r)])
		}
	}
	if len(k.bodies) != len(requests) {
		t.Errorf("%d requests came, of %d", len(k.bodies), len(requests))
	}
}

func read(t *testing.T, r *http.Request) string {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

func sendAll(t *testing.T, l *Load, to *Target, d Door, pace Pace) *Sent {
	t.Helper()
	s, err := to.sender(t.Context(), d, pace.Connections)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	sent, err := l.post(t.Context(), s, pace)
	if err != nil {
		t.Fatal(err)
	}
	return sent
}

func TestPutTriesAgainWhatMayPassAndCountsWhatIsRefused(t *testing.T) {
	requests, l := prepareAll(t, Put, testModel(100), Batch{Documents: 50})
	var came taken
	var n atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := read(t, r)
		switch n.Add(1) {
		case 2:
			http.Error(w, "slower, please", http.StatusTooManyRequests)
			return
		case 3:
			fmt.Fprint(w, `{"UnprocessedTraceSegments":[{"Id":"1","ErrorCode":"X"},{"Id":"2","ErrorCode":"X"}]}`)
		default:
			fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
		}
		if r.URL.Path != "/TraceSegments" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("%s, %v", r.URL.Path, r.Header)
		}
		came.add(body)
	}))
	defer server.Close()
	to := &Target{Doorways: Doorways{HTTP: server.URL}, Token: "secret"}
	sent := sendAll(t, l, to, Put, Pace{Connections: 3, Patience: time.Minute})
	came.all(t, requests)
	if sent.Spans != 1200 || sent.Requests != 6 || sent.Retries != 1 || sent.Refused != 2 || sent.Failed != 0 || sent.Bytes != l.Bytes ||
		!strings.Contains(sent.FirstError, "slower, please") {
		t.Errorf("%+v", sent)
	}
}

func TestWhatCannotPassIsGivenUp(t *testing.T) {
	_, l := prepareAll(t, Put, testModel(50), Batch{Documents: 50})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		read(t, r)
		http.Error(w, "who are you?", http.StatusForbidden)
	}))
	defer server.Close()
	sent := sendAll(t, l, &Target{Doorways: Doorways{HTTP: server.URL}}, Put, Pace{Connections: 2, Patience: time.Minute})
	if sent.Failed != 600 || sent.Retries != 0 || sent.Rate() != 0 || !strings.Contains(sent.FirstError, "who are you?") {
		t.Errorf("%+v", sent)
	}
}

// partial is the answer of an OTLP door that did not take n spans.
func partial(n int) []byte {
	return appendBytes(nil, responsePartial, appendVarint(nil, partialRejected, uint64(n)))
}

func TestOTLPGoesOverHTTPAndGRPC(t *testing.T) {
	for _, d := range []Door{OTLPHTTP, OTLPGRPC} {
		t.Run(string(d), func(t *testing.T) {
			requests, l := prepareAll(t, d, testModel(30), Batch{Spans: 40})
			var came taken
			var n atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body := read(t, r)
				switch {
				case d == OTLPHTTP:
					if r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" {
						t.Errorf("%s, %v", r.URL.Path, r.Header)
					}
					w.Write(partial(3))
				case n.Add(1) == 1:
					w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
					w.Header().Set("Grpc-Status", "14")
					w.Header().Set("Grpc-Message", "not%20now")
					return
				default:
					if r.URL.Path != exportPath || r.Header.Get("Content-Type") != "application/grpc" || r.ProtoMajor != 2 {
						t.Errorf("%s, %v", r.URL.Path, r.Header)
					}
					w.Header().Set("Trailer", "Grpc-Status")
					answer := partial(3)
					w.Write(append([]byte{0, 0, 0, 0, byte(len(answer))}, answer...))
					w.Header().Set("Grpc-Status", "0")
				}
				came.add(body)
			}))
			server.Config.Protocols = new(http.Protocols)
			server.Config.Protocols.SetHTTP1(true)
			server.Config.Protocols.SetUnencryptedHTTP2(true)
			server.Start()
			defer server.Close()
			to := &Target{Doorways: Doorways{OTLPHTTP: server.URL, OTLPGRPC: server.URL}}
			sent := sendAll(t, l, to, d, Pace{Connections: 2, Patience: time.Minute})
			came.all(t, requests)
			if sent.Refused != 3*len(requests) || sent.Failed != 0 || sent.Spans != 360 || sent.Retries != one(d == OTLPGRPC) {
				t.Errorf("%d requests, %+v", len(requests), sent)
			}
		})
	}
}

func TestDatagramsArrive(t *testing.T) {
	requests, l := prepareAll(t, UDP, testModel(10), Batch{})
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	sent := sendAll(t, l, &Target{Doorways: Doorways{Daemon: conn.LocalAddr().String()}}, UDP, Pace{Connections: 1})
	var came taken
	buf := make([]byte, 64<<10)
	for range requests {
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		came.add(string(buf[:n]))
	}
	came.all(t, requests)
	if sent.Spans != 120 || sent.Failed != 0 {
		t.Errorf("%+v", sent)
	}
}

func TestADoorThatIsShutSaysSo(t *testing.T) {
	for _, d := range Doors() {
		if _, err := new(Target).sender(t.Context(), d, 1); err == nil || !strings.Contains(err.Error(), string(d)) {
			t.Errorf("%s: %v", d, err)
		}
	}
	if _, err := ParseDoor("window"); err == nil || !strings.Contains(err.Error(), "otlp-grpc") {
		t.Error(err)
	}
}

// slowly answers each request after a while, one at a time.
type slowly struct {
	mu   sync.Mutex
	took time.Duration
}

func (s *slowly) send(ctx context.Context, _ int, _ []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !sleepUntil(ctx, time.Now().Add(s.took)) {
		return 0, ctx.Err()
	}
	return 0, nil
}

func (s *slowly) close() {}

func TestLatencyCountsFromWhenARequestWasDue(t *testing.T) {
	_, l := prepareAll(t, Put, testModel(20), Batch{Documents: 3}) // 20 requests of 12 spans
	sent, err := l.post(t.Context(), &slowly{took: 10 * time.Millisecond}, Pace{Connections: 20, Rate: 12_000})
	if err != nil {
		t.Fatal(err)
	}
	// All are due within 20 ms, and are answered one by one: the last waits for 19 others.
	if last := sent.Quantile(1); last < 150*time.Millisecond || sent.Quantile(0.5) < 70*time.Millisecond {
		t.Errorf("latencies %s", sent.latencies)
	}
	if sent.Took < 200*time.Millisecond || sent.GaveUp {
		t.Errorf("took %s", sent.Took)
	}
}

func TestARateIsKept(t *testing.T) {
	_, l := prepareAll(t, Put, testModel(20), Batch{Documents: 3})
	sent, err := l.post(t.Context(), &slowly{}, Pace{Connections: 2, Rate: 1200}) // the last is due after 190 ms
	if err != nil || sent.Took < 190*time.Millisecond {
		t.Errorf("took %s, %v", sent.Took, err)
	}
}

func TestALoadEndsWhenTheServerFallsBehindOrTheCallerGoes(t *testing.T) {
	_, l := prepareAll(t, Put, testModel(200), Batch{Documents: 3})
	sent, err := l.post(t.Context(), &slowly{took: 20 * time.Millisecond}, Pace{Connections: 4, Rate: 1e6, GiveUp: 100 * time.Millisecond})
	if err != nil || !sent.GaveUp || sent.Requests > 100 {
		t.Errorf("%+v, %v", sent, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.post(ctx, &slowly{}, Pace{Connections: 4}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAnswersAreReadWithCare(t *testing.T) {
	if n, err := rejected(nil); n != 0 || err != nil {
		t.Error(n, err)
	}
	message := appendText(appendVarint(nil, partialRejected, 7), 2, "too old")
	if n, err := rejected(appendBytes(nil, responsePartial, message)); n != 7 || err != nil {
		t.Error(n, err)
	}
	for _, bad := range [][]byte{{0xff}, {0x0a, 0x05, 1}, protowire.AppendTag(nil, 1, protowire.BytesType)} {
		if _, err := rejected(bad); err == nil {
			t.Errorf("% x was read", bad)
		}
	}
	if _, err := unprocessed([]byte("<html>")); err == nil {
		t.Error("a page was read as an answer")
	}
}

func TestPreparedRequestsLeaveNoFile(t *testing.T) {
	dir := t.TempDir()
	l, err := Prepare(dir, Put, testModel(10), DefaultBatch(), 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if free, err := Allocated(dir); err != nil || free != 0 {
		t.Errorf("%d bytes in the directory, %v", free, err)
	}
	if r, err := l.read(0, nil); err != nil || !bytes.HasPrefix(r, []byte(`{"Trace`)) || !json.Valid(r) {
		t.Errorf("%.40s, %v", r, err)
	}
	if _, err := Prepare(dir+"/nowhere", Put, testModel(1), DefaultBatch(), 0, 1); err == nil {
		t.Error("prepared in a directory that is not there")
	}
}

// A load in slices is the same as one in a piece, but for where requests end.
func TestSlicesAreTheWhole(t *testing.T) {
	m := testModel(50)
	_, whole := prepareAll(t, UDP, m, Batch{})
	var bytes int64
	requests := 0
	for from := 0; from < 50; from += 20 {
		l, err := Prepare(t.TempDir(), UDP, m, Batch{}, from, min(from+20, 50))
		if err != nil {
			t.Fatal(err)
		}
		bytes, requests = bytes+l.Bytes, requests+l.Requests()
		l.Close()
	}
	if bytes != whole.Bytes || requests != whole.Requests() {
		t.Errorf("%d bytes in %d requests, %d in %d in a piece", bytes, requests, whole.Bytes, whole.Requests())
	}
}
