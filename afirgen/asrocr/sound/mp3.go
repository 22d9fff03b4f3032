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

// openMP3 hands the decoder a reader that cannot seek: otherwise it would go through the whole file beforehand. Tags are
// cut off here, because the decoder makes room for whatever size a tag claims, up to 512 MB.
func openMP3(file []byte) (f *frames, err error) {
	defer guard(&err)
	file, err = untagged(file)
	if err != nil {
		return nil, err
	}
	decoder, err := mp3.NewDecoder(struct{ io.Reader }{bytes.NewReader(file)})
	if err != nil {
		return nil, &DamagedError{"no frame of MPEG-1 or MPEG-2 layer III was found in it"}
	}
	return &frames{decoder: decoder}, nil
}

// untagged drops ID3v2 tags from the beginning (id3.org, 2.4.0, 3.1): a head of ten bytes, whose last four say in seven
// bits each how much follows it. Programs have been seen to put a second tag behind the first.
func untagged(file []byte) ([]byte, error) {
	const head, footer = 10, 0x10
	for range 8 {
		if !bytes.HasPrefix(file, []byte("ID3")) {
			return file, nil
		}
		if len(file) < head {
			break
		}
		size := head
		for i, b := range file[6:head] {
			size += int(b&0x7F) << (21 - 7*i)
		}
		if file[5]&footer != 0 {
			size += head
		}
		if size > len(file) {
			break
		}
		file = file[size:]
	}
	return nil, &DamagedError{"its tags do not end"}
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
