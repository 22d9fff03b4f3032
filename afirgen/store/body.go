package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// MaxBody is how large a session or a report may be as JSON, in bytes. A complaint of 50,000 characters of Devanagari is
// 150,000 bytes, a session with its 100 decisions filled to the brim about 7 million.
const MaxBody = 12 << 20

// encode writes v as it is stored: JSON that leaves every letter as it is.
func encode(v any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return "", err
	}
	if b.Len() > MaxBody {
		return "", ErrTooLarge
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// decodeSession reads a body and holds it against the row that it stands in. What is wrong is not wrapped: the errors of
// fir are about what a caller does, and those of JSON quote.
func decodeSession(id string, version int64, body []byte) (s fir.Session, err error) {
	damaged := func(reason string) (fir.Session, error) {
		return fir.Session{}, &CorruptError{Table: "sessions", Key: id, Reason: reason}
	}
	if json.Unmarshal(body, &s) != nil {
		return damaged("its body is not the JSON of a session")
	}
	if s.ID != id || s.Version != version {
		return damaged("its body is another session's, or another version")
	}
	if s.Check() != nil {
		return damaged("its body is in a state that no event leads to")
	}
	return s, nil
}

// decodeReport does the same with a report.
func decodeReport(number, sessionID string, state fir.State, version int64, body []byte) (r fir.Report, err error) {
	damaged := func(reason string) (fir.Report, error) {
		return fir.Report{}, &CorruptError{Table: "reports", Key: number, Reason: reason}
	}
	if json.Unmarshal(body, &r) != nil {
		return damaged("its body is not the JSON of a report")
	}
	if r.Number().String() != number || r.SessionID != sessionID || r.Version != version {
		return damaged("its body is another report's, or another version")
	}
	if r.State != state || !slices.Contains(states(), state) {
		return damaged("its body is in another state, or in one that we do not know")
	}
	return r, nil
}

func states() []fir.State {
	return []fir.State{fir.StateDraft, fir.StateAwaiting, fir.StateEnquiry, fir.StateRegistered, fir.StateZero, fir.StateTransferred,
		fir.StateNCR, fir.StateLapsed, fir.StateRefused, fir.StateFinalized}
}

// micros is how a time is stored in a column: microseconds since 1970, cut off below; the zero time is NULL. The body has
// the time to the nanosecond, and with its zone.
func micros(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMicro(), Valid: !t.IsZero()}
}

func fromMicros(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMicro(n.Int64).UTC()
}
