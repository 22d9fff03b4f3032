package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
	"github.com/aws/smithy-go"
)

// awsClient is AWS's own client with nothing changed but the endpoint.
func awsClient(s *server, options ...func(*xray.Options)) *xray.Client {
	return xray.New(xray.Options{
		Region:       "ap-south-1",
		BaseEndpoint: aws.String(s.HTTP),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "example", ""),
		HTTPClient:   client,
	}, options...)
}

// newTraceID returns an id of now.
func newTraceID() string { return traceIDAt(time.Now()) }

func traceIDAt(at time.Time) string {
	return fmt.Sprintf("1-%08x-%08x%016x", at.Unix(), rand.Uint32(), rand.Uint64())
}

func newID() string { return fmt.Sprintf("%016x", rand.Uint64()|1) }

func TestAWSClientPutsAndReadsBack(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	start := float64(time.Now().UnixMicro())/1e6 - 1
	trace, root, call := newTraceID(), newID(), newID()
	good := fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"shop","start_time":%f,"end_time":%f,"user":"u-17","origin":"AWS::ECS::Container",
		"http":{"request":{"method":"GET","url":"https://shop.test/cart"},"response":{"status":502}},"fault":true,
		"annotations":{"tenant":"acme","items":3,"vip":false},"metadata":{"default":{"big":12345678901234567890.10}}}`, trace, root, start, start+0.25)
	streamed := fmt.Sprintf(`{"trace_id":%q,"id":%q,"parent_id":%q,"type":"subsegment","name":"DynamoDB","namespace":"aws","start_time":%f,"end_time":%f,"annotations":{"table":"carts"}}`,
		trace, call, root, start+0.02, start+0.05)
	put, err := c.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{
		streamed, // arrives before its parent
		good,
		`{"trace_id":"1-nonsense","id":"0123456789abcdef","name":"x","start_time":1,"end_time":2}`,
		`{"truncated`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, u := range put.UnprocessedTraceSegments {
		codes = append(codes, aws.ToString(u.Id)+" "+aws.ToString(u.ErrorCode))
	}
	if want := []string{"0123456789abcdef InvalidTraceId", " InvalidSegment"}; fmt.Sprint(codes) != fmt.Sprint(want) {
		t.Errorf("unprocessed %q, want %q", codes, want)
	}
	t.Run("BatchGetTraces returns the whole trace with streamed subsegments in place", func(t *testing.T) {
		testBatchGetTraces(t, c, trace, root)
	})
	t.Run("GetTraceSummaries finds it", func(t *testing.T) { testSummary(t, c, trace, start) })
}

func testBatchGetTraces(t *testing.T, c *xray.Client, trace, root string) {
	unknown := newTraceID()
	got, err := c.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{trace, unknown}})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.UnprocessedTraceIds) != 1 || got.UnprocessedTraceIds[0] != unknown {
		t.Errorf("unprocessed ids %v, want the unknown %s", got.UnprocessedTraceIds, unknown)
	}
	if len(got.Traces) != 1 || len(got.Traces[0].Segments) != 2 {
		t.Fatalf("got %d traces, want one with one segment and what is inferred of DynamoDB", len(got.Traces))
	}
	seg := got.Traces[0].Segments[0]
	if aws.ToString(seg.Id) != root {
		t.Errorf("segment id %s, want %s", aws.ToString(seg.Id), root)
	}
	var doc struct {
		Metadata    map[string]map[string]json.RawMessage
		Subsegments []document
	}
	if err := json.Unmarshal([]byte(aws.ToString(seg.Document)), &doc); err != nil {
		t.Fatal(err)
	}
	if big := string(doc.Metadata["default"]["big"]); big != "12345678901234567890.10" {
		t.Errorf("a number beyond 2^53 came back as %s", big)
	}
	if len(doc.Subsegments) != 1 || doc.Subsegments[0].Name != "DynamoDB" {
		t.Errorf("the streamed subsegment is not in its segment: %+v", doc.Subsegments)
	}
}

func testSummary(t *testing.T, c *xray.Client, trace string, start float64) {
	at := time.UnixMicro(int64(start * 1e6))
	got, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{
		StartTime: aws.Time(at.Add(-time.Minute)), EndTime: aws.Time(at.Add(time.Minute)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.TraceSummaries) != 1 || aws.ToString(got.TraceSummaries[0].Id) != trace {
		t.Fatalf("got %d summaries, want that of %s", len(got.TraceSummaries), trace)
	}
	s := got.TraceSummaries[0]
	if !aws.ToBool(s.HasFault) || aws.ToBool(s.HasError) || aws.ToBool(s.IsPartial) {
		t.Errorf("flags fault=%v error=%v partial=%v, want fault alone", aws.ToBool(s.HasFault), aws.ToBool(s.HasError), aws.ToBool(s.IsPartial))
	}
	if d := aws.ToFloat64(s.ResponseTime); d < 0.249 || d > 0.251 {
		t.Errorf("response time %v, want 0.25 s", d)
	}
	if aws.ToString(s.Http.HttpURL) != "https://shop.test/cart" || aws.ToInt32(s.Http.HttpStatus) != 502 {
		t.Errorf("http %+v", s.Http)
	}
	for key, want := range map[string]types.AnnotationValue{
		"tenant": &types.AnnotationValueMemberStringValue{Value: "acme"},
		"items":  &types.AnnotationValueMemberNumberValue{Value: 3},
		"vip":    &types.AnnotationValueMemberBooleanValue{Value: false},
		"table":  &types.AnnotationValueMemberStringValue{Value: "carts"},
	} {
		uses := s.Annotations[key]
		if len(uses) != 1 || fmt.Sprint(uses[0].AnnotationValue) != fmt.Sprint(want) && !sameAnnotation(uses[0].AnnotationValue, want) {
			t.Errorf("annotation %s: %+v", key, uses)
			continue
		}
		if len(uses[0].ServiceIds) != 1 || aws.ToString(uses[0].ServiceIds[0].Name) != "shop" {
			t.Errorf("annotation %s was recorded by %+v, want shop", key, uses[0].ServiceIds)
		}
	}
	if aws.ToString(s.EntryPoint.Name) != "shop" || aws.ToString(s.EntryPoint.Type) != "AWS::ECS::Container" {
		t.Errorf("entry point %+v", s.EntryPoint)
	}
	if len(s.Users) != 1 || aws.ToString(s.Users[0].UserName) != "u-17" {
		t.Errorf("users %+v", s.Users)
	}
}

func sameAnnotation(got, want types.AnnotationValue) bool {
	switch w := want.(type) {
	case *types.AnnotationValueMemberStringValue:
		g, ok := got.(*types.AnnotationValueMemberStringValue)
		return ok && g.Value == w.Value
	case *types.AnnotationValueMemberNumberValue:
		g, ok := got.(*types.AnnotationValueMemberNumberValue)
		return ok && g.Value == w.Value
	case *types.AnnotationValueMemberBooleanValue:
		g, ok := got.(*types.AnnotationValueMemberBooleanValue)
		return ok && g.Value == w.Value
	}
	return false
}

func TestAWSClientPagesThroughManyTraces(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	const traces = 2345 // three pages
	base := time.Now().Add(-time.Hour)
	sent := map[string]bool{}
	var batch []string
	for i := range traces {
		at := base.Add(time.Duration(i/3) * time.Second) // three at each instant
		id := traceIDAt(at)
		sent[id] = true
		batch = append(batch, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"n","start_time":%d,"end_time":%d}`, id, newID(), at.Unix(), at.Unix()+1))
		if len(batch) == 50 || i == traces-1 {
			if out, err := c.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: batch}); err != nil || len(out.UnprocessedTraceSegments) > 0 {
				t.Fatal(err, out)
			}
			batch = nil
		}
	}
	pages := xray.NewGetTraceSummariesPaginator(c, &xray.GetTraceSummariesInput{
		StartTime: aws.Time(base.Add(-time.Minute)), EndTime: aws.Time(time.Now()),
	})
	var last time.Time
	n := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n++
		for _, sum := range page.TraceSummaries {
			id := aws.ToString(sum.Id)
			if !sent[id] {
				t.Fatalf("%s came twice or was never sent", id)
			}
			delete(sent, id)
			if at := aws.ToTime(sum.StartTime); !last.IsZero() && at.After(last) {
				t.Fatalf("%s starts at %s, after its predecessor at %s: newest come first", id, at, last)
			}
			last = aws.ToTime(sum.StartTime)
		}
	}
	if len(sent) > 0 || n != 3 {
		t.Errorf("%d pages; %d traces did not come", n, len(sent))
	}
}

func TestAWSClientReadsErrors(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	now := time.Now()
	for name, call := range map[string]struct {
		do   func() error
		code string
	}{
		"a window that ends before it begins": {func() error {
			_, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: aws.Time(now), EndTime: aws.Time(now.Add(-time.Hour))})
			return err
		}, "InvalidRequestException"},
		"a filter that is none": {func() error {
			_, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: aws.Time(now), EndTime: aws.Time(now), FilterExpression: aws.String("fault ==")})
			return err
		}, "InvalidRequestException"},
		"a foreign token": {func() error {
			_, err := c.GetTraceSummaries(t.Context(), &xray.GetTraceSummariesInput{StartTime: aws.Time(now), EndTime: aws.Time(now), NextToken: aws.String("abc")})
			return err
		}, "InvalidRequestException"},
		"six trace ids": {func() error {
			ids := []string{newTraceID(), newTraceID(), newTraceID(), newTraceID(), newTraceID(), newTraceID()}
			_, err := c.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: ids})
			return err
		}, "InvalidRequestException"},
		"a malformed trace id": {func() error {
			_, err := c.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: []string{"1-abc"}})
			return err
		}, "InvalidRequestException"},
		"fifty-one documents": {func() error {
			_, err := c.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: make([]string, 51)})
			return err
		}, "InvalidRequestException"},
		"an action that is not built": {func() error {
			_, err := c.GetInsight(t.Context(), &xray.GetInsightInput{InsightId: aws.String("0123456789abcdef0123456789abcdef0123")})
			return err
		}, "UnsupportedOperationException"},
	} {
		t.Run(name, func(t *testing.T) {
			var apiErr smithy.APIError
			if err := call.do(); !errors.As(err, &apiErr) || apiErr.ErrorCode() != call.code || apiErr.ErrorMessage() == "" {
				t.Errorf("got %v, want %s with a message", err, call.code)
			}
		})
	}
}

func TestAWSClientSamplingAndTelemetry(t *testing.T) {
	s := startServer(t, t.TempDir())
	c := awsClient(s)
	rules, err := c.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(rules.SamplingRuleRecords) != 1 || aws.ToString(rules.SamplingRuleRecords[0].SamplingRule.RuleName) != "Default" {
		t.Fatalf("rules %+v, want Default", rules.SamplingRuleRecords)
	}
	targets, err := c.GetSamplingTargets(t.Context(), &xray.GetSamplingTargetsInput{SamplingStatisticsDocuments: []types.SamplingStatisticsDocument{
		{RuleName: aws.String("Default"), ClientID: aws.String("0123456789abcdef01234567"), Timestamp: aws.Time(time.Now()), RequestCount: 10, SampledCount: 1},
		{RuleName: aws.String("gone"), ClientID: aws.String("0123456789abcdef01234567"), Timestamp: aws.Time(time.Now()), RequestCount: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if len(targets.SamplingTargetDocuments) != 1 || targets.LastRuleModification == nil {
		t.Fatalf("targets %+v", targets)
	}
	target := targets.SamplingTargetDocuments[0]
	if target.FixedRate != 0.05 || aws.ToInt32(target.ReservoirQuota) != 1 || aws.ToInt32(target.Interval) != 10 {
		t.Errorf("the only client of Default got rate %v, quota %v, interval %v; want 0.05, the whole reservoir of 1, 10 s",
			target.FixedRate, aws.ToInt32(target.ReservoirQuota), aws.ToInt32(target.Interval))
	}
	if len(targets.UnprocessedStatistics) != 1 || aws.ToString(targets.UnprocessedStatistics[0].RuleName) != "gone" {
		t.Errorf("unprocessed %+v, want the rule that does not exist", targets.UnprocessedStatistics)
	}
	if _, err := c.PutTelemetryRecords(t.Context(), &xray.PutTelemetryRecordsInput{TelemetryRecords: []types.TelemetryRecord{
		{Timestamp: aws.Time(time.Now()), SegmentsReceivedCount: aws.Int32(7), SegmentsSpilloverCount: aws.Int32(2)},
	}}); err != nil {
		t.Fatal(err)
	}
	if n := s.metric(t, `roentgen_daemon_reported_total{count="segments_spillover"}`); n != 2 {
		t.Errorf("the daemon reported 2 spilled segments; /metrics says %v", n)
	}
}
