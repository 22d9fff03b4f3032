package wire

import (
	"strings"
	"testing"
)

func TestDatagrams(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     DatagramReason // 0: taken
		header   Header
		doc      string
	}{
		{"as Python and Node write it", "{\"format\":\"json\",\"version\":1}\n{\"a\":\n1}", 0, Header{}, "{\"a\":\n1}"},
		{"as Go writes it", "{\"format\": \"json\", \"version\": 1}\n{}", 0, Header{}, "{}"},
		{"in another order and case", "{ \"version\" : 1 , \"format\" : \"JSON\" }\r\nx", 0, Header{}, "x"},
		{"a float version", "{\"format\":\"json\",\"version\":1.0}\nx", 0, Header{}, "x"},
		{"members nobody knows", "{\"format\":\"json\",\"version\":1,\"x\":{\"y\":[1]}}\nx", 0, Header{}, "x"},
		{"the last of duplicates counts", "{\"format\":\"xml\",\"format\":\"json\",\"version\":1}\nx", 0, Header{}, "x"},
		{"undecided", "{\"format\":\"json\",\"version\":1,\"undecided\":true}\nx", 0, Header{Undecided: true}, "x"},
		{"undecided and kept", "{\"format\":\"json\",\"version\":1,\"undecided\":true,\"kept\":true}\nx", 0, Header{Undecided: true, Kept: true}, "x"},
		{"kept, in another order", "{\"kept\": true, \"undecided\": true, \"version\": 1, \"format\": \"json\"}\nx", 0, Header{Undecided: true, Kept: true}, "x"},
		{"neither undecided nor kept", "{\"format\":\"json\",\"version\":1,\"undecided\":false,\"kept\":null}\nx", 0, Header{}, "x"},
		{"the last of two marks counts", "{\"format\":\"json\",\"version\":1,\"kept\":true,\"kept\":false}\nx", 0, Header{}, "x"},
		{"kept of another type", "{\"format\":\"json\",\"version\":1,\"kept\":1}\nx", 0, Header{}, "x"},
		{"undecided of another type", "{\"format\":\"json\",\"version\":1,\"undecided\":\"true\"}\nx", 0, Header{}, "x"},
		{"nothing", "", NoNewline, Header{}, ""},
		{"a header alone", "{\"format\":\"json\",\"version\":1}", NoNewline, Header{}, ""},
		{"a document alone", "{\n}", BadHeader, Header{}, ""},
		{"an empty first line", "\n{}", BadHeader, Header{}, ""},
		{"a header that is an array", "[]\n{}", BadHeader, Header{}, ""},
		{"a header with something behind it", "{\"format\":\"json\",\"version\":1}x\n{}", BadHeader, Header{}, ""},
		{"no format", "{\"version\":1}\n{}", WrongFormat, Header{}, ""},
		{"another format", "{\"format\":\"xml\",\"version\":1}\n{}", WrongFormat, Header{}, ""},
		{"a format that is a number", "{\"format\":1,\"version\":1}\n{}", WrongFormat, Header{}, ""},
		{"no version", "{\"format\":\"json\"}\n{}", WrongVersion, Header{}, ""},
		{"another version", "{\"format\":\"json\",\"version\":2}\n{}", WrongVersion, Header{}, ""},
		{"a version that is a string", "{\"format\":\"json\",\"version\":\"1\"}\n{}", WrongVersion, Header{}, ""},
		{"an empty body", "{\"format\":\"json\",\"version\":1}\n", EmptyBody, Header{}, ""},
		{"a body of white space", "{\"format\":\"json\",\"version\":1}\n \r\n\t", EmptyBody, Header{}, ""},
		{"too many bytes", "{\"format\":\"json\",\"version\":1}\n" + strings.Repeat("x", MaxDatagramBytes), TooLarge, Header{}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, h, err := ParseDatagram([]byte(c.in))
			var reason DatagramReason
			if e, ok := err.(*DatagramError); ok {
				reason = e.Reason
			}
			if reason != c.want || (err == nil) != (c.want == 0) || string(doc) != c.doc {
				t.Errorf("got %q, %+v, %v", doc, h, err)
			}
			if err == nil && h != c.header {
				t.Errorf("header %+v, want %+v", h, c.header)
			}
		})
	}
}

func TestHeadersAreWrittenAsTheProtocolDrawsThem(t *testing.T) {
	for h, want := range map[Header]string{
		{}:                            `{"format":"json","version":1}`,
		{Undecided: true}:             `{"format":"json","version":1,"undecided":true}`,
		{Undecided: true, Kept: true}: `{"format":"json","version":1,"undecided":true,"kept":true}`,
		{Kept: true}:                  `{"format":"json","version":1,"kept":true}`,
	} {
		sent := AppendHeader([]byte("before"), h)
		if string(sent) != "before"+want+"\n" {
			t.Errorf("%+v is written as %q", h, sent)
		}
		doc, got, err := ParseDatagram(append(sent[len("before"):], "{}"...))
		if err != nil || got != h || string(doc) != "{}" {
			t.Errorf("%q is read as %+v, %q, %v", sent, got, doc, err)
		}
	}
}

func TestDatagramReasonsAreLabels(t *testing.T) {
	seen := map[string]bool{}
	for r := NoNewline; r <= TooLarge; r++ {
		seen[r.String()] = true
	}
	if len(seen) != 6 || seen["unknown"] || (TooLarge+1).String() != "unknown" {
		t.Errorf("got %v", seen)
	}
}
