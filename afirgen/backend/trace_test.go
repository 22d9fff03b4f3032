package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/web"
)

// promised is what an answer and its segment have to say.
type promised struct {
	status   int
	kind     contract.ErrorType // "" of a success
	endpoint string
	method   string
}

// keeps holds an answer, its segment and its line in the log against the contract, and returns the segment.
func (h *house) keeps(t *testing.T, a answer, want promised) tracetest.Document {
	t.Helper()
	if a.status != want.status || a.kind() != want.kind && a.body != nil {
		t.Fatalf("the answer is %d %s, want %d %s: %s", a.status, a.kind(), want.status, want.kind, a.raw)
	}
	if detail, _ := a.body["detail"].(string); want.kind != "" && a.body != nil && detail == "" {
		t.Error("an error without a sentence for people")
	}
	d := h.segment(t, a)
	failed := want.status >= 400
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: want.endpoint, contract.HTTPMethod: want.method, contract.StatusCode: float64(want.status),
		contract.ClientIP: nil, contract.Success: !failed, contract.HasError: failed,
	})
	if got := d.Annotations[contract.ErrorKind]; want.kind == "" && got != nil || want.kind != "" && got != string(want.kind) {
		t.Errorf("%s is annotated as %v, want %q", contract.ErrorKind, got, want.kind)
	}
	if d.Error != (want.status >= 400 && want.status < 500) || d.Fault != (want.status >= 500) || d.Throttle != (want.status == 429) {
		t.Errorf("of %d, error is %v, fault %v, throttle %v", want.status, d.Error, d.Fault, d.Throttle)
	}
	if d.HTTP.Response.Status != want.status || d.HTTP.Request.Method != want.method || strings.Contains(d.HTTP.Request.URL, "?") {
		t.Errorf("http is %+v", d.HTTP)
	}
	h.tellsWhy(t, d, want)
	h.logs(t, a)
	return d
}

// tellsWhy wants message and, of a fault, stack and cause.
func (h *house) tellsWhy(t *testing.T, d tracetest.Document, want promised) {
	t.Helper()
	said := d.Metadata[contract.ErrorNamespace]
	message, _ := said[contract.Message].(string)
	stack, _ := said[contract.Stack].(string)
	if (want.kind != "") != (message != "") || (want.status >= 500) != (stack != "") {
		t.Errorf("of %d %s, message is %q and stack %q", want.status, want.kind, message, stack)
	}
	if strings.Contains(stack, "\t/") {
		t.Errorf("the stack tells of the machine: %s", stack)
	}
	if want.status < 500 {
		if len(d.Cause) > 0 {
			t.Errorf("no fault, but a cause: %s", d.Cause)
		}
		return
	}
	if !slices.ContainsFunc(exceptions(t, d, d), func(e exception) bool { return e.Message != "" && len(e.Stack) > 0 }) {
		t.Errorf("no exception has both message and stack: %s", d.Cause)
	}
}

// exception is one of a cause. A cause may also be the id of an exception beneath.
type exception struct {
	ID      string
	Message string
	Stack   []json.RawMessage
}

// exceptions returns those of a document within the whole.
func exceptions(t *testing.T, whole, d tracetest.Document) (found []exception) {
	t.Helper()
	var cause struct{ Exceptions []exception }
	if err := json.Unmarshal(d.Cause, &cause); err == nil {
		return cause.Exceptions
	}
	var id string
	if err := json.Unmarshal(d.Cause, &id); err != nil {
		t.Fatalf("the cause %s: %v", d.Cause, err)
	}
	all(whole, func(s tracetest.Document) {
		if s.ID != d.ID && len(s.Cause) > 0 && s.Cause[0] == '{' {
			for _, e := range exceptions(t, whole, s) {
				if e.ID == id {
					found = append(found, e)
				}
			}
		}
	})
	return found
}

// logs wants one line of access with the trace's id.
func (h *house) logs(t *testing.T, a answer) {
	t.Helper()
	id := a.header.Get("X-Request-Id")
	lines := 0
	for line := range strings.Lines(h.log.String()) {
		var entry struct {
			Msg       string `json:"msg"`
			Service   string `json:"service"`
			RequestID string `json:"request_id"`
			TraceID   string `json:"trace_id"`
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("the line %q: %v", line, err)
		}
		if entry.Msg != "request" || entry.Service != contract.Backend || entry.RequestID != id {
			continue
		}
		if lines++; entry.TraceID != a.trace {
			t.Errorf("the line has the trace %q, want %q", entry.TraceID, a.trace)
		}
	}
	if id == "" || lines != 1 {
		t.Errorf("request %q has %d lines", id, lines)
	}
}

// all calls f on a document and on everything beneath it.
func all(d tracetest.Document, f func(tracetest.Document)) {
	f(d)
	for _, s := range d.Subsegments {
		all(s, f)
	}
}

// named returns every subsegment of that name, at any depth.
func named(d tracetest.Document, name string) (found []tracetest.Document) {
	all(d, func(s tracetest.Document) {
		if s.Name == name {
			found = append(found, s)
		}
	})
	return found
}

func as(method, path string, r *http.Request) *http.Request {
	with := httptest.NewRequest(method, path, r.Body)
	with.Header = r.Header
	return with
}

func TestEveryRefusalIsTracedByTheContract(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, story)
	absent := uuid.NewString()
	approve := func(fields map[string]any) *http.Request { return post("/validate", fields) }
	for name, c := range map[string]struct {
		r    *http.Request
		want promised
	}{
		"nothing sent":         {form(t), promised{400, contract.NoInput, "/process", "POST"}},
		"two inputs":           {form(t, "text", story, "image", "\xff\xd8\xff"), promised{400, contract.MultipleInputs, "/process", "POST"}},
		"a short text":         {form(t, "text", "help"), promised{400, contract.TextTooShort, "/process", "POST"}},
		"no session id":        {approve(map[string]any{"session_id": "x", "approved": true}), promised{400, contract.InvalidSessionID, "/validate", "POST"}},
		"no number":            {get("/fir/" + "FIR-nonsense"), promised{400, contract.InvalidFIRNumber, "/fir/{number}", "GET"}},
		"no number, in three":  {get("/fir/a/b/c/pdf"), promised{400, contract.InvalidFIRNumber, "/fir/{station}/{seq}/{year}/pdf", "GET"}},
		"no cursor":            {get("/list_firs?cursor=!"), promised{400, contract.InvalidCursor, "/list_firs", "GET"}},
		"no language":          {get("/fir/KTW/0001/2026/pdf?lang=xx"), promised{400, contract.InvalidRequest, "/fir/{station}/{seq}/{year}/pdf", "GET"}},
		"no such path":         {get("/nothing/here"), promised{404, contract.NotFound, contract.Unmatched, "GET"}},
		"no such session":      {get("/session/" + absent), promised{404, contract.NotFound, "/session/{id}", "GET"}},
		"no such report":       {get("/fir/KTW/4242/2026"), promised{404, contract.NotFound, "/fir/{station}/{seq}/{year}", "GET"}},
		"no such breaker":      {post("/reliability/circuit-breaker/database/reset", 1), promised{404, contract.NotFound, "/reliability/circuit-breaker/{name}/reset", "POST"}},
		"no such page":         {get("/view_fir/KTW/4242/2026"), promised{404, contract.NotFound, "/view_fir/{station}/{seq}/{year}", "GET"}},
		"another method":       {as("DELETE", "/process", get("/process")), promised{405, contract.MethodNotAllowed, "/process", "DELETE"}},
		"another step":         {approve(map[string]any{"session_id": id, "approved": true, "step": fir.FinalReview}), promised{409, contract.WrongStep, "/validate", "POST"}},
		"another version":      {approve(map[string]any{"session_id": id, "approved": true, "version": 7}), promised{409, contract.VersionConflict, "/validate", "POST"}},
		"a long text":          {form(t, "text", strings.Repeat("x", fir.MaxComplaint+1)), promised{413, contract.TextTooLong, "/process", "POST"}},
		"another type":         {body("text/plain", story), promised{415, contract.WrongType, "/process", "POST"}},
		"an unknown image":     {form(t, "image", "GIF89a"), promised{415, contract.WrongType, "/process", "POST"}},
		"an unknown recording": {form(t, "audio", "OggS"), promised{415, contract.WrongType, "/process", "POST"}},
		"no decision":          {approve(map[string]any{"session_id": id}), promised{422, contract.InvalidRequest, "/validate", "POST"}},
		"no such action":       {post("/fir/KTW/4242/2026/events", map[string]any{"action": "burn"}), promised{404, contract.NotFound, "/fir/{station}/{seq}/{year}/events", "POST"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := h.keeps(t, h.send(t, c.r), c.want)
			if strings.Contains(name, "another step") || strings.Contains(name, "another version") {
				d.WantAnnotations(t, map[string]any{contract.SessionID: id, contract.WorkflowStep: string(fir.TranscriptReview)})
			}
		})
	}
	session, err := h.store.Session(t.Context(), id)
	if err != nil || session.Version != 1 {
		t.Errorf("the refusals have changed the session: %d, %v", session.Version, err)
	}
}

func TestRefusalsOfTheOuterRoomsAreTracedByTheContract(t *testing.T) {
	h := build(t, neighbours{})
	without := get("/list_firs")
	h.keeps(t, sendTo(t, h.handler, without), promised{401, contract.Unauthorized, "/list_firs", "GET"})

	small := h.front(t, func(c *web.Config) { c.MaxBody = 1000 })
	large := form(t, "text", strings.Repeat("x", 2000))
	large.Header.Set("X-API-Key", key)
	h.keeps(t, sendTo(t, small, large), promised{413, contract.TooLarge, "/process", "POST"})

	limited := h.front(t, func(c *web.Config) { c.RateLimit = &web.RateLimit{Requests: 1} })
	for _, want := range []promised{{200, "", "/list_firs", "GET"}, {429, contract.RateLimited, "/list_firs", "GET"}} {
		r := get("/list_firs")
		r.Header.Set("X-API-Key", key)
		h.keeps(t, sendTo(t, limited, r), want)
	}

	h.drain.Begin()
	h.keeps(t, h.send(t, get("/list_firs")), promised{503, contract.Draining, "/list_firs", "GET"})
}

// page answers every request with status and body.
func page(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // a test that does not read has failed already
	})
}

// hangs answers nobody, and lets go of who leaves, which a server sees once it has read the body.
var hangs = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
})

func approval(id string) *http.Request {
	return post("/validate", map[string]any{"session_id": id, "approved": true})
}

// isBack wants the session at its first review again, and says with which error.
func (h *house) isBack(t *testing.T, id string, step fir.Step, kind contract.ErrorType) {
	t.Helper()
	session, err := h.store.Session(t.Context(), id)
	if err != nil || session.Status != fir.AwaitingValidation || session.Step != step || session.ErrorType != string(kind) {
		t.Errorf("the session is %s at %q because of %q (%v), want it back at %s because of %s",
			session.Status, session.Step, session.ErrorType, err, step, kind)
	}
}

func TestFaultsOfTheModelServerAreTracedAndTheSessionComesBack(t *testing.T) {
	// Whole answers that are of no use; secret stands for what a model may repeat of a complaint.
	const secret = "Zyxwvut"
	for name, c := range map[string]struct {
		gguf http.Handler
		want promised
	}{
		"that hangs":                   {hangs, promised{504, contract.UpstreamTimeout, "/validate", "POST"}},
		"that says nothing":            {page(200, `{"result": "  "}`), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers nothing":         {page(200, ""), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers null":            {page(200, "null"), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers a page":          {page(200, "<html><body>"+secret+"</body></html>"), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers half":            {page(200, `{"result": "`+secret), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers another type":    {page(200, `{"result": ["`+secret+`"]}`), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers too much":        {page(200, `{"result": "`+strings.Repeat("y ", 30_000)+`"}`), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that answers 50 MB":           {page(200, `{"result": "`+strings.Repeat(secret, 50<<20/len(secret))+`"}`), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that has failed":              {page(500, secret), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
		"that is busy":                 {page(429, secret), promised{503, contract.UpstreamUnavailable, "/validate", "POST"}},
		"that is away":                 {page(503, secret), promised{503, contract.UpstreamUnavailable, "/validate", "POST"}},
		"without its model":            {page(503, `{"error_type": "model_unavailable"}`), promised{503, contract.ModelUnavailable, "/validate", "POST"}},
		"that finds the text too long": {page(413, `{"error_type": "text_too_long"}`), promised{413, contract.TextTooLong, "/validate", "POST"}},
		"that sends elsewhere":         {http.RedirectHandler("/elsewhere", http.StatusTemporaryRedirect), promised{502, contract.UpstreamFailed, "/validate", "POST"}},
	} {
		t.Run("a model "+name, func(t *testing.T) {
			var short patience
			if c.want.status == http.StatusGatewayTimeout {
				short.inference = 50 * time.Millisecond
			}
			h := build(t, neighbours{gguf: c.gguf, patience: short})
			id := h.file(t, story)
			a := h.send(t, approval(id))
			d := h.keeps(t, a, c.want)
			h.isBack(t, id, fir.TranscriptReview, c.want.kind)
			step := d.Child(t, "validate_transcript_review")
			step.WantAnnotations(t, map[string]any{contract.Success: false, contract.ErrorKind: string(c.want.kind)})
			if step.Fault != (c.want.status >= 500) {
				t.Errorf("the subsegment's fault is %v", step.Fault)
			}
			if strings.Contains(a.raw+h.log.String()+string(h.collector.Raw()), secret) {
				t.Error("what the model said is told")
			}
			if a = h.send(t, get("/session/"+id)); a.body["message"] == "review the transcript" || a.kind() != c.want.kind {
				t.Errorf("the session does not say that its work came to nothing: %v", a.body)
			}
		})
	}
}

func TestEachAttemptIsSeenAndTheBreakerOpens(t *testing.T) {
	asked := 0
	h := build(t, neighbours{gguf: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 3 {
			page(200, `{"result": "A phone was stolen.", "engine": "rules", "usage": {"prompt_tokens": 7, "completion_tokens": 4}}`).ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})})
	other, id := h.file(t, story), h.file(t, story)
	d := h.keeps(t, h.send(t, approval(other)), promised{200, "", "/validate", "POST"})
	attempts := named(d, "model_inference_summariser")
	if len(attempts) != 3 {
		t.Fatalf("of three attempts %d are seen", len(attempts))
	}
	for i, one := range attempts {
		one.WantAnnotations(t, map[string]any{
			contract.ModelName: gguf.Summariser, contract.MaxTokens: 100.0, contract.PromptLength: nil, contract.Success: i == 2})
		if got := one.Metadata[contract.DebugNamespace][contract.Attempt]; got != float64(i+1) {
			t.Errorf("attempt %d is said to be %v", i+1, got)
		}
		call := one.Child(t, contract.GGUF)
		if call.Namespace != "remote" || !call.HTTP.Request.Traced || strings.Contains(call.HTTP.Request.URL, "?") {
			t.Errorf("the call is %+v", call)
		}
	}
	attempts[2].WantAnnotations(t, map[string]any{contract.PromptTokens: 7.0, contract.CompletionTokens: 4.0})

	// Five failures in a row: one approval has three of them, the next two.
	h.send(t, approval(id))
	h.send(t, approval(id))
	asked = 10
	a := h.send(t, approval(id))
	if d = h.keeps(t, a, promised{503, contract.CircuitOpen, "/validate", "POST"}); asked != 10 || a.header.Get("Retry-After") == "" {
		t.Errorf("asked %d times through an open breaker, Retry-After is %q", asked-10, a.header.Get("Retry-After"))
	}
	if one := named(d, "model_inference_"+gguf.BNSCheck); len(one) != 0 {
		t.Errorf("a summary asks for checks: %v", d.ChildNames())
	}
	h.keeps(t, h.send(t, post("/reliability/circuit-breaker/model_server/reset", nil)),
		promised{200, "", "/reliability/circuit-breaker/{name}/reset", "POST"})
}

func TestPanicsAndDamageAreFaultsWithTheirStack(t *testing.T) {
	h := build(t, neighbours{archive: explosive{}})
	a := h.send(t, form(t, "image", jpeg))
	d := h.keeps(t, a, promised{500, contract.Panicked, "/process", "POST"})
	if stack := d.Metadata[contract.ErrorNamespace][contract.Stack].(string); !strings.Contains(stack, "explosive.Put") {
		t.Errorf("the stack does not say where: %s", stack)
	}
	id := d.Annotations[contract.SessionID].(string)
	session, err := h.store.Session(t.Context(), id)
	if err != nil || session.Status != fir.Failed || session.ErrorType != string(contract.Panicked) {
		t.Errorf("after a panic the session is %s because of %q, %v", session.Status, session.ErrorType, err)
	}
}

// explosive is an archive with a mistake in it.
type explosive struct{}

func (explosive) Put(context.Context, string, string, []byte) error {
	var shelves []error
	return shelves[len(jpeg)]
}
func (explosive) Ping(context.Context) error { return errors.New("it explodes") }

const jpeg = "\xff\xd8\xff\xe0 of a letter"

// reads is an asr-ocr server that always reads the same.
func reads(field, text string) http.Handler {
	data, err := json.Marshal(map[string]any{field: text, "language": "en", "confidence": 71.5, "low_confidence": true, "engine": "fake"})
	if err != nil {
		panic(err)
	}
	return page(200, string(data))
}

func TestUploadsAreTracedByTheContract(t *testing.T) {
	for _, c := range []struct{ field, data, answer, subsegment, kind, folder string }{
		{"image", jpeg, "extracted_text", "ocr", "image/jpeg", "images/"},
		{"image", "%PDF-1.7 of a letter", "extracted_text", "ocr", "application/pdf", "documents/"},
		{"audio", "RIFF\x00\x00\x00\x00WAVEfmt ", "transcript", "asr", "audio/wav", "audio/"},
		{"audio", "ID3 of a song", "transcript", "asr", "audio/mpeg", "audio/"},
	} {
		h := build(t, neighbours{asrocr: reads(c.answer, story)})
		a := h.send(t, form(t, c.field, c.data))
		d := h.keeps(t, a, promised{200, "", "/process", "POST"})
		d.WantAnnotations(t, map[string]any{contract.HasText: false, contract.HasImage: c.field == "image", contract.HasAudio: c.field == "audio",
			contract.SessionID: a.body["session_id"], contract.WorkflowStep: string(fir.TranscriptReview)})
		work := d.Child(t, contract.ProcessRequest)
		size := float64(len(c.data))
		work.Child(t, contract.ArchiveUpload).WantAnnotations(t, map[string]any{contract.ContentType: c.kind, contract.FileSize: size})
		one := work.Child(t, c.subsegment)
		one.WantAnnotations(t, map[string]any{contract.Operation: c.subsegment, contract.ContentType: c.kind, contract.FileSize: size,
			contract.Success: true, contract.Language: "en", contract.LowConfidence: true})
		if call := one.Child(t, contract.ASROCR); call.Namespace != "remote" || !call.HTTP.Request.Traced {
			t.Errorf("the call is %+v", call)
		}
		if keys := h.drawer.keys(); len(keys) != 1 || !strings.HasPrefix(keys[0], c.folder+a.body["session_id"].(string)+"_") {
			t.Errorf("the archive holds %q", keys)
		}
	}
}

var (
	keyPattern = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	// literals of SQL: what stands between quotes, and numbers that are no LIMIT 1 of ours.
	literal = regexp.MustCompile(`'[^']+'|\b[0-9]{4,}\b`)
)

func TestTheWholeWorkflowKeepsTheFormOfDocuments(t *testing.T) {
	h := build(t, neighbours{})
	_, number := h.toFinal(t, story)
	id, _ := h.toFinal(t, story)
	h.approve(t, id, fir.FinalReview)
	h.keeps(t, h.send(t, get("/fir/"+number+"/pdf?lang=hi")), promised{200, "", "/fir/{station}/{seq}/{year}/pdf", "GET"})
	h.keeps(t, h.send(t, get("/view_fir_records")), promised{200, "", "/view_fir_records", "GET"})
	h.keeps(t, h.send(t, get("/reliability")), promised{200, "", "/reliability", "GET"})
	statements := 0
	for _, whole := range h.collector.Documents() {
		all(whole, func(d tracetest.Document) {
			for key, value := range d.Annotations {
				if _, isList := value.([]any); !keyPattern.MatchString(key) || isList || key == "error" {
					t.Errorf("%s: the annotation %q is %T", d.Name, key, value)
				}
			}
			if d.SQL.SanitizedQuery == "" {
				return
			}
			statements++
			if found := literal.FindString(d.SQL.SanitizedQuery); found != "" || d.Namespace != "remote" || d.SQL.DatabaseType == "" {
				t.Errorf("%s, %s, %s: the statement %q holds %q", d.Name, d.Namespace, d.SQL.DatabaseType, d.SQL.SanitizedQuery, found)
			}
		})
	}
	if statements == 0 {
		t.Error("no statement is seen")
	}
}

func TestEachCheckOfASectionIsSeen(t *testing.T) {
	say := "YES"
	h := build(t, neighbours{gguf: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(200, fmt.Sprintf(`{"result": %q, "usage": {"completion_tokens": -3}}`, say)).ServeHTTP(w, r)
	})})
	id := h.file(t, story)
	h.approve(t, id, fir.TranscriptReview)
	for _, c := range []struct {
		says     string
		violated any // nil where it is not known
	}{{"MAYBE", nil}, {"Not sure", nil}, {"Yesterday", nil}, {" yes.", true}, {"No, it does not", false}} {
		say = c.says
		d := h.keeps(t, h.send(t, post("/regenerate/"+id, map[string]any{"step": "violations_review"})), promised{409, contract.WrongStep, "/regenerate/{id}", "POST"})
		if len(named(d, contract.ViolationCheck)) != 0 {
			t.Error("a refused request has been worked on")
		}
		a := h.approve(t, id, fir.SummaryReview)
		d = h.segment(t, a)
		found := named(d, contract.KBRetrieve)[0]
		checks := named(d, contract.ViolationCheck)
		if hits, _ := found.Annotations[contract.Hits].(float64); int(hits) != len(checks) || hits < 1 {
			t.Fatalf("of %v hits %d are checked", hits, len(checks))
		}
		sections := map[any]bool{}
		for _, check := range checks {
			check.WantAnnotations(t, map[string]any{contract.Section: nil, contract.Success: c.violated != nil})
			sections[check.Annotations[contract.Section]] = true
			if check.Annotations[contract.Violated] != c.violated {
				t.Errorf("of %q, violated is %v", c.says, check.Annotations[contract.Violated])
			}
			if inner := named(check, "model_inference_"+gguf.BNSCheck); len(inner) != 1 {
				t.Errorf("a check has asked %d times", len(inner))
			}
			if check.Fault != (c.violated == nil) {
				t.Errorf("of %q, fault is %v", c.says, check.Fault)
			}
		}
		if len(sections) != len(checks) {
			t.Errorf("%d checks of %d sections", len(checks), len(sections))
		}
		content := a.body["content"].(map[string]any)
		failed, list := content["checks_failed"].(float64), content["violations"].([]any)
		if c.violated == nil && int(failed) != len(checks) || c.violated != nil && failed != 0 || (c.violated == true) != (len(list) > 0) {
			t.Errorf("of %q, %v checks have failed and %d sections are listed", c.says, failed, len(list))
		}
		if c.violated == nil { // an unfinished search must not pass for a clean one
			h.keeps(t, h.send(t, approval(id)), promised{422, contract.InvalidRequest, "/validate", "POST"})
		}
		say = "A summary again."
		h.keeps(t, h.send(t, post("/regenerate/"+id, map[string]any{"step": "summary_review"})), promised{200, "", "/regenerate/{id}", "POST"})
	}
}
