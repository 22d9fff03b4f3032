// Package vault hands out the services' secrets: keys and database credentials, from AWS Secrets Manager, from files or
// from the environment, whichever one place the configuration names. There is no second place to look: a secret that is
// missing there, or a place that cannot be reached, is an error and never a default.
//
// It owns what it has read, for five minutes, and nothing that would have to be closed. Values never show in errors,
// and printing a Vault shows its source only. It is safe for concurrent use.
package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The kinds of failure that callers tell apart.
var (
	ErrNotFound    = errors.New("there is no such secret")               // the source has been read, and lacks the name
	ErrUnavailable = errors.New("the source of secrets is out of reach") // it may work later
)

// Config is what a Vault needs. The zero value reads this process's environment and files.
type Config struct {
	AWS      func(context.Context) (aws.Config, error) // asked once, for aws: alone; see package cloud
	Getenv   func(string) (string, bool)               // nil: os.LookupEnv
	ReadFile func(string) ([]byte, error)              // nil: os.ReadFile
	Now      func() time.Time                          // nil: time.Now
}

// Vault reads secrets from one source.
type Vault struct {
	description string
	source      source
}

// source is one place. What it returns is never empty.
type source interface {
	get(ctx context.Context, name string) (string, error)
}

// Open chooses the source:
//
//	env                    NAME, or the file that NAME_FILE names, from the environment
//	dir:PATH               the file PATH/NAME
//	aws:ID,ID              JSON bundles in AWS Secrets Manager, by name or ARN; the first that has the name counts
//
// It reads what has to be read at a distance, once for each bundle, so that a service that cannot have its secrets does
// not start.
func Open(ctx context.Context, where string, cfg Config) (*Vault, error) {
	if cfg.Getenv == nil {
		cfg.Getenv = os.LookupEnv
	}
	if cfg.ReadFile == nil {
		cfg.ReadFile = os.ReadFile
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	kind, rest, _ := strings.Cut(where, ":")
	var s source
	var err error
	switch {
	case where == "env":
		s = environment{cfg.Getenv, cfg.ReadFile}
	case kind == "dir" && rest != "":
		s = directory{rest, cfg.ReadFile}
	case kind == "aws" && rest != "":
		s, err = openManager(ctx, strings.Split(rest, ","), cfg)
	default:
		err = errors.New("it is none of env, dir:PATH and aws:ID,ID")
	}
	if err != nil {
		return nil, fmt.Errorf("opening the source of secrets %q: %w", where, err)
	}
	return &Vault{description: where, source: s}, nil
}

// names are what variables of an environment are called; as file names they cannot leave their folder.
var names = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,99}$`)

// Get returns the secret of that name (API_KEY, FIR_AUTH_KEY, MYSQL_USER, MYSQL_PASSWORD, MYSQL_DB), which is never
// empty. What came from afar may be up to five minutes old.
func (v *Vault) Get(ctx context.Context, name string) (string, error) {
	if !names.MatchString(name) {
		return "", errors.New("reading a secret: names are capital letters, digits and underscores, 100 at most")
	}
	value, err := v.source.get(ctx, name)
	if err != nil {
		return "", fmt.Errorf("reading the secret %s from %s: %w", name, v.description, err)
	}
	return value, nil
}

// String is the source, so that no careless print shows a value.
func (v *Vault) String() string { return "vault " + v.description }

// GoString is String: %#v would print what is kept.
func (v *Vault) GoString() string { return v.String() }
