package fir

import (
	"encoding/json"
	"testing"
	"time"
)

func TestAllocatingNumbers(t *testing.T) {
	india := func(text string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", text, India())
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		title, last, station string
		series               Series
		at                   time.Time
		want                 string
		kind                 Kind
	}{
		{"the first of a station", "", "KTW", SeriesFIR, india("2026-02-14 10:00"), "KTW/0001/2026", ""},
		{"the next", "KTW/0041/2026", "KTW", SeriesFIR, india("2026-02-14 10:00"), "KTW/0042/2026", ""},
		{"beyond four digits", "KTW/9999/2026", "KTW", SeriesFIR, india("2026-12-31 23:59"), "KTW/10000/2026", ""},
		{"each year begins at 1", "KTW/0041/2026", "KTW", SeriesFIR, india("2027-01-01 00:00"), "KTW/0001/2027", ""},
		{"the year is India's", "KTW/0041/2026", "KTW", SeriesFIR, time.Date(2026, 12, 31, 18, 30, 0, 0, time.UTC), "KTW/0001/2027", ""},
		{"and not yet the next", "KTW/0041/2026", "KTW", SeriesFIR, time.Date(2026, 12, 31, 18, 29, 0, 0, time.UTC), "KTW/0042/2026", ""},
		{"a Zero FIR", "KTW/0-0007/2026", "KTW", SeriesZero, india("2026-02-14 10:00"), "KTW/0-0008/2026", ""},
		{"an NCR", "", "N-4", SeriesNCR, india("2026-02-14 10:00"), "N-4/NCR-0001/2026", ""},
		{"another station's last", "ABC/0041/2026", "KTW", SeriesFIR, india("2026-02-14 10:00"), "", Invalid},
		{"another series' last", "KTW/0-0041/2026", "KTW", SeriesFIR, india("2026-02-14 10:00"), "", Invalid},
		{"a clock that went back", "KTW/0041/2026", "KTW", SeriesFIR, india("2025-12-31 23:59"), "", Conflict},
		{"a station without a code", "", "", SeriesFIR, india("2026-02-14 10:00"), "", Invalid},
		{"a code that would break the number", "", "K/W", SeriesFIR, india("2026-02-14 10:00"), "", Invalid},
		{"no such series", "", "KTW", "x", india("2026-02-14 10:00"), "", Invalid},
	} {
		t.Run(c.title, func(t *testing.T) {
			var last Number
			if err := last.UnmarshalText([]byte(c.last)); err != nil {
				t.Fatal(err)
			}
			got, err := NextNumber(last, c.station, c.series, c.at)
			if got.String() != c.want || KindOf(err) != c.kind {
				t.Errorf("got %q, %v; want %q, kind %q", got, err, c.want, c.kind)
			}
		})
	}
}

func TestReadingNumbers(t *testing.T) {
	legacy, err := ParseNumber("FIR-1a2b3c4d-20260214103000")
	if err != nil || legacy.Year != 2026 || legacy.String() != "FIR-1a2b3c4d-20260214103000" {
		t.Errorf("the legacy number is %+v: %v", legacy, err)
	}
	if _, err := Apply(Session{}, Event{At: noon, Version: 1, Do: Drafted{legacy}}); err == nil {
		t.Error("a legacy number was allocated")
	}
	for _, text := range []string{"", "KTW/042/2026", "KTW/00042/2026", "KTW/0000/2026", "ktw/0042/2026", "KTW/0042/26", "KTW/0042/2026 ",
		"KTW/1-0042/2026", "KTW//2026", "K/0042/2026", "FIR-1A2B3C4D-20260214103000", "FIR-1a2b3c4d-2026021410300", "थाना/0042/2026", "KTW/0042/0000"} {
		if n, err := ParseNumber(text); err == nil {
			t.Errorf("%q was read as %+v", text, n)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"KTW/0042/2026", "KTW/0-0042/2026", "A1/NCR-12345/1999", "FIR-1a2b3c4d-20260214103000", "KTW/9999999999/2026"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := ParseNumber(text)
		if err != nil {
			return
		}
		if n.String() != text || n.IsZero() {
			t.Errorf("%q was read as %+v, which is written %q", text, n, n)
		}
		data, err := json.Marshal(n)
		var again Number
		if err != nil || json.Unmarshal(data, &again) != nil || again != n {
			t.Errorf("%q goes through JSON as %s and comes out as %+v: %v", text, data, again, err)
		}
	})
}
