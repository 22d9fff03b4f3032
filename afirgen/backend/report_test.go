package backend

import (
	"database/sql"
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/store"
)

// plain names no offence, so that a report has the sections that a test charges.
const plain = "Dear officer, I write to you about what my neighbour has done to me near the old mill."

// charge is a section as a clerk enters it.
func charge(section, class string, years any, confidence string) map[string]any {
	return map[string]any{"act": "BNS", "section": section, "title": map[string]any{"en": "An offence"}, "cognizable": class,
		"bailable": "bailable", "max_years": years, "confidence": confidence}
}

// lately is an occurrence of yesterday that was told now.
func (h *house) lately() map[string]any {
	now := h.clock.now()
	return map[string]any{"date_from": now.In(fir.India()).AddDate(0, 0, -1).Format(time.DateOnly), "time_from": "19:00",
		"diary_entry": "017", "diary_time": "20:10", "received_at": now.Format(time.RFC3339)}
}

// drafted brings a complaint to its last review with these charges and details, and returns its number.
func (h *house) drafted(t *testing.T, details map[string]any, charges ...map[string]any) (id, number string) {
	t.Helper()
	id = h.file(t, plain)
	h.approve(t, id, fir.TranscriptReview)
	h.approve(t, id, fir.SummaryReview)
	correction := items()
	correction["occurrence"] = h.lately()
	maps.Copy(correction, details)
	correction["add_charges"] = charges
	h.mustSend(t, 200, func() answer {
		return h.send(t, post("/session/"+id+"/correct", map[string]any{"correction": correction}))
	})
	h.approve(t, id, fir.ViolationsReview)
	a := h.approve(t, id, fir.NarrativeReview)
	return id, a.body["fir_number"].(string)
}

// reviewed is drafted, and the session completed.
func (h *house) reviewed(t *testing.T, details map[string]any, charges ...map[string]any) (number string) {
	t.Helper()
	id, number := h.drafted(t, details, charges...)
	h.approve(t, id, fir.FinalReview)
	return number
}

func sign(more map[string]any) map[string]any {
	fields := map[string]any{"action": "sign", "kind": "signature", "read_over": true, "admitted": true}
	maps.Copy(fields, more)
	return fields
}

func do(action string) map[string]any { return map[string]any{"action": action} }

var theft = charge("303", "cognizable", 3, "high")

func TestNothingHappensToADraftBeforeItsSessionIsCompleted(t *testing.T) {
	h := build(t, neighbours{})
	id, number := h.drafted(t, nil, theft)
	for _, action := range []string{"sign", "await_signature", "enter_ncr", "correct", "renumber", "transfer", "lapse"} {
		fields := sign(map[string]any{"action": action, "correction": map[string]any{"inquest": "none"}})
		if a := h.event(t, 409, number, fields); a.kind() != contract.WrongStep {
			t.Errorf("%s: %s", action, a.raw)
		}
	}
	if a := h.send(t, get("/fir/"+number)); a.body["review_pending"] != true || a.body["status"] != "draft" {
		t.Errorf("%v", a.body)
	}
	h.approve(t, id, fir.FinalReview)
	lock := h.send(t, post("/authenticate", map[string]any{"fir_number": number, "auth_key": authKey}))
	if lock.status != 409 {
		t.Errorf("unsigned, it is locked with %d", lock.status)
	}
	version := h.send(t, get("/fir/"+number)).body["version"].(float64)
	h.event(t, 409, number, sign(map[string]any{"version": version - 1}))
	h.event(t, 200, number, sign(map[string]any{"version": version}))
	h.event(t, 409, number, sign(nil))
	h.event(t, 422, number, do("burn"))
}

func TestTheLastReviewWantsTheMandatoryItems(t *testing.T) {
	h := build(t, neighbours{})
	id, _ := h.drafted(t, map[string]any{"complainant": map[string]any{"name": "A"}}, theft)
	a := h.send(t, approval(id))
	d := h.keeps(t, a, promised{422, contract.FormIncomplete, "/validate", "POST"})
	d.WantAnnotations(t, map[string]any{contract.WorkflowStep: string(fir.FinalReview)})
	if problems, _ := a.body["problems"].([]any); len(problems) != 2 {
		t.Errorf("missing are the two addresses, told are %v", a.body["problems"])
	}
	if a = h.send(t, get("/session/"+id)); a.body["current_step"] != string(fir.FinalReview) {
		t.Errorf("it is at %v", a.body["current_step"])
	}
}

func TestAnElectronicReportIsSignedInThreeDaysOrLapses(t *testing.T) {
	h := build(t, neighbours{})
	electronic := map[string]any{"information_type": "electronic"}
	signed, read, swept := h.reviewed(t, electronic, theft), h.reviewed(t, electronic, theft), h.reviewed(t, electronic, theft)
	written := h.reviewed(t, nil, theft)
	h.event(t, 409, written, do("await_signature"))
	for _, number := range []string{signed, read, swept} {
		a := h.event(t, 200, number, do("await_signature"))
		due, err := time.Parse(time.RFC3339, a.body["signature_due"].(string))
		if a.body["status"] != "awaiting_signature" || err != nil || due.Sub(h.clock.now()).Round(time.Minute) != 72*time.Hour {
			t.Errorf("it is %v, due %v, %v", a.body["status"], due, err)
		}
		h.event(t, 409, number, do("lapse"))
	}
	h.clock.add(70 * time.Hour)
	if err := h.backend.Sweep(h.inSegment(t)); err != nil {
		t.Fatal(err)
	}
	if a := h.event(t, 200, signed, sign(nil)); a.body["status"] != "registered" {
		t.Errorf("signed in time, it is %v", a.body["status"])
	}
	h.clock.add(50 * time.Hour) // the third day is over, whichever way days are counted
	statuses := make(chan answer, 4)
	for range cap(statuses) {
		go func() { statuses <- h.send(t, get("/fir/"+read)) }()
	}
	for range cap(statuses) {
		if a := <-statuses; a.status != 200 || a.body["status"] != "lapsed" {
			t.Errorf("overdue, it is %d: %v", a.status, a.body["status"])
		}
	}
	if err := h.backend.Sweep(h.inSegment(t)); err != nil {
		t.Fatal(err)
	}
	rows, _, err := h.store.List(t.Context(), store.Filter{State: fir.StateLapsed})
	if err != nil || len(rows) != 2 {
		t.Errorf("%d reports have lapsed, %v", len(rows), err)
	}
	h.event(t, 409, swept, sign(nil))
	h.event(t, 409, swept, map[string]any{"action": "correct", "correction": map[string]any{"inquest": "none"}})
	if a := h.send(t, get("/fir/"+signed)); a.body["status"] != "registered" {
		t.Errorf("the signed one is %v", a.body["status"])
	}
}

func TestAZeroReportGoesToItsStation(t *testing.T) {
	h := build(t, neighbours{})
	number := h.reviewed(t, map[string]any{
		"place":  map[string]any{"address": "Ferry", "outside_station": map[string]any{"code": "HZG", "name": "Hazratganj", "district": "Lucknow", "state": "Uttar Pradesh"}},
		"action": map[string]any{"kind": "transferred", "transfer_to": map[string]any{"code": "HZG", "name": "Hazratganj", "district": "Lucknow"}},
	}, theft)
	if !strings.HasPrefix(number, "KTW/0-0001/") {
		t.Errorf("a Zero FIR has the number %s", number)
	}
	h.event(t, 409, number, do("transfer"))
	if a := h.event(t, 200, number, sign(nil)); a.body["status"] != "zero" {
		t.Errorf("signed, it is %v", a.body["status"])
	}
	if a := h.event(t, 200, number, do("transfer")); a.body["status"] != "transferred" {
		t.Errorf("it is %v", a.body["status"])
	}
	acknowledge := func(want int, number, as string) answer {
		return h.event(t, want, number, map[string]any{"action": "acknowledge", "number": as})
	}
	if a := acknowledge(422, number, "my own number"); a.kind() != contract.InvalidFIRNumber || strings.Contains(a.raw, "my own") {
		t.Errorf("%s", a.raw)
	}
	acknowledge(422, number, "KTW/0007/2026")
	if a := acknowledge(200, number, "HZG/0007/2026"); a.body["received_as"] != "HZG/0007/2026" {
		t.Errorf("received as %v", a.body["received_as"])
	}
	acknowledge(409, number, "HZG/0008/2026")
	if a := h.send(t, post("/authenticate", map[string]any{"fir_number": number, "auth_key": authKey})); a.status != 409 {
		t.Errorf("a transferred report is locked with %d", a.status)
	}
}

func TestAnNCRGetsANumberOfItsSeries(t *testing.T) {
	h := build(t, neighbours{})
	insult := charge("352", "non_cognizable", 2, "high")
	direct := h.reviewed(t, nil, insult)
	if !strings.HasPrefix(direct, "KTW/NCR-0001/") {
		t.Errorf("an NCR has the number %s", direct)
	}
	h.event(t, 409, direct, sign(nil))
	if a := h.event(t, 200, direct, do("enter_ncr")); a.body["status"] != "ncr" {
		t.Errorf("it is %v", a.body["status"])
	}

	// A theft that turns out to be an insult.
	number := h.reviewed(t, nil, theft)
	h.event(t, 409, number, do("renumber"))
	h.event(t, 200, number, map[string]any{"action": "correct", "correction": map[string]any{
		"strike_charges": []map[string]any{{"act": "BNS", "section": "303"}}, "add_charges": []map[string]any{insult}}})
	h.event(t, 422, number, do("enter_ncr"))
	a := h.event(t, 200, number, do("renumber"))
	renumbered := a.body["fir_number"].(string)
	if !strings.HasPrefix(renumbered, "KTW/NCR-0002/") || !slices.Contains(a.body["former_numbers"].([]any), any(number)) {
		t.Errorf("%s has become %s, formerly %v", number, renumbered, a.body["former_numbers"])
	}
	if a = h.send(t, get("/fir/"+number)); a.body["fir_number"] != renumbered {
		t.Errorf("by its former number one finds %v", a.body["fir_number"])
	}
	h.event(t, 200, number, do("enter_ncr"))
	h.event(t, 200, number, map[string]any{"action": "correct", "correction": map[string]any{"copy_given": true}})
	lock := post("/authenticate", map[string]any{"fir_number": number, "auth_key": authKey})
	if a = h.send(t, lock); a.status != 200 || a.body["fir_number"] != renumbered {
		t.Errorf("%s", a.raw)
	}
}

func TestAPreliminaryEnquiryNeedsPermissionAndEnds(t *testing.T) {
	h := build(t, neighbours{})
	enquire := func(more map[string]any) map[string]any {
		fields := sign(map[string]any{"action": "enquire", "permission": map[string]any{"reference": "DySP/12",
			"officer": map[string]any{"name": "An Officer", "rank": "DySP", "number": "9"}, "at": h.clock.now().Format(time.RFC3339)}})
		maps.Copy(fields, more)
		return fields
	}
	number := h.reviewed(t, nil, theft)
	h.event(t, 422, number, enquire(map[string]any{"permission": map[string]any{}}))
	h.event(t, 422, number, enquire(map[string]any{"read_over": false}))
	a := h.event(t, 200, number, enquire(nil))
	due, err := time.Parse(time.RFC3339, a.body["enquiry_due"].(string))
	if a.body["status"] != "preliminary_enquiry" || err != nil || due.Sub(h.clock.now()).Round(time.Minute) != 14*24*time.Hour {
		t.Errorf("it is %v, due %v, %v", a.body["status"], due, err)
	}
	conclude := func(yes bool, finding string) map[string]any {
		return map[string]any{"action": "conclude_enquiry", "prima_facie": yes, "finding": finding}
	}
	h.event(t, 422, number, conclude(true, ""))
	if a = h.event(t, 200, number, conclude(true, "There is a case.")); a.body["status"] != "registered" {
		t.Errorf("it is %v", a.body["status"])
	}
	refused := h.reviewed(t, nil, theft)
	h.event(t, 200, refused, enquire(nil))
	h.clock.add(20 * 24 * time.Hour)
	if a = h.event(t, 200, refused, conclude(false, "There is none.")); a.body["status"] != "refused" || a.body["finding"] != "There is none." {
		t.Errorf("it is %v: %v", a.body["status"], a.body["finding"])
	}
	h.event(t, 409, refused, sign(nil))
	grave := h.reviewed(t, nil, charge("103", "cognizable", "death", "high"))
	h.event(t, 409, grave, enquire(nil))
}

func TestNumbersCountPerYearOfIndia(t *testing.T) {
	h := build(t, neighbours{})
	eve := time.Date(2027, 12, 31, 18, 29, 0, 0, time.UTC) // 23:59 in India
	h.clock.add(eve.Sub(h.clock.now()))
	var numbers []string
	for range 3 {
		number := h.reviewed(t, nil, theft)
		numbers = append(numbers, number)
		h.clock.add(45 * time.Second)
	}
	if want := []string{"KTW/0001/2027", "KTW/0002/2027", "KTW/0001/2028"}; !slices.Equal(numbers, want) {
		t.Errorf("around New Year the numbers are %q, want %q", numbers, want)
	}
	// A clock that goes back must not count into the year that is closed.
	h.clock.add(-time.Hour)
	id := h.file(t, plain)
	for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview} {
		h.approve(t, id, step)
	}
	h.keeps(t, h.send(t, approval(id)), promised{409, contract.WrongStep, "/validate", "POST"})
	h.isBack(t, id, fir.NarrativeReview, contract.WrongStep)
}

func TestDraftsAtOnceGetNumbersWithoutGaps(t *testing.T) { concurrentDrafts(t, neighbours{}) }

func concurrentDrafts(t *testing.T, beside neighbours) {
	t.Helper()
	h := build(t, beside)
	const n = 12
	ids := make([]string, n)
	for i := range ids {
		ids[i] = h.file(t, plain)
		for _, step := range []fir.Step{fir.TranscriptReview, fir.SummaryReview, fir.ViolationsReview} {
			h.approve(t, ids[i], step)
		}
	}
	answers := make(chan answer, 2*n)
	for range 2 { // each twice
		for _, id := range ids {
			go func() { answers <- h.send(t, approval(id)) }()
		}
	}
	var numbers []string
	for range 2 * n {
		switch a := <-answers; a.status {
		case 200:
			numbers = append(numbers, a.body["fir_number"].(string))
		case 409:
		default: // an approval that came so late that it approves the report wants its items
			if a.kind() != contract.FormIncomplete {
				t.Errorf("%d: %s", a.status, a.raw)
			}
		}
	}
	slices.Sort(numbers)
	year := h.clock.now().In(fir.India()).Year()
	for i, number := range numbers {
		if want := fmt.Sprintf("KTW/%04d/%d", i+1, year); number != want {
			t.Errorf("number %d is %s, want %s", i+1, number, want)
		}
	}
	if len(numbers) != n {
		t.Errorf("of %d sessions %d have a number", n, len(numbers))
	}
}

func TestTheListPagesWithoutGapOrRepetition(t *testing.T) {
	var db *sql.DB
	h := build(t, neighbours{wrap: func(open store.OpenDB) store.OpenDB {
		return func(driver, dsn string) (_ *sql.DB, err error) {
			db, err = open(driver, dsn)
			return db, err
		}
	}})
	h.reviewed(t, nil, theft)
	ctx := h.inSegment(t)
	for i := range 249 { // five of each moment
		_, err := db.ExecContext(ctx, `INSERT INTO reports (session_id, fir_number, station, series, year, seq, state, trace_id, created_at, updated_at, version, body)
			SELECT ?, ?, station, series, year, ?, ?, trace_id, created_at - ?, updated_at, version, body FROM reports WHERE seq = 1`,
			fmt.Sprint("session-", i), fmt.Sprintf("KTW/%04d/2026", i+2), i+2, []string{"draft", "registered"}[i%2], 1_000_001*(i/5))
		if err != nil {
			t.Fatal(err)
		}
	}
	seen, before := map[string]bool{}, ""
	next := ""
	for page := 1; ; page++ {
		a := h.mustSend(t, 200, func() answer { return h.send(t, get("/list_firs?limit=37&cursor="+url.QueryEscape(next))) })
		rows := a.body["items"].([]any)
		if a.body["total_count"] != 250.0 || a.body["count"] != float64(len(rows)) || len(a.body["records"].([]any)) != len(rows) {
			t.Errorf("%v of %v", a.body["count"], a.body["total_count"])
		}
		for _, row := range rows {
			row := row.(map[string]any)
			number, at := row["fir_number"].(string), row["created_at"].(string)
			if seen[number] || before != "" && at > before || len(row) != 4 {
				t.Errorf("row %v comes twice, out of order or with other fields", row)
			}
			seen[number], before = true, at
		}
		next = a.body["next_cursor"].(string)
		if (next != "") != a.body["has_more"].(bool) || page > 10 {
			t.Fatalf("page %d: has_more is %v, next_cursor %q", page, a.body["has_more"], next)
		}
		if next == "" {
			break
		}
	}
	if len(seen) != 250 {
		t.Errorf("%d rows of 250 were shown", len(seen))
	}
	a := h.mustSend(t, 200, func() answer { return h.send(t, get("/list_firs?status=registered&fields=status&offset=100")) })
	if rows := a.body["items"].([]any); a.body["total_count"] != 124.0 || len(rows) != 20 || len(rows[0].(map[string]any)) != 1 {
		t.Errorf("%v", a.body)
	}
	encode := base64.URLEncoding.EncodeToString
	for _, query := range []string{"limit=0", "limit=101", "limit=x", "limit=1e1", "offset=-1", "offset=99999999999999999999", "fields=body", "fields=fir_number,", "fields=,",
		"status=secret", "cursor=!!!", "cursor=" + encode([]byte("null")), "cursor=" + encode([]byte("{}")), "cursor=" + encode([]byte("[]")),
		"cursor=" + encode([]byte(`{"last_id":"1 OR 1=1","last_value":"2026-01-01T00:00:00Z"}`)), "cursor=" + encode([]byte(`{"last_id":-1,"last_value":"2026-01-01T00:00:00Z"}`))} {
		if a := h.send(t, get("/list_firs?"+query)); a.status != 400 || strings.Contains(a.raw, "secret") {
			t.Errorf("%s: %d, %s", query, a.status, a.raw)
		}
	}
	if a := h.send(t, get("/view_fir_records")); strings.Count(a.raw, "<tr>") != 101 {
		t.Errorf("the page has %d rows", strings.Count(a.raw, "<tr>"))
	}
}

func TestPagesEscapeWhatPeopleWrote(t *testing.T) {
	h := build(t, neighbours{})
	const evil = `My bag was stolen. <script>alert("x")</script> <img src=x onerror=alert(1)> </pre> {{.}} & 'quoted'`
	_, number := h.toFinal(t, evil)
	for _, path := range []string{"/view_fir/" + number, "/view_fir/" + url.PathEscape(number)} {
		a := h.send(t, get(path))
		if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") || !strings.Contains(a.raw, "&lt;script&gt;alert(") {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
		if strings.Contains(a.raw, "<script") || strings.Contains(a.raw, "<img") || strings.Count(a.raw, "</pre>") != 1 {
			t.Errorf("%s is not escaped: %s", path, a.raw)
		}
	}
	for path, want := range map[string]int{"/view_fir/<b>x": 400, "/view_fir/KTW/4242/2026": 404, "/view_fir/FIR-1a2b3c4d-20260214093000": 404, "/view_fir/FIR-1a2b3c4d": 400} {
		r := get("/")
		r.URL.Path = path
		if a := h.send(t, r); a.status != want || strings.Contains(a.raw, "<b>") || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", path, a.status, a.raw)
		}
	}
}

func TestNumbersOfTheOldSystemAndOthersThatAreNone(t *testing.T) {
	h := build(t, neighbours{})
	for number, want := range map[string]int{"FIR-1a2b3c4d-20260214093000": 404, "FIR-1A2B3C4D-20260214093000": 400, "KTW%2F0042%2F2026": 404,
		"KTW/0042/2026": 404, "KTW/042/2026": 400, "KTW/00042/2026": 400, "ktw/0042/2026": 400, "KTW/0000/2026": 400, "KTW/99999999999/2026": 400,
		"KTW/0042/20260": 400, "KTW%2F0042%2F2026%00": 400, "%E0%A4%95": 400, "KTW/NCR-0042/2026": 404, "KTW/0-0042/2026": 404} {
		for _, path := range []string{"", "/content", "/pdf"} {
			if a := h.send(t, get("/fir/"+number+path)); a.status != want {
				t.Errorf("%s%s: %d, want %d", number, path, a.status, want)
			}
		}
	}
	for number, want := range map[string]int{"FIR-1a2b3c4d-20260214093000": 404, "": 400, "KTW/0042/2026": 404, strings.Repeat("K", 5000): 400} {
		if a := h.send(t, post("/authenticate", map[string]any{"fir_number": number, "auth_key": authKey})); a.status != want {
			t.Errorf("locking %.50s: %d, want %d", number, a.status, want)
		}
	}
}

func TestTheReportIsPrintedInBothLanguages(t *testing.T) {
	h := build(t, neighbours{})
	_, number := h.toFinal(t, "मेरा मोबाइल फ़ोन बस अड्डे पर मेरे थैले से चोरी हो गया।")
	for _, language := range []string{"en", "hi"} {
		a := h.send(t, get("/fir/"+number+"/pdf?lang="+language))
		if a.status != 200 || a.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(a.raw, "%PDF-") {
			t.Fatalf("%d %s %.20q", a.status, a.header.Get("Content-Type"), a.raw)
		}
		program := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
		program.Stdin = strings.NewReader(a.raw)
		text, err := program.Output()
		if err != nil || !strings.Contains(string(text), number) || !strings.Contains(string(text), "मोबाइल") {
			t.Errorf("in %s it says %.400s, %v", language, text, err)
		}
	}
}
