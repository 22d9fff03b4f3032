package asrocr

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/up/samples"
	"github.com/roentgen/roentgen/afirgen/web"
)

// heard is a request as a fake server of speech got it.
type heard struct {
	path, key string
	fields    map[string]string
	file      []byte
}

// fakeServer answers each recording with status and body, and keeps the last request.
func fakeServer(t *testing.T, status int, body string) (*httptest.Server, *heard) {
	t.Helper()
	got := &heard{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			return // the probe
		}
		*got = heard{path: r.URL.Path, key: r.Header.Get("Authorization"), fields: map[string]string{}}
		form, err := web.ReadMultipart(r, web.Field{Name: "file", Max: 10 << 20}, web.Field{Name: "model", Max: 100},
			web.Field{Name: "language", Max: 100}, web.Field{Name: "response_format", Max: 100}, web.Field{Name: "temperature", Max: 10})
		if err != nil {
			t.Errorf("the request is no form: %v", err)
		}
		for name, value := range form {
			got.fields[name] = string(value)
		}
		got.file = form["file"]
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(server.Close)
	return server, got
}

// handlerFor is the whole service with the engine of cfg; its calls are traced.
func handlerFor(t *testing.T, speech Speech) (http.Handler, *tracetest.Collector) {
	t.Helper()
	c := tracetest.Start(t)
	tr := c.Setup(t, contract.ASROCR)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg := config()
	speech.Transport = tr.Transport(transport)
	cfg.Speech = speech
	s := New(t.Context(), cfg)
	if s.noSpeech != nil {
		t.Fatal(s.noSpeech)
	}
	return web.Handler(web.Config{
		Routes: web.Routes(s.Routes()...), Tracing: tr, Log: cfg.Log, Drain: &web.Drain{}, Now: time.Now, NewID: uuid.NewString, MaxBody: MaxBody,
	}), c
}

// verboseHindi is what Whisper's servers answer with verbose_json.
const verboseHindi = `{"task":"transcribe","language":"hindi","duration":11.0,"text":" मेरी मोटरसाइकिल चोरी हो गई।",
"segments":[{"id":0,"text":" मेरी मोटरसाइकिल","avg_logprob":-0.1,"no_speech_prob":0.01},{"id":1,"text":" चोरी हो गई।","avg_logprob":-0.2,"no_speech_prob":0.02},
{"id":2,"text":" [BLANK_AUDIO]","avg_logprob":-0.1},{"id":3,"text":" देखने के लिए धन्यवाद","avg_logprob":-1.5,"no_speech_prob":0.9}]}`

func TestWhispersServerHears(t *testing.T) {
	server, got := fakeServer(t, 200, verboseHindi)
	h, collector := handlerFor(t, Speech{WhisperServer: server.URL + "/"})
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 200 || answer["transcript"] != "मेरी मोटरसाइकिल चोरी हो गई।" || answer["language"] != "hi" || answer["engine"] != "whisper" || answer["low_confidence"] != false {
		t.Errorf("%d %v", status, answer)
	}
	if c, _ := answer["confidence"].(float64); c < 85 || c > 91 {
		t.Errorf("the confidence is %v, want that between e^-0.1 and e^-0.2", answer["confidence"])
	}
	if got.path != "/inference" || got.key != "" || got.fields["response_format"] != "verbose_json" || got.fields["language"] != "auto" {
		t.Errorf("it got %s %q %v", got.path, got.key, got.fields["language"])
	}
	clip, err := sound.Decode(t.Context(), got.file, time.Minute)
	if err != nil || clip.Duration() < 9*time.Second {
		t.Errorf("it got %s of sound, %v", clip.Duration(), err)
	}
	d := collector.Await(t, contract.ASROCR)
	d.WantAnnotations(t, map[string]any{contract.Language: "hi", contract.LowConfidence: false, contract.ModelName: "whisper", contract.AudioSeconds: nil})
	if names := d.ChildNames(); len(names) != 1 {
		t.Errorf("the subsegments are %q, want the one call", names)
	}
	if bytes.Contains(collector.Raw(), []byte("मोटरसाइकिल")) {
		t.Error("what was heard is in the trace")
	}
}

func TestAHintIsHandedOn(t *testing.T) {
	server, got := fakeServer(t, 200, verboseHindi)
	h, _ := handlerFor(t, Speech{WhisperServer: server.URL})
	if status, answer := post(t, h, "/asr", "audio", string(samples.Speech()), "language", "hin"); status != 200 || got.fields["language"] != "hi" {
		t.Errorf("%d %v, the server got %q", status, answer, got.fields["language"])
	}
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()), "language", "tlh")
	if status != 422 || answer["error_type"] != string(contract.WrongLanguage) || !strings.Contains(answer["detail"].(string), "en, hi") {
		t.Errorf("%d %v", status, answer)
	}
}

func TestAnEndpointOfOpenAIsFormHears(t *testing.T) {
	for _, c := range []struct {
		title, model, format, body string
		low                        bool
	}{
		{"whisper-1 says how sure it is", "", "verbose_json", verboseHindi, false},
		{"another model says its text alone", "gpt-4o-transcribe", "json", `{"text":"मेरी मोटरसाइकिल चोरी हो गई।"}`, true},
	} {
		server, got := fakeServer(t, 200, c.body)
		h, _ := handlerFor(t, Speech{OpenAI: server.URL + "/v1", OpenAIKey: "k", OpenAIModel: c.model})
		status, answer := post(t, h, "/asr", "audio", string(samples.Speech()), "language", "hi")
		if status != 200 || answer["transcript"] != "मेरी मोटरसाइकिल चोरी हो गई।" || answer["engine"] != "openai" || answer["language"] != "hi" || answer["low_confidence"] != c.low {
			t.Errorf("%s: %d %v", c.title, status, answer)
		}
		want := c.model
		if want == "" {
			want = "whisper-1"
		}
		if got.path != "/v1/audio/transcriptions" || got.key != "Bearer k" || got.fields["model"] != want || got.fields["response_format"] != c.format || got.fields["language"] != "hi" {
			t.Errorf("%s: it got %s %q %v", c.title, got.path, got.key, got.fields["model"])
		}
	}
}

func TestWhatAServerOfSpeechDoesWrongIsSaidWithoutQuotingIt(t *testing.T) {
	for _, c := range []struct {
		title  string
		status int
		body   string
		want   int
		kind   contract.ErrorType
	}{
		{"a refused key", 401, `{"error":"Meera"}`, 502, contract.UpstreamFailed},
		{"a forbidden key", 403, "", 502, contract.UpstreamFailed},
		{"too many requests", 429, `{"error":"Meera"}`, 503, contract.UpstreamUnavailable},
		{"busy", 503, "", 503, contract.UpstreamUnavailable},
		{"broken", 500, "Meera", 502, contract.UpstreamFailed},
		{"its own time is up", 504, "", 504, contract.UpstreamTimeout},
		{"a redirect", 302, "", 502, contract.UpstreamFailed},
		{"a request that it does not understand", 400, "Meera", 502, contract.UpstreamFailed},
		{"a page", 200, "<html>Meera", 502, contract.UpstreamFailed},
		{"an error with 200, as whisper.cpp has it", 200, `{"error":"Meera"}`, 502, contract.UpstreamFailed},
		{"a number for a text", 200, `{"text":1}`, 502, contract.UpstreamFailed},
		{"nothing", 200, "", 502, contract.UpstreamFailed},
		{"no words", 200, `{"text":" [BLANK_AUDIO]\n"}`, 422, contract.NoSpeechFound},
		{"endless words", 200, `{"text":"` + strings.Repeat("x", maxAnswer) + `"}`, 502, contract.UpstreamFailed},
	} {
		t.Run(c.title, func(t *testing.T) {
			server, _ := fakeServer(t, c.status, c.body)
			h, collector := handlerFor(t, Speech{OpenAI: server.URL + "/v1", OpenAIKey: "secret-key"})
			status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
			if status != c.want || answer["error_type"] != string(c.kind) {
				t.Errorf("%d %v, want %d %s", status, answer, c.want, c.kind)
			}
			collector.Await(t, contract.ASROCR).WantAnnotations(t, map[string]any{contract.ErrorKind: string(c.kind), contract.DurationMS: nil, contract.AudioSeconds: nil})
			text, _ := json.Marshal(answer)
			if all := slices.Concat(text, collector.Raw()); bytes.Contains(all, []byte("Meera")) || bytes.Contains(all, []byte("secret-key")) {
				t.Errorf("the server is quoted: %s", all)
			}
		})
	}
}

func TestAServerThatIsNotThereIsUnreachableAndDegraded(t *testing.T) {
	server, _ := fakeServer(t, 200, "")
	server.Close()
	h, _ := handlerFor(t, Speech{WhisperServer: server.URL})
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 503 || answer["error_type"] != string(contract.UpstreamUnreachable) || !strings.Contains(answer["detail"].(string), "--whisper-server") {
		t.Errorf("%d %v", status, answer)
	}
	cfg := config()
	cfg.Speech.WhisperServer = server.URL
	if body := healthOf(t, New(t.Context(), cfg), 200); body.Status != web.Degraded || body.Models["speech"] || !strings.Contains(body.Message, "refused") {
		t.Errorf("%+v", body)
	}
}

func TestAServerThatIsThereIsHealthy(t *testing.T) {
	server, _ := fakeServer(t, 200, "")
	cfg := config()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	cfg.Speech = Speech{WhisperServer: server.URL, Transport: transport}
	if body := healthOf(t, New(t.Context(), cfg), 200); body.Status != web.Healthy || body.Engines[1].Name != "whisper" {
		t.Errorf("%+v", body)
	}
}

func TestAServerThatIsTooSlowIsCutAndOneWhoseCallerGoesToo(t *testing.T) {
	asked, gone := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		<-r.Context().Done()
		gone <- struct{}{}
	}))
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	cfg := config()
	cfg.Speech = Speech{WhisperServer: server.URL, Transport: transport}
	for _, c := range []struct {
		kind  contract.ErrorType
		limit time.Duration
		leave bool
	}{
		{contract.EngineTimeout, time.Second, false},
		{contract.ClientCancelled, time.Hour, true},
	} {
		cfg.SpeechTimeout = c.limit
		s := New(t.Context(), cfg)
		ctx, cancel := context.WithCancel(t.Context())
		answer := make(chan error, 1)
		go func() {
			_, err := s.hear(ctx, hiss(1, -20).WAV(), "")
			answer <- err
		}()
		<-asked
		if c.leave {
			cancel()
		}
		if e := web.AsError(<-answer); e.Kind != c.kind {
			t.Errorf("got %v, want %s", e, c.kind)
		}
		<-gone
		cancel()
	}
}

func TestURLsOfServersAreChecked(t *testing.T) {
	for base, ok := range map[string]bool{
		"http://127.0.0.1:8080": true, "https://host/whisper/": true, "host:8080": false, "ftp://host": false, "http://": false,
		"http://user:word@host": false, "http://host?key=1": false, "http://host#x": false, "::": false,
	} {
		if _, err := newWhisperServer(base, nil); (err == nil) != ok {
			t.Errorf("%s: %v", base, err)
		}
	}
}

// whisperCLI is a program that takes the arguments of whisper-cli, checks that it can read the recording, and writes what
// -ojf does.
const whisperCLI = `
while [ $# -gt 0 ]; do case "$1" in -of) out=$2;; -f) in=$2;; -l) language=$2;; esac; shift; done
[ "$(head -c 4 "$in")" = RIFF ] || exit 4
[ "$language" = "$WANTED" ] || [ "$language" = auto ] || exit 5
printf '%s' "$(basename "$out")" | grep -q transcript || exit 6
cat >"$out.json" <<'END'
{"result":{"language":"hi"},"transcription":[
{"text":" मेरी मोटरसाइकिल","tokens":[{"text":"[_BEG_]","p":0.1},{"text":" मेरी","p":0.9},{"text":"\ufffd","p":0.9}]},
{"text":" चोरी हो गई।","tokens":[{"text":" चोरी","p":0.9}]},{"text":" (music)","tokens":[{"text":" (","p":0.1}]}]}
END
echo "what it prints is not looked at"
`

func whisperFiles(t *testing.T, program string) Speech {
	t.Helper()
	model := filepath.Join(t.TempDir(), "ggml-small.bin")
	if err := os.WriteFile(model, []byte("lmgg"), 0o600); err != nil {
		t.Fatal(err)
	}
	return Speech{WhisperModel: model, WhisperProgram: script(t, program)}
}

func TestWhispersProgramHearsAndLeavesNothingBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	h, _ := handlerFor(t, whisperFiles(t, whisperCLI))
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 200 || answer["transcript"] != "मेरी मोटरसाइकिल चोरी हो गई।" || answer["language"] != "hi" || answer["engine"] != "whisper" || answer["confidence"] != 90.0 {
		t.Errorf("%d %v", status, answer)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("it left %v (%v)", left, err)
	}
}

func TestWhispersProgramThatFails(t *testing.T) {
	for title, program := range map[string]string{
		"a code other than 0": "echo Meera; exit 3",
		"no transcript":       "exit 0",
		"no JSON":             `while [ $# -gt 0 ]; do case "$1" in -of) out=$2;; esac; shift; done; echo Meera >"$out.json"`,
		"endless":             `while [ $# -gt 0 ]; do case "$1" in -of) out=$2;; esac; shift; done; head -c 9000000 /dev/zero >"$out.json"`,
	} {
		h, collector := handlerFor(t, whisperFiles(t, program))
		status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
		if status != 500 || answer["error_type"] != string(contract.EngineFailed) {
			t.Errorf("%s: %d %v", title, status, answer)
		}
		collector.Await(t, contract.ASROCR)
		if bytes.Contains(collector.Raw(), []byte("Meera")) {
			t.Errorf("%s: what it printed is in the trace", title)
		}
	}
}

func TestAModelForEnglishAloneUnderstandsEnglishAlone(t *testing.T) {
	for name, want := range map[string]int{"ggml-base.en.bin": 1, "ggml-base.en-q5_1.bin": 1, "ggml-small.bin": 15} {
		if d := (&whisperProgram{model: "/models/" + name}).describe(); len(d.Languages) != want {
			t.Errorf("%s: %v", name, d.Languages)
		}
	}
}

func FuzzWhispersAnswers(f *testing.F) {
	f.Add([]byte(verboseHindi))
	f.Add([]byte(`{"result":{"language":"hi"},"transcription":[{"text":"x","tokens":[{"text":"x","p":-1}]}]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		r := &remote{about: description{Name: "whisper"}}
		a, _ := r.parse(answer, "")
		b, _ := parseWhisperFile(answer)
		for _, got := range []transcript{a, b} {
			if !(got.confidence >= 0 && got.confidence <= 100.0001) {
				t.Errorf("the confidence is %v", got.confidence)
			}
		}
	})
}
