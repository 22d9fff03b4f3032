// Package cloud finds out how AWS, or whatever speaks its protocols, is to be reached: region, credentials and endpoints
// from the places where AWS's own tools look (environment, shared files, the task's role). Every call of a client built
// from what it returns is a subsegment of the caller's segment. It makes no call itself and has nothing to close.
package cloud

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/roentgen/roentgen/tracing/awssdk"
)

// How patient a service is. A call's whole time is its context's.
const (
	attempts     = 3
	maxBackoff   = 2 * time.Second
	dialWithin   = 3 * time.Second  // a connection in the same region takes milliseconds
	answerWithin = 30 * time.Second // from the end of the request to the answer's header
)

// defaultRegion is AFIRGen's where none is set: AWS_REGION us-east-1.
const defaultRegion = "us-east-1"

// Load reads the configuration. AWS_ENDPOINT_URL, and AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_ENDPOINT_URL_S3 for one
// service, lead to other endpoints than AWS's.
func Load(ctx context.Context) (aws.Config, error) {
	// The SDK's own client: it is the only one that AWS_CA_BUNDLE works with.
	client := awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialWithin }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = answerWithin })
	cfg, err := config.LoadDefaultConfig(ctx, config.WithDefaultRegion(defaultRegion), config.WithHTTPClient(client),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}))
	if err != nil {
		return aws.Config{}, fmt.Errorf("reading AWS's configuration (AWS_… in the environment, ~/.aws): %w", err)
	}
	awssdk.InstrumentAWS(&cfg)
	return cfg, nil
}
