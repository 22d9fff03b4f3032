package agent

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files again")

func mustQueue(t testing.TB, name string, capacity int) *queue {
	t.Helper()
	q, lost, err := openQueue(name, capacity)
	if err != nil || lost != nil {
		t.Fatal(err, lost)
	}
	t.Cleanup(func() { q.close() })
	return q
}

// put pushes and publishes documents.
func put(t testing.TB, q *queue, docs ...string) {
	t.Helper()
	at := q.get(offWritten)
	for _, doc := range docs {
		next, err := q.push(context.Background(), at, []byte(doc), uint32(len(doc)%2))
		if err != nil {
			t.Fatal(err)
		}
		at = next
	}
	q.publish(at, len(docs))
}

func take(q *queue, max int) (docs []string) {
	q.each(max, func(doc []byte, flags uint32) {
		if flags != uint32(len(doc)%2) {
			panic("flags are another's")
		}
		docs = append(docs, string(doc))
	})
	return docs
}

func TestTheQueueGoesRound(t *testing.T) {
	q := mustQueue(t, filepath.Join(t.TempDir(), "queue"), 4096)
	r := rand.New(rand.NewPCG(1, 1))
	var wait []string
	for i := range 2000 {
		doc := fmt.Sprintf("%d:%s", i, bytes.Repeat([]byte{'x'}, r.IntN(900)))
		for fullFor(q, len(doc)) {
			got := take(q, 1+r.IntN(3))
			for _, doc := range got {
				if doc != wait[0] {
					t.Fatalf("took %.20q and not %.20q", doc, wait[0])
				}
				wait = wait[1:]
			}
		}
		put(t, q, doc)
		wait = append(wait, doc)
		if n := q.waiting(); n != int64(len(wait)) {
			t.Fatalf("%d wait and not %d", n, len(wait))
		}
	}
}

// fullFor reports whether a push would wait, at worst.
func fullFor(q *queue, length int) bool {
	return q.get(offWritten)-q.get(offTaken)+2*roomOf(uint64(length)) > q.capacity
}

func TestAKilledProcessLeavesItsQueue(t *testing.T) {
	name := filepath.Join(t.TempDir(), "queue")
	q := mustQueue(t, name, 4096)
	put(t, q, "one", "two", "three")
	take(q, 1)
	// A mark in documents that did not keep up, as a kill may leave it.
	q.word(offPut).Store(2)
	again := mustQueue(t, name, 4096)
	if n := again.waiting(); n != 2 {
		t.Errorf("%d wait", n)
	}
	if docs := take(again, 9); len(docs) != 2 || docs[0] != "two" || docs[1] != "three" {
		t.Errorf("%q", docs)
	}
}

func TestAFullQueueMakesTheReceiverWait(t *testing.T) {
	q := mustQueue(t, "", 1024)
	put(t, q, string(make([]byte, 900)))
	var pushed sync.WaitGroup
	pushed.Go(func() { put(t, q, string(make([]byte, 700))) })
	var docs []string
	for len(docs) < 2 {
		<-q.put
		docs = append(docs, take(q, 9)...)
	}
	pushed.Wait()
	if len(docs[0]) != 900 || len(docs[1]) != 700 {
		t.Errorf("%d and %d bytes", len(docs[0]), len(docs[1]))
	}
	put(t, q, string(make([]byte, 700)))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := q.push(ctx, q.get(offWritten), make([]byte, 700), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("a push that nobody waits for any more: %v", err)
	}
}

func TestADamagedQueueBeginsAnew(t *testing.T) {
	for what, harm := range map[string]func([]byte){
		"magic":    func(b []byte) { b[2] ^= 1 },
		"version":  func(b []byte) { b[8]++ },
		"written":  func(b []byte) { binary.LittleEndian.PutUint64(b[offWritten:], 1<<40) },
		"crooked":  func(b []byte) { binary.LittleEndian.PutUint64(b[offTaken:], 8) },
		"stamp":    func(b []byte) { b[queueRing+8]++ },
		"length":   func(b []byte) { binary.LittleEndian.PutUint32(b[queueRing:], 5000) },
		"too much": func(b []byte) { binary.LittleEndian.PutUint64(b[offWritten:], 160) },
	} {
		name := filepath.Join(t.TempDir(), "queue")
		q := mustQueue(t, name, 4096)
		put(t, q, "one", "two")
		harm(q.mem)
		again, lost, err := openQueue(name, 4096)
		var damage *queueError
		if err != nil || !errors.As(lost, &damage) || damage.File != name || again.waiting() != 0 {
			t.Errorf("%s: %v, %v", what, lost, err)
			continue
		}
		put(t, again, "three")
		if docs := take(again, 9); len(docs) != 1 || docs[0] != "three" {
			t.Errorf("%s: %q", what, docs)
		}
		again.close()
	}
}

// goldenQueue is a queue in which two documents wait; of the file the head and
// the ring are looked at, for the landing is empty.
func goldenQueue(t *testing.T) []byte {
	t.Helper()
	q := mustQueue(t, filepath.Join(t.TempDir(), "queue"), 128)
	put(t, q, "the first", "the second, which is longer than one")
	take(q, 2)
	put(t, q, "the third goes round", "the fourth")
	return slices.Concat(q.mem[:queueHead], q.data)
}

// fileOf puts an empty landing between head and ring.
func fileOf(t *testing.T, golden []byte) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "queue")
	file := slices.Concat(golden[:queueHead], make([]byte, queueRing-queueHead), golden[queueHead:])
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestGoldenQueue(t *testing.T) {
	made := goldenQueue(t)
	golden := filepath.Join("testdata", "v2", "queue")
	if *rewrite {
		if err := os.WriteFile(golden, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, want) {
		t.Error("the file differs from the golden one")
	}
	if docs := take(mustQueue(t, fileOf(t, want), 128), 9); len(docs) != 2 || docs[0] != "the third goes round" || docs[1] != "the fourth" {
		t.Errorf("%q", docs)
	}
}

// What waits in a queue of version 1 is there after an upgrade.
func TestAQueueOfVersion1IsUpgraded(t *testing.T) {
	old, err := os.ReadFile(filepath.Join("testdata", "v1", "queue"))
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "queue")
	if err := os.WriteFile(name, old, 0o600); err != nil {
		t.Fatal(err)
	}
	q := mustQueue(t, name, 128)
	if n := q.waiting(); n != 2 {
		t.Errorf("%d wait", n)
	}
	if docs := take(q, 9); len(docs) != 2 || docs[0] != "the third goes round" || docs[1] != "the fourth" {
		t.Errorf("%q", docs)
	}
	old[queueHead+8]++ // the stamp of an entry that waits
	if err := os.WriteFile(name, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if q := mustQueue(t, name, 128); q.waiting() != 0 {
		t.Errorf("%d wait in a queue that was damaged", q.waiting())
	}
}

// FuzzQueue opens any file as a queue and takes what is in it.
func FuzzQueue(f *testing.F) {
	golden, err := os.ReadFile(filepath.Join("testdata", "v2", "queue"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden[:offPlaces+16], []byte{}, golden[queueHead:])
	f.Add(golden[:160], append(make([]byte, offLength), 3, 0, 0, 0), golden[queueHead:])
	q := newQueue("any", 256)
	q.use(make([]byte, q.at+256))
	f.Fuzz(func(t *testing.T, head, landing, ring []byte) {
		clear(q.mem[:landingData])
		clear(q.data)
		copy(q.mem[:queueHead], head)
		copy(q.mem[landingHead:landingData], landing)
		copy(q.data, ring)
		if q.check() != nil || q.get(0) == 0 {
			q.format()
		}
		waiting := q.waiting()
		n := q.each(1000, func([]byte, uint32) {})
		q.eachLanded(func(int) { n++ })
		if int64(n) != waiting || q.waiting() != 0 {
			t.Errorf("%d were taken of %d, and %d wait", n, waiting, q.waiting())
		}
	})
}

func BenchmarkQueue(b *testing.B) {
	q := mustQueue(b, filepath.Join(b.TempDir(), "queue"), 8<<20)
	doc := make([]byte, 2200)
	at := uint64(0)
	for b.Loop() {
		at, _ = q.push(context.Background(), at, doc, 0)
		q.publish(at, 1)
		q.each(64, func([]byte, uint32) {})
	}
}
