package verify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// shelf is a store that gives its one trace document by document, a page each, from the third time on that it is asked.
type shelf struct {
	asked   int
	largest int // ids at once
	failing bool
	pages   []string
}

func (s *shelf) BatchGetTraces(_ context.Context, in *xray.BatchGetTracesInput, _ ...func(*xray.Options)) (*xray.BatchGetTracesOutput, error) {
	s.largest = max(s.largest, len(in.TraceIds))
	page := 0
	if in.NextToken == nil {
		s.asked++
	} else {
		page = len(aws.ToString(in.NextToken))
	}
	if s.failing {
		return nil, errors.New("throttled")
	}
	if s.asked < 3 {
		return &xray.BatchGetTracesOutput{}, nil
	}
	out := &xray.BatchGetTracesOutput{Traces: []types.Trace{{
		Id: aws.String(traceID), Segments: []types.Segment{{Document: aws.String(s.pages[page])}}}}}
	if page+1 < len(s.pages) {
		out.NextToken = aws.String(strings.Repeat("x", page+1))
	}
	return out, nil
}

func (s *shelf) GetTraceSummaries(_ context.Context, in *xray.GetTraceSummariesInput, _ ...func(*xray.Options)) (*xray.GetTraceSummariesOutput, error) {
	s.asked++
	if s.asked < 3 || aws.ToString(in.FilterExpression) != "ok" {
		return &xray.GetTraceSummariesOutput{}, nil
	}
	if in.NextToken == nil {
		return &xray.GetTraceSummariesOutput{NextToken: aws.String("2"), TraceSummaries: []types.TraceSummary{{Id: aws.String("1-0-0")}}}, nil
	}
	return &xray.GetTraceSummariesOutput{TraceSummaries: []types.TraceSummary{{Id: aws.String(traceID)}}}, nil
}

func (s *shelf) GetSamplingRules(context.Context, *xray.GetSamplingRulesInput, ...func(*xray.Options)) (*xray.GetSamplingRulesOutput, error) {
	return &xray.GetSamplingRulesOutput{}, nil
}

// patient is a reader of it whose clock moves only while it waits.
func patient(s *shelf) reader {
	now := time.Unix(1_700_000_000, 0)
	return reader{
		traces: s, seen: map[string]*Trace{}, wait: 10 * time.Second, pause: time.Second, now: func() time.Time { return now },
		after: func(d time.Duration) <-chan time.Time {
			now = now.Add(d)
			ready := make(chan time.Time)
			close(ready)
			return ready
		},
	}
}

func texts(t *testing.T, documents ...doc) []string {
	t.Helper()
	var list []string
	for _, d := range documents {
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, string(text))
	}
	return list
}

func TestATraceIsWaitedForAndReadPageByPage(t *testing.T) {
	backend, model := step()
	s := &shelf{pages: texts(t, backend, model)}
	got, err := patient(s).trace(t.Context(), traceID, "afirgen-main-backend", "afirgen-gguf-server")
	if err != nil || len(got.Documents) != 2 || s.asked != 3 {
		t.Errorf("%d documents after %d times, %v", len(got.Documents), s.asked, err)
	}
}

func TestThePatienceEnds(t *testing.T) {
	backend, _ := step()
	s := &shelf{pages: texts(t, backend)}
	got, err := patient(s).trace(t.Context(), traceID, "afirgen-gguf-server")
	if err != nil || len(got.Documents) != 1 || s.asked > 20 {
		t.Errorf("what came: %d documents after %d times, %v", len(got.Documents), s.asked, err)
	}
	s = &shelf{failing: true}
	if got, err := patient(s).trace(t.Context(), traceID); err == nil || !strings.Contains(err.Error(), "throttled") || len(got.Documents) != 0 {
		t.Errorf("a store that fails: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := patient(&shelf{}).trace(ctx, traceID); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that has gone: %v", err)
	}
}

func TestManyTracesAreAskedForFiveAtATime(t *testing.T) {
	backend, model := step()
	s := &shelf{pages: texts(t, backend, model)}
	ids := []string{traceID}
	for i := range 11 {
		ids = append(ids, strings.Repeat("0", i+1))
	}
	if _, err := patient(s).all(t.Context(), ids, func(*Trace) bool { return true }); err != nil || s.largest != maxIDs {
		t.Errorf("%d at once, %v", s.largest, err)
	}
}

func TestASearchGoesThroughPagesAndWaits(t *testing.T) {
	s := &shelf{}
	never := search{"fault", traceID}
	missing, err := patient(s).find(t.Context(), []search{{"ok", traceID}, never}, time.Time{})
	if err != nil || len(missing) != 1 || missing[0] != never {
		t.Errorf("missing %v, %v", missing, err)
	}
}

func TestAResultIsPrintedForPeopleAndMachines(t *testing.T) {
	r := Result{Backend: "http://b", Checks: []Check{
		{Title: TitleConfiguration, Passed: true, Assertions: 3, Seconds: 0.25},
		{Title: TitleErrors, Assertions: 2, Failures: []Finding{{"trace 1", "fault", "true", "false"}}, More: 4, Notes: []string{"a note"}},
	}}
	var b bytes.Buffer
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := "✓ X-Ray Configuration  (3 assertions, 0.2 s)\n✗ Error Tracing  (2 assertions, 0.0 s)\n" +
		"    trace 1: fault: want true, got false\n    and 4 more\n    note: a note\n1 of 2 checks passed\n"
	if b.String() != want {
		t.Errorf("printed\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := r.PrintJSON(&b); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Passed bool
		Checks []struct{ Title string }
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got.Passed || len(got.Checks) != 2 {
		t.Errorf("%v %+v", err, got)
	}
	if (Result{}).Passed() {
		t.Error("nothing was checked, and it passed")
	}
}

func TestNothingIsAssertedInSilence(t *testing.T) {
	r := newRun(Config{Now: time.Now}.orDefaults())
	c := r.make(t.Context(), check{"x", func(context.Context, *run, *findings) {}})
	if c.Passed {
		t.Error("a check that has looked at nothing has passed")
	}
	c = r.make(t.Context(), check{"x", func(_ context.Context, _ *run, f *findings) {
		for range maxFindings + 3 {
			f.want(false, "w", "x", "y", nil)
		}
	}})
	if len(c.Failures) != maxFindings || c.More != 3 || c.Assertions != maxFindings+3 {
		t.Errorf("%d failures, %d more, %d assertions", len(c.Failures), c.More, c.Assertions)
	}
}
