package kb

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of a data file, so that a damaged one is refused before it is worked on.
const (
	maxFile = 1 << 20 // bytes
	maxLine = 8 << 10 // bytes
)

// block is a head line at the margin and the indented fields under it.
type block struct {
	word, name string
	fields     []field
	at         position
}

type field struct {
	key, value string
	at         position
}

// readBlocks reads one data file.
func readBlocks(files fs.FS, name string) ([]block, error) {
	data, err := fs.ReadFile(files, name)
	switch {
	case err != nil:
		return nil, &DataError{File: name, Err: fmt.Errorf("reading it: %w", err)}
	case len(data) > maxFile:
		return nil, &DataError{File: name, Err: fmt.Errorf("it has %d bytes: %d are the most", len(data), maxFile)}
	}
	var blocks []block
	number := 0
	for line := range strings.SplitSeq(string(data), "\n") {
		number++
		if blocks, err = addLine(blocks, line, position{name, number}); err != nil {
			return nil, err
		}
	}
	return blocks, nil
}

// addLine adds a head or a field. A # at the start makes a comment, and empty lines mean nothing.
func addLine(blocks []block, line string, at position) ([]block, error) {
	if err := checkLine(line); err != nil {
		return nil, at.errorf("%w", err)
	}
	key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
	value = strings.TrimSpace(value)
	switch {
	case key == "" || strings.HasPrefix(key, "#"):
		return blocks, nil
	case value == "":
		return nil, at.errorf("%q has no value: write it on the same line", key)
	case !strings.HasPrefix(line, " "):
		return append(blocks, block{word: key, name: value, at: at}), nil
	case len(blocks) == 0:
		return nil, at.errorf("the field %q stands before any block: begin the block at the margin", key)
	}
	last := &blocks[len(blocks)-1]
	last.fields = append(last.fields, field{key, value, at})
	return blocks, nil
}

var (
	errNotUTF8 = errors.New("the line is not valid UTF-8")
	errNotNFC  = errors.New("the line is not in Unicode NFC")
	errControl = errors.New("the line holds a control character: indent with spaces, end lines with a single line feed")
)

func checkLine(line string) error {
	switch {
	case len(line) > maxLine:
		return fmt.Errorf("the line has %d bytes: %d are the most", len(line), maxLine)
	case !utf8.ValidString(line):
		return errNotUTF8
	case !norm.NFC.IsNormalString(line):
		return errNotNFC
	case strings.ContainsFunc(line, unicode.IsControl):
		return errControl
	}
	return nil
}

// fieldReader hands out a block's fields and remembers which were taken, so that none is overlooked.
type fieldReader struct {
	block
	taken map[int]bool
	err   error
}

func read(b block) *fieldReader { return &fieldReader{block: b, taken: map[int]bool{}} }

// all returns every field of that key.
func (r *fieldReader) all(key string) []field {
	var found []field
	for i, f := range r.fields {
		if f.key == key {
			r.taken[i] = true
			found = append(found, f)
		}
	}
	return found
}

// optional returns the only field of that key, or none.
func (r *fieldReader) optional(key string) (field, bool) {
	found := r.all(key)
	if len(found) > 1 {
		r.fail(found[1].at.errorf("%s is given twice", key))
	}
	if len(found) == 0 {
		return field{at: r.at}, false
	}
	return found[0], true
}

// one returns the only field of that key.
func (r *fieldReader) one(key string) field {
	f, given := r.optional(key)
	if !given {
		r.fail(r.at.errorf("%s %s has no %s", r.word, r.name, key))
	}
	return f
}

// oneOf returns the value of a field that has only these values.
func (r *fieldReader) oneOf(key string, values ...string) string {
	f := r.one(key)
	for _, v := range values {
		if f.value == v {
			return v
		}
	}
	r.fail(f.at.errorf("%s is %q: write one of %s", key, f.value, strings.Join(values, ", ")))
	return ""
}

// done returns the first error; a field that nobody took is one.
func (r *fieldReader) done() error {
	for i, f := range r.fields {
		if !r.taken[i] {
			r.fail(f.at.errorf("%s %s has the unknown field %q", r.word, r.name, f.key))
		}
	}
	return r.err
}

func (r *fieldReader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}
