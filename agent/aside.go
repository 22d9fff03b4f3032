package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/agent/upstream"
)

const (
	asideDir = "aside"
	// mostAside documents are kept for people to look at; of more there is a line
	// in the log alone.
	mostAside = 64
)

// setAside tells which document the upstream does not bear, and keeps its text
// where the state directory outlives the process: it can be sent again once the
// upstream is mended.
func (a *Agent) setAside(cut *spool.Cut, why *upstream.SetAsideError) {
	for _, d := range cut.Documents {
		var named struct {
			TraceID string `json:"trace_id"`
			ID      string `json:"id"`
		}
		_ = json.Unmarshal(d.Document, &named) // it was read before; without names it is kept all the same
		file, err := a.keepAside(named.TraceID+"."+named.ID, d.Document)
		a.cfg.Logger.Error("a document is given up: the upstream fails on it alone", "trace_id", named.TraceID, "id", named.ID, "bytes", len(d.Document),
			"tries", why.Tries, "file", file, "not_kept", err, "error", why.Last)
	}
	if len(cut.Rollups) > 0 {
		a.cfg.Logger.Error("counts of requests are given up: the upstream fails on them alone", "tries", why.Tries, "error", why.Last)
	}
}

// keepAside writes a document into a file of its own; "": there is no room for
// one more, or nothing outlives the process.
func (a *Agent) keepAside(name string, doc []byte) (file string, err error) {
	dir := a.cfg.State.path(asideDir)
	if dir == "" {
		return "", nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make a directory for documents that are set aside: %w", err)
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) >= mostAside {
		return "", err
	}
	safe := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r == '-' || r == '.' {
			return r
		}
		return '_'
	}, name)
	file = filepath.Join(dir, safe[:min(len(safe), 100)]+".json")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		return "", fmt.Errorf("set a document aside: %w", err)
	}
	return file, nil
}
