package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
)

// packing says whether streams are compressed. Golden files are not: another release of the compressor may find shorter
// bytes for the same pages.
type packing bool

const (
	deflated packing = true
	plain    packing = false
)

// ref is the number of an object, and prints as a reference to it.
type ref int

func (r ref) String() string { return fmt.Sprintf("%d 0 R", int(r)) }

// file collects the objects of a PDF (ISO 32000-1, section 7).
type file struct {
	packing packing
	objects [][]byte // the first is object 1
	zip     *zlib.Writer
}

// reserve gives out the number of an object that set will fill.
func (f *file) reserve() ref {
	f.objects = append(f.objects, nil)
	return ref(len(f.objects))
}

func (f *file) set(r ref, body string) { f.objects[r-1] = []byte(body) }

func (f *file) add(body string) ref {
	r := f.reserve()
	f.set(r, body)
	return r
}

// stream adds an object that is a dictionary with bytes behind it. Entries are those of the dictionary but length and
// filter.
func (f *file) stream(entries string, data []byte) (ref, error) {
	if f.packing == deflated {
		packed, err := f.deflate(data)
		if err != nil {
			return 0, err
		}
		data, entries = packed, entries+" /Filter /FlateDecode"
	}
	return f.add(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", entries, len(data), data)), nil
}

// deflate compresses data. A compressor takes most of a megabyte, so one serves all streams.
func (f *file) deflate(data []byte) ([]byte, error) {
	var b bytes.Buffer
	if f.zip == nil {
		var err error
		if f.zip, err = zlib.NewWriterLevel(&b, zlib.BestCompression); err != nil {
			return nil, fmt.Errorf("compress a stream: %w", err)
		}
	}
	f.zip.Reset(&b)
	if _, err := f.zip.Write(data); err != nil {
		return nil, fmt.Errorf("compress a stream: %w", err)
	}
	if err := f.zip.Close(); err != nil {
		return nil, fmt.Errorf("compress a stream: %w", err)
	}
	return b.Bytes(), nil
}

// bytes writes the file: header, objects, the table of where each begins, and the trailer. The file's identifier is a
// hash of its objects: the same pages have the same one.
func (f *file) bytes(catalog, info ref) []byte {
	var b bytes.Buffer
	// The second line has bytes over 127, so that those who carry the file see that it is not text.
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	hash := sha256.New()
	starts := make([]int, len(f.objects))
	for i, body := range f.objects {
		hash.Write(body)
		starts[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(starts)+1)
	for _, at := range starts {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	id := hexString(hash.Sum(nil)[:16])
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root %v /Info %v /ID [%s %s]>>\nstartxref\n%d\n%%%%EOF\n",
		len(starts)+1, catalog, info, id, id, table)
	return b.Bytes()
}
