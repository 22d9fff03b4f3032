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

// TestSoak files complaints from four clients, all of them traced, for
// minutes. Every segment must arrive, the books must balance, and no service
// may keep growing: the server holds what it is sent, the services hold
// nothing.
func TestSoak(t *testing.T) {
	a := startAFIRGen(t, "1")
	length := soakTime(t)
	end := time.Now().Add(length)
	before := a.metric(t, `roentgen_documents_received_total{door="udp"}`)
	var filed atomic.Int64
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for time.Now().Before(end) {
				status, _, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
				if status != 200 {
					t.Errorf("status %d: %s", status, body)
					return
				}
				filed.Add(1)
			}
		})
	}
	var readings []map[int]int
	for time.Now().Before(end) { // evenly: half of the readings are of half the time
		time.Sleep(length / 40)
		readings = append(readings, a.memory(t))
	}
	clients.Wait()
	eventually(t, func() error {
		if got, want := a.metric(t, `roentgen_documents_received_total{door="udp"}`)-before, float64(2*filed.Load()); got != want {
			return fmt.Errorf("%v documents arrived of %v", got, want)
		}
		return nil
	})
	a.balance(t, "udp")
	if lost := a.metric(t, `roentgen_documents_settled_total{door="udp",outcome="lost"}`); lost != 0 {
		t.Errorf("%v documents were lost", lost)
	}
	t.Logf("%d complaints filed", filed.Load())
	a.wantSteady(t, readings)
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
// second: half as much again would be growth.
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
		if second > first*3/2 {
			t.Errorf("process %d grows: %d kB, then %d kB", pid, first, second)
		}
	}
}
