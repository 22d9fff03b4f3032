package blockfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/roentgen/roentgen/internal/applog/vfs"
)

// raw writes a container whose parts hold any bytes, and returns its text.
func raw(t testing.TB, h header, chunks [][]byte, parts map[kind][]byte) []byte {
	t.Helper()
	fs := vfs.NewFault(1)
	f, err := fs.Create("b")
	if err != nil {
		t.Fatal(err)
	}
	z, err := newPacker()
	if err != nil {
		t.Fatal(err)
	}
	o := &out{f: f, zstd: z}
	o.begin(h)
	for _, c := range chunks {
		if err := o.chunk(2, func(b []byte) []byte { return append(b, c...) }); err != nil {
			t.Fatal(err)
		}
	}
	for k := kindDict; k <= lastKind+1; k++ {
		if k <= lastKind || parts[k] != nil {
			if err := o.part(k, parts[k]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(o.end(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return fs.ReadFile("b")
}

func small(t testing.TB) []byte {
	return raw(t, header{number: 7, created: 1_700_000_000e9},
		[][]byte{[]byte("the first chunk"), {}, []byte("the third")},
		map[kind][]byte{kindDict: []byte("dictionary"), kindIndex: bytes.Repeat([]byte("index"), 100), kindSummary: []byte("s")})
}

// openText opens text as a file.
func openText(t testing.TB, text []byte) (*container, *vfs.Fault, error) {
	t.Helper()
	fs := vfs.NewFault(1)
	fs.WriteFile("dir/7.block", text)
	c, err := openContainer(fs, "dir/7.block", NewCache(1<<20), nil)
	if err == nil {
		t.Cleanup(func() {
			if err := c.close(); err != nil {
				t.Error(err)
			}
		})
	}
	return c, fs, err
}

// readAll reads every chunk and every part.
func (c *container) readAll() error {
	for p := range c.chunks.all {
		if _, err := c.chunk(p); err != nil {
			return err
		}
	}
	for k := kindChunks; k <= lastKind; k++ {
		if _, _, err := c.part(k); err != nil {
			return err
		}
	}
	return nil
}

func TestAContainerGivesBackWhatWentIn(t *testing.T) {
	c, _, err := openText(t, small(t))
	if err != nil {
		t.Fatal(err)
	}
	if c.header.number != 7 || c.count != 3 || c.rows != 6 {
		t.Errorf("number %d, %d chunks, %d rows", c.header.number, c.count, c.rows)
	}
	var got []string
	for p := range c.chunks.all {
		b, err := c.chunk(p)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%d-%d %s", p.first, p.first+p.rows-1, b))
	}
	if text := strings.Join(got, "; "); text != "0-1 the first chunk; 2-3 ; 4-5 the third" {
		t.Errorf("chunks: %s", text)
	}
	p, b, err := c.part(kindIndex)
	if err != nil || string(b) != strings.Repeat("index", 100) || p.flags != flagZstd {
		t.Errorf("index: %q, flags %d, %v", b, p.flags, err)
	}
	for row, want := range map[int]int{-1: -1, 0: 0, 1: 0, 2: 1, 5: 2, 6: -1} {
		p, ok := c.chunks.find(row)
		if !ok {
			p.number = -1
		}
		if p.number != want {
			t.Errorf("row %d is in chunk %d, want %d", row, p.number, want)
		}
	}
}

func TestPartsOfALaterMinorVersionAreSkipped(t *testing.T) {
	text := raw(t, header{number: 7, minor: 3}, [][]byte{nil}, map[kind][]byte{lastKind + 1: []byte("later")})
	c, _, err := openText(t, text)
	if err == nil {
		err = c.readAll()
	}
	if err != nil {
		t.Error(err)
	}
}

// Every bit of a file is covered by a checksum, but for those that are not read.
func TestAFlippedBitIsFound(t *testing.T) {
	text := small(t)
	for i := range text {
		for bit := range 8 {
			bad := bytes.Clone(text)
			bad[i] ^= 1 << bit
			c, _, err := openText(t, bad)
			if err == nil {
				err = c.readAll()
			}
			var damage *CorruptError
			if !errors.As(err, &damage) {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
			if damage.File != "dir/7.block" || damage.Offset > int64(i) || damage.Part == "" || !strings.Contains(err.Error(), "store verify dir/7.block") {
				t.Fatalf("bit %d of byte %d: %v", bit, i, err)
			}
		}
	}
}

func TestACutFileIsCalledCutShort(t *testing.T) {
	text := small(t)
	for n := range text {
		_, _, err := openText(t, text[:n])
		var damage *CorruptError
		if !errors.As(err, &damage) || !strings.Contains(damage.Reason, "cut short") {
			t.Fatalf("of %d bytes: %v", n, err)
		}
	}
	// And where the rest is zeros, which a file system may leave.
	for n := 1; n < len(text)-8; n += 7 {
		bad := append(bytes.Clone(text[:n]), make([]byte, len(text)-n)...)
		if _, _, err := openText(t, bad); !isCorrupt(err) {
			t.Fatalf("zeros from %d on: %v", n, err)
		}
	}
}

func isCorrupt(err error) bool {
	var damage *CorruptError
	return errors.As(err, &damage)
}

func TestWhatIsNoBlockIsToldApart(t *testing.T) {
	text := small(t)
	var foreign *ForeignError
	for _, bad := range []string{"PK\x03\x04 something else, and long enough to be anything", "x", strings.Repeat("log line\n", 100)} {
		if _, _, err := openText(t, []byte(bad)); !errors.As(err, &foreign) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, _, err := openText(t, append(bytes.Clone(text), "more"...)); !isCorrupt(err) {
		t.Errorf("with bytes behind its end: %v", err)
	}
	other := raw(t, header{number: 8}, [][]byte{[]byte("the first chunk"), {}, []byte("the third")}, nil)
	mixed := append(bytes.Clone(text[:headerSize]), other[headerSize:]...)
	if _, _, err := openText(t, mixed); !isCorrupt(err) {
		t.Errorf("with the header of another block: %v", err)
	}
}

func TestAFileOfANewerVersionIsToldApart(t *testing.T) {
	newer := newerHeader(t, small(t))
	_, _, err := openText(t, newer)
	var version *VersionError
	if !errors.As(err, &version) || version.Version != 2 {
		t.Errorf("got %v", err)
	}
	newer[9] ^= 1
	if _, _, err := openText(t, newer); !isCorrupt(err) {
		t.Errorf("with a version that is damage: %v", err)
	}
}

// newerHeader makes a file of text's length that says version 2.
func newerHeader(t testing.TB, text []byte) []byte {
	t.Helper()
	b := bytes.Clone(text)
	b[8] = 2
	check := checkOfHeader(b[:headerSize-4])
	copy(b[headerSize-4:], check)
	return b
}

func TestErrorsOfTheDiskAreToldApart(t *testing.T) {
	text := small(t)
	for _, c := range []struct {
		err     error
		corrupt bool
	}{{syscall.EIO, true}, {syscall.EMFILE, false}} {
		fs := vfs.NewFault(1)
		fs.WriteFile("b", text)
		calls := 0
		for n := 1; ; n++ {
			calls = 0
			fs.SetPlan(func(call vfs.Call) (v vfs.Verdict) {
				if call.Op == vfs.OpRead {
					if calls++; calls == n {
						v.Err = c.err
					}
				}
				return v
			})
			k, err := openContainer(fs, "b", NewCache(1<<20), nil)
			if err == nil {
				err = errors.Join(k.readAll(), k.close())
			}
			if calls < n {
				break // all went well: there are fewer reads
			}
			if !errors.Is(err, c.err) && !isCorrupt(err) || isCorrupt(err) != c.corrupt {
				t.Errorf("%v at read %d: %v", c.err, n, err)
			}
		}
	}
	fs := vfs.NewFault(1)
	if _, err := openContainer(fs, "none", NewCache(1), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Opening reads twice: the header, and the end with all that is in it.
func TestOpeningReadsTwice(t *testing.T) {
	fs := vfs.NewFault(1)
	fs.WriteFile("b", raw(t, header{}, [][]byte{bytes.Repeat([]byte("large "), 100_000)}, map[kind][]byte{kindSummary: make([]byte, 30_000)}))
	reads := 0
	fs.SetPlan(func(c vfs.Call) (v vfs.Verdict) {
		if c.Op == vfs.OpRead {
			reads++
		}
		return v
	})
	c, err := openContainer(fs, "b", NewCache(1), func(c *container, t tail) error {
		_, _, err := c.partIn(t, kindSummary)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if reads != 2 {
		t.Errorf("%d reads", reads)
	}
}

func checkOfHeader(b []byte) []byte {
	return binary.LittleEndian.AppendUint32(nil, crc32.Checksum(b, crcTable))
}
