package tracing

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

func TestTimesHaveSixDigits(t *testing.T) {
	var x timeText
	for ns, want := range map[int64]string{
		0: "0.000000", 999: "0.000000", 1000: "0.000001", 999_999_999: "0.999999", 1_000_000_000: "1.000000",
		1780165693_123456_789: "1780165693.123456", -5: "0.000000", 10_000_001_000: "10.000001",
	} {
		if got := string(x.append([]byte("x"), time.Unix(0, 0), time.Duration(ns))); got != "x"+want {
			t.Errorf("%d ns became %s, want %s", ns, got, want)
		}
	}
}

func TestNumbersAndTextReadBackTheSame(t *testing.T) {
	for _, f := range []float64{0, -0.5, 1e-7, 1e21, 123456.789, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		var back float64
		if err := json.Unmarshal(appendFloat(nil, f), &back); err != nil || back != f {
			t.Errorf("%v became %s, which reads as %v (%v)", f, appendFloat(nil, f), back, err)
		}
	}
	for _, f := range []float64{math.NaN(), math.Inf(-1)} {
		if !json.Valid(appendFloat(nil, f)) {
			t.Errorf("%v is not JSON", f)
		}
	}
	for i := range 20 * 0x800 {
		s := strings.Repeat("a", i%20) + string(rune(i/20)) + strings.Repeat("~ ", 9-i%10)
		var back string
		if err := json.Unmarshal(appendString(nil, s, 100), &back); err != nil || back != s {
			t.Errorf("%q became %s, which reads as %q (%v)", s, appendString(nil, s, 100), back, err)
		}
		checkPlain(t, s)
	}
}
