package gguf

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// endpoint is an engine whose endpoint answers with handle, under /v1 and a path.
func endpoint(t *testing.T, path string, handle http.HandlerFunc) *Endpoint {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL + "/v1" + path)
	if err != nil {
		t.Fatal(err)
	}
	client := server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return NewEndpoint(base, "llama-3", "sk-secret", client)
}

func says(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const eventStream = "text/event-stream"

func TestAnEndpointIsAskedAsTheAPIWants(t *testing.T) {
	for path, want := range map[string]string{"": "/v1/chat/completions", "/chat/completions": "/v1/chat/completions", "/completions": "/v1/completions"} {
		e := endpoint(t, path, func(w http.ResponseWriter, r *http.Request) {
			var body map[string]any
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			if r.URL.Path != want || r.Method != "POST" || r.Header.Get("Authorization") != "Bearer sk-secret" || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
			}
			prompt := body["prompt"]
			if messages, ok := body["messages"].([]any); ok {
				message, _ := messages[0].(map[string]any)
				prompt = message["content"]
				if message["role"] != "user" {
					t.Errorf("the role is %v", message["role"])
				}
			}
			if stops, _ := body["stop"].([]any); prompt != "चोरी <b>" || body["model"] != "llama-3" || body["max_tokens"] != 9.0 ||
				body["temperature"] != 0.0 || body["stream"] != true || len(stops) != 4 {
				t.Errorf("asked is %v", body)
			}
			says(200, "application/json", `{"choices":[{"text":"yes","message":{"content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}`)(w, r)
		})
		done, err := e.Infer(t.Context(), Prompt{Text: "चोरी <b>", MaxTokens: 9, Stop: []string{"1", "2", "3", "4", "5"}}, deaf)
		if err != nil || done != (Completion{"yes", FinishStop, Usage{3, 1, 4, TokenizerOfEndpoint}}) {
			t.Errorf("%q: %+v, %v", path, done, err)
		}
	}
}

func TestAnEndpointsAnswersAreUnderstood(t *testing.T) {
	for _, c := range []struct {
		title, kind, body string
		stop              []string
		want              Completion
	}{
		{"a chat at once", "application/json; charset=utf-8",
			`{"choices":[{"message":{"role":"assistant","content":" One. "},"finish_reason":"length"}],"usage":{"prompt_tokens":2,"completion_tokens":9}}`, nil,
			Completion{"One.", FinishLength, Usage{2, 9, 11, TokenizerOfEndpoint}}},
		{"no usage", "application/json", `{"choices":[{"text":"One two.","finish_reason":"stop"}]}`, nil,
			Completion{"One two.", FinishStop, Usage{1, 3, 4, TokenizerName}}},
		{"an empty text", "application/json", `{"choices":[{"text":"","finish_reason":"stop"}]}`, nil,
			Completion{"", FinishStop, Usage{1, 0, 1, TokenizerName}}},
		{"a chat in pieces", eventStream, "" +
			": keep-alive\n\ndata: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n" +
			"data: {\"choices\":[{\"delta\":{\"content\":\"मेरा \"}}]}\n\ndata:{\"choices\":[{\"delta\":{\"content\":\"बैग\"}}]}\n\n" +
			"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n" +
			"data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":4}}\n\ndata: [DONE]\n\n", nil,
			Completion{"मेरा बैग", FinishStop, Usage{5, 4, 9, TokenizerOfEndpoint}}},
		{"a stop string that the endpoint passes over", eventStream,
			"data: {\"choices\":[{\"text\":\"YES\"}]}\n\ndata: {\"choices\":[{\"text\":\"\\nbecause\"}]}\n\n", []string{"\n"},
			Completion{"YES", FinishStop, Usage{1, 1, 2, TokenizerName}}},
		{"no [DONE]", eventStream, "data: {\"choices\":[{\"text\":\"One\",\"finish_reason\":\"length\"}]}\n\n", nil,
			Completion{"One", FinishLength, Usage{1, 1, 2, TokenizerName}}},
	} {
		shown := ""
		done, err := endpoint(t, "", says(200, c.kind, c.body)).Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9, Stop: c.stop}, func(text string) error {
			shown += text
			return nil
		})
		if err != nil || done != c.want || shown != c.want.Text {
			t.Errorf("%s: %+v, shown %q, %v", c.title, done, shown, err)
		}
	}
}

func TestWhatIsWrongWithAnEndpointIsSaid(t *testing.T) {
	const quoting = `{"error":{"message":"cannot answer: Meera Kulkarni","type":"invalid_request_error","code":"x"}}`
	for _, c := range []struct {
		title  string
		handle http.HandlerFunc
		status int
		kind   contract.ErrorType
	}{
		{"a wrong key", says(401, "application/json", quoting), 502, contract.UpstreamFailed},
		{"a forbidden one", says(403, "text/html", "<p>Meera Kulkarni"), 502, contract.UpstreamFailed},
		{"no such model", says(404, "application/json", quoting), 502, contract.UpstreamFailed},
		{"a refused request", says(400, "application/json", quoting), 502, contract.UpstreamFailed},
		{"a context that is too short", says(400, "application/json", `{"error":{"message":"Meera Kulkarni","code":"context_length_exceeded"}}`), 413, contract.TextTooLong},
		{"too many requests", says(429, "application/json", quoting), 503, contract.UpstreamUnavailable},
		{"a fault", says(500, "text/plain", "Meera Kulkarni"), 503, contract.UpstreamUnavailable},
		{"a timeout of its own", says(504, "text/plain", ""), 504, contract.UpstreamTimeout},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, 502, contract.UpstreamFailed},
		{"no JSON", says(200, "application/json", "Meera Kulkarni"), 502, contract.UpstreamFailed},
		{"another JSON", says(200, "application/json", `{"answer":"Meera Kulkarni"}`), 502, contract.UpstreamFailed},
		{"no choice", says(200, "application/json", `{"choices":[],"usage":{"prompt_tokens":1}}`), 502, contract.UpstreamFailed},
		{"an endless answer", says(200, "application/json", strings.Repeat(" ", maxAnswer+1)), 502, contract.UpstreamFailed},
		{"an event that is none", says(200, eventStream, "data: Meera Kulkarni\n\n"), 502, contract.UpstreamFailed},
		{"an endless event", says(200, eventStream, "data: "+strings.Repeat(" ", maxEvent+1)), 502, contract.UpstreamFailed},
		{"a stream that breaks off", says(200, eventStream, "data: {\"choices\":[{\"text\":\"One\"}]}\n\n"), 502, contract.UpstreamFailed},
		{"an error in the midst", says(200, eventStream, "data: {\"choices\":[{\"text\":\"One\"}]}\n\ndata: "+quoting+"\n\n"), 502, contract.UpstreamFailed},
		{"an empty stream", says(200, eventStream, "data: [DONE]\n\n"), 502, contract.UpstreamFailed},
		{"a connection that is cut", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 503, contract.UpstreamUnreachable},
	} {
		t.Run(c.title, func(t *testing.T) {
			e := endpoint(t, "", c.handle)
			_, err := e.Infer(t.Context(), Prompt{Text: "Meera Kulkarni", MaxTokens: 9}, deaf)
			answer := web.AsError(err)
			if err == nil || answer.Status != c.status || answer.Kind != c.kind || strings.Contains(err.Error(), "Meera") || strings.Contains(err.Error(), "sk-secret") {
				t.Errorf("got %v", err)
			}
			if s := e.State(); s.Ready != (c.status < 500) || s.Ready == (s.Reason != "") {
				t.Errorf("after it the engine is %+v", s)
			}
		})
	}
}

func TestAnEndpointThatAnswersAgainIsReadyAgain(t *testing.T) {
	status := 500
	e := endpoint(t, "", func(w http.ResponseWriter, r *http.Request) {
		says(status, "application/json", `{"choices":[{"text":"One","finish_reason":"stop"}]}`)(w, r)
	})
	_, _ = e.Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9}, deaf)
	if e.State().Ready {
		t.Error("it is ready after a fault")
	}
	status = 200
	if _, err := e.Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9}, deaf); err != nil || !e.State().Ready {
		t.Errorf("%v, %+v", err, e.State())
	}
	if s := e.State(); !strings.HasSuffix(s.Source, "/v1/chat/completions llama-3") {
		t.Errorf("its source is %q", s.Source)
	}
}

func TestAnEndpointMayAskForAPause(t *testing.T) {
	for header, want := range map[string]time.Duration{"": time.Second, "7": 7 * time.Second, "soon": time.Second, "-1": time.Second, "999999": time.Minute} {
		e := endpoint(t, "", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", header)
			w.WriteHeader(429)
		})
		_, err := e.Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9}, deaf)
		if got := web.AsError(err).RetryAfter; got != want {
			t.Errorf("Retry-After %q becomes %s", header, got)
		}
	}
}

// A caller who goes, or the server's patience, ends the request to a slow endpoint.
func TestASlowEndpointIsLeft(t *testing.T) {
	for title, begin := range map[string]bool{"before its header": false, "in the midst of its answer": true} {
		t.Run(title, func(t *testing.T) {
			asked, left := make(chan struct{}), make(chan struct{})
			e := endpoint(t, "", func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if begin {
					w.Header().Set("Content-Type", eventStream)
					_, _ = io.WriteString(w, "data: {\"choices\":[{\"text\":\"One\"}]}\n\n")
					_ = http.NewResponseController(w).Flush()
				}
				close(asked)
				<-r.Context().Done()
				close(left)
			})
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-asked
				cancel()
			}()
			_, err := e.Infer(ctx, Prompt{Text: "x", MaxTokens: 9}, deaf)
			if !errors.Is(err, context.Canceled) || !e.State().Ready {
				t.Errorf("got %v, the engine is %+v", err, e.State())
			}
			<-left
		})
	}
}

// An endpoint is not asked for more once a stop string is met, nor when the listener has gone.
func TestAnEndpointIsNotReadFurtherThanWanted(t *testing.T) {
	gone := errors.New("gone")
	for title, c := range map[string]struct {
		stop []string
		emit func(string) error
		want error
	}{
		"a stop string": {[]string{"2"}, deaf, nil}, "a listener who has gone": {nil, func(string) error { return gone }, gone},
	} {
		t.Run(title, func(t *testing.T) {
			left := make(chan struct{})
			e := endpoint(t, "", func(w http.ResponseWriter, r *http.Request) {
				defer close(left)
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Content-Type", eventStream)
				for n := 1; r.Context().Err() == nil; n++ {
					_, _ = io.WriteString(w, "data: {\"choices\":[{\"text\":\""+strconv.Itoa(n)+" \"}]}\n\n")
					_ = http.NewResponseController(w).Flush()
				}
			})
			if _, err := e.Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9, Stop: c.stop}, c.emit); !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
			<-left
		})
	}
}

// Whatever an endpoint sends, it is an answer or an error of ours.
func FuzzEndpointAnswer(f *testing.F) {
	f.Add(true, []byte("data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n"))
	f.Add(false, []byte(`{"choices":[{"text":"x"}],"usage":{"prompt_tokens":-1}}`))
	f.Fuzz(func(t *testing.T, stream bool, body []byte) {
		kind := "application/json"
		if stream {
			kind = eventStream
		}
		base := &url.URL{Scheme: "http", Host: "model.test"}
		done, err := NewEndpoint(base, "m", "", canned{kind, body}).Infer(t.Context(), Prompt{Text: "x", MaxTokens: 9, Stop: []string{"\n"}}, deaf)
		if e := web.AsError(err); err != nil && e.Kind != contract.UpstreamFailed {
			t.Errorf("got %v", err)
		}
		if err == nil && (strings.Contains(done.Text, "\n") || done.Usage.TotalTokens != done.Usage.PromptTokens+done.Usage.CompletionTokens) {
			t.Errorf("got %+v", done)
		}
	})
}

// canned answers every request alike.
type canned struct {
	kind string
	body []byte
}

func (c canned) Do(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {c.kind}}, Body: io.NopCloser(strings.NewReader(string(c.body)))}, nil
}
