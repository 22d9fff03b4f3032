package archive

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/roentgen/roentgen/afirgen/local/buckets"
	"github.com/roentgen/roentgen/afirgen/tracetest"
	"github.com/roentgen/roentgen/tracing"
	"github.com/roentgen/roentgen/tracing/awssdk"
)

var keys = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "sesame"}

// settings are AWS's for an endpoint, instrumented, without retries.
func settings(client *http.Client, k aws.Credentials) func(context.Context) (aws.Config, error) {
	return func(context.Context) (aws.Config, error) {
		cfg := aws.Config{
			Region: "ap-south-1", HTTPClient: client, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return k, nil }),
		}
		awssdk.InstrumentAWS(&cfg)
		return cfg, nil
	}
}

func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.Client().CloseIdleConnections(); server.Close() })
	return server
}

// local is a local S3 with the bucket evidence.
func local(t *testing.T) *httptest.Server {
	t.Helper()
	h, err := buckets.Handler(t.TempDir(), keys, time.Now, "evidence")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, h)
}

func inBucket(t *testing.T, server *httptest.Server, place string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), place+"?path_style=true&endpoint="+server.URL, Config{AWS: settings(server.Client(), keys)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func inFolder(t *testing.T, dir string) *Archive {
	t.Helper()
	a, err := Open(t.Context(), dir, Config{})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// One promise, every place.
func TestEveryPlaceKeepsWhatItIsGiven(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *Archive{
		"bucket":      func(t *testing.T) *Archive { return inBucket(t, local(t), "s3://evidence") },
		"with prefix": func(t *testing.T) *Archive { return inBucket(t, local(t), "s3://evidence/station/KTW/") },
		"folder":      func(t *testing.T) *Archive { return inFolder(t, t.TempDir()) },
		"file URL":    func(t *testing.T) *Archive { return inFolder(t, "file://"+filepath.Join(t.TempDir(), "new", "folder")) },
	} {
		t.Run(name, func(t *testing.T) {
			a := open(t)
			ctx := t.Context()
			if err := a.Ping(ctx); err != nil {
				t.Error(err)
			}
			const key = "firs/KTW/0042/2026.json"
			if _, err := a.Get(ctx, key); !errors.Is(err, ErrNotFound) || errors.Is(err, ErrUnavailable) {
				t.Errorf("getting nothing: %v", err)
			}
			if err := a.Delete(ctx, key); err != nil {
				t.Errorf("deleting nothing: %v", err)
			}
			large := bytes.Repeat([]byte("शिकायत "), 1<<18) // 4.8 MiB
			for _, body := range [][]byte{[]byte(`{"a":1}`), large, {}, []byte("last")} {
				if err := a.Put(ctx, key, "application/json", body); err != nil {
					t.Fatal(err)
				}
				if got, err := a.Get(ctx, key); err != nil || !bytes.Equal(got, body) {
					t.Errorf("got back %d bytes of %d, %v", len(got), len(body), err)
				}
			}
			if err := a.Delete(ctx, key); err != nil {
				t.Error(err)
			}
			if _, err := a.Get(ctx, key); !errors.Is(err, ErrNotFound) {
				t.Errorf("after deleting: %v", err)
			}
			if _, err := a.Get(ctx, "firs"); !errors.Is(err, ErrNotFound) {
				t.Errorf("the front of a key: %v", err)
			}
		})
	}
}

func TestKeysCannotLeaveTheirPlace(t *testing.T) {
	a := inFolder(t, t.TempDir())
	for _, key := range []string{"", "/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", ".unfinished/x", "a/", "a\x00b", "a\\b", "naïve", "a/.b", strings.Repeat("a", 513)} {
		err := a.Put(t.Context(), key, "", nil)
		if err == nil || errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "its key is not of") {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestALinkDoesNotLeadOutOfTheFolder(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	a := inFolder(t, dir)
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if body, err := a.Get(t.Context(), "link/secret"); err == nil {
		t.Errorf("read %q through a link", body)
	}
	if err := a.Put(t.Context(), "link/new", "", []byte("x")); err == nil {
		t.Error("wrote through a link")
	}
}

func TestFilesAreTheirOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	a := inFolder(t, filepath.Join(dir, "archive"))
	if err := a.Put(t.Context(), "images/s_1.jpg", "image/jpeg", []byte("x")); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(filepath.Join(dir, "archive"), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAFullDiskLeavesTheOldObjectAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	a := inFolder(t, dir)
	if err := a.Put(t.Context(), "firs/1.json", "", []byte("old")); err != nil {
		t.Fatal(err)
	}
	a.store.(*folder).write = func(f *os.File, body []byte) error {
		_, err := f.Write(body[:1]) // some of it goes in
		return errors.Join(err, &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC})
	}
	err := a.Put(t.Context(), "firs/1.json", "", []byte("new"))
	if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "the disk is full") || strings.Contains(err.Error(), dir+"/firs") {
		t.Errorf("the error is %v", err)
	}
	if err := a.Ping(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("the ping says %v", err)
	}
	if got, err := a.Get(t.Context(), "firs/1.json"); err != nil || string(got) != "old" {
		t.Errorf("the old object is %q, %v", got, err)
	}
	left, err := os.ReadDir(filepath.Join(dir, unfinished))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWritersOfOneKeyLeaveOneWholeObject(t *testing.T) {
	a := inFolder(t, t.TempDir())
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			body := bytes.Repeat([]byte{byte('a' + i)}, 1<<16)
			if err := a.Put(t.Context(), "firs/1.json", "", body); err != nil {
				t.Error(err)
			}
			got, err := a.Get(t.Context(), "firs/1.json")
			if err != nil || len(got) != 1<<16 || !bytes.Equal(got, bytes.Repeat(got[:1], 1<<16)) {
				t.Errorf("%d bytes of several, %v", len(got), err)
			}
		})
	}
	wait.Wait()
}

func TestWhatIsWrongWithABucketIsSaid(t *testing.T) {
	status := func(code int, body string) *httptest.Server {
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			if r.Method != http.MethodHead {
				_, _ = w.Write([]byte(body))
			}
		}))
	}
	away := serve(t, http.NotFoundHandler())
	away.Close()
	denied := `<Error><Code>AccessDenied</Code><Message>no</Message></Error>`
	cases := map[string]struct {
		server *httptest.Server
		bucket string
		says   string
	}{
		"no such bucket": {local(t), "s3://nowhere", "there is no bucket nowhere"},
		"not allowed":    {status(403, denied), "s3://evidence", "s3:PutObject"},
		"broken":         {status(500, `<Error><Code>InternalError</Code></Error>`), "s3://evidence", "S3 answered 500"},
		"too often":      {status(503, `<Error><Code>SlowDown</Code></Error>`), "s3://evidence", "S3 answered 503"},
		"away":           {away, "s3://evidence", "refused"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := inBucket(t, c.server, c.bucket)
			_, get := a.Get(t.Context(), "firs/secret-of-1.json")
			for what, err := range map[string]error{
				"put": a.Put(t.Context(), "firs/secret-of-1.json", "x/y", []byte("x")), "get": get, "ping": a.Ping(t.Context()),
			} {
				if !errors.Is(err, ErrUnavailable) || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("%s: %v, want it to say %q", what, err, c.says)
				}
				if err != nil && strings.Contains(err.Error(), "secret-of") {
					t.Errorf("%s: a key shows in %v", what, err)
				}
			}
		})
	}
}

func TestASlowEndpointDoesNotHoldTheCaller(t *testing.T) {
	hang := make(chan struct{})
	server := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer close(hang)
	a := inBucket(t, server, "s3://evidence")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := a.Put(ctx, "firs/1.json", "", nil); !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
}

func TestCallsAreSubsegmentsWithoutKeys(t *testing.T) {
	collector := tracetest.Start(t)
	tr := collector.Setup(t, "main-backend")
	a := inBucket(t, local(t), "s3://evidence/station")
	err := tr.Segment(t.Context(), "", func(ctx context.Context) error {
		return tracing.Trace(ctx, "archive", func(ctx context.Context) error {
			_, err := a.Get(ctx, "images/s_none.jpg")
			if !errors.Is(err, ErrNotFound) {
				t.Error(err)
			}
			return a.Put(ctx, "images/s_1.jpg", "image/jpeg", []byte("x"))
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	calls := collector.Await(t, "main-backend").Subsegments[0].Subsegments
	if len(calls) != 2 {
		t.Fatalf("%d subsegments, want 2", len(calls))
	}
	for i, status := range []int{404, 200} {
		c := calls[i]
		if c.Name != "S3" || c.Namespace != "aws" || c.HTTP.Response.Status != status || c.Error != (status == 404) || c.Fault {
			t.Errorf("call %d is %+v", i, c)
		}
	}
	raw := string(collector.Raw())
	for _, part := range []string{`"operation":"PutObject"`, `"bucket_name":"evidence"`, `"region":"ap-south-1"`, `"request_id":`, `"retries":0`} {
		if !strings.Contains(raw, part) {
			t.Errorf("no %s in %s", part, raw)
		}
	}
	if strings.Contains(raw, "s_1") || strings.Contains(raw, "s_none") {
		t.Errorf("a key shows in %s", raw)
	}
}

func TestEncryptionIsAskedFor(t *testing.T) {
	asked := make(chan string, 1)
	server := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.Header.Get("X-Amz-Server-Side-Encryption") }))
	a, err := Open(t.Context(), "s3://evidence?path_style=true&sse=AES256&region=eu-west-1&endpoint="+server.URL, Config{AWS: settings(server.Client(), keys)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Put(t.Context(), "firs/1.json", "", nil); err != nil {
		t.Error(err)
	}
	if got := <-asked; got != "AES256" {
		t.Errorf("asked for %q", got)
	}
}

func TestPlacesThatAreNoneAreRefused(t *testing.T) {
	for place, says := range map[string]string{
		"":                                   "path of the folder is empty",
		"ftp://host/x":                       "none of s3://",
		"s3:///x":                            "bucket or prefix",
		"s3://b/../x":                        "bucket or prefix",
		"s3://b?endpont=x":                   "is no parameter",
		"s3://b?endpoint=file:///x":          "endpoint is no URL",
		"s3://b?endpoint=http://u:hunter2@h": "endpoint is no URL",
		"s3://b?path_style=perhaps":          "neither true nor false",
		"s3://b?sse=rot13":                   "neither AES256",
		"s3://u:hunter2@b":                   "no URL such as",
		"s3://b":                             "not told how to reach AWS",
		"file://host/x":                      "none of s3://",
	} {
		_, err := Open(t.Context(), place, Config{})
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "endpoint=http") {
			t.Errorf("%q: %v, want it to say %q", place, err, says)
		}
	}
}

func TestKeysOfUploadsAndReports(t *testing.T) {
	for _, c := range []struct{ contentType, want string }{
		{"audio/wav", "audio/s-1_u-2.wav"}, {"audio/mpeg", "audio/s-1_u-2.mp3"}, {"image/jpeg", "images/s-1_u-2.jpg"},
		{"image/png", "images/s-1_u-2.png"}, {"application/pdf", "documents/s-1_u-2.pdf"}, {"text/html", ""},
	} {
		if got, err := UploadKey(c.contentType, "s-1", "u-2"); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s is %q, %v", c.contentType, got, err)
		}
	}
	for number, want := range map[string]string{"KTW/0-0042/2026": "firs/KTW/0-0042/2026.en.pdf", "FIR-0a1b2c3d-20260101120000": "firs/FIR-0a1b2c3d-20260101120000.en.pdf", "../x": "", "": ""} {
		if got, err := ReportKey(number, "en.pdf"); got != want || (err == nil) != (want != "") {
			t.Errorf("%s is %q, %v", number, got, err)
		}
	}
	if _, err := ReportKey("1", "exe"); err == nil {
		t.Error("any ending will do")
	}
}

func FuzzKey(f *testing.F) {
	f.Add("firs/1.json")
	f.Add("a/../b")
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) == nil && !filepath.IsLocal(key) {
			t.Fatalf("%q leaves its folder", key)
		}
	})
}
