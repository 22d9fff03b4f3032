package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// deployment is AFIRGen with the address of every service.
type deployment struct {
	*afirgen
	reader string // host:port of the ASR/OCR server
	// where verify looks, unless it is the server itself
	roentgen string
}

// deploy starts a Roentgen server and the three services. Those named in untraced have tracing switched off.
func deploy(t *testing.T, untraced ...string) *deployment {
	t.Helper()
	d := &deployment{afirgen: &afirgen{server: startServer(t, t.TempDir()), logs: new(output)}}
	d.roentgen = d.HTTP
	start := func(name string, args ...string) string {
		enabled := "true"
		for _, u := range untraced {
			if u == name {
				enabled = "false"
			}
		}
		t.Setenv("XRAY_ENABLED", enabled)
		return d.service(t, "0", name, args...)
	}
	d.model = start("gguf")
	d.reader = start("asrocr")
	d.backend = start("backend", "--database", "sqlite:"+filepath.Join(t.TempDir(), "afirgen.db"), "--archive", t.TempDir(),
		"--model-server", "http://"+d.model, "--asr-ocr-server", "http://"+d.reader, "--rate-limit", "100000",
		"--station-code", "KTW", "--station-name", "Kotwali", "--station-district", "Lucknow", "--station-state", "Uttar Pradesh")
	return d
}

// verdict is what `afirgen verify --json` prints.
type verdict struct {
	Passed bool
	Checks []struct {
		Title    string
		Passed   bool
		Failures []struct{ Where, What, Want, Got string }
		Notes    []string
	}
}

// failed lists the titles of the checks that did not pass.
func (v verdict) failed() []string {
	var titles []string
	for _, c := range v.Checks {
		if !c.Passed {
			titles = append(titles, c.Title)
		}
	}
	return titles
}

// says reports whether some finding holds all of the words.
func (v verdict) says(words ...string) bool {
	for _, c := range v.Checks {
		for _, f := range c.Failures {
			line, all := f.Where+": "+f.What+": want "+f.Want+", got "+f.Got, true
			for _, w := range words {
				all = all && strings.Contains(line, w)
			}
			if all {
				return true
			}
		}
	}
	return false
}

// verify runs the program against the deployment and returns what it printed and its exit code.
func (d *deployment) verify(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program("afirgen"), append([]string{"verify", "--wait", "5s"}, args...)...)
	c.Env = append(os.Environ(), "BASE_URL=http://"+d.backend, "MODEL_SERVER_URL=http://"+d.model, "ASR_OCR_SERVER_URL=http://"+d.reader,
		"ROENTGEN_URL="+d.roentgen, "API_KEY="+apiKey, "FIR_AUTH_KEY="+authKey)
	c.Env = append(c.Env, env...)
	var out, progress bytes.Buffer
	c.Stdout, c.Stderr = &out, &progress
	err := c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), progress.String(), c.ProcessState.ExitCode()
}

// judge runs verify for machines, with few complaints and without an overload, and holds its exit code against what it says.
func (d *deployment) judge(t *testing.T, env []string, args ...string) verdict {
	t.Helper()
	out, progress, code := d.verify(t, env, append([]string{"--json", "--concurrent", "3", "--overload=false", "--wait", "1s"}, args...)...)
	var v verdict
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("what it printed is no JSON: %v\n%s\n%s", err, out, progress)
	}
	if len(v.Checks) != 8 || (code == 0) != v.Passed || v.Passed != (len(v.failed()) == 0) {
		t.Fatalf("exit code %d, passed %t, %d checks, failed %q", code, v.Passed, len(v.Checks), v.failed())
	}
	return v
}

// behind puts a proxy before the Roentgen server that changes answers on their way, and returns the deployment as it is
// seen through it.
func (d *deployment) behind(t *testing.T, change func(path string, answer map[string]any)) *deployment {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		req, err := http.NewRequestWithContext(r.Context(), r.Method, d.HTTP+r.URL.RequestURI(), r.Body)
		if err != nil {
			t.Error(err)
			return
		}
		req.Header = r.Header.Clone()
		resp, err := client.Do(req)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
			return
		}
		var answer map[string]any
		if resp.StatusCode == http.StatusOK && json.Unmarshal(body, &answer) == nil {
			change(r.URL.Path, answer)
			if body, err = json.Marshal(answer); err != nil {
				t.Error(err)
			}
		}
		w.Header().Set("Content-Type", resp.Header.Get("Content-Type"))
		w.WriteHeader(resp.StatusCode)
		w.Write(body)
	}))
	t.Cleanup(proxy.Close)
	seen := *d
	seen.roentgen = proxy.URL
	return &seen
}

// ofDocuments changes the documents of every trace that is read; what change answers false to is lost.
func ofDocuments(change func(document map[string]any) (keep bool)) func(string, map[string]any) {
	return func(path string, answer map[string]any) {
		if path != "/Traces" {
			return
		}
		for _, one := range answer["Traces"].([]any) {
			trace := one.(map[string]any)
			kept := []any{}
			for _, one := range trace["Segments"].([]any) {
				segment := one.(map[string]any)
				var document map[string]any
				if json.Unmarshal([]byte(segment["Document"].(string)), &document) != nil || !change(document) {
					continue
				}
				text, _ := json.Marshal(document) // it has just been read
				segment["Document"] = string(text)
				kept = append(kept, segment)
			}
			trace["Segments"] = kept
		}
	}
}

// below calls f on the document and on every subsegment of it.
func below(document map[string]any, f func(map[string]any)) {
	f(document)
	subsegments, _ := document["subsegments"].([]any)
	for _, s := range subsegments {
		below(s.(map[string]any), f)
	}
}

// annotation returns an annotation of a document, or nil.
func annotation(document map[string]any, key string) any {
	all, _ := document["annotations"].(map[string]any)
	return all[key]
}
