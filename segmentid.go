package roentgen

import "encoding/hex"

// SegmentID is the 8 bytes that name a segment or subsegment within its
// trace; both share one space. It is written as 16 hex digits.
type SegmentID [8]byte

// ParseSegmentID reads 16 hex digits, in upper or lower case.
func ParseSegmentID(s string) (SegmentID, error) {
	id, ok := DecodeSegmentID(s)
	if !ok {
		return id, Invalidf("segment id %q is not 16 hex digits", clip(s, 64))
	}
	return id, nil
}

// DecodeSegmentID is ParseSegmentID without the prose, for hot paths.
func DecodeSegmentID[S string | []byte](s S) (SegmentID, bool) {
	var id SegmentID
	return id, len(s) == 2*len(id) && unhex(id[:], s)
}

// String returns 16 lower-case hex digits.
func (s SegmentID) String() string { return hex.EncodeToString(s[:]) }

// IsZero reports whether s is the no-op id, which also stands for "no parent".
func (s SegmentID) IsZero() bool { return s == SegmentID{} }

// MarshalText writes 16 hex digits.
func (s SegmentID) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads 16 hex digits.
func (s *SegmentID) UnmarshalText(b []byte) (err error) {
	*s, err = ParseSegmentID(string(b))
	return err
}
