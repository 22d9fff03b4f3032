package fir

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// Term is the longest imprisonment that a section knows, in years; 0 where it is not known or not a term of years, as
// "as the main offence". In JSON it is a number, "life", "death" or null.
type Term float64

// The terms that are no number of years.
const (
	TermUnknown Term = 0
	TermLife    Term = 1000
	TermDeath   Term = 2000
)

func (t Term) valid() bool { return t >= 0 && t < 100 || t == TermLife || t == TermDeath }

// MarshalJSON writes a number, "life", "death" or null.
func (t Term) MarshalJSON() ([]byte, error) {
	switch t {
	case TermUnknown:
		return []byte("null"), nil
	case TermLife:
		return []byte(`"life"`), nil
	case TermDeath:
		return []byte(`"death"`), nil
	}
	return strconv.AppendFloat(nil, float64(t), 'f', -1, 64), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (t *Term) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "null":
		*t = TermUnknown
		return nil
	case `"life"`:
		*t = TermLife
		return nil
	case `"death"`:
		*t = TermDeath
		return nil
	}
	var years float64
	if err := json.Unmarshal(data, &years); err != nil || years <= 0 || years >= 100 {
		return fmt.Errorf("reading max_years: it is a number of years above 0 and below 100, \"life\", \"death\" or null")
	}
	*t = Term(years)
	return nil
}
