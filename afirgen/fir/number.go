package fir

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Series is one row of numbers that a station counts up in each year.
type Series string

// The series. That a Zero FIR is marked by a 0 is the practice of BNSS s.173(1); how a station writes its NCR numbers is
// our choice.
const (
	SeriesFIR  Series = "fir"  // KTW/0042/2026
	SeriesZero Series = "zero" // KTW/0-0042/2026
	SeriesNCR  Series = "ncr"  // KTW/NCR-0042/2026
)

// Number is the number of a report: a station's code, its count within series and year, and the year. In JSON and in
// databases it is its String.
type Number struct {
	Station string // 2 to 16 capital letters, digits and hyphens
	Series  Series
	Seq     int // from 1; written with at least four digits
	Year    int // of India's calendar when it was allocated
	// Legacy is a number of the system before this one, FIR-xxxxxxxx-YYYYMMDDhhmmss. It stands alone, with Year.
	Legacy string
}

// India is the time zone of years, days and hours in a report: UTC+5:30, without summer time since 1945.
func India() *time.Location { return time.FixedZone("IST", 5*3600+1800) }

// NextNumber allocates: it returns the number after last, which is the newest of the station's series, or the zero
// Number where there is none yet. Each year begins at 1. The caller holds a lock on the counter from reading last until
// the report is stored, so that no number is given twice and none is left out.
//
// It is an error if last belongs to another station or series, or to a later year: a clock that has gone back would
// count into a year that is closed.
func NextNumber(last Number, station string, series Series, at time.Time) (Number, error) {
	next := Number{Station: station, Series: series, Seq: 1, Year: at.In(India()).Year()}
	if err := next.check(); err != nil {
		return Number{}, err
	}
	if last.IsZero() {
		return next, nil
	}
	switch {
	case last.Station != station || last.Series != series:
		return Number{}, invalid("the last number %s is not of station %s and series %s", last, station, series)
	case last.Year > next.Year:
		return Number{}, conflict("the last number is %s, but the clock says %d: check the clock", last, next.Year)
	case last.Year == next.Year:
		next.Seq = last.Seq + 1
	}
	return next, nil
}

// ParseNumber reads a number as String writes it, and the legacy pattern.
func ParseNumber(text string) (Number, error) {
	if legacyPattern.MatchString(text) {
		year, _ := strconv.Atoi(text[13:17]) // the pattern has digits there
		return Number{Legacy: text, Year: year}, nil
	}
	m := numberPattern.FindStringSubmatch(text)
	if m == nil {
		return Number{}, invalid("this is no number of a report: it looks like KTW/0042/2026")
	}
	seq, err := strconv.Atoi(m[3])
	if err != nil {
		return Number{}, invalid("the count in the number of the report is too large")
	}
	year, _ := strconv.Atoi(m[4])
	n := Number{Station: m[1], Series: seriesOf(m[2]), Seq: seq, Year: year}
	// Only one writing is right: KTW/042/2026 and KTW/00042/2026 are not KTW/0042/2026.
	if n.String() != text {
		return Number{}, invalid("this is no number of a report: it looks like KTW/0042/2026")
	}
	return n, n.check()
}

// String returns the number as it stands in the form.
func (n Number) String() string {
	if n.Legacy != "" || n.IsZero() {
		return n.Legacy
	}
	return fmt.Sprintf("%s/%s%04d/%d", n.Station, n.Series.mark(), n.Seq, n.Year)
}

// IsZero reports whether no number is allocated yet.
func (n Number) IsZero() bool { return n == Number{} }

// MarshalText writes String.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what MarshalText writes; an empty text is no number.
func (n *Number) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*n = Number{}
		return nil
	}
	*n, err = ParseNumber(string(text))
	return err
}

func (n Number) check() error {
	switch {
	case n.Legacy != "":
		return invalid("a number of the old pattern is read, but not allocated any more")
	case !stationPattern.MatchString(n.Station):
		return invalid("the station's code is 2 to 16 capital letters, digits and hyphens, a letter first")
	case n.Series != SeriesFIR && n.Series != SeriesZero && n.Series != SeriesNCR:
		return invalid("the series of a number is fir, zero or ncr")
	case n.Seq < 1 || n.Year < 1000 || n.Year > 9999:
		return invalid("the count of a number begins at 1, and its year has four digits")
	}
	return nil
}

func (s Series) mark() string {
	switch s {
	case SeriesZero:
		return "0-"
	case SeriesNCR:
		return "NCR-"
	}
	return ""
}

func seriesOf(mark string) Series {
	switch mark {
	case "0-":
		return SeriesZero
	case "NCR-":
		return SeriesNCR
	}
	return SeriesFIR
}

var (
	numberPattern  = regexp.MustCompile(`^([A-Z][A-Z0-9-]{1,15})/(0-|NCR-)?([0-9]{4,10})/([0-9]{4})$`)
	stationPattern = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,15}$`)
	legacyPattern  = regexp.MustCompile(`^FIR-[a-f0-9]{8}-[0-9]{14}$`)
)
