package backend

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

const story = "My mobile phone was stolen from my bag at the bus stand at 7 p.m. on Monday. The thief ran towards the river. It was raining."

// mustSend sends and wants the status.
func (h *house) mustSend(t *testing.T, want int, send func() answer) answer {
	t.Helper()
	a := send()
	if a.status != want {
		t.Fatalf("the answer is %d, want %d: %v", a.status, want, a.body)
	}
	return a
}

func (h *house) file(t *testing.T, text string) (id string) {
	t.Helper()
	a := h.mustSend(t, 200, func() answer { return h.send(t, form(t, "text", text)) })
	return a.body["session_id"].(string)
}

func (h *house) approve(t *testing.T, id string, step fir.Step) answer {
	t.Helper()
	return h.mustSend(t, 200, func() answer {
		return h.send(t, post("/validate", map[string]any{"session_id": id, "approved": true, "step": step}))
	})
}

// items are the mandatory ones that no model can know.
func items() map[string]any {
	return map[string]any{
		"information_type": "written",
		"occurrence": map[string]any{"date_from": "2026-11-23", "time_from": "19:00", "diary_entry": "017", "diary_time": "20:10",
			"received_at": "2026-11-24T14:40:00Z"},
		"place":       map[string]any{"address": "Bus stand", "direction_distance": "north, 1 km"},
		"complainant": map[string]any{"name": "श्रद्धा कृष्णमूर्ति", "present_address": "गाँधी मार्ग", "permanent_address": "गाँधी मार्ग"},
		"action":      map[string]any{"kind": "registered"},
	}
}

// toFinal brings a complaint to its last review with everything filled in, and returns the number.
func (h *house) toFinal(t *testing.T, text string) (id, number string) {
	t.Helper()
	id = h.file(t, text)
	for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview, fir.NarrativeReview} {
		h.approve(t, id, step)
	}
	a := h.mustSend(t, 200, func() answer {
		return h.send(t, post("/session/"+id+"/correct", map[string]any{"correction": items()}))
	})
	return id, a.body["fir_number"].(string)
}

func TestAComplaintBecomesALockedReport(t *testing.T) { complaintToReport(t, neighbours{}) }

func complaintToReport(t *testing.T, beside neighbours) {
	t.Helper()
	h := build(t, beside)
	hindi := string(samples.Hindi())
	id, number := h.toFinal(t, hindi)
	a := h.approve(t, id, fir.FinalReview)
	if a.body["completed"] != true || a.body["fir_number"] != number || !strings.HasPrefix(number, "KTW/") {
		t.Fatalf("%v", a.body)
	}

	at := "/fir/" + url.PathEscape(number)
	a = h.mustSend(t, 200, func() answer { return h.send(t, get(at+"/content")) })
	document := a.body["document"].(map[string]any)["contents"].(map[string]any)
	if want := strings.TrimSpace(hindi); document["statement"] != want || a.body["review_pending"] != false {
		t.Errorf("the complaint has changed on its way: %q", document["statement"])
	}
	for line := range strings.Lines(strings.TrimSpace(hindi)) {
		if line = strings.TrimSpace(line); !strings.Contains(a.body["content"].(string), line) {
			t.Errorf("the report's text lacks %q", line)
		}
	}
	event := func(want int, fields map[string]any) answer {
		return h.mustSend(t, want, func() answer { return h.send(t, post("/fir/"+number+"/events", fields)) })
	}
	event(422, map[string]any{"action": "sign", "kind": "thumb"})
	if a = event(200, map[string]any{"action": "sign", "kind": "thumb", "read_over": true, "admitted": true}); a.body["status"] != "registered" {
		t.Errorf("signed, it is %v", a.body["status"])
	}
	lock := func(want int, with string) answer {
		return h.mustSend(t, want, func() answer {
			return h.send(t, post("/authenticate", map[string]any{"fir_number": number, "auth_key": with}))
		})
	}
	lock(401, "another key for locking")
	if a = lock(422, authKey); a.body["error_type"] != string(contract.FormIncomplete) {
		t.Errorf("without the free copy: %v", a.body)
	}
	event(200, map[string]any{"action": "correct", "correction": map[string]any{"copy_given": true}})
	lock(200, authKey)
	lock(400, authKey)
	if a = h.send(t, get(at)); a.body["status"] != "finalized" || a.body["finalized_at"] == nil {
		t.Errorf("locked, it is %v", a.body)
	}
	base := "firs/" + number
	if got, want := h.drawer.keys(), []string{base + ".en.pdf", base + ".hi.pdf", base + ".json"}; !slices.Equal(got, want) {
		t.Errorf("the archive holds %q, want %q", got, want)
	}
	if s := h.drawer.files[base+".json"]; !strings.Contains(string(s), `"finalized"`) || !strings.Contains(string(s), "श्रद्धा") {
		t.Errorf("archived is %s", s)
	}
}

// What each request of the workflow leaves in the traces.
func TestEachDecisionIsTraced(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, story)
	for _, want := range []struct {
		step fir.Step
		deep []string // names that stand somewhere beneath the decision
	}{
		{fir.TranscriptReview, []string{"model_inference_summariser", contract.GGUF}},
		{fir.SummaryReview, []string{"kb_retrieve", "violation_check", "model_inference_bns_check"}},
		{fir.ViolationsReview, []string{"model_inference_fir_summariser"}},
		{fir.NarrativeReview, []string{"render_fir"}},
	} {
		a := h.approve(t, id, want.step)
		d := h.segment(t, a)
		d.WantAnnotations(t, map[string]any{contract.Endpoint: "/validate", contract.SessionID: id, contract.StatusCode: 200.0})
		step := d.Child(t, "validate_"+string(want.step))
		step.WantAnnotations(t, map[string]any{contract.WorkflowStep: string(want.step), contract.Decision: "approved", contract.Success: true})
		below := map[string]int{}
		count(below, step)
		for _, name := range want.deep {
			if below[name] == 0 {
				t.Errorf("%s has no %s beneath it, but %v", step.Name, name, slices.Sorted(maps.Keys(below)))
			}
		}
		if want.step == fir.NarrativeReview {
			d.WantAnnotations(t, map[string]any{contract.FIRNumber: a.body["fir_number"], contract.WorkflowStep: "final_review"})
		}
	}
}

func count(names map[string]int, d tracetest.Document) {
	for _, s := range d.Subsegments {
		names[s.Name]++
		count(names, s)
	}
}

func TestTheSectionsOfATheftAreFoundWithTheirEvidence(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, story)
	h.approve(t, id, fir.TranscriptReview)
	a := h.approve(t, id, fir.SummaryReview)
	content := a.body["content"].(map[string]any)
	found := content["violations"].([]any)
	theft := slices.IndexFunc(found, func(v any) bool { return v.(map[string]any)["section"] == "303" })
	if theft < 0 {
		t.Fatalf("no theft in %v", found)
	}
	if evidence := content["evidence"].(map[string]any)["BNS 303(2)"]; evidence == nil {
		t.Errorf("no words speak for it: %v", content["evidence"])
	}
	if notices := content["notices"].([]any); len(notices) == 0 {
		t.Error("no notice to verify with the schedule")
	}
}

func TestOfTwoApprovalsOneIsDone(t *testing.T) { approvalsAtOnce(t, neighbours{}) }

func approvalsAtOnce(t *testing.T, beside neighbours) {
	t.Helper()
	h := build(t, beside)
	id := h.file(t, story)
	results := make(chan int, 8)
	for range cap(results) {
		go func() {
			results <- h.send(t, post("/validate", map[string]any{"session_id": id, "approved": true, "step": fir.TranscriptReview})).status
		}()
	}
	statuses := map[int]int{}
	for range cap(results) {
		statuses[<-results]++
	}
	if statuses[200] != 1 || statuses[409] != cap(results)-1 {
		t.Errorf("the answers are %v", statuses)
	}
}

func TestRejectionsAreRememberedAndHeeded(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, story)
	h.approve(t, id, fir.TranscriptReview)
	a := h.mustSend(t, 200, func() answer {
		return h.send(t, post("/validate", map[string]any{"session_id": id, "approved": false, "user_input": "say where"}))
	})
	if a.body["current_step"] != string(fir.SummaryReview) {
		t.Errorf("rejected, it is at %v", a.body["current_step"])
	}
	a = h.mustSend(t, 200, func() answer {
		return h.send(t, post("/regenerate/"+id, map[string]any{"step": "summary_review", "user_input": "and when"}))
	})
	if a.body["current_step"] != string(fir.SummaryReview) {
		t.Errorf("regenerated, it is at %v", a.body["current_step"])
	}
	session, err := h.store.Session(t.Context(), id)
	if err != nil || len(session.Notes) != 2 || len(session.History) != 3 {
		t.Errorf("stored are %v, %v, %v", session.Notes, session.History, err)
	}
	h.mustSend(t, 409, func() answer {
		return h.send(t, post("/regenerate/"+id+"?step=fir_narrative_review", map[string]any{}))
	})
	status := h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+id+"/status")) })
	for _, entry := range status.body["validation_history"].([]any) {
		if entry.(map[string]any)["user_input"] != nil {
			t.Errorf("the status tells a note: %v", entry)
		}
	}
}

func TestASessionExpiresAndItsTextsAreDeleted(t *testing.T) { expiry(t, neighbours{}) }

func expiry(t *testing.T, beside neighbours) {
	t.Helper()
	h := build(t, beside)
	id := h.file(t, story)
	h.clock.add(h.backend.cfg.SessionTTL + time.Second)
	for _, r := range []func() answer{
		func() answer { return h.send(t, get("/session/"+id)) },
		func() answer { return h.send(t, post("/validate", map[string]any{"session_id": id, "approved": true})) },
	} {
		if a := h.mustSend(t, 404, r); a.body["error_type"] != string(contract.SessionExpired) {
			t.Errorf("%v", a.body)
		}
	}
	if err := h.backend.Sweep(h.inSegment(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Session(t.Context(), id); err == nil {
		t.Error("the session is still there")
	}
}
