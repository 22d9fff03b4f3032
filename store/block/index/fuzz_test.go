package index

import (
	"errors"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/filter"
)

// seedParts gives each of the parts of a few small blocks.
func seedParts(f *testing.F, part func(*Builder) []byte) {
	for seed := range uint64(4) {
		b := Options{MaxKeys: 3, MaxValues: 8}.NewBuilder()
		r := newRandom(seed, 5)
		var rows []Row
		var traces []*roentgen.Rows
		for range seed * seed * seed {
			row, trace := r.rows()
			rows, traces = append(rows, row), append(traces, trace)
		}
		sorted(rows, traces)
		for i := range rows {
			b.Add(rows[i], traces[i])
		}
		f.Add(part(b))
	}
}

func someMatchers() []*filter.Matcher {
	r := newRandom(9, 5)
	list := make([]*filter.Matcher, 60)
	for i := range list {
		list[i] = r.matcher()
	}
	return list
}

// Whatever the bytes are, reading them ends, and what was read answers.
func FuzzParse(f *testing.F) {
	seedParts(f, func(b *Builder) []byte { return b.Encode(nil) })
	matchers := someMatchers()
	f.Fuzz(func(t *testing.T, part []byte) {
		x, err := Parse(part)
		if err != nil {
			var damage *DamageError
			if !errors.As(err, &damage) {
				t.Fatalf("%v is no DamageError", err)
			}
			return
		}
		if x.Size() < len(part) {
			t.Errorf("it takes %d bytes of %d", x.Size(), len(part))
		}
		for i := range x.Len() {
			x.Row(i)
			if _, ok := x.Find(x.ID(i)); !ok {
				t.Errorf("row %d is not found", i)
			}
		}
		for c := range roentgen.ClockEnd + 2 {
			x.Order(c)
		}
		x.Dues()
		for _, m := range matchers {
			if rows, _ := x.Candidates(m); !rows.IsEmpty() && int(rows.Maximum()) >= x.Len() {
				t.Errorf("row %d of %d is a candidate of %s", rows.Maximum(), x.Len(), m)
			}
		}
	})
}

func FuzzParseSummary(f *testing.F) {
	seedParts(f, func(b *Builder) []byte { return b.Summary(nil) })
	matchers := someMatchers()
	f.Fuzz(func(t *testing.T, part []byte) {
		s, err := ParseSummary(part)
		if err != nil {
			var damage *DamageError
			if !errors.As(err, &damage) {
				t.Fatalf("%v is no DamageError", err)
			}
			return
		}
		s.HasTrace(roentgen.TraceID{1})
		s.Totals()
		for c := range roentgen.ClockEnd + 2 {
			s.Bounds(c)
		}
		for _, m := range matchers {
			s.MayMatch(m)
		}
	})
}

// Damage is found where it cuts something short; that a bit is another one the checksum of the file finds.
func TestEveryBeginningOfAPartIsRefused(t *testing.T) {
	for name, parse := range map[string]func([]byte) error{
		"v1.index":   func(b []byte) error { _, err := Parse(b); return err },
		"v1.summary": func(b []byte) error { _, err := ParseSummary(b); return err },
	} {
		whole := read(t, name)
		for n := range whole {
			var damage *DamageError
			if err := parse(whole[:n:n]); !errors.As(err, &damage) {
				t.Fatalf("%s cut to %d bytes: %v", name, n, err)
			}
		}
		newer := append([]byte(nil), whole...)
		newer[4]++
		if err := parse(newer); err == nil {
			t.Errorf("%s of a newer version is read", name)
		}
		if err := parse(append([]byte(nil), append(whole, 0)...)); err == nil {
			t.Errorf("%s with a byte too much is read", name)
		}
	}
}
