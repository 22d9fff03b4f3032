package api_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/api"
	"github.com/roentgen/roentgen/fleet"
	"github.com/roentgen/roentgen/internal/applog/vfs"
	"github.com/roentgen/roentgen/wire"
)

// nowhere stores everything at once.
type nowhere struct{}

func (nowhere) Append(_ context.Context, docs []roentgen.Stored) ([]roentgen.Outcome, error) {
	return make([]roentgen.Outcome, len(docs)), nil
}

// BenchmarkAgentBatches is what a batch costs the server without its store:
// reading, the book on a real disk, and the parsing of the documents, which are
// of 2.2 kB. A hundred agents send at once.
func BenchmarkAgentBatches(b *testing.B) {
	for _, documents := range []int{0, 10, 500} {
		b.Run(fmt.Sprintf("documents=%d", documents), func(b *testing.B) {
			known, err := fleet.Open(vfs.OS{}, b.TempDir(), fleet.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer known.Close()
			mux := http.NewServeMux()
			api.New(api.Config{}).RegisterAgents(mux, api.Agents{
				Intake: api.NewIntake(api.IntakeConfig{Documents: accept.New(accept.Config{MaxAge: 1 << 62}, nowhere{}), Book: known}),
				Fleet:  known,
			})
			shared := benchBatch(documents)
			var turn atomic.Int64
			b.SetParallelism(50)
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				batch := *shared
				for pb.Next() {
					n := turn.Add(1)
					batch.Header.Agent, batch.Header.Epoch, batch.Header.Seq = fmt.Sprintf("%032x", n%100), 1, uint64(n/100+1)
					r := httptest.NewRequest("POST", "/api/agent/batches", bytes.NewReader(wire.AppendBatch(nil, &batch)))
					r.Header.Set("Content-Type", wire.BatchContentType)
					w := httptest.NewRecorder()
					if mux.ServeHTTP(w, r); w.Code != http.StatusOK {
						b.Error(w.Body)
						return
					}
				}
			})
		})
	}
}

func benchBatch(documents int) *wire.Batch {
	b := &wire.Batch{}
	var metadata strings.Builder
	for i := range 55 {
		fmt.Fprintf(&metadata, `"path_%d":"/orders/17/lines","n_%d":12,`, i, i)
	}
	for i := range documents {
		doc := docOf(fmt.Sprintf("1-6569f0aa-%024x", i), i)
		doc = strings.Replace(doc, `"name"`, `"metadata":{"default":{`+metadata.String()+`"last":1}},"name"`, 1)
		b.Documents = append(b.Documents, wire.BatchDocument{Keep: roentgen.Keep{Reason: roentgen.KeepTrigger, Probability: 1}, Document: []byte(doc)})
	}
	return b
}
