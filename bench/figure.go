package bench

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Figure is a measured number. Its key ends with its unit.
type Figure struct {
	Key   string
	Value float64
}

// Figures are in the order in which they were measured. In JSON they are one
// object.
type Figures []Figure

func (f *Figures) add(key string, value float64) { *f = append(*f, Figure{key, value}) }

// set adds a figure, or gives it another value.
func (f *Figures) set(key string, value float64) {
	i := slices.IndexFunc(*f, func(x Figure) bool { return x.Key == key })
	if i < 0 {
		f.add(key, value)
		return
	}
	(*f)[i].Value = value
}

// Get returns the figure of that key.
func (f Figures) Get(key string) (float64, bool) {
	i := slices.IndexFunc(f, func(x Figure) bool { return x.Key == key })
	if i < 0 {
		return 0, false
	}
	return f[i].Value, true
}

// MarshalJSON keeps the order, and four digits that count.
func (f Figures) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, x := range f {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(x.Key)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.WriteString(digits(x.Value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// digits writes a number with four digits that count, or all before the point.
func digits(x float64) string {
	if x >= 1000 || x <= -1000 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	return strconv.FormatFloat(x, 'g', 4, 64)
}

// Medians are those of each figure over several runs. Of an even number it is
// the upper one of the two in the middle.
func Medians(runs []Figures) Figures {
	var out Figures
	for _, run := range runs {
		for _, x := range run {
			if _, done := out.Get(x.Key); done {
				continue
			}
			var values []float64
			for _, other := range runs {
				if v, ok := other.Get(x.Key); ok {
					values = append(values, v)
				}
			}
			slices.Sort(values)
			out.add(x.Key, values[len(values)/2])
		}
	}
	return out
}

// Keys of figures that the table shows.
const (
	keyCPU       = "cpu_s_per_m_spans"
	keyRate      = "spans_per_s"
	keyPeak      = "peak_rss_mb"
	keyDisk      = "disk_bytes_per_span"
	keyRequest50 = "request_p50_ms"
	keyRequest99 = "request_p99_ms"
	keyOpen      = "open_s"
)
