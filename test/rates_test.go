package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

// mapped is a node of the map, as far as rates go.
type mapped struct {
	Name, Type        string
	SummaryStatistics struct {
		TotalCount      int
		FaultStatistics struct{ TotalCount int }
	}
	RoentgenRates struct {
		Source        string
		Counted, Kept int
	}
}

// TestTheMapCountsRequestsThatAreNotKept sends through the agent within the
// server, a tenth of it sampled, and kills it.
func TestTheMapCountsRequestsThatAreNotKept(t *testing.T) {
	const requests = 1000
	s := launch(t, t.TempDir())
	begin := time.Now().Add(-10 * time.Second)
	kept := sendSampled(t, s, begin, requests)
	check := func(s *server) {
		eventually(t, func() error {
			var graph struct{ Services []mapped }
			s.post(t, "/ServiceGraph", map[string]any{"StartTime": begin.Unix() - 60, "EndTime": begin.Unix() + 60}, &graph)
			for _, n := range graph.Services {
				if n.Type == "client" {
					continue
				}
				if r := n.RoentgenRates; r.Source != "counted" || r.Counted != requests || n.SummaryStatistics.TotalCount != requests || r.Kept != kept {
					return fmt.Errorf("%+v, and there were %d, of which %d are kept", n, requests, kept)
				}
				if faults := n.SummaryStatistics.FaultStatistics.TotalCount; n.Name == "shop" && faults != requests/50 {
					return fmt.Errorf("%d faults of %d", faults, requests/50)
				}
			}
			if len(graph.Services) != 3 {
				return fmt.Errorf("%d nodes", len(graph.Services))
			}
			return nil
		})
	}
	check(s)
	s.kill()
	check(startServer(t, s.Data))
}

// sendSampled sends requests of which every tenth is sampled and every fiftieth
// fails, and returns how many are to be kept. It sends them over TCP, where
// nothing is lost on the way.
func sendSampled(t *testing.T, s *server, begin time.Time, requests int) (kept int) {
	t.Helper()
	docs := map[bool][]string{}
	for n := range requests {
		sampled, failed := n%10 == 3, n%50 == 7
		if sampled || failed {
			kept++
		}
		at := float64(begin.UnixMilli())/1e3 + float64(n)/1e3
		call := fmt.Sprintf(`{"id":%q,"name":"orders@db.internal","namespace":"remote","start_time":%f,"end_time":%f,"sql":{"url":"postgres://db.internal/orders"}}`, newID(), at, at+0.01)
		docs[sampled] = append(docs[sampled], fmt.Sprintf(
			`{"trace_id":%q,"id":%q,"name":"shop","start_time":%f,"end_time":%f,"fault":%v,"aws":{"xray":{"sampling_rule_name":"Default","sampling_probability":0.1}},"subsegments":[%s]}`,
			newTraceID(), newID(), at, at+0.02, failed, call))
	}
	for sampled, all := range docs {
		for batch := range slices.Chunk(all, 50) {
			putSegments(t, s, batch, !sampled)
		}
	}
	return kept
}

// putSegments puts documents, sampled or undecided ones, at the agent's door.
func putSegments(t *testing.T, s *server, docs []string, undecided bool) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"TraceSegmentDocuments": docs})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Daemon+"/TraceSegments", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if undecided {
		req.Header.Set("X-Roentgen-Undecided", "1")
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if answer, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("status %d: %s", resp.StatusCode, answer)
	}
}
