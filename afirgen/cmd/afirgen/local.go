package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"github.com/roentgen/roentgen/afirgen/local"
	"github.com/roentgen/roentgen/afirgen/local/balancer"
	"github.com/roentgen/roentgen/afirgen/local/buckets"
	"github.com/roentgen/roentgen/afirgen/local/mariadb"
	"github.com/roentgen/roentgen/afirgen/local/secrets"
	"github.com/roentgen/roentgen/afirgen/web"
)

// localGrace is how long the local endpoints wait for work in hand.
const localGrace = 5 * time.Second

func localCommand(getenv func(string) string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Runs what stands beside the services in a cloud: an S3, a Secrets Manager, a load balancer, MariaDB",
		Long: `Runs one of the endpoints that stand beside the services in a cloud, on this machine and for this machine: each stops
cleanly on SIGTERM or Ctrl-C. The S3 and the Secrets Manager serve those who sign with AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY of their environment, or else of the file AWS_SHARED_CREDENTIALS_FILE; any values will do, if the
services have the same.`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(localS3Command(getenv), localSecretsCommand(getenv), localALBCommand(getenv), localMariaDBCommand(getenv))
	return cmd
}

// localFlags are the flags that all endpoints share.
type localFlags struct {
	addr, logFormat string
	anyone          bool // other hosts may reach it
}

func (l *localFlags) add(cmd *cobra.Command, addr string) {
	cmd.Args = cobra.NoArgs
	cmd.Flags().StringVar(&l.addr, "addr", addr, "address to listen on")
	cmd.Flags().StringVar(&l.logFormat, "log-format", "json", "form of log lines: json or text")
}

func (l *localFlags) run(cmd *cobra.Command, e local.Endpoint) error {
	log, err := web.NewLogger(cmd.ErrOrStderr(), l.logFormat, "info", e.Name)
	if err != nil {
		return err
	}
	e.Addr, e.Grace, e.Log = l.addr, localGrace, log
	e.Anyone = e.Anyone || l.anyone
	return e.Run(cmd.Context())
}

// addAnyone is for those endpoints that ask who it is.
func (l *localFlags) addAnyone(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&l.anyone, "anyone", false, "let other hosts reach it: requests have to be signed, but there is no TLS")
}

// localKeys are the ones that requests have to be signed with.
func localKeys(ctx context.Context, getenv func(string) string) (aws.Credentials, error) {
	k := aws.Credentials{AccessKeyID: getenv("AWS_ACCESS_KEY_ID"), SecretAccessKey: getenv("AWS_SECRET_ACCESS_KEY")}
	if file := getenv("AWS_SHARED_CREDENTIALS_FILE"); !k.HasKeys() && file != "" {
		shared, err := config.LoadSharedConfigProfile(ctx, "default", func(o *config.LoadSharedConfigOptions) {
			o.CredentialsFiles, o.ConfigFiles = []string{file}, []string{}
		})
		if err != nil {
			return k, fmt.Errorf("reading AWS_SHARED_CREDENTIALS_FILE: %w", err)
		}
		k = shared.Credentials
	}
	if !k.HasKeys() {
		return k, errors.New("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, here and for the services, to any values: requests have to be signed with them")
	}
	return k, nil
}

func localS3Command(getenv func(string) string) *cobra.Command {
	var l localFlags
	var dir string
	var names []string
	cmd := &cobra.Command{
		Use:     "s3",
		Short:   "Runs a small S3 over a folder",
		Example: "  afirgen local s3 --data .data/s3 --bucket afirgen\n  AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000 aws s3 ls s3://afirgen",
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, err := localKeys(cmd.Context(), getenv)
			if err != nil {
				return err
			}
			h, err := buckets.Handler(dir, keys, time.Now, names...)
			if err != nil {
				return err
			}
			return l.run(cmd, local.Endpoint{Name: "local-s3", Handler: h, Ready: true})
		},
	}
	l.add(cmd, "127.0.0.1:9000")
	l.addAnyone(cmd)
	cmd.Flags().StringVar(&dir, "data", ".data/s3", "folder of the buckets")
	cmd.Flags().StringArrayVar(&names, "bucket", []string{"afirgen"}, "bucket that is made where it is missing; may be repeated")
	return cmd
}

func localSecretsCommand(getenv func(string) string) *cobra.Command {
	var l localFlags
	var file string
	cmd := &cobra.Command{
		Use:   "secrets",
		Short: "Runs a small AWS Secrets Manager over a file",
		Long: `Runs a small AWS Secrets Manager: GetSecretValue, CreateSecret, PutSecretValue, DescribeSecret, ListSecrets. The file
is a JSON object with a member for each secret, a string or the object that a bundle consists of:
{"afirgen/api/keys":{"API_KEY":"…","FIR_AUTH_KEY":"…"}}. Nobody but its owner may read it.`,
		Example: "  afirgen local secrets --file .data/secrets.json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, err := localKeys(cmd.Context(), getenv)
			if err != nil {
				return err
			}
			store, err := secrets.Open(file, time.Now)
			if err != nil {
				return err
			}
			return l.run(cmd, local.Endpoint{Name: "local-secrets", Handler: secrets.Handler(store, keys, time.Now), Ready: true})
		},
	}
	l.add(cmd, "127.0.0.1:9001")
	l.addAnyone(cmd)
	cmd.Flags().StringVar(&file, "file", ".data/secrets.json", "file of the secrets, mode 0600")
	return cmd
}

func localALBCommand(func(string) string) *cobra.Command {
	var l localFlags
	var target string
	var idle time.Duration
	cmd := &cobra.Command{
		Use:     "alb",
		Short:   "Runs a small load balancer that marks requests as an AWS Application Load Balancer does",
		Example: "  afirgen local alb --target http://127.0.0.1:8000",
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := web.NewLogger(cmd.ErrOrStderr(), l.logFormat, "info", "local-alb")
			if err != nil {
				return err
			}
			cfg := balancer.Config{IdleTimeout: idle, Now: time.Now, Random: rand.Reader, Log: log}
			if cfg.Target, err = targetOf(target); err != nil {
				return err
			}
			if cfg.Port, err = portOf(l.addr); err != nil {
				return err
			}
			h, closeIdle := balancer.Handler(cfg)
			defer closeIdle()
			return l.run(cmd, local.Endpoint{Name: "local-alb", Handler: h, Anyone: true})
		},
	}
	l.add(cmd, "127.0.0.1:8080")
	cmd.Flags().StringVar(&target, "target", "http://127.0.0.1:8000", "URL of the service behind it")
	cmd.Flags().DurationVar(&idle, "idle-timeout", 60*time.Second, "how long the service may take to begin its answer")
	return cmd
}

func targetOf(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Path != "" && u.Path != "/" {
		return nil, fmt.Errorf("reading --target %q: it must be a URL like http://127.0.0.1:8000", text)
	}
	return u, nil
}

func portOf(addr string) (int, error) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, fmt.Errorf("reading --addr %q: %w", addr, err)
	}
	return strconv.Atoi(port)
}

func localMariaDBCommand(getenv func(string) string) *cobra.Command {
	env := &environment{get: getenv}
	s := mariadb.Server{}
	cmd := &cobra.Command{
		Use:   "mariadb",
		Short: "Runs Debian's MariaDB on a folder and a port of its own",
		Long: `Runs Debian's MariaDB (package mariadb-server) on a folder and a port of its own: an instance of the system is neither
read nor touched. The database and its user are made where they are missing. MYSQL_PASSWORD is the user's password.`,
		Example: "  MYSQL_PASSWORD=… afirgen local mariadb --data .data/mariadb",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.Password = getenv("MYSQL_PASSWORD"); s.Password == "" {
				return errors.New("set MYSQL_PASSWORD to the password that the database's user is to have")
			}
			return s.Run(cmd.Context(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&s.Addr, "addr", "127.0.0.1:3307", "address to listen on; not 3306, which an instance of the system has")
	f.StringVar(&s.Dir, "data", ".data/mariadb", "folder of the database")
	f.StringVar(&s.User, "user", env.text("MYSQL_USER", "afirgen"), "user of the database (MYSQL_USER)")
	f.StringVar(&s.Database, "database", env.text("MYSQL_DB", "fir_db"), "database (MYSQL_DB)")
	return cmd
}
