package test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/smithy-go"
)

const (
	operator      = "operator"
	operatorToken = "operator-0123456789/abcdef+=="
)

// tokenFile writes a file that lets the operator in.
func tokenFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tokens")
	writeFile(t, path, []byte("# of a test\n"+operator+" "+operatorToken+"\n"))
	return path
}

func writeFile(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// as makes AWS's client sign with a name and a token.
func as(name, token string) func(*xray.Options) {
	return func(o *xray.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(name, token, "")
		o.RetryMaxAttempts = 1
	}
}

func TestAWSClientsComeInWithANameAndAToken(t *testing.T) {
	s := startServer(t, t.TempDir(), "--auth-file", tokenFile(t))
	put := &xray.PutTraceSegmentsInput{TraceSegmentDocuments: []string{fmt.Sprintf(
		`{"trace_id":%q,"id":%q,"name":"shop","start_time":%d,"end_time":%d}`, newTraceID(), newID(), time.Now().Unix()-1, time.Now().Unix())}}
	out, err := awsClient(s, as(operator, operatorToken)).PutTraceSegments(t.Context(), put)
	if err != nil || len(out.UnprocessedTraceSegments) != 0 {
		t.Fatalf("%+v, %v", out, err)
	}
	for _, region := range []string{"eu-west-1", "local", "us-gov-east-1"} {
		c := awsClient(s, as(operator, operatorToken), func(o *xray.Options) { o.Region = region })
		if _, err := c.GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{}); err != nil {
			t.Errorf("region %s: %v", region, err)
		}
	}
	for _, c := range []struct{ name, token, want string }{
		{operator, operatorToken + "x", "InvalidSignatureException"},
		{"nobody", operatorToken, "InvalidSignatureException"},
		{"no/body", operatorToken, "IncompleteSignatureException"},
	} {
		_, err := awsClient(s, as(c.name, c.token)).PutTraceSegments(t.Context(), put)
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	_, err = awsClient(s, func(o *xray.Options) { o.Credentials = aws.AnonymousCredentials{} }).PutTraceSegments(t.Context(), put)
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "MissingAuthenticationTokenException" {
		t.Errorf("without credentials: %v", err)
	}
}

// TestTheDaemonPortStaysOpen sends as an SDK does, which has no token.
func TestTheDaemonPortStaysOpen(t *testing.T) {
	s := startServer(t, t.TempDir(), "--auth-file", tokenFile(t))
	resp, err := client.Post("http://"+s.Daemon+"/GetSamplingRules", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// call asks with a bearer token, or none, and returns status and body.
func (s *server) call(t *testing.T, c *http.Client, path, token string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.HTTP+path, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestATokenThatIsTakenOutIsOutOnHangup(t *testing.T) {
	path := tokenFile(t)
	s := startServer(t, t.TempDir(), "--auth-file", path)
	if code, body := s.call(t, client, "/GetSamplingRules", operatorToken); code != 200 {
		t.Fatalf("%d %s", code, body)
	}
	writeFile(t, path, []byte("another another-0123456789"))
	s.cmd.Process.Signal(syscall.SIGHUP)
	eventually(t, func() error {
		if code, body := s.call(t, client, "/GetSamplingRules", operatorToken); code != 401 {
			return fmt.Errorf("status %d %s, want 401", code, body)
		}
		return nil
	})
	if code, body := s.call(t, client, "/GetSamplingRules", "another-0123456789"); code != 200 {
		t.Errorf("the new token: %d %s", code, body)
	}
}

func TestTheDoorOpensOnTheNetworkWithTokensAndTLS(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	s := startServer(t, t.TempDir(), "--http", "0.0.0.0:0", "--auth-file", tokenFile(t), "--tls-cert", certFile, "--tls-key", keyFile)
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.HTTP, "https://"))
	if err != nil {
		t.Fatalf("announced %s: %v", s.HTTP, err)
	}
	s.HTTP = "https://127.0.0.1:" + port
	secure := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool}}, Timeout: 30 * time.Second}
	if code, _ := s.call(t, secure, "/GetSamplingRules", ""); code != 401 {
		t.Errorf("without a token: %d", code)
	}
	if code, body := s.call(t, secure, "/GetSamplingRules", operatorToken); code != 200 {
		t.Errorf("with a token: %d %s", code, body)
	}
	_, err = awsClient(s, as(operator, operatorToken), func(o *xray.Options) { o.HTTPClient = secure }).
		GetSamplingRules(t.Context(), &xray.GetSamplingRulesInput{})
	if err != nil {
		t.Error("AWS's client:", err)
	}
	if text := s.stderr.String(); strings.Contains(text, "without TLS") {
		t.Errorf("a warning that is wrong: %s", text)
	}
}

// certificate makes one for 127.0.0.1 that signs itself.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	writeFile(t, certFile, public)
	writeFile(t, keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(bytes.TrimSpace(public))
	return certFile, keyFile, pool
}

func TestAnUnguardedDoorDoesNotOpen(t *testing.T) {
	readable := tokenFile(t)
	if err := os.Chmod(readable, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--http", "0.0.0.0:0"}, []string{"--auth-file", "--insecure"}},
		{[]string{"--auth-file", readable}, []string{readable, "chmod o="}},
		{[]string{"--auth-file", "nowhere"}, []string{"nowhere", "no such file"}},
		{[]string{"--tls-cert", "cert.pem"}, []string{"--tls-key"}},
	} {
		said, code := runServer(t, append([]string{"--data", t.TempDir(), "--daemon", "127.0.0.1:0"}, c.args...)...)
		if code != 1 {
			t.Errorf("%v: exit code %d", c.args, code)
		}
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%v: it says %q, want %q in it", c.args, said, want)
			}
		}
	}
}
