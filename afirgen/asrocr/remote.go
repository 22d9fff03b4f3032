package asrocr

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// maxAnswer bounds what a server may answer, in bytes: ten minutes of speech with every word's times are below 1 MB.
const maxAnswer = 8 << 20

// remote is an engine behind HTTP that takes a recording in a multipart form and answers with JSON: whisper.cpp's server,
// and every endpoint of OpenAI's form.
type remote struct {
	about    description
	url      string // of the path that transcribes
	probe    string // of a path that shows whether the server is there
	key      string // "" for none
	fields   [][2]string
	auto     bool // the field language is sent also where no language is known, as "auto"
	client   *http.Client
	reachOut string // what to look at when it cannot be reached
}

func newWhisperServer(base string, client *http.Client) (recogniser, error) {
	base, err := checkBase(base, "--whisper-server")
	if err != nil {
		return nil, err
	}
	return &remote{
		about: description{Name: whisperEngine, Version: "server", Languages: whisperLanguages()},
		url:   base + "/inference", probe: base + "/", auto: true, client: client,
		fields:   [][2]string{{"response_format", "verbose_json"}, {"temperature", "0.0"}},
		reachOut: "start whisper.cpp's whisper-server or mend --whisper-server",
	}, nil
}

// newOpenAI asks for times and probabilities only where the model is known to give them.
func newOpenAI(cfg Speech, client *http.Client) (recogniser, error) {
	base, err := checkBase(cfg.OpenAI, "--openai-url")
	if err != nil {
		return nil, err
	}
	model, format := cfg.OpenAIModel, "json"
	if model == "" {
		model = "whisper-1"
	}
	if strings.Contains(strings.ToLower(model), "whisper") {
		format = "verbose_json"
	}
	return &remote{
		about: description{Name: openAIEngine, Version: model, Languages: whisperLanguages()},
		url:   base + "/audio/transcriptions", probe: base + "/models", key: cfg.OpenAIKey, client: client,
		fields:   [][2]string{{"model", model}, {"response_format", format}, {"temperature", "0"}},
		reachOut: "mend --openai-url",
	}, nil
}

// checkBase wants http or https and a host, and takes no user, query or fragment.
func checkBase(base, flag string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("reading %s: it must be a URL like http://127.0.0.1:8080, without user and query", flag)
	}
	return strings.TrimSuffix(base, "/"), nil
}

func (r *remote) describe() description { return r.about }

// check takes any answer for a sign of life but a refused key.
func (r *remote) check(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.probe, nil)
	if err != nil {
		return fmt.Errorf("asking %s whether it is there: %w", r.about.Name, err)
	}
	r.sign(req)
	resp, err := r.client.Do(req)
	if err != nil {
		return fmt.Errorf("asking %s whether it is there: %w", r.about.Name, plain(err))
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden || resp.StatusCode >= 500 {
		return fmt.Errorf("asking %s whether it is there: it answers %d", r.about.Name, resp.StatusCode)
	}
	return nil
}

func (r *remote) sign(req *http.Request) {
	if r.key != "" {
		req.Header.Set("Authorization", "Bearer "+r.key)
	}
}

func (r *remote) transcribe(ctx context.Context, clip sound.Clip, language string) (transcript, error) {
	body, kind, err := r.form(clip, language)
	if err != nil {
		return transcript{}, fmt.Errorf("writing the request for %s: %w", r.about.Name, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url, bytes.NewReader(body))
	if err != nil {
		return transcript{}, fmt.Errorf("writing the request for %s: %w", r.about.Name, err)
	}
	req.Header.Set("Content-Type", kind)
	r.sign(req)
	resp, err := r.client.Do(req)
	if err != nil {
		return transcript{}, r.unreachable(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return transcript{}, r.unreachable(ctx, err)
	case resp.StatusCode != http.StatusOK:
		return transcript{}, r.refused(resp)
	case len(answer) > maxAnswer:
		return transcript{}, r.garbage()
	}
	return r.parse(answer, language)
}

// form is what is sent: the recording as WAV and the fields.
func (r *remote) form(clip sound.Clip, language string) (body []byte, kind string, err error) {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "recording.wav")
	if err == nil {
		_, err = part.Write(clip.WAV())
	}
	fields := r.fields
	if language == "" && r.auto {
		language = "auto"
	}
	if language != "" {
		fields = append(fields[:len(fields):len(fields)], [2]string{"language", language})
	}
	for _, f := range fields {
		err = errors.Join(err, form.WriteField(f[0], f[1]))
	}
	err = errors.Join(err, form.Close())
	return b.Bytes(), form.FormDataContentType(), err
}

// verbose is what a server answers with verbose_json; with json it is the text alone. whisper.cpp's server answers an
// error with 200 and a sentence.
type verbose struct {
	Text     *string   `json:"text"`
	Language string    `json:"language"`
	Segments []segment `json:"segments"`
}

func (r *remote) parse(answer []byte, language string) (transcript, error) {
	var v verbose
	if json.Unmarshal(answer, &v) != nil || v.Text == nil {
		return transcript{}, r.garbage()
	}
	if v.Language != "" {
		language = languageCode(strings.ToLower(v.Language))
	}
	return joined(v.Segments, *v.Text, language), nil
}

// unreachable is what went wrong before there was an answer.
func (r *remote) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnreachable,
		"the server of "+r.about.Name+" cannot be reached: "+r.reachOut).Because(plain(err))
}

// plain takes the URL out of an error of net/http: it is in the trace, and an answer has no need of it.
func plain(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// refused gives an answer other than 200 its meaning for our caller. Its body may quote what was said, and is dropped.
func (r *remote) refused(resp *http.Response) error {
	cause := fmt.Errorf("%s answers %d", r.about.Name, resp.StatusCode)
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return web.Fail(http.StatusBadGateway, contract.UpstreamFailed,
			r.about.Name+" refuses our key: set the right one in ASR_OPENAI_KEY or OPENAI_API_KEY").Because(cause)
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		e := web.Fail(http.StatusServiceUnavailable, contract.UpstreamUnavailable, r.about.Name+" is busy: ask again soon")
		e.RetryAfter = retryAfter(resp)
		return e.Because(cause)
	case status == http.StatusGatewayTimeout:
		return web.Fail(http.StatusGatewayTimeout, contract.UpstreamTimeout, r.about.Name+" took too long").Because(cause)
	}
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed, r.about.Name+" did not transcribe the recording").Because(cause)
}

// retryAfter is what the server asks for, in seconds, between one second and a minute.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil {
		return time.Second
	}
	return time.Duration(max(1, min(seconds, 60))) * time.Second
}

func (r *remote) garbage() error {
	return web.Fail(http.StatusBadGateway, contract.UpstreamFailed,
		r.about.Name+" did not answer with a transcript as JSON: is it the right server?")
}
