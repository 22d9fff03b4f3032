package access_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roentgen/roentgen/access"
)

// sign signs a request to /Traces by hand, as AWS's documentation says, with
// nothing of the room's. (AWS's own signer is in the whole-system tests.)
func sign(r *http.Request, name, secret string, body []byte, at time.Time) *http.Request {
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	sum := func(b []byte) string {
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	}
	date := at.UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", date)
	canonical := fmt.Sprintf("%s\n%s\n\ncontent-length:%d\nhost:%s\nx-amz-date:%s\n\ncontent-length;host;x-amz-date\n%s",
		r.Method, r.URL.Path, len(body), r.Host, date, sum(body))
	scope := date[:8] + "/local/xray/aws4_request"
	key := []byte("AWS4" + secret)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	signature := mac(key, "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"+sum([]byte(canonical)))
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-length;host;x-amz-date, Signature=%x",
		name, scope, signature))
	return r
}

func TestSignedRequests(t *testing.T) {
	const body = `{"TraceIds":[]}`
	h := newHouse(t)
	good := func() *http.Request { return ask("POST", "/Traces", body, asJSON) }
	for _, c := range []struct {
		name    string
		request func() *http.Request
		code    int
		counted string
	}{
		{"a good one", func() *http.Request { return sign(good(), "alice", aliceToken, []byte(body), h.now) }, 200, "accepted sigv4"},
		{"the body's hash declared", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Set("X-Amz-Content-Sha256", fmt.Sprintf("%x", sha256.Sum256([]byte(body))))
			return r
		}, 200, "accepted sigv4"},
		{"an unsigned body", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
			return r
		}, 401, "refused sigv4 body"},
		{"another's token", func() *http.Request { return sign(good(), "alice", graphToken, []byte(body), h.now) }, 401, "refused sigv4 signature"},
		{"a name that is not there", func() *http.Request { return sign(good(), "mallory", aliceToken, []byte(body), h.now) }, 401, "refused sigv4 unknown"},
		{"another body of that length", func() *http.Request {
			return sign(good(), "alice", aliceToken, bytes.ToUpper([]byte(body)), h.now)
		}, 401, "refused sigv4 signature"},
		{"another path", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.URL.Path = "/DeleteGroup"
			return r
		}, 401, "refused sigv4 signature"},
		{"a query that was added", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.URL.RawQuery = "x=1"
			return r
		}, 401, "refused sigv4 signature"},
		{"another host", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Host = "other.test"
			return r
		}, 401, "refused sigv4 signature"},
		{"five minutes old", func() *http.Request {
			return sign(good(), "alice", aliceToken, []byte(body), h.now.Add(-5*time.Minute))
		}, 200, "accepted sigv4"},
		{"older", func() *http.Request {
			return sign(good(), "alice", aliceToken, []byte(body), h.now.Add(-5*time.Minute-time.Second))
		}, 401, "refused sigv4 clock"},
		{"of the future", func() *http.Request {
			return sign(good(), "alice", aliceToken, []byte(body), h.now.Add(6*time.Minute))
		}, 401, "refused sigv4 clock"},
		{"no date", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Del("X-Amz-Date")
			return r
		}, 401, "refused sigv4 malformed"},
		{"two dates", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Add("X-Amz-Date", r.Header.Get("X-Amz-Date"))
			return r
		}, 401, "refused sigv4 malformed"},
		{"a date that is none", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Set("X-Amz-Date", "today")
			return r
		}, 401, "refused sigv4 malformed"},
		{"a date of another day", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Set("X-Amz-Date", h.now.AddDate(0, 0, 1).Format("20060102T150405Z"))
			return r
		}, 401, "refused sigv4 malformed"},
		{"a broken header", func() *http.Request {
			r := sign(good(), "alice", aliceToken, []byte(body), h.now)
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=alice")
			return r
		}, 401, "refused sigv4 malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			clear(h.seen.counts)
			w := h.do(c.request())
			if w.Code != c.code || h.seen.counts[c.counted] != 1 {
				t.Errorf("%d %s, counted %v", w.Code, w.Body, h.seen.counts)
			}
			if c.code == 200 && w.Body.String() != "in "+body+" <nil>" {
				t.Errorf("the handler read %q", w.Body)
			}
		})
	}
}

func TestALongSignedBodyIsRefusedBeforeItIsHeld(t *testing.T) {
	h := newHouse(t)
	h.open(access.Config{Keyring: h.keys, MaxBodyBytes: 100})
	body := strings.Repeat("x", 101)
	if w := h.do(sign(ask("POST", "/Traces", body), "alice", aliceToken, []byte(body), h.now)); w.Code != 401 || h.seen.counts["refused sigv4 body"] != 1 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestUnknownNameAndWrongSignatureReadTheSame(t *testing.T) {
	h := newHouse(t)
	unknown := h.do(sign(ask("POST", "/Traces", ""), "mallory", aliceToken, nil, h.now))
	wrong := h.do(sign(ask("POST", "/Traces", ""), "alice", graphToken, nil, h.now))
	if a, b := unknown.Body.String(), wrong.Body.String(); a != b || unknown.Header().Get("x-amzn-ErrorType") != wrong.Header().Get("x-amzn-ErrorType") {
		t.Errorf("%s\n%s", a, b)
	}
}
