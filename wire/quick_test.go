package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/roentgen/roentgen"
)

// parsedFully reads doc with the full reader alone, and holds the quick one of
// a Parser against it.
func parsedFully(t *testing.T, doc []byte, lim Limits) (*roentgen.Segment, error) {
	t.Helper()
	p := NewParser(lim)
	got := p.parseQuick(TextOf(doc))
	want, rej := p.parseOdd(doc)
	if got != nil {
		if rej != nil {
			t.Fatalf("%q: the quick reader takes it, the full one says %v", doc, rej)
		}
		if a, b := asJSON(t, got), asJSON(t, want); !bytes.Equal(a, b) || !bytes.Equal(got.Document, want.Document) || got.Hash != want.Hash {
			t.Fatalf("%q\nquickly %s\nfully   %s", doc, a, b)
		}
	}
	if rej != nil {
		return nil, rej
	}
	return want, nil
}

func TestDocumentsOfProducersAreReadQuickly(t *testing.T) {
	p := NewParser(Limits{})
	for name, doc := range documentsIn(t, "testdata/load/*.json") {
		if loose(doc) || p.parseQuick(TextOf(doc)) == nil {
			t.Errorf("%s was left to the full reader", name)
		}
	}
	quick := 0
	for _, doc := range documentsIn(t, "testdata/documents/*.json") {
		doc = bytes.TrimSpace(doc)
		if _, err := parsedFully(t, doc, Limits{}); err != nil {
			t.Fatal(err)
		}
		if p.parseQuick(TextOf(doc)) != nil {
			quick++
		}
	}
	if quick == 0 {
		t.Error("every document was left to the full reader")
	}
}

func TestDocumentsWithSpacesAreToldByTheirFirstMember(t *testing.T) {
	for text, want := range map[string]bool{
		`{"a":1}`: false, `{"a": 1}`: true, `{"a" :1}`: false, "{\n\"a\":1}": true, ` {"a":1}`: true,
		`{}`: true, ``: true, `{"a":`: true, `:1`: true, `[{"a":1}]`: true, "\xef\xbb\xbf{\"a\":1}": true,
	} {
		if loose([]byte(text)) != want {
			t.Errorf("%q: want %t", text, want)
		}
	}
}

// The strings of random bytes, held against a reader of one byte at a time; at
// every offset within the 64 bytes that are looked at together.
func TestStringsAreFoundWhereTheyStand(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	var x index
	pieces := []string{`"`, `"`, `"`, `\\`, `\"`, `a`, ` `, `\n`, "{", "é", "भा", "long enough to fill a word or two", "\x7f", "\xff", "#", "]", "!", "\n", "\x00", `\`}
	sound, broken := 0, 0
	for n := range 60000 {
		var text []byte
		all := len(pieces)
		if n%4 > 0 {
			all -= 3 // more of them sound
		}
		for range rnd.IntN(40) {
			text = append(text, pieces[rnd.IntN(all)]...)
		}
		if bytes.Count(text, []byte(`"`))%2 == 1 && n%2 == 0 {
			text = append(text, '"')
		}
		want, ok := stringsIn(text)
		if got := x.make(text); got != ok {
			t.Fatalf("%q: taken: %t, want %t", text, got, ok)
		}
		if !ok {
			broken++
			continue
		}
		sound++
		if !slices.Equal(x.quotes, want) || x.high == isASCII(text) {
			t.Fatalf("%q: got %v, %t, want %v", text, x.quotes, x.high, want)
		}
	}
	if sound < 1000 || broken < 1000 {
		t.Errorf("%d texts were sound and %d were not", sound, broken)
	}
}

func isASCII(b []byte) bool { return !slices.ContainsFunc(b, func(c byte) bool { return c >= 0x80 }) }

func stringsIn(text []byte) (quotes []uint32, ok bool) {
	escapes := uint32(0)
	for i := 0; i < len(text); i++ {
		within := len(quotes)%2 == 1
		switch c := text[i]; {
		case c == '"':
			quotes = append(quotes, uint32(i)|escapes)
			escapes = 0
		case c == '\\' && within:
			escapes = withEscapes
			i++
		case c == '\\', c < ' ' && within:
			return nil, false
		}
	}
	end := uint32(len(text))
	return append(quotes, end, end), len(quotes)%2 == 0
}

// Every time that is read in one step, and those that are not, as the full
// reader has them.
func TestUsualTimes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(15, 16))
	lits := []string{"1780165693.1", "1780165693.123456789", "1780165693.1234567891", "1780165693", "1780165693.", "0780165693.5", "9780165693.5", "9999999999.999999999", "1780165693.5e1", "1780165693.5E-1", "178016569x.5", "17801656x3.5", "1780165693.x", "-180165693.5"}
	for range 2000 {
		lits = append(lits, fmt.Sprintf("%d.%0*d", rnd.IntN(1e10), 1+rnd.IntN(9), rnd.IntN(10)))
	}
	for _, lit := range lits {
		for _, behind := range []string{",", "}", " ", "5", "e", `"`} {
			text := lit + behind + "                      "
			got, n := usualTime([]byte(text))
			if n == 0 {
				continue
			}
			want, why := parseSeconds([]byte(text[:n]))
			if why != "" || got != want || !json.Valid([]byte(text[:n])) || text[n] != ',' && text[n] != '}' {
				t.Errorf("%s: %d bytes as %d, want %d %s", text, n, got, want, why)
			}
		}
	}
	if got, n := usualTime([]byte("1780165693.1234567,                   ")); got != 1780165693123456700 || n != 18 {
		t.Errorf("got %d, %d", got, n)
	}
}

func TestNamesOfXRayShareNoBit(t *testing.T) {
	for _, names := range []string{
		"name id start_time end_time in_progress trace_id parent_id type subsegments error throttle fault namespace origin user resource_arn http aws sql cause annotations links traced metadata service precursor_ids inferred parent Dummy",
		"account_id region operation request_id id_2 queue_url table_name table_names topic_arn bucket_name function_name function_arn resource_names retries status_code ec2 ecs eks elastic_beanstalk xray cloudwatch_logs api_gateway trace_header api_id key",
		"method url user_agent client_ip x_forwarded_for traced",
		"url connection_string database_type database_version driver_version user preparation sanitized_query",
		"id type message remote truncated skipped cause stack",
		"sdk sdk_version auto_instrumentation sampling_rule_name rule_name sampling_probability alb_self package",
	} {
		seen := map[uint64]string{}
		for name := range strings.FieldsSeq(names) {
			bit := keyBit([]byte(`"`+name+`":"         `), 1, 1+len(name))
			if other, taken := seen[bit]; taken {
				t.Errorf("%s and %s share a bit", name, other)
			}
			seen[bit] = name
			// What stands behind it makes no difference, nor that nothing does.
			if got := keyBit([]byte(`{"`+name+`"`), 2, 2+len(name)); got != bit {
				t.Errorf("%s at the end has the bit %x, want %x", name, got, bit)
			}
		}
	}
	if keyBit([]byte(`""`), 1, 1) != keyBit([]byte(`"":"a long text"`), 1, 1) {
		t.Error("a name of no bytes has two bits")
	}
}
