package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// ledgerAnswer is of two agents, of which the second is off by one where off is
// true and has said nothing yet where it is not.
func ledgerAnswer(off bool) string {
	second := `{"agent":"bbbbbb00","host":"web-2","silent_seconds":400,"statement":null,
		"server":{"received":7,"stored":7},"balanced":true,"explain":"balanced; silent for 6m40s"}`
	if off {
		second = `{"agent":"bbbbbb00","host":"web-2","silent_seconds":2,
			"statement":{"received":{"udp":8},"stored":7,"waiting":{"ring":0}},
			"server":{"received":7,"stored":7},"balanced":false,"explain":"agent: received 8, ended 7, waiting 0: +1 without a name"}`
	}
	return `{"balanced":` + map[bool]string{true: "false", false: "true"}[off] + `,"agents":[
		{"agent":"aaaaaa00","host":"web-1","silent_seconds":1.5,
		 "statement":{"received":{"udp":1000000,"otlp":234567},"stored":120000,"replaced":40,"duplicate":3,"refused":0,"rejected":{"MissingId":2},
			"dropped":{"unsampled":1110000},"lost":{"killed":1,"spool_full":0},"waiting":{"ring":4500,"spool":21,"queue":0}},
		 "server":{"received":120044,"stored":120000,"replaced":40,"duplicate":4},"balanced":true,
		 "explain":"balanced; lost, killed: 1; before the agent: 12 datagrams dropped by the kernel"},` + second + `],
		"server":{"received":120060,"stored":120007,"replaced":40,"duplicate":4,"lost":{"store_failed":5},"waiting":4,"balanced":true,"explain":"balanced"}}`
}

func askLedger(t *testing.T, off bool, args ...string) (string, error) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/api/agents" || r.Header.Get("Authorization") != "Bearer secret" {
			t.Errorf("asked %s %s", r.Method, r.URL)
		}
		w.Write([]byte(ledgerAnswer(off)))
	}))
	defer s.Close()
	w := around{time.Now, func(name string) string {
		return map[string]string{serverEnv: s.URL, tokenEnv: "secret", "COLUMNS": "130"}[name]
	}}
	root := &cobra.Command{Use: "roentgen", SilenceUsage: true, SilenceErrors: true}
	root.AddCommand(newLedgerCommand(w))
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append([]string{"ledger"}, args...))
	err := root.Execute()
	return out.String(), err
}

func TestTheLedgerIsATable(t *testing.T) {
	got, err := askLedger(t, false, "--output", "table")
	if err != nil {
		t.Fatal(err)
	}
	want := `
WHO              SEEN             RECEIVED   STORED  REPLACED  DUPLICATE  REFUSED  REJECTED    DROPPED  LOST  WAITING    SUM
web-1 aaaaaa     1.50 s ago      1 234 567  120 000        40          3        0         2  1 110 000     1    4 521  holds
  at the server                    120 044  120 000        40          4        0         0                            holds
web-2 bbbbbb     6 min 40 s ago          ?
  at the server                          7        7         0          0        0         0                            holds
server's doors                     120 060  120 007        40          4        0         0                5        4  holds

web-1 aaaaaa: lost, killed: 1; before the agent: 12 datagrams dropped by the kernel; rejected, MissingId: 2; dropped, unsampled:
  1 110 000

web-2 bbbbbb: silent for 6m40s

server: lost, store_failed: 5
`
	if got != want[1:] {
		t.Errorf("got\n%s", got)
	}
}

func TestASumThatDoesNotHoldIsAnErrorThatNamesIt(t *testing.T) {
	for _, args := range [][]string{{"--output", "table"}, {"--json"}} {
		got, err := askLedger(t, true, args...)
		if err == nil || err.Error() != "the sums do not hold: web-2 bbbbbb: agent: received 8, ended 7, waiting 0: +1 without a name" {
			t.Errorf("%v: %v", args, err)
		}
		if args[0] == "--json" && !json.Valid([]byte(got)) || args[0] != "--json" && !strings.Contains(got, "+1\n") {
			t.Errorf("%v: %s", args, got)
		}
	}
	got, err := askLedger(t, false, "--json")
	if err != nil || !json.Valid([]byte(got)) {
		t.Errorf("%v: %s", err, got)
	}
}
