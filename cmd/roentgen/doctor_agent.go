package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/wire"
)

// lookAtCapability asks what listens at the daemon's port what it can do.
func (d *doctor) lookAtCapability(ctx context.Context) {
	if d.daemon == off {
		d.skipped("agent", "--daemon off")
		return
	}
	resp, said, err := d.get(ctx, "http://"+d.daemon+"/.well-known/roentgen-agent", "")
	var can agent.Capability
	switch {
	case err != nil:
		d.failed("agent", fmt.Sprintf("nothing answers at tcp %s: %v", d.daemon, innermostError(err)), "start roentgen agent --bind-tcp "+d.daemon+", or name it with --daemon")
	case resp.StatusCode != http.StatusOK || json.Unmarshal([]byte(said), &can) != nil || can.Agent != "roentgen":
		d.warning("agent", fmt.Sprintf("what listens at %s is no Roentgen agent (%s to the question): SDKs send it sampled traces alone, and failing ones that were not sampled are lost", d.daemon, resp.Status), "run roentgen agent in the daemon's place, with its flags and its file")
	case !can.Undecided:
		d.warning("agent", fmt.Sprintf("agent %s holds no undecided traces", can.Version), "see its log for why; --state gives it room")
	default:
		d.ok("agent", "version %s holds undecided traces (triggers %s), rules %s", can.Version, strings.Join(can.Triggers, ", "), can.Rules)
		if can.Version != version {
			d.warning("agent version", fmt.Sprintf("the agent is of version %s, this program of %s", can.Version, version), "install the same version on both")
		}
	}
}

func innermostError(err error) error {
	for {
		next, ok := err.(interface{ Unwrap() error })
		if !ok || next.Unwrap() == nil {
			return err
		}
		err = next.Unwrap()
	}
}

// How long a segment may take to come back, and how often it is looked for.
const (
	comesBack = 8 * time.Second
	lookEvery = 100 * time.Millisecond
)

// roundTrip sends a segment over UDP, reads it from the server and deletes it.
func (d *doctor) roundTrip(ctx context.Context) {
	no, _ := d.c.Flags().GetBool("no-write")
	switch {
	case no:
		d.skipped("round trip", "--no-write")
		return
	case d.daemon == off:
		d.skipped("round trip", "--daemon off")
		return
	case !d.up:
		d.skipped("round trip", "the server cannot be asked for what arrives")
		return
	}
	id, doc := d.segment()
	sent := time.Now()
	if err := sendSegment(ctx, d.daemon, doc); err != nil {
		d.failed("round trip", fmt.Sprintf("a segment cannot be sent to udp %s: %v", d.daemon, innermostError(err)), "start roentgen serve or roentgen agent there, or name it with --daemon")
		return
	}
	if err := d.await(ctx, id); err != nil {
		d.failed("round trip", fmt.Sprintf("the segment that was sent to udp %s is not in %s after %s", d.daemon, d.server.server, comesBack),
			"see who holds the port above; of an agent, --upstream has to be "+d.server.server+", and --allow has to name this host; roentgen ledger says where documents ended")
		return
	}
	took := time.Since(sent)
	if err := d.erase(ctx, id); err != nil {
		d.warning("round trip", "a segment came back, and its trace cannot be deleted: "+err.Error(), "roentgen trace delete "+id+" --yes")
		return
	}
	d.ok("round trip", "a segment that was sent to udp %s was in the server after %s, and is deleted again", d.daemon, spokenSeconds(took.Seconds()))
}

// segment is a document of a trace of its own.
func (d *doctor) segment() (id string, doc []byte) {
	var r [20]byte
	rand.Read(r[:])
	now := d.now()
	id = fmt.Sprintf("1-%08x-%x", now.Unix(), r[:12])
	end := epochSeconds(now)
	doc = wire.AppendHeader(nil, wire.Header{})
	return id, fmt.Appendf(doc, `{"id":"%x","trace_id":"%s","name":"roentgen-doctor","start_time":%f,"end_time":%f}`, r[12:], id, end-0.001, end)
}

func sendSegment(ctx context.Context, to string, doc []byte) error {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", to)
	if err != nil {
		return err
	}
	defer conn.Close()
	_, err = conn.Write(doc)
	return err
}

// await looks for the trace until it is there.
func (d *doctor) await(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, comesBack)
	defer cancel()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		_, err := d.server.trace(ctx, id)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// erase deletes the trace.
func (d *doctor) erase(ctx context.Context, id string) error {
	var got struct{ Deleted string }
	return d.server.do(ctx, http.MethodDelete, "/api/traces/"+id, struct{}{}, &got)
}
