package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/cloud"
	"github.com/roentgen/roentgen/afirgen/verify"
)

// awsPause is the longest between two looks into AWS X-Ray, which counts requests.
const awsPause = 2 * time.Second

// verifySettings are the flags that verify.Config does not hold as they are.
type verifySettings struct {
	verify.Config
	roentgen string
	asJSON   bool
	limit    time.Duration
}

func verifyCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := &verifySettings{Config: verify.Config{Now: time.Now, After: time.After, Random: rand.Reader, ForceKey: getenv("XRAY_FORCE_KEY")}}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Checks a running deployment by the traces that it stores",
		Long: `Files complaints with a running deployment, makes mistakes on purpose, reads the traces of all of it back from Roentgen
or, where --roentgen is left out, from AWS X-Ray, and holds every document against the trace contract. Eight checks, each
with ✓ or ✗ and everything that is wrong; the exit code is 0 only if all passed. docs/afirgen/verify.md says what each asserts.

It leaves made-up complaints and reports behind. The key that has requests traced comes from XRAY_FORCE_KEY; without it
Sampled=1 is sent, which the backend believes from its own host and from XRAY_TRUSTED_PEERS.`,
		Example: `  API_KEY=… afirgen verify --base-url http://127.0.0.1:8000 --roentgen http://127.0.0.1:1895
  AWS_REGION=ap-south-1 API_KEY=… XRAY_FORCE_KEY=… afirgen verify --base-url https://fir.example.in --wait 2m --overload=false`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := env.err(); err != nil {
				return err
			}
			return s.run(cmd.Context(), getenv, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	s.flags(cmd, env)
	return cmd
}

func (s *verifySettings) flags(cmd *cobra.Command, env *environment) {
	f := cmd.Flags()
	f.StringVar(&s.Backend, "base-url", env.text("BASE_URL", "http://"+env.loopback("PORT", 8000)), "URL of the main backend (BASE_URL)")
	f.StringVar(&s.APIKey, "api-key", env.text("API_KEY", ""), "key of the main backend (API_KEY, which other users of the host cannot see)")
	f.StringVar(&s.roentgen, "roentgen", env.text("ROENTGEN_URL", ""), "URL of the Roentgen server; empty asks AWS X-Ray, as AWS_REGION and AWS's credentials say (ROENTGEN_URL)")
	f.StringVar(&s.Models, "model-server", env.text("MODEL_SERVER_URL", "http://"+env.loopback("MODEL_SERVER_PORT", 8001)), "URL of the gguf server (MODEL_SERVER_URL)")
	f.StringVar(&s.Reader, "asr-ocr", env.text("ASR_OCR_SERVER_URL", "http://"+env.loopback("ASR_OCR_PORT", 8002)), "URL of the asr-ocr server (ASR_OCR_SERVER_URL)")
	f.StringVar(&s.AuthKey, "auth-key", env.text("FIR_AUTH_KEY", ""), "key that locks reports; without it they are left registered (FIR_AUTH_KEY)")
	f.DurationVar(&s.Wait, "wait", 30*time.Second, "how long a trace may take to arrive; AWS X-Ray needs longer")
	f.DurationVar(&s.Skew, "skew", time.Second, "by which the clocks of two services may differ")
	f.DurationVar(&s.limit, "limit", 30*time.Minute, "how long all of it may take")
	f.IntVar(&s.Concurrent, "concurrent", 50, "complaints that are filed at once")
	f.DurationVar(&s.Lookback, "lookback", 5*time.Hour, "how old a stored 5xx may be, where none can be caused")
	f.StringVar(&s.Origin, "origin", "", "origin that every segment has to have, such as AWS::ECS::Container; empty asks for none")
	f.BoolVar(&s.S3, "s3", false, "uploads have to be kept in S3")
	f.BoolVar(&s.Overload, "overload", true, "fill the queue of the asr-ocr server for some seconds, so that a letter fails for a real cause")
	f.BoolVar(&s.Exhaust, "exhaust-rate-limit", false, "also use the rate limit up, so that a request is answered 429")
	f.BoolVar(&s.asJSON, "json", false, "print for machines")
}

func (s *verifySettings) run(ctx context.Context, getenv func(string) string, out, progress io.Writer) error {
	ctx, cancel := context.WithTimeoutCause(ctx, s.limit, fmt.Errorf("it took longer than %s: give it more with --limit", s.limit))
	defer cancel()
	wire := &http.Transport{MaxIdleConnsPerHost: 100, IdleConnTimeout: time.Minute, Proxy: http.ProxyFromEnvironment}
	defer wire.CloseIdleConnections()
	cfg := s.Config
	cfg.HTTP, cfg.Progress = &http.Client{Transport: wire, Timeout: 5 * time.Minute}, progress
	var err error
	if s.roentgen == "" {
		cfg.Pause = awsPause
	}
	if cfg.Traces, err = s.traces(ctx, getenv, wire); err != nil {
		return err
	}
	result := verify.Run(ctx, cfg)
	if s.asJSON {
		err = result.PrintJSON(out)
	} else {
		err = result.Print(out)
	}
	if err == nil && !result.Passed() {
		err = errors.New("the deployment does not keep what it promises: see above")
	}
	return err
}

// traces is AWS's client, of the Roentgen server or of AWS itself. A Roentgen that asks for tokens takes them as AWS
// credentials.
func (s *verifySettings) traces(ctx context.Context, getenv func(string) string, wire *http.Transport) (*xray.Client, error) {
	if s.roentgen == "" {
		cfg, err := cloud.Load(ctx)
		if err != nil {
			return nil, err
		}
		return xray.NewFromConfig(cfg), nil
	}
	options := xray.Options{
		BaseEndpoint: aws.String(strings.TrimRight(s.roentgen, "/")), Region: "us-east-1", // the client wants one; the server has none
		Credentials: aws.AnonymousCredentials{}, HTTPClient: &http.Client{Transport: wire, Timeout: time.Minute},
	}
	if id := getenv("AWS_ACCESS_KEY_ID"); id != "" {
		options.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: id, SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY"), Source: "environment"}, nil
		})
	}
	return xray.New(options), nil
}
