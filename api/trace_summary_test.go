package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/query"
)

// fullRows are those of a trace with everything in it.
func fullRows(t *testing.T) *roentgen.Rows {
	t.Helper()
	trace, err := roentgen.ParseTraceID(id)
	if err != nil {
		t.Fatal(err)
	}
	at := roentgen.Time(1780165693_250000_000)
	shop := roentgen.ServiceID{Name: "shop", Type: "AWS::ECS::Container", AccountID: "000000000000"}
	root := roentgen.Part{Service: shop, Start: at, End: at + 250_000_000, HTTP: &roentgen.HTTP{Method: "GET", Status: 502}}
	return &roentgen.Rows{
		Summary: &roentgen.Summary{
			Trace: trace, Start: at, End: at + 250_000_000, Updated: at, Revision: 2, Root: &root, Fault: true,
			Annotations:  []roentgen.AnnotationUse{{Annotation: roentgen.Annotation{Key: "k", Value: roentgen.AnnotationValue{Kind: roentgen.BoolValue}}, Services: []roentgen.ServiceID{shop}}},
			Users:        []roentgen.UserUse{{Name: "u"}},
			Services:     []roentgen.ServiceID{shop},
			ResourceARNs: []string{"arn"}, InstanceIDs: []string{"i-1"}, Zones: []string{"a"},
		},
		Nodes: []roentgen.NodeRow{
			{ServiceID: shop, Names: []string{"shop", "shop.test"}, Root: true},
			{ServiceID: roentgen.ServiceID{Name: "shop", Type: "client"}},
			{ServiceID: roentgen.ServiceID{Name: "far", AccountID: "111122223333"}, Inferred: true},
		},
		FaultCauses: []roentgen.CauseRow{{ClientImpacting: true, Services: []roentgen.CauseServiceRow{
			{ServiceID: shop, Entities: []roentgen.CauseEntityRow{{Name: "shop", Exceptions: []roentgen.CauseExceptionRow{{Name: "Oops", Message: "no"}}}}},
			{ServiceID: roentgen.ServiceID{Name: "far", AccountID: "111122223333"}, Inferred: true, Entities: []roentgen.CauseEntityRow{{Name: "far"}}},
		}}},
		ResponseTimeCauses: []roentgen.CauseRow{{ClientImpacting: true, Services: []roentgen.CauseServiceRow{
			{ServiceID: shop, Entities: []roentgen.CauseEntityRow{{Name: "shop", Coverage: roentgen.Known(1)}, {Name: "far", Coverage: roentgen.Known(0.75), Remote: true}}},
		}}},
	}
}

const fullSummary = `{"Id":"` + id + `","StartTime":1780165693.25,"Duration":0.25,"ResponseTime":0.25,"HasFault":true,"HasError":false,"HasThrottle":false,"IsPartial":false,` +
	`"Http":{"HttpStatus":502,"HttpMethod":"GET"},` +
	`"Annotations":{"k":[{"AnnotationValue":{"BooleanValue":false},"ServiceIds":[{"Name":"shop","Names":["shop","shop.test"],"Type":"AWS::ECS::Container"}]}]},` +
	`"Users":[{"UserName":"u","ServiceIds":[]}],` +
	`"ServiceIds":[{"Name":"shop","Names":["shop","shop.test"],"Type":"AWS::ECS::Container"},{"Name":"shop","Names":["shop"],"Type":"client"},{"Name":"far","Names":["far"],"AccountId":"111122223333"}],` +
	`"ResourceARNs":[{"ARN":"arn"}],"InstanceIds":[{"Id":"i-1"}],"AvailabilityZones":[{"Name":"a"}],` +
	`"EntryPoint":{"Name":"shop","Names":["shop","shop.test"],"Type":"AWS::ECS::Container"},` +
	`"FaultRootCauses":[{"Services":[{"Name":"shop","Names":["shop"],"Type":"AWS::ECS::Container","EntityPath":[{"Name":"shop","Exceptions":[{"Name":"Oops","Message":"no"}],"Remote":false}],"Inferred":false},` +
	`{"Name":"far","Names":["far"],"Type":"","AccountId":"111122223333","EntityPath":[{"Name":"far","Exceptions":[],"Remote":false}],"Inferred":true}],"ClientImpacting":true}],` +
	`"ErrorRootCauses":[],` +
	`"ResponseTimeRootCauses":[{"Services":[{"Name":"shop","Names":["shop"],"Type":"AWS::ECS::Container","EntityPath":[{"Name":"shop","Coverage":1,"Remote":false},{"Name":"far","Coverage":0.75,"Remote":true}],"Inferred":false}],"ClientImpacting":true}],` +
	`"Revision":2`

func TestAFullSummary(t *testing.T) {
	for typ, matched := range map[string]string{"TraceId": "", "Event": `,"MatchedEventTime":1780165693.25`, "Service": `,"MatchedEventTime":1780165693.5`} {
		r := rooms{page: query.SummaryPage{Examined: 7, Reached: 1e9, Traces: []*roentgen.Rows{fullRows(t)}}}
		want := `{"TraceSummaries":[` + fullSummary + matched + `}],"ApproximateTime":1,"TracesProcessedCount":7}`
		if status, _, got := r.call(t, "/TraceSummaries", `{"StartTime":1,"EndTime":2,"TimeRangeType":"`+typ+`"}`); status != 200 || got != want {
			t.Errorf("%s: status %d\n got %s\nwant %s", typ, status, got, want)
		}
	}
}

func TestAFilterExpressionIsHandedOn(t *testing.T) {
	var r rooms
	r.call(t, "/TraceSummaries", `{"StartTime":1,"EndTime":2,"FilterExpression":"  service(\"a\") fault"}`)
	if r.asked.Filter == nil || r.asked.Filter.String() != `service("a") AND fault` {
		t.Errorf("asked for %v", r.asked.Filter)
	}
	r.call(t, "/TraceSummaries", `{"StartTime":1,"EndTime":2,"FilterExpression":""}`)
	if !r.asked.Filter.Empty() {
		t.Errorf("the empty expression is %v", r.asked.Filter)
	}
}

func TestATokenContinuesItsOwnQuestionOnly(t *testing.T) {
	r := rooms{page: query.SummaryPage{Next: new(query.Cursor)}}
	_, _, body := r.call(t, "/TraceSummaries", `{"StartTime":0,"EndTime":100,"FilterExpression":"fault"}`)
	var page struct{ NextToken string }
	if err := json.Unmarshal([]byte(body), &page); err != nil || page.NextToken == "" {
		t.Fatalf("no token in %s (%v)", body, err)
	}
	if status, _, body := r.call(t, "/TraceSummaries", `{"StartTime":0,"EndTime":100,"FilterExpression":" fault ","NextToken":"`+page.NextToken+`"}`); status != 200 || r.asked.After == nil || *r.asked.After != *new(query.Cursor) {
		t.Errorf("status %d, asked %+v: %s", status, r.asked, body)
	}
	for name, body := range map[string]string{
		"another window":     `{"StartTime":0,"EndTime":99,"FilterExpression":"fault","NextToken":"` + page.NextToken + `"}`,
		"another clock":      `{"StartTime":0,"EndTime":100,"FilterExpression":"fault","TimeRangeType":"Service","NextToken":"` + page.NextToken + `"}`,
		"another expression": `{"StartTime":0,"EndTime":100,"FilterExpression":"error","NextToken":"` + page.NextToken + `"}`,
		"no expression":      `{"StartTime":0,"EndTime":100,"NextToken":"` + page.NextToken + `"}`,
		"a cut token":        `{"StartTime":0,"EndTime":100,"FilterExpression":"fault","NextToken":"` + page.NextToken[1:] + `"}`,
		"a token cut behind": `{"StartTime":0,"EndTime":100,"FilterExpression":"fault","NextToken":"` + page.NextToken[:len(page.NextToken)-8] + `"}`,
	} {
		if status, _, answer := r.call(t, "/TraceSummaries", body); status != 400 || !strings.Contains(answer, "Invalid token") {
			t.Errorf("%s: status %d: %s", name, status, answer)
		}
	}
}
