package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// bucket is S3. Checksums are the SDK's: it sends one with each object and S3 refuses what does not match.
type bucket struct {
	client *s3.Client
	name   string
	prefix string // "" or without a slash at its end
	sse    types.ServerSideEncryption
}

// options are the parameters of an s3 URL.
type options struct {
	endpoint, region string
	pathStyle        bool
	sse              types.ServerSideEncryption
}

func openBucket(ctx context.Context, u *url.URL, cfg Config) (store, error) {
	prefix := strings.Trim(u.Path, "/")
	if u.Host == "" || prefix != "" && checkKey(prefix) != nil {
		return nil, errors.New("bucket or prefix is missing or has characters that keys have not; write s3://bucket/prefix")
	}
	o, err := parseOptions(u.Query())
	if err != nil {
		return nil, err
	}
	if cfg.AWS == nil {
		return nil, errors.New("this program was not told how to reach AWS")
	}
	settings, err := cfg.AWS(ctx)
	if err != nil {
		return nil, err
	}
	client := s3.NewFromConfig(settings, func(so *s3.Options) {
		so.UsePathStyle = o.pathStyle
		if o.endpoint != "" {
			so.BaseEndpoint = &o.endpoint
		}
		if o.region != "" {
			so.Region = o.region
		}
	})
	return &bucket{client: client, name: u.Host, prefix: prefix, sse: o.sse}, nil
}

func parseOptions(query url.Values) (o options, err error) {
	for key, values := range query {
		value := values[len(values)-1]
		switch key {
		case "endpoint":
			e, err := url.Parse(value)
			if err != nil || e.Host == "" || e.Scheme != "http" && e.Scheme != "https" || e.User != nil {
				return o, errors.New("endpoint is no URL such as http://127.0.0.1:9000")
			}
			o.endpoint = value
		case "region":
			o.region = value
		case "path_style":
			if o.pathStyle, err = strconv.ParseBool(value); err != nil {
				return o, errors.New("path_style is neither true nor false")
			}
		case "sse":
			o.sse = types.ServerSideEncryption(value)
			if o.sse != types.ServerSideEncryptionAes256 && o.sse != types.ServerSideEncryptionAwsKms {
				return o, errors.New("sse is neither AES256 nor aws:kms")
			}
		default:
			return o, fmt.Errorf("%q is no parameter; there are endpoint, region, path_style and sse", key)
		}
	}
	return o, nil
}

func (b *bucket) key(key string) *string { return aws.String(path.Join(b.prefix, key)) }

func (b *bucket) put(ctx context.Context, key, contentType string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: b.key(key), Body: bytes.NewReader(body), ContentType: &contentType, ServerSideEncryption: b.sse})
	return b.kind(err)
}

func (b *bucket) get(ctx context.Context, key string) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: b.key(key)})
	if err != nil {
		return nil, b.kind(err)
	}
	body, err := limited(out.Body)
	if err = errors.Join(err, out.Body.Close()); err != nil {
		return nil, b.kind(err)
	}
	return body, nil
}

func (b *bucket) remove(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: b.key(key)})
	if err = b.kind(err); errors.Is(err, ErrNotFound) {
		return nil // some endpoints say so
	}
	return err
}

func (b *bucket) ping(ctx context.Context) error {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name})
	err = b.kind(err)
	if errors.Is(err, ErrNotFound) {
		return b.missing() // the answer has no body, so no code either
	}
	return err
}

func (b *bucket) missing() error {
	return fmt.Errorf("%w: there is no bucket %s here; create it, or check region and endpoint", ErrUnavailable, b.name)
}

// kind sorts S3's errors. What the SDK says of them holds URLs with keys in them, so only code and status are taken on.
func (b *bucket) kind(err error) error {
	if err == nil {
		return nil
	}
	var said smithy.APIError
	var answer *smithyhttp.ResponseError
	code, status := "", 0
	if errors.As(err, &said) {
		code = said.ErrorCode()
	}
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	switch {
	case code == "NoSuchBucket":
		return b.missing()
	case code == "NoSuchKey", status == http.StatusNotFound:
		return ErrNotFound
	case status == http.StatusForbidden, status == http.StatusUnauthorized:
		return fmt.Errorf("%w: S3 refuses us (%d %s); allow this task's role s3:PutObject, GetObject, DeleteObject and ListBucket on %s",
			ErrUnavailable, status, code, b.name)
	case status != 0:
		return fmt.Errorf("%w: S3 answered %d %s", ErrUnavailable, status, code)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, withoutURL(err))
}

// withoutURL is the network's error, without the URL that net/http puts before it.
func withoutURL(err error) error {
	var u *url.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return context.DeadlineExceeded
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.As(err, &u):
		return u.Err
	}
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}
