package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// unreachable turns what net/http says of a request without an answer into an
// Error that names the remedy. doing is like "send a batch".
func unreachable(doing string, target *url.URL, limit time.Duration, err error) *Error {
	e := &Error{Err: err}
	why := ""
	e.Category, why = reason(target, limit, err)
	e.Text = fmt.Sprintf("%s to %s: %s", doing, target.Redacted(), why)
	return e
}

// reason is category and sentence.
func reason(target *url.URL, limit time.Duration, err error) (Category, string) {
	if text, ok := certificateReason(target, err); ok {
		return CategoryOther, text
	}
	var dns *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return CategoryUnknownHost, fmt.Sprintf("no host is known as %s: check the name, and this host's DNS", dns.Name)
	case errors.As(err, &dns):
		return CategoryUnknownHost, fmt.Sprintf("DNS does not answer for %s (%v): check this host's DNS", dns.Name, dns.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return CategoryRefused, "the connection was refused: nothing listens there; is it running, and is the port the right one?" + viaProxy(err)
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return CategoryTimeout, fmt.Sprintf("no answer within %s: is the way there open (security group, firewall, route), and is the other side overloaded?%s", limit, viaProxy(err))
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return CategoryOther, "there is no route to it: check this host's network" + viaProxy(err)
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), strings.HasSuffix(err.Error(), "EOF"):
		return CategoryOther, "the other side closed the connection before it answered; it is sent again"
	}
	return CategoryOther, innermost(err).Error() + viaProxy(err)
}

// viaProxy says that the way led over a proxy, where that is what went wrong.
func viaProxy(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return " (the way to the proxy is meant: see --proxy-address and HTTPS_PROXY)"
	}
	return ""
}

// certificateReason explains what went wrong in TLS.
func certificateReason(target *url.URL, err error) (string, bool) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var alert tls.AlertError
	var plain tls.RecordHeaderError
	switch {
	case errors.As(err, &unknown):
		return "its certificate is signed by an authority that is not trusted here: name that authority's certificate with --ca-file", true
	case errors.As(err, &name):
		return fmt.Sprintf("its certificate is not for %s: %v; use a name that it bears", target.Hostname(), name), true
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("its certificate is not valid at this host's time: %v; renew it, or set the clock", invalid), true
	case errors.As(err, &invalid):
		return fmt.Sprintf("its certificate is not valid: %v", invalid), true
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS there: use http://, or the port that does", true
	case errors.As(err, &alert), strings.Contains(err.Error(), "remote error: tls:"):
		return fmt.Sprintf("it broke off TLS (%v): it probably wants a client certificate that it trusts: see --cert-file and --key-file", innermost(err)), true
	}
	return "", false
}

// innermost is the error at the end of the chain, which says most in fewest
// words.
func innermost(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// clip cuts what another side said to what fits into a line.
func clip(s string) string {
	const most = 300
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
