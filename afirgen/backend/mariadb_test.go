package backend

import (
	"bytes"
	"database/sql"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/local/mariadbtest"
	"github.com/roentgen/roentgen/afirgen/tracetest"
)

func TestTheWorkflowOnMariaDB(t *testing.T) {
	for name, f := range map[string]func(*testing.T, neighbours){
		"a complaint becomes a locked report": complaintToReport,
		"of two approvals one is done":        approvalsAtOnce,
		"a session expires":                   expiry,
		"drafts at once":                      concurrentDrafts,
	} {
		t.Run(name, func(t *testing.T) { f(t, neighbours{dsn: mariadbtest.Start(t)}) })
	}
}

func TestStatementsOnMariaDBAreTracedByTheContract(t *testing.T) {
	dsn := mariadbtest.Start(t)
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	h := build(t, neighbours{dsn: dsn})
	h.toFinal(t, story)
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		t.Fatal(err)
	}
	want := cfg.DBName + "@" + host
	quoted := regexp.MustCompile(`'[^']`)
	statements := 0
	for _, whole := range h.collector.Documents() {
		all(whole, func(d tracetest.Document) {
			if d.SQL.SanitizedQuery == "" {
				return
			}
			statements++
			if d.Name != want || d.Namespace != "remote" || d.SQL.DatabaseType != "MySQL" || quoted.MatchString(d.SQL.SanitizedQuery) ||
				strings.Contains(d.SQL.URL, cfg.Passwd) {
				t.Errorf("%s, %s, %s at %s: %s", d.Name, d.Namespace, d.SQL.DatabaseType, d.SQL.URL, d.SQL.SanitizedQuery)
			}
		})
	}
	if statements < 20 {
		t.Errorf("%d statements are seen", statements)
	}
}

// unavailable is what every path answers while the database is away.
func unavailable(endpoint, method string) promised {
	return promised{503, contract.StoreUnavailable, endpoint, method}
}

func TestADatabaseThatGoesAwayLeavesNoHalves(t *testing.T) {
	server := mariadbtest.New(t)
	model := holding("A summary.")
	h := build(t, neighbours{dsn: server.DSN(), gguf: model})
	id := h.file(t, plain)

	// Before: nothing has happened.
	server.Kill(t)
	a := h.send(t, approval(id))
	h.keeps(t, a, unavailable("/validate", "POST"))
	if a.header.Get("Retry-After") == "" {
		t.Error("it is not said when to come again")
	}
	h.keeps(t, h.send(t, form(t, "text", plain)), unavailable("/process", "POST"))
	h.keeps(t, h.send(t, get("/list_firs")), unavailable("/list_firs", "GET"))
	h.keeps(t, h.send(t, get("/view_fir/KTW/0001/2026")), unavailable("/view_fir/{station}/{seq}/{year}", "GET"))
	server.Start(t)
	h.isBack(t, id, fir.TranscriptReview, "")

	// In mid-step: the work is taken back once its lease is over.
	got := h.later(t, approval(id))
	<-model.asked
	server.Kill(t)
	close(model.go_)
	h.keeps(t, <-got, unavailable("/validate", "POST"))
	server.Start(t)
	h.recovers(t, id, fir.TranscriptReview)
	for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview} {
		h.approve(t, id, step)
	}

	// In the transaction: no number is used up.
	ctx := h.inSegment(t)
	db, err := sql.Open("mysql", server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // its server has been killed
	if _, err := db.ExecContext(ctx, "INSERT INTO counters (station, series, year, seq) VALUES ('KTW', 'fir', 0, 0)"); err != nil {
		t.Fatal(err)
	}
	blocker, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blocker.ExecContext(ctx, "UPDATE counters SET seq = seq WHERE station = 'KTW' AND series = 'fir'"); err != nil {
		t.Fatal(err)
	}
	got = h.later(t, approval(id))
	for deadline := time.Now().Add(10 * time.Second); ; {
		var waiting int
		if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE info LIKE 'SELECT year, seq FROM counters%'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
		if waiting > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the draft does not wait for the counter")
		}
	}
	server.Kill(t)
	h.keeps(t, <-got, unavailable("/validate", "POST"))
	server.Start(t)
	if n, err := h.store.Count(t.Context(), "", ""); n != 0 || err != nil {
		t.Errorf("%d reports stand half written, %v", n, err)
	}
	h.recovers(t, id, fir.NarrativeReview)
	if a := h.approve(t, id, fir.NarrativeReview); !strings.HasPrefix(a.body["fir_number"].(string), "KTW/0001/") {
		t.Errorf("the first report has the number %v", a.body["fir_number"])
	}
}

// recovers wants work that its server could not end to be taken back at its lease's end.
func (h *house) recovers(t *testing.T, id string, step fir.Step) {
	t.Helper()
	a := h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+id)) })
	if a.body["status"] != string(fir.Processing) {
		t.Errorf("right after, the session is %v", a.body["status"])
	}
	h.clock.add(fir.Lease)
	h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+id)) })
	h.isBack(t, id, step, contract.Internal)
}

// wire stands between the store and the server. Armed, it loses the server's answer to the next COMMIT.
type wire struct {
	armed atomic.Bool
	lost  atomic.Int32
}

func (w *wire) stand(t *testing.T, server string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		wait.Wait()
	})
	wait.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // closed
			}
			wait.Go(func() { w.carry(client, server) })
		}
	})
	return listener.Addr().String()
}

func (w *wire) carry(client net.Conn, to string) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		_ = client.Close()
		return
	}
	var cut atomic.Bool
	var wait sync.WaitGroup
	wait.Go(func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 1<<16)
		for {
			n, err := server.Read(buf)
			if cut.Load() {
				w.lost.Add(1)
				return
			}
			if n > 0 {
				if _, err := client.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	_, _ = io.Copy(writerFunc(func(p []byte) (int, error) { // one end or the other has gone
		if bytes.HasSuffix(p, []byte("\x03COMMIT")) && w.armed.CompareAndSwap(true, false) {
			cut.Store(true)
		}
		return server.Write(p)
	}), client)
	_ = server.Close()
	wait.Wait()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestAConnectionLostAtTheCommitDraftsTheReportOnce(t *testing.T) {
	cfg, err := mysql.ParseDSN(mariadbtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	cfg.Addr = w.stand(t, cfg.Addr)
	h := build(t, neighbours{dsn: cfg.FormatDSN()})
	id := h.file(t, plain)
	for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview} {
		h.approve(t, id, step)
	}
	w.armed.Store(true)
	a := h.send(t, approval(id))
	h.keeps(t, a, unavailable("/validate", "POST"))
	if w.lost.Load() != 1 || strings.Contains(a.raw, "nothing was changed") {
		t.Errorf("%d answers were lost; the caller is told %s", w.lost.Load(), a.raw)
	}
	a = h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+id)) })
	number, _ := a.body["fir_number"].(string)
	if a.body["current_step"] != string(fir.FinalReview) || !strings.HasPrefix(number, "KTW/0001/") {
		t.Errorf("after the commit the session is at %v with number %q", a.body["current_step"], number)
	}
	if n, err := h.store.Count(t.Context(), "", ""); n != 1 || err != nil {
		t.Errorf("there are %d reports, %v", n, err)
	}
	if a := h.send(t, get("/fir/"+number)); a.status != 200 || a.body["session_id"] != id {
		t.Errorf("%d %v", a.status, a.body["session_id"])
	}
}
