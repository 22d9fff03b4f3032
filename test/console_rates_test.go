package test

import (
	"fmt"
	"testing"
	"time"
)

// TestConsoleSaysHowRatesAreKnown sends requests of which a tenth is sampled.
// Agents counted all of them; of a group nobody can have counted any.
func TestConsoleSaysHowRatesAreKnown(t *testing.T) {
	const requests = 200
	s := startServer(t, t.TempDir())
	var answer map[string]any
	if status := s.post(t, "/CreateGroup", map[string]any{"GroupName": "shops", "FilterExpression": `service("shop")`}, &answer); status != 200 {
		t.Fatalf("make a group: status %d, %v", status, answer)
	}
	begin := time.Now().Add(-3 * time.Minute) // of a minute that is not over, a window has a part
	kept := sendSampled(t, s, begin, requests)
	s.awaitCounted(t, begin, requests)
	const standFor = requests/10*10 + requests/50 // every sampled trace for ten, every failing one for itself

	b := openTab(t, s, 1280, 900)
	b.open("#/service-map")
	b.see("[data-testid=map-rates]", "rates counted")
	b.clickNode("shop")
	b.see("[data-testid=source]", fmt.Sprintf("agents counted all %d requests, kept or not; %d of them are stored", requests, kept))
	b.see("[data-testid=over-time-source]", "Counted.")
	b.click("[data-testid=map-list]", "")
	b.see("[data-testid=map-lists] [role=gridcell]", "Counted")

	b.open("#/service-map?group=shops")
	b.see("[data-testid=map-rates]", "rates estimated (≈)")
	b.clickNode("shop")
	b.see("[data-testid=source]", fmt.Sprintf("Estimated: %d stored requests stand for %d", kept, standFor))
	b.see("[data-testid=over-time-source]", "Estimated.")
	if said := b.see(`[data-testid=map-node][data-key="shop"]`, "≈"); said == "" {
		t.Error("the node does not say that its rate is estimated")
	}

	b.open("#/traces")
	b.see("[data-testid=traces-progress]", fmt.Sprintf("%d matched (for ≈ %d requests, estimated)", kept, standFor))
	b.see(".overview-source", "of kept traces")
}

// awaitCounted waits until the map counts so many requests of the shop.
func (s *server) awaitCounted(t *testing.T, begin time.Time, requests int) {
	t.Helper()
	eventually(t, func() error {
		var graph struct{ Services []mapped }
		s.post(t, "/ServiceGraph", map[string]any{"StartTime": begin.Unix() - 120, "EndTime": begin.Unix() + 150}, &graph)
		for _, n := range graph.Services {
			if n.Name == "shop" && n.Type != "client" && n.RoentgenRates.Source == "counted" && n.RoentgenRates.Counted == requests {
				return nil
			}
		}
		return fmt.Errorf("the map has %+v, want %d requests counted", graph.Services, requests)
	})
}
