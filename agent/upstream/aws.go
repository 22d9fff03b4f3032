package upstream

import (
	"context"
	"log/slog"
	"time"

	"github.com/roentgen/roentgen/wire"
)

// AWSConfig says how to reach AWS X-Ray, in the terms of the official daemon.
type AWSConfig struct {
	Region      string        // "": found as the daemon finds it, see Region
	Endpoint    string        // URL; "": that of the region's partition
	RoleARN     string        // a role to assume; "": none
	ResourceARN string        // of what the agent runs on, for telemetry
	Proxy       string        // URL; "": HTTPS_PROXY and its kin
	NoVerifySSL bool          // trust whatever answers
	LocalMode   bool          // do not ask the instance's metadata
	Version     string        // of the program, for the user agent
	Timeout     time.Duration // of one request; default 10 s
	Logger      *slog.Logger  // default: none
	Now         func() time.Time
	Getenv      func(string) string // default: os.Getenv
}

// AWS sends to AWS X-Ray.
type AWS struct{ cfg AWSConfig }

// NewAWS finds region and credentials, which may take some seconds where it has
// to ask the instance's metadata.
func NewAWS(cfg AWSConfig) (*AWS, error) { return &AWS{cfg}, errUnfinished }

// Send implements Sender: PutTraceSegments, at most 50 documents a call.
func (a *AWS) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	return wire.BatchAnswer{}, errUnfinished
}

// Describe implements Sender.
func (a *AWS) Describe() string { return "" }

// Check implements Sender.
func (a *AWS) Check(ctx context.Context) error { return errUnfinished }

// Do signs a request of the sampling API, such as /GetSamplingRules, passes it
// on and returns the answer whatever its status.
func (a *AWS) Do(ctx context.Context, path string, body []byte) (*Answer, error) {
	return nil, errUnfinished
}

// Region returns the region in use and where it was found.
func (a *AWS) Region() (region, source string) { return a.cfg.Region, "" }

// Close closes idle connections.
func (a *AWS) Close() error { return nil }
