package sigv4

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var keys = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "sesame"}

const payload = "UNSIGNED-PAYLOAD"

// signed is a request as a server receives it, changed after it was signed.
func signed(t *testing.T, k aws.Credentials, at time.Time, change func(*http.Request)) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPut, "http://127.0.0.1:9000/b/a%20b?x=1&a=2", nil)
	r.Header.Set("X-Amz-Content-Sha256", payload)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err := signer.SignHTTP(context.Background(), k, r, payload, "s3", "ap-south-1", at); err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amzn-Trace-Id", "Root=1-2-3") // added after signing, as by proxies
	change(r)
	return r
}

func TestOnlyWhatTheKeyHasSignedPasses(t *testing.T) {
	now := time.Unix(1780165693, 0)
	check := Checker{Keys: keys, Now: func() time.Time { return now }, S3: true}
	same := func(*http.Request) {}
	cases := map[string]struct {
		r    *http.Request
		want error
	}{
		"as signed":      {signed(t, keys, now.Add(-14*time.Minute), same), nil},
		"late":           {signed(t, keys, now.Add(-16*time.Minute), same), ErrTime},
		"early":          {signed(t, keys, now.Add(16*time.Minute), same), ErrTime},
		"another key":    {signed(t, aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "sesame"}, now, same), ErrKey},
		"a guess":        {signed(t, aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "guessed"}, now, same), ErrSignature},
		"another path":   {signed(t, keys, now, func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/c", "" }), ErrSignature},
		"another query":  {signed(t, keys, now, func(r *http.Request) { r.URL.RawQuery = "x=2&a=2" }), ErrSignature},
		"another method": {signed(t, keys, now, func(r *http.Request) { r.Method = http.MethodDelete }), ErrSignature},
		"another host":   {signed(t, keys, now, func(r *http.Request) { r.Host = "evil.test" }), ErrSignature},
		"none":           {signed(t, keys, now, func(r *http.Request) { r.Header.Del("Authorization") }), ErrNone},
		"nonsense":       {signed(t, keys, now, func(r *http.Request) { r.Header.Set("Authorization", "Basic eA==") }), ErrKey},
	}
	for name, c := range cases {
		if err := check.Check(c.r, payload); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := check.Check(signed(t, keys, now, same), "another body's hash"); !errors.Is(err, ErrSignature) {
		t.Errorf("another body: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=k/20260101/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab")
	f.Fuzz(func(t *testing.T, value string) {
		if s, headers, ok := parse(value); ok && (s.key == "" || len(headers) == 0) {
			t.Fatalf("%q gave %v, %v", value, s, headers)
		}
	})
}
