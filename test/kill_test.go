package test

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// kills is how often TestKill ends the server in mid-flight.
const kills = 50

// TestKillLosesNothingAcknowledged sends documents from several clients, ends
// the server with SIGKILL at random points, starts it again on the same
// directory, and looks for every document that was acknowledged. Documents
// whose call had no answer may be there or not; none may be there that was
// never sent. In two rounds of three the head is so small that the server writes
// blocks all the time, merges them, and reads traces that go on out of them.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	data := t.TempDir()
	sent := &ledger{acknowledged: book{}, offered: book{}}
	for round := range kills {
		s := launch(t, data, "--head-bytes", killHeads[round%len(killHeads)])
		var senders sync.WaitGroup
		stop := make(chan struct{})
		for range 4 {
			senders.Go(func() { sent.send(t, s, stop) })
		}
		time.Sleep(time.Duration(5+rand.IntN(120)) * time.Millisecond)
		s.kill()
		close(stop)
		senders.Wait()
		if round%10 == 9 {
			sent.check(t, data, 100)
		}
	}
	checked := sent.check(t, data, len(sent.acknowledged))
	blocks, err := filepath.Glob(filepath.Join(data, "blocks", "*.blk"))
	t.Logf("%d kills, %d traces offered, %d acknowledged and checked, %d blocks at the end", kills, len(sent.offered), checked, len(blocks))
	if checked < kills || err != nil || len(blocks) == 0 {
		t.Errorf("only %d traces were acknowledged in %d rounds, and there are %d blocks (%v): the load was too light to prove anything", checked, kills, len(blocks), err)
	}
}

// killHeads are sizes of the head: less than a call has, than a hundred calls, and
// the default.
var killHeads = []string{"4000", "200000", "16777216"}

// book has documents by trace.
type book map[string][]string

// ledger is what the clients know.
type ledger struct {
	mu                    sync.Mutex
	acknowledged, offered book
}

// send puts small batches until the server dies or stop is closed.
func (l *ledger) send(t *testing.T, s *server, stop chan struct{}) {
	c := awsClient(s)
	var mine []string // traces
	for {
		select {
		case <-stop:
			return
		default:
		}
		batch := book{}
		var docs []string
		for n := range 5 {
			trace, id := newTraceID(), newID()
			if n == 0 && len(mine) > 0 {
				trace = mine[rand.IntN(len(mine))] // goes on
			}
			mine = append(mine, trace)
			batch[trace] = append(batch[trace], id)
			now := time.Now().Unix()
			docs = append(docs, fmt.Sprintf(`{"trace_id":%q,"id":%q,"name":"kill","start_time":%d,"end_time":%d,"metadata":{"default":{"pad":"%0512d"}}}`, trace, id, now-1, now, rand.Int64()))
		}
		l.note(l.offered, batch)
		out, err := c.PutTraceSegments(t.Context(), &xray.PutTraceSegmentsInput{TraceSegmentDocuments: docs}, func(o *xray.Options) { o.Retryer = aws.NopRetryer{} })
		if err != nil {
			return // the server is gone: nothing was promised
		}
		if n := len(out.UnprocessedTraceSegments); n > 0 {
			t.Errorf("%d documents refused: %s", n, aws.ToString(out.UnprocessedTraceSegments[0].Message))
		}
		l.note(l.acknowledged, batch)
	}
}

func (l *ledger) note(in, batch book) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for trace, ids := range batch {
		in[trace] = append(in[trace], ids...)
	}
}

// check starts a server, looks for that many of the traces by id, for all of
// their documents, and for every summary whether it was offered. It returns how
// many traces it found.
func (l *ledger) check(t *testing.T, data string, most int) int {
	t.Helper()
	s := launch(t, data)
	defer s.stop(t)
	missing, found := 0, 0
	var ids []string
	flush := func() {
		var got answeredTraces
		s.post(t, "/Traces", map[string]any{"TraceIds": ids}, &got)
		missing += len(got.UnprocessedTraceIds)
		for _, tr := range got.Traces {
			l.checkTrace(t, tr)
			found++
		}
		ids = ids[:0]
	}
	for trace := range l.acknowledged { // in random order
		if most--; most < 0 {
			break
		}
		if ids = append(ids, trace); len(ids) == 5 {
			flush()
		}
	}
	if len(ids) > 0 {
		flush()
	}
	if missing > 0 {
		t.Fatalf("%d of %d acknowledged traces are lost", missing, len(l.acknowledged))
	}
	l.checkNoneInvented(t, awsClient(s))
	return found
}

func (l *ledger) checkTrace(t *testing.T, tr answeredTrace) {
	t.Helper()
	var there []string
	for _, seg := range tr.Segments {
		there = append(there, seg.ID)
		if !slices.Contains(l.offered[tr.ID], seg.ID) {
			t.Errorf("trace %s has a document that was never sent: %s", tr.ID, seg.ID)
		}
	}
	for _, doc := range l.acknowledged[tr.ID] {
		if !slices.Contains(there, doc) {
			t.Errorf("trace %s has lost the document %s, which was acknowledged", tr.ID, doc)
		}
	}
}

// answeredTraces is what BatchGetTraces answers.
type answeredTraces struct {
	Traces              []answeredTrace
	UnprocessedTraceIds []string
}

type answeredTrace struct {
	ID       string `json:"Id"`
	Segments []struct {
		ID string `json:"Id"`
	}
}

func (l *ledger) checkNoneInvented(t *testing.T, c *xray.Client) {
	t.Helper()
	pages := xray.NewGetTraceSummariesPaginator(c, &xray.GetTraceSummariesInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute)),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, sum := range page.TraceSummaries {
			if len(l.offered[aws.ToString(sum.Id)]) == 0 {
				t.Fatalf("trace %s is stored and was never sent", aws.ToString(sum.Id))
			}
		}
	}
}
