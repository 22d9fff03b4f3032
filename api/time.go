package api

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/roentgen/roentgen"
)

// epoch is a timestamp on the wire: epoch seconds with a fraction, written
// without an exponent. ISO 8601 text is read too, as people type it.
type epoch roentgen.Time

// MarshalJSON writes microseconds, what a float64 of today's seconds holds.
func (e epoch) MarshalJSON() ([]byte, error) {
	us := int64(e) / 1000
	return strconv.AppendFloat(nil, float64(us)/1e6, 'f', -1, 64), nil
}

// UnmarshalJSON reads a number or a text; null leaves e as it is.
func (e *epoch) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	if b[0] == '"' {
		return e.unmarshalText(b)
	}
	sec, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.Abs(sec) > 9e9 {
		return roentgen.Invalidf("timestamp %s is not epoch seconds", b)
	}
	whole, fraction := math.Modf(sec)
	*e = epoch(int64(whole)*1e9 + int64(math.Round(fraction*1e9)))
	return nil
}

func (e *epoch) unmarshalText(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return roentgen.Invalidf("timestamp %q is neither epoch seconds nor like 2026-11-23T05:00:00Z", s)
	}
	*e = epoch(roentgen.At(t))
	return nil
}
