// Package sigv4 checks signatures of AWS's requests (version 4) for the endpoints of one machine, so that a file that only
// its owner may read does not become everybody's because a port on loopback is. It owns nothing.
package sigv4

import (
	"context"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// What can be wrong with a request's signature.
var (
	ErrNone      = errors.New("the request has no signature")
	ErrKey       = errors.New("the request is signed with another key")
	ErrTime      = errors.New("the request's X-Amz-Date is missing, or more than 15 minutes off")
	ErrSignature = errors.New("the request's signature is not that of its key")
)

// skew is how far the clocks of AWS and its clients may be apart.
const skew = 15 * time.Minute

// Checker knows the one key that opens an endpoint.
type Checker struct {
	Keys aws.Credentials
	Now  func() time.Time
	S3   bool // S3 signs paths as they are
}

// Check signs r again with the key that it should have been signed with, and compares: so the rules are those of AWS's
// own client. payload is the hexadecimal SHA-256 of the body, or what the service takes in its place.
func (c Checker) Check(r *http.Request, payload string) error {
	given := r.Header.Get("Authorization")
	if given == "" {
		return ErrNone
	}
	scope, headers, ok := parse(given)
	if !ok || scope.key != c.Keys.AccessKeyID {
		return ErrKey
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || at.Sub(c.Now()).Abs() > skew {
		return ErrTime
	}
	again := r.Clone(context.Background())
	again.Body, again.Header = nil, http.Header{}
	again.URL.Scheme, again.URL.Host = "http", r.Host
	for _, name := range headers {
		if values := r.Header.Values(name); len(values) > 0 {
			again.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = c.S3 })
	if err := signer.SignHTTP(r.Context(), c.Keys, again, payload, scope.service, scope.region, at); err != nil {
		return ErrSignature
	}
	if subtle.ConstantTimeCompare([]byte(again.Header.Get("Authorization")), []byte(given)) != 1 {
		return ErrSignature
	}
	return nil
}

type scope struct{ key, region, service string }

// parse reads "AWS4-HMAC-SHA256 Credential=key/date/region/service/aws4_request, SignedHeaders=a;b, Signature=…".
func parse(value string) (s scope, headers []string, ok bool) {
	rest, ok := strings.CutPrefix(value, "AWS4-HMAC-SHA256 ")
	if !ok {
		return s, nil, false
	}
	for part := range strings.SplitSeq(rest, ",") {
		key, val, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch key {
		case "Credential":
			if p := strings.Split(val, "/"); len(p) == 5 {
				s = scope{p[0], p[2], p[3]}
			}
		case "SignedHeaders":
			headers = strings.Split(val, ";")
		}
	}
	return s, headers, s.key != "" && len(headers) > 0 && len(headers) < 50
}
