package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
)

var keys = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "sesame"}

// endpoint serves the file at path.
func endpoint(t *testing.T, path string) *httptest.Server {
	t.Helper()
	store, err := Open(path, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(Handler(store, keys, time.Now))
	t.Cleanup(func() { server.Client().CloseIdleConnections(); server.Close() })
	return server
}

// client is AWS's own.
func client(t *testing.T, server *httptest.Server, k aws.Credentials) *secretsmanager.Client {
	t.Helper()
	return secretsmanager.NewFromConfig(aws.Config{
		Region: "ap-south-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return k, nil }),
	})
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secrets.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const two = `{"afirgen/api/keys": {"API_KEY": "k1", "FIR_AUTH_KEY": "k2"}, "plain": "क"}`

func TestAWSsClientReadsTheFile(t *testing.T) {
	c := client(t, endpoint(t, file(t, two)), keys)
	got, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("afirgen/api/keys")})
	if err != nil {
		t.Fatal(err)
	}
	if *got.SecretString != `{"API_KEY":"k1","FIR_AUTH_KEY":"k2"}` || got.VersionStages[0] != "AWSCURRENT" || got.CreatedDate == nil {
		t.Errorf("got %+v", got)
	}
	again, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: got.ARN, VersionId: got.VersionId})
	if err != nil || *again.SecretString != *got.SecretString {
		t.Errorf("by ARN and version: %v, %v", again, err)
	}
	d, err := c.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("plain")})
	if err != nil || *d.Name != "plain" || len(d.VersionIdsToStages) != 1 {
		t.Errorf("described as %+v, %v", d, err)
	}
}

func TestWhatIsWrittenOutlivesTheEndpoint(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	c := client(t, endpoint(t, path), keys)
	put := func(value string) error {
		_, err := c.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("a/b"), SecretString: &value})
		return err
	}
	create := func() error {
		_, err := c.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("a/b"), SecretString: aws.String("one")})
		return err
	}
	var missing *types.ResourceNotFoundException
	if err := put("early"); !errors.As(err, &missing) {
		t.Errorf("putting what is not there: %v", err)
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	var exists *types.ResourceExistsException
	if err := create(); !errors.As(err, &exists) {
		t.Errorf("creating twice: %v", err)
	}
	if err := put(`{"x":"two \" हिन्दी"}`); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info.Mode(), err)
	}
	c = client(t, endpoint(t, path), keys)
	got, err := c.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("a/b")})
	if err != nil || *got.SecretString != `{"x":"two \" हिन्दी"}` {
		t.Errorf("after a restart: %v, %v", got, err)
	}
}

func TestMistakesHaveAWSsNames(t *testing.T) {
	server := endpoint(t, file(t, two))
	name := aws.String("plain")
	read := func(k aws.Credentials, in *secretsmanager.GetSecretValueInput) error {
		_, err := client(t, server, k).GetSecretValue(t.Context(), in)
		return err
	}
	cases := map[string]struct {
		err  error
		want string
	}{
		"no such secret": {read(keys, &secretsmanager.GetSecretValueInput{SecretId: aws.String("other")}), "ResourceNotFoundException"},
		"an old version": {read(keys, &secretsmanager.GetSecretValueInput{SecretId: name, VersionStage: aws.String("AWSPREVIOUS")}), "ResourceNotFoundException"},
		"another key":    {read(aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "sesame"}, &secretsmanager.GetSecretValueInput{SecretId: name}), "UnrecognizedClientException"},
		"a wrong key":    {read(aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "guessed"}, &secretsmanager.GetSecretValueInput{SecretId: name}), "InvalidSignatureException"},
		"another operation": {func() error {
			_, err := client(t, server, keys).DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: name})
			return err
		}(), "UnknownOperationException"},
		"too long": {func() error {
			_, err := client(t, server, keys).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("x"), SecretString: aws.String(strings.Repeat("x", maxValue+1))})
			return err
		}(), "InvalidParameterException"},
	}
	for what, c := range cases {
		var api smithy.APIError
		if !errors.As(c.err, &api) || api.ErrorCode() != c.want {
			t.Errorf("%s: %v, want %s", what, c.err, c.want)
		}
	}
	resp, err := server.Client().Post(server.URL, "application/x-amz-json-1.1", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 400 || !strings.Contains(string(body), `"__type":"UnknownOperationException"`) {
		t.Errorf("without a target: %d %s, %v", resp.StatusCode, body, err)
	}
}

func TestListsComeInPages(t *testing.T) {
	var text strings.Builder
	for i := range 250 {
		fmt.Fprintf(&text, `,"s%03d":"v"`, i)
	}
	c := client(t, endpoint(t, file(t, "{"+text.String()[1:]+"}")), keys)
	pages := secretsmanager.NewListSecretsPaginator(c, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(100)})
	var names []string
	for range 10 {
		if !pages.HasMorePages() {
			break
		}
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.SecretList {
			names = append(names, *e.Name)
		}
	}
	if len(names) != 250 || names[0] != "s000" || names[249] != "s249" {
		t.Errorf("%d names came", len(names))
	}
}

func TestAFileThatOthersMayReadIsRefused(t *testing.T) {
	path := file(t, two)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, time.Now); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("opened: %v", err)
	}
}

func TestADiskThatIsFullChangesNothing(t *testing.T) {
	dir := t.TempDir()
	store, err := Open(filepath.Join(dir, "gone", "secrets.json"), time.Now) // its folder is missing, so nothing can be written
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.create("a", "b"); err == nil {
		t.Error("no error")
	}
	if _, err := store.get("a"); !errors.Is(err, errMissing) {
		t.Errorf("half of it is there: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(two))
	f.Add([]byte(`{"a":{"b":1}}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"a": }`))
	f.Fuzz(func(t *testing.T, text []byte) {
		values, err := parse(text)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "f")
		if err := write(path, values); err != nil {
			t.Fatal(err)
		}
		again, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		back, err := parse(again)
		if err != nil || len(back) != len(values) {
			t.Fatalf("%q became %q: %v", text, again, err)
		}
	})
}

func FuzzAuthorization(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=k/20260101/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature=ab")
	store, err := Open("nowhere", time.Now)
	if err != nil {
		f.Fatal(err)
	}
	h := Handler(store, keys, time.Now)
	f.Fuzz(func(t *testing.T, value string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}"))
		r.Header.Set("X-Amz-Target", "secretsmanager.ListSecrets")
		r.Header.Set("X-Amz-Date", time.Now().UTC().Format("20060102T150405Z"))
		r.Header.Set("Authorization", value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Fatalf("%q was let in: %d", value, w.Code)
		}
	})
}
