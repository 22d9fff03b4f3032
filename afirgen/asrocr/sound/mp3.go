package sound

import (
	"bytes"
	"errors"
	"io"

	"github.com/hajimehoshi/go-mp3"
)

// frames reads an MP3 through go-mp3, which gives two channels of 16 bits whatever the file has.
type frames struct {
	decoder *mp3.Decoder
	buffer  []byte
}

// openMP3 hands the decoder a reader that cannot seek: otherwise it would go through the whole file beforehand.
func openMP3(file []byte) (f *frames, err error) {
	defer guard(&err)
	decoder, err := mp3.NewDecoder(struct{ io.Reader }{bytes.NewReader(file)})
	if err != nil {
		return nil, &DamagedError{"no frame of MPEG-1 or MPEG-2 layer III was found in it"}
	}
	return &frames{decoder: decoder}, nil
}

// guard turns a panic into damage: the decoder trusts the tables that a file points into.
func guard(err *error) {
	if recover() != nil {
		*err = &DamagedError{"its frames contradict themselves"}
	}
}

func (f *frames) rate() int { return f.decoder.SampleRate() }

func (f *frames) read(into []float32) (n int, err error) {
	defer guard(&err)
	const frame = 4
	if len(f.buffer) < frame*len(into) {
		f.buffer = make([]byte, frame*len(into))
	}
	got, err := io.ReadFull(f.decoder, f.buffer[:frame*len(into)])
	n = got / frame
	for i := range n {
		b := f.buffer[frame*i:]
		left, right := int16(uint16(b[0])|uint16(b[1])<<8), int16(uint16(b[2])|uint16(b[3])<<8)
		into[i] = (float32(left) + float32(right)) / 2 / (1 << 15)
	}
	switch {
	case n > 0:
		return n, nil // an error comes again at the next call
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, io.EOF
	}
	return 0, &DamagedError{"a frame in it is broken"}
}
