package blockfile

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// FuzzContainer changes a container and makes its outer checksums hold again,
// so that the changes reach what stands behind them. Whatever the bytes: an
// answer or a named error, and no more memory than the file is worth.
func FuzzContainer(f *testing.F) {
	f.Add([]byte{}, true)
	f.Add(small(f), false)
	f.Add(small(f), true)
	f.Add(small(f)[:60], true)
	f.Fuzz(func(t *testing.T, text []byte, mend bool) {
		if mend {
			text = mended(text)
		}
		c, _, err := openText(t, text)
		if err == nil {
			err = c.readAll()
		}
		var foreign *ForeignError
		var version *VersionError
		if err != nil && !isCorrupt(err) && !errors.As(err, &foreign) && !errors.As(err, &version) {
			t.Error(err)
		}
	})
}

// FuzzSalvage saves what can be saved of a block of any bytes, of which the
// outer checksums hold.
func FuzzSalvage(f *testing.F) {
	_, fs := blockOf(f, made(f, 8))
	block := fs.ReadFile("dir/7.blk")
	f.Add(block, false)
	f.Add(block, true)
	for _, n := range []int{len(block) - 50, len(block) - 400, len(block) / 2} {
		bad := bytes.Clone(block)
		bad[n] ^= 4
		f.Add(bad, true)
	}
	f.Fuzz(func(t *testing.T, text []byte, mend bool) {
		if mend {
			text = mended(text)
		}
		fs := vfs.NewFault(1)
		fs.WriteFile("dir/7.blk", text)
		r := Verify(fs, "dir/7.blk")
		s, err := Salvage(fs, "dir/7.blk", Reading{}, nil, func(m Meta, traces iter.Seq2[Trace, error]) error {
			_, err := Write(fs, "dir/8.blk", m, traces, Options{})
			return err
		})
		if (r.Err == nil) != (err == nil) && !strings.Contains(fmt.Sprint(err), "does not come behind") {
			t.Errorf("verified: %v; saved: %v", r.Err, err)
		}
		if err != nil || len(s.Rows) == 0 {
			return
		}
		if again := Verify(fs, "dir/8.blk"); !again.Good() || again.Traces != len(s.Rows) {
			t.Errorf("%d rows were saved, and what was written is %+v", len(s.Rows), again)
		}
	})
}

// mended returns text with checksums of header, table and trailer that hold,
// and with a trailer that finds the table where it is of the length said.
func mended(text []byte) []byte {
	b := bytes.Clone(text)
	if len(b) < headerSize+tableHead+trailerSize {
		return b
	}
	copy(b[headerSize-4:], checkOfHeader(b[:headerSize-4]))
	seed := parseHeader(b).stored
	end, reason := parseTrailer(b, int64(len(b)))
	if reason != "" {
		return b
	}
	end.seed, end.check = seed, checkOf(seed, end.table, b[end.table:][:end.length])
	return append(b[:len(b)-trailerSize], end.append(nil)...)
}

// FuzzParts reads the small parts from any bytes.
func FuzzParts(f *testing.F) {
	m := Meta{Number: 3, Created: 5, Level: 1, Positions: []Position{{Shard: 1}, {Shard: 2}}}
	f.Add(m.append(nil), int64(1000))
	f.Add([]byte(chunkMap(nil).add(100, 3).add(40, 1)), int64(headerSize+148))
	f.Add(appendTable(nil, []part{{kind: kindDict, offset: headerSize, length: 10, raw: 10}}), int64(200))
	f.Fuzz(func(t *testing.T, b []byte, end int64) {
		if m, err := parseMeta(b); err == nil {
			again, err := parseMeta(m.append(nil))
			if err != nil || len(again.Positions) != len(m.Positions) || again.Number != m.Number {
				t.Errorf("%+v is read back as %+v, %v", m, again, err)
			}
		}
		if m, chunks, rows, err := parseChunkMap(b, end); err == nil {
			last := place{offset: headerSize - checkSize, number: -1}
			for p := range m.all {
				last = p
			}
			if last.number+1 != chunks || last.first+last.rows != rows || last.offset+int64(last.length)+checkSize != end {
				t.Errorf("the last of %d chunks and %d rows is %+v", chunks, rows, last)
			}
		}
		if parts, err := parseTable(b, end); err == nil {
			_, _ = known(parts)
			for _, p := range parts {
				if p.offset < headerSize || p.offset+p.length > end {
					t.Errorf("%+v", p)
				}
			}
		}
		_, _ = parseTrailer(b, end)
	})
}

// What is damaged at random is found or makes no difference.
func TestRandomDamageIsFound(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := small(t)
	for range 2000 {
		bad := bytes.Clone(text)
		at, n := r.IntN(len(bad)), 1+r.IntN(40)
		for i := at; i < min(at+n, len(bad)); i++ {
			bad[i] = byte(r.Uint32())
		}
		if bytes.Equal(bad, text) {
			continue
		}
		fs := vfs.NewFault(1)
		fs.WriteFile("b", bad)
		c, err := openContainer(fs, "b", NewCache(1<<20), nil)
		if err == nil {
			err = errors.Join(c.readAll(), c.close())
		}
		var foreign *ForeignError
		if !isCorrupt(err) && !errors.As(err, &foreign) {
			t.Fatalf("%d bytes at %d: %v", n, at, err)
		}
	}
}
