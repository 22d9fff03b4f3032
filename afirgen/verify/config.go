package verify

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// Traces is what is asked of X-Ray; AWS's client has it.
type Traces interface {
	BatchGetTraces(context.Context, *xray.BatchGetTracesInput, ...func(*xray.Options)) (*xray.BatchGetTracesOutput, error)
	GetTraceSummaries(context.Context, *xray.GetTraceSummariesInput, ...func(*xray.Options)) (*xray.GetTraceSummariesOutput, error)
	GetSamplingRules(context.Context, *xray.GetSamplingRulesInput, ...func(*xray.Options)) (*xray.GetSamplingRulesOutput, error)
}

// Config says what is looked at, and how patiently. Backend, Models, Reader, Traces, HTTP, Now, After and Random are
// required.
type Config struct {
	Backend  string // base URL of the main backend
	Models   string // of the model server
	Reader   string // of the ASR/OCR server
	APIKey   string
	AuthKey  string // FIR_AUTH_KEY: locks the reports of the journeys; empty leaves them registered
	ForceKey string // XRAY_FORCE_KEY: has requests traced where Sampled=1 of a stranger is not believed; empty sends Sampled=1

	Traces Traces
	HTTP   *http.Client
	Now    func() time.Time
	After  func(time.Duration) <-chan time.Time
	Random io.Reader // of trace ids and of what makes complaints differ

	Wait       time.Duration // how long a trace may take to arrive; 0 is 30 s
	Pause      time.Duration // the longest between two looks; 0 is 250 ms
	Skew       time.Duration // by which the clocks of two services may differ; 0 is 1 s
	Concurrent int           // complaints filed at once; 0 is 50
	Lookback   time.Duration // how old a stored fault may be where none can be caused; 0 is 5 h, for X-Ray searches 6 at once
	Origin     string        // every segment has to have this origin; empty asks for none
	S3         bool          // uploads have to go to S3; false takes any archive
	Overload   bool          // fill the queue of the ASR/OCR server for a moment, so that a request fails
	Exhaust    bool          // also use the rate limit up, so that a request is answered 429

	Progress io.Writer // a line per check while it runs; nil: none
}

func (c Config) orDefaults() Config {
	setDefault(&c.Wait, 30*time.Second)
	setDefault(&c.Pause, 250*time.Millisecond)
	setDefault(&c.Skew, time.Second)
	setDefault(&c.Concurrent, 50)
	setDefault(&c.Lookback, 5*time.Hour)
	if c.Progress == nil {
		c.Progress = io.Discard
	}
	return c
}

func setDefault[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}
