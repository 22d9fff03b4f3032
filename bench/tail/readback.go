package tail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/roentgen/roentgen"
)

// reader asks the server for traces.
type reader struct {
	url    string
	client *http.Client
}

func newReader(url string) *reader {
	return &reader{url, &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 2}}}
}

func (r *reader) close() { r.client.CloseIdleConnections() }

// batch is how many traces BatchGetTraces gives at most.
const batch = 5

// found is what the server has of one trace: by id of the segment, what its document is recognised by.
type found map[roentgen.SegmentID]document

type document struct {
	hash uint64
	text []byte
}

type batchAnswer struct {
	Traces []struct {
		ID       string `json:"Id"`
		Segments []struct {
			ID       string `json:"Id"`
			Document string
		}
	}
	NextToken string
}

// get returns what the server has of some traces.
func (r *reader) get(ctx context.Context, ids []roentgen.TraceID) (map[roentgen.TraceID]found, error) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	out := map[roentgen.TraceID]found{}
	for token := ""; ; {
		answer, err := r.ask(ctx, texts, token)
		if err != nil {
			return nil, err
		}
		for _, t := range answer.Traces {
			id, err := roentgen.ParseTraceID(t.ID)
			if err != nil {
				return nil, fmt.Errorf("the server names a trace %q: %w", t.ID, err)
			}
			if out[id] == nil {
				out[id] = found{}
			}
			for _, s := range t.Segments {
				if sid, ok := roentgen.DecodeSegmentID(s.ID); ok {
					out[id][sid] = document{xxhash.Sum64String(s.Document), []byte(s.Document)}
				}
			}
		}
		if token = answer.NextToken; token == "" {
			return out, nil
		}
	}
}

func (r *reader) ask(ctx context.Context, ids []string, token string) (a batchAnswer, err error) {
	question := map[string]any{"TraceIds": ids}
	if token != "" {
		question["NextToken"] = token
	}
	body, err := json.Marshal(question)
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/Traces", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return a, fmt.Errorf("ask the server for traces: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 256<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("it answers %s: %.300s", resp.Status, text)
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err != nil {
		return a, fmt.Errorf("ask the server for traces: %w", err)
	}
	return a, nil
}

// is says whether a document of the server is the one that was sent: the same bytes, or for spans, which become
// documents on the way, one that carries the span's own attribute.
func (d document) is(sent sentDocument) bool {
	if !sent.spans {
		return d.hash == sent.check
	}
	var fresh [16]byte
	writeFresh(fresh[:], sent.check)
	return bytes.Contains(d.text, fresh[:])
}

// readBack asks for every failing trace, two questions at a time, and marks in each entry what is missing or differs.
func (r *reader) readBack(ctx context.Context, entries []*entry) ([]result, error) {
	results := make([]result, len(entries))
	var mu sync.Mutex
	var first error
	next := 0
	var work sync.WaitGroup
	for range 2 {
		work.Go(func() {
			for {
				mu.Lock()
				from := next
				next += batch
				stop := first != nil || from >= len(entries)
				mu.Unlock()
				if stop {
					return
				}
				to := min(from+batch, len(entries))
				if err := r.compare(ctx, entries[from:to], results[from:to]); err != nil {
					mu.Lock()
					first = err
					mu.Unlock()
					return
				}
			}
		})
	}
	work.Wait()
	return results, first
}

// result is what the server has of an entry: the indices of documents that are not there, or are not what was sent.
type result struct {
	missing, changed []int
}

func (r *reader) compare(ctx context.Context, entries []*entry, results []result) error {
	ids := make([]roentgen.TraceID, len(entries))
	for i, e := range entries {
		ids[i] = e.id
	}
	have, err := r.get(ctx, ids)
	if err != nil {
		return err
	}
	for i, e := range entries {
		for j, d := range e.documents {
			switch got, ok := have[e.id][d.id]; {
			case !ok:
				results[i].missing = append(results[i].missing, j)
			case !got.is(d):
				results[i].changed = append(results[i].changed, j)
			}
		}
	}
	return nil
}
