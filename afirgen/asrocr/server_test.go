package asrocr

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/afirgen/up/samples"
	"github.com/roentgen/roentgen/afirgen/web"
)

func config() Config {
	return Config{Log: slog.New(slog.DiscardHandler), Now: time.Now}
}

// withTesseract is a server with the real program.
func withTesseract(t *testing.T) *Server {
	t.Helper()
	s := New(t.Context(), config())
	if s.missing != nil {
		t.Fatalf("these tests read real images: %v (make test installs it)", s.missing)
	}
	return s
}

func handler(t *testing.T, s *Server) (http.Handler, *tracetest.Collector) {
	t.Helper()
	c := tracetest.Start(t)
	drain := &web.Drain{}
	return web.Handler(web.Config{
		Routes: web.Routes(append(s.Routes(), web.Probes(drain, s.Ready)...)...), Tracing: c.Setup(t, contract.ASROCR),
		Log: s.cfg.Log, Drain: drain, Now: time.Now, NewID: uuid.NewString, MaxBody: MaxBody,
	}), c
}

// post sends a form of names and values.
func post(t *testing.T, h http.Handler, path string, parts ...string) (int, map[string]any) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(parts); i += 2 {
		p, err := form.CreateFormFile(parts[i], "letter.exe")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(p, parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("POST", path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var answer map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("the answer %q is no JSON: %v", w.Body, err)
	}
	return w.Code, answer
}

func TestAPhotographedLetterIsReadAndTraced(t *testing.T) {
	h, collector := handler(t, withTesseract(t))
	letter := string(samples.Letter())
	status, answer := post(t, h, "/ocr", "image", letter, "language", "en")
	text, _ := answer["extracted_text"].(string)
	if status != 200 || answer["success"] != true || answer["language"] != "eng" || answer["bytes"] != float64(len(letter)) {
		t.Fatalf("%d %v", status, answer)
	}
	for _, phrase := range []string{"Arjun Deshpande", "snatched my brown leather bag", "showed a knife", "railway crossing"} {
		if !strings.Contains(text, phrase) {
			t.Errorf("%q is not in what was read:\n%s", phrase, text)
		}
	}
	if !strings.Contains(text, "\n\n") {
		t.Errorf("paragraphs are lost:\n%s", text)
	}
	if c, _ := answer["confidence"].(float64); c < 80 || c > 100 {
		t.Errorf("the confidence is %v, want it between 80 and 100 for a clear letter", answer["confidence"])
	}
	d := collector.Await(t, contract.ASROCR)
	d.WantAnnotations(t, map[string]any{
		contract.Endpoint: "/ocr", contract.Operation: contract.OperationOCR, contract.ContentType: JPEG, contract.StatusCode: 200.0,
		contract.FileSize: float64(len(letter)), contract.Language: "eng", contract.DurationMS: nil, contract.QueueWaitMS: nil, contract.Success: true,
		contract.LowConfidence: false, contract.ModelName: "tesseract",
	})
	if raw := collector.Raw(); bytes.Contains(raw, []byte("Deshpande")) || bytes.Contains(raw, []byte("knife")) {
		t.Errorf("what was read is in the trace: %s", raw)
	}
}

func TestABlankImageHasNoText(t *testing.T) {
	h, collector := handler(t, withTesseract(t))
	status, answer := post(t, h, "/ocr", "image", blankPNG(t))
	if status != 422 || answer["error_type"] != string(contract.NoTextFound) {
		t.Errorf("%d %v", status, answer)
	}
	collector.Await(t, contract.ASROCR).WantAnnotations(t, map[string]any{
		contract.Operation: contract.OperationOCR, contract.ContentType: PNG, contract.FileSize: nil, contract.DurationMS: nil,
		contract.QueueWaitMS: nil, contract.Language: nil, contract.ModelName: "tesseract", contract.Success: false,
		contract.ErrorKind: string(contract.NoTextFound),
	})
}

func blankPNG(t *testing.T) string {
	t.Helper()
	page := image.NewGray(image.Rect(0, 0, 300, 200))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	var b bytes.Buffer
	if err := png.Encode(&b, page); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hugePNG is a few bytes that claim 60,000 × 60,000 pixels.
func hugePNG() string {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), 60_000)
	header = append(binary.BigEndian.AppendUint32(header, 60_000), 8, 0, 0, 0, 0)
	file := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	file = binary.BigEndian.AppendUint32(append(file, header...), crc32.ChecksumIEEE(header))
	return string(file)
}

func TestWhatIsWrongWithAnImageIsSaid(t *testing.T) {
	h, _ := handler(t, withTesseract(t))
	letter := string(samples.Letter())
	for _, c := range []struct {
		title string
		parts []string
		code  int
		kind  contract.ErrorType
	}{
		{"no image", nil, 400, contract.NoInput},
		{"an empty image", []string{"image", ""}, 400, contract.NoInput},
		{"a GIF", []string{"image", "GIF89a..."}, 415, contract.WrongType},
		{"a program with the name of an image", []string{"image", "\x7fELF"}, 415, contract.WrongType},
		{"a JPEG that ends half way", []string{"image", letter[:len(letter)/2]}, 422, contract.Undecodable},
		{"a JPEG that ends after its first bytes", []string{"image", letter[:20]}, 422, contract.Undecodable},
		{"a PNG whose body is missing", []string{"image", blankPNG(t)[:60]}, 422, contract.Undecodable},
		{"a few bytes that claim 3.6 thousand million pixels", []string{"image", hugePNG()}, 413, contract.TooLarge},
		{"too large a file", []string{"image", letter + strings.Repeat("x", MaxImage)}, 413, contract.TooLarge},
		{"a language that is not installed", []string{"image", letter, "language", "tlh"}, 422, contract.WrongLanguage},
		{"options for a language", []string{"image", letter, "language", "eng -c x"}, 422, contract.WrongLanguage},
	} {
		t.Run(c.title, func(t *testing.T) {
			status, answer := post(t, h, "/ocr", c.parts...)
			if status != c.code || answer["error_type"] != string(c.kind) {
				t.Errorf("%d %v, want %d %s", status, answer, c.code, c.kind)
			}
		})
	}
}

func TestWithoutTesseractTheAnswerSaysWhatToInstall(t *testing.T) {
	cfg := config()
	cfg.Tesseract = filepath.Join(t.TempDir(), "tesseract")
	s := New(t.Context(), cfg)
	h, _ := handler(t, s)
	status, answer := post(t, h, "/ocr", "image", string(samples.Letter()))
	if status != 503 || !strings.Contains(answer["detail"].(string), "apt-get install tesseract-ocr") {
		t.Errorf("%d %v", status, answer)
	}
	for path, want := range map[string]int{web.Health: 503, web.Readyz: 503, web.Livez: 200} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != want {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

// fake writes a program that answers as tesseract does but for images, where it does what the script says.
func fake(t *testing.T, script string) *Tesseract {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tesseract")
	text := `#!/bin/sh
case "$1" in
--version) echo "tesseract 9.9.9"; exit;;
--list-langs) echo "List of available languages in /x (1):"; echo eng; exit;;
esac
` + script
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	found, err := FindTesseract(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestACallerWhoGoesKillsTheProgramAndWhatItStarted(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	// The program and its child hold the write end of the pipe: it ends only when both are dead.
	program := fake(t, "exec 9>"+fifo+"; echo started >&9; sleep 600 & sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() {
		_, err := program.Read(ctx, nil, "eng")
		answer <- err
	}()
	pipe, err := os.Open(fifo) // waits until the program opens its end
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pipe.Close() }()
	if _, err := io.ReadFull(pipe, make([]byte, len("started\n"))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if rest, err := io.ReadAll(pipe); err != nil || len(rest) > 0 {
		t.Errorf("the pipe gave %q, %v", rest, err)
	}
}

func TestAProgramThatIsTooSlowIsCut(t *testing.T) {
	cfg := config()
	cfg.Timeout = 50 * time.Millisecond
	s := New(t.Context(), cfg)
	s.engine = fake(t, "sleep 600")
	_, err := s.read(t.Context(), samples.Letter(), "eng")
	if e := web.AsError(err); err == nil || e.Status != 504 || e.Kind != contract.EngineTimeout {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatFailsOnAGoodImageIsItsOwnFault(t *testing.T) {
	s := New(t.Context(), config())
	s.engine = fake(t, "echo out of luck >&2; exit 1")
	_, err := s.read(t.Context(), samples.Letter(), "eng")
	if e := web.AsError(err); err == nil || e.Status != 500 || e.Kind != contract.EngineFailed || !strings.Contains(e.Error(), "out of luck") {
		t.Errorf("got %v", err)
	}
}

func TestAProgramThatWritesWithoutEndIsCut(t *testing.T) {
	if _, err := fake(t, "yes").Read(t.Context(), nil, "eng"); !errors.Is(err, errOutput) {
		t.Errorf("got %v, want errOutput", err)
	}
}

func TestTheProgramGetsNoneOfOurSecrets(t *testing.T) {
	t.Setenv("API_KEY", "secret")
	dump := filepath.Join(t.TempDir(), "env")
	if _, err := fake(t, "env >"+dump).Read(t.Context(), nil, "eng"); err != nil {
		t.Fatal(err)
	}
	env, err := os.ReadFile(dump)
	if err != nil || bytes.Contains(env, []byte("secret")) || !bytes.Contains(env, []byte("OMP_THREAD_LIMIT=1")) {
		t.Errorf("the environment is %s (%v)", env, err)
	}
}
