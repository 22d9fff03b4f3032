// Package archive keeps what people handed in (photographs, speech, documents) and the reports that came of it, in S3, in
// whatever speaks its protocol, or in a folder. An object is there as a whole or not at all.
//
// It owns nothing but what it stores, and has nothing to close. It never overwrites one key's object with half of
// another, never leaves its bucket or folder, and never says in an error what an object holds. Calls of S3 are
// subsegments of the caller's segment; there and in errors stand bucket and operation, not keys. It is safe for
// concurrent use.
package archive

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The kinds of failure that callers tell apart. Anything else is a mistake of the caller's.
var (
	ErrNotFound    = errors.New("there is no such object")
	ErrUnavailable = errors.New("the archive cannot be used") // away, full, closed to us: the text says which
)

// maxObject bounds what Get reads into memory: AFIRGen's largest upload is 25 MiB.
const maxObject = 64 << 20

// How long a call may take, whatever its context says: 25 MiB over 10 Mbit/s is 20 s.
const (
	callWithin = 60 * time.Second
	pingWithin = 5 * time.Second
)

// Config is what an Archive needs besides its place.
type Config struct {
	AWS func(context.Context) (aws.Config, error) // asked once, for s3: alone; see package cloud
}

// Archive is one place.
type Archive struct {
	place string
	store store
}

// store is S3 or a folder. Keys have been checked.
type store interface {
	put(ctx context.Context, key, contentType string, body []byte) error
	get(ctx context.Context, key string) ([]byte, error)
	remove(ctx context.Context, key string) error
	ping(ctx context.Context) error
}

// Open chooses the place:
//
//	s3://bucket/prefix    objects of S3; parameters below
//	file:///dir, dir      files of a folder, which is made where it is missing
//
// Parameters of s3: endpoint=URL (else AWS_ENDPOINT_URL_S3, else AWS), region=NAME (else AWS_REGION), path_style=true
// for endpoints that know no host for each bucket, and sse=AES256 or sse=aws:kms, the encryption to ask for.
// Nothing is called or written yet but the folder; Ping tells whether the place can be used.
func Open(ctx context.Context, place string, cfg Config) (*Archive, error) {
	s, err := open(ctx, place, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the archive %q: %w", withoutQuery(place), err)
	}
	return &Archive{place: withoutQuery(place), store: s}, nil
}

func open(ctx context.Context, place string, cfg Config) (store, error) {
	scheme, _, isURL := strings.Cut(place, "://")
	if !isURL {
		return openFolder(place)
	}
	u, err := url.Parse(place)
	if err != nil || u.User != nil || u.Fragment != "" {
		return nil, errors.New("it is no URL such as s3://bucket/prefix, or has more than that")
	}
	switch {
	case scheme == "s3":
		return openBucket(ctx, u, cfg)
	case scheme == "file" && u.Host == "" && u.RawQuery == "":
		return openFolder(u.Path)
	}
	return nil, errors.New("it is none of s3://bucket/prefix, file:///dir and the path of a folder")
}

// withoutQuery keeps what people add to a URL out of errors.
func withoutQuery(place string) string {
	place, _, _ = strings.Cut(place, "?")
	return place
}

// Put stores body under key, in place of what stood there. When it returns nil the object outlives a power cut.
func (a *Archive) Put(ctx context.Context, key, contentType string, body []byte) error {
	return a.do(ctx, "putting", key, callWithin, func(ctx context.Context) error { return a.store.put(ctx, key, contentType, body) })
}

// Get returns the object under key, or ErrNotFound.
func (a *Archive) Get(ctx context.Context, key string) (body []byte, err error) {
	err = a.do(ctx, "getting", key, callWithin, func(ctx context.Context) (err error) {
		body, err = a.store.get(ctx, key)
		return err
	})
	return body, err
}

// Delete removes the object under key. That there is none is no error: it is what was asked for.
func (a *Archive) Delete(ctx context.Context, key string) error {
	return a.do(ctx, "deleting", key, callWithin, func(ctx context.Context) error { return a.store.remove(ctx, key) })
}

// Ping tells whether the place can be used now. It leaves nothing behind.
func (a *Archive) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingWithin)
	defer cancel()
	if err := a.store.ping(ctx); err != nil {
		return fmt.Errorf("looking whether the archive %s can be used: %w", a.place, err)
	}
	return nil
}

// do bounds f, and names what it did. Keys stay out of errors: they hold the ids of people's cases.
func (a *Archive) do(ctx context.Context, doing, key string, within time.Duration, f func(context.Context) error) error {
	if err := checkKey(key); err != nil {
		return fmt.Errorf("%s an object of the archive: %w", doing, err)
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	if err := f(ctx); err != nil {
		kind, _, _ := strings.Cut(key, "/")
		return fmt.Errorf("%s an object under %s/ of the archive %s: %w", doing, kind, a.place, err)
	}
	return nil
}
