package secrets

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// skew is how far the clocks of AWS and its clients may be apart.
const skew = 15 * time.Minute

// verify signs the request again with the key that it should have been signed with, and compares. So the signature's
// rules are those of AWS's own client. A file that only its owner reads stays so, although every user of the machine
// can reach the port.
func (s server) verify(r *http.Request, body []byte) error {
	given := r.Header.Get("Authorization")
	if given == "" {
		return problem{"MissingAuthenticationTokenException", "The request has no signature."}
	}
	scope, headers, ok := parseAuthorization(given)
	if !ok || scope.key != s.keys.AccessKeyID {
		return problem{"UnrecognizedClientException", "The security token included in the request is invalid."}
	}
	at, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
	if err != nil || at.Sub(s.now()).Abs() > skew {
		return problem{"InvalidSignatureException", "Signature expired, or from the future: X-Amz-Date is more than 15 minutes off."}
	}
	again := r.Clone(r.Context())
	again.URL.Scheme, again.URL.Host, again.Header = "http", r.Host, http.Header{}
	for _, name := range headers {
		if values := r.Header.Values(name); len(values) > 0 {
			again.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(r.Context(), s.keys, again, hex.EncodeToString(sum[:]), scope.service, scope.region, at); err != nil {
		return problem{"InvalidSignatureException", "The signature cannot be checked."}
	}
	if subtle.ConstantTimeCompare([]byte(again.Header.Get("Authorization")), []byte(given)) != 1 {
		return problem{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided."}
	}
	return nil
}

type scope struct{ key, region, service string }

// parseAuthorization reads "AWS4-HMAC-SHA256 Credential=key/date/region/service/aws4_request, SignedHeaders=a;b, Signature=…".
func parseAuthorization(value string) (s scope, headers []string, ok bool) {
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
