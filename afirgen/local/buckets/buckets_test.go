package buckets

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

var keys = aws.Credentials{AccessKeyID: "AKIDLOCAL", SecretAccessKey: "sesame"}

func start(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	h, err := Handler(dir, keys, time.Now, "evidence", "reports")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.Client().CloseIdleConnections(); server.Close() })
	return server
}

func client(server *httptest.Server, k aws.Credentials) *s3.Client {
	return s3.NewFromConfig(aws.Config{
		Region: "ap-south-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return k, nil }),
	}, func(o *s3.Options) { o.UsePathStyle = true })
}

func TestObjectsOutliveTheEndpoint(t *testing.T) {
	dir := t.TempDir()
	body := bytes.Repeat([]byte{0, 0xff, '\n'}, 1<<20)
	key := aws.String("images/a b+c_हिन्दी.jpg") // what has to be escaped, has to be signed escaped
	_, err := client(start(t, dir), keys).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("evidence"), Key: key,
		Body: bytes.NewReader(body), ContentType: aws.String("image/jpeg")})
	if err != nil {
		t.Fatal(err)
	}
	again := client(start(t, dir), keys)
	out, err := again.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("evidence"), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(out.Body)
	if err := errors.Join(err, out.Body.Close()); err != nil || !bytes.Equal(got, body) || aws.ToString(out.ContentType) != "image/jpeg" {
		t.Errorf("%d bytes of %s, %v", len(got), aws.ToString(out.ContentType), err)
	}
	list, err := again.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("evidence"), Prefix: aws.String("images/")})
	if err != nil || len(list.Contents) != 1 {
		t.Errorf("listed %v, %v", list, err)
	}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && path != dir && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWhoHasNotTheKeyIsRefused(t *testing.T) {
	server := start(t, t.TempDir())
	list := func(k aws.Credentials) error {
		_, err := client(server, k).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("evidence")})
		return err
	}
	for want, k := range map[string]aws.Credentials{
		"InvalidAccessKeyId":    {AccessKeyID: "AKIDOTHER", SecretAccessKey: "sesame"},
		"SignatureDoesNotMatch": {AccessKeyID: "AKIDLOCAL", SecretAccessKey: "guessed"},
	} {
		var api smithy.APIError
		if err := list(k); !errors.As(err, &api) || api.ErrorCode() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	resp, err := server.Client().Get(server.URL + "/evidence")
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("without a signature: %d, %v", resp.StatusCode, err)
	}
	if err := list(keys); err != nil {
		t.Error(err)
	}
}

func TestMissingBucketsAndObjectsHaveS3sNames(t *testing.T) {
	c := client(start(t, t.TempDir()), keys)
	get := func(bucket string) error {
		_, err := c.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: aws.String("x")})
		return err
	}
	for bucket, want := range map[string]string{"nowhere": "NoSuchBucket", "reports": "NoSuchKey"} {
		var api smithy.APIError
		if err := get(bucket); !errors.As(err, &api) || api.ErrorCode() != want {
			t.Errorf("%s: %v, want %s", bucket, err, want)
		}
	}
}
