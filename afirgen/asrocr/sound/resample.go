package sound

import (
	"context"
	"errors"
	"io"
	"math"
	"time"
)

// block is how many frames are read at once.
const block = 8192

// convert reads the source to its end.
func convert(ctx context.Context, src source, longest time.Duration) (Clip, error) {
	r := newResampler(src.rate())
	most := int(longest.Seconds() * float64(src.rate()))
	buffer := make([]float32, block)
	for frames := 0; ; {
		if ctx.Err() != nil {
			return Clip{}, ctx.Err()
		}
		n, err := src.read(buffer)
		if errors.Is(err, io.EOF) {
			r.end()
			return Clip{r.out}, nil
		}
		if err != nil {
			return Clip{}, err
		}
		if frames += n; frames > most {
			return Clip{}, ErrTooLong
		}
		r.write(buffer[:n])
	}
}

// taps is half the length of the filter, in samples of the lower rate. Sixteen leave less than a thousandth of what lies
// a tenth beyond the limit.
const taps = 16

// resampler changes the rate by up ÷ down: of each output sample it knows between which inputs it lies and with which of
// the up phases of a windowed sinc they are weighed.
type resampler struct {
	up, down int
	phases   [][]float32 // nil where the rates are the same
	half     int         // inputs on either side
	in       []float32   // what may still be needed
	next     int         // of the output, in units of 1/up input samples from in[0]
	out      []int16
}

func newResampler(rate int) *resampler {
	divisor := gcd(rate, Rate)
	r := &resampler{up: Rate / divisor, down: rate / divisor}
	if r.up == r.down {
		return r
	}
	cutoff := min(1, float64(r.up)/float64(r.down)) // of the input's own limit
	r.half = int(math.Ceil(taps / cutoff))
	r.in = make([]float32, r.half) // silence before the beginning
	r.next = r.half * r.up
	r.phases = make([][]float32, r.up)
	for p := range r.phases {
		r.phases[p] = phase(float64(p)/float64(r.up), cutoff, r.half)
	}
	return r
}

// phase weighs the inputs from half-1 before to half after a place that lies between two of them. The weights' sum is 1.
func phase(place, cutoff float64, half int) []float32 {
	weights := make([]float32, 2*half)
	sum := 0.0
	for i := range weights {
		distance := float64(i-half+1) - place
		w := cutoff * sinc(cutoff*0.94*distance) * hann(distance/float64(half))
		weights[i] = float32(w)
		sum += w
	}
	for i := range weights {
		weights[i] /= float32(sum)
	}
	return weights
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func hann(x float64) float64 {
	if math.Abs(x) >= 1 {
		return 0
	}
	return 0.5 + 0.5*math.Cos(math.Pi*x)
}

func (r *resampler) write(samples []float32) {
	if r.phases == nil {
		for _, s := range samples {
			r.out = append(r.out, toInt16(s))
		}
		return
	}
	r.in = append(r.in, samples...)
	for at := r.next / r.up; at+r.half < len(r.in); at = r.next / r.up {
		sum := float32(0)
		near := r.in[at-r.half+1 : at+r.half+1]
		for i, w := range r.phases[r.next%r.up] {
			sum += w * near[i]
		}
		r.out = append(r.out, toInt16(sum))
		r.next += r.down
	}
	if passed := r.next/r.up - r.half; passed > 0 {
		passed = min(passed, len(r.in))
		r.in = append(r.in[:0], r.in[passed:]...)
		r.next -= passed * r.up
	}
}

// end lets the last samples out, with silence after them.
func (r *resampler) end() {
	if r.phases != nil {
		r.write(make([]float32, r.half))
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
