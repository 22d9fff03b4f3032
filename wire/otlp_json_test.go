package wire

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// recode writes the ids in a text of JSON anew. OTLP has them in hex, and
// protobuf's own JSON in base64; that is all the difference.
func recode(t *testing.T, text []byte, id func(string) string) []byte {
	t.Helper()
	var value any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, member := range v {
				s, isText := member.(string)
				if isText && (key == "traceId" || key == "spanId" || key == "parentSpanId") {
					v[key] = id(s)
				} else {
					walk(member)
				}
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(value)
	out, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func base64OfHex(s string) string {
	b, _ := hex.DecodeString(s)
	return base64.StdEncoding.EncodeToString(b)
}

func hexOfBase64(s string) string {
	b, _ := base64.StdEncoding.DecodeString(s)
	return hex.EncodeToString(b)
}

func TestJSONOfSpansIsWhatProtobufLibrariesRead(t *testing.T) {
	m := spanMaker{rand.New(rand.NewPCG(5, 6))}
	for i := range 300 {
		want := m.request()
		request, err := proto.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		text, err := SpansToJSON(request)
		if err != nil {
			t.Fatal(err)
		}
		got := new(trace.TracesData)
		if err := protojson.Unmarshal(recode(t, text, base64OfHex), got); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if !proto.Equal(want, got) {
			t.Fatalf("%v\nbecame %s", want, text)
		}
		theirs, err := protojson.MarshalOptions{UseProtoNames: i%2 == 0, UseEnumNumbers: i%3 == 0}.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range [][]byte{text, recode(t, theirs, hexOfBase64)} {
			if i%2 == 0 {
				text = []byte(strings.NewReplacer(`"trace_id"`, `"traceId"`, `"span_id"`, `"spanId"`, `"parent_span_id"`, `"parentSpanId"`).Replace(string(theirs)))
				text = recode(t, text, hexOfBase64)
			}
			b, err := SpansFromJSON(text)
			if err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if got := unmarshalRequest(t, b); !proto.Equal(want, got) {
				t.Fatalf("%v\nof %s\nbecame %v", want, text, got)
			}
		}
	}
}

func TestJSONThatIsNoRequestIsRefusedWithThePlace(t *testing.T) {
	for text, want := range map[string]string{
		``:                      "byte 0",
		`[]`:                    "an object",
		`{"resourceSpans":{}}`:  "an array for resourceSpans",
		`{"resourceSpans":[1]}`: "an object",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}`:                                        "traceId is no string of hex digits",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"-1"}]}]}]}`:                              "startTimeUnixNano is no whole number that fits",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":"SPAN_KIND_ODD"}]}]}]}`:                                "kind is no whole number that fits",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":7}]}]}]}`:                                              "name has a value of another type",
		`{"resourceSpans":[{"scopeSpans":[{"spans":[{"attributes":[{"key":"k","value":{"bytesValue":"%"}}]}]}]}]}`: "bytesValue is not base64",
		`{"resourceSpans":[{"resource":{"attributes":[{"key":"k","value":{"boolValue":"yes"}}]}}]}`:                "boolValue has a value of another type",
		`{"resourceSpans":[]} {}`: "goes on after the end",
	} {
		_, err := SpansFromJSON([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}

// Of a field that stands twice, and of an AnyValue with two values, the last
// counts.
func TestJSONHasEachFieldOnce(t *testing.T) {
	value := appendAnyInt(appendAnyInt(nil, 2, 1), 3, 7) // true, then 7
	span := appendString(appendString(nil, 5, "first"), 5, "second")
	span = appendPair(span, 9, "k", value)
	request := appendField(nil, 1, appendField(nil, 2, appendField(nil, 2, span)))
	want := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"second","attributes":[{"key":"k","value":{"intValue":"7"}}]}]}]}]}`
	for _, b := range [][]byte{request, otlpTraces.repair(request)} {
		if got, err := SpansToJSON(b); err != nil || string(got) != want {
			t.Errorf("%s, %v\nwant %s", got, err, want)
		}
	}
}

func TestJSONOfRequestsMayHaveWhatIsNotKnown(t *testing.T) {
	text := `{"resourceSpans":[{"deprecated":{"a":[1]},"scopeSpans":[{"scope":null,"spans":[{"traceId":"00112233445566778899AABBCCDDEEFF",
		"startTimeUnixNano":1.5e18,"kind":"SPAN_KIND_CLIENT","attributes":[{"key":"n","value":{"intValue":7}}],"new":true}]}]}],"more":1}`
	b, err := SpansFromJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := unmarshalRequest(t, b).ResourceSpans[0].ScopeSpans[0].Spans[0]
	if s.StartTimeUnixNano != 1_500_000_000_000_000_000 || s.Kind != trace.Span_SPAN_KIND_CLIENT || s.TraceId[15] != 0xff || s.Attributes[0].Value.GetIntValue() != 7 {
		t.Errorf("read %v", s)
	}
}
