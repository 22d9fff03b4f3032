package test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	apiKey   = "test-api-key"
	authKey  = "test-auth-key"
	forceKey = "test-force-key"
)

// afirgen is the three services in front of a Roentgen server.
type afirgen struct {
	*server
	backend string // host:port
	model   string // host:port of the model server
	logs    *output
	pids    []int // of the services
}

// startAFIRGen runs the built services with a sampling rate;
// server are more words for the server.
func startAFIRGen(t *testing.T, rate string, server ...string) *afirgen {
	t.Helper()
	a := &afirgen{server: startServer(t, t.TempDir(), server...), logs: new(output)}
	a.model = a.service(t, rate, "gguf")
	asrocr := a.service(t, rate, "asrocr")
	a.backend = a.service(t, rate, "backend", "--database", "sqlite:"+filepath.Join(t.TempDir(), "afirgen.db"), "--archive", t.TempDir(),
		"--model-server", "http://"+a.model, "--asr-ocr-server", "http://"+asrocr, "--rate-limit", "100000",
		"--station-code", "KTW", "--station-name", "Kotwali", "--station-district", "Lucknow", "--station-state", "Uttar Pradesh")
	return a
}

var listeningOn = regexp.MustCompile(`msg=listening .*addr=(\S+)`)

// service starts one service on a free port and returns its address. It is
// stopped with the test, and must then exit cleanly.
func (a *afirgen) service(t *testing.T, rate, name string, args ...string) string {
	t.Helper()
	c := exec.Command(program("afirgen"), append([]string{name, "--addr", "127.0.0.1:0", "--log-format", "text"}, args...)...)
	c.Env = append(os.Environ(), "XRAY_DAEMON_ADDRESS="+a.Daemon, "XRAY_SAMPLING_RATE="+rate, "XRAY_FORCE_KEY="+forceKey, "API_KEY="+apiKey, "FIR_AUTH_KEY="+authKey)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	c.Stderr = a.logs
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	a.pids = append(a.pids, c.Process.Pid)
	addr := ""
	lines := bufio.NewScanner(stdout)
	for addr == "" && lines.Scan() {
		fmt.Fprintln(a.logs, lines.Text())
		if m := listeningOn.FindStringSubmatch(lines.Text()); m != nil {
			addr = m[1]
		}
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		io.Copy(a.logs, stdout)
	}()
	t.Cleanup(func() {
		c.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := c.Wait(); err != nil {
			t.Errorf("%s ended with %v", name, err)
		}
	})
	if addr == "" {
		t.Fatalf("%s did not come up:\n%s", name, a.logs)
	}
	return addr
}

// request is one call of the backend, with the API key.
func (a *afirgen) request(t *testing.T, method, path, contentType string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+a.backend+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-API-Key", apiKey)
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// force signs a request as the SDK's documentation says, without its help.
func force(req *http.Request, key string, at time.Time) {
	text := fmt.Sprintf("%d\n%s\n%s", at.Unix(), req.Method, req.URL.EscapedPath())
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	req.Header.Set("X-Roentgen-Force-Sampling", fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil))))
}

// do sends req and returns the status, the trace named by the response, and
// the answer.
func (a *afirgen) do(t *testing.T, req *http.Request) (status int, header, body string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("X-Amzn-Trace-Id"), string(text)
}

var rootOf = regexp.MustCompile(`Root=(1-[0-9a-f]{8}-[0-9a-f]{24})`)

func traceOf(t *testing.T, header string) string {
	t.Helper()
	m := rootOf.FindStringSubmatch(header)
	if m == nil {
		t.Fatalf("the response has no trace id: X-Amzn-Trace-Id is %q", header)
	}
	return m[1]
}

// form makes a multipart form with one file.
func form(t *testing.T, field, file string, content []byte) (contentType string, body *bytes.Buffer) {
	t.Helper()
	body = new(bytes.Buffer)
	w := multipart.NewWriter(body)
	part, err := w.CreateFormFile(field, file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), body
}

const complaintText = `My bicycle was stolen from outside the library on Monday evening at about seven. ` +
	`I had locked it to the railing and came back after half an hour to find the chain cut.`

func jsonBody(text string) io.Reader {
	b, _ := json.Marshal(map[string]string{"text": text}) // a string always encodes
	return bytes.NewReader(b)
}

// sessionOf reads the session's id from an answer of the backend.
func sessionOf(t *testing.T, body string) string {
	t.Helper()
	var answer struct {
		SessionID string `json:"session_id"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.SessionID == "" {
		t.Fatalf("there is no session in %s (%v)", body, err)
	}
	return answer.SessionID
}

// approval is a person's yes to whatever review a session is in.
func (a *afirgen) approval(t *testing.T, session string) *http.Request {
	t.Helper()
	body := fmt.Sprintf(`{"session_id": %q, "approved": true}`, session)
	return a.request(t, http.MethodPost, "/validate", "application/json", strings.NewReader(body))
}

// TestTheTracesOfTheWorkflow compares what each request of a complaint's way
// leaves behind, over all services, with what stands in testdata.
func TestTheTracesOfTheWorkflow(t *testing.T) {
	a := startAFIRGen(t, "0")
	send := func(name string, segments int, req *http.Request) string {
		t.Helper()
		force(req, forceKey, time.Now())
		status, header, body := a.do(t, req)
		if status != 200 {
			t.Fatalf("%s: status %d: %s\n%s", name, status, body, a.logs)
		}
		compareTree(t, name, a.awaitStep(t, traceOf(t, header), segments))
		return body
	}
	session := sessionOf(t, send("process_text", 1, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))))
	send("transcript_review", 2, a.approval(t, session))
	found := send("summary_review", withChecks, a.approval(t, session))
	if !strings.Contains(found, `"section":"303"`) {
		t.Errorf("no theft was found: %s", found)
	}
	send("violations_review", 2, a.approval(t, session))
	send("fir_narrative_review", 1, a.approval(t, session))
}

// withChecks stands for as many segments as a search has checks, and one.
const withChecks = -1

// awaitStep waits for the trace of one request of the workflow.
func (a *afirgen) awaitStep(t *testing.T, trace string, segments int) []document {
	t.Helper()
	if segments == withChecks {
		return a.awaitChecks(t, trace)
	}
	return a.awaitSegments(t, trace, segments)
}

// awaitChecks waits for the trace of a search for sections of law: the
// backend's segment, which says how many sections were found, and one of the
// model server for each.
func (a *afirgen) awaitChecks(t *testing.T, trace string) (docs []document) {
	t.Helper()
	eventually(t, func() error {
		docs = a.trace(t, trace)
		hits := 0.0
		for i := range docs {
			if search := docs[i].find("kb_retrieve"); search != nil {
				hits, _ = search.Annotations["hits"].(float64)
			}
		}
		if hits == 0 || len(docs) != 1+int(hits) {
			return fmt.Errorf("trace %s has %d segments, and its search found %v sections", trace, len(docs), hits)
		}
		return nil
	})
	return docs
}

func TestProcessTraceOfALetter(t *testing.T) {
	a := startAFIRGen(t, "0")
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	contentType, body := form(t, "image", "letter.jpg", letter)
	req := a.request(t, http.MethodPost, "/process", contentType, body)
	force(req, forceKey, time.Now())
	status, header, answer := a.do(t, req)
	if status != 200 {
		t.Fatalf("status %d: %s\n%s", status, answer, a.logs)
	}
	trace := traceOf(t, header)
	compareTree(t, "process_image", a.awaitSegments(t, trace, 2))
	t.Run("every log line of the request carries the trace", func(t *testing.T) {
		if n := strings.Count(a.logs.String(), "trace_id="+trace); n < 2 {
			t.Errorf("%d log lines name trace %s, want one of each service", n, trace)
		}
	})
}

// TestSamplingRateZeroKeepsNothingThatWentWell shows that the rate is real, that
// a wrong signature forces nothing, and that the header is there all the same.
// What went well waits in the agent, and goes with the next round of its ring.
func TestSamplingRateZeroKeepsNothingThatWentWell(t *testing.T) {
	a := startAFIRGen(t, "0")
	a.awaitStart(t)
	var unsampled []string
	for _, key := range []string{"", "wrong key"} {
		req := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
		if key != "" {
			force(req, key, time.Now())
		}
		status, header, body := a.do(t, req)
		if status != 200 || !strings.Contains(header, "Sampled=0") || strings.Contains(header, "Kept=1") {
			t.Errorf("status %d, header %q: %s", status, header, body)
		}
		unsampled = append(unsampled, traceOf(t, header))
	}
	forced := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
	force(forced, forceKey, time.Now())
	_, header, _ := a.do(t, forced)
	a.awaitSegments(t, traceOf(t, header), 1) // it was sent last
	for _, id := range unsampled {
		if docs := a.trace(t, id); len(docs) > 0 {
			t.Errorf("%d documents of trace %s are stored, though it was not sampled and went well", len(docs), id)
		}
	}
}

// TestEveryResponseIsTraced looks at responses that no handler of the service
// ever saw, and at their segments.
func TestEveryResponseIsTraced(t *testing.T) {
	a := startAFIRGen(t, "1")
	big := strings.Repeat("x", 50_001)
	for _, c := range []struct {
		name   string
		req    *http.Request
		status int
		error  string // annotation error_type
	}{
		{"no key", func() *http.Request {
			r := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText))
			r.Header.Del("X-API-Key")
			return r
		}(), 401, "unauthorized"},
		{"no such path", a.request(t, http.MethodGet, "/nowhere", "", nil), 404, "not_found"},
		{"wrong method", a.request(t, http.MethodDelete, "/process", "", nil), 405, "method_not_allowed"},
		{"no input", a.request(t, http.MethodPost, "/process", "application/json", strings.NewReader(`{}`)), 400, ""},
		{"too long", a.request(t, http.MethodPost, "/process", "application/json", jsonBody(big)), 413, ""},
		{"not JSON", a.request(t, http.MethodPost, "/process", "application/json", strings.NewReader(`{`)), 400, ""},
		{"another type", a.request(t, http.MethodPost, "/process", "text/csv", strings.NewReader(`a,b`)), 415, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, header, body := a.do(t, c.req)
			if status != c.status {
				t.Fatalf("status %d, want %d: %s", status, c.status, body)
			}
			seg := named(t, a.awaitSegments(t, traceOf(t, header), 1), "afirgen-main-backend")
			if !seg.Error || seg.Fault || seg.HTTP.Response.Status != c.status {
				t.Errorf("the segment says error=%v fault=%v status=%d", seg.Error, seg.Fault, seg.HTTP.Response.Status)
			}
			if seg.Annotations["has_error"] != true || seg.Annotations["status_code"] != float64(c.status) {
				t.Errorf("annotations %v", seg.Annotations)
			}
			if got, _ := seg.Annotations["error_type"].(string); got == "" || c.error != "" && got != c.error {
				t.Errorf("error_type %q, want %q", got, c.error)
			}
		})
	}
}

// TestNoPersonalDataLeaves searches everything that was stored and logged for
// what a complainant wrote.
func TestNoPersonalDataLeaves(t *testing.T) {
	a := startAFIRGen(t, "1", "--store", "memory") // whose log has all documents as they came, superseded ones too
	secrets := []string{"Zubeida", "Quresh", "9810012345", "4321 8765 2109", "Chandni Kuan", "zubeida@mail.test"}
	text := "My name is Zubeida Qureshi of 14 Chandni Kuan, phone 9810012345, Aadhaar 4321 8765 2109, zubeida@mail.test. " +
		"My neighbour broke my door and took my savings of forty thousand rupees last night."
	_, header, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(text)))
	a.awaitSegments(t, traceOf(t, header), 1)
	session := sessionOf(t, body)
	for _, segments := range []int{2, withChecks, 2, 1} {
		_, header, answer := a.do(t, a.approval(t, session))
		a.awaitStep(t, traceOf(t, header), segments)
		body += answer
	}
	bad := a.request(t, http.MethodPost, "/process?text="+strings.ReplaceAll(secrets[0], " ", "+"), "application/json", jsonBody("Zubeida"))
	_, refused, _ := a.do(t, bad)
	a.awaitSegments(t, traceOf(t, refused), 1)
	if !strings.Contains(body, "Zubeida") && !strings.Contains(body, "door") {
		t.Fatalf("the answer itself should hold the complaint: %s", body)
	}
	for _, folder := range []string{filepath.Join(a.Data, "traces"), filepath.Join(a.Data, "state")} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			stored, err := os.ReadFile(filepath.Join(folder, f.Name()))
			if err != nil {
				t.Fatal(err)
			}
			searchFor(t, secrets, f.Name(), string(stored))
		}
	}
	searchFor(t, secrets, "the services' logs", a.logs.String())
	searchFor(t, secrets, "the server's log", a.stderr.String())
}

func searchFor(t *testing.T, secrets []string, where, text string) {
	t.Helper()
	for _, s := range secrets {
		if strings.Contains(text, s) {
			t.Errorf("%q stands in %s", s, where)
		}
	}
}
