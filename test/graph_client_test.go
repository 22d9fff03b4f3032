package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// storeDocuments puts documents and wants all of them taken.
func storeDocuments(t *testing.T, c *xray.Client, docs ...string) {
	t.Helper()
	for batch := range slices.Chunk(docs, 50) {
		out, err := c.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: batch})
		if err != nil || len(out.UnprocessedTraceSegments) > 0 {
			t.Fatal(err, out)
		}
	}
}

// upload is a trace of four nodes that begins at a whole second: a container
// that calls a host, a database and a bucket, and the last call fails.
func upload(trace string, at time.Time) string {
	const doc = `{"trace_id":"TRACE","id":"0000000000000001","name":"afirgen-main-backend","origin":"AWS::ECS::Container","start_time":T0.000,"end_time":T4.000,
		"http":{"request":{"method":"POST","url":"http://backend/process"},"response":{"status":200}},"subsegments":[
		{"id":"0000000000000002","name":"model-server","namespace":"remote","start_time":T0.100,"end_time":T3.400,"http":{"response":{"status":200}}},
		{"id":"0000000000000003","name":"fir_db@db.internal","namespace":"remote","start_time":T3.500,"end_time":T3.600,"sql":{"sanitized_query":"SELECT ?"}},
		{"id":"0000000000000004","name":"S3","namespace":"aws","start_time":T3.600,"end_time":T3.900,"aws":{"operation":"PutObject","bucket_name":"docs"},"http":{"response":{"status":503}},"fault":true}]}`
	times := strings.NewReplacer("TRACE", trace, "T0", fmt.Sprint(at.Unix()), "T3", fmt.Sprint(at.Unix()+3), "T4", fmt.Sprint(at.Unix()+4))
	return times.Replace(doc)
}

// uploadGraph is how its graph is drawn.
var uploadGraph = []string{
	"afirgen-main-backend (AWS::ECS::Container) active root 1/0/0 4.000 [1x4.000]" +
		" -> docs 0/0/1 0.300 [1x0.300] -> fir_db@db.internal 1/0/0 0.100 [1x0.100] -> model-server 1/0/0 3.300 [1x3.300]",
	"afirgen-main-backend (client) unknown -> afirgen-main-backend 1/0/0 4.000 [1x4.000]",
	"docs (AWS::S3::Bucket) unknown 0/0/1 0.300 [1x0.300]",
	"fir_db@db.internal (Database::SQL) unknown 1/0/0 0.100 [1x0.100]",
	"model-server (remote) passive 1/0/0 3.300 [1x3.300]",
}

// drawGraph writes a line for each node: who, what is known, ok/error/fault,
// seconds, histogram, and its edges.
func drawGraph(services []types.Service) []string {
	return drawNodes(services, func(s *types.Service) string {
		n := s.SummaryStatistics
		if n == nil {
			return ""
		}
		return figures(n.OkCount, n.ErrorStatistics, n.FaultStatistics, n.TotalResponseTime, s.ResponseTimeHistogram)
	}, func(e types.Edge, to types.Service) string {
		n := e.SummaryStatistics
		return " -> " + aws.ToString(to.Name) + figures(n.OkCount, n.ErrorStatistics, n.FaultStatistics, n.TotalResponseTime, e.ResponseTimeHistogram)
	})
}

func drawNodes(services []types.Service, node func(*types.Service) string, edge func(types.Edge, types.Service) string) []string {
	byID := map[int32]types.Service{}
	for _, s := range services {
		byID[aws.ToInt32(s.ReferenceId)] = s
	}
	var out []string
	for _, s := range services {
		line := fmt.Sprintf("%s (%s) %s", aws.ToString(s.Name), aws.ToString(s.Type), aws.ToString(s.State))
		if aws.ToBool(s.Root) {
			line += " root"
		}
		var edges []string
		for _, e := range s.Edges {
			edges = append(edges, edge(e, byID[aws.ToInt32(e.ReferenceId)]))
		}
		slices.Sort(edges)
		out = append(out, line+node(&s)+strings.Join(edges, ""))
	}
	slices.Sort(out)
	return out
}

func figures(ok *int64, e *types.ErrorStatistics, f *types.FaultStatistics, total *float64, h []types.HistogramEntry) string {
	var bars []string
	for _, bar := range h {
		bars = append(bars, fmt.Sprintf("%dx%.3f", bar.Count, bar.Value))
	}
	return fmt.Sprintf(" %d/%d/%d %.3f %s", aws.ToInt64(ok), aws.ToInt64(e.TotalCount), aws.ToInt64(f.TotalCount), aws.ToFloat64(total), bars)
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestAWSClientReadsGraphs(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	at := time.Now().Add(-10 * time.Minute).Truncate(time.Minute).Add(20 * time.Second)
	trace := newTraceID()
	storeDocuments(t, c, upload(trace, at))
	t.Run("of services", func(t *testing.T) { testServiceGraph(t, c, at) })
	t.Run("of a trace", func(t *testing.T) { testTraceGraph(t, c, trace) })
	t.Run("over time", func(t *testing.T) { testSeries(t, c, at) })
	t.Run("and what is inferred, as segments", func(t *testing.T) { testInferredSegments(t, c, trace) })
	t.Run("and errors", func(t *testing.T) { testGraphErrors(t, c, at) })
}

func testServiceGraph(t *testing.T, c *xray.Client, at time.Time) {
	got, err := c.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: aws.Time(at.Add(-time.Hour)), EndTime: aws.Time(at.Add(time.Hour))})
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, "the service graph", drawGraph(got.Services), uploadGraph)
	if !aws.ToTime(got.StartTime).Equal(at) || !aws.ToTime(got.EndTime).Equal(at) || got.ContainsOldGroupVersions {
		t.Errorf("from %v to %v, want %v twice", got.StartTime, got.EndTime, at)
	}
	for _, service := range got.Services {
		if !aws.ToTime(service.StartTime).Equal(at) || !aws.ToTime(service.EndTime).Equal(at.Add(time.Second)) {
			t.Errorf("%s from %v to %v, want the second from %v", aws.ToString(service.Name), service.StartTime, service.EndTime, at)
		}
	}
	if got, err = c.GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{StartTime: aws.Time(at.Add(-time.Hour)), EndTime: aws.Time(at)}); err != nil || len(got.Services) != 0 {
		t.Errorf("a window that ends where the trace begins has %d nodes (%v)", len(got.Services), err)
	}
}

func testTraceGraph(t *testing.T, c *xray.Client, trace string) {
	pages := xray.NewGetTraceGraphPaginator(c, &xray.GetTraceGraphInput{TraceIds: []string{trace}})
	got, err := pages.NextPage(t.Context())
	if err != nil || pages.HasMorePages() {
		t.Fatal(err, pages.HasMorePages())
	}
	sameLines(t, "the trace graph", drawGraph(got.Services), uploadGraph)
	if got, err = c.GetTraceGraph(t.Context(), &xray.GetTraceGraphInput{TraceIds: []string{trace, newTraceID()}}); err != nil {
		t.Fatal(err)
	}
	sameLines(t, "the graph of a trace and one that does not exist", drawGraph(got.Services), uploadGraph)
}

func testSeries(t *testing.T, c *xray.Client, at time.Time) {
	for _, q := range []struct {
		selector, want string
		period         int32
	}{
		{"", "edge 1/0/0 4.000", 60},
		{`service(id(name: "docs", type: "AWS::S3::Bucket"))`, "service 0/0/1 0.300", 300},
		{`edge("afirgen-main-backend", "model-server")`, "edge 1/0/0 3.300", 60},
		{`service("nobody")`, "nothing", 60},
	} {
		in := &xray.GetTimeSeriesServiceStatisticsInput{StartTime: aws.Time(at.Add(-time.Hour)), EndTime: aws.Time(at.Add(time.Hour)), Period: aws.Int32(q.period)}
		if q.selector != "" {
			in.EntitySelectorExpression = aws.String(q.selector)
		}
		got, err := c.GetTimeSeriesServiceStatistics(t.Context(), in)
		if err != nil || len(got.TimeSeriesServiceStatistics) != 1 {
			t.Fatalf("%q: %d points (%v)", q.selector, len(got.TimeSeriesServiceStatistics), err)
		}
		point, period := got.TimeSeriesServiceStatistics[0], time.Duration(q.period)*time.Second
		if end := at.Truncate(period).Add(period); !aws.ToTime(point.Timestamp).Equal(end) {
			t.Errorf("%q: a point at %v, want the end of the period, %v", q.selector, point.Timestamp, end)
		}
		if described := describePoint(point); described != q.want {
			t.Errorf("%q: %s, want %s", q.selector, described, q.want)
		}
	}
}

func describePoint(p types.TimeSeriesServiceStatistics) string {
	if n := p.EdgeSummaryStatistics; n != nil {
		return strings.TrimSuffix("edge"+figures(n.OkCount, n.ErrorStatistics, n.FaultStatistics, n.TotalResponseTime, nil), " []")
	}
	if n := p.ServiceSummaryStatistics; n != nil {
		return strings.TrimSuffix("service"+figures(n.OkCount, n.ErrorStatistics, n.FaultStatistics, n.TotalResponseTime, nil), " []")
	}
	return "nothing"
}

func testInferredSegments(t *testing.T, c *xray.Client, trace string) {
	got, err := c.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{trace}})
	if err != nil || len(got.Traces) != 1 {
		t.Fatal(err)
	}
	var lines []string
	for _, seg := range got.Traces[0].Segments {
		var d document
		if err := json.Unmarshal([]byte(aws.ToString(seg.Document)), &d); err != nil {
			t.Fatal(err)
		}
		if d.ID != aws.ToString(seg.Id) || d.TraceID != trace {
			t.Errorf("segment %s has the id %s and the trace %s", aws.ToString(seg.Id), d.ID, d.TraceID)
		}
		lines = append(lines, fmt.Sprintf("%s of %s inferred=%v origin=%s status=%d fault=%v bucket=%v sql=%v %.1f s",
			d.Name, d.ParentID, d.Inferred, d.Origin, d.HTTP.Response.Status, d.Fault, d.AWS["bucket_name"], d.SQL["sanitized_query"], d.EndTime-d.StartTime))
	}
	sameLines(t, "segments", lines, []string{
		"afirgen-main-backend of  inferred=false origin=AWS::ECS::Container status=200 fault=false bucket=<nil> sql=<nil> 4.0 s",
		"model-server of 0000000000000002 inferred=true origin= status=200 fault=false bucket=<nil> sql=<nil> 3.3 s",
		"fir_db@db.internal of 0000000000000003 inferred=true origin=Database::SQL status=0 fault=false bucket=<nil> sql=SELECT ? 0.1 s",
		"S3 of 0000000000000004 inferred=true origin=AWS::S3::Bucket status=503 fault=true bucket=docs sql=<nil> 0.3 s",
	})
}

func testGraphErrors(t *testing.T, c *xray.Client, at time.Time) {
	start, end := aws.Time(at), aws.Time(at.Add(time.Hour))
	series := func(change func(*xray.GetTimeSeriesServiceStatisticsInput)) error {
		in := &xray.GetTimeSeriesServiceStatisticsInput{StartTime: start, EndTime: end}
		change(in)
		_, err := c.GetTimeSeriesServiceStatistics(t.Context(), in)
		return err
	}
	graphOf := func(ids ...string) error {
		_, err := c.GetTraceGraph(t.Context(), &xray.GetTraceGraphInput{TraceIds: ids})
		return err
	}
	services := func(in *xray.GetServiceGraphInput) error {
		_, err := c.GetServiceGraph(t.Context(), in)
		return err
	}
	for text, err := range map[string]error{
		"End time cannot be earlier than start time":     services(&xray.GetServiceGraphInput{StartTime: end, EndTime: start}),
		"Group not found.":                               services(&xray.GetServiceGraphInput{StartTime: start, EndTime: end, GroupName: aws.String("nobody")}),
		"both given":                                     services(&xray.GetServiceGraphInput{StartTime: start, EndTime: end, GroupName: aws.String("Default"), GroupARN: aws.String("x")}),
		"NextToken is currently not supported":           services(&xray.GetServiceGraphInput{StartTime: start, EndTime: end, NextToken: aws.String("x")}),
		"Zero trace ids provided":                        graphOf([]string{}...),
		"Trace id not found":                             graphOf(newTraceID()),
		"Time period must be one of [60, 300]":           series(func(in *xray.GetTimeSeriesServiceStatisticsInput) { in.Period = aws.Int32(3600) }),
		"not a single service or edge":                   series(func(in *xray.GetTimeSeriesServiceStatisticsInput) { in.EntitySelectorExpression = aws.String("fault") }),
		"ForecastStatistics needs an entity selector by": series(func(in *xray.GetTimeSeriesServiceStatisticsInput) { in.ForecastStatistics = aws.Bool(true) }),
	} {
		wantInvalid(t, err, text)
	}
}

// wantInvalid wants X-Ray's InvalidRequestException, as its own type.
func wantInvalid(t *testing.T, err error, text string) {
	t.Helper()
	var invalid *types.InvalidRequestException
	if !errors.As(err, &invalid) || !strings.Contains(invalid.ErrorMessage(), text) {
		t.Errorf("got %v, want an InvalidRequestException with %q", err, text)
	}
	var any smithy.APIError
	if errors.As(err, &any) && any.ErrorFault() == smithy.FaultServer {
		t.Errorf("%v counts as the server's fault", err)
	}
}

// found asks for summaries and returns the trace ids, sorted.
func found(t *testing.T, c *xray.Client, expression string) []string {
	t.Helper()
	var out []string
	pages := xray.NewGetTraceSummariesPaginator(c, &xray.GetTraceSummariesInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute)), FilterExpression: aws.String(expression),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", expression, err)
		}
		for _, s := range page.TraceSummaries {
			out = append(out, aws.ToString(s.Id))
		}
	}
	slices.Sort(out)
	return out
}

func TestTheFourQueriesThatWerePromised(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	at := float64(time.Now().Add(-time.Minute).Unix())
	trace := map[string]string{}
	put := func(name, service string, seconds float64, more string) {
		trace[name] = newTraceID()
		storeDocuments(t, c, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":%q,"start_time":%f,"end_time":%f%s}`, trace[name], newID(), service, at, at+seconds, more))
	}
	put("slow", "afirgen-main-backend", 6.5, ``)
	put("quick", "afirgen-main-backend", 5, `,"annotations":{"endpoint":"/health","model_name":"Summariser"}`)
	put("elsewhere", "afirgen-gguf-server", 7, `,"error":true,"annotations":{"model_name":"summariser"}`)
	put("refused", "afirgen-main-backend", 1, `,"http":{"response":{"status":422}},"annotations":{"endpoint":"/process"}`)
	put("broken", "afirgen-main-backend", 2, `,"fault":true,"annotations":{"endpoint":"/process"}`)
	put("nested", "afirgen-main-backend", 3, `,"subsegments":[{"id":"00000000000000aa","name":"generate","start_time":1,"end_time":2,"annotations":{"model_name":"summariser"}}]`)
	for expression, names := range map[string][]string{
		`service("afirgen-main-backend") AND responsetime > 5`: {"slow"},
		`service("afirgen-main-backend") AND error = true`:     {"refused"},
		`annotation.model_name = "summariser"`:                 {"elsewhere", "nested"},
		`annotation.endpoint = "/process"`:                     {"refused", "broken"},
		// and two that have to look at segments
		`service("afirgen-main-backend") { responsetime >= 5 }`:     {"slow", "quick"},
		`edge(id(type: "client"), "afirgen-gguf-server") { error }`: {"elsewhere"},
	} {
		var want []string
		for _, name := range names {
			want = append(want, trace[name])
		}
		slices.Sort(want)
		sameLines(t, expression, found(t, c, expression), want)
	}
	for _, wrong := range []string{`service("afirgen-main-backend"`, `responsetime > "5"`, `annotation = "x"`, `respnsetime > 5`} {
		_, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: aws.Time(time.Now()), EndTime: aws.Time(time.Now()), FilterExpression: aws.String(wrong)})
		wantInvalid(t, err, "Invalid filter expression: ")
	}
}

func TestAWSClientReadsEverythingOfASummary(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	at := time.Now().Add(-time.Minute).Truncate(time.Second)
	trace := newTraceID()
	storeDocuments(t, c, upload(trace, at))
	for typ, matched := range map[types.TimeRangeType]bool{types.TimeRangeTypeTraceId: false, types.TimeRangeTypeEvent: true, types.TimeRangeTypeService: true} {
		got, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{
			StartTime: aws.Time(at.Add(-time.Minute)), EndTime: aws.Time(time.Now().Add(time.Minute)), TimeRangeType: typ, FilterExpression: aws.String(`service("docs") { fault }`),
		})
		if err != nil || len(got.TraceSummaries) != 1 {
			t.Fatal(typ, err, len(got.TraceSummaries))
		}
		if (got.TraceSummaries[0].MatchedEventTime != nil) != matched {
			t.Errorf("%s: MatchedEventTime %v", typ, got.TraceSummaries[0].MatchedEventTime)
		}
		checkUploadSummary(t, &got.TraceSummaries[0])
	}
}

func checkUploadSummary(t *testing.T, s *types.TraceSummary) {
	t.Helper()
	var nodes []string
	for _, n := range s.ServiceIds {
		nodes = append(nodes, fmt.Sprintf("%s (%s) %v", aws.ToString(n.Name), aws.ToString(n.Type), n.AccountId == nil))
	}
	slices.Sort(nodes)
	sameLines(t, "ServiceIds", nodes, []string{
		"afirgen-main-backend (AWS::ECS::Container) true", "afirgen-main-backend (client) true",
		"docs (AWS::S3::Bucket) true", "fir_db@db.internal (Database::SQL) true", "model-server (remote) true",
	})
	if len(s.ResponseTimeRootCauses) != 1 {
		t.Fatalf("%d causes of the response time, want one", len(s.ResponseTimeRootCauses))
	}
	var path []string
	for _, service := range s.ResponseTimeRootCauses[0].Services {
		for _, e := range service.EntityPath {
			path = append(path, fmt.Sprintf("%s: %s %.3f", aws.ToString(service.Name), aws.ToString(e.Name), aws.ToFloat64(e.Coverage)))
		}
	}
	if len(path) < 2 || path[0] != "afirgen-main-backend: afirgen-main-backend 1.000" || !strings.HasPrefix(path[len(path)-1], "model-server: model-server 0.825") {
		t.Errorf("the response time is caused by %q, want the model server at the end", path)
	}
	if len(s.FaultRootCauses) != 1 || len(s.ErrorRootCauses) != 0 {
		t.Fatalf("%d causes of the fault and %d of an error, want the bucket alone", len(s.FaultRootCauses), len(s.ErrorRootCauses))
	}
	services := s.FaultRootCauses[0].Services
	if last := services[len(services)-1]; aws.ToString(last.Name) != "docs" || aws.ToString(last.Type) != "AWS::S3::Bucket" || !aws.ToBool(last.Inferred) {
		t.Errorf("the fault's last service is %+v", last)
	}
	if aws.ToFloat64(s.Duration) != 4 || aws.ToBool(s.HasFault) || s.Revision != 1 {
		t.Errorf("duration %v, fault %v, revision %d", aws.ToFloat64(s.Duration), aws.ToBool(s.HasFault), s.Revision)
	}
}

func TestAWSClientPagesAreCompleteWhileTracesChange(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	at := time.Now().Add(-time.Minute).Unix()
	var ids, docs []string
	for range 1200 {
		id := newTraceID()
		ids = append(ids, id)
		docs = append(docs, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"n","start_time":%d,"end_time":%d}`, id, newID(), at, at+1))
	}
	storeDocuments(t, c, docs...)
	pages := xray.NewGetTraceSummariesPaginator(c, &xray.GetTraceSummariesInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Hour)), TimeRangeType: types.TimeRangeTypeEvent,
	})
	revision := map[string]int32{}
	for n := 0; pages.HasMorePages(); n++ {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sum := range page.TraceSummaries {
			id := aws.ToString(sum.Id)
			if before := revision[id]; before >= sum.Revision {
				t.Errorf("%s came with revision %d after %d", id, sum.Revision, before)
			}
			revision[id] = sum.Revision
		}
		if n == 0 { // the oldest, not given yet, and the newest, given already, move
			var more []string
			for _, id := range append(slices.Clone(ids[:50]), ids[1150:]...) {
				more = append(more, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"m","start_time":%d,"end_time":%d}`, id, newID(), at, at+2))
			}
			storeDocuments(t, c, more...)
		}
	}
	for i, id := range ids {
		want := int32(1)
		if i < 50 || i >= 1150 {
			want = 2
		}
		if revision[id] != want {
			t.Fatalf("trace %d was last given with revision %d, want %d", i, revision[id], want)
		}
	}
}
