package cloud

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/roentgen/roentgen/afirgen/tracetest"
)

func TestEndpointsAndKeysComeFromTheEnvironmentAndCallsAreTraced(t *testing.T) {
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "",
		"AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	cfg, err := Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	collector := tracetest.Start(t)
	tr := collector.Setup(t, "main-backend")
	err = tr.Segment(t.Context(), "", func(ctx context.Context) error {
		_, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
		return err
	})
	if err == nil || calls.Load() != 1 || cfg.Region != "us-east-1" {
		t.Errorf("%v after %d calls in %s", err, calls.Load(), cfg.Region)
	}
	if s := collector.Await(t, "main-backend").Subsegments; len(s) != 1 || s[0].Name != "SecretsManager" || !s[0].Fault {
		t.Errorf("recorded %+v", s)
	}
}
