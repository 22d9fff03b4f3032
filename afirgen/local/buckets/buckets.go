// Package buckets is a small S3 for one machine: gofakes3 over a folder, behind the signature check that gofakes3 lacks.
// Any AWS client works with it when AWS_ENDPOINT_URL_S3 points here and paths name buckets (path style).
//
// It owns the folder, in which an object is a file. It is for loopback, keeps no versions, and starts nothing that
// would have to be stopped.
package buckets

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3afero"
	"github.com/spf13/afero"

	"github.com/roentgen/roentgen/afirgen/local/sigv4"
)

// maxObject bounds what is read into memory for one request: AFIRGen's largest upload is 25 MiB.
const maxObject = 64 << 20

// Handler serves the buckets in dir, which is made where it is missing, and sees to it that the named ones exist.
// Requests have to be signed with keys.
func Handler(dir string, keys aws.Credentials, now func() time.Time, names ...string) (http.Handler, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening the folder of buckets: %w", err)
	}
	backend, err := s3afero.MultiBucket(private{afero.NewBasePathFs(afero.NewOsFs(), dir)})
	if err != nil {
		return nil, fmt.Errorf("opening the buckets in %s: %w", dir, err)
	}
	for _, name := range names {
		err := backend.CreateBucket(name)
		if err != nil && !gofakes3.HasErrorCode(err, gofakes3.ErrBucketAlreadyExists) {
			return nil, fmt.Errorf("making the bucket %s in %s: %w", name, dir, err)
		}
	}
	s3 := gofakes3.New(backend, gofakes3.WithoutVersioning(), gofakes3.WithTimeSource(clock(now)),
		gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	return server{s3, sigv4.Checker{Keys: keys, Now: now, S3: true}}, nil
}

// private keeps other users of the machine out: the backend would let everybody read.
type private struct{ afero.Fs }

func (p private) Mkdir(name string, _ os.FileMode) error    { return p.Fs.Mkdir(name, 0o700) }
func (p private) MkdirAll(name string, _ os.FileMode) error { return p.Fs.MkdirAll(name, 0o700) }

func (p private) Create(name string) (afero.File, error) {
	return p.Fs.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
}

func (p private) OpenFile(name string, flag int, _ os.FileMode) (afero.File, error) {
	return p.Fs.OpenFile(name, flag, 0o600)
}

// clock is gofakes3's, which writes times in headers as they come: they have to be in GMT.
type clock func() time.Time

func (c clock) Now() time.Time                  { return c().In(time.FixedZone("GMT", 0)) }
func (c clock) Since(t time.Time) time.Duration { return c().Sub(t) }

// server lets signed requests through.
type server struct {
	next  http.Handler
	check sigv4.Checker
}

// refusal is an error in S3's shape.
type refusal struct {
	XMLName xml.Name `xml:"Error"`
	Code    string
	Message string
}

func (s server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if code := s.refuse(r); code != "" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusForbidden)
		_ = xml.NewEncoder(w).Encode(refusal{Code: code, Message: "The request is not signed as this endpoint asks."}) // a client that has gone learns nothing
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxObject)
	s.next.ServeHTTP(w, r)
}

// refuse returns S3's code for what is wrong with the signature, "" if nothing is. The hash in the header is signed;
// that the body is what it says, gofakes3 checks by Content-MD5 where there is one.
func (s server) refuse(r *http.Request) (code string) {
	err := s.check.Check(r, r.Header.Get("X-Amz-Content-Sha256"))
	switch {
	case err == nil:
		return ""
	case errors.Is(err, sigv4.ErrNone):
		return "AccessDenied"
	case errors.Is(err, sigv4.ErrKey):
		return "InvalidAccessKeyId"
	case errors.Is(err, sigv4.ErrTime):
		return "RequestTimeTooSkewed"
	}
	return "SignatureDoesNotMatch"
}
