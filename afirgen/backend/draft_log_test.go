package backend

import (
	"database/sql"
	"encoding/json"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/store"
)

// TestAReportThatIsNotDraftedIsSaidInTheLog: deploy/ counts these lines. Theirs is testdata/report-not-drafted.json.
func TestAReportThatIsNotDraftedIsSaidInTheLog(t *testing.T) {
	var db *sql.DB
	h := build(t, neighbours{wrap: func(open store.OpenDB) store.OpenDB {
		return func(driver, dsn string) (_ *sql.DB, err error) {
			db, err = open(driver, dsn)
			return db, err
		}
	}})
	id := h.file(t, plain)
	h.approve(t, id, fir.TranscriptReview)
	h.approve(t, id, fir.SummaryReview)
	h.approve(t, id, fir.ViolationsReview)
	if _, err := db.ExecContext(h.inSegment(t), `CREATE TRIGGER no_reports BEFORE INSERT ON reports BEGIN SELECT RAISE(ABORT, 'not now'); END`); err != nil {
		t.Fatal(err)
	}
	h.keeps(t, h.send(t, approval(id)), promised{500, contract.StoreFailed, "/validate", "POST"})
	line := h.lineWith(t, "report not drafted")
	for _, ofRequest := range []string{"trace_id", "segment_id", "request_id"} {
		if line[ofRequest] == nil {
			t.Errorf("the line has no %s: %v", ofRequest, line)
		}
	}
	text, err := os.ReadFile("testdata/report-not-drafted.json")
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	for name := range line {
		if _, wanted := want[name]; !wanted {
			delete(line, name) // times and ids
		}
	}
	if !maps.Equal(line, want) {
		t.Errorf("the line says %v, want %v", line, want)
	}
	if _, err := db.ExecContext(h.inSegment(t), `DROP TRIGGER no_reports`); err != nil {
		t.Fatal(err)
	}
	h.approve(t, id, fir.NarrativeReview)
	if line := h.lineWith(t, "report drafted"); line["session_id"] != id {
		t.Errorf("the line is of the session %v, want %v", line["session_id"], id)
	}
}

// lineWith is the last line of the log with the message.
func (h *house) lineWith(t *testing.T, message string) (found map[string]any) {
	t.Helper()
	for text := range strings.Lines(h.log.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] == message {
			found = line
		}
	}
	if found == nil {
		t.Fatalf("the log has no line %q", message)
	}
	return found
}
