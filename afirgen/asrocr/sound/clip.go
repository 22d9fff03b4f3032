package sound

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
)

// Rate is the number of samples a second of a Clip, in Hz.
const Rate = 16_000

// Clip is one channel of sound at Rate.
type Clip struct{ Samples []int16 }

// Duration is how long the clip plays.
func (c Clip) Duration() time.Duration {
	return time.Duration(len(c.Samples)) * time.Second / Rate
}

// DamagedError says why a file of a known kind cannot be decoded, in our words.
type DamagedError struct{ Why string }

func (e *DamagedError) Error() string { return "the recording cannot be decoded: " + e.Why }

// ErrTooLong says that a recording plays longer than it may.
var ErrTooLong = errors.New("the recording is too long")

// source gives the frames of a file, its channels mixed into one, from -1 to 1. It ends with io.EOF.
type source interface {
	rate() int
	read(into []float32) (int, error)
}

// Decode decodes WAV or MP3. It stops with ErrTooLong as soon as the recording is known to play longer than longest, and
// with ctx's error when ctx ends.
func Decode(ctx context.Context, data []byte, longest time.Duration) (Clip, error) {
	src, err := open(data, longest)
	if err != nil {
		return Clip{}, err
	}
	if rate := src.rate(); rate < 4_000 || rate > 192_000 {
		return Clip{}, &DamagedError{fmt.Sprintf("its rate is %d samples a second; 4,000 to 192,000 are read", rate)}
	}
	return convert(ctx, src, longest)
}

func open(data []byte, longest time.Duration) (source, error) {
	switch KindOf(data) {
	case WAV:
		return openWAV(data, longest)
	case MP3:
		return openMP3(data)
	}
	return nil, &DamagedError{"it is neither WAV nor MP3"}
}

// toInt16 rounds and clips. What is no number is silence.
func toInt16(v float32) int16 {
	scaled := math.Round(float64(v) * 32768)
	switch {
	case scaled > math.MaxInt16:
		return math.MaxInt16
	case scaled < math.MinInt16:
		return math.MinInt16
	case math.IsNaN(scaled):
		return 0
	}
	return int16(scaled)
}

// Raw is the samples as bytes, the lower first.
func (c Clip) Raw() []byte {
	out := make([]byte, 0, 2*len(c.Samples))
	for _, s := range c.Samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s))
	}
	return out
}
