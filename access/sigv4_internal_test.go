package access

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// TestTheExampleOfTheGeneralReference holds canonical, signingKey and
// keyedHash against the figures that AWS publishes for a request to IAM.
func TestTheExampleOfTheGeneralReference(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Amz-Date", "20150830T123600Z")
	c := credential{date: "20150830", region: "us-east-1", signed: []string{"content-type", "host", "x-amz-date"}}
	text := canonical(c, r, hexSum(nil))
	if got := hexSum([]byte(text)); got != "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59" {
		t.Errorf("canonical request\n%s\nhas hash %s", text, got)
	}
	key := signingKey("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830", "us-east-1", "iam")
	if got := hex.EncodeToString(key); got != "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9" {
		t.Errorf("signing key %s", got)
	}
	signed := "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n" + hexSum([]byte(text))
	if got := hex.EncodeToString(keyedHash(key, signed)); got != "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7" {
		t.Errorf("signature %s", got)
	}
}

const goodHeader = "AWS4-HMAC-SHA256 Credential=alice/20261123/eu-west-1/xray/aws4_request, " +
	"SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"

func TestAuthorizationHeaders(t *testing.T) {
	if c, err := parseAuthorization(goodHeader); err != nil || c.name != "alice" || c.region != "eu-west-1" || len(c.signed) != 3 {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := parseAuthorization(strings.ReplaceAll(goodHeader, ", ", ",")); err != nil {
		t.Error("without spaces:", err)
	}
	for name, change := range map[string][2]string{
		"another algorithm":     {"HMAC-SHA256", "ECDSA-P256-SHA256"},
		"another service":       {"/xray/", "/s3/"},
		"another ending":        {"aws4_request", "aws5_request"},
		"a scope too short":     {"/eu-west-1", ""},
		"a date too long":       {"20261123", "202611230"},
		"a date of letters":     {"20261123", "2026112x"},
		"no name":               {"alice", ""},
		"a name with a space":   {"alice", "al ice"},
		"no region":             {"eu-west-1", ""},
		"a newline":             {"eu-west-1", "eu\nwest"},
		"no signed header":      {"content-type;host;x-amz-date", ""},
		"host not signed":       {";host", ""},
		"date not signed":       {";x-amz-date", ""},
		"not sorted":            {"content-type;host", "host;content-type"},
		"a header twice":        {"content-type;host", "host;host"},
		"upper case":            {"content-type", "Content-Type"},
		"a short signature":     {"b5d7", ""},
		"an upper signature":    {"b5d7", "B5D7"},
		"a signature of text":   {"b5d7", "zzzz"},
		"two credentials":       {"Signature=", "Credential=a/20261123/r/xray/aws4_request, Signature="},
		"something else":        {", Signature", ", Sig=1, Signature"},
		"an empty part":         {", Signature", ",, Signature"},
		"a part missing":        {"SignedHeaders=content-type;host;x-amz-date, ", ""},
		"a megabyte":            {"content-type", strings.Repeat("a", 1<<20)},
		"nothing but the start": {goodHeader, algorithm + " "},
	} {
		text := strings.Replace(goodHeader, change[0], change[1], 1)
		if text == goodHeader {
			t.Fatalf("%s: the case changes nothing", name)
		}
		if c, err := parseAuthorization(text); err == nil {
			t.Errorf("%s is taken: %+v", name, c)
		} else if len(err.Error()) > 200 {
			t.Errorf("%s: the error has %d bytes", name, len(err.Error()))
		}
	}
}

func FuzzAuthorization(f *testing.F) {
	f.Add(goodHeader)
	f.Add(strings.ReplaceAll(goodHeader, ", ", ","))
	f.Add(algorithm + " Credential=////,SignedHeaders=;,Signature=")
	f.Fuzz(func(t *testing.T, header string) {
		c, err := parseAuthorization(header)
		if err != nil {
			return
		}
		if !slices.IsSorted(c.signed) || !slices.Contains(c.signed, "host") || !slices.Contains(c.signed, "x-amz-date") {
			t.Errorf("signed headers %q", c.signed)
		}
		again := algorithm + " Credential=" + c.name + "/" + c.scope() + ", SignedHeaders=" + strings.Join(c.signed, ";") +
			", Signature=" + hex.EncodeToString(c.signature[:])
		second, err := parseAuthorization(again)
		if err != nil || second.name != c.name || second.scope() != c.scope() || !slices.Equal(second.signed, c.signed) || second.signature != c.signature {
			t.Errorf("%q reads as %+v, which reads again as %+v, %v", header, c, second, err)
		}
	})
}

// FuzzSession sends cookies and paths of strangers through the whole guard.
func FuzzSession(f *testing.F) {
	ring := &Keyring{}
	ring.keys.Store(&keys{tokens: []token{newToken("alice", "0123456789abcdef")}})
	g := New(Config{Keyring: ring})
	guarded := g.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	f.Add("1.YWxpY2U.1795421700.AAAA", "")
	f.Add("", goodHeader)
	f.Add("", "Bearer x")
	f.Fuzz(func(t *testing.T, cookie, authorization string) {
		r := httptest.NewRequest(http.MethodPost, "http://traces.test/Traces", strings.NewReader("{}"))
		r.Header["Cookie"] = []string{cookieName + "=" + cookie}
		r.Header["X-Amz-Date"] = []string{"20261123T081500Z"}
		if authorization != "" {
			r.Header["Authorization"] = []string{authorization}
		}
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Errorf("status %d for cookie %q and Authorization %q", w.Code, cookie, authorization)
		}
	})
}
