package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/internal/script"
)

var rewrite = flag.Bool("rewrite", false, "write what the tools say now into testdata/cli")

// TestTools runs command lines against a server that knows three traces and a
// map. A script's command is a command line without the program's name. What
// it prints follows, each line behind a bar; an error stands behind "error".
// The clock stands still, the zone is UTC, and nothing is a terminal.
func TestTools(t *testing.T) {
	s := httptest.NewServer(fakeServer(t))
	defer s.Close()
	script.Run(t, "testdata/cli/*.txt", *rewrite, func() script.Room {
		return func(c script.Command) ([]string, error) { return runTool(s.URL, c) }
	})
}

func runTool(server string, c script.Command) ([]string, error) {
	words, err := shellWords(c.Name + " " + c.Argument)
	if err != nil {
		return nil, err
	}
	w := around{
		now: func() time.Time { return time.Date(2026, 11, 23, 14, 10, 0, 0, time.UTC) },
		getenv: func(name string) string {
			return map[string]string{serverEnv: server, tokenEnv: "secret"}[name]
		},
	}
	root := &cobra.Command{Use: "roentgen", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(newTracesCommand(w), newTraceCommand(w), newMapCommand(w))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(words)
	var lines []string
	if err := root.Execute(); err != nil {
		for _, line := range strings.Split(strings.ReplaceAll(err.Error(), server, "http://SERVER"), "\n") {
			lines = append(lines, "error |"+line)
		}
	}
	if out.Len() > 0 {
		for _, line := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n") {
			lines = append(lines, "|"+line)
		}
	}
	return lines, nil
}

// shellWords cuts a line into words, as far as the scripts need: white space
// parts, single quotes hold together.
func shellWords(line string) ([]string, error) {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	if strings.Count(line, "'")%2 > 0 {
		return nil, errors.New("a quote is not closed")
	}
	return words, nil
}

// fakeServer answers what is in testdata/cli, by path, to those who have the
// token.
func fakeServer(t *testing.T) http.Handler {
	answers := map[string]func(map[string]any) (int, any){
		"/api/traces": answerTraces, "/api/filter": answerFilter,
		"/Traces":       func(q map[string]any) (int, any) { return 200, fileOf(t, "trace.json") },
		"/ServiceGraph": func(q map[string]any) (int, any) { return answerGraph(t, q) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer, method := answers[r.URL.Path], http.MethodPost
		if id, ok := strings.CutPrefix(r.URL.Path, "/api/traces/"); ok {
			answer, method = func(map[string]any) (int, any) { return answerDelete(id) }, http.MethodDelete
		}
		if answer == nil {
			t.Errorf("asked %s", r.URL.Path)
			return
		}
		var question map[string]any
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(body, &question)
		}
		if err != nil || r.Header.Get("Content-Type") != "application/json" || r.Method != method {
			t.Errorf("%s %s: %v, headers %v", r.Method, r.URL.Path, err, r.Header)
		}
		status, out := answer(question)
		switch r.Header.Get("Authorization") {
		case "Bearer secret":
		case "Bearer old":
			status, out = 401, refused("no such token")
		default:
			t.Errorf("authorization %q", r.Header.Get("Authorization"))
		}
		if id, ok := question["TraceIds"].([]any); ok && id[0] != "1-6569f0aa-bd862e3fe1be46a994272793" {
			out = map[string]any{"Traces": []any{}, "UnprocessedTraceIds": id}
		}
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(out)
	})
}

func refused(message string) map[string]string {
	return map[string]string{"__type": "InvalidRequestException", "Message": message}
}

func fileOf(t *testing.T, name string) json.RawMessage {
	t.Helper()
	b, err := os.ReadFile("testdata/cli/" + name)
	if err != nil {
		t.Error(err)
	}
	return b
}

// answerDelete has one trace, over and over, and one that the disk does not let
// go.
func answerDelete(id string) (int, any) {
	switch id {
	case "1-6569f0aa-bd862e3fe1be46a994272793":
		return 200, map[string]string{"deleted": id}
	case "1-6569f0aa-0000000000000000000000f0":
		return 503, map[string]string{"__type": "ServiceUnavailableException", "Message": "delete trace " + id + ": no space left: free some and repeat"}
	}
	return 404, map[string]string{"__type": "ResourceNotFoundException", "Message": "there is no trace " + id}
}

// answerTraces gives pages of two of three traces; the second page is empty,
// as a page may be that is not the last.
func answerTraces(q map[string]any) (int, any) {
	end := q["end"].(float64)
	if expression := q["expression"]; expression == "slow" || expression == "résumé 🚀 x" {
		return 400, refused("Invalid filter expression: unknown keyword")
	} else if expression == "partial" {
		return 200, map[string]any{"traces": []any{}, "examined": 4711, "matched": 0, "reached": q["start"]}
	}
	one := map[string]any{
		"id": "1-6569f0aa-bd862e3fe1be46a994272793", "start": end - 30, "responseTime": 42.3151, "duration": 42.4, "method": "POST",
		"url": "http://localhost:8000/process?x=1", "status": 502, "fault": true, "entry": map[string]string{"name": "afirgen-main-backend"},
		"cause": "afirgen-gguf-server: ModelUnavailable: the model is not loaded", "services": []string{"afirgen-main-backend"}, "annotations": 3,
	}
	two := map[string]any{
		"id": "1-6569f0ab-0000000000000000000000aa", "start": end - 61.25, "responseTime": 0.0071, "method": "GET", "url": "/health", "status": 200,
		"entry": map[string]string{"name": "afirgen-main-backend"}, "services": []string{}, "annotations": 0,
	}
	three := map[string]any{"id": "1-6569f0ac-0000000000000000000000bb", "start": end - 1800, "partial": true, "services": []string{}, "annotations": 0}
	switch q["token"] {
	case nil:
		return 200, map[string]any{"traces": first(q, one, two), "examined": 1000, "matched": 2, "reached": end - 61.25, "token": "a"}
	case "a":
		return 200, map[string]any{"traces": []any{}, "examined": 1000, "matched": 0, "reached": end - 900, "token": "b"}
	}
	return 200, map[string]any{"traces": first(q, three), "examined": 400, "matched": 1, "reached": q["start"]}
}

func first(q map[string]any, list ...any) []any {
	return list[:min(len(list), int(q["limit"].(float64)))]
}

func answerFilter(q map[string]any) (int, any) {
	wrong := map[string]any{"from": 0, "to": 4, "message": `unknown keyword "slow"`, "hint": "did you mean ok?"}
	if q["expression"] != "slow" {
		wrong = map[string]any{"from": 10, "to": 11, "message": `unknown keyword "x"`}
	}
	return 200, map[string]any{"normal": "", "error": wrong, "offers": []any{}}
}

// answerGraph gives the map in two pages, though servers give it in one.
func answerGraph(t *testing.T, q map[string]any) (int, any) {
	if q["GroupName"] == "nope" {
		return 400, refused("Group not found.")
	}
	var m map[string]any
	if err := json.Unmarshal(fileOf(t, "map.json"), &m); err != nil {
		t.Error(err)
	}
	services := m["Services"].([]any)
	if q["GroupName"] == "empty" {
		services = nil
	}
	m["Services"], m["NextToken"] = services[:min(2, len(services))], "rest"
	if q["NextToken"] == "rest" {
		m["Services"], m["NextToken"] = services[min(2, len(services)):], ""
	}
	return 200, m
}

func TestColoursStandOnTerminalsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		screen screen
		want   string
	}{
		"on a terminal":  {screen{color: true}, "\x1b[31mfault\x1b[0m"},
		"anywhere else":  {screen{}, "fault"},
		"without an ink": {screen{color: true}, "fault"},
		"without a text": {screen{color: true}, ""},
	} {
		ink, text := faults, "fault"
		if name == "without an ink" {
			ink = plain
		}
		if name == "without a text" {
			text = ""
		}
		if got := c.screen.paint(ink, text); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Names and messages come from strangers. None of them moves the cursor.
func TestWhatIsShownIsHarmless(t *testing.T) {
	if got := cut("a\x1b[2J\nb\u202ec\u009b\xff", 100); got != "a [2J b c �" {
		t.Errorf("%q", got)
	}
	if got := cut("abcdef", 4); got != "abc…" {
		t.Errorf("%q", got)
	}
}

func TestLongTextsAreWrapped(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want []string
	}{
		{"", 3, nil},
		{"one line", 3, []string{"one line"}},
		{"some words that do not fit", 3, []string{"some words", "that do not", "fit"}},
		{"some words that do not fit", 2, []string{"some words", "that do not…"}},
		{"onewordthatislongerthantheline", 3, []string{"onewordthati", "slongerthant", "heline"}},
		{"a\n\tb", 1, []string{"a b"}},
	} {
		if got := wrapped(c.text, 12, c.most); !slices.Equal(got, c.want) {
			t.Errorf("%q in %d lines: %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestDurationsAsPeopleReadThem(t *testing.T) {
	for sec, want := range map[float64]string{
		0: "0 ms", 0.0000004: "0 ms", 0.000012: "12 µs", 0.0012: "1.2 ms", 0.0421: "42 ms", 0.9999: "1000 ms", 1.234: "1.23 s", 42.31: "42.3 s",
		125: "2 min 05 s", 7260: "2 h 01 min", -0.5: "-500 ms",
	} {
		if got := spokenSeconds(sec); got != want {
			t.Errorf("%v s are %q, want %q", sec, got, want)
		}
	}
}

func TestQuantilesAreThoseOfTheMap(t *testing.T) {
	bars := []bar{{0.5, 1}, {0.1, 98}, {2, 1}} // in no order
	for q, want := range map[float64]float64{0.5: 0.1, 0.98: 0.1, 0.99: 0.5, 1: 2} {
		if got, ok := quantile(bars, q); !ok || got != want {
			t.Errorf("p%v is %v", q*100, got)
		}
	}
	if _, ok := quantile(nil, 0.5); ok {
		t.Error("nothing has a median")
	}
}

func TestTimesAreReadInTheZoneOfTheUser(t *testing.T) {
	zone := time.FixedZone("IST", 5*3600+1800)
	for text, want := range map[string]string{
		"2026-11-23T08:00":     "2026-11-23T02:30:00Z",
		"2026-11-23 08:00:01":  "2026-11-23T02:30:01Z",
		"2026-11-23T08:00:00Z": "2026-11-23T08:00:00Z",
		"2026-11-23":           "2026-11-22T18:30:00Z",
		"1795420800.5":         "2026-11-23T08:00:00.5Z",
	} {
		got, err := readTime("from", text, zone)
		if err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s is %v (%v), want %s", text, got.UTC(), err, want)
		}
	}
}

// A server that is not there, one that is no Roentgen server.
func TestWrongServersAreNamed(t *testing.T) {
	stranger := httptest.NewServer(http.NotFoundHandler())
	defer stranger.Close()
	gone := httptest.NewServer(nil)
	gone.Close()
	for server, want := range map[string]string{
		gone.URL:              "no server answers at " + gone.URL,
		stranger.URL:          "is it one?",
		"ftp://127.0.0.1":     "not an address like http://127.0.0.1:1895",
		"127.0.0.1:1895/a b%": "not an address",
	} {
		got, err := runTool("http://unused", script.Command{Name: "traces", Argument: fmt.Sprintf("--server '%s'", server)})
		if err != nil || len(got) == 0 || !strings.Contains(got[0], want) {
			t.Errorf("%s: it says %q, want %q in it", server, got, want)
		}
	}
}
