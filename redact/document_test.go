package redact

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// phone, aadhaar and so on are as short as the cases below need them. 234567890124 has a right check digit.
var documentCases = []struct {
	title, doc, want string
	counts           Counts
}{
	{"a phone number in an annotation", `{"annotations":{"a":"call 9876543210 now"}}`, `{"annotations":{"a":"call [redacted:phone] now"}}`, Counts{Phones: 1}},
	{"a phone number as a number", `{"annotations":{"a":9876543210,"b":1}}`, `{"annotations":{"a":"[redacted:phone]","b":1}}`, Counts{Phones: 1}},
	{"an Aadhaar number as a number", `{"metadata":{"d":[1,234567890124]}}`, `{"metadata":{"d":[1,"[redacted:aadhaar]"]}}`, Counts{Aadhaars: 1}},
	{"a time in nanoseconds has as many digits", `{"metadata":{"d":{"took_ns":9876543210,"body.size":9876543210}}}`, "", Counts{}},
	{"fractions and other lengths", `{"metadata":{"d":[9876543210.5,98765432101,987654321,-9876543210,9876543210e1]}}`, "", Counts{}},
	{"epoch times", `{"metadata":{"at":1790000000,"ms":1790000000123,"ns":1790000000123456789}}`, "", Counts{}},

	{"structure of the top segment", `{"name":"9876543210","id":"9876543210123456","trace_id":"1-98765432-987654321098765432109876","parent_id":"9876543210","start_time":9876543210,"end_time":9876543210.5,"service":{"version":"9876543210"},"resource_arn":"a@b.com","origin":"a@b.com"}`, "", Counts{}},
	{"structure of nested ones", `{"subsegments":[{"name":"fir_db@mysql.example.com","id":"9876543210","subsegments":[{"precursor_ids":["9876543210"],"start_time":9876543210}]}]}`, "", Counts{}},
	{"account ids and what AWS names", `{"aws":{"account_id":"919876543210","queue_url":"https://sqs.ap-south-1.amazonaws.com/234567890124/q","ecs":{"container_id":"9876543210"},"request_id":"9876543210","resource_names":["234567890124"]}}`, "", Counts{}},
	{"account ids in ARNs and addresses", `{"annotations":{"role":"arn:aws:iam::234567890124:role/x","q":"https://sqs.ap-south-1.amazonaws.com/234567890124/q","i":"919876543210.dkr.ecr.ap-south-1.amazonaws.com/x"}}`, "", Counts{}},
	{"ids in metadata", `{"metadata":{"d":{"request_id":"9876543210","trace_id":"234567890124","http.request_id":"9876543210"}}}`, "", Counts{}},
	{"links", `{"links":[{"trace_id":"1-98765432-987654321098765432109876","id":"9876543210","attributes":{"to":"a@b.com"}}]}`,
		`{"links":[{"trace_id":"1-98765432-987654321098765432109876","id":"9876543210","attributes":{"to":"[redacted:email]"}}]}`, Counts{Emails: 1}},
	{"stacks", `{"cause":{"exceptions":[{"id":"9876543210","message":"9876543210 is away","type":"a@b.com","stack":[{"path":"/a@b.com/x.go","line":9876543210,"label":"9876543210"}]}]}}`,
		`{"cause":{"exceptions":[{"id":"9876543210","message":"[redacted:phone] is away","type":"a@b.com","stack":[{"path":"/a@b.com/x.go","line":9876543210,"label":"9876543210"}]}]}}`, Counts{Phones: 1}},
	{"a cause that points elsewhere", `{"cause":"9876543210123456"}`, "", Counts{}},
	{"the user is a person", `{"user":"a.b@example.com"}`, `{"user":"[redacted:email]"}`, Counts{Emails: 1}},
	{"the key of an object", `{"aws":{"operation":"PutObject","key":"u/a@b.com/x.wav"}}`, `{"aws":{"operation":"PutObject","key":"u/[redacted:email]/x.wav"}}`, Counts{Emails: 1}},
	{"UUIDs whose parts are all digits", `{"annotations":{"s":"e1f7210e-2249-4118-8524-471b176b5dff","t":"e1f7210e-2249-4118-8524-234567890124"}}`, "", Counts{}},

	{"a forbidden name", `{"annotations":{"Password":"x"},"metadata":{"a":{"b":[{"API_KEY":{"c":[1,{"d":"}"}]},"e":1}]}}}`,
		`{"annotations":{"Password":"[redacted:key]"},"metadata":{"a":{"b":[{"API_KEY":"[redacted:key]","e":1}]}}}`, Counts{Keys: 2}},
	{"a forbidden name's number, truth and nothing", `{"metadata":{"otp":123456,"secret":true,"token":null,"pwd":""}}`,
		`{"metadata":{"otp":"[redacted:key]","secret":"[redacted:key]","token":null,"pwd":"[redacted:key]"}}`, Counts{Keys: 3}},
	{"the last part of a dotted name", `{"metadata":{"http.request.header.authorization":["Bearer x"]}}`, `{"metadata":{"http.request.header.authorization":"[redacted:key]"}}`, Counts{Keys: 1}},
	{"a forbidden name that is written with escapes", `{"metadata":{"pass\u0077ord":"x"}}`, `{"metadata":{"pass\u0077ord":"[redacted:key]"}}`, Counts{Keys: 1}},
	{"names that only begin or end so", `{"metadata":{"tokens":"x","my_token":"x","tokens_per_second":1,"passwords":1}}`, "", Counts{}},
	{"a forbidden name as a value", `{"metadata":{"a":"password","b":["token","x"]}}`, "", Counts{}},
	{"a forbidden name outside of the known members", `{"cookie":"a=b","http":{"request":{"cookie":"x","url":"/"},"response":{"status":200,"set-cookie":"y"}}}`,
		`{"cookie":"[redacted:key]","http":{"request":{"cookie":"[redacted:key]","url":"/"},"response":{"status":200,"set-cookie":"[redacted:key]"}}}`, Counts{Keys: 3}},

	{"e-mail, escaped", `{"annotations":{"a":"from a.b\u0040example.com\/x"}}`, `{"annotations":{"a":"from [redacted:email]\/x"}}`, Counts{Emails: 1}},
	{"a digit, escaped", `{"annotations":{"a":"\u0039876543210"}}`, `{"annotations":{"a":"[redacted:phone]"}}`, Counts{Phones: 1}},
	{"beside other escapes", `{"annotations":{"a":"a\"b\\\n9876543210\té\u00e9\ud83d\ude00 a@b.com\u00e9"}}`, `{"annotations":{"a":"a\"b\\\n[redacted:phone]\té\u00e9\ud83d\ude00 [redacted:email]"}}`, Counts{Phones: 1, Emails: 1}},
	{"JSON in a string", `{"annotations":{"a":"{\"phone\":\"9876543210\"}"}}`, `{"annotations":{"a":"{\"phone\":\"[redacted:phone]\"}"}}`, Counts{Phones: 1}},
	{"white space", " {\n \"annotations\" : { \"a\" : \"9876543210\" , \"token\" : [ 1 , 2 ] } }\n", " {\n \"annotations\" : { \"a\" : \"[redacted:phone]\" , \"token\" : \"[redacted:key]\" } }\n", Counts{Phones: 1, Keys: 1}},
	{"nested deeper than anybody counts", strings.Repeat(`{"a":["9876543210",`, 80) + `{"token":"x","b":"a@b.com"}` + strings.Repeat("]}", 80),
		strings.Repeat(`{"a":["[redacted:phone]",`, 80) + `{"token":"[redacted:key]","b":"[redacted:email]"}` + strings.Repeat("]}", 80), Counts{Phones: 80, Keys: 1, Emails: 1}},
	{"several documents", `[{"user":"a@b.com"},{"id":"9876543210"}]`, `[{"user":"[redacted:email]"},{"id":"9876543210"}]`, Counts{Emails: 1}},

	{"a URL of a request", `{"http":{"request":{"url":"https://u:p@h.example.com/a/9876543210?name=Asha&phone=9876543210&x#top"}}}`,
		`{"http":{"request":{"url":"https://h.example.com/a/[redacted:phone]?name=REDACTED&phone=REDACTED&REDACTED"}}}`, Counts{Phones: 1, URLQueries: 5}},
	{"a URL in a message", `{"cause":{"exceptions":[{"message":"Get \"https://h/x?token=abc&y=\": dial tcp"}]}}`,
		`{"cause":{"exceptions":[{"message":"Get \"https://h/x?token=REDACTED&y=\": dial tcp"}]}}`, Counts{URLQueries: 1}},
	{"a URL in metadata", `{"metadata":{"d":{"http.target":"/a?b=c","url.full":"http://h/a%40b.com?c","note":"what? why?"}}}`,
		`{"metadata":{"d":{"http.target":"/a?b=REDACTED","url.full":"http://h/[redacted:email]?REDACTED","note":"what? why?"}}}`, Counts{URLQueries: 2, Emails: 1}},
	{"a URL without anything", `{"http":{"request":{"url":"https://afirgen.example.gov.in/fir/7f3e?a=&b="}}}`, "", Counts{}},

	{"literals of a statement", `{"sql":{"sanitized_query":"SELECT * FROM t1 WHERE a = 'x''y\\'z' AND b IN (12, 3.5e-7, 0x1F) AND c = \"q\" AND d = $1 LIMIT 20, 10"}}`,
		`{"sql":{"sanitized_query":"SELECT * FROM t1 WHERE a = ? AND b IN (?, ?, ?) AND c = ? AND d = $1 LIMIT 20, 10"}}`, Counts{SQLLiterals: 5}},
	{"names in double quotes", `{"sql":{"sanitized_query":"SELECT \"a\" FROM \"t\" WHERE \"a\"='x'","database_type":"PostgreSQL"}}`,
		`{"sql":{"sanitized_query":"SELECT \"a\" FROM \"t\" WHERE \"a\"=?","database_type":"PostgreSQL"}}`, Counts{SQLLiterals: 1}},
	{"PostgreSQL's other quotes", `{"sql":{"sanitized_query":"SELECT $$a 'b'$$, $t$c$t$, E'x', 5::int"}}`, `{"sql":{"sanitized_query":"SELECT ?, ?, E?, ?::int"}}`, Counts{SQLLiterals: 4}},
	{"a statement without an end", `{"sql":{"sanitized_query":"SELECT 'abc"}}`, `{"sql":{"sanitized_query":"SELECT ?"}}`, Counts{SQLLiterals: 1}},
	{"people in a comment", `{"sql":{"sanitized_query":"SELECT a /* for a@b.com */ FROM t -- 9876543210"}}`, `{"sql":{"sanitized_query":"SELECT a /* for [redacted:email] */ FROM t -- [redacted:phone]"}}`, Counts{Emails: 1, Phones: 1}},
	{"placeholders and names stay", "{\"sql\":{\"sanitized_query\":\"SELECT c1, `2x` FROM t_2 WHERE a=? AND b=:b1 AND c=@p2 AND d=%(x)s AND e=0\"}}", "", Counts{}},
	{"a statement in an attribute", `{"metadata":{"d":{"db.statement":"SELECT 'x'"}}}`, `{"metadata":{"d":{"db.statement":"SELECT ?"}}}`, Counts{SQLLiterals: 1}},
	{"passwords of connections", `{"subsegments":[{"sql":{"url":"mysql://u:p@h:3306/d"}},{"sql":{"connection_string":"u:p/x@tcp(h:3306)/d?a=b"}},{"sql":{"connection_string":"Server=h;User Id=u;Password=p;Encrypt=yes"}},{"sql":{"url":"jdbc:oracle:thin:u/p@h:1521/s"}},{"sql":{"url":"postgres://h/d?user=u&password=p"}}]}`,
		`{"subsegments":[{"sql":{"url":"mysql://u@h:3306/d"}},{"sql":{"connection_string":"u@tcp(h:3306)/d?a=b"}},{"sql":{"connection_string":"Server=h;User Id=u;Password=REDACTED;Encrypt=yes"}},{"sql":{"url":"jdbc:oracle:thin:u@h:1521/s"}},{"sql":{"url":"postgres://h/d?user=u&password=REDACTED"}}]}`, Counts{SQLLiterals: 5}},
	{"connections without a password", `{"sql":{"url":"mysql.internal:3306/fir_db","connection_string":"u@tcp(db.example.com:3306)/d","user":"a@b.com"}}`, "", Counts{}},
}

func TestDocuments(t *testing.T) {
	r := newDefault(t)
	for _, c := range documentCases {
		t.Run(c.title, func(t *testing.T) {
			want := c.want
			if want == "" {
				want = c.doc
			}
			out, counts := r.Document(nil, []byte(c.doc))
			if string(out) != want || counts != c.counts {
				t.Errorf("%+v, want %+v\n got %s\nwant %s", counts, c.counts, out, want)
			}
			if !json.Valid(out) {
				t.Errorf("no JSON: %s", out)
			}
			again, counts := r.Document(nil, bytes.Clone(out))
			if string(again) != string(out) || counts != (Counts{}) {
				t.Errorf("again %+v: %s", counts, again)
			}
		})
	}
}

func TestValues(t *testing.T) {
	r := newDefault(t)
	for text, want := range map[string]string{
		"9876543210":         "[redacted:phone]",
		"+91 98765 43210":    "[redacted:phone]",
		"+91-9876543210":     "[redacted:phone]",
		"(+91) 987-654-3210": "[redacted:phone]",
		"0091 9876 543 210":  "[redacted:phone]",
		"09876543210":        "[redacted:phone]",
		"919876543210":       "[redacted:phone]",
		"फ़ोन ९८७६५४३२१०":             "फ़ोन [redacted:phone]",
		"फ़ोन9876543210":              "फ़ोन[redacted:phone]",
		"img_9876543210.jpg":          "img_[redacted:phone].jpg",
		"tel:9876543210,7876543210.":  "tel:[redacted:phone],[redacted:phone].",
		"5876543210":                  "5876543210",
		"98765432101":                 "98765432101",
		"a9876543210":                 "a9876543210",
		"9876543210f":                 "9876543210f",
		"9876543210.5":                "9876543210.5",
		"1.9876543210":                "1.9876543210",
		"98765  43210":                "98765  43210",
		"2345 6789 0124":              "[redacted:aadhaar]",
		"2345-6789-0124":              "[redacted:aadhaar]",
		"234567890124":                "[redacted:aadhaar]",
		"2345 6789 0125":              "2345 6789 0125",
		"2345-6789 0124":              "2345-6789 0124",
		"1345 6789 0124":              "1345 6789 0124",
		"ABCDE1234F":                  "[redacted:pan]",
		"pan ABCDE1234F, XABCDE1234F": "pan [redacted:pan], XABCDE1234F",
		"ABCDE12345":                  "ABCDE12345",
		"abcde1234f":                  "abcde1234f",
		"a.b+c@mail.example.co.in":    "[redacted:email]",
		"<a@b.com>; x@y.org.":         "<[redacted:email]>; [redacted:email].",
		"9876543210@example.com":      "[redacted:email]",
		"आशा@उदाहरण.भारत":               "[redacted:email]",
		"git@github.com:x":              "[redacted:email]:x",
		"fir_db@mysql.internal":         "fir_db@mysql.internal",
		"pkg@v1.2.3 @decorator a@b":     "pkg@v1.2.3 @decorator a@b",
		"see https://u:p@h/x?a=b#c now": "see https://h/x?a=REDACTED now",
		"https://|:p@h/x?a=b":           "https://|:p@h/x?a=b",
		"https://'u:p@h.com/?a":         "https://'u:[redacted:email]/?a",
		"":                              "",
	} {
		got, _ := r.Value(text)
		if got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsOffStays(t *testing.T) {
	const doc = `{"http":{"request":{"url":"/?a=b"}},"sql":{"sanitized_query":"SELECT 'x'","url":"m://u:p@h.com/"},"annotations":{"token":"x","a":"9876543210 234567890124 a@b.com ABCDE1234F"}}`
	for title, c := range map[string]Config{
		"zero": {}, "off": func() Config { c := Default(); c.Off = true; return c }(),
		"kept": {Keys: []string{"token"}, KeepKeys: []string{"TOKEN"}},
	} {
		r, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		if out, counts := r.Document(nil, []byte(doc)); string(out) != doc || counts != (Counts{}) {
			t.Errorf("%s: %+v %s", title, counts, out)
		}
	}
	all := Default()
	all.KeepKeys = []string{"note"}
	r, err := New(all)
	if err != nil {
		t.Fatal(err)
	}
	const kept = `{"metadata":{"note":{"a":"9876543210","token":"x"}}}`
	if out, _ := r.Document(nil, []byte(kept)); string(out) != kept {
		t.Errorf("under a name to keep: %s", out)
	}
}

func TestConfigurationsAreRefused(t *testing.T) {
	for _, name := range []string{"", strings.Repeat("x", 64)} {
		if _, err := New(Config{Keys: []string{name}}); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}

func TestWhatIsNoJSONStays(t *testing.T) {
	r := newDefault(t)
	for _, doc := range []string{"", " ", "{", `{"a":"9876543210"`, `{"a":"9876543210"}}`, `["9876543210`, `{"a" "9876543210"}`, `9876543210"`} {
		if out, c := r.Document(nil, []byte(doc)); string(out) != doc || c != (Counts{}) {
			t.Errorf("%q became %q, %+v", doc, out, c)
		}
	}
}

// A caller keeps one piece of memory for all its documents.
func TestMemoryIsUsedAgain(t *testing.T) {
	r := newDefault(t)
	doc := []byte(`{"annotations":{"a":"call 9876543210 and a\u0040b.com now"}}`)
	dst := make([]byte, 0, 256)
	if n := testing.AllocsPerRun(100, func() { dst, _ = r.Document(dst, doc) }); n > 0 {
		t.Errorf("%.1f allocations to change a document", n)
	}
	clean := loadDocuments(t)[0]
	if n := testing.AllocsPerRun(100, func() { r.Document(nil, clean) }); n > 0 {
		t.Errorf("%.1f allocations to look through a document", n)
	}
}
