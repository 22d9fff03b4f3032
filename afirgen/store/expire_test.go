package store

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

func TestOnlyAbandonedSessionsWithoutAReportExpire(t *testing.T) {
	both(t, func(h house) {
		old, young := opened(h, "old"), apply(h, opened(h, "young"), fir.Approve{})
		young.Version = 1
		h.must(h.CreateSession(h.Context(), old))
		h.must(h.CreateSession(h.Context(), young)) // its last activity is a second later
		s, r := h.draft(h.ready("has a report"), noon)
		h.reviewed(s, r, noon.Add(time.Hour))
		h.draft(h.ready("has a draft"), noon)
		removed, err := h.Expire(h.Context(), noon, 100)
		if err != nil || removed != 0 {
			h.Errorf("at its last moment %d expired, %v", removed, err)
		}
		removed, err = h.Expire(h.Context(), noon.Add(time.Microsecond), 100)
		if err != nil || removed != 1 {
			h.Errorf("%d expired, %v, want 1", removed, err)
		}
		_, err = h.Session(h.Context(), "old")
		h.want(err, ErrNotFound)
		removed, err = h.Expire(h.Context(), noon.AddDate(1, 0, 0), 100)
		if err != nil || removed != 1 {
			h.Errorf("a year later %d more expired, %v, want 1", removed, err)
		}
		if n := h.sound(); n != 2 {
			h.Errorf("%d reports are left, want 2", n)
		}
	})
}

func TestExpireTakesTheOldestFirstAndAtMostSoMany(t *testing.T) {
	both(t, func(h house) {
		for i := range 10 {
			s := opened(h, fmt.Sprint(i))
			s.LastActivity = noon.Add(time.Duration(i) * time.Second)
			h.must(h.CreateSession(h.Context(), s))
		}
		gone := 0
		for _, want := range []int{4, 4, 2, 0} {
			removed, err := h.Expire(h.Context(), noon.AddDate(0, 0, 1), 4)
			if err != nil || removed != want {
				h.Errorf("%d expired, %v, want %d", removed, err, want)
			}
			gone += removed
			for i := range 10 {
				_, err := h.Session(h.Context(), fmt.Sprint(i))
				if errors.Is(err, ErrNotFound) != (i < gone) {
					h.Errorf("of the %d oldest that went, session %d gave %v", gone, i, err)
				}
			}
		}
	})
}

func TestASessionThatIsUsedWhileItExpiresStays(t *testing.T) {
	both(t, func(h house) {
		other := open(h.T, h.dsn)
		for i := range 100 {
			s := opened(h, fmt.Sprint(i))
			h.must(h.CreateSession(h.Context(), s))
			next := apply(h, s, fir.Approve{})
			var used error
			var removed int
			atOnce(2, func(i int) {
				if i == 0 {
					used = h.UpdateSession(h.Context(), next)
					return
				}
				var err error
				if removed, err = other.Expire(h.Context(), noon.Add(time.Millisecond), 100); err != nil {
					h.Error(err)
				}
			})
			if (used == nil) == (removed == 1) {
				h.Fatalf("the update gave %v, and %d sessions have expired", used, removed)
			}
		}
	})
}

func TestWhatHasExpiredIsNoMoreInAnyFile(t *testing.T) {
	h := onSQLite(t)
	path := strings.TrimPrefix(h.dsn, "sqlite:")
	secret := "गोपनीय-secret-9415012345"
	for i := range 50 {
		s := opened(h, fmt.Sprint(i))
		s.Transcript = strings.Repeat(secret+" ", 1+i*10) // some in one page, some in many
		h.must(h.CreateSession(h.Context(), s))
		next := apply(h, s, fir.Reject{Note: secret})
		h.must(h.UpdateSession(h.Context(), next))
	}
	if !inFiles(t, path, secret) {
		t.Fatal("the text is in no file to begin with: the test looks at nothing")
	}
	// A reader holds the log: then the removal is done, and said to be not the whole of it.
	reader, err := sql.Open("sqlite", sqliteDSN(path, "busy_timeout(1)"))
	h.must(err)
	t.Cleanup(func() { _ = reader.Close() })
	rows, err := reader.Query("SELECT id FROM sessions")
	h.must(err)
	if !rows.Next() {
		t.Fatal("nothing to read")
	}
	_, err = h.db.Exec("PRAGMA busy_timeout = 1")
	h.must(err)
	h.db.SetMaxOpenConns(1)
	removed, err := h.Expire(t.Context(), noon.AddDate(0, 0, 1), 1000)
	h.want(err, ErrUnavailable)
	if removed != 50 {
		t.Errorf("%d expired, want 50", removed)
	}
	h.must(rows.Close())
	removed, err = h.Expire(t.Context(), noon.AddDate(0, 0, 1), 1000)
	if err != nil || removed != 0 {
		t.Errorf("again: %d expired, %v", removed, err)
	}
	if inFiles(t, path, secret) {
		t.Error("the text is still in a file")
	}
}

func inFiles(t *testing.T, path, text string) bool {
	t.Helper()
	for _, suffix := range []string{"", "-wal", "-shm"} {
		data, err := os.ReadFile(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(text)) {
			return true
		}
	}
	return false
}
