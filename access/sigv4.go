package access

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a signer's clock may be off, and for how long a request
// that was listened to could be sent again: AWS's own bound.
const maxSkew = 5 * time.Minute

const amzDate = "20060102T150405Z"

// checkSigV4 verifies AWS's Signature Version 4 in its Authorization form,
// for the service xray and any region. The rules are those of the AWS General
// Reference, "Create a signed AWS API request". Afterwards r's body is in
// memory, as it had to be hashed.
func (g *Guard) checkSigV4(w http.ResponseWriter, r *http.Request) (token, *refusal) {
	if len(r.Header.Values("Authorization")) > 1 || len(r.Header.Values("X-Amz-Date")) != 1 {
		return token{}, refuse(WaySigV4, ReasonMalformed, "a signed request has one Authorization header and one X-Amz-Date header")
	}
	c, err := parseAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return token{}, refuse(WaySigV4, ReasonMalformed, "the Authorization header cannot be read: %v", err)
	}
	if no := g.checkDate(c, r.Header.Get("X-Amz-Date")); no != nil {
		return token{}, no
	}
	digest, no := g.readBody(w, r)
	if no != nil {
		return token{}, no
	}
	// Which names there are is nobody's business: one that is not there costs
	// the same time and reads as a wrong signature does.
	t, known := g.cfg.Keyring.byName(c.name)
	if want := sign(t.secret, c, r, digest); !hmac.Equal(want, c.signature[:]) || !known {
		reason := ReasonSignature
		if !known {
			reason = ReasonUnknown
		}
		return token{}, refuse(WaySigV4, reason, "%s", wrongSignature)
	}
	return t, nil
}

const wrongSignature = "the signature is not the one of this request under a token of this server: " +
	"the access key id has to be a token's name and the secret access key the token"

func (g *Guard) checkDate(c credential, date string) *refusal {
	at, err := time.Parse(amzDate, date)
	if err != nil {
		return refuse(WaySigV4, ReasonMalformed, "X-Amz-Date is not a time like 20261123T081500Z")
	}
	if date[:8] != c.date {
		return refuse(WaySigV4, ReasonMalformed, "X-Amz-Date and the date of Credential differ")
	}
	if off := g.cfg.Now().Sub(at); off.Abs() > maxSkew {
		return refuse(WaySigV4, ReasonClock, "Signature expired or not yet current: it was made at %s, which is more than %s from this server's time, %s",
			date, maxSkew, g.cfg.Now().UTC().Format(amzDate))
	}
	return nil
}

// readBody reads the body into memory and returns the hexadecimal SHA-256 of
// it, which has to be the one that the client declared, where it did.
func (g *Guard) readBody(w http.ResponseWriter, r *http.Request) (string, *refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, g.cfg.MaxBodyBytes))
	if err != nil {
		return "", refuse(WaySigV4, ReasonBody, "read the body of a signed request, %d bytes at most: %v", g.cfg.MaxBodyBytes, err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	digest := hexSum(body)
	if declared := r.Header.Get("X-Amz-Content-Sha256"); declared != "" && declared != digest {
		return "", refuse(WaySigV4, ReasonBody, "the body's SHA-256 is not the one in X-Amz-Content-Sha256; unsigned and chunk-signed bodies are not taken")
	}
	return digest, nil
}

// sign makes the signature that the owner of secret would have made.
func sign(secret string, c credential, r *http.Request, digest string) []byte {
	text := strings.Join([]string{algorithm, r.Header.Get("X-Amz-Date"), c.scope(), hexSum([]byte(canonical(c, r, digest)))}, "\n")
	return keyedHash(signingKey(secret, c.date, c.region, service), text)
}

func signingKey(secret, date, region, service string) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range [...]string{date, region, service, ending} {
		key = keyedHash(key, part)
	}
	return key
}

// canonical is the canonical request: method, path, query, headers, names of
// the headers, hash of the body.
func canonical(c credential, r *http.Request, digest string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL) + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range c.signed {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(c.signed, ";") + "\n" + digest)
	return b.String()
}

// canonicalPath is the path as sent, encoded once more, as every service but
// S3 wants it.
func canonicalPath(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		return "/"
	}
	var b strings.Builder
	for i := range len(path) {
		if ch := path[i]; isAlphanumeric(ch) || strings.IndexByte("-._~/", ch) >= 0 {
			b.WriteByte(ch)
		} else {
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{ch})))
		}
	}
	return b.String()
}

// canonicalQuery is the query sorted by key, then by value.
func canonicalQuery(u *url.URL) string {
	query := u.Query()
	for _, values := range query {
		slices.Sort(values)
	}
	return strings.ReplaceAll(query.Encode(), "+", "%20")
}

// canonicalHeader joins a header's values. net/http takes two headers out of
// the map that clients sign.
func canonicalHeader(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	var values []string
	for _, v := range r.Header.Values(name) {
		values = append(values, strings.Join(strings.Fields(v), " "))
	}
	return strings.Join(values, ",")
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
