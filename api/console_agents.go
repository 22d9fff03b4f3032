package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/wire"
)

// Fleet knows the agents; fleet.Fleet does.
type Fleet interface {
	Notices(ctx context.Context, agent string, after uint64, wait time.Duration, limit int) (wire.NoticePage, error)
	Agents(ctx context.Context) ([]fleet.AgentView, error)
	Damage() []string
}

// DoorSum is what became of the documents of one of the server's own doors
// since it started, as accept.Sum has it.
type DoorSum struct {
	Door     string
	Received int64
	Settled  map[string]int64 // by outcome
	Rejected map[string]int64 // those of Settled, by code
	Lost     map[string]int64 // those of Settled, by cause
}

// Agents is what agents talk to. Intake and Fleet are required.
type Agents struct {
	Intake *Intake
	Fleet  Fleet
	// Doors returns the sums of the server's own doors and how many documents
	// wait; nil: not told.
	Doors func() (doors []DoorSum, waiting int64)
	// MaxBatchBytes bounds a batch, compressed and not. Default 64 MiB.
	MaxBatchBytes int
}

// agentServer answers agents, and those who ask about them.
type agentServer struct {
	*consoleServer
	Agents
}

// RegisterAgents puts on mux what agents call and the question about them, and
// their sums into the registry. It is called once.
func (a *API) RegisterAgents(mux *http.ServeMux, agents Agents) {
	if agents.MaxBatchBytes == 0 {
		agents.MaxBatchBytes = 64 << 20
	}
	s := &agentServer{&consoleServer{API: a}, agents}
	mux.Handle("POST /api/agent/batches", s.agentBatches())
	mux.Handle("GET /api/agent/notices", s.agentNotices())
	if a.cfg.Registry != nil && agents.Fleet != nil {
		a.cfg.Registry.MustRegister(newAgentCollector(agents.Fleet))
	}
	mux.Handle("GET /api/agents", asked(s.consoleServer, "ConsoleAgents", s.agents))
}

type agentsResponse struct {
	// Balanced: every sum below holds.
	Balanced bool        `json:"balanced"`
	Agents   []agentJSON `json:"agents"` // by host
	Server   serverJSON  `json:"server"`
	// Damage is what the server could not read of its book of agents.
	Damage []string `json:"damage,omitempty"`
}

type agentJSON struct {
	Agent         string  `json:"agent"`
	Host          string  `json:"host"`
	Version       string  `json:"version"`
	Token         string  `json:"token,omitempty"` // name of the one that speaks for it; none: any may
	LastSeen      float64 `json:"last_seen"`       // seconds since 1970
	SilentSeconds float64 `json:"silent_seconds"`
	// Statement is what the agent says of itself; null until it has.
	Statement   json.RawMessage `json:"statement"`
	StatementAt float64         `json:"statement_at,omitempty"`
	Server      countedJSON     `json:"server"`
	Balanced    bool            `json:"balanced"`
	Explain     string          `json:"explain"`
}

// countedJSON is what the server counted of an agent's batches.
type countedJSON struct {
	Received       int64  `json:"received"` // documents
	Stored         int64  `json:"stored"`
	Replaced       int64  `json:"replaced"`
	Duplicate      int64  `json:"duplicate"`
	Refused        int64  `json:"refused"`
	Rejected       int64  `json:"rejected"`
	Batches        int64  `json:"batches"`
	Repeated       int64  `json:"repeated"` // batches that came again
	Recounted      int64  `json:"recounted,omitempty"`
	MissingBatches uint64 `json:"missing_batches"`
	Epochs         int    `json:"epochs"` // lives of the agent's state
}

// serverJSON is the sum of the server's own doors since it started. Received is
// the sum of all the rest.
type serverJSON struct {
	Received  int64            `json:"received"`
	Stored    int64            `json:"stored"`
	Replaced  int64            `json:"replaced"`
	Duplicate int64            `json:"duplicate"`
	Refused   int64            `json:"refused"`
	Rejected  map[string]int64 `json:"rejected"` // by code
	Lost      map[string]int64 `json:"lost"`     // by cause
	Waiting   int64            `json:"waiting"`
	UnderWay  int64            `json:"under_way"` // between two counters
	Doors     map[string]int64 `json:"doors"`     // received, by door
	Balanced  bool             `json:"balanced"`
	Explain   string           `json:"explain"`
}

func (s *agentServer) agents(ctx context.Context, _ *struct{}) (*agentsResponse, error) {
	views, err := s.Fleet.Agents(ctx)
	if err != nil {
		return nil, err
	}
	out := &agentsResponse{Agents: []agentJSON{}, Server: s.server(), Damage: s.Fleet.Damage()}
	out.Balanced = out.Server.Balanced
	for i := range views {
		a := agentOf(&views[i])
		out.Agents = append(out.Agents, a)
		out.Balanced = out.Balanced && a.Balanced
	}
	return out, nil
}

func agentOf(v *fleet.AgentView) agentJSON {
	balance := v.Balance()
	a := agentJSON{
		Agent: v.Agent, Host: v.Host, Version: v.Version, Token: v.By,
		LastSeen: inSeconds(v.Seen), SilentSeconds: v.Silent.Seconds(),
		Statement: v.Statement, Balanced: balance.OK, Explain: balance.Explain,
		Server: countedJSON{
			Received: v.Totals.Documents, Stored: v.Totals.Stored, Replaced: v.Totals.Replaced, Duplicate: v.Totals.Duplicate,
			Refused: v.Totals.Refused, Rejected: v.Totals.Rejected, Batches: v.Totals.Batches, Repeated: v.Totals.Repeated,
			Recounted: v.Totals.Recounted, MissingBatches: v.Missing, Epochs: len(v.Epochs) + v.EarlierEpochs,
		},
	}
	if v.Statement != nil {
		a.StatementAt = inSeconds(v.StatementAt)
	}
	return a
}

func inSeconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// server adds up the doors.
func (s *agentServer) server() serverJSON {
	out := serverJSON{Rejected: map[string]int64{}, Lost: map[string]int64{}, Doors: map[string]int64{}, Balanced: true, Explain: "balanced"}
	if s.Doors == nil {
		return out
	}
	doors, waiting := s.Doors()
	settled := int64(0)
	out.Waiting = waiting
	for _, d := range doors {
		out.Received += d.Received
		out.Doors[d.Door] = d.Received
		out.Stored += d.Settled["stored"]
		out.Replaced += d.Settled["replaced"]
		out.Duplicate += d.Settled["duplicate"]
		out.Refused += d.Settled["refused_trace_too_large"] + d.Settled["refused_too_old"]
		addCounts(out.Rejected, d.Rejected)
		addCounts(out.Lost, d.Lost)
		settled += fleet.Total(d.Settled)
	}
	out.UnderWay = out.Received - settled - waiting
	named := out.Stored + out.Replaced + out.Duplicate + out.Refused + fleet.Total(out.Rejected) + fleet.Total(out.Lost)
	if out.UnderWay < 0 || named != settled {
		out.Balanced = false
		out.Explain = fmt.Sprintf("server: received %d, settled %d of which %d by name, waiting %d", out.Received, settled, named, waiting)
	}
	return out
}

func addCounts(to, counts map[string]int64) {
	for name, n := range counts {
		to[name] += n
	}
}
