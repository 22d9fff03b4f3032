package sound

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"time"
)

// Encodings of WAV's samples (mmreg.h).
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xFFFE
)

// subformat is how a GUID of the extensible header ends; the encoding stands in its first two bytes.
const subformat = "\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71"

// wav reads the samples of a WAV file in place.
type wav struct {
	format, channels, bits int
	perSecond              int
	data                   []byte // what is left
}

func openWAV(file []byte, longest time.Duration) (*wav, error) {
	w, err := parseWAV(file)
	if err != nil {
		return nil, err
	}
	frames := len(w.data) / w.frame()
	if float64(frames)/float64(w.perSecond) > longest.Seconds() {
		return nil, ErrTooLong
	}
	return w, nil
}

// parseWAV looks for the chunks fmt and data; others are passed over.
func parseWAV(file []byte) (*wav, error) {
	const riff, head, streamed = 12, 8, 0x7FFF_0000
	var w *wav
	for at := riff; at+head <= len(file); {
		name, size := string(file[at:at+4]), int64(binary.LittleEndian.Uint32(file[at+4:]))
		body := file[at+head:]
		isData := name == "data"
		// A program that writes into a pipe does not know the length beforehand and puts nought or as much as fits.
		if isData && (size == 0 || size >= streamed) {
			size = int64(len(body))
		}
		if size > int64(len(body)) {
			return nil, &DamagedError{"it ends before its chunk " + printable(name) + " does: it was cut off"}
		}
		switch {
		case name == "fmt " && w == nil:
			var err error
			if w, err = parseFormat(body[:size]); err != nil {
				return nil, err
			}
		case isData && w == nil:
			return nil, &DamagedError{"its samples come before their format"}
		case isData:
			w.data = body[:size]
			return w, nil
		}
		at += head + int(size+size&1)
	}
	return nil, &DamagedError{"it has no samples: a chunk fmt or data is missing"}
}

// printable names the chunks that we know; another's name is the caller's to make up.
func printable(name string) string {
	if name == "fmt " || name == "data" {
		return name
	}
	return "of another name"
}

func parseFormat(body []byte) (*wav, error) {
	if len(body) < 16 {
		return nil, &DamagedError{"its format has fewer than 16 bytes"}
	}
	order := binary.LittleEndian
	w := &wav{
		format: int(order.Uint16(body)), channels: int(order.Uint16(body[2:])),
		perSecond: int(order.Uint32(body[4:])), bits: int(order.Uint16(body[14:])),
	}
	if w.format == formatExtensible {
		if len(body) < 40 || string(body[26:40]) != subformat {
			return nil, &DamagedError{"its extensible format is not one that we know"}
		}
		w.format = int(order.Uint16(body[24:]))
	}
	return w, w.check(int(order.Uint16(body[12:])))
}

func (w *wav) check(block int) error {
	known := w.format == formatPCM && (w.bits == 8 || w.bits == 16 || w.bits == 24 || w.bits == 32) ||
		w.format == formatFloat && (w.bits == 32 || w.bits == 64)
	switch {
	case !known:
		return &DamagedError{fmt.Sprintf("its samples are of format %d with %d bits; whole numbers of 8, 16, 24 or 32 bits and floats of 32 or 64 are read", w.format, w.bits)}
	case w.channels < 1 || w.channels > 16:
		return &DamagedError{fmt.Sprintf("it has %d channels; 1 to 16 are read", w.channels)}
	case w.perSecond < 1:
		return &DamagedError{"it has no samples a second"}
	case block != w.frame():
		return &DamagedError{fmt.Sprintf("its format says %d bytes for all channels at once, where %d are needed", block, w.frame())}
	}
	return nil
}

// frame is the size in bytes of a sample of every channel.
func (w *wav) frame() int { return w.channels * w.bits / 8 }

func (w *wav) rate() int { return w.perSecond }

func (w *wav) read(into []float32) (int, error) {
	size, step := w.frame(), w.bits/8
	n := min(len(into), len(w.data)/size)
	if n == 0 {
		return 0, io.EOF
	}
	for i := range n {
		sum := float32(0)
		for c := range w.channels {
			sum += w.sample(w.data[i*size+c*step:])
		}
		into[i] = sum / float32(w.channels)
	}
	w.data = w.data[n*size:]
	return n, nil
}

// sample reads one from the beginning of b. Eight bits are unsigned, all others signed.
func (w *wav) sample(b []byte) float32 {
	order := binary.LittleEndian
	if w.format == formatFloat {
		if w.bits == 32 {
			return finite(float64(math.Float32frombits(order.Uint32(b))))
		}
		return finite(math.Float64frombits(order.Uint64(b)))
	}
	switch w.bits {
	case 8:
		return (float32(b[0]) - 128) / 128
	case 16:
		return float32(int16(order.Uint16(b))) / (1 << 15)
	case 24:
		return float32(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
	}
	return float32(int32(order.Uint32(b))) / (1 << 31)
}

// finite keeps what is no number, or beyond any loudness, from spoiling its neighbours in the filter.
func finite(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(max(-1, min(1, v)))
}
