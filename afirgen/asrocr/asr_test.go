package asrocr

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/up/samples"
	"github.com/roentgen/roentgen/afirgen/web"
)

// withPocketSphinx is a server with Debian's engine.
func withPocketSphinx(t *testing.T) *Server {
	t.Helper()
	s := New(t.Context(), config())
	if s.noSpeech != nil {
		t.Fatalf("these tests hear real speech: %v (make test installs it)", s.noSpeech)
	}
	return s
}

// hiss is noise of the level, in decibels below full scale.
func hiss(seconds, level float64) sound.Clip {
	chance := rand.New(rand.NewPCG(1895, 11))
	clip := sound.Clip{Samples: make([]int16, int(seconds*sound.Rate))}
	for i := range clip.Samples {
		clip.Samples[i] = int16(chance.NormFloat64() * 32768 * math.Pow(10, level/20))
	}
	return clip
}

func TestTheSpokenComplaintIsHeardAndTraced(t *testing.T) {
	h, collector := handler(t, withPocketSphinx(t))
	speech := string(samples.Speech())
	status, answer := post(t, h, "/asr", "audio", speech, "language", "en")
	if status != 200 || answer["success"] != true || answer["language"] != "en" || answer["engine"] != "pocketsphinx" ||
		answer["low_confidence"] != true || answer["bytes"] != float64(len(speech)) {
		t.Fatalf("%d %v", status, answer)
	}
	heard, _ := answer["transcript"].(string)
	rate := wordErrors(heard, samples.SpeechText())
	t.Logf("word error rate %.1f %%", rate)
	if rate > 10 {
		t.Errorf("%.1f %% of the words are wrong, more than 10 %%:\n%s\nwant\n%s", rate, heard, samples.SpeechText())
	}
	if c, _ := answer["confidence"].(float64); c < 30 || c > 100 {
		t.Errorf("the confidence is %v", answer["confidence"])
	}
	if s, _ := answer["audio_seconds"].(float64); s < 9 || s > 13 {
		t.Errorf("it plays %v s, want about 11", answer["audio_seconds"])
	}
	d := collector.Await(t, contract.ASROCR)
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: "/asr", contract.Operation: contract.OperationASR, contract.ContentType: "audio/mpeg", contract.StatusCode: 200.0,
		contract.FileSize: float64(len(speech)), contract.Language: "en", contract.DurationMS: nil, contract.QueueWaitMS: nil,
		contract.AudioSeconds: answer["audio_seconds"], contract.LowConfidence: true, contract.ModelName: "pocketsphinx",
		contract.Success: true, contract.HasError: false,
	})
	if raw := collector.Raw(); bytes.Contains(raw, []byte("motorcycle")) || bytes.Contains(raw, []byte("rupees")) {
		t.Errorf("what was heard is in the trace: %s", raw)
	}
}

func TestWhatIsWrongWithARecordingIsSaid(t *testing.T) {
	cfg := config()
	cfg.MaxSpeech = 20 * time.Second
	s := New(t.Context(), cfg)
	h, collector := handler(t, s)
	speech := string(samples.Speech())
	for _, c := range []struct {
		title string
		parts []string
		code  int
		kind  contract.ErrorType
	}{
		{"no recording", nil, 400, contract.NoInput},
		{"an empty recording", []string{"audio", ""}, 400, contract.NoInput},
		{"two recordings", []string{"audio", "a", "audio", "b"}, 400, contract.MultipleInputs},
		{"a photograph", []string{"audio", string(samples.Letter())}, 415, contract.WrongType},
		{"Ogg", []string{"audio", "OggS\x00\x02"}, 415, contract.WrongType},
		{"AAC, whose frames begin as those of MP3", []string{"audio", "\xFF\xF1\x50\x80\x00"}, 415, contract.WrongType},
		{"a WAV without samples", []string{"audio", "RIFF\x04\x00\x00\x00WAVE"}, 422, contract.UndecodableAudio},
		{"a WAV that was cut off", []string{"audio", string(hiss(2, -20).WAV()[:20_000])}, 422, contract.UndecodableAudio},
		{"a tag without frames", []string{"audio", "ID3\x04\x00\x00\x00\x00\x00\x00Meera"}, 422, contract.UndecodableAudio},
		{"silence", []string{"audio", string(sound.Clip{Samples: make([]int16, 3*sound.Rate)}.WAV())}, 422, contract.NoSpeechFound},
		{"the hiss of an empty channel", []string{"audio", string(hiss(3, -65).WAV())}, 422, contract.NoSpeechFound},
		{"a recording of no length", []string{"audio", string(sound.Clip{}.WAV())}, 422, contract.NoSpeechFound},
		{"a long WAV", []string{"audio", string(hiss(21, -20).WAV())}, 413, contract.TooLarge},
		{"a long MP3", []string{"audio", speech + speech}, 413, contract.TooLarge},
		{"too large a file", []string{"audio", speech + strings.Repeat("x", MaxAudio)}, 413, contract.TooLarge},
		{"Hindi, which pocketsphinx does not know", []string{"audio", speech, "language", "hi"}, 422, contract.WrongLanguage},
		{"two languages of which it knows one", []string{"audio", speech, "language", "en+hi"}, 422, contract.WrongLanguage},
		{"a language that is not UTF-8", []string{"audio", speech, "language", "\xFF"}, 400, contract.WrongEncoding},
	} {
		t.Run(c.title, func(t *testing.T) {
			status, answer := post(t, h, "/asr", c.parts...)
			if status != c.code || answer["error_type"] != string(c.kind) || strings.Contains(answer["detail"].(string), "Meera") {
				t.Errorf("%d %v, want %d %s", status, answer, c.code, c.kind)
			}
			collector.Await(t, contract.ASROCR, func(d tracetest.Document) bool { return d.Annotations[contract.ErrorKind] == string(c.kind) }).
				WantAnnotations(t, map[string]any{contract.Operation: contract.OperationASR, contract.Success: false, contract.HasError: true, contract.StatusCode: float64(c.code)})
		})
	}
}

func TestARefusalSaysWhichLanguagesAreThere(t *testing.T) {
	h, _ := handler(t, withPocketSphinx(t))
	_, answer := post(t, h, "/asr", "audio", string(samples.Speech()), "language", "hi")
	if detail := answer["detail"].(string); !strings.Contains(detail, "understands en") || !strings.Contains(detail, "whisper.cpp") {
		t.Errorf("it says %q", detail)
	}
}

func TestWithoutAnEngineForSpeechTheAnswerSaysWhatToInstall(t *testing.T) {
	for title, speech := range map[string]Speech{
		"pocketsphinx": {PocketSphinx: filepath.Join(t.TempDir(), "none")},
		"whisper-cli":  {WhisperModel: "model.bin", WhisperProgram: filepath.Join(t.TempDir(), "none")},
		"http":         {WhisperServer: "nowhere"},
		"switched off": {Off: true},
	} {
		cfg := config()
		cfg.Speech = speech
		h, collector := handler(t, New(t.Context(), cfg))
		status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
		if status != 503 || answer["error_type"] != string(contract.ModelUnavailable) || !strings.Contains(answer["detail"].(string), title) {
			t.Errorf("%s: %d %v", title, status, answer)
		}
		d := collector.Await(t, contract.ASROCR)
		d.WantAnnotations(t, map[string]any{
			contract.Operation: contract.OperationASR, contract.ErrorKind: string(contract.ModelUnavailable), contract.HasError: true,
			contract.FileSize: nil, contract.ContentType: "audio/mpeg",
		})
		if !d.Fault {
			t.Errorf("%s: the segment is no fault", title)
		}
		if body := healthOf(t, New(t.Context(), cfg), 200); body.Status != web.Degraded || body.Models["speech"] {
			t.Errorf("%s: the health is %+v", title, body)
		}
	}
}

func healthOf(t *testing.T, s *Server, want int) healthBody {
	t.Helper()
	h, _ := handler(t, s)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", web.Health, nil))
	var body healthBody
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != want {
		t.Fatalf("%d %s (%v), want %d", w.Code, w.Body, err, want)
	}
	return body
}

func TestHealthListsTheEngines(t *testing.T) {
	body := healthOf(t, withPocketSphinx(t), 200)
	if body.Status != web.Healthy || len(body.Engines) != 2 || body.Engines[0].Name != "tesseract" || body.Engines[0].Version == "" ||
		!slices.Contains(body.Engines[0].Languages, "hin") || body.Engines[1].Name != "pocketsphinx" ||
		!body.Models["speech"] || !body.Models["tesseract"] || !body.Models["poppler"] || body.Message != "images and recordings are read" {
		t.Errorf("%+v", body)
	}
}

// script is a program that does what its text says.
func script(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func withProgram(t *testing.T, text string) *Server {
	t.Helper()
	cfg := config()
	cfg.Speech.PocketSphinx = script(t, text)
	return New(t.Context(), cfg)
}

func TestAnEngineThatFailsIsItsOwnFaultAndIsNotQuoted(t *testing.T) {
	h, collector := handler(t, withProgram(t, "echo Meera >&2; exit 3"))
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 500 || answer["error_type"] != string(contract.EngineFailed) {
		t.Errorf("%d %v", status, answer)
	}
	collector.Await(t, contract.ASROCR)
	if bytes.Contains(collector.Raw(), []byte("Meera")) {
		t.Error("what the engine printed is in the trace")
	}
}

func TestAnEngineThatHearsNothingFindsNoSpeech(t *testing.T) {
	h, _ := handler(t, withProgram(t, "cat >/dev/null; echo; echo '<s> 0.0 0.1 0.9'; echo '</s> 0.1 0.2 1.0'"))
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 422 || answer["error_type"] != string(contract.NoSpeechFound) {
		t.Errorf("%d %v", status, answer)
	}
}

func TestAnEngineThatIsTooSlowIsCut(t *testing.T) {
	s := withProgram(t, "sleep 600")
	s.cfg.SpeechTimeout = 50 * time.Millisecond
	h, collector := handler(t, s)
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 504 || answer["error_type"] != string(contract.EngineTimeout) {
		t.Errorf("%d %v", status, answer)
	}
	collector.Await(t, contract.ASROCR).WantAnnotations(t, map[string]any{contract.DurationMS: nil, contract.ErrorKind: string(contract.EngineTimeout)})
}

// TestAFullQueueTurnsAway holds the one worker until everyone else has been answered.
func TestAFullQueueTurnsAway(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	s := withProgram(t, "cat >/dev/null; read go <"+fifo+"; echo 'word 0.0 0.1 0.9'")
	s.recordings = newQueue(1, 0, time.Now)
	h, collector := handler(t, s)
	first := make(chan int, 1)
	go func() {
		status, _ := post(t, h, "/asr", "audio", string(samples.Speech()))
		first <- status
	}()
	release, err := os.OpenFile(fifo, os.O_WRONLY, 0) // waits until the program reads
	if err != nil {
		t.Fatal(err)
	}
	status, answer := post(t, h, "/asr", "audio", string(samples.Speech()))
	if status != 503 || answer["error_type"] != string(contract.Overloaded) {
		t.Errorf("%d %v", status, answer)
	}
	collector.Await(t, contract.ASROCR).WantAnnotations(t, map[string]any{contract.Operation: contract.OperationASR, contract.ErrorKind: string(contract.Overloaded)})
	if _, err := release.WriteString("go\n"); err != nil {
		t.Error(err)
	}
	if err := release.Close(); err != nil {
		t.Error(err)
	}
	if status := <-first; status != 200 {
		t.Errorf("the first got %d", status)
	}
}

func TestACallerWhoGoesEndsTheHearing(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	s := withProgram(t, "exec 9>"+fifo+"; echo started >&9; sleep 600 & sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := s.hear(ctx, samples.Speech(), "en")
		answer <- err
	}()
	pipe, err := os.Open(fifo)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pipe.Close() }()
	if _, err := pipe.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if e := web.AsError(<-answer); e.Kind != contract.ClientCancelled {
		t.Errorf("got %v", e)
	}
	if rest, err := pipe.Read(make([]byte, 1)); rest != 0 || err == nil {
		t.Errorf("what the engine had started still runs: %d, %v", rest, err)
	}
}

func TestParseWords(t *testing.T) {
	heard := parseWords("stolen bag\n<s> 0.000 0.020 0.999100\nstolen 0.1 0.2 0.5\n<sil> 0.2 0.3 0.9\nbag(2) 0.3 0.4 0.7\n</s> 0.5 0.6 1.0\n" +
		"help\n<s> 0 0 1\nhelp 1 2 0.9\n[NOISE] 1 2 0.1\n++COUGH++ 1 2 0.1\n</s> 2 3 1\n")
	if heard.text != "stolen bag\nhelp" || heard.language != "en" || math.Abs(heard.confidence-70) > 1e-9 {
		t.Errorf("got %+v", heard)
	}
}

func FuzzParseWords(f *testing.F) {
	f.Add("a b\na 0 1 0.5\nb(2) 1 2 NaN\n</s> 1 2 3\n")
	f.Fuzz(func(t *testing.T, out string) {
		if heard := parseWords(out); !(heard.confidence >= 0 && heard.confidence <= 100) {
			t.Errorf("the confidence is %v", heard.confidence)
		}
	})
}
