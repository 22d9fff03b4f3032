package up

import (
	"bytes"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestATakenPortIsNamedWithItsFlag(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	a := AddressesFrom(0)
	a.ASROCR = taken.Addr().String()
	if err := a.Claim(true); err == nil || !strings.Contains(err.Error(), a.ASROCR) || !strings.Contains(err.Error(), "--addr-asr-ocr") {
		t.Errorf("got %v", err)
	}
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = datagrams.Close() }()
	b := AddressesFrom(0)
	b.Daemon = datagrams.LocalAddr().String()
	if err := b.Claim(false); err == nil || !strings.Contains(err.Error(), "--addr-daemon") {
		t.Errorf("a taken UDP port: %v", err)
	}
}

func TestFreePortsAreDifferentAndFreeAgain(t *testing.T) {
	a := AddressesFrom(0)
	if err := a.Claim(true); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, d := range a.doors(true) {
		if strings.HasSuffix(*d.addr, ":0") || seen[*d.addr] {
			t.Errorf("%s has the address %s", d.who, *d.addr)
		}
		seen[*d.addr] = true
	}
	if err := a.Claim(true); err != nil {
		t.Errorf("what was claimed is not free again: %v", err)
	}
	if b := AddressesFrom(9000); b.Backend != "127.0.0.1:9000" || b.Daemon != "127.0.0.1:9004" {
		t.Errorf("from 9000 on: %+v", b)
	}
}

func TestLinesStayWhole(t *testing.T) {
	var b bytes.Buffer
	l := NewLines(&b, false, 4)
	one, two := l.Writer("one"), l.Writer("two")
	for _, w := range []struct {
		to   interface{ Write([]byte) (int, error) }
		text string
	}{{one, "be"}, {two, "a\r\nb\n"}, {one, "gin\nrest"}, {one, ""}} {
		if _, err := w.to.Write([]byte(w.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	if want := "two  | a\ntwo  | b\none  | begin\none  | rest\n"; b.String() != want {
		t.Errorf("printed is %q, want %q", b.String(), want)
	}
	b.Reset()
	if _, err := two.Write(bytes.Repeat([]byte("x"), maxLine+10)); err != nil || b.Len() != maxLine+len("two  | \n") {
		t.Errorf("a line without end printed %d bytes, %v", b.Len(), err)
	}
}

func TestColoursAreForTerminals(t *testing.T) {
	none := func(string) string { return "" }
	if WantsColour(&bytes.Buffer{}, none) {
		t.Error("a buffer is no terminal")
	}
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if WantsColour(f, none) {
		t.Error("a file is no terminal")
	}
	var b bytes.Buffer
	l := NewLines(&b, true, 2)
	l.Say("x")
	if b.String() != "\x1b[32mup | \x1b[0mx\n" {
		t.Errorf("printed is %q", b.String())
	}
}

func TestATraceIsDrawnAsATree(t *testing.T) {
	list, err := parseDocuments([]string{
		`{"id":"b1","name":"callee","parent_id":"a2","start_time":10.1,"end_time":10.3,"annotations":{"z":1,"a":true},"http":{"response":{"status":500}},"fault":true,"subsegments":[{"id":"b2","name":"late","start_time":10.2,"in_progress":true}]}`,
		`{"id":"x","name":"made up","parent_id":"a2","inferred":true}`,
		`{"id":"a1","name":"root","origin":"AWS::ECS::Container","start_time":10,"end_time":11,"subsegments":[{"id":"a3","name":"second","start_time":10.5,"end_time":10.6},{"id":"a2","name":"call","namespace":"remote","start_time":10,"end_time":10.4}]}`,
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `root  [AWS::ECS::Container]  1000.0 ms
├─ call  [remote]  400.0 ms
│  └─ callee  200.0 ms  500  fault
│     │     a=true z=1
│     └─ late  in progress
└─ second  100.0 ms
`
	if got := draw(tree(list)); got != want {
		t.Errorf("drawn is\n%s\nwant\n%s", got, want)
	}
	if complete(list, []string{"root", "other"}) || !complete(list, []string{"root", "callee"}) {
		t.Error("complete counts wrongly")
	}
}

func TestATreeOfBrokenParentsEnds(t *testing.T) {
	list, err := parseDocuments([]string{`{"id":"a","name":"a","parent_id":"b"}`, `{"id":"b","name":"b","parent_id":"a"}`, `{"id":"c","name":"c","parent_id":"c"}`})
	if err != nil {
		t.Fatal(err)
	}
	if got := draw(tree(list)); !strings.Contains(got, "c  in progress") {
		t.Errorf("drawn is %s", got)
	}
	if _, err := parseDocuments([]string{`{`}); err == nil {
		t.Error("a document that is no JSON was taken")
	}
}

// tracesOf is a server whose answer to BatchGetTraces grows by one segment each time.
func tracesOf(t *testing.T, documents ...string) string {
	t.Helper()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != "/Traces" {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		type segment struct{ Id, Document string }
		type trace struct {
			Id       string
			Segments []segment
		}
		answer := trace{Id: "1-2-3"}
		for _, d := range documents[:min(int(asked.Add(1))-1, len(documents))] {
			answer.Segments = append(answer.Segments, segment{"x", d})
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"Traces": []trace{answer}})
	}))
	t.Cleanup(server.Close)
	return strings.TrimPrefix(server.URL, "http://")
}

func TestATraceIsReadUntilItIsComplete(t *testing.T) {
	addr := tracesOf(t, `{"id":"a","name":"one","start_time":1,"end_time":2}`, `{"id":"b","name":"two","start_time":1,"end_time":2}`)
	soon := func(time.Duration) <-chan time.Time { return time.After(time.Millisecond) }
	reader := newTraceReader(addr, soon)
	list, err := reader.read(t.Context(), "1-2-3", []string{"one", "two"})
	if err != nil || len(list) != 2 {
		t.Errorf("got %d, %v", len(list), err)
	}
	reader.close()
}

func TestProgramsGetNoMoreThanTheyNeed(t *testing.T) {
	cfg := Config{Addresses: DefaultAddresses(), Data: "d", Environ: []string{"PATH=/bin", "API_KEY=given", "XRAY_SERVICE_NAME=x", "AWS_XRAY_DAEMON_ADDRESS=y", "XRAY_SAMPLING_RATE=0.5"}}
	s := newStage(cfg)
	if s.apiKey != "given" || len(s.forceKey) < 20 {
		t.Errorf("the keys are %q and %q", s.apiKey, s.forceKey)
	}
	for _, group := range s.programs() {
		for _, p := range group {
			env := strings.Join(p.Env, " ")
			if strings.Contains(env, "SERVICE_NAME") || strings.Contains(env, "DAEMON_ADDRESS=y") || !strings.Contains(env, "XRAY_SAMPLING_RATE=0.5") {
				t.Errorf("%s inherits %s", p.Name, env)
			}
			if strings.Contains(env, "API_KEY=given") != (p.Name == nameBackend) {
				t.Errorf("%s: whether it has the API key is wrong: %s", p.Name, env)
			}
			if strings.Contains(env, "XRAY_FORCE_KEY") != (p.Name != nameRoentgen) {
				t.Errorf("%s: whether it has the force key is wrong: %s", p.Name, env)
			}
		}
	}
	if other := newStage(Config{}); other.apiKey == "" || other.apiKey == newStage(Config{}).apiKey {
		t.Error("keys are not made up for each run")
	}
}

func TestASecondSupervisorOfADirectoryLeavesTheFirstItsProcessID(t *testing.T) {
	data := t.TempDir()
	forget, err := writePID(data)
	if err != nil {
		t.Fatal(err)
	}
	id := strconv.Itoa(os.Getpid())
	if _, err := writePID(data); err == nil || !strings.Contains(err.Error(), id) || !strings.Contains(err.Error(), "--data") {
		t.Errorf("the second got %v", err)
	}
	if kept, err := os.ReadFile(filepath.Join(data, "up.pid")); err != nil || strings.TrimSpace(string(kept)) != id {
		t.Errorf("up.pid holds %q, %v", kept, err)
	}
	if err := forget(); err != nil {
		t.Error(err)
	}
	if forget, err = writePID(data); err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	if err := forget(); err != nil {
		t.Error(err)
	}
}
