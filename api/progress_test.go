package api_test

import (
	"encoding/json"
	"testing"

	"github.com/roentgen/roentgen/query"
)

// TestAPageWithoutTracesSaysHowFarItCame: a page may end for its time alone.
func TestAPageWithoutTracesSaysHowFarItCame(t *testing.T) {
	r := rooms{page: query.SummaryPage{Examined: 4711, Reached: 90e9, Next: new(query.Cursor)}}
	status, _, answer := r.call(t, "/TraceSummaries", `{"StartTime":1,"EndTime":100}`)
	var got struct {
		TraceSummaries       []any
		ApproximateTime      float64
		TracesProcessedCount int
		NextToken            string
	}
	if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 200 {
		t.Fatal(status, err, answer)
	}
	if got.TraceSummaries == nil || len(got.TraceSummaries) != 0 || got.ApproximateTime != 90 || got.TracesProcessedCount != 4711 || got.NextToken == "" {
		t.Errorf("%s", answer)
	}
}
