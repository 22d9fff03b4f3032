package gguf

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An inference outlasts the deadline for reading its request.
func TestALongInferenceIsNotTakenForACallerWhoHasGone(t *testing.T) {
	const reading = 200 * time.Millisecond
	s, m, engine := holding(func(*Config) {})
	h, _ := handler(t, s)
	server := httptest.NewUnstartedServer(h)
	server.Config.ReadTimeout = reading
	server.Start()
	defer server.Close()
	go func() {
		for m.gate.State().Running == 0 {
			time.Sleep(time.Millisecond) // the pause of a poll
		}
		time.Sleep(2 * reading) // the deadline is over
		close(engine.letGo)
	}()
	resp, err := server.Client().Post(server.URL+"/inference", "application/json", strings.NewReader(`{"model_name":"summariser","prompt":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%d %s, %v", resp.StatusCode, body, err)
	}
}
