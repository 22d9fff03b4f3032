package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const (
	keepFor    = 300 * time.Second // AFIRGen's cache of secrets
	callWithin = 15 * time.Second  // a call with its attempts
	maxBundles = 10
)

// manager is AWS Secrets Manager.
type manager struct {
	bundles []*bundle // in order of precedence
}

// bundle is one secret that holds several values.
type bundle struct {
	id     string
	client *secretsmanager.Client
	now    func() time.Time

	turn   chan struct{} // holds one token: whoever has it may read and change what follows
	values map[string]string
	until  time.Time
}

// openManager reads every bundle.
func openManager(ctx context.Context, ids []string, cfg Config) (*manager, error) {
	if cfg.AWS == nil {
		return nil, errors.New("this program was not told how to reach AWS")
	}
	if len(ids) > maxBundles {
		return nil, fmt.Errorf("%d secrets are named; %d at most", len(ids), maxBundles)
	}
	settings, err := cfg.AWS(ctx)
	if err != nil {
		return nil, err
	}
	client := secretsmanager.NewFromConfig(settings)
	m := &manager{}
	for _, id := range ids {
		id = strings.TrimSpace(id)
		if id == "" {
			return nil, errors.New("a secret's name is empty; names are parted by commas")
		}
		b := &bundle{id: id, client: client, now: cfg.Now, turn: make(chan struct{}, 1)}
		b.turn <- struct{}{}
		if _, err := b.get(ctx); err != nil {
			return nil, err
		}
		m.bundles = append(m.bundles, b)
	}
	return m, nil
}

// get does not pass over a bundle that cannot be read: it may be the one that has the name.
func (m *manager) get(ctx context.Context, name string) (string, error) {
	for _, b := range m.bundles {
		values, err := b.get(ctx)
		if err != nil {
			return "", err
		}
		if value, ok := values[name]; ok {
			return value, nil
		}
	}
	return "", ErrNotFound
}

// get returns what the bundle holds; the map never changes. Of those that ask while it is being read one reads, the
// others wait for it.
func (b *bundle) get(ctx context.Context) (map[string]string, error) {
	select {
	case <-b.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting for the secret %s: %w", b.id, context.Cause(ctx))
	}
	defer func() { b.turn <- struct{}{} }()
	if b.values != nil && b.now().Before(b.until) {
		return b.values, nil
	}
	values, err := b.fetch(ctx)
	if err != nil {
		return nil, fmt.Errorf("getting the secret %s: %w", b.id, err)
	}
	b.values, b.until = values, b.now().Add(keepFor)
	return values, nil
}

func (b *bundle) fetch(ctx context.Context) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, callWithin)
	defer cancel()
	out, err := b.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(b.id)})
	if err != nil {
		return nil, kindOf(err)
	}
	text := []byte(aws.ToString(out.SecretString))
	if out.SecretString == nil {
		text = out.SecretBinary
	}
	return parse(text)
}

// kindOf tells what the operator mends from what mends itself. AWS's messages name the secret and never its value.
func kindOf(err error) error {
	var said smithy.APIError
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &said) || !errors.As(err, &answer) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	code := said.ErrorCode()
	switch {
	case code == "ResourceNotFoundException":
		return fmt.Errorf("it does not exist in this account and region; create it or name another: %w", err)
	case code == "AccessDeniedException":
		return fmt.Errorf("this task's role may not read it; allow secretsmanager:GetSecretValue: %w", err)
	case answer.HTTPStatusCode() >= 500, answer.HTTPStatusCode() == 429, strings.Contains(code, "Throttl"), code == "RequestLimitExceeded":
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
