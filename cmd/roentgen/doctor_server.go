package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// lookAtServer asks the server what it says of itself.
func (d *doctor) lookAtServer(ctx context.Context) {
	if d.server == nil {
		d.skipped("server", "--server off")
		return
	}
	asked := d.now()
	resp, said, err := d.get(ctx, d.server.server+"/healthz", "")
	if err != nil {
		d.failed("server", d.server.unreachable(err).Error(), "roentgen serve --http HOST:PORT, or name the right one with --server")
		return
	}
	if resp.StatusCode != http.StatusOK || strings.TrimSpace(said) != "ok" {
		d.failed("server", fmt.Sprintf("%s answers %s to /healthz: that is no Roentgen server", d.server.server, resp.Status), "name the URL of --http of roentgen serve with --server, and see what proxy stands before it")
		return
	}
	d.ok("server", "%s answers", d.server.server)
	d.lookAtClock(resp, asked)
	d.lookAtReady(ctx)
	d.lookAtToken(ctx)
}

// get reads a small answer.
func (d *doctor) get(ctx context.Context, url, token string) (*http.Response, string, error) {
	ctx, cancel := context.WithTimeout(ctx, looking)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, "", err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment}}).Do(req)
	if err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	return resp, string(text), err
}

func (d *doctor) lookAtReady(ctx context.Context) {
	resp, said, err := d.get(ctx, d.server.server+"/readyz", "")
	switch {
	case err != nil:
		d.failed("ready", err.Error(), "see the server's log")
	case resp.StatusCode != http.StatusOK:
		d.failed("ready", "the server says "+strings.TrimSpace(said), "free space on the disk of --data, or make it writable for the server's user; the server's log says more")
	default:
		d.ok("ready", "it accepts and stores")
	}
}

// Bounds of a clock that is off.
const (
	clockWarning = 5 * time.Second // the Date of an answer has whole seconds
	clockFailed  = time.Minute
)

// lookAtClock compares this host's clock with the Date of an answer.
func (d *doctor) lookAtClock(resp *http.Response, asked time.Time) {
	at, err := http.ParseTime(resp.Header.Get("Date"))
	if err != nil {
		d.skipped("clock", "the server's answer has no Date")
		return
	}
	late := d.now().Sub(asked)
	skew := at.Add(500 * time.Millisecond).Sub(asked.Add(late / 2)).Round(time.Second)
	text := fmt.Sprintf("this host's clock is %s ahead of the server's", (-skew).String())
	if skew > 0 {
		text = fmt.Sprintf("this host's clock is %s behind the server's", skew)
	}
	const remedy = "chronyc makestep (or timedatectl set-ntp true) on the host that is wrong"
	switch {
	case skew.Abs() > clockFailed:
		d.failed("clock", text, remedy)
	case skew.Abs() > clockWarning:
		d.warning("clock", text, remedy)
	default:
		d.ok("clock", "this host and the server agree to %s", clockWarning)
	}
}

// lookAtToken asks what only those with a token may ask.
func (d *doctor) lookAtToken(ctx context.Context) {
	resp, said, err := d.get(ctx, d.server.server+"/api/about", d.server.token)
	var about struct{ Version string }
	switch {
	case err != nil:
		d.failed("token", err.Error(), "see the server's log")
		return
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		d.failed("token", d.server.locked(resp.StatusCode).Error(), "export "+tokenEnv+"=… with a token of the server's --auth-file")
		return
	case resp.StatusCode != http.StatusOK || json.Unmarshal([]byte(said), &about) != nil || about.Version == "":
		d.failed("token", d.server.stranger(resp).Error(), "name a Roentgen server with --server, of this version")
		return
	}
	d.up = true
	if d.server.token == "" {
		d.ok("token", "the server asks for none")
	} else {
		d.ok("token", "the server takes it")
	}
	if about.Version != version {
		d.warning("version", fmt.Sprintf("the server is of version %s, this program of %s", about.Version, version), "install the same version on both, the server's first")
		return
	}
	d.ok("version", "server and program are of version %s", version)
}

// doctorAgent is what of the server's list of agents is looked at.
type doctorAgent struct {
	ledgerAgent
	Statement *struct {
		BufferBytes int64 `json:"buffer_bytes"`
		Wanted      int64 `json:"buffer_wanted_bytes"`
		KernelDrops int64 `json:"kernel_drops"`
		Upstream    struct {
			URL       string `json:"url"`
			LastError string `json:"last_error"`
		} `json:"upstream"`
		Lost map[string]int64 `json:"lost"`
	} `json:"statement"`
}

// silent is how long an agent may say nothing: they speak every few seconds.
const silent = 2 * time.Minute

// lookAtAgents asks the server what its agents say.
func (d *doctor) lookAtAgents(ctx context.Context) {
	if !d.up {
		d.skipped("agents", "the server cannot be asked")
		return
	}
	var text json.RawMessage
	var list struct{ Agents []doctorAgent }
	err := d.server.do(ctx, http.MethodGet, "/api/agents", struct{}{}, &text)
	if err == nil {
		err = json.Unmarshal(text, &list)
	}
	if err != nil {
		d.failed("agents", err.Error(), "see the server's log")
		return
	}
	d.agents = list.Agents
	if len(list.Agents) == 0 {
		d.skipped("agents", "the server knows none: nothing has been sent through an agent yet")
		return
	}
	good := 0
	for _, a := range list.Agents {
		if d.agentIsGood(a) {
			good++
		}
	}
	if good > 0 {
		d.ok("agents", "%d of %d that the server knows are well", good, len(list.Agents))
	}
}

func (d *doctor) agentIsGood(a doctorAgent) bool {
	name := "agent " + a.name()
	var lost int64
	if a.Statement != nil {
		for _, n := range a.Statement.Lost {
			lost += n
		}
	}
	switch {
	case a.SilentSeconds > silent.Seconds():
		d.warning(name, fmt.Sprintf("it has said nothing for %s", spokenSeconds(a.SilentSeconds)), "if it should run: systemctl status roentgen-agent on that host, and its log")
	case !a.Balanced:
		d.warning(name, "its sums do not hold: "+a.Explain, "roentgen ledger")
	case a.Statement != nil && a.Statement.Upstream.LastError != "":
		d.warning(name, "its last error on the way to "+a.Statement.Upstream.URL+": "+a.Statement.Upstream.LastError, "see the sentence; the agent's log has the time")
	case a.Statement != nil && a.Statement.KernelDrops > 0:
		d.warning(name, fmt.Sprintf("the kernel dropped %d datagrams before the agent could read them", a.Statement.KernelDrops), rmemRemedy(max(a.Statement.Wanted, wantedBuffer)))
	case lost > 0:
		d.warning(name, fmt.Sprintf("it has lost %d documents: %s", lost, byName("", a.Statement.Lost)), "roentgen ledger says of what; --spool-bytes and --state bound what an outage may take")
	default:
		return true
	}
	return false
}
