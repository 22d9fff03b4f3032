package upstream

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/wire"
)

// takeBatches answers batches as a server does, with everything stored.
func takeBatches(t testing.TB) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		b, err := wire.ReadBatch(body, 16<<20)
		if err != nil || r.URL.Path != "/api/agent/batches" || r.Header.Get("Content-Type") != wire.BatchContentType {
			t.Errorf("%s with %q: %v", r.URL.Path, r.Header.Get("Content-Type"), err)
			return
		}
		_ = json.NewEncoder(w).Encode(wire.BatchAnswer{Seq: b.Header.Seq, Outcomes: map[string]int64{"stored": int64(len(b.Documents))}})
	})
}

func newRoentgen(t testing.TB, cfg RoentgenConfig) *Roentgen {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	r, err := NewRoentgen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func TestABatchGoesToAServerAndItsAnswerComesBack(t *testing.T) {
	var authorization atomic.Value
	take := takeBatches(t)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization.Store(r.Header.Get("Authorization"))
		take.ServeHTTP(w, r)
	}))
	defer s.Close()
	file := filepath.Join(t.TempDir(), "token")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("# for the agent\nagent-1 first-token-of-some-length\n")
	r := newRoentgen(t, RoentgenConfig{URL: s.URL + "/", TokenFile: file, Token: "ignored"})
	answer, err := r.Send(t.Context(), batchOf(3))
	if err != nil || answer.Seq != 9 || answer.Outcomes["stored"] != 3 || authorization.Load() != "Bearer first-token-of-some-length" {
		t.Fatalf("%+v, %v, as %q", answer, err, authorization.Load())
	}
	write("a-second-token-that-is-longer-than-the-first")
	if _, err := r.Send(t.Context(), batchOf(1)); err != nil || authorization.Load() != "Bearer a-second-token-that-is-longer-than-the-first" {
		t.Errorf("after the token was renewed: %v, as %q", err, authorization.Load())
	}
	write("")
	if _, err := r.Send(t.Context(), batchOf(1)); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("an empty token file: %v", err)
	}
}

func TestAServersRefusalsNameCauseAndRemedy(t *testing.T) {
	const shape = `{"__type":"%s","message":"said so"}`
	for _, c := range []struct {
		name            string
		status          int
		body, token     string
		retry           string
		permanent, slow bool
		after           time.Duration
		says            string
	}{
		{name: "bad batch", status: 400, body: fmt.Sprintf(shape, "InvalidRequestException"), permanent: true, says: "said so"},
		{name: "somebody else's 400", status: 400, body: "<html>", slow: true, says: "no answer of a Roentgen server"},
		{name: "too large", status: 413, body: fmt.Sprintf(shape, "RequestTooLargeException"), permanent: true, says: "raise its bound"},
		{name: "too large for a proxy", status: 413, body: "nginx", slow: true, says: "a proxy between"},
		{name: "no token", status: 401, body: fmt.Sprintf(shape, "MissingAuthenticationTokenException"), slow: true, says: "--token-file"},
		{name: "a wrong token", status: 401, body: fmt.Sprintf(shape, "UnrecognizedClientException"), token: "x", slow: true, says: "ROENTGEN_TOKEN is not in the server's --auth-file"},
		{name: "another server", status: 404, body: "nothing here", slow: true, says: "is it a Roentgen server's"},
		{name: "a redirect", status: 302, slow: true, says: "another place was named"},
		{name: "busy", status: 429, body: fmt.Sprintf(shape, "ThrottledException"), retry: "2", after: 2 * time.Second, says: "said so; it is sent again"},
		{name: "unavailable", status: 503, body: fmt.Sprintf(shape, "ServiceUnavailableException"), retry: "1.5", after: 1500 * time.Millisecond, says: "said so; it is sent again"},
		{name: "broken", status: 500, body: fmt.Sprintf(shape, "InternalFailure"), says: "said so"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://elsewhere.example/")
				if c.retry != "" {
					w.Header().Set("Retry-After", c.retry)
				}
				w.WriteHeader(c.status)
				fmt.Fprint(w, c.body)
			}))
			defer s.Close()
			r := newRoentgen(t, RoentgenConfig{URL: s.URL, Token: c.token})
			_, err := r.Send(t.Context(), batchOf(1))
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%v", err)
			}
			if e.Permanent != c.permanent || e.Config != c.slow || e.RetryAfter != c.after || e.Status != c.status {
				t.Errorf("%+v", e)
			}
			if !strings.Contains(e.Error(), c.says) || !strings.Contains(e.Error(), s.URL) {
				t.Errorf("%q does not say %q", e, c.says)
			}
		})
	}
}

func TestAnAnswerToAnotherBatchIsNoAnswer(t *testing.T) {
	for _, body := range []string{"", "<html>", `{"seq":8}`} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
		r := newRoentgen(t, RoentgenConfig{URL: s.URL})
		_, err := r.Send(t.Context(), batchOf(1))
		if e := new(Error); !errors.As(err, &e) || !e.Config || e.Permanent {
			t.Errorf("answer %q: %v", body, err)
		}
		s.Close()
	}
}

func TestNoticesArePulled(t *testing.T) {
	want := wire.NoticePage{Next: 12, Oldest: 3, Notices: []wire.Notice{{Trace: roentgen.TraceID{1}, Reason: "fault"}}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("agent") != "feed" || q.Get("wait") != "25s" || q.Get("after") != "7" {
			http.Error(w, r.URL.String(), 400)
			return
		}
		_, _ = w.Write(wire.AppendNoticePage(nil, &want))
	}))
	defer s.Close()
	r := newRoentgen(t, RoentgenConfig{URL: s.URL, Agent: "feed"})
	notices, next, oldest, err := r.Pull(t.Context(), 7, 25*time.Second)
	if err != nil || next != 12 || oldest != 3 || len(notices) != 1 || notices[0] != want.Notices[0] {
		t.Errorf("%v %d %d %v", notices, next, oldest, err)
	}
	if _, next, _, err := r.Pull(t.Context(), 8, time.Second); err == nil || next != 8 {
		t.Errorf("a refused poll: next %d, %v", next, err)
	}
}

// authority is a certificate authority of a test.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t *testing.T) *authority {
	a := &authority{t: t}
	a.cert, a.key = a.sign(&x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)})
	a.file = filepath.Join(t.TempDir(), "ca.pem")
	a.write(a.file, "CERTIFICATE", a.cert.Raw)
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

func (a *authority) write(file, kind string, der []byte) {
	a.t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
}

// leaf is a certificate for a server or a client, as files too.
func (a *authority) leaf(name string, until time.Time) (pair tls.Certificate, certFile, keyFile string) {
	a.t.Helper()
	cert, key := a.sign(&x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{name}, Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: until, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}})
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		a.t.Fatal(err)
	}
	dir := a.t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	a.write(certFile, "CERTIFICATE", cert.Raw)
	a.write(keyFile, "PRIVATE KEY", der)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}, certFile, keyFile
}

func TestTLSIsExplained(t *testing.T) {
	ca := newAuthority(t)
	later := time.Now().Add(time.Hour)
	server, _, _ := ca.leaf("roentgen.test", later)
	old, _, _ := ca.leaf("roentgen.test", time.Now().Add(-time.Minute))
	_, certFile, keyFile := ca.leaf("agent", later)
	good := TLS{CAFile: ca.file, CertFile: certFile, KeyFile: keyFile, ServerName: "roentgen.test"}
	for _, c := range []struct {
		name string
		pair tls.Certificate
		tls  TLS
		says string // "": it works
	}{
		{"both sides are known", server, good, ""},
		{"anything goes, but for the client", server, TLS{NoVerify: true, CertFile: certFile, KeyFile: keyFile}, ""},
		{"an unknown authority", server, TLS{ServerName: "roentgen.test"}, "--ca-file"},
		{"another name", server, TLS{CAFile: ca.file}, "is not for 127.0.0.1"},
		{"an expired certificate", old, good, "renew it, or set the clock"},
		{"no client certificate", server, TLS{CAFile: ca.file, ServerName: "roentgen.test"}, "--cert-file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := httptest.NewUnstartedServer(takeBatches(t))
			pool := x509.NewCertPool()
			pool.AddCert(ca.cert)
			s.TLS = &tls.Config{Certificates: []tls.Certificate{c.pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool}
			s.Config.ErrorLog = discardLog()
			s.StartTLS()
			defer s.Close()
			r := newRoentgen(t, RoentgenConfig{URL: s.URL, TLS: c.tls})
			_, err := r.Send(t.Context(), batchOf(1))
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("%v; want %q", err, c.says)
			}
		})
	}
	t.Run("a server without TLS", func(t *testing.T) {
		s := httptest.NewServer(takeBatches(t))
		defer s.Close()
		r := newRoentgen(t, RoentgenConfig{URL: strings.Replace(s.URL, "http:", "https:", 1)})
		if _, err := r.Send(t.Context(), batchOf(1)); err == nil || !strings.Contains(err.Error(), "use http://") {
			t.Errorf("%v", err)
		}
	})
}

func TestFilesThatCannotBeReadAreToldAtTheStart(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for _, cfg := range []RoentgenConfig{
		{URL: "roentgen.example:2080"}, {URL: "ftp://x"}, {URL: "http://x", TokenFile: none}, {URL: "https://x", TLS: TLS{CAFile: none}},
		{URL: "https://x", TLS: TLS{CertFile: none}}, {URL: "https://x", TLS: TLS{CertFile: none, KeyFile: none}}, {URL: "https://x", Proxy: "proxy"},
	} {
		if r, err := NewRoentgen(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
			_ = r.Close()
		}
	}
}

func TestWhoCannotBeReachedIsToldWhy(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // it takes connections, and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, c := range []struct {
		name, address string
		timeout       time.Duration
		category      Category
		says          string
	}{
		{"refused", address, time.Minute, CategoryRefused, "nothing listens there"},
		{"silent", silent.Addr().String(), 20 * time.Millisecond, CategoryTimeout, "no answer within 20ms"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRoentgen(t, RoentgenConfig{URL: "http://" + c.address, Timeout: c.timeout})
			_, err := r.Send(t.Context(), batchOf(1))
			var e *Error
			if !errors.As(err, &e) || e.Category != c.category || e.Permanent || !strings.Contains(e.Error(), c.says) {
				t.Errorf("%v", err)
			}
		})
	}
	target := &url.URL{Scheme: "https", Host: "xray.eu-wets-1.amazonaws.com"}
	e := unreachable("send", target, time.Second, &net.DNSError{Name: target.Host, IsNotFound: true})
	if e.Category != CategoryUnknownHost || !strings.Contains(e.Error(), "no host is known as xray.eu-wets-1") {
		t.Errorf("%+v", e)
	}
}
