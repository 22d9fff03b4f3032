package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// traceTaker takes what files hold, piece by piece.
type traceTaker interface {
	document(doc []byte) error  // of X-Ray
	spansJSON(one []byte) error // one of resourceSpans
	spans(one []byte) error     // the same in protobuf
}

// readTraces finds out what a file holds, and takes it piece by piece.
func readTraces(in io.Reader, to traceTaker) error {
	plain, done, err := decompressed(bufio.NewReaderSize(in, 64<<10))
	if err != nil {
		return err
	}
	defer done()
	head, err := plain.Peek(512)
	text := bytes.TrimLeft(head, " \t\r\n")
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return fmt.Errorf("read it: %w", err)
	case len(text) == 0:
		return errors.New("it is empty")
	case looksLikeJSON(text):
		return readJSON(plain, to)
	case head[0] == protobufFirst:
		return readProtobuf(plain, to)
	}
	return fmt.Errorf("it begins with %q: neither JSON (X-Ray documents, OTLP) nor OTLP's protobuf, nor one of them compressed by gzip or zstd", text[0])
}

// looksLikeJSON tells JSON from protobuf, whose first byte may be taken for a
// new line and its second for a brace.
func looksLikeJSON(text []byte) bool {
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	switch text[0] {
	case '[':
		return len(rest) == 0 || bytes.IndexByte([]byte(`{["]`), rest[0]) >= 0
	case '"':
		return len(rest) > 0 && (rest[0] == '{' || rest[0] == '\\')
	case '{':
		return len(rest) == 0 || rest[0] == '}' || rest[0] == '"' && len(rest) > 1 && (rest[1]|0x20 >= 'a' && rest[1]|0x20 <= 'z' || rest[1] == '_')
	}
	return false
}

// decompressed looks at the first bytes.
func decompressed(in *bufio.Reader) (*bufio.Reader, func(), error) {
	head, _ := in.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("decompress it by gzip: %w", err)
		}
		return bufio.NewReader(z), func() { z.Close() }, nil
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(128<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("decompress it by zstd: %w", err)
		}
		return bufio.NewReader(z), z.Close, nil
	}
	return in, func() {}, nil
}

// largestPiece bounds what is held of one document, or of one resource's spans.
const largestPiece = 64 << 20

// allowance lets so many bytes through before it is renewed.
type allowance struct {
	from io.Reader
	left int
}

var errLarge = fmt.Errorf("a single document or group of spans has more than %d MB", largestPiece>>20)

// Read implements io.Reader.
func (a *allowance) Read(b []byte) (int, error) {
	if a.left <= 0 {
		return 0, errLarge
	}
	n, err := a.from.Read(b[:min(len(b), a.left)])
	a.left -= n
	return n, err
}

// jsonTraces walks through JSON. Lists of documents, traces and spans are
// read element by element.
type jsonTraces struct {
	*json.Decoder
	bound *allowance
	to    traceTaker
}

func readJSON(in io.Reader, to traceTaker) error {
	bound := &allowance{in, largestPiece}
	j := &jsonTraces{json.NewDecoder(bound), bound, to}
	for {
		if err := j.value(0); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("near byte %d: %w", j.InputOffset(), err)
		}
	}
}

// deepestList is how lists of lists of documents may stand in one another.
const deepestList = 8

// value reads one value. io.EOF stands for none at the top, and is torn JSON
// anywhere else.
func (j *jsonTraces) value(depth int) error {
	j.bound.left = largestPiece
	token, err := j.Token()
	if err != nil {
		return torn(err, depth)
	}
	if depth > deepestList {
		return errors.New("lists stand too deep in one another for a list of documents")
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return j.list(depth)
		}
		return j.object(depth)
	case string: // a document as text, as PutTraceSegments takes it
		return j.to.document([]byte(token))
	}
	return fmt.Errorf("%v is no document", token)
}

func torn(err error, depth int) error {
	if errors.Is(err, io.EOF) && depth > 0 {
		return errors.New("the JSON breaks off")
	}
	return err
}

func (j *jsonTraces) list(depth int) error {
	for j.More() {
		if err := j.value(depth + 1); err != nil {
			return torn(err, 1)
		}
	}
	_, err := j.Token()
	return torn(err, 1)
}

// isList tells the members that hold documents or traces; an object that has one
// is no document itself.
func isList(key string) bool {
	switch key {
	case "Traces", "Segments", "segments", "TraceSegmentDocuments":
		return true
	}
	return false
}

func (j *jsonTraces) object(depth int) error {
	doc, members, lists := []byte{'{'}, 0, 0
	segment := false // it has what only a document has
	for j.More() {
		token, err := j.Token()
		if err != nil {
			return torn(err, 1)
		}
		key, _ := token.(string)
		switch {
		case isList(key) && !segment:
			lists++
			err = j.value(depth + 1)
		case key == "resourceSpans" || key == "resource_spans":
			lists++
			err = j.resourceSpans()
		default:
			var value json.RawMessage
			if err = j.Decode(&value); err != nil {
				break
			}
			if key == "Document" {
				var text string
				if json.Unmarshal(value, &text) == nil {
					lists++
					err = j.to.document([]byte(text))
					break
				}
			}
			if lists > 0 {
				break // it is no document, and may have members without end
			}
			segment = segment || key == "start_time"
			if members++; members > 1 {
				doc = append(doc, ',')
			}
			name, _ := json.Marshal(key) // a string always encodes
			doc = append(append(append(doc, name...), ':'), value...)
		}
		if err != nil {
			return torn(err, 1)
		}
	}
	if _, err := j.Token(); err != nil {
		return torn(err, 1)
	}
	if lists > 0 {
		return nil
	}
	return j.to.document(append(doc, '}'))
}

func (j *jsonTraces) resourceSpans() error {
	if token, err := j.Token(); err != nil {
		return err
	} else if token != json.Delim('[') {
		return errors.New("resourceSpans is no list")
	}
	for j.More() {
		j.bound.left = largestPiece
		var one json.RawMessage
		if err := j.Decode(&one); err != nil {
			return err
		}
		if err := j.to.spansJSON(one); err != nil {
			return err
		}
	}
	_, err := j.Token()
	return err
}
