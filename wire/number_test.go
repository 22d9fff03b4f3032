package wire

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/roentgen/roentgen"
)

func TestSecondsAreReadExactly(t *testing.T) {
	for _, c := range []struct {
		in   string
		want roentgen.Time
	}{
		{"0", 0},
		{"-0", 0},
		{"-0.0e5", 0},
		{"1", 1e9},
		{"1780165693", 1780165693e9},
		{"1780165693.1", 1780165693100000000},
		{"1780165693.123456", 1780165693123456000},
		{"1780165693.1234567", 1780165693123456700},
		{"1780165693.123456789", 1780165693123456789},
		{"1780165693.1234567894999", 1780165693123456789},
		{"1780165693.1234567895", 1780165693123456790},
		{"1780165693.9999999999", 1780165694000000000},
		{"1.478293361271E9", 1478293361271000000},
		{"1.780165693123456789e+9", 1780165693123456789},
		{"17801656931E-1", 1780165693100000000},
		{"0.000000001", 1},
		{"0.0000000005", 1},
		{"0.00000000049999999999999999999999999999999999999999", 0},
		{"1e-400", 0},
		{"0e999999999999999999999", 0},
		{"0.0000000000000000000000000000001780165693e40", 1780165693e9},
		{"9223372036.854775807", math.MaxInt64},
	} {
		got, why := parseSeconds([]byte(c.in))
		if why != "" || got != c.want {
			t.Errorf("%s: got %d %s, want %d", c.in, got, why, c.want)
		}
	}
}

func TestAbsurdSecondsAreRefused(t *testing.T) {
	for _, in := range []string{"-1", "-0.1", "-1e400", "9223372036.854775808", "9999999999.5", "1780165693100", "1E400", "1e99999999999999999999"} {
		if got, why := parseSeconds([]byte(in)); why == "" {
			t.Errorf("%s was read as %d", in, got)
		}
	}
}

// The oracle is exact rational arithmetic.
func TestSecondsAgreeWithRationals(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	half := big.NewRat(1, 2)
	for range 20000 {
		lit := strconv.FormatUint(rnd.Uint64N(1e10), 10)
		if n := rnd.IntN(25); n > 0 {
			lit += "."
			for range n {
				lit += strconv.Itoa(rnd.IntN(10))
			}
		}
		if rnd.IntN(3) == 0 {
			lit += "e" + strconv.Itoa(rnd.IntN(24)-12)
		}
		exact, ok := new(big.Rat).SetString(lit)
		if !ok {
			t.Fatal(lit)
		}
		exact.Mul(exact, big.NewRat(1e9, 1)).Add(exact, half)
		want := new(big.Int).Quo(exact.Num(), exact.Denom())
		got, why := parseSeconds([]byte(lit))
		if want.IsInt64() != (why == "") || why == "" && want.Int64() != int64(got) {
			t.Fatalf("%s: got %d %s, want %v", lit, got, why, want)
		}
	}
}

func TestWholeNumbersHoweverWritten(t *testing.T) {
	for in, want := range map[string]int64{"200": 200, "200.0": 200, "2E2": 200, "2000e-1": 200, "-1": -1, "-0": 0, "0": 0, "9223372036854775807": math.MaxInt64} {
		if got, ok := integral([]byte(in)); !ok || got != want {
			t.Errorf("%s: got %d, %t", in, got, ok)
		}
	}
	for _, in := range []string{"0.5", "200.01", "1e-1", "9223372036854775808", "1e400", "0.1e-400"} {
		if got, ok := integral([]byte(in)); ok {
			t.Errorf("%s: got %d", in, got)
		}
	}
}

func TestSecondsAreWrittenAsShortAsExact(t *testing.T) {
	for want, in := range map[string]roentgen.Time{
		"1780165693.100000":    1780165693100000000,
		"1780165693.1234567":   1780165693123456700,
		"1780165693.123456789": 1780165693123456789,
		"0.000000":             0,
		"0.000000001":          1,
		"-0.500000":            -5e8,
		"-1.000000001":         -1000000001,
		"9223372036.854775807": math.MaxInt64,
	} {
		if got := string(AppendSeconds(nil, in)); got != want {
			t.Errorf("%d: got %s, want %s", in, got, want)
		}
		if back, why := parseSeconds([]byte(want)); in >= 0 && (back != in || why != "") {
			t.Errorf("%s: read back as %d %s", want, back, why)
		}
	}
}
