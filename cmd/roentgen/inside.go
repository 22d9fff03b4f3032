package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/rates"
	"github.com/roentgen/roentgen/wire"
)

// insideDir is the state of the agent within the server, within the data
// directory.
const insideDir = "agent"

// newInside makes the agent that answers on --daemon, nil when that is off. Its
// batches do not leave the process.
func newInside(cfg config, d *doors, s services) (*agent.Agent, error) {
	if d.daemon == nil {
		return nil, nil
	}
	networks, err := cfg.networks()
	if err != nil {
		return nil, err
	}
	triggers, err := readTriggers(cfg.Triggers)
	if err != nil {
		return nil, err
	}
	state, err := agent.OpenState(filepath.Join(cfg.Data, insideDir))
	if err != nil {
		return nil, err
	}
	return agent.New(agent.Config{
		State: state, UDP: d.udp, TCP: d.daemon, Networks: networks,
		Limits:    wire.Limits{MaxDocumentBytes: cfg.MaxDocumentBytes},
		RingBytes: cfg.RingBytes, Triggers: triggers, Fold: folding(),
		Sender: &inside{intake: s.inside}, Limit: spool.Limit{Documents: insideBatch, Age: insideAge}, Concurrency: insideConcurrency,
		Roentgen: true, RollUpEvery: 2 * time.Second,
		Notices: insideNotices{s.fleet, state.Agent()}, Ask: newInsideAsker(s.api),
		Kind: "inside", Host: hostname(), Version: version, Drain: cfg.ShutdownTimeout,
		OnReject: func(_, code string) { s.acceptor.Rejected(accept.DoorUDP, roentgen.RejectCode(code)) },
		Logger:   s.log, Registry: s.registry,
	})
}

// What waits at most before it is stored, and how much is stored at once.
// While one batch is being made durable the next ones gather.
const (
	insideAge         = 5 * time.Millisecond
	insideBatch       = 1024
	insideConcurrency = 4
)

// newInsideIntake takes the batches of the agent within, whose documents count
// for its door.
func newInsideIntake(a *accept.Acceptor, known *fleet.Fleet, counted *rates.Book, log *slog.Logger) *api.Intake {
	return api.NewIntake(api.IntakeConfig{Documents: udpDoor{a}, Book: known, Rates: counted, Logger: log})
}

type udpDoor struct{ *accept.Acceptor }

// AcceptBatch implements api.BatchStore.
func (d udpDoor) AcceptBatch(ctx context.Context, docs []wire.BatchDocument) ([]roentgen.Outcome, []*roentgen.Rejection, error) {
	return d.AcceptBatchFrom(ctx, accept.DoorUDP, docs)
}

// inside sends batches to the server around it.
type inside struct{ intake *api.Intake }

// Send implements upstream.Sender.
func (i *inside) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	mine := *b
	mine.Header.By = fleet.Within
	answer, err := i.intake.Take(ctx, &mine)
	if err == nil {
		return answer, nil
	}
	return answer, &upstream.Error{
		Category: upstream.CategoryOther, Permanent: roentgen.KindOf(err) == roentgen.Invalid,
		Text: fmt.Sprintf("store a batch of %d documents: %v", len(b.Documents), err), Err: err,
	}
}

// Describe implements upstream.Sender.
func (i *inside) Describe() string { return "this server" }

// Check implements upstream.Sender: who asks is the server himself.
func (i *inside) Check(context.Context) error { return nil }

// insideNotices reads what other agents told the server.
type insideNotices struct {
	fleet *fleet.Fleet
	agent string
}

// noticesAtOnce bounds one page.
const noticesAtOnce = 8192

// Pull implements agent.Notices.
func (n insideNotices) Pull(ctx context.Context, after uint64, wait time.Duration) ([]wire.Notice, uint64, uint64, error) {
	page, err := n.fleet.Notices(ctx, n.agent, after, wait, noticesAtOnce)
	return page.Notices, page.Next, page.Oldest, err
}

// insideAsker answers questions about sampling from the API of this process.
type insideAsker struct{ mux *http.ServeMux }

func newInsideAsker(a *api.API) insideAsker {
	mux := http.NewServeMux()
	a.RegisterDaemon(mux)
	return insideAsker{mux}
}

// Do implements agent.Asker.
func (i insideAsker) Do(ctx context.Context, path string, body []byte) (*upstream.Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, path, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", path, err)
	}
	request.Header.Set("Content-Type", "application/json")
	w := &heldAnswer{header: http.Header{}, status: http.StatusOK}
	i.mux.ServeHTTP(w, request)
	return &upstream.Answer{Status: w.status, Header: w.header, Body: w.body.Bytes()}, nil
}

// heldAnswer is an answer that goes on in this process.
type heldAnswer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *heldAnswer) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *heldAnswer) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *heldAnswer) Write(b []byte) (int, error) { return w.body.Write(b) }
