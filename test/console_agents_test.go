package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestConsoleAgents looks at the agent within the server and its sum while
// documents come in.
func TestConsoleAgents(t *testing.T) {
	const requests = 400
	s := startServer(t, t.TempDir())
	b := openTab(t, s, 1280, 900)
	b.open("#/agents")
	b.see("[data-testid=verdict]", "Every sum holds")
	b.see("[data-testid=doors]", "0 received")
	kept := sendSampled(t, s, time.Now().Add(-30*time.Second), requests)
	s.awaitStatement(t, requests, kept)
	// By itself, without a key or a click:
	b.see("[data-testid=agents] td[data-label=Received]", fmt.Sprint(requests))
	b.see("[data-testid=agents] td[data-label=Stored]", fmt.Sprint(kept))
	b.see("[data-testid=agents] td[data-label=Waiting]", fmt.Sprint(requests-kept))
	b.see("[data-testid=agents] td[data-label=Sum]", "holds")
	b.see("[data-testid=verdict]", "1 agent")

	b.step(t, "its details", func(t *testing.T) {
		b.press("j")
		said := b.see("[data-testid=agent-detail]", fmt.Sprintf("%d received", requests))
		for _, want := range []string{"this server, within it", "Horizon", "Spool", "Dropped by the kernel", "Memory", "throttle, fault, error, told"} {
			if !strings.Contains(said, want) {
				t.Errorf("the details do not say %q: %s", want, said)
			}
		}
		sum := eval[int](b, `[...document.querySelectorAll('[data-testid=agent-detail] .sum td.number')].reduce((n, e) => n + Number(e.textContent.replace(/,/g, '')), 0)`)
		if sum != requests {
			t.Errorf("the parts of the sum come to %d, want %d", sum, requests)
		}
		b.wait("the agent is in the address", `/agent=[0-9a-f]{32}/.test(location.hash)`)
		b.press("Escape")
		b.gone("[data-testid=agent-detail]", "")
	})
}

// awaitStatement waits until the agent has told the server of so many
// documents, and how many are stored.
func (s *server) awaitStatement(t *testing.T, received, stored int) {
	t.Helper()
	eventually(t, func() error {
		var answer struct {
			Agents []struct {
				Statement struct {
					Received map[string]int
					Stored   int
				}
			}
		}
		resp, err := client.Get(s.HTTP + "/api/agents")
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return err
		}
		if len(answer.Agents) != 1 || answer.Agents[0].Statement.Received["tcp"] != received || answer.Agents[0].Statement.Stored != stored {
			return fmt.Errorf("%+v, want %d received and %d stored", answer, received, stored)
		}
		return nil
	})
}

// TestConsoleSheets holds the pages of sampling and agents against axe-core in
// both themes, and against the width of a phone.
func TestConsoleSheets(t *testing.T) {
	s := startServer(t, t.TempDir())
	var answer map[string]any
	if status := s.post(t, "/CreateSamplingRule", map[string]any{"SamplingRule": map[string]any{
		"RuleName": "a-rule-with-a-name-of-32-letters", "Priority": 5, "FixedRate": 0.25, "ReservoirSize": 3, "Version": 1, "ServiceName": "payments-and-refunds-of-the-upi-gateway-*",
		"ServiceType": "*", "Host": "*", "HTTPMethod": "POST", "URLPath": "/a/path/without/any/place/to/break/it/that/is/longer/than/a/phone/*", "ResourceARN": "*",
	}}, &answer); status != 200 {
		t.Fatalf("make a rule: status %d, %v", status, answer)
	}
	sendSampled(t, s, time.Now().Add(-30*time.Second), 100)
	for theme, width := range map[string]int64{"light": 400, "dark": 1280} {
		b := openTab(t, s, width, 900)
		for _, page := range sheets() {
			page.show(b, theme)
			b.frames()
			where := fmt.Sprintf("%s in %s, %d wide", page.name, theme, width)
			checkAccessible(b, where)
			if wide := eval[int64](b, `Math.max(...[...document.querySelectorAll('html, .sheet, dialog, .agents-page, .agent-detail')].map(e => e.scrollWidth))`); wide > width {
				t.Errorf("%s: the page is %d wide", where, wide)
			}
		}
	}
}

// sheets are the pages that are read from top to bottom.
func sheets() []consolePage {
	return []consolePage{
		{"rules", "/sampling", "", func(b *tab) { b.see("[data-rule=Default]", "every request") }},
		{"rule", "/sampling", "&rule=a-rule-with-a-name-of-32-letters", func(b *tab) { b.see("dialog[open]", "a-rule-with-a-name") }},
		{"triggers", "/sampling", "&view=triggers", func(b *tab) { b.see("[data-testid=agent-triggers]", "fault") }},
		{"simulator", "/sampling", "&view=simulator", func(b *tab) {
			b.click("[data-testid=simulate]", "")
			b.see("[data-testid=simulation]", "By trigger")
		}},
		{"agents", "/agents", "", func(b *tab) {
			b.click(".agent-name", "")
			b.see("[data-testid=agent-detail]", "received")
		}},
	}
}
