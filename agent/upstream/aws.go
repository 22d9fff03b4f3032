package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// AWSConfig says how to reach AWS X-Ray, in the terms of the official daemon.
type AWSConfig struct {
	Region      string        // "": found as the daemon finds it, see AWS.Region
	Endpoint    string        // URL; "": AWS_ENDPOINT_URL_XRAY, AWS_ENDPOINT_URL, or that of the region's partition
	RoleARN     string        // a role to assume; "": none
	ResourceARN string        // of what the agent runs on, for telemetry
	Proxy       string        // URL; "": HTTPS_PROXY and its kin
	Profile     string        // of the shared configuration; "": AWS_PROFILE, or the default one
	NoVerifySSL bool          // trust whatever answers
	LocalMode   bool          // do not ask the instance's metadata for region and id
	Version     string        // of the program, for the user agent
	Timeout     time.Duration // of one request; default 10 s
	Logger      *slog.Logger  // default: none
	Now         func() time.Time
	Getenv      func(string) string     // default: os.Getenv; the credential chain reads the real environment
	Credentials aws.CredentialsProvider // default: the chain of the AWS SDK, and the role
}

// AWS sends to AWS X-Ray.
type AWS struct {
	cfg         AWSConfig
	region      string
	regionFrom  string
	endpoint    *url.URL
	credentials *aws.CredentialsCache
	signer      *v4.Signer
	connections *connections
	agent       string       // User-Agent
	skew        atomic.Int64 // nanoseconds that AWS's clock is ahead of ours, once it has complained
	buffers     buffers
}

const (
	awsService        = "xray"
	awsTimeout        = 10 * time.Second
	discoveryTimeout  = 5 * time.Second
	awsDocuments      = 50       // of one PutTraceSegments
	awsDocumentBytes  = 64 << 10 // of one document
	daemonSessionName = "xray-daemon"
)

// NewAWS finds the region, which may take some seconds where it has to ask the
// instance's metadata, and the chain of credentials, which are asked for when
// the first request is signed.
func NewAWS(cfg AWSConfig) (*AWS, error) {
	cfg = cfg.withDefaults()
	ctx, cancel := context.WithTimeout(context.Background(), 2*discoveryTimeout)
	defer cancel()
	transport, err := newTransport(TLS{NoVerify: cfg.NoVerifySSL, CAFile: cfg.Getenv("AWS_CA_BUNDLE")}, cfg.Proxy)
	if err != nil {
		return nil, fmt.Errorf("upstream AWS: %w", err)
	}
	transport.Proxy = exceptMetadata(transport.Proxy)
	a := &AWS{cfg: cfg, connections: newConnections(transport), signer: v4.NewSigner(), agent: userAgent(cfg)}
	a.buffers = newBuffers()
	if a.region, a.regionFrom, err = findRegion(ctx, cfg, a.connections.client, sdkClient(transport)); err != nil {
		return nil, fmt.Errorf("upstream AWS: %w", err)
	}
	if a.endpoint, err = findEndpoint(cfg, a.region); err != nil {
		return nil, fmt.Errorf("upstream AWS: %w", err)
	}
	if a.credentials, err = findCredentials(ctx, cfg, a.region, sdkClient(transport)); err != nil {
		return nil, fmt.Errorf("upstream AWS: %w", err)
	}
	return a, nil
}

func (c AWSConfig) withDefaults() AWSConfig {
	if c.Timeout <= 0 {
		c.Timeout = awsTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Getenv == nil {
		c.Getenv = os.Getenv
	}
	return c
}

// userAgent is in the daemon's form, so that whoever counts by it finds us.
func userAgent(cfg AWSConfig) string {
	env := cfg.Getenv("AWS_EXECUTION_ENV")
	if env == "" {
		env = "UNKNOWN"
	}
	return fmt.Sprintf("roentgen-agent/%s xray-agent/xray-daemon/roentgen-%s exec-env/%s OS/%s-%s", cfg.Version, cfg.Version, env, runtime.GOOS, runtime.GOARCH)
}

// exceptMetadata keeps requests for metadata of container and instance off the
// proxy, which cannot answer them.
func exceptMetadata(through func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(r *http.Request) (*url.URL, error) {
		if host := r.URL.Hostname(); strings.HasPrefix(host, "169.254.") || host == "fd00:ec2::254" {
			return nil, nil
		}
		return through(r)
	}
}

var errEndpoint = errors.New("it has to be a URL like https://xray.eu-west-1.amazonaws.com")

// findEndpoint returns where to send.
func findEndpoint(cfg AWSConfig, region string) (*url.URL, error) {
	for _, s := range []string{cfg.Endpoint, cfg.Getenv("AWS_ENDPOINT_URL_XRAY"), cfg.Getenv("AWS_ENDPOINT_URL")} {
		if s == "" {
			continue
		}
		if !strings.Contains(s, "://") { // the daemon takes a bare host
			s = "https://" + s
		}
		u, err := url.Parse(s)
		if err == nil && u.Host == "" {
			err = errEndpoint
		}
		if err != nil {
			return nil, fmt.Errorf("endpoint %q: %w", s, err)
		}
		return u, nil
	}
	return &url.URL{Scheme: "https", Host: "xray." + region + "." + domain(region)}, nil
}

// domain is that of the region's partition.
func domain(region string) string {
	for _, p := range [...]struct{ prefix, domain string }{
		{"cn-", "amazonaws.com.cn"},
		{"us-isob-", "sc2s.sgov.gov"},
		{"us-isof-", "csp.hci.ic.gov"},
		{"us-iso-", "c2s.ic.gov"},
		{"eu-isoe-", "cloud.adc-e.uk"},
		{"eusc-", "amazonaws.eu"},
	} {
		if strings.HasPrefix(region, p.prefix) {
			return p.domain
		}
	}
	return "amazonaws.com"
}

// Describe implements Sender.
func (a *AWS) Describe() string {
	role := ""
	if a.cfg.RoleARN != "" {
		role = ", as " + a.cfg.RoleARN
	}
	return fmt.Sprintf("AWS X-Ray at %s, region %s (%s)%s", a.endpoint.Redacted(), a.region, a.regionFrom, role)
}

// Region returns the region in use and where it was found.
func (a *AWS) Region() (region, source string) { return a.region, a.regionFrom }

// Close closes idle connections.
func (a *AWS) Close() error {
	a.connections.close()
	return nil
}
