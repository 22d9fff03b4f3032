package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roentgen/roentgen/afirgen/local/secrets"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/tracing"
	"github.com/roentgen/roentgen/tracing/awssdk"
)

const bundles = `{
 "afirgen/api/keys": {"API_KEY": "key-of-the-clerk", "FIR_AUTH_KEY": "key-of-the-station"},
 "afirgen/mysql/credentials": {"username": "afirgen", "password": "पासवर्ड 1", "port": 3306},
 "afirgen/production/secrets": {"API_KEY": "another", "MYSQL_DB": "fir_db", "MYSQL_PASSWORD": "p", "password": "q", "comment": {"not": "asked"}},
 "broken": "no json: hunter2",
 "list": {"API_KEY": ["hunter2"]}
}`

// manager is a local Secrets Manager whose calls are counted, and which can be switched off.
type endpoint struct {
	*httptest.Server
	calls atomic.Int32
	off   atomic.Bool
}

func start(t *testing.T) (*endpoint, func(context.Context) (aws.Config, error)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets.json")
	if err := os.WriteFile(path, []byte(bundles), 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := secrets.Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keys := aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "sesame"}
	inner := secrets.Handler(store, keys, time.Now)
	e := &endpoint{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.calls.Add(1)
		if e.off.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { e.Client().CloseIdleConnections(); e.Close() })
	return e, func(context.Context) (aws.Config, error) {
		cfg := aws.Config{
			Region: "ap-south-1", BaseEndpoint: &e.URL, HTTPClient: e.Client(),
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return keys, nil }),
			Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
		}
		awssdk.InstrumentAWS(&cfg)
		return cfg, nil
	}
}

func is(t *testing.T, v *Vault, name, want string) {
	t.Helper()
	if got, err := v.Get(t.Context(), name); err != nil || got != want {
		t.Errorf("%s is %q, %v; want %q", name, got, err, want)
	}
}

func TestBundlesOfTheTaskDefinitionAreReadWithOneCallEach(t *testing.T) {
	e, load := start(t)
	v, err := Open(t.Context(), "aws:afirgen/api/keys, afirgen/mysql/credentials,afirgen/production/secrets", Config{AWS: load})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		is(t, v, "API_KEY", "key-of-the-clerk") // the first bundle that has it
		is(t, v, "FIR_AUTH_KEY", "key-of-the-station")
		is(t, v, "MYSQL_USER", "afirgen")
		is(t, v, "MYSQL_PASSWORD", "पासवर्ड 1")
		is(t, v, "MYSQL_PORT", "3306")
		is(t, v, "MYSQL_DB", "fir_db")
	}
	if _, err := v.Get(t.Context(), "JWT_SECRET"); !errors.Is(err, ErrNotFound) {
		t.Errorf("of a name that is nowhere: %v", err)
	}
	if n := e.calls.Load(); n != 3 {
		t.Errorf("%d calls, want one for each bundle", n)
	}
}

func TestANamesOwnMemberCountsBeforeItsAlias(t *testing.T) {
	_, load := start(t)
	v, err := Open(t.Context(), "aws:afirgen/production/secrets", Config{AWS: load})
	if err != nil {
		t.Fatal(err)
	}
	is(t, v, "MYSQL_PASSWORD", "p")
}

func TestValuesAreKeptForFiveMinutesAndNoLonger(t *testing.T) {
	e, load := start(t)
	now := time.Unix(0, 0)
	v, err := Open(t.Context(), "aws:afirgen/api/keys", Config{AWS: load, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	e.off.Store(true)
	now = now.Add(299 * time.Second)
	is(t, v, "API_KEY", "key-of-the-clerk")
	now = now.Add(2 * time.Second)
	if value, err := v.Get(t.Context(), "API_KEY"); !errors.Is(err, ErrUnavailable) || value != "" {
		t.Errorf("five minutes later, with no one there: %q, %v", value, err)
	}
	e.off.Store(false)
	is(t, v, "API_KEY", "key-of-the-clerk")
}

func TestThoseWhoAskAtOnceShareOneCall(t *testing.T) {
	e, load := start(t)
	var now atomic.Int64
	v, err := Open(t.Context(), "aws:afirgen/api/keys", Config{AWS: load, Now: func() time.Time { return time.Unix(now.Load(), 0) }})
	if err != nil {
		t.Fatal(err)
	}
	now.Store(301)
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() { is(t, v, "API_KEY", "key-of-the-clerk") })
	}
	wait.Wait()
	if n := e.calls.Load(); n != 2 {
		t.Errorf("%d calls, want 2", n)
	}
}

func TestASourceThatCannotBeReadDoesNotOpen(t *testing.T) {
	e, load := start(t)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	away := func(ctx context.Context) (aws.Config, error) {
		cfg, err := load(ctx)
		cfg.BaseEndpoint = &closed.URL
		return cfg, err
	}
	wrongKey := func(ctx context.Context) (aws.Config, error) {
		cfg, err := load(ctx)
		cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "guessed"}, nil
		})
		return cfg, err
	}
	cases := []struct {
		where string
		load  func(context.Context) (aws.Config, error)
		says  string
		later bool // it may work later
	}{
		{"aws:afirgen/none", load, "does not exist", false},
		{"aws:afirgen/api/keys,,", load, "name is empty", false},
		{"aws:broken", load, "not a JSON object", false},
		{"aws:list", load, "API_KEY is empty, or no string", false},
		{"aws:afirgen/api/keys", away, "out of reach", true},
		{"aws:afirgen/api/keys", wrongKey, "InvalidSignatureException", false},
		{"aws:afirgen/api/keys", nil, "not told how to reach AWS", false},
		{"aws:" + strings.Repeat("a,", 20), load, "10 at most", false},
		{"vault:x", load, "none of env, dir:PATH and aws:ID,ID", false},
		{"", load, "none of env", false},
	}
	for _, c := range cases {
		_, err := Open(t.Context(), c.where, Config{AWS: c.load})
		if err == nil || !strings.Contains(err.Error(), c.says) || errors.Is(err, ErrUnavailable) != c.later {
			t.Errorf("%q: %v; want it to say %q, later %v", c.where, err, c.says, c.later)
		}
		if strings.Contains(fmt.Sprint(err), "hunter2") {
			t.Errorf("%q: a value shows in %v", c.where, err)
		}
	}
	e.off.Store(true)
	if _, err := Open(t.Context(), "aws:afirgen/api/keys", Config{AWS: load}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("with 503: %v", err)
	}
}

func TestTheStartUpSegmentHoldsTheCall(t *testing.T) {
	_, load := start(t)
	collector := tracetest.Start(t)
	tr := collector.Setup(t, "main-backend")
	err := tr.Segment(t.Context(), "", func(ctx context.Context) error {
		return tracing.Trace(ctx, "load_secrets", func(ctx context.Context) error {
			_, err := Open(ctx, "aws:afirgen/api/keys", Config{AWS: load})
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	d := collector.Await(t, "main-backend")
	call := d.Subsegments[0].Subsegments[0]
	if call.Name != "SecretsManager" || call.Namespace != "aws" || call.HTTP.Response.Status != 200 || call.Fault || call.Error {
		t.Errorf("the call is %+v", call)
	}
	raw := string(collector.Raw())
	for _, part := range []string{`"operation":"GetSecretValue"`, `"secret_id":"afirgen/api/keys"`, `"region":"ap-south-1"`, `"retries":0`} {
		if !strings.Contains(raw, part) {
			t.Errorf("no %s in %s", part, raw)
		}
	}
	if strings.Contains(raw, "key-of-the") {
		t.Errorf("a secret shows in %s", raw)
	}
}

func TestFilesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"API_KEY": "k \n", "FIR_AUTH_KEY": "k\r\n", "MYSQL_DB": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v, err := Open(t.Context(), "dir:"+dir, Config{})
	if err != nil {
		t.Fatal(err)
	}
	is(t, v, "API_KEY", "k ")
	is(t, v, "FIR_AUTH_KEY", "k")
	if _, err := v.Get(t.Context(), "MYSQL_DB"); err == nil || errors.Is(err, ErrNotFound) {
		t.Errorf("of an empty file: %v", err)
	}
	if _, err := v.Get(t.Context(), "MYSQL_USER"); !errors.Is(err, ErrNotFound) {
		t.Errorf("of no file: %v", err)
	}
	for _, name := range []string{"../API_KEY", "api_key", "", "A/B", "A\x00"} {
		if _, err := v.Get(t.Context(), name); err == nil || !strings.Contains(err.Error(), "names are capital letters") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestTheEnvironment(t *testing.T) {
	env := map[string]string{"API_KEY": "k", "FIR_AUTH_KEY_FILE": "/run/secrets/fir", "MYSQL_USER": "", "MYSQL_DB": "a", "MYSQL_DB_FILE": "b",
		"MYSQL_PASSWORD_FILE": "/locked"}
	v, err := Open(t.Context(), "env", Config{
		Getenv: func(name string) (string, bool) { value, ok := env[name]; return value, ok },
		ReadFile: func(path string) ([]byte, error) {
			switch path {
			case "/run/secrets/fir":
				return []byte("from the file\n"), nil
			case "/locked":
				return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
			}
			return nil, fs.ErrNotExist
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	is(t, v, "API_KEY", "k")
	is(t, v, "FIR_AUTH_KEY", "from the file")
	for name, notFound := range map[string]bool{"MYSQL_USER": true, "MYSQL_HOST": true, "MYSQL_DB": false, "MYSQL_PASSWORD": false} {
		if value, err := v.Get(t.Context(), name); err == nil || value != "" || errors.Is(err, ErrNotFound) != notFound {
			t.Errorf("%s: %q, %v", name, value, err)
		}
	}
}

func TestPrintingAVaultShowsNoValue(t *testing.T) {
	_, load := start(t)
	v, err := Open(t.Context(), "aws:afirgen/api/keys", Config{AWS: load})
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, v); got != "vault aws:afirgen/api/keys" {
			t.Errorf("%s prints %s", verb, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"API_KEY":"k","password":1}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := parse(text)
		for name, value := range values {
			if !names.MatchString(name) || value == "" || err != nil {
				t.Fatalf("%q gave %q = %q, %v", text, name, value, err)
			}
		}
	})
}
