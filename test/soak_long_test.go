//go:build long

package test

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// soakTime is how long TestSoak loads the house; SOAK=30m sets another.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SOAK")
	if text == "" {
		return 5 * time.Minute
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SOAK: %v", err)
	}
	return d
}

// TestSoak has three clients file typed complaints and a fourth photographed letters, all of them traced, for minutes. Every
// segment must arrive, the books must balance, and no service may keep growing: the server holds what it is sent, the
// services hold nothing.
func TestSoak(t *testing.T) {
	a := startAFIRGen(t, "1")
	photograph, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	a.awaitStart(t)
	for _, letter := range [][]byte{nil, photograph} { // what the services send of their start has arrived before these
		for trace, n := range a.file(t, letter) {
			a.awaitSegments(t, trace, n)
		}
	}
	length := soakTime(t)
	end := time.Now().Add(length)
	sweeps := map[string]bool{}
	a.sweeps(t, sweeps)
	before := a.metric(t, `roentgen_documents_received_total{door="udp"}`) - float64(len(sweeps))
	var filed, documents atomic.Int64
	var clients sync.WaitGroup
	for _, letter := range [][]byte{nil, nil, nil, photograph} {
		clients.Go(func() {
			for time.Now().Before(end) {
				for _, n := range a.file(t, letter) {
					documents.Add(int64(n))
				}
				filed.Add(1)
			}
		})
	}
	var readings []map[int]int
	for time.Now().Before(end) { // evenly: half of the readings are of half the time
		time.Sleep(length / 40)
		readings = append(readings, a.memory(t))
		a.sweeps(t, sweeps)
	}
	clients.Wait()
	t.Logf("%d complaints filed, of %d documents", filed.Load(), documents.Load())
	a.wantSteady(t, readings)
	eventually(t, func() error {
		a.sweeps(t, sweeps)
		want := float64(documents.Load()) + float64(len(sweeps))
		if got := a.metric(t, `roentgen_documents_received_total{door="udp"}`) - before; got != want {
			return fmt.Errorf("%v documents arrived of %v", got, want)
		}
		if waiting := a.metric(t, "roentgen_documents_waiting"); waiting > 0 {
			return fmt.Errorf("%v documents wait", waiting)
		}
		return nil
	})
	a.balance(t, "udp")
	if lost := a.metric(t, `roentgen_documents_settled_total{door="udp",outcome="lost"}`); lost != 0 {
		t.Errorf("%v documents were lost", lost)
	}
}

// sweeps adds to traces those of the backend's sweeps, of one document each, within the last hour.
func (a *afirgen) sweeps(t *testing.T, traces map[string]bool) {
	t.Helper()
	for _, id := range found(t, awsClient(a.server), `annotation.operation = "sweep" AND service("afirgen-main-backend")`) {
		traces[id] = true
	}
}

// file files a complaint, typed or on a photograph, and approves what was taken down of it, of which the model server then
// writes a summary. It returns how many documents the two requests leave behind, by trace.
func (a *afirgen) file(t *testing.T, photograph []byte) map[string]int {
	t.Helper()
	documents := map[string]int{}
	send := func(req *http.Request, segments int) string {
		status, header, body := a.do(t, req)
		if status != 200 {
			t.Fatalf("%s: status %d: %s", req.URL.Path, status, body)
		}
		documents[traceOf(t, header)] = segments
		return body
	}
	complaint, segments := a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)), 1
	if photograph != nil {
		contentType, body := form(t, "image", "letter.jpg", photograph)
		complaint, segments = a.request(t, http.MethodPost, "/process", contentType, body), 2
	}
	send(a.approval(t, sessionOf(t, send(complaint, segments))), 2)
	return documents
}

// memory reads the resident memory of the three services, in kB by pid.
func (a *afirgen) memory(t *testing.T) map[int]int {
	t.Helper()
	out := map[int]int{}
	for _, pid := range a.pids {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(status)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmRSS:" {
				out[pid], _ = strconv.Atoi(fields[1]) // the kernel writes a number
			}
		}
	}
	return out
}

// wantSteady compares the greatest memory of the first half with that of the
// second: a quarter as much again would be growth.
func (a *afirgen) wantSteady(t *testing.T, readings []map[int]int) {
	t.Helper()
	for _, pid := range a.pids {
		var first, second int
		var all []int
		for i, r := range readings {
			all = append(all, r[pid])
			if i < len(readings)/2 {
				first = max(first, r[pid])
			} else {
				second = max(second, r[pid])
			}
		}
		t.Logf("process %d: at most %d kB in the first half, %d kB in the second: %v", pid, first, second, all)
		if second > first*5/4 {
			t.Errorf("process %d grows: %d kB, then %d kB", pid, first, second)
		}
	}
}
