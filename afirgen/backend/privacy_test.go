package backend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
)

// person is everything personal that one run through the house brings along.
type person struct {
	complaint, hindi, note, finding, key string
	details                              map[string]any
}

func informant() person {
	return person{
		complaint: "I, Shraddhanjali Krishnamoorthy, daughter of Venkatasubramanian Krishnamoorthy, live at Flat 407, Padmanabhaswamy Residency, Tiruvottiyur 600019. " +
			"My phone +91 98412 67350 and 9841267350, my mail shraddhanjali.k77@postkasten.example, my Aadhaar 4821 7730 9165 and 482177309165, my PAN BQXPK4471Z. " +
			"On Monday at 7 p.m. Balasubramaniam Thevar of Kodambakkam snatched my bag at the bus stand, hit me with an iron rod and threatened to kill me.",
		hindi: "मेरा नाम अनुराधिका चट्टोपाध्याय है, पता मकान 219, मीनाक्षीपुरम, विजयवाडा। मेरा मोबाइल ९८४१२६७३५१ और 9841267351, आधार 482177309166, पैन BQXPK4472Z, मेल anuradhika.c@postkasten.example है। " +
			"सोमवार की शाम बस अड्डे पर दिग्विजयनाथ त्रिवेदी ने मेरा मोबाइल फ़ोन चुरा लिया और जान से मारने की धमकी दी।",
		note:    "Mention that Gnanasekaran Pillai of Mylapore saw it, phone 9841267352",
		finding: "Ramalingeswaran Gounder has admitted it before Inspector Chidambaranathan",
		key:     "Schluesselbund-des-Wachtmeisters-4417",
		details: map[string]any{
			"complainant": map[string]any{"name": "Shraddhanjali Krishnamoorthy", "relative_name": "Venkatasubramanian", "uid_number": "482177309165",
				"passport_number": "ZK8837214", "phone": "9841267350", "present_address": "Padmanabhaswamy Residency", "permanent_address": "Pudukkottai", "occupation": "Goldschmiedin"},
			"accused":       []map[string]any{{"kind": "known", "name": "Balasubramaniam Thevar", "alias": "Kuttimani", "address": "Kodambakkam", "physical_features": "Narbengesicht"}},
			"properties":    []map[string]any{{"category": "jewellery", "type": "Mangalsutram", "description": "engraved Kamalakshi", "value_rupees": 91500}},
			"delay_reasons": "I was at Vijayalakshmi Maternity", "inquest": "Totenschau-5581",
		},
	}
}

// nobody goes the same ways and has nothing to hide: what the house says of this run is its own vocabulary.
func nobody() person {
	return person{complaint: plain, hindi: plain, note: "be brief", finding: "nothing was found", key: "none of the keys", details: map[string]any{}}
}

// words are the letters and digits of every piece of 4 characters or more, in lower case.
func words(text string) (list []string) {
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	}) {
		// A piece of a telephone number that is four digits long stands in many a time stamp.
		least := 4
		if strings.Trim(word, "0123456789") == "" {
			least = 6
		}
		if utf8.RuneCountInString(word) >= least {
			list = append(list, word)
		}
	}
	return list
}

// said is everything that the house has sent to the daemon and written to its log, escapes undone.
func (h *house) said(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	raw := append(h.collector.Raw(), []byte(h.log.String())...)
	b.Write(raw)
	for line := range bytes.Lines(raw) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		var value any
		if err := json.Unmarshal(line, &value); err != nil {
			t.Fatalf("the line %q: %v", line, err)
		}
		spell(&b, value)
	}
	return strings.ToLower(b.String())
}

func spell(b *strings.Builder, value any) {
	switch v := value.(type) {
	case string:
		b.WriteString(v + "\n")
	case []any:
		for _, one := range v {
			spell(b, one)
		}
	case map[string]any:
		for key, one := range v {
			b.WriteString(key + "\n")
			spell(b, one)
		}
	}
}

// live sends a person through every door of the house, and against every wall.
func live(t *testing.T, p person) *house {
	t.Helper()
	echo := echoing{fail: make(chan http.Handler, 10)}
	h := build(t, neighbours{gguf: echo, asrocr: reads("extracted_text", p.complaint), patience: patience{inference: 20 * time.Millisecond}})
	send := func(r *http.Request) answer { return h.send(t, r) }
	data, err := json.Marshal(map[string]string{"text": p.hindi, "language": "hi"})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*http.Request{
		form(t, "text", p.hindi), body(jsonType, string(data)), query(p.complaint), form(t, "image", jpeg+p.complaint),
		form(t, "text", p.complaint, "image", jpeg), form(t, "text", p.complaint+"\xe9"), form(t, "text", strings.Repeat(p.complaint, 1000)),
		form(t, "text", p.complaint, "language", p.complaint), form(t, "text", p.complaint, "information_type", p.note),
		form(t, "image", p.complaint), form(t, "audio", p.complaint), form(t, p.complaint, p.complaint), body(jsonType, p.complaint),
		body(jsonType, `{"text": `+string(data)+`}`), body("multipart/form-data; boundary=x", p.complaint), body(p.note, p.complaint),
		post("/validate", map[string]any{"session_id": p.complaint, "approved": true}), post("/regenerate/x", map[string]any{"step": p.complaint}),
		post("/authenticate", map[string]any{"fir_number": p.complaint, "auth_key": p.key}), get("/list_firs?cursor=" + queryEscape(p.complaint) + "&fields=" + queryEscape(p.note)),
		get("/list_firs?status=" + queryEscape(p.note)),
	} {
		send(r)
	}

	id := h.file(t, p.complaint)
	decide := func(fields map[string]any) answer {
		fields["session_id"] = id
		return send(post("/validate", fields))
	}
	decide(map[string]any{"approved": true, "step": p.note})
	decide(map[string]any{"approved": true, "step": fir.FinalReview, "user_input": p.note})
	decide(map[string]any{"approved": false, "user_input": p.note})
	decide(map[string]any{"approved": false, "user_input": strings.Repeat(p.note+" ", 300)})
	said, err := json.Marshal(map[string]string{"detail": p.complaint, "error_type": p.note})
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range []http.Handler{page(500, p.complaint), page(422, string(said)), page(200, p.complaint), page(200, `{"result": ["`+p.note+`"]}`), hangs} {
		echo.fail <- failure
		decide(map[string]any{"approved": true, "user_input": p.note})
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	send(approval(id).WithContext(gone))
	send(post("/reliability/circuit-breaker/model_server/reset", nil))
	correct := func(fields map[string]any) answer {
		return send(post("/session/"+id+"/correct", map[string]any{"correction": fields}))
	}
	correct(p.details)
	correct(map[string]any{"transcript": p.complaint})
	correct(map[string]any{"complainant": map[string]any{"name": strings.Repeat(p.note, 50)}, "occurrence": map[string]any{"date_from": p.note}})
	h.approve(t, id, fir.TranscriptReview)
	send(post("/regenerate/"+id, map[string]any{"step": "summary_review", "user_input": p.note}))
	correct(map[string]any{"summary": p.complaint})
	h.approve(t, id, fir.SummaryReview)
	correct(map[string]any{"add_charges": []map[string]any{theft, {"act": p.note, "section": p.note, "cognizable": p.note}}})
	correct(map[string]any{"add_charges": []map[string]any{theft}, "ruling": map[string]any{"reason": p.note}})
	h.approve(t, id, fir.ViolationsReview)
	a := h.approve(t, id, fir.NarrativeReview)
	number := a.body["fir_number"].(string)
	correct(items())
	correct(p.details)
	a = h.approve(t, id, fir.FinalReview)
	event := func(fields map[string]any) answer { return send(post("/fir/"+number+"/events", fields)) }
	event(map[string]any{"action": p.note})
	event(map[string]any{"action": "enquire", "permission": map[string]any{"reference": p.note, "officer": map[string]any{"name": p.finding}}})
	event(map[string]any{"action": "conclude_enquiry", "finding": p.finding})
	event(map[string]any{"action": "acknowledge", "number": p.finding})
	event(sign(map[string]any{"by": p.note}))
	event(map[string]any{"action": "correct", "correction": map[string]any{"copy_given": true, "despatch": map[string]any{"officer": map[string]any{"name": p.finding}}}})
	h.drawer.fail(errors.New("the disk is full"))
	lock := map[string]any{"fir_number": number, "auth_key": authKey}
	send(post("/authenticate", lock))
	h.drawer.fail(nil)
	if a := send(post("/authenticate", lock)); a.status != 200 {
		t.Fatalf("the way does not lead to its end: %s", a.raw)
	}
	for _, path := range []string{"/session/" + id, "/session/" + id + "/status", "/fir/" + number, "/fir/" + number + "/content", "/fir/" + number + "/pdf?lang=hi",
		"/view_fir/" + number, "/view_fir_records", "/list_firs", "/health", "/metrics/summary", "/reliability"} {
		if a := send(get(path)); a.status != 200 {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
	h.clock.add(2 * time.Hour)
	if err := h.backend.Sweep(h.inSegment(t)); err != nil {
		t.Fatal(err)
	}
	h.segment(t, send(get("/list_firs"))) // everything before it has been sent
	return h
}

func queryEscape(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, " ", "+"), "&", "")
}

// echoing is a model that repeats what it is asked, and now and then does what fail says.
type echoing struct{ fail chan http.Handler }

func (e echoing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case failure := <-e.fail:
		failure.ServeHTTP(w, r)
		return
	default:
	}
	var asked inferenceRequest
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	answer := asked.Prompt
	if asked.MaxTokens == 3 {
		answer = "YES"
	}
	data, err := json.Marshal(map[string]any{"result": answer, "engine": "echo"})
	if err != nil {
		panic(err)
	}
	page(200, string(data)).ServeHTTP(w, r)
}

func TestNothingThatPeopleWroteIsInTracesOrLogs(t *testing.T) {
	p := informant()
	personal, err := json.Marshal(p.details)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join([]string{p.complaint, p.hindi, p.note, p.finding, p.key, authKey, string(personal)}, "\n")
	own := map[string]bool{}
	for _, word := range words(live(t, nobody()).said(t)) {
		own[word] = true
	}
	h := live(t, p)
	said := h.said(t)
	spoken := map[string]bool{}
	for _, word := range words(said) {
		spoken[word] = true
	}
	searched := 0
	for _, word := range words(text) {
		if own[word] {
			continue
		}
		searched++
		// A short word may stand within another of ours.
		if spoken[word] || utf8.RuneCountInString(word) >= 8 && strings.Contains(said, word) {
			t.Errorf("%q, which a person wrote, is in a trace or in the log", word)
		}
	}
	for _, number := range []string{"98412 67350", "4821 7730 9165", "shraddhanjali.k77@", "flat 407", authKey} {
		if strings.Contains(said, number) {
			t.Errorf("%q, which a person wrote, is in a trace or in the log", number)
		}
	}
	if searched < 100 || !spoken[contract.Backend[:7]] || !strings.Contains(said, strings.ToLower(h.collector.Documents()[0].TraceID)) {
		t.Errorf("%d words were searched for in %d bytes: the search itself does not work", searched, len(said))
	}
	if slices.Contains(words(said), key) {
		t.Error("the API key is in a trace or in the log")
	}
}
