package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/agent"
	"github.com/roentgen/roentgen/redact"
)

// agentConfig is everything that `roentgen agent` can be told.
type agentConfig struct {
	// The daemon's own, as its users know them.
	ResourceARN, Region, RoleARN, ProxyAddress string
	Bind, BindTCP                              string
	LocalMode                                  bool
	BufferMemory                               int // MB
	LogFile, LogLevel                          string

	// Of its file alone.
	Concurrency int
	Endpoint    string
	Profile     string
	NoVerifySSL bool
	LogRotation bool

	Upstream, TokenFile             string
	CAFile, CertFile, KeyFile       string
	State                           string
	RingBytes, SpoolBytes           int64
	Triggers                        string
	Redact                          bool
	RedactKeys, RedactKeep          []string
	HTTP                            string
	Allow                           []string
	Strict                          bool
	MaxDocumentBytes, ReceiveBuffer int
	Remember, Drain                 time.Duration
	LogFormat                       string
	Telemetry                       bool
	CPUProfile                      string
	otlpConfig
}

// upstreamAWS is the word of --upstream for AWS X-Ray.
const upstreamAWS = "aws"

// stateAuto is the word of --state for what the service manager gives.
const stateAuto = "auto"

// addAgentFlags is the one list of flags, defaults and help texts. The letters
// are the daemon's.
func addAgentFlags(f *pflag.FlagSet) {
	f.StringP("resource-arn", "a", "", "`ARN` of what the agent runs on, for telemetry to AWS")
	f.StringP("bind", "b", "127.0.0.1:2000", "`address` that SDKs send segments to over UDP, or off")
	f.StringP("config", "c", "", "configuration `file` of the X-Ray daemon, version 1 or 2; without it /etc/amazon/xray/cfg.yaml and cfg.yaml are looked for")
	f.StringP("log-file", "f", "", "`file` to log to, beside the standard error; a second one is kept when it has grown to 50 MB")
	f.StringP("log-level", "l", "prod", "dev, debug, info, warn, error or prod (which is info)")
	f.IntP("buffer-memory", "m", 0, "most memory for what waits to be sent when there is no --state, in MB; at least 3")
	f.StringP("region", "n", "", "AWS `region`; found as the daemon finds it when not given")
	f.BoolP("local-mode", "o", false, "do not ask EC2 for metadata")
	f.StringP("proxy-address", "p", "", "`URL` of a proxy on the way to the upstream")
	f.StringP("role-arn", "r", "", "`ARN` of a role to assume for sending to AWS")
	f.StringP("bind-tcp", "t", "127.0.0.1:2000", "`address` that SDKs ask for sampling rules over TCP and send large segments to, or off")

	f.String("upstream", upstreamAWS, "where traces go: aws, or the `URL` of a Roentgen server")
	f.String("token-file", "", "`file` with the token for the Roentgen server; read again when it changes")
	f.String("ca-file", "", "PEM `file` of authorities to trust in place of the system's (Roentgen server)")
	f.String("cert-file", "", "PEM `file` of a client certificate (Roentgen server)")
	f.String("key-file", "", "PEM `file` of its key")
	f.String("state", stateAuto, "`directory` of what survives a restart and an outage; auto: that of the service manager ($STATE_DIRECTORY), else none")
	f.Int64("ring-bytes", 0, "what waits undecided, in bytes (default 512 MiB on disk, 64 MiB in memory)")
	f.Int64("spool-bytes", 0, "most that waits to be sent, in bytes (default 1 GiB on disk, 32 MiB in memory)")
	f.String("triggers", "", "`file` that says which traces are kept after the fact; read again when it changes and on SIGHUP (default: error, fault, throttle)")
	f.Bool("redact", false, "take personal data out of documents before anything else is done with them")
	f.StringSlice("redact-keys", nil, "further `names` of members whose value goes")
	f.StringSlice("redact-keep", nil, "`names` of members that are never touched")
	f.String("http", off, "one more `address` for /healthz, /readyz and /metrics, or off; --bind-tcp answers them too")
	f.StringSlice("allow", nil, "`networks` that may send, by any door that is not on loopback, like 10.0.0.0/8")
	f.Int("receive-buffer-bytes", agent.DefaultBufferBytes, "the kernel's receive buffer for --bind, asked for; beyond net.core.rmem_max with CAP_NET_ADMIN alone")
	f.Bool("strict", false, "refuse to open a door on the network without --allow")
	f.Int("max-document-bytes", 64<<10, "one segment document, in bytes")
	f.Duration("remember", 10*time.Minute, "how long a decision about a trace stands at least")
	f.Duration("shutdown-timeout", 5*time.Second, "how long to go on sending after SIGTERM; the rest stays in --state")
	f.String("log-format", "daemon", "daemon (the X-Ray daemon's lines), text or json")
	f.Bool("telemetry", true, "tell AWS every minute how many segments came and went, as the daemon does")
	addOTLPFlags(f)
	for _, door := range []string{"otlp-grpc", "otlp-http"} { // beside an application they may be another's
		f.Lookup(door).DefValue = off
		f.Set(door, off)
		f.Lookup(door).Changed = false
	}
}

const agentEnvPrefix = "ROENTGEN_AGENT_"

// healthURLEnv is no flag of the agent: it stands in the environment that its
// health check shares with it.
const healthURLEnv = agentEnvPrefix + "HEALTH_URL"

// loadAgentConfig joins flags, environment and file.
func loadAgentConfig(flags *pflag.FlagSet, environ []string) (c agentConfig, err error) {
	env, err := agentEnviron(flags, environ)
	if err != nil {
		return c, err
	}
	for key, value := range env {
		if !flags.Changed(key) {
			if err := flags.Set(key, value); err != nil {
				return c, fmt.Errorf("environment variable %s%s: %w", agentEnvPrefix, strings.ToUpper(strings.ReplaceAll(key, "-", "_")), err)
			}
		}
	}
	c.Concurrency, c.LogRotation = 8, true
	path, _ := flags.GetString("config")
	if err := c.readDaemonFile(path, flags); err != nil {
		return c, err
	}
	c.read(flags)
	return c, c.check()
}

func agentEnviron(flags *pflag.FlagSet, environ []string) (map[string]string, error) {
	values := map[string]string{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, agentEnvPrefix) || name == healthURLEnv {
			continue
		}
		key := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, agentEnvPrefix)), "_", "-")
		if flags.Lookup(key) == nil {
			return nil, fmt.Errorf("environment variable %s: there is no flag --%s; see roentgen agent --help", name, key)
		}
		values[key] = value
	}
	return values, nil
}

// read takes the values of flags, which all have been set.
func (c *agentConfig) read(f *pflag.FlagSet) {
	text := func(key string) string { v, _ := f.GetString(key); return v }
	yes := func(key string) bool { v, _ := f.GetBool(key); return v }
	list := func(key string) []string { v, _ := f.GetStringSlice(key); return v }
	number := func(key string) int { v, _ := f.GetInt(key); return v }
	large := func(key string) int64 { v, _ := f.GetInt64(key); return v }
	span := func(key string) time.Duration { v, _ := f.GetDuration(key); return v }
	c.ResourceARN, c.Region, c.RoleARN, c.ProxyAddress = text("resource-arn"), text("region"), text("role-arn"), text("proxy-address")
	c.Bind, c.BindTCP, c.LocalMode = text("bind"), text("bind-tcp"), yes("local-mode")
	c.BufferMemory, c.LogFile, c.LogLevel = number("buffer-memory"), text("log-file"), text("log-level")
	c.Upstream, c.TokenFile = text("upstream"), text("token-file")
	c.CAFile, c.CertFile, c.KeyFile = text("ca-file"), text("cert-file"), text("key-file")
	c.State, c.Triggers, c.HTTP = text("state"), text("triggers"), text("http")
	c.RingBytes, c.SpoolBytes = large("ring-bytes"), large("spool-bytes")
	c.Redact, c.RedactKeys, c.RedactKeep = yes("redact"), list("redact-keys"), list("redact-keep")
	c.Allow, c.Strict, c.MaxDocumentBytes, c.ReceiveBuffer = list("allow"), yes("strict"), number("max-document-bytes"), number("receive-buffer-bytes")
	c.Remember, c.Drain = span("remember"), span("shutdown-timeout")
	c.LogFormat, c.Telemetry = text("log-format"), yes("telemetry")
	c.OTLPGRPC, c.OTLPHTTP = text("otlp-grpc"), text("otlp-http")
	c.OTLPIndex, c.OTLPMaxRequestBytes = list("otlp-index"), number("otlp-max-request-bytes")
	if c.State == stateAuto {
		first, _, _ := strings.Cut(os.Getenv("STATE_DIRECTORY"), ":")
		c.State = first
	}
}

// maxReceiveBuffer is the most that SO_RCVBUF takes without turning round.
const maxReceiveBuffer = 1<<30 - 1

// check says what is wrong with a configuration that can be read.
func (c agentConfig) check() error {
	if c.Bind == off && c.BindTCP == off && c.OTLPGRPC == off && c.OTLPHTTP == off {
		return errors.New("--bind, --bind-tcp, --otlp-grpc and --otlp-http are all off: no way in is left; open one of them")
	}
	if c.BufferMemory != 0 && c.BufferMemory < 3 {
		return fmt.Errorf("--buffer-memory %d: the least is 3 (MB); 0 leaves it to the agent", c.BufferMemory)
	}
	for flag, n := range map[string]int64{
		"max-document-bytes": int64(c.MaxDocumentBytes), "receive-buffer-bytes": int64(c.ReceiveBuffer), "remember": int64(c.Remember), "shutdown-timeout": int64(c.Drain),
		"otlp-max-request-bytes": int64(c.OTLPMaxRequestBytes),
	} {
		if n <= 0 {
			return fmt.Errorf("--%s must be above 0", flag)
		}
	}
	if c.Concurrency <= 0 {
		return fmt.Errorf("the configuration file's Concurrency is %d, and has to be above 0; leave it out for 8", c.Concurrency)
	}
	if c.ReceiveBuffer > maxReceiveBuffer {
		return fmt.Errorf("--receive-buffer-bytes %d: the kernel counts in 32 bits and takes twice what is asked for; the most is %d", c.ReceiveBuffer, maxReceiveBuffer)
	}
	if _, err := logLevel(c.LogLevel); err != nil {
		return err
	}
	if c.RingBytes < 0 || c.SpoolBytes < 0 {
		return errors.New("--ring-bytes and --spool-bytes must not be below 0; 0 leaves them to the agent")
	}
	if least := c.leastSpool(); c.SpoolBytes > 0 && c.SpoolBytes < least {
		return fmt.Errorf("--spool-bytes %d: the least is %d; 0 leaves it to the agent", c.SpoolBytes, least)
	}
	if _, err := c.networks(); err != nil {
		return err
	}
	if err := c.checkUpstream(); err != nil {
		return err
	}
	return c.checkDoors()
}

func (c agentConfig) checkUpstream() error {
	if err := c.checkProxy(); err != nil {
		return err
	}
	if c.Upstream == upstreamAWS {
		if c.TokenFile != "" {
			return errors.New("--token-file is for a Roentgen server; name it with --upstream")
		}
		if c.RoleARN != "" && !strings.HasPrefix(c.RoleARN, "arn:") {
			return fmt.Errorf("--role-arn %q is not that of a role, like arn:aws:iam::123456789012:role/xray", c.RoleARN)
		}
		return nil
	}
	u, err := url.Parse(c.Upstream)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("--upstream %q is neither aws nor a URL like https://roentgen.example.in", c.Upstream)
	}
	if (c.CertFile == "") != (c.KeyFile == "") {
		return errors.New("--cert-file and --key-file go together: give both or neither")
	}
	return nil
}

// checkProxy knows the proxies that Go's client can speak to: another one would
// fail at each batch.
func (c agentConfig) checkProxy() error {
	if c.ProxyAddress == "" {
		return nil
	}
	u, err := url.Parse(c.ProxyAddress)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, u.Scheme) {
		return fmt.Errorf("--proxy-address %q is no URL of a proxy, like http://proxy.example:3128", c.ProxyAddress)
	}
	return nil
}

// checkDoors holds doors to the network shut only if --strict: the daemon's
// container opens them in the same way, inside the network of its task.
func (c agentConfig) checkDoors() error {
	for flag, addr := range c.doors() {
		if addr == off {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			return fmt.Errorf("--%s %s: not an address like 127.0.0.1:2000, and not off: %w", flag, addr, err)
		}
		if err := wantLoopback(addr); err != nil && c.Strict && len(c.Allow) == 0 {
			return fmt.Errorf("--%s %s: %w, and --strict is given; name the networks that may send with --allow", flag, addr, err)
		}
	}
	_, err := c.index()
	return err
}

// doors are the addresses by flag.
func (c agentConfig) doors() map[string]string {
	return map[string]string{"bind": c.Bind, "bind-tcp": c.BindTCP, "http": c.HTTP, "otlp-grpc": c.OTLPGRPC, "otlp-http": c.OTLPHTTP}
}

// warnings are what the operator should know and may have meant so.
func (c agentConfig) warnings() (out []string) {
	for _, flag := range []string{"bind", "bind-tcp", "http", "otlp-grpc", "otlp-http"} {
		addr := c.doors()[flag]
		if addr == off || wantLoopback(addr) == nil {
			continue
		}
		switch {
		case flag == "http":
			out = append(out, fmt.Sprintf("--http %s shows health and metrics to the network, and nobody is asked who he is: bind to 127.0.0.1, or let a firewall say who may", addr))
		case len(c.Allow) == 0:
			out = append(out, fmt.Sprintf("--%s %s is open to the network, and nobody is asked who he is: name the networks that may send with --allow, or bind to 127.0.0.1", flag, addr))
		}
	}
	if c.State == "" {
		out = append(out, "no --state: what waits is in memory, and ends with the process; give a directory, so that it survives a restart and an outage")
	}
	return out
}

func (c agentConfig) networks() (out accept.Networks, err error) {
	for _, word := range c.Allow {
		p, err := netip.ParsePrefix(strings.TrimSpace(word))
		if err != nil {
			return nil, fmt.Errorf("--allow %q is not a network like 10.0.0.0/8: %w", word, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// redactor is nil when nothing is taken out.
func (c agentConfig) redactor() (*redact.Redactor, error) {
	if !c.Redact {
		return nil, nil
	}
	what := redact.Default()
	what.Keys = append(what.Keys, c.RedactKeys...)
	what.KeepKeys = append(what.KeepKeys, c.RedactKeep...)
	r, err := redact.New(what)
	if err != nil {
		return nil, fmt.Errorf("--redact-keys, --redact-keep: %w", err)
	}
	return r, nil
}

// What a spool has to have: room for four of its files.
const (
	leastSpoolInMemory = 4 << 20
	leastSpoolOnDisk   = 8 << 20
)

func (c agentConfig) leastSpool() int64 {
	if c.State == "" {
		return leastSpoolInMemory
	}
	return leastSpoolOnDisk
}

// spoolBytes is --spool-bytes, or --buffer-memory where all is in memory.
func (c agentConfig) spoolBytes() int64 {
	if c.SpoolBytes == 0 && c.State == "" && c.BufferMemory > 0 {
		return max(int64(c.BufferMemory)<<20, leastSpoolInMemory)
	}
	return c.SpoolBytes
}

// profile is the daemon's variable for where processor time goes.
func (c agentConfig) profile(getenv func(string) string) string {
	return getenv("XRAY_DAEMON_CPU_PROFILE")
}
