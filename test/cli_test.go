package test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// tool runs a command-line tool against the server, to its end.
func (s *server) tool(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, program("roentgen"), args...)
	c.Env = append(os.Environ(), append([]string{"ROENTGEN_SERVER=" + s.HTTP, "TZ=UTC"}, env...)...)
	c.Stdout, c.Stderr = &out, &errs
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// table runs a tool for a person, and wants it to succeed.
func (s *server) table(t *testing.T, args ...string) string {
	t.Helper()
	stdout, stderr, code := s.tool(t, nil, append(args, "--output", "table")...)
	if code != 0 || stderr != "" {
		t.Fatalf("roentgen %q ended with %d: %s", args, code, stderr)
	}
	return stdout
}

// listed are the ids that roentgen traces gives to a program.
func (s *server) listed(t *testing.T, filter string) (ids []string) {
	t.Helper()
	stdout, stderr, code := s.tool(t, nil, "traces", filter)
	var list struct{ Traces []struct{ ID string } }
	if err := json.Unmarshal([]byte(stdout), &list); err != nil || code != 0 {
		t.Fatalf("roentgen traces %s ended with %d: %s%v", filter, code, stderr, err)
	}
	for _, tr := range list.Traces {
		ids = append(ids, tr.ID)
	}
	return ids
}

// complaint puts a trace of AFIRGen's: the backend asks the model server, which
// answers with the status, keeps the draft and streams the subsegment of that.
func (s *server) complaint(t *testing.T, took float64, status int) (id string) {
	t.Helper()
	id = newTraceID()
	start := float64(time.Now().UnixMilli())/1e3 - took
	root, call, store := newID(), newID(), newID()
	cause := ""
	if status >= 500 {
		cause = `,"fault":true,"cause":{"exceptions":[{"id":"` + newID() + `","type":"ModelUnavailable","message":"the model is not loaded"}]}`
	}
	docs := []string{
		fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"afirgen-main-backend","origin":"AWS::ECS::Container","start_time":%f,"end_time":%f,
			"http":{"request":{"method":"POST","url":"http://localhost:8000/process"},"response":{"status":%d}},"annotations":{"endpoint":"/process"},
			"subsegments":[{"id":%q,"name":"model-server","namespace":"remote","start_time":%f,"end_time":%f,"http":{"response":{"status":%d}}}]}`,
			id, root, start, start+took, status, call, start+0.01, start+took/2, status),
		fmt.Sprintf(`{"trace_id":%q,"id":%q,"parent_id":%q,"name":"afirgen-gguf-server","start_time":%f,"end_time":%f,
			"http":{"response":{"status":%d}},"annotations":{"model_name":"summariser"}%s}`,
			id, newID(), call, start+0.02, start+took/2-0.01, status, cause),
		fmt.Sprintf(`{"trace_id":%q,"id":%q,"parent_id":%q,"type":"subsegment","name":"fir_db@db.internal","namespace":"remote","start_time":%f,"end_time":%f,
			"sql":{"sanitized_query":"SELECT state FROM firs WHERE id = ?"}}`, id, store, root, start+took/2, start+took),
	}
	var answer struct{ UnprocessedTraceSegments []any }
	if status := s.post(t, "/TraceSegments", map[string]any{"TraceSegmentDocuments": docs}, &answer); status != 200 || len(answer.UnprocessedTraceSegments) > 0 {
		t.Fatalf("put segments: %d %v", status, answer)
	}
	return id
}

func TestToolsShowWhatTheServerKnows(t *testing.T) {
	s := startServer(t, t.TempDir())
	good, slow, bad := s.complaint(t, 2, 200), s.complaint(t, 42, 200), s.complaint(t, 1, 502)

	for filter, want := range map[string][]string{
		``:      {good, slow, bad},
		`fault`: {bad},
		`service("afirgen-main-backend") AND responsetime > 5`:        {slow},
		`service("afirgen-gguf-server") { error OR fault }`:           {bad},
		`annotation.model_name = "summariser" AND responsetime > 1.5`: {good, slow},
		`annotation.endpoint = "/process" AND service() { fault }`:    {bad},
		`edge("afirgen-main-backend", "fir_db@db.internal") { ok }`:   {good, slow, bad},
		`rootcause.fault.exception { name = "ModelUnavailable" }`:     {bad},
		`service("afirgen-asr-ocr-server")`:                           nil,
	} {
		got := s.listed(t, filter)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("traces %s: %v, want %v", filter, got, want)
		}
	}
	t.Run("list", func(t *testing.T) { testToolList(t, s, bad) })
	t.Run("trace", func(t *testing.T) { testToolTrace(t, s, bad) })
	t.Run("map", func(t *testing.T) { testToolMap(t, s) })
	t.Run("mistakes", func(t *testing.T) { testToolMistakes(t, s) })
}

func testToolList(t *testing.T, s *server, bad string) {
	out := s.table(t, "traces", "fault")
	for _, want := range []string{bad, "502 fault", "POST /process", "afirgen-main-backend", "! afirgen-gguf-server: ModelUnavailable: the model is not loaded", "1 of 3 traces"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func testToolTrace(t *testing.T, s *server, bad string) {
	out := s.table(t, "trace", bad)
	for _, want := range []string{
		"afirgen-main-backend  AWS::ECS::Container", "├ model-server  call", "│ └ afirgen-gguf-server", "! ModelUnavailable: the model is not loaded",
		"└ fir_db@db.internal  SQL", "SELECT state FROM firs WHERE id = ?", "502 fault", "POST http://localhost:8000/process",
	} {
		if strings.Count(out, want) == 0 {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if n := strings.Count(out, "fir_db@db.internal"); n != 1 {
		t.Errorf("the database stands %d times in\n%s", n, out)
	}
	if again := s.table(t, "trace", strings.ReplaceAll(bad[2:], "-", "")); again != out {
		t.Errorf("by its W3C id the trace is\n%s", again)
	}
}

func testToolMap(t *testing.T, s *server) {
	out := s.table(t, "map", "--since", "15m")
	for _, want := range []string{"afirgen-main-backend  client", "└─ afirgen-main-backend  AWS::ECS::Container", "├─ afirgen-gguf-server", "└─ fir_db@db.internal  Database::SQL", "33 %"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func testToolMistakes(t *testing.T, s *server) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"a wrong expression": {[]string{"traces", "user = 'bob'"}, "\n  user = 'bob'\n         ^^^^^\n"},
		"a wrong keyword":    {[]string{"traces", "ok AND response_time > 5"}, "did you mean responsetime?"},
		"a trace of no one":  {[]string{"trace", "1-00000001-000000000000000000000001"}, "has no trace 1-00000001"},
		"a group of no one":  {[]string{"map", "--group", "nope"}, "Group not found"},
		"no server":          {[]string{"map", "--server", "http://127.0.0.1:9"}, "no server answers at http://127.0.0.1:9"},
		"the daemon's port":  {[]string{"map", "--server", s.Daemon}, "is it one?"},
	} {
		stdout, stderr, code := s.tool(t, nil, c.args...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, c.want) {
			t.Errorf("%s: ended with %d, says %q%q; want %q", name, code, stdout, stderr, c.want)
		}
	}
}

func TestToolsShowTheirTokenWhereOneIsAsked(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tokens")
	const token = "0123456789abcdef0123456789abcdef"
	if err := os.WriteFile(file, []byte("me "+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServer(t, t.TempDir(), "--auth-file", file)
	for name, c := range map[string]struct {
		env  []string
		args []string
		code int
		says string
	}{
		"without":        {nil, nil, 1, "ROENTGEN_TOKEN"},
		"by environment": {[]string{"ROENTGEN_TOKEN=" + token}, nil, 0, ""},
		"by flag":        {nil, []string{"--token", token}, 0, ""},
		"a wrong one":    {[]string{"ROENTGEN_TOKEN=wrong"}, nil, 1, "does not take this token"},
	} {
		_, stderr, code := s.tool(t, c.env, append([]string{"traces"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: ended with %d: %s", name, code, stderr)
		}
	}
}
