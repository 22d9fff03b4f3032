package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// regionForm keeps a region from becoming another host.
var regionForm = regexp.MustCompile(`^[a-z]{2,6}(-[a-z0-9]+){1,4}$`)

// findRegion looks where the daemon looks, in its order: the flag or file, the
// environment, the container's metadata, the instance's, the shared
// configuration. It says where it was found.
func findRegion(ctx context.Context, cfg AWSConfig, client *http.Client, sdk config.HTTPClient) (region, source string, err error) {
	var tried []string
	for _, place := range regionPlaces(cfg, client, sdk) {
		found, err := place.look(ctx)
		switch {
		case err != nil:
			tried = append(tried, fmt.Sprintf("%s (%v)", place.name, clip(innermost(err).Error())))
		case found == "":
			tried = append(tried, place.name+" (not set)")
		case !regionForm.MatchString(found):
			return "", "", fmt.Errorf("region %q from %s has not the form of one, like eu-west-1", clip(found), place.name)
		default:
			return found, place.name, nil
		}
	}
	return "", "", fmt.Errorf("no region was found: name one with --region (-n) or AWS_REGION; looked into %s", strings.Join(tried, ", "))
}

type regionPlace struct {
	name string
	look func(context.Context) (string, error)
}

func regionPlaces(cfg AWSConfig, client *http.Client, sdk config.HTTPClient) []regionPlace {
	env := func(name string) regionPlace {
		return regionPlace{name, func(context.Context) (string, error) { return cfg.Getenv(name), nil }}
	}
	places := []regionPlace{
		{"the configuration", func(context.Context) (string, error) { return cfg.Region, nil }},
		env("AWS_REGION"), env("AWS_DEFAULT_REGION"),
	}
	if !cfg.LocalMode {
		places = append(places,
			regionPlace{"ECS metadata", func(ctx context.Context) (string, error) { return ecsRegion(ctx, cfg, client) }},
			regionPlace{"EC2 metadata", func(ctx context.Context) (string, error) { return ec2Region(ctx, client) }})
	}
	return append(places, regionPlace{"the shared configuration", func(ctx context.Context) (string, error) {
		c, err := config.LoadDefaultConfig(ctx, shared(cfg, sdk)...)
		return c.Region, err
	}})
}

// ecsRegion cuts the region out of the task's ARN.
func ecsRegion(ctx context.Context, cfg AWSConfig, client *http.Client) (string, error) {
	var b []byte
	var err error
	switch file, uri := cfg.Getenv("ECS_CONTAINER_METADATA_FILE"), cfg.Getenv("ECS_CONTAINER_METADATA_URI_V4"); {
	case file != "" && cfg.Getenv("ECS_ENABLE_CONTAINER_METADATA") == "true":
		b, err = os.ReadFile(file)
	case uri != "":
		b, err = fetch(ctx, client, uri+"/task")
	default:
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var task struct{ TaskARN string }
	if err := json.Unmarshal(b, &task); err != nil {
		return "", err
	}
	parts := strings.Split(task.TaskARN, ":") // arn:aws:ecs:REGION:ACCOUNT:task/…
	if len(parts) < 5 || parts[2] != "ecs" {
		return "", fmt.Errorf("%q is no task's ARN", clip(task.TaskARN))
	}
	return parts[3], nil
}

// fetch reads a small document of the container's metadata.
func fetch(ctx context.Context, client *http.Client, uri string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	b, err := readAnswer(resp, nil)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = errors.New(resp.Status)
	}
	return b, err
}

func ec2Region(ctx context.Context, client *http.Client) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, discoveryTimeout)
	defer cancel()
	out, err := imds.New(imds.Options{HTTPClient: client, Retryer: aws.NopRetryer{}}).GetRegion(ctx, nil)
	if err != nil {
		return "", err
	}
	return out.Region, nil
}

// sdkClient goes the same way as t. The SDK wants a client that it can add
// authorities to.
func sdkClient(t *http.Transport) config.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(own *http.Transport) {
		own.Proxy, own.TLSClientConfig = t.Proxy, t.TLSClientConfig.Clone()
	})
}

// shared are the options by which the AWS SDK reads its configuration. Local
// mode is no option of it: as in the daemon, credentials may still come from the
// instance's role, last of all places.
func shared(cfg AWSConfig, client config.HTTPClient) []func(*config.LoadOptions) error {
	options := []func(*config.LoadOptions) error{config.WithHTTPClient(client)}
	if cfg.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(cfg.Profile))
	}
	return options
}

// findCredentials builds the chain. Nothing is asked for yet.
func findCredentials(ctx context.Context, cfg AWSConfig, region string, client config.HTTPClient) (*aws.CredentialsCache, error) {
	provider := cfg.Credentials
	if provider == nil || cfg.RoleARN != "" {
		c, err := config.LoadDefaultConfig(ctx, append(shared(cfg, client), config.WithRegion(region))...)
		if err != nil {
			return nil, fmt.Errorf("read the AWS configuration: %w", err)
		}
		if provider != nil {
			c.Credentials = provider
		}
		provider = c.Credentials
		if cfg.RoleARN != "" {
			provider = stscreds.NewAssumeRoleProvider(sts.NewFromConfig(c), cfg.RoleARN, func(o *stscreds.AssumeRoleOptions) {
				o.RoleSessionName = daemonSessionName
			})
		}
	}
	return aws.NewCredentialsCache(provider, func(o *aws.CredentialsCacheOptions) {
		o.ExpiryWindow = expiryWindow
		o.ExpiryWindowJitterFrac = 0.5
	}), nil
}
