package kb

import "fmt"

// DataError says what is wrong in a data file, and where. Line counts from 1; 0 means the file as a whole.
type DataError struct {
	File string
	Line int
	Err  error
}

// Error reads "data/sections/7_property.txt:12: …".
func (e *DataError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns the cause.
func (e *DataError) Unwrap() error { return e.Err }

// position is a line of a data file.
type position struct {
	file string
	line int
}

func (p position) errorf(format string, args ...any) error {
	return &DataError{p.file, p.line, fmt.Errorf(format, args...)}
}
