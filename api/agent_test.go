package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

// shelf is a store: it knows documents by their text, survives the server, and
// refuses those of one trace.
type shelf struct {
	mu   sync.Mutex
	docs map[string]roentgen.Keep
	down error
}

const tooLarge = "1-6569f0aa-00000000000000000000ffff"

func (s *shelf) Append(_ context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return nil, s.down
	}
	out := make([]roentgen.Outcome, len(docs))
	for i, d := range docs {
		if d.Segment.Trace.String() == tooLarge {
			out[i] = roentgen.RefusedTraceTooLarge
			continue
		}
		if _, known := s.docs[string(d.Segment.Document)]; known {
			out[i] = roentgen.Duplicate
		}
		s.docs[string(d.Segment.Document)] = d.Keep
	}
	return out, nil
}

// plant is a server that can be killed. cut, when set, is called in place of
// the next commit of the book: the documents are stored by then.
type plant struct {
	t     *testing.T
	shelf *shelf
	disk  *vfs.Fault
	fleet *fleet.Fleet
	http  *httptest.Server
	doors *accept.Acceptor
	reg   *prometheus.Registry
	cut   func() error
}

func newPlant(t *testing.T) *plant {
	p := &plant{t: t, shelf: &shelf{docs: map[string]roentgen.Keep{}}, disk: vfs.NewFault(1)}
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *plant) start() {
	p.t.Helper()
	var err error
	if p.fleet, err = fleet.Open(p.disk, "fleet", fleet.Options{Gather: time.Millisecond}); err != nil {
		p.t.Fatal(err)
	}
	p.reg = prometheus.NewRegistry()
	reg := p.reg
	p.doors = accept.New(accept.Config{Registry: reg, MaxAge: 1 << 62}, p.shelf)
	mux := http.NewServeMux()
	api.New(api.Config{Registry: reg}).RegisterAgents(mux, api.Agents{
		Intake:        api.NewIntake(api.IntakeConfig{Documents: p.doors, Book: p, Registry: reg}),
		Fleet:         p.fleet,
		MaxBatchBytes: 1 << 20,
		Doors: func() (out []api.DoorSum, waiting int64) {
			sums, waiting := p.doors.Sums()
			for _, s := range sums {
				out = append(out, api.DoorSum(s))
			}
			return out, waiting
		},
	})
	p.http = httptest.NewServer(mux)
}

func (p *plant) stop() {
	p.fleet.EndPolls()
	p.http.Close()
	p.fleet.Close()
}

// kill ends the server as kill -9 does, and starts it again.
func (p *plant) kill() {
	p.t.Helper()
	p.disk.Kill()
	p.stop()
	p.start()
}

func (p *plant) Begin(ctx context.Context, h wire.BatchHeader) (*wire.BatchAnswer, func(), error) {
	return p.fleet.Begin(ctx, h)
}

func (p *plant) Commit(h wire.BatchHeader, a wire.BatchAnswer, n []wire.Notice, statement []byte) error {
	if cut := p.cut; cut != nil {
		p.cut = nil
		return cut()
	}
	return p.fleet.Commit(h, a, n, statement)
}

// post sends a body as a batch.
func (p *plant) post(body []byte) (int, http.Header, wire.BatchAnswer) {
	p.t.Helper()
	resp, err := http.Post(p.http.URL+"/api/agent/batches", wire.BatchContentType, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer wire.BatchAnswer
	if resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil {
		p.t.Fatalf("%s: %v", text, err)
	}
	return resp.StatusCode, resp.Header, answer
}

func (p *plant) get(path string, out any) {
	p.t.Helper()
	resp, err := http.Get(p.http.URL + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	if err != nil {
		p.t.Fatalf("%s: %v: %s", path, err, text)
	}
}

// sender is an agent as far as its books go. What is sent and not booked waits
// in its spool.
type sender struct {
	p   *plant
	id  string
	seq uint64
	fleet.Statement
}

func newSender(p *plant, id int, epoch uint64) *sender {
	return &sender{p: p, id: fmt.Sprintf("%032x", id), Statement: fleet.Statement{
		Epoch: epoch, Received: map[string]int64{}, Rejected: map[string]int64{}, Lost: map[string]int64{}, Dropped: map[string]int64{}, Waiting: map[string]int64{},
	}}
}

// batch takes documents in and makes the next batch of them.
func (s *sender) batch(docs ...string) *wire.Batch {
	s.seq++
	s.Received["udp"] += int64(len(docs))
	s.Waiting["spool"] += int64(len(docs))
	b := &wire.Batch{Header: wire.BatchHeader{Agent: s.id, Host: "web-" + s.id[30:], Epoch: s.Epoch, Seq: s.seq}}
	for _, d := range docs {
		b.Documents = append(b.Documents, wire.BatchDocument{Keep: roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, Document: []byte(d)})
	}
	var err error
	if b.Statement, err = json.Marshal(s.Statement); err != nil {
		s.p.t.Fatal(err)
	}
	return b
}

// send sends until the batch is answered, and books the answer.
func (s *sender) send(b *wire.Batch) wire.BatchAnswer {
	s.p.t.Helper()
	for range 5 {
		status, _, answer := s.p.post(wire.AppendBatch(nil, b))
		if status == http.StatusServiceUnavailable {
			continue
		}
		if status != http.StatusOK {
			s.p.t.Fatalf("batch %d: %d", b.Header.Seq, status)
		}
		s.Stored += answer.Outcomes["stored"]
		s.Replaced += answer.Outcomes["replaced"]
		s.Duplicate += answer.Outcomes["duplicate"]
		s.Refused += answer.Outcomes["refused"]
		for code, n := range answer.Codes {
			s.Rejected[code] += n
		}
		s.Waiting["spool"] -= int64(len(b.Documents))
		return answer
	}
	s.p.t.Fatalf("batch %d is never answered", b.Header.Seq)
	return wire.BatchAnswer{}
}

func docs(from, to int) (out []string) {
	for i := from; i < to; i++ {
		out = append(out, docOf(fmt.Sprintf("1-6569f0aa-%024x", i), i))
	}
	return out
}

func docOf(trace string, i int) string {
	return fmt.Sprintf(`{"trace_id":%q,"id":"%016x","name":"n","start_time":1700000000,"end_time":1700000001}`, trace, i+1)
}

// agentsAnswer is /api/agents as far as the test looks.
type agentsAnswer struct {
	Balanced bool
	Agents   []struct {
		Host      string
		Balanced  bool
		Explain   string
		Statement fleet.Statement
		Server    struct {
			Received, Stored, Duplicate, Refused, Rejected, Batches, Repeated int64
			MissingBatches                                                    int64 `json:"missing_batches"`
			Epochs                                                            int
		}
	}
	Server struct {
		Received, Stored, Duplicate, Refused, Waiting int64
		Rejected, Lost                                map[string]int64
		UnderWay                                      int64 `json:"under_way"`
		Balanced                                      bool
	}
}

// TestEveryLossHasAName injects each kind of trouble between an agent and the
// durable answer, one after the other; after each of them all the sums hold.
func TestEveryLossHasAName(t *testing.T) {
	p := newPlant(t)
	s := newSender(p, 1, 77)
	var got agentsAnswer
	check := func(what string) {
		t.Helper()
		s.send(s.batch()) // brings the statement
		got = agentsAnswer{}
		p.get("/api/agents", &got)
		for _, a := range got.Agents {
			if !a.Balanced {
				t.Errorf("%s: %s: %s", what, a.Host, a.Explain)
			}
		}
		if !got.Balanced || got.Server.UnderWay != 0 {
			t.Errorf("%s: %+v", what, got.Server)
		}
	}

	s.send(s.batch(docs(0, 10)...))
	check("nothing")

	mixed := append(docs(10, 12), "no JSON", docOf(tooLarge, 5))
	if a := s.send(s.batch(mixed...)); a.Outcomes["rejected"] != 1 || a.Outcomes["refused"] != 1 || len(a.Rejected) != 2 || a.Rejected[0].Index != 2 {
		t.Errorf("rejected and refused: %+v", a)
	}
	check("rejected and refused documents")

	if a := s.send(s.batch(docs(5, 15)...)); a.Outcomes["duplicate"] != 7 || a.Outcomes["stored"] != 3 {
		t.Errorf("duplicates: %+v", a)
	}
	check("documents that were stored before")

	b := s.batch(docs(20, 30)...)
	p.post(wire.AppendBatch(nil, b)) // nobody hears the answer
	if a := s.send(b); !a.Repeated || a.Outcomes["stored"] != 10 {
		t.Errorf("a lost answer: %+v", a)
	}
	check("a lost answer")

	b = s.batch(docs(30, 40)...)
	p.post(wire.AppendBatch(nil, b))
	p.kill()
	if a := s.send(b); !a.Repeated || a.Outcomes["stored"] != 10 {
		t.Errorf("a lost answer and a kill: %+v", a)
	}
	check("a lost answer and a kill")

	b = s.batch(docs(40, 50)...)
	p.cut = func() error { return roentgen.Unavailablef("killed") }
	if status, header, _ := p.post(wire.AppendBatch(nil, b)); status != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("status %d, %v", status, header)
	}
	p.kill()
	if a := s.send(b); a.Repeated || a.Outcomes["duplicate"] != 10 {
		t.Errorf("a kill between store and book: %+v", a)
	}
	check("a kill between store and book")

	b = s.batch(docs(50, 60)...)
	p.shelf.down = roentgen.Unavailablef("no space left")
	if status, _, _ := p.post(wire.AppendBatch(nil, b)); status != http.StatusServiceUnavailable {
		t.Errorf("status %d", status)
	}
	p.shelf.down = nil
	s.send(b)
	check("a store that failed")
	if got.Server.Lost["store_failed"] != 10 {
		t.Errorf("the server's own doors: %+v", got.Server)
	}

	b = s.batch(docs(60, 70)...)
	broken := wire.AppendBatch(nil, b)
	if status, _, _ := p.post(broken[:len(broken)-3]); status != http.StatusBadRequest {
		t.Errorf("status %d", status)
	}
	s.Rejected["batch_refused"] += 10
	s.Waiting["spool"] -= 10
	check("a batch that was refused whole")
	if a := got.Agents[0]; a.Server.MissingBatches != 1 || !strings.Contains(a.Explain, "1 batch has not come") {
		t.Errorf("%+v", a)
	}

	s.batch(docs(70, 75)...) // gone with the spool
	p.post(wire.AppendBatch(nil, s.batch(docs(75, 80)...)))
	s.Epoch, s.seq = 78, 0
	s.Lost["killed"], s.Waiting["spool"] = 10, 0
	check("a spool that was lost")
	if a := got.Agents[0]; a.Server.Epochs != 2 || !strings.Contains(a.Explain, "at least 5 documents that the agent holds for lost did arrive") {
		t.Errorf("%+v", a)
	}

	other := newSender(p, 2, 5)
	other.send(other.batch(docs(100, 200)...))
	check("another agent")

	if total := got.Agents[0].Server; total.Received != total.Stored+total.Duplicate+total.Refused+total.Rejected {
		t.Errorf("%+v", total)
	}
	if n := len(p.shelf.docs); n != 15+40+5+100 { // 0 to 14, 20 to 59, 75 to 79, 100 to 199
		t.Errorf("%d documents stored", n)
	}
	for doc, keep := range p.shelf.docs {
		if keep != (roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}) {
			t.Fatalf("%s was kept for %v", doc, keep)
		}
	}

	wantMetrics(t, p.reg, `
		# HELP roentgen_agents Agents in the server's book.
		# TYPE roentgen_agents gauge
		roentgen_agents 2
		# HELP roentgen_agents_unbalanced Agents of which a sum does not hold; roentgen ledger names it.
		# TYPE roentgen_agents_unbalanced gauge
		roentgen_agents_unbalanced 0
	`, "roentgen_agents", "roentgen_agents_unbalanced")

	s.Received["udp"] += 3 // and nobody knows what became of them
	s.send(s.batch())
	s.send(s.batch())
	got = agentsAnswer{}
	p.get("/api/agents", &got)
	if got.Balanced || got.Agents[0].Balanced || !strings.Contains(got.Agents[0].Explain, "+3 without a name") || !got.Agents[1].Balanced {
		t.Errorf("three documents are gone: %+v", got.Agents)
	}
	wantMetrics(t, p.reg, `
		# HELP roentgen_agents_unbalanced Agents of which a sum does not hold; roentgen ledger names it.
		# TYPE roentgen_agents_unbalanced gauge
		roentgen_agents_unbalanced 1
	`, "roentgen_agents_unbalanced")
}

func wantMetrics(t *testing.T, reg *prometheus.Registry, want string, names ...string) {
	t.Helper()
	if err := testutil.GatherAndCompare(reg, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestAgentsTellEachOther(t *testing.T) {
	p := newPlant(t)
	one, two := newSender(p, 1, 1), newSender(p, 2, 2)
	b := one.batch()
	b.Notices = []wire.Notice{{Trace: roentgen.TraceID{7}, Reason: "error"}}
	one.send(b)
	read := func(agent string) *wire.NoticePage {
		t.Helper()
		resp, err := http.Get(p.http.URL + "/api/agent/notices?agent=" + agent + "&after=0&wait=10ms&limit=100")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.Header.Get("Content-Type") != wire.NoticesContentType {
			t.Fatalf("%v, %v: %s", err, resp.Header, body)
		}
		page, err := wire.ReadNoticePage(body)
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	if page := read(two.id); len(page.Notices) != 1 || page.Notices[0] != b.Notices[0] {
		t.Errorf("the other reads %+v", page)
	}
	if page := read(one.id); len(page.Notices) != 0 {
		t.Errorf("the agent reads its own: %+v", page)
	}
}

func TestWhatIsNoBatchIsRefused(t *testing.T) {
	p := newPlant(t)
	good := wire.AppendBatch(nil, newSender(p, 1, 1).batch(docs(0, 1)...))
	ask := func(method, path, kind string, body []byte) (int, string) {
		t.Helper()
		r, err := http.NewRequest(method, p.http.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	for _, c := range []struct {
		method, path, kind string
		body               []byte
		status             int
		want               string
	}{
		{"POST", "/api/agent/batches", "application/json", good, 400, wire.BatchContentType},
		{"POST", "/api/agent/batches", wire.BatchContentType, []byte("{}"), 400, "read a batch"},
		{"POST", "/api/agent/batches", wire.BatchContentType, make([]byte, 1<<20+1), 413, "too large"},
		{"GET", "/api/agent/notices", "", nil, 400, "agent is missing"},
		{"GET", "/api/agent/notices?agent=a&after=x", "", nil, 400, "not a cursor"},
		{"GET", "/api/agent/notices?agent=a&wait=soon", "", nil, 400, "not a time"},
		{"GET", "/api/agent/notices?agent=a&limit=0", "", nil, 400, "above 0"},
	} {
		if status, text := ask(c.method, c.path, c.kind, c.body); status != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s %s: %d %s, want %d and %q", c.method, c.path, status, text, c.status, c.want)
		}
	}
}

// rollups remembers what was added, and answers as it is told.
type rollups struct {
	added int
	err   error
}

func (r *rollups) Add(_ string, _, _ uint64, rollups ...[]byte) error {
	r.added += len(rollups)
	return r.err
}

func TestDamagedRollupsDoNotCostTheDocuments(t *testing.T) {
	p := newPlant(t)
	for _, c := range []struct {
		err   error
		taken bool
	}{{nil, true}, {roentgen.Invalidf("version 9"), true}, {roentgen.Unavailablef("no space"), false}} {
		r := &rollups{err: c.err}
		intake := api.NewIntake(api.IntakeConfig{Documents: p.doors, Book: p.fleet, Rates: r})
		s := newSender(p, 1, 100+uint64(len(p.shelf.docs)))
		b := s.batch(docs(len(p.shelf.docs), len(p.shelf.docs)+5)...)
		b.Rollups = [][]byte{[]byte("a"), []byte("b")}
		answer, err := intake.Take(t.Context(), b)
		if (err == nil) != c.taken || r.added != 2 || c.taken && answer.Outcomes["stored"] != 5 {
			t.Errorf("%v: %+v, %v", c.err, answer, err)
		}
		again, err := intake.Take(t.Context(), b)
		if want := 2; c.taken && (err != nil || !again.Repeated || r.added != want) {
			t.Errorf("again: %+v, %v, %d roll-ups", again, err, r.added)
		}
	}
}

// TestABatchWithAnotherTokenIsAConflict answers so that the agent keeps it, and
// does not take a name from the batch itself.
func TestABatchWithAnotherTokenIsAConflict(t *testing.T) {
	known, err := fleet.Open(vfs.NewFault(1), "fleet", fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer known.Close()
	doors := accept.New(accept.Config{MaxAge: 1 << 62}, &shelf{docs: map[string]roentgen.Keep{}})
	token := ""
	mux := http.NewServeMux()
	api.New(api.Config{Caller: func(context.Context) string { return token }}).RegisterAgents(mux, api.Agents{
		Intake: api.NewIntake(api.IntakeConfig{Documents: doors, Book: known}), Fleet: known,
	})
	send := func(by string, seq uint64) (int, string) {
		token = by
		b := &wire.Batch{Header: wire.BatchHeader{Agent: fmt.Sprintf("%032x", 7), Epoch: 1, Seq: seq, By: "web"}}
		r := httptest.NewRequest(http.MethodPost, "/api/agent/batches", bytes.NewReader(wire.AppendBatch(nil, b)))
		r.Header.Set("Content-Type", wire.BatchContentType)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code, w.Body.String()
	}
	if code, text := send("web", 1); code != 200 {
		t.Fatalf("the first: %d %s", code, text)
	}
	if code, text := send("mallory", 2); code != http.StatusConflict || !strings.Contains(text, "ConflictException") || !strings.Contains(text, "web does") {
		t.Errorf("another token: %d %s", code, text)
	}
	if code, text := send("web", 2); code != 200 {
		t.Errorf("the first again: %d %s", code, text)
	}
	views, err := known.Agents(t.Context())
	if err != nil || len(views) != 1 || views[0].By != "web" || views[0].Totals.Batches != 2 {
		t.Errorf("%+v, %v", views, err)
	}
}
