package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
)

// eraser has deleted what is in it.
type eraser struct {
	deleted []string
	err     error
}

func (e *eraser) Delete(_ context.Context, id roentgen.TraceID) error {
	if e.err == nil {
		e.deleted = append(e.deleted, id.String())
	}
	return e.err
}

func TestATraceIsDeletedByItsID(t *testing.T) {
	const id = "1-5759e988-bd862e3fe1be46a994272793"
	for _, c := range []struct {
		path   string
		err    error
		status int
		want   string // in the answer
	}{
		{id, nil, 200, `{"deleted":"` + id + `"}`},
		{"5759e988bd862e3fe1be46a994272793", nil, 200, `{"deleted":"` + id + `"}`},
		{"12", nil, 400, `trace id \"12\" is neither`},
		{"1-00000000-000000000000000000000000", nil, 400, `no-op id`},
		{id, roentgen.NotFoundf("no"), 404, `there is no trace ` + id + `: it never arrived, or is gone already`},
		{id, roentgen.Unavailablef("the disk is full: free some"), 503, `the disk is full: free some`},
		{id, errors.New("secrets of the disk"), 500, `its log says why`},
	} {
		erase, log := &eraser{err: c.err}, new(bytes.Buffer)
		mux := http.NewServeMux()
		New(Config{Erase: erase, Logger: slog.New(slog.NewTextHandler(log, nil))}).RegisterConsole(mux, Console{})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/api/traces/"+c.path, nil))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s, %v: %d %s", c.path, c.err, w.Code, w.Body)
		}
		if done := c.status == 200; done != (len(erase.deleted) == 1) || done != strings.Contains(log.String(), "trace deleted") {
			t.Errorf("%s, %v: deleted %v, logged %q", c.path, c.err, erase.deleted, log)
		}
	}
}

// TestADeletionSaysWhereTheTraceMayBeAllTheSame names the damaged files, also of
// a trace that is not found, because it may be in them alone.
func TestADeletionSaysWhereTheTraceMayBeAllTheSame(t *testing.T) {
	const id = "1-5759e988-bd862e3fe1be46a994272793"
	file := Remainder{Path: "data/damaged/blocks-00000001.blk", Why: "it was set aside", Do: "roentgen store discard data --yes", Until: 1.5e9}
	for _, c := range []struct {
		title  string
		err    error // of the deletion
		files  []Remainder
		look   error // of the look at the files
		status int
		want   string
	}{
		{"no damage", nil, nil, nil, 200, `{"deleted":"` + id + `"}`},
		{"a damaged file", nil, []Remainder{file}, nil, 200, `"remains":[{"path":"data/damaged/blocks-00000001.blk","why":"it was set aside","do":"roentgen store discard data --yes","until":1500000000}]`},
		{"a trace that is not found", roentgen.NotFoundf("no"), []Remainder{file}, nil, 404, `gone already; but it may stand in what cannot be read of data/damaged/blocks-00000001.blk (roentgen store discard data --yes)`},
		{"a disk that does not say", nil, nil, errors.New("secrets of the disk"), 500, `its log says why`},
	} {
		mux := http.NewServeMux()
		remains := func(context.Context) ([]Remainder, error) { return c.files, c.look }
		New(Config{Erase: &eraser{err: c.err}, Remains: remains}).RegisterConsole(mux, Console{})
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(http.MethodDelete, "/api/traces/"+id, nil))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s, want %d %s", c.title, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestNamesOfADeletedTraceAreNotOffered(t *testing.T) {
	b := new(behind)
	s := &consoleServer{API: New(Config{Traces: b, Erase: &eraser{}}), Console: Console{Now: func() time.Time { return b.now }}}
	ask := func() {
		start, end := epoch(0), epoch(100e9)
		if _, err := s.names(t.Context(), &start, &end); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	ask()
	if len(b.asked) != 1 {
		t.Fatalf("names were read %d times", len(b.asked))
	}
	if _, err := s.erase(t.Context(), "1-5759e988-bd862e3fe1be46a994272793"); err != nil {
		t.Fatal(err)
	}
	if ask(); len(b.asked) != 2 {
		t.Error("after a deletion old names are offered")
	}
}
