package wire

import (
	"encoding/json"
	"testing"
)

func TestStringsAreWrittenAsJSON(t *testing.T) {
	for _, s := range []string{"", "a", "é\u2028😀", "\"\\/", "\x00\x1f\n\r\t\x7f", "bad \xff\xc3 bytes"} {
		var back string
		if err := json.Unmarshal(AppendString(nil, s), &back); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if want := string([]rune(s)); back != want {
			t.Errorf("%q: read back as %q", s, back)
		}
	}
}
