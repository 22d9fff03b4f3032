package blockfile

import "fmt"

// Report is what Verify found.
type Report struct {
	File string
	// Err says why there was nothing to verify: not a block, a newer one, or not
	// readable.
	Err error

	Meta      Meta
	Bytes     int64 // of the file
	Parts     []Part
	Chunks    int
	Traces    int   // rows that the file should have
	Documents int   // read, distinct
	Raw       int64 // bytes of those documents

	Damage []Finding // in the order in which it was found
	// Notes are differences that do not come from damage: another version of the
	// program or other options would have made other parts of the same documents.
	Notes []Finding
	Lost  int // rows that cannot be read, of those that are known
}

// Part says where a part is.
type Part struct {
	Name   string
	Offset int64
	Bytes  int64 // in the file
	Raw    int64 // decompressed
}

// Chunk says where a chunk is.
type Chunk struct {
	Number int // of the chunk, from 0
	Offset int64
	Bytes  int
	First  int // row
	Rows   int
}

// Finding is one thing that is not as it should be.
type Finding struct {
	Part   string
	Offset int64 // in bytes
	Text   string
}

// String is the finding as a sentence.
func (f Finding) String() string { return fmt.Sprintf("%s at offset %d: %s", f.Part, f.Offset, f.Text) }

// Good tells whether the file is a block without damage.
func (r *Report) Good() bool { return r.Err == nil && len(r.Damage) == 0 }

func (r *Report) damage(part string, offset int64, format string, args ...any) {
	r.Damage = append(r.Damage, Finding{part, offset, fmt.Sprintf(format, args...)})
}

func (r *Report) note(part string, offset int64, format string, args ...any) {
	r.Notes = append(r.Notes, Finding{part, offset, fmt.Sprintf(format, args...)})
}
