package up

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/roentgen/roentgen/afirgen/local/mariadb"
)

// The names of what stands beside the services in a full house.
const (
	nameBalancer = "alb"
	nameBuckets  = "s3"
	nameSecrets  = "secrets"
	nameDatabase = "mariadb"
)

// full is what a station on AWS would have, on this machine: MariaDB, S3, Secrets Manager and a load balancer. Keys and
// passwords are made up for each run.
type full struct {
	addresses   Addresses
	folder      string
	database    mariadb.Server
	keyID, key  string // with which calls of AWS are signed
	apiKey      string
	authKey     string
	secretsFile string
}

const bucket = "afirgen"

func (s *stage) newFull() full {
	folder := filepath.Join(s.cfg.Data, "afirgen")
	return full{
		addresses: s.cfg.Addresses, folder: folder, keyID: "local", key: rand.Text(), apiKey: s.apiKey, authKey: s.authKey,
		secretsFile: filepath.Join(folder, "secrets.json"),
		database: mariadb.Server{
			Dir: filepath.Join(folder, "mariadb"), Addr: s.cfg.Addresses.Database, User: "afirgen", Password: rand.Text(), Database: "fir_db",
		},
	}
}

// prepare writes the secrets and makes the database's folder, before anything is started.
func (s *stage) prepare(ctx context.Context) error {
	if !s.cfg.Full {
		return nil
	}
	s.lines.Say("preparing MariaDB in " + s.full.database.Dir)
	if err := s.full.writeSecrets(); err != nil {
		return err
	}
	return s.full.database.Prepare(ctx)
}

// writeSecrets writes what the local Secrets Manager holds, under the names that the services have on AWS.
func (f full) writeSecrets() error {
	data, err := json.Marshal(map[string]map[string]string{
		"afirgen/api/keys":          {"API_KEY": f.apiKey, "FIR_AUTH_KEY": f.authKey},
		"afirgen/mysql/credentials": {"MYSQL_USER": f.database.User, "MYSQL_PASSWORD": f.database.Password},
	})
	if err == nil {
		err = os.MkdirAll(f.folder, 0o700)
	}
	if err == nil {
		err = os.WriteFile(f.secretsFile, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("writing the secrets of this run: %w", err)
	}
	return nil
}

// flags are the backend's.
func (f full) flags() []string {
	return []string{
		"--secrets", "aws:afirgen/api/keys,afirgen/mysql/credentials",
		"--database", "mysql://" + f.addresses.Database + "/" + f.database.Database,
		"--archive", "s3://" + bucket + "?path_style=true",
		"--trusted-proxies", "127.0.0.1",
	}
}

// aws is how the backend reaches the local endpoints.
func (f full) aws() environ {
	return append(f.signature(), "AWS_REGION=ap-south-1", "AWS_ENDPOINT_URL_S3=http://"+f.addresses.Buckets,
		"AWS_ENDPOINT_URL_SECRETS_MANAGER=http://"+f.addresses.Secrets)
}

func (f full) signature() environ {
	return environ{"AWS_ACCESS_KEY_ID=" + f.keyID, "AWS_SECRET_ACCESS_KEY=" + f.key}
}

// programs are those that the backend stands on.
func (f full) programs(s *stage, env environ) []startable {
	local := func(name, addr string, args ...string) startable {
		args = append([]string{"local", name, "--addr", addr, "--log-format", s.cfg.LogFormat}, args...)
		return startable{Program: Program{name, s.cfg.Afirgen, args, env.without(awsVariables...).with(f.signature()...), stopBeside}, addr: addr}
	}
	return []startable{
		f.mariadb(s, env),
		local(nameBuckets, f.addresses.Buckets, "--data", filepath.Join(f.folder, "s3"), "--bucket", bucket),
		local(nameSecrets, f.addresses.Secrets, "--file", f.secretsFile),
	}
}

// awsVariables are those that would lead away from this machine.
var awsVariables = []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}

// mariadb is ready when the backend's user can enter. That the program cannot be found is said by its start, in its place.
func (f full) mariadb(s *stage, env environ) startable {
	path, args, own, err := f.database.Program()
	if err != nil {
		path = nameDatabase
	}
	return startable{
		Program: Program{nameDatabase, path, args, env.with(own...), stopBeside}, addr: f.addresses.Database,
		ready: func(ctx context.Context) bool {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return f.database.AwaitReady(ctx, s.cfg.After) == nil
		},
	}
}

// balancer stands before the backend.
func (s *stage) balancer(env environ) startable {
	a := s.cfg.Addresses
	args := []string{"local", nameBalancer, "--addr", a.Balancer, "--target", "http://" + a.Backend, "--log-format", s.cfg.LogFormat, "--idle-timeout", "4m"}
	return startable{Program: Program{nameBalancer, s.cfg.Afirgen, args, env, stopBeside}, addr: a.Balancer}
}

// door is where callers come in.
func (s *stage) door() string {
	if s.cfg.Full {
		return s.cfg.Addresses.Balancer
	}
	return s.cfg.Addresses.Backend
}
