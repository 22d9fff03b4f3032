package agent

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen/agent/upstream"
	"github.com/roentgen/roentgen/wire"
)

// fragile is an upstream that breaks down over batches in which a text stands.
type fragile struct {
	upstream.Sender
	over  []byte
	fails atomic.Int64
}

func (f *fragile) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	for _, d := range b.Documents {
		if bytes.Contains(d.Document, f.over) {
			f.fails.Add(1)
			return wire.BatchAnswer{}, &upstream.Error{Category: upstream.Category5XX, Status: 500, Text: "500: it broke down"}
		}
	}
	return f.Sender.Send(ctx, b)
}

func TestADocumentThatTheUpstreamDoesNotBearIsKeptAsideAndNamed(t *testing.T) {
	h := newHouse(t)
	var later atomic.Int64
	var up *fragile
	a := startAgent(t, h, t.TempDir(), func(c *Config) {
		up = &fragile{Sender: c.Sender, over: []byte("unbearable")}
		c.Sender = up
		c.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	})
	bad, good := newTrace(), newTrace()
	doc := document(bad, `"annotations":{"what":"unbearable"}`)
	a.send(t, plain, document(good, ""), doc, document(good, ""))
	sent := 2
	eventually(t, func() error {
		a.send(t, plain, document(good, "")) // others have to pass meanwhile
		sent++
		if up.fails.Load() > 3 {
			later.Add(int64(20 * time.Second)) // of waiting
		}
		if s := a.Statement(); s.Lost[causeUpstream] != 1 {
			return fmt.Errorf("%d attempts; %+v", up.fails.Load(), s.Books)
		}
		return nil
	})
	h.await(t, good, sent)
	if s := a.balanced(t); s.Lost[causeUpstream] != 1 || s.Stored != int64(sent) {
		t.Errorf("%+v", s.Books)
	}
	files, err := filepath.Glob(filepath.Join(a.dir, "aside", bad.String()+".*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	if text, err := os.ReadFile(files[0]); err != nil || string(text) != doc {
		t.Errorf("%s holds %q, %v", files[0], text, err)
	}
	if err := a.stop(); err != nil {
		t.Fatal(err)
	}
	if log := a.log.String(); !strings.Contains(log, "trace_id="+bad.String()) || !strings.Contains(log, files[0]) {
		t.Error("the log does not name it")
	}
}
