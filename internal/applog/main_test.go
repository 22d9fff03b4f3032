package applog

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// TestMain lets this binary also be the child that kill_test.go kills.
func TestMain(m *testing.M) {
	if dir := os.Getenv(childDirVariable); dir != "" {
		os.Exit(childMain(dir))
	}
	goleak.VerifyTestMain(m)
}

const testDir = "log"

// aDay is when tests happen.
var aDay = time.Date(2026, 2, 25, 9, 0, 0, 0, time.UTC)

// steadyClock ticks one millisecond per look.
func steadyClock() func() time.Time {
	now := aDay
	return func() time.Time {
		now = now.Add(time.Millisecond)
		return now
	}
}

func mustOpen(t testing.TB, fs vfs.FS, opt Options) *Log {
	t.Helper()
	l, err := Open(fs, testDir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func mustAppend(t testing.TB, l *Log, payloads ...string) Position {
	t.Helper()
	at, err := l.Append(context.Background(), records(payloads...)...)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func mustClose(t testing.TB, l *Log) {
	t.Helper()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func records(payloads ...string) []Record {
	rs := make([]Record, len(payloads))
	for i, p := range payloads {
		rs[i] = Record{Kind: 7, Payload: []byte(p)}
	}
	return rs
}

// replayed returns all payloads and the damage, and checks that Read gives at
// each position what Replay gave there.
func replayed(t testing.TB, l *Log) ([]string, []*CorruptError) {
	t.Helper()
	var got []string
	var last Position
	damage, err := l.Replay(Position{}, func(pos Position, kind byte, payload []byte) error {
		if !last.Before(pos) {
			return fmt.Errorf("position %s after %s", pos, last)
		}
		last = pos
		k, p, err := l.Read(pos, nil)
		if err != nil || k != kind || string(p) != string(payload) {
			return fmt.Errorf("Read(%s) = %d, %.20q, %v; Replay gave %d, %.20q", pos, k, p, err, kind, payload)
		}
		got = append(got, string(payload))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, damage
}

func wantRecords(t testing.TB, l *Log, want ...string) {
	t.Helper()
	got, damage := replayed(t, l)
	if len(damage) > 0 {
		t.Errorf("damage: %v", damage)
	}
	wantEqual(t, got, want)
}

func wantEqual(t testing.TB, got, want []string) {
	t.Helper()
	if fmt.Sprintf("%.30q", got) != fmt.Sprintf("%.30q", want) {
		t.Errorf("got  %.30q\nwant %.30q", got, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
}

func file(n uint64) string { return filepath.Clean(segmentPath(testDir, n)) }
