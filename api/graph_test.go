package api_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
	"github.com/roentgen/roentgen/graph"
	"github.com/roentgen/roentgen/query"
)

// smallGraph has a client, a service, a database, a host and a queue that
// somebody reads from. Two of the shop's requests stand for three, and the
// client's three were counted.
func smallGraph() *graph.Graph {
	var times, ages graph.Histogram
	times.Add(500 * time.Millisecond)
	times.Add(1500 * time.Millisecond)
	times.Add(500 * time.Millisecond)
	ages.Add(3 * time.Second)
	stats := graph.Stats{OK: 1, Throttle: 1, Fault: 1, Total: 2500 * time.Millisecond}
	shop := roentgen.ServiceID{Name: "shop", Type: "AWS::ECS::Container", AccountID: "000000000000"}
	return &graph.Graph{Nodes: []graph.Node{
		{ServiceID: shop, Names: []string{"shop.test"}, Root: true, First: 100e9, Last: 160e9, Traces: 1, Kept: 2, Stats: stats, Durations: times, ResponseTimes: times, Edges: []graph.Edge{
			{To: 2, Kept: 3, Stats: stats, ResponseTimes: times, Aliases: []roentgen.ServiceID{{Name: "10.0.0.1", Type: "remote"}}},
			{To: 3},
		}},
		{ServiceID: roentgen.ServiceID{Name: "shop", Type: "client"}, First: 100e9, Last: 150e9, Edges: []graph.Edge{{To: 0, Traces: 1, Kept: 1, Counted: 3, Divided: true, Stats: stats, ResponseTimes: times}}},
		{ServiceID: roentgen.ServiceID{Name: "host", Type: "remote", AccountID: "111122223333"}, Inferred: true, First: 90e9, Last: 100e9},
		{ServiceID: roentgen.ServiceID{Name: "q", Type: "AWS::SQS::Queue"}, Inferred: true, First: 100e9, Last: 100e9, Edges: []graph.Edge{
			{To: 0, Kept: 1, Stats: graph.Stats{OK: 1}, Link: true, Ages: ages},
		}},
	}}
}

const (
	none       = `{"OkCount":0,"ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":0,"TotalResponseTime":0}`
	oneOK      = `{"OkCount":1,"ErrorStatistics":{"ThrottleCount":0,"OtherCount":0,"TotalCount":0},"FaultStatistics":{"OtherCount":0,"TotalCount":0},"TotalCount":1,"TotalResponseTime":0}`
	three      = `{"OkCount":1,"ErrorStatistics":{"ThrottleCount":1,"OtherCount":0,"TotalCount":1},"FaultStatistics":{"OtherCount":1,"TotalCount":1},"TotalCount":3,"TotalResponseTime":2.5}`
	threeTimes = `[{"Value":0.5,"Count":2},{"Value":1.5,"Count":1}]`
)

// smallServices is smallGraph on the wire, each TIME standing for bounds.
const smallServices = `[` +
	`{"ReferenceId":0,"Name":"shop","Names":["shop","shop.test"],"Root":true,"Type":"AWS::ECS::Container","State":"active",<100-161>"Edges":[` +
	`{"ReferenceId":2,<100-161>"SummaryStatistics":` + three + `,"ResponseTimeHistogram":` + threeTimes + `,"Aliases":[{"Name":"10.0.0.1","Names":["10.0.0.1"],"Type":"remote"}]},` +
	`{"ReferenceId":3,<100-161>"SummaryStatistics":` + none + `,"ResponseTimeHistogram":[],"Aliases":[]}` +
	`],"SummaryStatistics":` + three + `,"DurationHistogram":` + threeTimes + `,"ResponseTimeHistogram":` + threeTimes + `,"RoentgenRates":{"Source":"estimated","Counted":0,"Kept":2,"KeptTraces":1}},` +
	`{"ReferenceId":1,"Name":"shop","Names":["shop"],"Type":"client","State":"unknown",<100-151>"Edges":[` +
	`{"ReferenceId":0,<100-151>"SummaryStatistics":` + three + `,"ResponseTimeHistogram":` + threeTimes + `,"Aliases":[],"RoentgenRates":{"Source":"counted","Counted":3,"Kept":1,"KeptTraces":1,"Divided":true}}]},` +
	`{"ReferenceId":2,"Name":"host","Names":["host"],"AccountId":"111122223333","Type":"remote","State":"passive",<90-101>"Edges":[],"SummaryStatistics":` + none + `,"DurationHistogram":[],"ResponseTimeHistogram":[]},` +
	`{"ReferenceId":3,"Name":"q","Names":["q"],"Type":"AWS::SQS::Queue","State":"unknown",<100-101>"Edges":[` +
	`{"ReferenceId":0,<100-101>"SummaryStatistics":` + oneOK + `,"ResponseTimeHistogram":[],"Aliases":[],"EdgeType":"link","ReceivedEventAgeHistogram":[{"Value":3,"Count":1}]}` +
	`],"SummaryStatistics":` + none + `,"DurationHistogram":[],"ResponseTimeHistogram":[]}]`

// bounded writes the bounds out, or leaves them out.
func bounded(timed bool) string {
	var out strings.Builder
	for i, piece := range strings.Split(smallServices, "<") {
		bounds, rest, cut := strings.Cut(piece, ">")
		if i == 0 || !cut {
			out.WriteString(piece)
			continue
		}
		if from, to, _ := strings.Cut(bounds, "-"); timed {
			out.WriteString(`"StartTime":` + from + `,"EndTime":` + to + `,`)
		}
		out.WriteString(rest)
	}
	return out.String()
}

func TestGraphsOnTheWire(t *testing.T) {
	gone, err := roentgen.ParseTraceID(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, body, want string }{
		{"a service graph has the bounds of what it has", "/ServiceGraph", `{"StartTime":0,"EndTime":1000}`,
			`{"StartTime":90,"EndTime":160,"Services":` + bounded(true) + `,"ContainsOldGroupVersions":false}`},
		{"a trace graph has none", "/TraceGraph", `{"TraceIds":["` + id + `"]}`,
			`{"Services":` + bounded(false) + `,"UnprocessedTraceIds":["` + id + `"]}`},
	} {
		r := rooms{graph: smallGraph(), missing: []roentgen.TraceID{gone}}
		if status, _, got := r.call(t, c.path, c.body); status != 200 || got != c.want {
			t.Errorf("%s: status %d\n got %s\nwant %s", c.name, status, got, c.want)
		}
	}
	r := rooms{graph: &graph.Graph{OldGroups: true}}
	if _, _, got := r.call(t, "/ServiceGraph", `{"StartTime":3,"EndTime":5}`); got != `{"StartTime":3,"EndTime":5,"Services":[],"ContainsOldGroupVersions":true}` {
		t.Errorf("an empty graph: %s", got)
	}
}

func TestAGroupIsNamedInOneOfTwoWays(t *testing.T) {
	r := rooms{graph: smallGraph(), groups: []query.Group{{Name: "Default"}, {Name: "g", ID: "7", ARN: "arn"}}}
	for _, path := range []string{"/ServiceGraph", "/TimeSeriesServiceStatistics"} {
		for body, want := range map[string]string{`"GroupName":"g"`: "7", `"GroupARN":"arn"`: "7", `"GroupName":"Default"`: "", `"GroupName":null`: ""} {
			r.group = "?"
			if status, _, _ := r.call(t, path, `{"StartTime":0,"EndTime":1,`+body+`}`); status != 200 || r.group != want {
				t.Errorf("%s of %s: status %d, asked of group %q, want %q", path, body, status, r.group, want)
			}
		}
	}
}

func TestTimeSeriesOnTheWire(t *testing.T) {
	var times graph.Histogram
	times.Add(2500 * time.Millisecond)
	series := query.Series{OldGroups: true, Next: 30e9, Points: []query.Point{
		{End: 120e9, Stats: &graph.Stats{OK: 1, Throttle: 1, Fault: 1, Total: 2500 * time.Millisecond}, ResponseTimes: times}, {End: 60e9},
	}}
	r := rooms{series: series}
	for selector, member := range map[string]string{``: "Edge", `,"EntitySelectorExpression":"edge(\"a\",\"b\")"`: "Edge",
		`,"EntitySelectorExpression":"service(id(name:\"a\",type:\"remote\"))","ForecastStatistics":true`: "Service"} {
		_, _, got := r.call(t, "/TimeSeriesServiceStatistics", `{"StartTime":10,"EndTime":130,"Period":300`+selector+`}`)
		var answer struct{ NextToken string }
		if err := json.Unmarshal([]byte(got), &answer); err != nil {
			t.Fatal(err)
		}
		want := `{"TimeSeriesServiceStatistics":[{"Timestamp":120,"` + member + `SummaryStatistics":` + three + `,"ServiceForecastStatistics":{},"ResponseTimeHistogram":[{"Value":2.5,"Count":1}]},` +
			`{"Timestamp":60,"ServiceForecastStatistics":{},"ResponseTimeHistogram":[]}],"ContainsOldGroupVersions":true,"NextToken":"` + answer.NextToken + `"}`
		if got != want || answer.NextToken == "" {
			t.Errorf("\n got %s\nwant %s", got, want)
		}
		if q := r.plotted; q.From != 10e9 || q.To != 130e9 || q.Period != 5*time.Minute {
			t.Errorf("asked %+v", q)
		}
		r.call(t, "/TimeSeriesServiceStatistics", `{"StartTime":10,"EndTime":130,"Period":300`+selector+`,"NextToken":"`+answer.NextToken+`"}`)
		if r.plotted.To != 30e9 {
			t.Errorf("continued to %v, want 30 s", r.plotted.To)
		}
		if status, _, body := r.call(t, "/TimeSeriesServiceStatistics", `{"StartTime":10,"EndTime":130,"Period":60`+selector+`,"NextToken":"`+answer.NextToken+`"}`); status != 400 || !strings.Contains(body, "Invalid token") {
			t.Errorf("a token of another question: %d %s", status, body)
		}
	}
	r.call(t, "/TimeSeriesServiceStatistics", `{"StartTime":10,"EndTime":130}`)
	if _, ok := r.plotted.Selector.(*filter.Service); ok || r.plotted.Selector != nil || r.plotted.Period != time.Minute {
		t.Errorf("without a selector and a period: %+v", r.plotted)
	}
}

func TestGroupsOnTheWire(t *testing.T) {
	r := rooms{groups: []query.Group{{Name: "Default", ARN: "arn/Default"}, {Name: "g", ID: "7", ARN: "arn/g", Expression: "fault", Insights: true, Version: 3}}}
	const g = `{"GroupName":"g","GroupARN":"arn/g","FilterExpression":"fault","InsightsConfiguration":{"InsightsEnabled":true,"NotificationsEnabled":false}}`
	for _, c := range []struct{ path, body, want string }{
		{"/Groups", ``, `{"Groups":[{"GroupName":"Default","GroupARN":"arn/Default","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}},` + g + `]}`},
		{"/GetGroup", `{"GroupARN":"arn/g"}`, `{"Group":` + g + `}`},
		{"/CreateGroup", `{"GroupName":"new","FilterExpression":"error","Tags":[]}`, `{"Group":{"GroupName":"new","GroupARN":"arn/new","FilterExpression":"error","InsightsConfiguration":{"InsightsEnabled":false,"NotificationsEnabled":false}}}`},
		{"/UpdateGroup", `{"GroupName":"g","InsightsConfiguration":{"NotificationsEnabled":true}}`, `{"Group":` + g + `}`},
		{"/DeleteGroup", `{"GroupName":"g"}`, `{}`},
	} {
		r.change = query.GroupChange{}
		if status, _, got := r.call(t, c.path, c.body); status != 200 || got != c.want {
			t.Errorf("%s: status %d\n got %s\nwant %s", c.path, status, got, c.want)
		}
		if ch := r.change; c.path == "/UpdateGroup" && (ch.Expression != nil || ch.Insights != nil || ch.Notifications == nil || !*ch.Notifications) {
			t.Errorf("what was not named is set: %+v", ch)
		}
	}
}

func TestWrongQuestionsOfGraphsAndGroups(t *testing.T) {
	for _, c := range []struct{ name, path, body, text string }{
		{"a bad expression", "/TraceSummaries", `{"StartTime":0,"EndTime":1,"FilterExpression":"fault = "}`, "Invalid filter expression: "},
		{"no window", "/ServiceGraph", `{"StartTime":1}`, "StartTime and EndTime"},
		{"a window the wrong way round", "/ServiceGraph", `{"StartTime":2,"EndTime":1}`, "End time cannot be earlier than start time"},
		{"a window over the bound", "/ServiceGraph", `{"StartTime":0,"EndTime":21601}`, "Time range cannot be longer than 6 hours"},
		{"a token where there are no pages", "/ServiceGraph", `{"StartTime":0,"EndTime":1,"NextToken":"x"}`, "NextToken is currently not supported"},
		{"a group that is not", "/ServiceGraph", `{"StartTime":0,"EndTime":1,"GroupName":"x"}`, "Group not found."},
		{"no traces", "/TraceGraph", `{"TraceIds":[]}`, "Zero trace ids provided"},
		{"a bad id", "/TraceGraph", `{"TraceIds":["x"]}`, "neither 1-"},
		{"an unknown id", "/TraceGraph", `{"TraceIds":["` + id + `"]}`, "Trace id not found"},
		{"a token for a trace", "/TraceGraph", `{"TraceIds":["` + id + `"],"NextToken":"x"}`, "NextToken is currently not supported"},
		{"an odd period", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"Period":61}`, "Time period must be one of [60, 300]"},
		{"an empty selector", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"EntitySelectorExpression":""}`, "1 to 500"},
		{"a selector with a body", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"EntitySelectorExpression":"service(\"a\") { fault }"}`, "braces"},
		{"a group's expression as selector", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"EntitySelectorExpression":"fault"}`, "entity selector"},
		{"a forecast without a selector", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"ForecastStatistics":true}`, "by id"},
		{"a forecast by name", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"ForecastStatistics":true,"EntitySelectorExpression":"service(\"a\")"}`, "by id"},
		{"a group of a series that is not", "/TimeSeriesServiceStatistics", `{"StartTime":0,"EndTime":1,"GroupARN":"x"}`, "Group not found."},
		{"a token for groups", "/Groups", `{"NextToken":"x"}`, "Next Token not supported"},
		{"tags", "/CreateGroup", `{"GroupName":"g","FilterExpression":"fault","Tags":[{"Key":"k","Value":"v"}]}`, "keeps no tags"},
	} {
		r := rooms{graph: &graph.Graph{}}
		if c.name == "an unknown id" {
			unknown, err := roentgen.ParseTraceID(id)
			if err != nil {
				t.Fatal(err)
			}
			r.missing = []roentgen.TraceID{unknown}
		}
		status, header, body := r.call(t, c.path, c.body)
		if status != 400 || header.Get("x-amzn-ErrorType") != "InvalidRequestException" || !strings.Contains(body, c.text) {
			t.Errorf("%s: status %d, want 400 with %q: %s", c.name, status, c.text, body)
		}
	}
}
