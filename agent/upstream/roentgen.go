package upstream

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/roentgen/roentgen/wire"
)

// TLS says how to trust the server and how to be trusted. The zero value trusts
// the system's authorities.
type TLS struct {
	CAFile     string // PEM; trusted instead of the system's authorities
	CertFile   string // PEM; a client certificate, read again at each connection, so that it may be renewed
	KeyFile    string // PEM; its key
	ServerName string // that the certificate has to bear; "": the host of the URL
	NoVerify   bool   // trust whatever answers
}

// RoentgenConfig says where the server is.
type RoentgenConfig struct {
	URL       string        // http or https, host, perhaps a path in front of /api
	Token     string        // Bearer token; "": none
	TokenFile string        // read again when it changes; wins over Token
	Agent     string        // 32 hex digits: who asks for notices
	Version   string        // of the program, for the user agent
	TLS       TLS           //
	Proxy     string        // URL; "": HTTPS_PROXY and its kin
	Timeout   time.Duration // of one request; default 30 s
	Logger    *slog.Logger  // default: none
	Now       func() time.Time
}

// Roentgen sends to a Roentgen server and asks it for notices.
type Roentgen struct{ cfg RoentgenConfig }

var errUnfinished = errors.New("the sender is being written")

// NewRoentgen makes the sender. It reads the files that cfg names, and does not
// contact the server.
func NewRoentgen(cfg RoentgenConfig) (*Roentgen, error) { return &Roentgen{cfg}, errUnfinished }

// Send implements Sender.
func (r *Roentgen) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	return wire.BatchAnswer{}, errUnfinished
}

// Describe implements Sender.
func (r *Roentgen) Describe() string { return r.cfg.URL }

// Check implements Sender.
func (r *Roentgen) Check(ctx context.Context) error { return errUnfinished }

// Pull asks for the notices after the given one and waits for them as long as
// wait. No notices and next == after: there were none.
func (r *Roentgen) Pull(ctx context.Context, after uint64, wait time.Duration) (notices []wire.Notice, next, oldest uint64, err error) {
	return nil, after, 0, errUnfinished
}

// Do passes a request of the sampling API on, such as /GetSamplingRules, and
// returns the answer whatever its status.
func (r *Roentgen) Do(ctx context.Context, path string, body []byte) (*Answer, error) {
	return nil, errUnfinished
}

// Close closes idle connections.
func (r *Roentgen) Close() error { return nil }

// Answer is what an upstream answered to a request that was passed on.
type Answer struct {
	Status int
	Header http.Header // those worth passing on: Content-Type, X-Amzn-Errortype, X-Amzn-Requestid, Retry-After
	Body   []byte
}
