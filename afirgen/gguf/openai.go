package gguf

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf/cut"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Doer sends requests: an *http.Client that follows no redirects, for the key would go along.
type Doer interface {
	Do(*http.Request) (*http.Response, error)
}

// Endpoint is the engine of an OpenAI-style API: POST …/chat/completions or POST …/completions.
type Endpoint struct {
	url    *url.URL
	model  string // as the endpoint calls it
	key    string // sent as a bearer token; "" sends none
	client Doer
	// trouble is why the endpoint did not answer last time; nil when it did or was not asked yet.
	trouble atomic.Pointer[string]
}

// NewEndpoint makes the engine. A base that ends in /completions is the URL itself; to any other /chat/completions is
// added.
func NewEndpoint(base *url.URL, model, key string, client Doer) *Endpoint {
	if !strings.HasSuffix(base.Path, "/completions") {
		base = base.JoinPath("chat", "completions")
	}
	return &Endpoint{url: base, model: model, key: key, client: client}
}

// Name implements Engine.
func (*Endpoint) Name() string { return EngineOpenAI }

// State implements Engine: an endpoint is ready until it has failed, and again when it has answered.
func (e *Endpoint) State() State {
	s := State{Ready: true, Source: e.url.Redacted() + " " + e.model}
	if reason := e.trouble.Load(); reason != nil {
		s.Ready, s.Reason = false, *reason
	}
	return s
}

func (e *Endpoint) chats() bool { return strings.HasSuffix(e.url.Path, "/chat/completions") }

// The API's words.
type (
	openAIRequest struct {
		Model       string          `json:"model"`
		Messages    []openAIMessage `json:"messages,omitempty"`
		Prompt      string          `json:"prompt,omitempty"`
		MaxTokens   int             `json:"max_tokens"`
		Temperature float64         `json:"temperature"`
		Stop        []string        `json:"stop,omitempty"`
		Stream      bool            `json:"stream,omitempty"`
		Options     *streamOptions  `json:"stream_options,omitempty"`
	}
	openAIMessage struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	streamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	}
	openAIAnswer struct {
		Choices []struct {
			Text         string        `json:"text"`
			Message      openAIMessage `json:"message"`
			Delta        openAIMessage `json:"delta"`
			FinishReason string        `json:"finish_reason"`
		} `json:"choices"`
		Usage *struct {
			Prompt     int `json:"prompt_tokens"`
			Completion int `json:"completion_tokens"`
		} `json:"usage"`
		Error *openAIError `json:"error"`
	}
	openAIError struct {
		Code any    `json:"code"` // a text or a number
		Type string `json:"type"`
	}
)

// maxOpenAIStops is the most stop strings that the API takes. The answer is cut here at the others.
const maxOpenAIStops = 4

func (e *Endpoint) request(ctx context.Context, p Prompt) (*http.Request, error) {
	body := openAIRequest{Model: e.model, MaxTokens: p.MaxTokens, Temperature: p.Temperature,
		Stop: p.Stop[:min(len(p.Stop), maxOpenAIStops)], Stream: true, Options: &streamOptions{true}}
	if e.chats() {
		body.Messages = []openAIMessage{{"user", p.Text}}
	} else {
		body.Prompt = p.Text
	}
	data, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("writing the request for the model endpoint: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url.String(), bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("writing the request for the model endpoint: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream, application/json")
	if e.key != "" {
		req.Header.Set("Authorization", "Bearer "+e.key)
	}
	return req, nil
}

// Infer implements Engine. The endpoint is always asked for a stream, so that a caller who goes ends its work early; one
// that answers at once all the same is understood too.
func (e *Endpoint) Infer(ctx context.Context, p Prompt, emit func(string) error) (Completion, error) {
	done, err := e.infer(ctx, p, emit)
	var answer *web.Error
	switch {
	case err == nil:
		e.trouble.Store(nil)
	case errors.As(err, &answer) && answer.Status >= 500:
		e.trouble.Store(&answer.Detail)
	}
	return done, err
}

func (e *Endpoint) infer(ctx context.Context, p Prompt, emit func(string) error) (Completion, error) {
	req, err := e.request(ctx, p)
	if err != nil {
		return Completion{}, err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return Completion{}, ctx.Err()
		}
		return Completion{}, web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnreachable, "the model endpoint cannot be reached").Because(err)
	}
	defer func() { _ = resp.Body.Close() }() // only read from
	if resp.StatusCode != http.StatusOK {
		return Completion{}, refusal(resp)
	}
	a := &answerReader{out: cut.New(p.Stop), emit: emit}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		err = a.events(resp.Body)
	} else {
		err = a.whole(resp.Body)
	}
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return a.completion(p), err
}

func upstream(status int, kind contract.ErrorType, detail string) error {
	return web.Fail(status, kind, detail)
}

// maxRefusal bounds the body of an error, in bytes; more of it is not read.
const maxRefusal = 64 << 10

// refusal turns the endpoint's error into ours. Its sentence may quote the prompt, so none of it gets out.
func refusal(resp *http.Response) error {
	var body openAIAnswer
	data, _ := io.ReadAll(io.LimitReader(resp.Body, maxRefusal)) // what is missing makes no sense as JSON
	_ = json.Unmarshal(data, &body)                              // then there is no code
	code := ""
	if body.Error != nil {
		code = fmt.Sprint(body.Error.Code)
	}
	status := fmt.Sprintf(" (it answered %d)", resp.StatusCode)
	switch s := resp.StatusCode; {
	case code == "context_length_exceeded", s == http.StatusRequestEntityTooLarge:
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TextTooLong,
			"the prompt and max_tokens are more than the model's context holds: shorten the prompt or ask for fewer tokens")
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint refuses the key that this server has for it"+status)
	case s == http.StatusTooManyRequests:
		busy := web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnavailable, "the model endpoint asks to be left alone for a while"+status)
		busy.RetryAfter = retryAfter(resp.Header.Get("Retry-After"))
		return busy
	case s == http.StatusGatewayTimeout:
		return upstream(http.StatusGatewayTimeout, contract.UpstreamTimeout, "the model endpoint did not get its answer in time"+status)
	case s == http.StatusNotFound:
		return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint knows no such path or model"+status)
	case s >= 500:
		return upstream(http.StatusServiceUnavailable, contract.UpstreamUnavailable, "the model endpoint fails"+status)
	}
	return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint refuses the request"+status)
}

// retryAfter reads a number of seconds; anything else is one second, and more than a minute is a minute.
func retryAfter(header string) time.Duration {
	wait, err := time.ParseDuration(header + "s")
	if err != nil || wait < time.Second {
		return time.Second
	}
	return min(wait, time.Minute)
}
