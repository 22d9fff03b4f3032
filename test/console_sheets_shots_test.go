package test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestConsoleSheetsShots takes the documentation's pictures of the sampling
// page and of the agents, as testScreenshots does of the others.
func TestConsoleSheetsShots(t *testing.T) {
	dir := t.TempDir()
	if *rewriteScreenshots {
		dir = filepath.Join("..", "docs", "images")
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := startServer(t, t.TempDir())
	begin := time.Now().Add(-4 * time.Minute)
	kept := 0
	for minute := range 3 {
		kept += sendSampled(t, s, begin.Add(time.Duration(minute)*time.Minute), 1000)
	}
	makePictureRules(t, s)
	s.awaitStatement(t, 3000, kept)
	for _, theme := range []string{"light", "dark"} {
		for _, page := range []tallPage{
			{420, consolePage{"sampling", "/sampling", "", func(b *tab) { b.see("[data-rule=checkout] .hour", "sampled") }}},
			{1150, consolePage{"simulator", "/sampling", "&view=simulator&timeRange=PT5M", func(b *tab) {
				b.click("[data-testid=draft-rules] [data-rule=Default] button", "Edit")
				b.overwrite("#rule-Rate", "1")
				b.click("[data-testid=save-rule]", "")
				b.gone("dialog", "")
				b.click("[data-testid=simulate]", "")
				b.see("[data-testid=simulation]", "By trigger")
			}}},
			{1000, consolePage{"agents", "/agents", "", func(b *tab) {
				b.click(".agent-name", "")
				b.see("[data-testid=agent-detail]", "3,000 received")
			}}},
		} {
			b := openTab(t, s, 1280, page.height)
			page.show(b, theme)
			keepScreenshot(b, filepath.Join(dir, fmt.Sprintf("%s-%s-1280.png", page.name, theme)))
		}
	}
}

// tallPage is a page with the height at which it is pictured.
type tallPage struct {
	height int64
	consolePage
}

// makePictureRules makes rules, and reports of what they did.
func makePictureRules(t *testing.T, s *server) {
	t.Helper()
	var answer map[string]any
	for i, r := range []map[string]any{
		{"RuleName": "checkout", "ServiceName": "checkout*", "HTTPMethod": "POST", "URLPath": "/pay*", "FixedRate": 0.25, "ReservoirSize": 5},
		{"RuleName": "health-checks", "ServiceName": "gateway", "URLPath": "/healthz", "FixedRate": 0, "ReservoirSize": 0},
	} {
		rule := map[string]any{"Priority": 100 * (i + 1), "Version": 1, "ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "ResourceARN": "*"}
		for member, value := range r {
			rule[member] = value
		}
		if status := s.post(t, "/CreateSamplingRule", map[string]any{"SamplingRule": rule}, &answer); status != 200 {
			t.Fatalf("make a rule: status %d, %v", status, answer)
		}
	}
	for name, counts := range map[string][3]int{"checkout": {1840, 512, 6}, "health-checks": {7200, 0, 0}, "Default": {3000, 331, 9}} {
		if status := s.post(t, "/SamplingTargets", map[string]any{"SamplingStatisticsDocuments": []map[string]any{{
			"RuleName": name, "ClientID": "0123456789abcdef01234567", "Timestamp": time.Now().Unix(),
			"RequestCount": counts[0], "SampledCount": counts[1], "BorrowCount": counts[2],
		}}}, &answer); status != 200 {
			t.Fatalf("report of %s: status %d, %v", name, status, answer)
		}
	}
}
