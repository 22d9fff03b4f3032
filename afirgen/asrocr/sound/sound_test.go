package sound

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/up/samples"
)

// tone is a sine of the frequency in Hz at half of full scale, at the rate.
func tone(frequency, rate, frames int) []float64 {
	out := make([]float64, frames)
	for i := range out {
		out[i] = 0.5 * math.Sin(2*math.Pi*float64(frequency)*float64(i)/float64(rate))
	}
	return out
}

// file writes frames as WAV, the same in every channel.
type file struct {
	format, bits, channels, rate int
	extensible                   bool
	size                         int // of the chunk data as it says itself; 0 for the true one
}

func (f file) write(frames []float64) []byte {
	order := binary.LittleEndian
	var body []byte
	for _, v := range frames {
		for range f.channels {
			body = f.sample(body, v)
		}
	}
	format, rest := f.format, []byte(nil)
	if f.extensible {
		format = formatExtensible
		rest = append(order.AppendUint16([]byte{22, 0, byte(f.bits), 0, 0, 0, 0, 0}, uint16(f.format)), subformat...)
	}
	head := order.AppendUint16(order.AppendUint16(nil, uint16(format)), uint16(f.channels))
	block := f.channels * f.bits / 8
	head = order.AppendUint32(order.AppendUint32(head, uint32(f.rate)), uint32(f.rate*block))
	head = append(order.AppendUint16(order.AppendUint16(head, uint16(block)), uint16(f.bits)), rest...)
	size := len(body)
	if f.size != 0 {
		size = f.size
	}
	out := append([]byte("RIFF\x00\x00\x00\x00WAVE"), "LIST\x05\x00\x00\x00Meera\x00"...) // an odd chunk, padded
	out = append(order.AppendUint32(append(out, "fmt "...), uint32(len(head))), head...)
	return append(order.AppendUint32(append(out, "data"...), uint32(size)), body...)
}

func (f file) sample(to []byte, v float64) []byte {
	order := binary.LittleEndian
	switch {
	case f.format == formatFloat && f.bits == 32:
		return order.AppendUint32(to, math.Float32bits(float32(v)))
	case f.format == formatFloat:
		return order.AppendUint64(to, math.Float64bits(v))
	case f.bits == 8:
		return append(to, byte(math.Round(v*127)+128))
	case f.bits == 16:
		return order.AppendUint16(to, uint16(int16(v*32767)))
	case f.bits == 24:
		n := uint32(int32(v * 8388607))
		return append(to, byte(n), byte(n>>8), byte(n>>16))
	}
	return order.AppendUint32(to, uint32(int32(v*2147483647)))
}

func TestEveryEncodingAndRateOfAToneIsTheSameTone(t *testing.T) {
	for _, f := range []file{
		{1, 8, 1, 16_000, false, 0}, {1, 16, 1, 16_000, false, 0}, {1, 24, 2, 16_000, false, 0}, {1, 32, 1, 16_000, false, 0},
		{3, 32, 1, 16_000, false, 0}, {3, 64, 2, 16_000, false, 0}, {1, 16, 6, 16_000, true, 0}, {3, 32, 1, 16_000, true, 0},
		{1, 16, 1, 8_000, false, 0}, {1, 16, 2, 11_025, false, 0}, {1, 16, 1, 22_050, false, 0}, {1, 16, 2, 44_100, false, 0},
		{1, 16, 2, 48_000, false, 0}, {1, 24, 1, 96_000, false, 0}, {1, 16, 1, 192_000, false, 0}, {1, 16, 1, 16_001, false, 0},
		{1, 16, 1, 16_000, false, 0x7FFF_F000}, {1, 16, 1, 16_000, false, 0xFFFF_FFFF},
	} {
		clip, err := Decode(t.Context(), f.write(tone(440, f.rate, f.rate)), time.Minute)
		if err != nil {
			t.Errorf("%+v: %v", f, err)
			continue
		}
		if d := clip.Duration(); d < 990*time.Millisecond || d > 1010*time.Millisecond {
			t.Errorf("%+v: it plays %s, want 1 s", f, d)
		}
		if e := distance(clip.Samples, tone(440, Rate, len(clip.Samples))); e > 0.01 {
			t.Errorf("%+v: it is %.4f of full scale away from the tone", f, e)
		}
	}
}

// distance is the mean one, away from the ends, which the filter rounds.
func distance(got []int16, want []float64) float64 {
	sum, n := 0.0, 0
	for i := 200; i < len(got)-200; i++ {
		sum += math.Abs(float64(got[i])/32768 - want[i])
		n++
	}
	return sum / float64(n)
}

func TestWhatATelephoneCannotCarryIsFilteredOutAndNotFoldedBack(t *testing.T) {
	f := file{1, 16, 1, 48_000, false, 0}
	clip, err := Decode(t.Context(), f.write(tone(10_000, 48_000, 48_000)), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if l := level(clip.Samples[400 : len(clip.Samples)-400]); l > -60 {
		t.Errorf("10 kHz comes through at %.0f dB, want it below -60", l)
	}
}

func TestAnMP3IsDecoded(t *testing.T) {
	clip, err := Decode(t.Context(), samples.Speech(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if d := clip.Duration(); d < 11*time.Second || d > 13*time.Second || clip.Silent() {
		t.Errorf("it plays %s, silent %v", d, clip.Silent())
	}
	again, err := Decode(t.Context(), clip.WAV(), time.Minute)
	if err != nil || len(again.Samples) != len(clip.Samples) || again.Samples[50_000] != clip.Samples[50_000] {
		t.Errorf("written as WAV it became %d samples, %v", len(again.Samples), err)
	}
}

func TestDamageIsSaid(t *testing.T) {
	whole := file{1, 16, 1, 16_000, false, 0}.write(tone(440, 16_000, 1000))
	for title, data := range map[string][]byte{
		"nothing":                  nil,
		"a head alone":             whole[:12],
		"no samples":               whole[:len(whole)-2008],
		"cut off":                  whole[:len(whole)-2],
		"no channels":              file{1, 16, 0, 16_000, false, 0}.write(nil),
		"12 bits":                  file{1, 12, 1, 16_000, false, 0}.write(nil),
		"A-law":                    file{6, 8, 1, 8_000, false, 0}.write(nil),
		"no rate":                  file{1, 16, 1, 0, false, 0}.write(nil),
		"a rate of 1 Hz":           file{1, 16, 1, 1, false, 0}.write(nil),
		"a rate of 1 GHz":          file{1, 16, 1, 1_000_000_000, false, 0}.write(nil),
		"64-bit integers":          file{1, 64, 1, 16_000, false, 0}.write(nil),
		"a format of none":         []byte("RIFF....WAVEfmt \x04\x00\x00\x00abcddata\x00\x00\x00\x00"),
		"samples first":            []byte("RIFF....WAVEdata\x02\x00\x00\x00ab"),
		"a tag that claims 256 MB": []byte("ID3\x04\x00\x00\x7F\x7F\x7F\x7F"),
		"a tag without end":        []byte("ID3\x04"),
		"an MP3 of junk":           append([]byte("\xFF\xFB\x90\x00"), make([]byte, 3000)...)[:200],
	} {
		_, err := Decode(t.Context(), data, time.Minute)
		var damaged *DamagedError
		if !errors.As(err, &damaged) {
			t.Errorf("%s: %v, want a DamagedError", title, err)
		}
	}
}

func TestTagsArePassedOver(t *testing.T) {
	plain, err := Decode(t.Context(), samples.Speech(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	tags := "ID3\x04\x00\x10\x00\x00\x01\x00" + string(make([]byte, 128)) + "3DI\x04\x00\x10\x00\x00\x01\x00" + "ID3\x03\x00\x00\x00\x00\x00\x02xx"
	tagged, err := Decode(t.Context(), append([]byte(tags), samples.Speech()...), time.Minute)
	if err != nil || len(tagged.Samples) != len(plain.Samples) {
		t.Errorf("%d samples, want %d (%v)", len(tagged.Samples), len(plain.Samples), err)
	}
}

func TestTooLongIsKnownBeforeItIsDecodedWhole(t *testing.T) {
	wav := file{1, 8, 1, 8_000, false, 0}.write(make([]float64, 80_000))
	for title, data := range map[string][]byte{"WAV": wav, "MP3": samples.Speech()} {
		if _, err := Decode(t.Context(), data, 9*time.Second); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", title, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Decode(ctx, wav, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestSilence(t *testing.T) {
	chance := rand.New(rand.NewPCG(1895, 11))
	make16 := func(level float64) Clip {
		c := Clip{make([]int16, 2*Rate)}
		for i := range c.Samples {
			c.Samples[i] = 1000 + int16(chance.NormFloat64()*32768*math.Pow(10, level/20)) // with an offset
		}
		return c
	}
	if !make16(-65).Silent() || make16(-40).Silent() || !(Clip{}).Silent() {
		t.Error("noise of -65 dB is silence, noise of -40 dB is not, and nothing is")
	}
	click := Clip{make([]int16, 3*Rate)}
	click.Samples[20_000] = 32_000
	if !click.Silent() {
		t.Error("one click is no speech")
	}
}

func TestKindOf(t *testing.T) {
	for data, want := range map[string]Kind{
		"RIFF....WAVE": WAV, "RIFF....AVI ": "", "RIFF": "", "ID3": MP3, "\xFF\xFB\x90": MP3, "\xFF\xF3\x40": MP3, "\xFF\xE3\x40": MP3,
		"\xFF\xF1\x50": "", "\xFF\xFB\xF0": "", "\xFF\xD8\xFF": "", "OggS": "", "": "",
	} {
		if got := KindOf([]byte(data)); got != want {
			t.Errorf("%q: %q, want %q", data, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(file{1, 16, 2, 44_100, true, 0}.write(tone(440, 44_100, 300)))
	f.Add(file{3, 32, 1, 8_000, false, 0}.write([]float64{math.NaN(), math.Inf(1), 1e300}))
	f.Add(samples.Speech()[:2000])
	f.Add([]byte("ID3\x04\x00\x00\x7f\x7f\x7f\x7f"))
	f.Fuzz(func(t *testing.T, data []byte) {
		clip, err := Decode(t.Context(), data, 2*time.Second)
		if err == nil && clip.Duration() > 2*time.Second+10*time.Millisecond {
			t.Errorf("it plays %s", clip.Duration())
		}
		if err != nil && KindOf(data) != "" && !errors.Is(err, ErrTooLong) && !errors.As(err, new(*DamagedError)) {
			t.Errorf("%v is not an error that we know", err)
		}
		_ = clip.Silent()
	})
}
