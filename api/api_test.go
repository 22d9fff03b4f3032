package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
	"github.com/roentgen/roentgen/sampling"
	"github.com/roentgen/roentgen/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rooms is everything behind the API, answering what a test tells it to.
type rooms struct {
	docs     []string
	verdicts []*roentgen.Rejection
	traces   []query.Trace
	missing  []roentgen.TraceID
	asked    query.SummaryQuery
	page     query.SummaryPage
	window   roentgen.Window
	graph    *graph.Graph
	group    string // ID that a graph or a series was asked of
	series   query.Series
	plotted  query.SeriesQuery
	groups   []query.Group
	change   query.GroupChange
	rules    []roentgen.Rule
	answer   sampling.Answer
	err      error
}

func (r *rooms) Put(_ context.Context, docs []wire.Text) ([]*roentgen.Rejection, error) {
	for _, d := range docs {
		r.docs = append(r.docs, string(d.Bytes()))
	}
	return r.verdicts, r.err
}

func (r *rooms) Traces(context.Context, []roentgen.TraceID) ([]query.Trace, []roentgen.TraceID, error) {
	return r.traces, r.missing, r.err
}

func (r *rooms) Summaries(_ context.Context, q query.SummaryQuery) (query.SummaryPage, error) {
	r.asked = q
	return r.page, r.err
}

func (r *rooms) ServiceGraph(_ context.Context, from, to roentgen.Time, group string) (*graph.Graph, error) {
	r.window, r.group = roentgen.Window{From: from, To: to}, group
	return r.graph, r.err
}

func (r *rooms) TraceGraph(context.Context, []roentgen.TraceID) (*graph.Graph, []roentgen.TraceID, error) {
	return r.graph, r.missing, r.err
}

func (r *rooms) TimeSeries(_ context.Context, q query.SeriesQuery) (query.Series, error) {
	r.plotted, r.group = q, q.Group
	return r.series, r.err
}

func (r *rooms) List(context.Context) ([]query.Group, error) { return r.groups, r.err }

func (r *rooms) Find(_ context.Context, ref query.GroupRef) (query.Group, error) {
	for _, g := range r.groups {
		if g.Name == ref.Name || ref.ARN != "" && g.ARN == ref.ARN {
			return g, r.err
		}
	}
	return query.Group{}, roentgen.Invalidf("Group not found.")
}

func (r *rooms) Create(_ context.Context, name string, change query.GroupChange) (query.Group, error) {
	r.change = change
	return query.Group{Name: name, ARN: "arn/" + name, Expression: *change.Expression}, r.err
}

func (r *rooms) Update(ctx context.Context, ref query.GroupRef, change query.GroupChange) (query.Group, error) {
	r.change = change
	return r.Find(ctx, ref)
}

func (r *rooms) Delete(ctx context.Context, ref query.GroupRef) error {
	_, err := r.Find(ctx, ref)
	return err
}

func (r *rooms) Rules(context.Context) ([]roentgen.Rule, error) { return r.rules, r.err }

func (r *rooms) Counted() []sampling.Summary { return nil }

func (r *rooms) Report(context.Context, []sampling.Statistics, []sampling.BoostStatistics) (sampling.Answer, error) {
	return r.answer, r.err
}

// call posts body and returns status, headers and body of the answer.
func (r *rooms) call(t *testing.T, path, body string) (int, http.Header, string) {
	t.Helper()
	mux := http.NewServeMux()
	api.New(api.Config{Put: r, Traces: r, Groups: r, Sampling: r, Registry: prometheus.NewRegistry(), MaxWindow: 6 * time.Hour}).Register(mux)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
	resp := w.Result()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

const id = "1-5759e988-bd862e3fe1be46a994272793"

func TestAnswers(t *testing.T) {
	trace, err := roentgen.ParseTraceID(id)
	if err != nil {
		t.Fatal(err)
	}
	at := roentgen.Time(1780165693_250000_000)
	rule := roentgen.DefaultRule()
	for _, c := range []struct {
		name, path, body, want string
		rooms                  rooms
	}{
		{"an empty body is an empty request", "/GetSamplingRules", "", `{"SamplingRuleRecords":[]}`, rooms{}},
		{"a rule has every member that SDKs look into", "/GetSamplingRules", `{"NextToken": null}`,
			`{"SamplingRuleRecords":[{"SamplingRule":{"RuleName":"Default","RuleARN":"arn:aws:xray:local:000000000000:sampling-rule/Default","ResourceARN":"*","Priority":10000,"FixedRate":0.05,"ReservoirSize":1,"ServiceName":"*","ServiceType":"*","Host":"*","HTTPMethod":"*","URLPath":"*","Version":1,"Attributes":{}},"CreatedAt":0,"ModifiedAt":0}]}`,
			rooms{rules: []roentgen.Rule{rule}}},
		{"targets carry numbers, and a lease only when there is one", "/SamplingTargets",
			`{"SamplingStatisticsDocuments":[{"RuleName":"Default","ClientID":"c","Timestamp":1780165693.25,"RequestCount":1,"SampledCount":1}]}`,
			`{"SamplingTargetDocuments":[{"RuleName":"a","FixedRate":0.1,"ReservoirQuota":0,"ReservoirQuotaTTL":1780165693.25,"Interval":10},{"RuleName":"b","FixedRate":0.2,"Interval":10}],"LastRuleModification":1780165693.25,"UnprocessedStatistics":[{"RuleName":"c","ErrorCode":"404","Message":"gone"}],"UnprocessedBoostStatistics":[]}`,
			rooms{answer: sampling.Answer{
				Targets:          []sampling.Target{{Rule: "a", FixedRate: 0.1, QuotaEnds: at, Interval: 10 * time.Second}, {Rule: "b", FixedRate: 0.2, Interval: 10 * time.Second}},
				Unprocessed:      []sampling.Unprocessed{{Rule: "c", Code: "404", Message: "gone"}},
				LastModification: at,
			}}},
		{"verdicts are listed, accepted documents are not", "/TraceSegments", `{"TraceSegmentDocuments":["a","b"],"Unknown":1}`,
			`{"UnprocessedTraceSegments":[{"Id":null,"ErrorCode":"InvalidSegment","Message":"Invalid segment. ErrorCode: InvalidSegment. no"}]}`,
			rooms{verdicts: []*roentgen.Rejection{nil, {Code: roentgen.InvalidSegment, Detail: "no"}}}},
		{"telemetry is taken", "/TelemetryRecords", `{"TelemetryRecords":[{"Timestamp":"2026-11-23T05:00:00Z","SegmentsSentCount":3}]}`, `{}`, rooms{}},
		{"traces and the ids that name none", "/Traces", `{"TraceIds":["` + id + `"]}`,
			`{"Traces":[{"Id":"` + id + `","Duration":0.25,"LimitExceeded":true,"Segments":[{"Id":"0000000000000001","Document":"{\"a\":1}"}]}],"UnprocessedTraceIds":["` + id + `"]}`,
			rooms{missing: []roentgen.TraceID{trace}, traces: []query.Trace{{
				ID: trace, Duration: 250 * time.Millisecond, LimitExceeded: true,
				Segments: []query.Document{{ID: roentgen.SegmentID{7: 1}, Text: []byte(`{"a":1}`)}},
			}}}},
		{"a bare summary still has Http, Annotations and its lists", "/TraceSummaries", `{"StartTime":1,"EndTime":2}`,
			`{"TraceSummaries":[{"Id":"` + id + `","StartTime":1780165693.25,"HasFault":false,"HasError":false,"HasThrottle":false,"IsPartial":true,"Http":{},"Annotations":{},"Users":[],"ServiceIds":[],"ResourceARNs":[],"InstanceIds":[],"AvailabilityZones":[],"FaultRootCauses":[],"ErrorRootCauses":[],"ResponseTimeRootCauses":[],"Revision":1}],"ApproximateTime":1,"TracesProcessedCount":1}`,
			rooms{page: query.SummaryPage{Examined: 1, Reached: 1e9, Traces: []*roentgen.Rows{{Summary: &roentgen.Summary{Trace: trace, Start: at, Open: true, Partial: true, Revision: 1}}}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, got := c.rooms.call(t, c.path, c.body)
			if status != 200 || got != c.want {
				t.Errorf("status %d\n got %s\nwant %s", status, got, c.want)
			}
			if header.Get("x-amzn-RequestId") == "" || header.Get("Content-Type") != "application/json" {
				t.Errorf("headers %v", header)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	sixIDs := `["` + strings.Repeat(id+`","`, 5) + id + `"]`
	for _, c := range []struct {
		name, path, body string
		err              error
		status           int
		code, text       string
	}{
		{"not JSON", "/Traces", `{`, nil, 400, "InvalidRequestException", "request body"},
		{"a wrong type", "/Traces", `{"TraceIds":"x"}`, nil, 400, "InvalidRequestException", "TraceIds"},
		{"no ids", "/Traces", `{}`, nil, 400, "InvalidRequestException", "TraceIds"},
		{"a bad id", "/Traces", `{"TraceIds":["1-2-3"]}`, nil, 400, "InvalidRequestException", `"1-2-3"`},
		{"the no-op id", "/Traces", `{"TraceIds":["1-00000000-000000000000000000000000"]}`, nil, 400, "InvalidRequestException", "no-op"},
		{"a token where there are no pages", "/Traces", `{"TraceIds":` + sixIDs + `,"NextToken":"x"}`, nil, 400, "InvalidRequestException", "NextToken"},
		{"no window", "/TraceSummaries", `{}`, nil, 400, "InvalidRequestException", "StartTime"},
		{"a window the wrong way round", "/TraceSummaries", `{"StartTime":2,"EndTime":1}`, nil, 400, "InvalidRequestException", "End time cannot be earlier than start time"},
		{"a window over the bound", "/TraceSummaries", `{"StartTime":0,"EndTime":21601}`, nil, 400, "InvalidRequestException", "Time range cannot be longer than 6 hours"},
		{"a window of more years than a duration holds", "/TraceSummaries", `{"StartTime":-9e9,"EndTime":9e9}`, nil, 400, "InvalidRequestException", "Time range cannot be longer than 6 hours"},
		{"a wrong type is named as JSON names it", "/TraceSummaries", `{"SamplingStrategy":{"Value":"0.5"}}`, nil, 400, "InvalidRequestException", "Value is of type string and has to be of type number, at byte "},
		{"a wrong type of what many actions have", "/ServiceGraph", `{"GroupName":5}`, nil, 400, "InvalidRequestException", "GroupName is of type number and has to be of type string"},
		{"a body that is a list", "/ServiceGraph", `[]`, nil, 400, "InvalidRequestException", "the body is of type array and has to be of type object"},
		{"a time that is none", "/TraceSummaries", `{"StartTime":"yesterday","EndTime":1}`, nil, 400, "InvalidRequestException", "yesterday"},
		{"an unknown range type", "/TraceSummaries", `{"StartTime":0,"EndTime":1,"TimeRangeType":"Day"}`, nil, 400, "InvalidRequestException", "TraceId, Event, Service"},
		{"FixedRate without a rate", "/TraceSummaries", `{"StartTime":0,"EndTime":1,"TimeRangeType":"Event","Sampling":true,"SamplingStrategy":{"Name":"FixedRate"}}`, nil, 400, "InvalidRequestException", "between [0, 1]"},
		{"FixedRate on another clock", "/TraceSummaries", `{"StartTime":0,"EndTime":1,"Sampling":true,"SamplingStrategy":{"Name":"FixedRate","Value":0.5}}`, nil, 400, "InvalidRequestException", "TraceId"},
		{"fifty-one documents", "/TraceSegments", `{"TraceSegmentDocuments":["` + strings.Repeat(`","`, 50) + `"]}`, nil, 400, "InvalidRequestException", "Exceeding maximum segment count: 50"},
		{"statistics without a client", "/SamplingTargets", `{"SamplingStatisticsDocuments":[{"RuleName":"r"}]}`, nil, 400, "InvalidRequestException", "SamplingStatisticsDocuments[0]"},
		{"telemetry without a time", "/TelemetryRecords", `{"TelemetryRecords":[{}]}`, nil, 400, "InvalidRequestException", "TelemetryRecords[0].Timestamp"},
		{"an action that is not built", "/TagResource", `{}`, nil, 501, "UnsupportedOperationException", "TagResource"},
		{"a store with no room", "/TraceSegments", `{"TraceSegmentDocuments":["{}"]}`, roentgen.Unavailablef("no space left"), 503, "ServiceUnavailableException", "no space left"},
		{"a wrapped kind is found", "/GetSamplingRules", `{}`, fmt.Errorf("ask: %w", &roentgen.Error{Kind: roentgen.Throttled, Err: errors.New("slow down")}), 429, "ThrottledException", "slow down"},
		{"what is not there", "/GetSamplingRules", `{}`, roentgen.NotFoundf("no such rule"), 404, "ResourceNotFoundException", "no such rule"},
		{"a defect is not told to strangers", "/GetSamplingRules", `{}`, errors.New("secret path"), 500, "InternalFailure", "log"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rooms{err: c.err}
			status, header, body := r.call(t, c.path, c.body)
			var e struct {
				Type    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(body), &e); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if status != c.status || e.Type != c.code || header.Get("x-amzn-ErrorType") != c.code || !strings.Contains(e.Message, c.text) {
				t.Errorf("status %d, %+v; want %d %s with %q", status, e, c.status, c.code, c.text)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("the cause of a defect went out: %s", body)
			}
		})
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	r := rooms{}
	status, _, body := r.call(t, "/TraceSegments", `{"TraceSegmentDocuments":["`+strings.Repeat("x", 8<<20)+`"]}`)
	if status != 400 || !strings.Contains(body, "larger than") || len(r.docs) != 0 {
		t.Errorf("status %d: %.200s", status, body)
	}
}

func TestPartialScanEndsAfterOnePage(t *testing.T) {
	r := rooms{page: query.SummaryPage{Next: new(query.Cursor)}}
	for _, strategy := range []string{``, `,"SamplingStrategy":{"Name":"PartialScan"}`} {
		if _, _, body := r.call(t, "/TraceSummaries", `{"StartTime":0,"EndTime":1,"Sampling":true`+strategy+`}`); strings.Contains(body, "NextToken") {
			t.Errorf("a partial scan goes on: %s", body)
		}
	}
	r.call(t, "/TraceSummaries", `{"StartTime":0,"EndTime":1,"TimeRangeType":"Event","Sampling":true,"SamplingStrategy":{"Name":"FixedRate","Value":0.25}}`)
	if r.asked.Share != 0.25 {
		t.Errorf("asked for a share of %v, want 0.25", r.asked.Share)
	}
	r.call(t, "/TraceSummaries", `{"StartTime":0,"EndTime":1,"SamplingStrategy":{"Name":"FixedRate","Value":0.25}}`)
	if r.asked.Share != 1 {
		t.Errorf("without Sampling the strategy counts for nothing; asked for %v", r.asked.Share)
	}
}

func TestOtherMethodsAndPathsAreNotServed(t *testing.T) {
	mux := http.NewServeMux()
	api.New(api.Config{}).Register(mux)
	for method, path := range map[string]string{http.MethodGet: "/Traces", http.MethodPost: "/nowhere"} {
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != 405 && w.Code != 404 {
			t.Errorf("%s %s: %d", method, path, w.Code)
		}
	}
}
