package tracing

import (
	"net/http"
	"net/url"
	"strings"
)

// httpInfo is the http block of a document.
type httpInfo struct {
	method, url, userAgent, clientIP string
	forwarded                        bool // clientIP comes from X-Forwarded-For
	traced                           bool // the callee sends a segment of its own
	status                           int  // 0: none
	length                           int64
	hasLength                        bool
}

// statusFlags maps a status code to X-Ray's flags: 4xx error, 429 throttle as
// well, 5xx fault.
func statusFlags(status int) flags {
	switch {
	case status == http.StatusTooManyRequests:
		return flagError | flagThrottle
	case status >= 400 && status <= 499:
		return flagError
	case status >= 500 && status <= 599:
		return flagFault
	}
	return 0
}

// serverURL is scheme, host and path of a request that came in, without query.
func serverURL(r *http.Request) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	return scheme + r.Host + r.URL.EscapedPath()
}

// clientURL is the URL of a request that goes out, without user, password,
// query and fragment.
func clientURL(u *url.URL) string {
	if u.Opaque != "" {
		return u.Scheme + ":" + bare(u.Opaque)
	}
	return u.Scheme + "://" + u.Host + u.EscapedPath()
}

// bareURL takes user, password, query and fragment off a URL in text form.
func bareURL(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return bare(s)
	}
	if u.Scheme == "" && u.Host == "" {
		return u.EscapedPath()
	}
	return clientURL(u)
}

// bare cuts at the query and drops whatever may be user and password.
func bare(s string) string {
	s, _, _ = strings.Cut(s, "?")
	s, _, _ = strings.Cut(s, "#")
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = s[i+1:]
	}
	return s
}
