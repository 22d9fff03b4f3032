package tracing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ForceHeaderName is the header that ForceSampling sets:
//
//	X-Roentgen-Force-Sampling: t=<Unix seconds>,v1=<hex of HMAC-SHA256(key, t "\n" METHOD "\n" path)>
//
// path is the escaped path of the URL, without the query.
const ForceHeaderName = "X-Roentgen-Force-Sampling"

// forceWindow is how far, either way, the two clocks may be apart.
const forceWindow = 5 * time.Minute

// ForceSampling signs req so that a service with the same ForceKey records it,
// whatever its sampling rate; a Sampled= in the trace header goes before it.
// The signature holds for this method and path, five minutes around now; the
// same request may be repeated in that time. Middleware takes the header off.
func ForceSampling(req *http.Request, key string, now time.Time) {
	t := strconv.FormatInt(now.Unix(), 10)
	mac := forceMAC([]byte(key), t, req.Method, req.URL.EscapedPath())
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.Header.Set(ForceHeaderName, "t="+t+",v1="+hex.EncodeToString(mac))
}

func forceMAC(key []byte, t, method, path string) []byte {
	if method == "" {
		method = http.MethodGet // net/http's meaning of an empty method
	}
	if path == "" {
		path = "/" // what the server will see
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(t + "\n" + method + "\n" + path))
	return m.Sum(nil)
}

// forced reports whether r carries a valid force header.
func (tr *Tracing) forced(r *http.Request, now time.Time) bool {
	text := r.Header.Get(ForceHeaderName)
	if text == "" || len(tr.set.forceKey) == 0 {
		return false
	}
	if tr.forceValid(text, r, now) {
		return true
	}
	tr.count.forceRejected.Add(1)
	return false
}

func (tr *Tracing) forceValid(text string, r *http.Request, now time.Time) bool {
	t, sig, ok := strings.Cut(strings.TrimPrefix(text, "t="), ",v1=")
	sec, err := strconv.ParseInt(t, 10, 64)
	mac, err2 := hex.DecodeString(sig)
	if !ok || err != nil || err2 != nil || !strings.HasPrefix(text, "t=") {
		return false
	}
	age := now.Unix() - sec
	return hmac.Equal(mac, forceMAC(tr.set.forceKey, t, r.Method, r.URL.EscapedPath())) &&
		age <= int64(forceWindow/time.Second) && age >= -int64(forceWindow/time.Second)
}
