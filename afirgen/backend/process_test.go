package backend

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

const story = "My purse was stolen at the bus stand at 7 p.m. on Monday. The thief ran towards the river. It was raining."

func TestATypedComplaintIsDraftedStoredAndTraced(t *testing.T) {
	h := build(t, neighbours{})
	a := h.send(t, form(t, "text", story))
	id, _ := a.body["session_id"].(string)
	if a.status != 200 || a.body["success"] != true || a.body["transcript"] != story || a.body["engine"] != "rules" ||
		a.body["current_step"] != string(fir.SummaryReview) || a.body["trace_id"] != a.trace || id == "" {
		t.Fatalf("%d %v", a.status, a.body)
	}
	if summary, _ := a.body["summary"].(string); !strings.Contains(summary, "stolen") {
		t.Errorf("the summary is %q", summary)
	}
	session, err := h.store.Get(t.Context(), id)
	if err != nil || session.Status != fir.AwaitingValidation || session.Transcript != story || session.Summary != a.body["summary"] ||
		session.Version != 2 || !slices.Equal(session.Done, []fir.Done{fir.SummaryDone}) || session.TraceID != a.trace {
		t.Errorf("stored is %+v, %v", session, err)
	}

	d := h.segment(t, a)
	usage, _ := a.body["usage"].(map[string]any)
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: "/process", contract.HTTPMethod: "POST", contract.StatusCode: 200.0, contract.Success: true,
		contract.HasError: false, contract.ClientIP: nil, contract.SessionID: id, contract.WorkflowStep: string(fir.SummaryReview),
		contract.HasText: true, contract.HasImage: false, contract.HasAudio: false,
	})
	process := d.Child(t, contract.ProcessRequest)
	if got, want := process.ChildNames(), []string{"sessions.db", "model_inference_summariser", "sessions.db"}; !slices.Equal(got, want) {
		t.Fatalf("the steps are %q, want %q", got, want)
	}
	insert, model, update := process.Subsegments[0], process.Subsegments[1], process.Subsegments[2]
	wantSQL(t, insert, "INSERT INTO session")
	wantSQL(t, update, "UPDATE session")
	model.WantAnnotations(t, map[string]any{
		contract.ModelName: "summariser", contract.MaxTokens: 100.0, contract.PromptLength: float64(len(story)), contract.Success: true,
		contract.PromptTokens: usage["prompt_tokens"], contract.CompletionTokens: usage["completion_tokens"],
	})
	h.wantCall(t, model.Child(t, contract.GGUF), contract.GGUF, "/inference")
}

func wantSQL(t *testing.T, d tracetest.Document, query string) {
	t.Helper()
	if d.Namespace != "remote" || d.SQL.DatabaseType != "SQLite" || !strings.HasPrefix(d.SQL.SanitizedQuery, query) {
		t.Errorf("%q is %+v, want a remote SQLite subsegment with %s", d.Name, d, query)
	}
}

// wantCall wants a remote subsegment named after the callee whose own segment hangs beneath it.
func (h *house) wantCall(t *testing.T, call tracetest.Document, service, path string) {
	t.Helper()
	if call.Namespace != "remote" || !call.HTTP.Request.Traced || call.HTTP.Response.Status != 200 || !strings.HasSuffix(call.HTTP.Request.URL, path) {
		t.Errorf("the call of %s is %+v", service, call)
	}
	callee := h.collector.Await(t, service, func(d tracetest.Document) bool { return d.ParentID == call.ID })
	if callee.Annotations[contract.Endpoint] != path {
		t.Errorf("%s was called at %v", service, callee.Annotations[contract.Endpoint])
	}
}

func TestAPhotographedLetterIsReadFirst(t *testing.T) {
	h := build(t, neighbours{})
	a := h.send(t, form(t, "image", string(samples.Letter())))
	if a.status != 200 || a.body["language"] == nil || a.body["confidence"] == nil {
		t.Fatalf("%d %v", a.status, a.body)
	}
	if steps, want := a.body["steps"].([]any), []any{"ocr_done", "summary_done"}; !slices.Equal(steps, want) {
		t.Errorf("the steps are %v, want %v", steps, want)
	}
	if text, _ := a.body["transcript"].(string); !strings.Contains(text, "brown leather bag") {
		t.Errorf("the transcript is %q", text)
	}
	process := h.segment(t, a).Child(t, contract.ProcessRequest)
	if got, want := process.ChildNames(), []string{"sessions.db", "ocr", "model_inference_summariser", "sessions.db"}; !slices.Equal(got, want) {
		t.Fatalf("the steps are %q, want %q", got, want)
	}
	ocr := process.Child(t, contract.OCR)
	ocr.WantAnnotations(t, map[string]any{contract.FileSize: float64(len(samples.Letter())), contract.Language: a.body["language"], contract.Success: true})
	h.wantCall(t, ocr.Child(t, contract.ASROCR), contract.ASROCR, "/ocr")
}

func TestEveryFormOfATextIsTaken(t *testing.T) {
	h := build(t, neighbours{})
	const hindi = "कल रात मेरे घर में चोरी हुई।\nचोर मोबाइल ले गए।"
	for _, c := range []struct {
		title string
		r     *http.Request
		text  string
	}{
		{"a form", form(t, "text", hindi), hindi},
		{"a form whose other fields are empty", form(t, "text", story, "image", "", "audio", ""), story},
		{"JSON", body("application/json", `{"text":"My bag was stolen.\nToday\u0000."}`), "My bag was stolen.\nToday."},
		{"a plain form", body("application/x-www-form-urlencoded", "text=My+bag+was+stolen."), "My bag was stolen."},
		{"the query, as of old", query(hindi), hindi},
	} {
		t.Run(c.title, func(t *testing.T) {
			if a := h.send(t, c.r); a.status != 200 || a.body["transcript"] != c.text {
				t.Errorf("%d %v, want the transcript %q", a.status, a.body, c.text)
			}
		})
	}
}

func TestWhatIsWrongWithAComplaintIsSaid(t *testing.T) {
	h := build(t, neighbours{})
	letter := string(samples.Letter())
	noText := "\x89PNG\r\n\x1a\nthis is no image"
	wrongMethod := httptest.NewRequest("PUT", "/process", nil)
	for _, c := range []struct {
		title  string
		r      *http.Request
		status int
		kind   contract.ErrorType
	}{
		{"nothing", form(t), 400, contract.NoInput},
		{"nothing at all", httptest.NewRequest("POST", "/process", nil), 400, contract.NoInput},
		{"empty fields", form(t, "text", "  ", "image", ""), 400, contract.NoInput},
		{"text and image", form(t, "text", story, "image", letter), 400, contract.MultipleInputs},
		{"two texts", form(t, "text", story, "text", story), 400, contract.MultipleInputs},
		{"text in body and query", func() *http.Request { r := form(t, "text", story); r.URL.RawQuery = "text=x"; return r }(), 400, contract.MultipleInputs},
		{"nine characters", form(t, "text", " 123456789 "), 400, contract.TextTooShort},
		{"50,001 characters", form(t, "text", strings.Repeat("a", 50_001)), 413, contract.TextTooLong},
		{"200,001 bytes", form(t, "text", strings.Repeat("a", 200_001)), 413, contract.TooLarge},
		{"no UTF-8", form(t, "text", "my bag was \xff\xfe stolen"), 400, contract.InvalidRequest},
		{"audio", form(t, "audio", "RIFF....WAVE"), 503, contract.ModelUnavailable},
		{"a GIF", form(t, "image", "GIF89a"), 415, contract.WrongType},
		{"a damaged image", form(t, "image", noText), 422, contract.Undecodable},
		{"too large an image", form(t, "image", letter+strings.Repeat("x", 25<<20)), 413, contract.TooLarge},
		{"too large a body", form(t, "image", strings.Repeat("x", 27<<20)), 413, contract.TooLarge},
		{"plain text", body("text/plain", story), 415, contract.WrongType},
		{"broken JSON", body("application/json", `{"text":"My bag`), 400, contract.InvalidRequest},
		{"a number", body("application/json", `{"text":9876543210}`), 422, contract.InvalidRequest},
		{"a wrong method", wrongMethod, 405, contract.MethodNotAllowed},
		{"a wrong path", httptest.NewRequest("POST", "/processes", nil), 404, contract.NotFound},
	} {
		t.Run(c.title, func(t *testing.T) {
			a := h.send(t, c.r)
			if a.status != c.status || a.body["error_type"] != string(c.kind) || a.body["detail"] == "" {
				t.Fatalf("%d %v, want %d %s", a.status, a.body, c.status, c.kind)
			}
			d := h.segment(t, a)
			d.WantAnnotations(t, map[string]any{contract.StatusCode: float64(c.status), contract.ErrorKind: string(c.kind), contract.HasError: true})
			if d.Error != (c.status < 500) || d.Fault != (c.status >= 500) {
				t.Errorf("error %t and fault %t for %d", d.Error, d.Fault, c.status)
			}
			for _, s := range d.Subsegments {
				if s.Fault != d.Fault || s.Error != d.Error {
					t.Errorf("the subsegment %s has error %t and fault %t", s.Name, s.Error, s.Fault)
				}
			}
		})
	}
}

func TestNothingThatPeopleWroteIsTracedOrLogged(t *testing.T) {
	h := build(t, neighbours{})
	words := []string{"Zorawar", "Quillfeather", "9123456780", "Xanadu", "चन्द्रमुखी"}
	const complaint = "I am Zorawar Quillfeather of Xanadu Street, phone 9123456780. My wife चन्द्रमुखी was threatened with a knife."
	for _, r := range []*http.Request{
		form(t, "text", complaint),
		body("application/json", `{"text":"`+complaint+`"}`),
		body("application/json", `{"text":"`+complaint),      // broken
		body("application/json", `{"text":9123456780}`),      // of the wrong type
		body("application/json", `{"Zorawar":"9123456780"}`), // of the wrong name
		body("text/Zorawar", complaint),
		query(complaint),
		query("Zorawar"), // too short
		form(t, "text", complaint, "audio", "Quillfeather"),
		form(t, "image", "Quillfeather"),
		form(t, "Quillfeather", complaint),
		httptest.NewRequest("GET", "/Zorawar/9123456780?name=Quillfeather", nil),
		httptest.NewRequest("GET", "/session/Zorawar", nil),
		form(t, "image", string(samples.Letter())),
	} {
		r.Header.Set("X-Request-Id", "Zorawar 9123456780")
		a := h.send(t, r)
		h.segment(t, a)
	}
	words = append(words, "Deshpande", "leather", "scooter")
	h.collector.Await(t, contract.ASROCR)
	for _, word := range words {
		for name, all := range map[string][]byte{"traces": h.collector.Raw(), "logs": []byte(h.log.String())} {
			if i := bytes.Index(all, []byte(word)); i >= 0 && !urlOnly(all, word) {
				t.Errorf("%q is in the %s: …%s…", word, name, all[max(0, i-150):min(len(all), i+100)])
			}
		}
	}
}

// urlOnly allows a path that a caller made up in the segment's http.request.url, which X-Ray's segments have: no
// complaint stands in a path of ours.
func urlOnly(all []byte, word string) bool {
	const path = "/Zorawar/9123456780"
	rest := bytes.ReplaceAll(all, []byte(path), nil)
	rest = bytes.ReplaceAll(rest, []byte("/session/Zorawar"), nil)
	return !bytes.Contains(rest, []byte(word))
}

func TestTracesOfRequestsAtTheSameTimeDoNotMix(t *testing.T) {
	h := build(t, neighbours{})
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			a := h.send(t, form(t, "text", story))
			d := h.segment(t, a)
			d.WantAnnotations(t, map[string]any{contract.SessionID: a.body["session_id"]})
			if n := len(d.Child(t, contract.ProcessRequest).Subsegments); n != 3 {
				t.Errorf("a request has %d steps, want its own 3", n)
			}
		})
	}
	wait.Wait()
}

func TestACallerWhoGoesEndsTheWorkAndTheSessionSaysSo(t *testing.T) {
	asked, cancelled := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		// Only a body that was read lets net/http notice that the caller goes.
		_, _ = bytes.NewBuffer(nil).ReadFrom(r.Body)
		close(asked)
		<-r.Context().Done()
		close(cancelled)
	})
	h := build(t, neighbours{gguf: slow})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	a := h.send(t, form(t, "text", story).WithContext(ctx))
	if a.status != 499 {
		t.Errorf("status %d, want 499", a.status)
	}
	<-cancelled // the neighbour has learnt it too
	d := h.segment(t, a)
	d.WantAnnotations(t, map[string]any{contract.ErrorKind: string(contract.ClientCancelled)})
	if d.Fault {
		t.Error("the segment is a fault, but it was the caller who went")
	}
	session, err := h.store.Get(t.Context(), d.Annotations[contract.SessionID].(string))
	if err != nil || session.Status != fir.Failed || session.ErrorType != string(contract.ClientCancelled) {
		t.Errorf("the session is %+v, %v", session, err)
	}
}

// watched looks at the gate while an answer is written.
type watched struct {
	http.ResponseWriter
	running func() int
	seen    *int
}

func (w watched) Write(p []byte) (int, error) {
	*w.seen = w.running()
	return w.ResponseWriter.Write(p)
}

func TestACallerWhoReadsSlowlyHoldsNoPlace(t *testing.T) {
	h := build(t, neighbours{})
	seen := -1
	r := form(t, "text", story)
	r.Header.Set("X-API-Key", key)
	answer := httptest.NewRecorder()
	h.handler.ServeHTTP(watched{answer, func() int { return h.backend.requests.State().Running }, &seen}, r)
	if answer.Code != http.StatusOK || seen != 0 {
		t.Errorf("status %d; while the answer was written %d places were held", answer.Code, seen)
	}
}
