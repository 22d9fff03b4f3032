package upstream

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

const (
	dialTimeout      = 5 * time.Second
	handshakeTimeout = 5 * time.Second
	idleTimeout      = 90 * time.Second
	idlePerHost      = 34 // as many as are ever in flight, and a poll

	// maxAnswer bounds what is read of an answer.
	maxAnswer = 16 << 20
)

// newTransport makes the connections of one sender. HTTP/1.1 is on purpose:
// one request at a time and connection is what costs least here.
func newTransport(t TLS, proxy string) (*http.Transport, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	through := http.ProxyFromEnvironment
	if proxy != "" {
		u, err := url.Parse(proxy)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("proxy address %q is no URL like http://proxy.example:3128", proxy)
		}
		through = http.ProxyURL(u)
	}
	return &http.Transport{
		Proxy:                 through,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       config,
		TLSHandshakeTimeout:   handshakeTimeout,
		MaxIdleConns:          idlePerHost,
		MaxIdleConnsPerHost:   idlePerHost,
		IdleConnTimeout:       idleTimeout,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
		WriteBufferSize:       64 << 10, // of what goes through a proxy
	}, nil
}

// config reads the files.
func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.NoVerify, DynamicRecordSizingDisabled: true}
	if t.CAFile != "" {
		pem, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, fmt.Errorf("read the authorities to trust: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read the authorities to trust: %s holds no certificate in PEM", t.CAFile)
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, errors.New("a client certificate needs both --cert-file and --key-file")
	}
	if t.CertFile == "" {
		return c, nil
	}
	if _, err := t.certificate(); err != nil {
		return nil, err
	}
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.certificate() }
	return c, nil
}

// certificate is read at each handshake, so that it may be renewed in place.
func (t TLS) certificate() (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("read the client certificate: %w", err)
	}
	return &c, nil
}

// readAnswer reads and closes a body, of which buf is the memory.
func readAnswer(resp *http.Response, buf []byte) (b []byte, err error) {
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if resp.ContentLength > maxAnswer {
		return nil, fmt.Errorf("the answer has %d bytes, at most %d are read", resp.ContentLength, maxAnswer)
	}
	b = buf[:0]
	if n := int(resp.ContentLength); n > cap(b) {
		b = make([]byte, 0, n)
	}
	body := io.LimitReader(resp.Body, maxAnswer+1)
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		n, err := body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case len(b) > maxAnswer:
			return nil, fmt.Errorf("the answer has more than %d bytes", maxAnswer)
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		}
	}
}

// retryAfter reads the header, in seconds or as a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	const most = 10 * time.Minute
	v := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(v, 64); err == nil {
		return min(most, max(0, time.Duration(min(seconds, most.Seconds())*float64(time.Second))))
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(most, max(0, at.Sub(now)))
	}
	return 0
}
