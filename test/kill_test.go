package test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
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
// never sent.
func TestKillLosesNothingAcknowledged(t *testing.T) {
	data := t.TempDir()
	sent := &ledger{acknowledged: map[string]string{}, offered: map[string]string{}}
	for round := range kills {
		s := launch(t, data)
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
	t.Logf("%d kills, %d documents offered, %d acknowledged and checked", kills, len(sent.offered), checked)
	if checked < kills {
		t.Errorf("only %d documents were acknowledged in %d rounds: the load was too light to prove anything", checked, kills)
	}
}

// ledger is what the clients know: trace id → document id.
type ledger struct {
	mu                    sync.Mutex
	acknowledged, offered map[string]string
}

// send puts small batches until the server dies or stop is closed.
func (l *ledger) send(t *testing.T, s *server, stop chan struct{}) {
	c := awsClient(s)
	for {
		select {
		case <-stop:
			return
		default:
		}
		batch := make(map[string]string, 5)
		var docs []string
		for range 5 {
			trace, id := newTraceID(), newID()
			batch[trace] = id
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

func (l *ledger) note(book, batch map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for trace, id := range batch {
		book[trace] = id
	}
}

// check starts a server, looks for most of the acknowledged documents by id,
// and for every summary whether it was offered. It returns how many it found.
func (l *ledger) check(t *testing.T, data string, most int) int {
	t.Helper()
	s := launch(t, data)
	defer s.stop(t)
	keep := &http.Transport{}
	defer keep.CloseIdleConnections()
	c := awsClient(s, func(o *xray.Options) { o.HTTPClient = &http.Client{Transport: keep} })
	missing, found := 0, 0
	var ids []string
	flush := func() {
		got, err := c.BatchGetTraces(t.Context(), &xray.BatchGetTracesInput{TraceIds: ids})
		if err != nil {
			t.Fatal(err)
		}
		missing += len(got.UnprocessedTraceIds)
		for _, tr := range got.Traces {
			if len(tr.Segments) != 1 || aws.ToString(tr.Segments[0].Id) != l.acknowledged[aws.ToString(tr.Id)] {
				t.Errorf("trace %s came back with other segments than were sent", aws.ToString(tr.Id))
			}
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
		t.Fatalf("%d of %d acknowledged documents are lost", missing, len(l.acknowledged))
	}
	l.checkNoneInvented(t, c)
	return found
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
			if l.offered[aws.ToString(sum.Id)] == "" {
				t.Fatalf("trace %s is stored and was never sent", aws.ToString(sum.Id))
			}
		}
	}
}
