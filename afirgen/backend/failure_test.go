package backend

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/store"
)

// held is a model server that says when it was asked, and answers when it is told to.
type held struct {
	asked chan struct{}
	go_   chan struct{}
	says  string
}

func holding(says string) *held {
	return &held{asked: make(chan struct{}, 100), go_: make(chan struct{}), says: says}
}

func (m *held) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked <- struct{}{}
	select {
	case <-m.go_:
		page(200, `{"result": "`+m.says+`"}`).ServeHTTP(w, r)
	case <-r.Context().Done():
	}
}

// later sends in the background; the answer comes through the channel.
func (h *house) later(t *testing.T, r *http.Request) <-chan answer {
	t.Helper()
	got := make(chan answer, 1)
	r.Header.Set("X-API-Key", key)
	var wait sync.WaitGroup
	wait.Go(func() { got <- sendTo(t, h.handler, r) })
	t.Cleanup(wait.Wait)
	return got
}

func TestACallerWhoLeavesInMidStepLeavesTheSessionAtItsReview(t *testing.T) {
	model := holding("A summary.")
	h := build(t, neighbours{gguf: model})
	id := h.file(t, story)
	ctx, leave := context.WithCancel(t.Context())
	got := h.later(t, approval(id).WithContext(ctx))
	<-model.asked
	a := h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+id+"/status")) })
	if a.body["status"] != string(fir.Processing) || a.body["work"] != string(fir.Summarise) {
		t.Errorf("in mid-step the session is %v", a.body)
	}
	h.keeps(t, h.send(t, approval(id)), promised{409, contract.WrongStep, "/validate", "POST"})
	leave()
	h.keeps(t, <-got, promised{499, contract.ClientCancelled, "/validate", "POST"})
	h.isBack(t, id, fir.TranscriptReview, contract.ClientCancelled)
	close(model.go_)
	h.approve(t, id, fir.TranscriptReview)
}

func TestADrainWaitsForTheWorkInHand(t *testing.T) {
	model := holding("A summary.")
	h := build(t, neighbours{gguf: model})
	id := h.file(t, story)
	got := h.later(t, approval(id))
	<-model.asked
	idle := h.drain.Begin()
	h.keeps(t, h.send(t, get("/session/"+id)), promised{503, contract.Draining, "/session/{id}", "GET"})
	close(model.go_)
	if a := <-got; a.status != 200 || a.body["current_step"] != string(fir.SummaryReview) {
		t.Errorf("the work in hand has ended as %d: %s", a.status, a.raw)
	}
	<-idle
}

func TestWhenAllPlacesAreTakenTheNextIsTurnedAway(t *testing.T) {
	model := holding("A summary.")
	h := build(t, neighbours{gguf: model, change: func(c *Config) { c.MaxRequests = 1 }})
	ids := make([]string, 9)
	for i := range ids {
		ids[i] = h.file(t, story)
	}
	var pending []<-chan answer
	for _, id := range ids[:8] { // one works, and seven wait
		pending = append(pending, h.later(t, approval(id)))
	}
	<-model.asked
	for deadline := time.Now().Add(10 * time.Second); h.backend.requests.State().Waiting < 7; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("before the gate stand %+v", h.backend.requests.State())
		}
	}
	a := h.send(t, approval(ids[8]))
	h.keeps(t, a, promised{503, contract.Overloaded, "/validate", "POST"})
	if a.header.Get("Retry-After") == "" {
		t.Error("it is not said when to come again")
	}
	h.isBack(t, ids[8], fir.TranscriptReview, "")
	close(model.go_)
	for _, p := range pending {
		if a := <-p; a.status != 200 {
			t.Errorf("one that waited got %d: %s", a.status, a.raw)
		}
	}
}

// abandoned puts a session into the state in which a server that was killed in mid-work leaves it.
func (h *house) abandoned(t *testing.T, id string) {
	t.Helper()
	ctx := h.inSegment(t)
	session, err := h.store.Session(ctx, id)
	if err == nil {
		session, err = fir.Apply(session, fir.Event{At: h.clock.now(), Version: session.Version, Do: fir.Approve{}})
	}
	if err == nil {
		err = h.store.UpdateSession(ctx, session)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestWorkOfAServerThatWasKilledIsTakenBackOnceItsLeaseIsOver(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, story)
	h.abandoned(t, id)
	h.clock.add(fir.Lease - time.Second)
	h.keeps(t, h.send(t, approval(id)), promised{409, contract.WrongStep, "/validate", "POST"})
	h.clock.add(time.Second)
	statuses := make(chan int, 4)
	for range cap(statuses) { // readers are not in each other's way
		go func() { statuses <- h.send(t, get("/session/"+id)).status }()
	}
	for range cap(statuses) {
		if got := <-statuses; got != 200 {
			t.Errorf("a reader got %d", got)
		}
	}
	h.isBack(t, id, fir.TranscriptReview, contract.Internal)
	h.approve(t, id, fir.TranscriptReview)

	// What came in last when the server died has no review to go back to.
	ctx := h.inSegment(t)
	upload, err := fir.Apply(fir.Session{}, fir.Event{At: h.clock.now(), Do: fir.Open{ID: h.backend.cfg.NewID(), Station: station()}})
	if err == nil {
		err = h.store.CreateSession(ctx, upload)
	}
	if err != nil {
		t.Fatal(err)
	}
	h.clock.add(fir.Lease)
	a := h.mustSend(t, 200, func() answer { return h.send(t, get("/session/"+upload.ID)) })
	if a.body["status"] != string(fir.Failed) || a.body["success"] != false {
		t.Errorf("it is %v", a.body)
	}
}

func TestAnArchiveThatFailsKeepsUploadsAndLocksOut(t *testing.T) {
	h := build(t, neighbours{asrocr: reads("extracted_text", story)})
	h.drawer.fail(errors.New("the disk is full"))
	a := h.send(t, form(t, "image", jpeg))
	d := h.keeps(t, a, promised{503, contract.ArchiveFailed, "/process", "POST"})
	if a.header.Get("Retry-After") == "" || !d.Child(t, contract.ProcessRequest).Child(t, contract.ArchiveUpload).Fault {
		t.Errorf("Retry-After is %q, and the upload is %+v", a.header.Get("Retry-After"), d.Subsegments)
	}
	if len(named(d, contract.OCR)) != 0 {
		t.Error("what is not kept has been read")
	}
	h.drawer.fail(nil)
	_, number := h.registered(t, story)
	h.event(t, 200, number, map[string]any{"action": "correct", "correction": map[string]any{"copy_given": true}})
	lock := func() answer {
		return h.send(t, post("/authenticate", map[string]any{"fir_number": number, "auth_key": authKey}))
	}
	h.drawer.fail(errors.New("the disk is full"))
	h.keeps(t, lock(), promised{503, contract.ArchiveFailed, "/authenticate", "POST"})
	if a := h.send(t, get("/fir/"+number)); a.body["status"] != "registered" || a.body["finalized_at"] != nil {
		t.Errorf("without its place in the archive it is %v", a.body["status"])
	}
	h.drawer.fail(nil)
	h.keeps(t, lock(), promised{200, "", "/authenticate", "POST"})
	h.keeps(t, lock(), promised{400, contract.AlreadyFinalized, "/authenticate", "POST"})
}

// registered brings a complaint to a registered report.
func (h *house) registered(t *testing.T, text string) (id, number string) {
	t.Helper()
	id, number = h.toFinal(t, text)
	h.approve(t, id, fir.FinalReview)
	h.event(t, 200, number, map[string]any{"action": "sign", "kind": "signature", "read_over": true, "admitted": true})
	return id, number
}

func (h *house) event(t *testing.T, want int, number string, fields map[string]any) answer {
	t.Helper()
	return h.mustSend(t, want, func() answer { return h.send(t, post("/fir/"+number+"/events", fields)) })
}

func TestAFullDiskRefusesWithoutHalves(t *testing.T) {
	var db *sql.DB
	h := build(t, neighbours{wrap: func(open store.OpenDB) store.OpenDB {
		return func(driver, dsn string) (_ *sql.DB, err error) {
			db, err = open(driver, dsn+"&_pragma=max_page_count(200)")
			return db, err
		}
	}})
	if _, err := db.ExecContext(h.inSegment(t), "CREATE TABLE filler (x BLOB)"); err != nil {
		t.Fatal(err)
	}
	first := h.file(t, strings.Repeat(story+"\n", 60)) // its report takes pages of its own
	for range 4 {                                      // to the narrative, while there is room
		h.mustSend(t, 200, func() answer { return h.send(t, approval(first)) })
		if session, err := h.store.Session(t.Context(), first); err != nil {
			t.Fatal(err)
		} else if session.Step == fir.NarrativeReview {
			break
		}
	}
	large := strings.Repeat("It was raining. ", 3000)
	full := answer{}
	for range 100 {
		if full = h.send(t, form(t, "text", large)); full.status != 200 {
			break
		}
	}
	h.keeps(t, full, promised{503, contract.StoreUnavailable, "/process", "POST"})
	// The last pages go one by one, so that not even a report has room.
	ctx := h.inSegment(t)
	for n := 0; ; n++ {
		if _, err := db.ExecContext(ctx, "INSERT INTO filler VALUES (zeroblob(3500))"); err != nil {
			break
		}
		if n > 1000 {
			t.Fatal("the disk does not get full")
		}
	}
	a := h.send(t, approval(first))
	h.keeps(t, a, promised{503, contract.StoreUnavailable, "/validate", "POST"})
	session, err := h.store.Session(t.Context(), first)
	if err != nil || !session.Details.Header.Number.IsZero() {
		t.Errorf("a number without a report: %v, %v", session.Details.Header.Number, err)
	}
	if n, err := h.store.Count(t.Context(), "", ""); n != 0 || err != nil {
		t.Errorf("%d reports stand half written, %v", n, err)
	}
}

func TestADamagedRowIsAFaultThatTellsNothing(t *testing.T) {
	var db *sql.DB
	h := build(t, neighbours{wrap: func(open store.OpenDB) store.OpenDB {
		return func(driver, dsn string) (_ *sql.DB, err error) {
			db, err = open(driver, dsn)
			return db, err
		}
	}})
	id := h.file(t, story)
	if _, err := db.ExecContext(h.inSegment(t), `UPDATE sessions SET body = '{"session_id": 7, "secret": "Zyxwvut"}' WHERE id = ?`, id); err != nil {
		t.Fatal(err)
	}
	a := h.send(t, get("/session/"+id))
	h.keeps(t, a, promised{500, contract.StoreFailed, "/session/{id}", "GET"})
	if strings.Contains(a.raw+h.log.String()+string(h.collector.Raw()), "Zyxwvut") {
		t.Error("the row is told")
	}
}

func TestASearchWhoseModelHangsSaysSo(t *testing.T) {
	h := build(t, neighbours{patience: patience{check: 50 * time.Millisecond}, gguf: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked inferenceRequest
		if err := json.NewDecoder(r.Body).Decode(&asked); err == nil && asked.ModelName == gguf.BNSCheck {
			hangs(w, r)
			return
		}
		page(200, `{"result": "A phone was stolen."}`).ServeHTTP(w, r)
	})})
	id := h.file(t, story)
	h.approve(t, id, fir.TranscriptReview)
	a := h.approve(t, id, fir.SummaryReview)
	content := a.body["content"].(map[string]any)
	timedOut, failed := content["checks_timed_out"].(float64), content["checks_failed"].(float64)
	d := h.segment(t, a)
	checks := float64(len(named(d, contract.ViolationCheck)))
	if timedOut == 0 || timedOut+failed != checks { // the breaker opens after five
		t.Errorf("of %v checks %v took too long and %v failed", checks, timedOut, failed)
	}
	d.Child(t, "validate_summary_review").WantAnnotations(t, map[string]any{contract.ChecksTimedOut: timedOut, contract.ChecksFailed: failed})
	h.keeps(t, h.send(t, approval(id)), promised{422, contract.InvalidRequest, "/validate", "POST"})
}

func TestSpeechAndPhotographsThatSayNothingAreToldSo(t *testing.T) {
	for name, c := range map[string]struct {
		asrocr http.Handler
		send   []string
		want   promised
	}{
		"silence":              {page(422, `{"error_type": "no_speech_found"}`), []string{"audio", "ID3"}, promised{422, contract.NoSpeechFound, "/process", "POST"}},
		"a word or two":        {reads("transcript", "help me"), []string{"audio", "ID3"}, promised{422, contract.NoSpeechFound, "/process", "POST"}},
		"no audio":             {page(422, `{"error_type": "undecodable_audio"}`), []string{"audio", "ID3"}, promised{422, contract.UndecodableAudio, "/process", "POST"}},
		"an empty image":       {reads("extracted_text", ""), []string{"image", jpeg}, promised{422, contract.NoTextFound, "/process", "POST"}},
		"a corrupt image":      {page(422, `{"error_type": "undecodable_image"}`), []string{"image", jpeg}, promised{422, contract.Undecodable, "/process", "POST"}},
		"a bomb":               {page(413, `{"error_type": "too_large"}`), []string{"image", jpeg}, promised{413, contract.TooLarge, "/process", "POST"}},
		"a broken document":    {page(422, `{"error_type": "undecodable_document"}`), []string{"image", "%PDF-1.4"}, promised{422, contract.UndecodableFile, "/process", "POST"}},
		"a book":               {reads("extracted_text", strings.Repeat("word ", 20_000)), []string{"image", jpeg}, promised{413, contract.TextTooLong, "/process", "POST"}},
		"no engine":            {page(503, `{"error_type": "model_unavailable"}`), []string{"image", jpeg}, promised{503, contract.ModelUnavailable, "/process", "POST"}},
		"no such language":     {page(422, `{"error_type": "unknown_language"}`), []string{"image", jpeg, "language", "tlh"}, promised{422, contract.WrongLanguage, "/process", "POST"}},
		"an engine that hangs": {hangs, []string{"image", jpeg}, promised{504, contract.UpstreamTimeout, "/process", "POST"}},
	} {
		t.Run(name, func(t *testing.T) {
			var short patience
			if c.want.status == 504 {
				short.ocr = 50 * time.Millisecond
			}
			h := build(t, neighbours{asrocr: c.asrocr, patience: short})
			d := h.keeps(t, h.send(t, form(t, c.send...)), c.want)
			session, err := h.store.Session(t.Context(), d.Annotations[contract.SessionID].(string))
			if err != nil || session.Status != fir.Failed || session.ErrorType != string(c.want.kind) {
				t.Errorf("the session is %s because of %q, %v", session.Status, session.ErrorType, err)
			}
		})
	}
}
