package api

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/roentgen/roentgen/filter"
)

type filterRequest struct {
	Expression string `json:"expression"`
	// Start and End are the window whose traces tell of which type an
	// annotation is. Without them nothing is known of that.
	Start *epoch `json:"start"`
	End   *epoch `json:"end"`
}

type filterResponse struct {
	Normal string       `json:"normal"` // as it was understood; empty where it is wrong
	Error  *filterError `json:"error,omitempty"`
	Offers []offer      `json:"offers"`
}

// filterError says what to underline, in UTF-16 units as browsers count.
type filterError struct {
	From    int    `json:"from"`
	To      int    `json:"to"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// filter answers how an expression is understood. A wrong one is no failure of
// the request.
func (s *consoleServer) filter(ctx context.Context, in *filterRequest) (*filterResponse, error) {
	e, err := filter.Parse(in.Expression)
	var wrong *filter.Error
	switch {
	case errors.As(err, &wrong):
		return &filterResponse{Error: filterErrorOf(in.Expression, wrong), Offers: []offer{}}, nil
	case err != nil:
		return nil, err
	}
	known := newNames()
	if in.Start != nil && in.End != nil && len(keysOf(e)) > 0 {
		if known, err = s.names(ctx, in.Start, in.End); err != nil {
			return nil, err
		}
	}
	return &filterResponse{Normal: e.String(), Offers: offersFor(e, known)}, nil
}

func filterErrorOf(text string, e *filter.Error) *filterError {
	return &filterError{From: utf16Offset(text, e.From), To: utf16Offset(text, e.To), Message: e.Cause, Hint: e.Hint}
}

// utf16Offset turns an offset in bytes into one in UTF-16 units.
func utf16Offset(text string, offset int) int {
	units := 0
	for _, r := range text[:min(offset, len(text))] {
		units += utf16Len(r)
	}
	return units
}

// byteOffset turns an offset in UTF-16 units into one in bytes: the begin of a
// character, and the end of the text for what is beyond it.
func byteOffset(text string, units int) int {
	for i, r := range text {
		if units < utf16Len(r) {
			return i
		}
		units -= utf16Len(r)
	}
	return len(text)
}

func utf16Len(r rune) int {
	if r > 0xffff && r <= utf8.MaxRune {
		return 2
	}
	return 1
}
