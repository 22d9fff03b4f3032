package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/confmap"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/providers/posflag"
	"github.com/knadh/koanf/v2"
	"github.com/spf13/pflag"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/store/block"
)

// config is everything that `roentgen serve` can be told. Each member is a
// flag, a key of the configuration file, and an environment variable
// (ROENTGEN_ and the key in upper case with _ for -). Flags win over the
// environment, that over the file, that over the defaults.
type config struct {
	// Data is the directory that holds everything the server remembers.
	Data string `koanf:"data"`
	// HTTP is the address of the console, the X-Ray API, /metrics, /healthz
	// and /readyz.
	HTTP string `koanf:"http"`
	// Daemon is the address, UDP and TCP, that X-Ray SDKs send to.
	Daemon string `koanf:"daemon"`
	// DaemonAllow lists the networks that may use Daemon when it is not on
	// loopback: UDP cannot authenticate anybody.
	DaemonAllow []string `koanf:"daemon-allow"`
	// Triggers is the file that says which traces of those that were not sampled
	// are kept after the fact; RingBytes is what waits for that, on disk.
	Triggers  string `koanf:"triggers"`
	RingBytes int64  `koanf:"ring-bytes"`
	// How OpenTelemetry is taken.
	otlpConfig `koanf:",squash"`
	// Store is the backend: "block" (blocks on disk) or "memory" (everything in
	// memory, durable through a log in Data).
	Store string `koanf:"store"`
	// AuthFile names who may use HTTP and OpenTelemetry's doors: lines of a
	// name and a token, in a file or, as env:NAME, in a variable. Empty:
	// everybody who can reach them.
	AuthFile string `koanf:"auth-file"`
	// TLSCert and TLSKey are PEM files; HTTP and OpenTelemetry's doors speak
	// TLS when they are given.
	TLSCert string `koanf:"tls-cert"`
	TLSKey  string `koanf:"tls-key"`
	// HTTPHosts are names under which browsers reach HTTP when there is no
	// AuthFile: pages under other names are refused, because anybody can give
	// a name of theirs the address of this machine.
	HTTPHosts []string `koanf:"http-hosts"`
	// AccessLog is the file into which goes who read what, as JSON lines; stdout,
	// or off.
	AccessLog string `koanf:"access-log"`
	// Insecure lets HTTP and OpenTelemetry's doors open on an address other
	// than loopback without AuthFile.
	Insecure bool `koanf:"insecure"`

	// Retention is how long documents are kept.
	Retention time.Duration `koanf:"retention"`
	// RetainFailing is how long traces that failed are kept, if that is longer;
	// of the store block.
	RetainFailing time.Duration `koanf:"retain-failing"`
	// MaxDiskBytes bounds the blocks of the store block; 0: no bound.
	MaxDiskBytes int64 `koanf:"max-disk-bytes"`
	// HeadBytes is how many bytes of documents the store block holds in memory
	// before they go into a block. CacheBytes bounds what it keeps in memory of
	// blocks that were read.
	HeadBytes  int64 `koanf:"head-bytes"`
	CacheBytes int64 `koanf:"cache-bytes"`
	// MaxBytes bounds the documents that the store memory holds; the oldest go
	// first.
	MaxBytes int64 `koanf:"max-bytes"`
	// MaxTraceBytes bounds the documents of one trace.
	MaxTraceBytes int `koanf:"max-trace-bytes"`
	// MaxDocumentBytes bounds one segment document.
	MaxDocumentBytes int `koanf:"max-document-bytes"`
	// MaxSamplingRules is how many sampling rules there may be beside Default.
	MaxSamplingRules int `koanf:"max-sampling-rules"`
	// MaxClockAhead is how far a start_time may lie in the future.
	MaxClockAhead time.Duration `koanf:"max-clock-ahead"`
	// StrictTraceIDs refuses trace ids whose time is off, as X-Ray once did.
	StrictTraceIDs bool `koanf:"strict-trace-ids"`
	// ShutdownTimeout bounds the drain after SIGTERM.
	ShutdownTimeout time.Duration `koanf:"shutdown-timeout"`

	LogLevel  string `koanf:"log-level"`  // debug, info, warn, error
	LogFormat string `koanf:"log-format"` // text, json
}

const off = "off"

// The backends.
const (
	storeBlock  = "block"
	storeMemory = "memory"
)

// addFlags is the one list of keys, defaults and help texts.
func addFlags(f *pflag.FlagSet) {
	f.String("data", "roentgen-data", "directory that holds everything the server remembers")
	f.String("http", "127.0.0.1:1895", "`address` of the console, the X-Ray API, /metrics, /healthz and /readyz, or off")
	f.String("daemon", "127.0.0.1:2000", "`address`, UDP and TCP, that X-Ray SDKs send to, or off")
	f.StringSlice("daemon-allow", nil, "`networks` that may send to --daemon when it is not on loopback, like 10.0.0.0/8")
	f.String("triggers", "", "`file` that says which traces that came in at --daemon unsampled are kept after the fact; read again when it changes and on SIGHUP (default: error, fault, throttle)")
	f.Int64("ring-bytes", 64<<20, "what came in at --daemon and waits undecided, in bytes on disk")
	addOTLPFlags(f)
	f.String("store", storeBlock, "`backend`: block (recent traces in memory, older ones in blocks on disk) or memory (everything in memory, durable through a log)")
	f.String("auth-file", "", "`file` of those who may use --http and OpenTelemetry's doors: lines of a name and a token; read again when it changes; env:NAME for a variable that holds the lines")
	f.String("access-log", off, "`file` into which goes who read which traces at --http, a JSON line for each request; opened again on SIGHUP; or stdout, or off")
	f.StringSlice("http-hosts", nil, "`names` under which browsers reach --http without --auth-file; addresses and localhost need none")
	f.String("tls-cert", "", "PEM `file` of the certificate with which --http and OpenTelemetry's doors speak TLS; read again on SIGHUP")
	f.String("tls-key", "", "PEM `file` of the certificate's key")
	f.Bool("insecure", false, "let --http and OpenTelemetry's doors open on an address other than loopback without --auth-file")
	f.Duration("retention", 7*24*time.Hour, "how long documents are kept")
	f.Duration("retain-failing", 0, "how long traces that failed are kept, if longer than --retention (store block)")
	f.Int64("max-disk-bytes", 0, "blocks on disk, in bytes; the oldest go first, and of those that failed last; 0: no bound (store block)")
	f.Int64("head-bytes", block.DefaultHeadBytes, "documents in memory that wait to go into a block, in bytes; the process takes three times that and more (store block)")
	f.Int64("cache-bytes", block.DefaultCacheBytes, "what is kept in memory of blocks that were read, in bytes (store block)")
	f.Int64("max-bytes", 512<<20, "documents held, in bytes; the oldest go first; the process takes four to five times that (store memory)")
	f.Int("max-trace-bytes", 500_000, "documents of one trace, in bytes; further ones are refused")
	f.Int("max-document-bytes", 64<<10, "one segment document, in bytes")
	f.Int("max-sampling-rules", 25, "sampling rules beside Default")
	f.Duration("max-clock-ahead", time.Hour, "how far a start_time may lie in the future")
	f.Bool("strict-trace-ids", false, "refuse trace ids whose time is over 30 days old or in the future")
	f.Duration("shutdown-timeout", 20*time.Second, "bound of the drain after SIGTERM")
	f.String("log-level", "info", "debug, info, warn or error")
	f.String("log-format", "text", "text or json")
}

const envPrefix = "ROENTGEN_"

// notSettings are ROENTGEN_ variables that say something else than a setting
// of the server: where its file is, and how the client commands reach one.
var notSettings = [...]string{"ROENTGEN_CONFIG", "ROENTGEN_SERVER", "ROENTGEN_TOKEN"}

// loadConfig joins file, environment and flags. file may be empty.
func loadConfig(path string, flags *pflag.FlagSet, environ []string) (config, error) {
	var c config
	k := koanf.New("\x00") // keys are flat: no delimiter can occur in one
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return c, fmt.Errorf("read configuration file %s: %w", path, err)
		}
	}
	for _, key := range k.Keys() {
		if flags.Lookup(key) == nil || key == "config" {
			return c, fmt.Errorf("configuration file %s: unknown key %q%s", path, key, suggest(key, flags))
		}
	}
	env, err := fromEnviron(environ, flags)
	if err != nil {
		return c, err
	}
	if err := k.Load(confmap.Provider(env, ""), nil); err != nil {
		return c, fmt.Errorf("read the environment: %w", err)
	}
	if err := checkValues(k); err != nil {
		return c, err
	}
	if err := k.Load(posflag.Provider(flags, "\x00", k), nil); err != nil {
		return c, fmt.Errorf("read flags: %w", err)
	}
	if err := k.Unmarshal("", &c); err != nil {
		return c, fmt.Errorf("read configuration: %w", err)
	}
	return c, c.check()
}

// checkValues reads every value as its flag would, so that the error names
// key and value as a flag's does.
func checkValues(k *koanf.Koanf) error {
	scratch := pflag.NewFlagSet("", pflag.ContinueOnError)
	addFlags(scratch)
	for _, key := range k.Keys() {
		text := fmt.Sprint(k.Get(key))
		if list := k.Strings(key); len(list) > 0 {
			text = strings.Join(list, ",")
		}
		if err := scratch.Set(key, text); err != nil {
			return fmt.Errorf("configuration: %w", err)
		}
	}
	return nil
}

// fromEnviron picks ROENTGEN_* variables; one that names no key is an error,
// because it is a typing mistake more often than not.
func fromEnviron(environ []string, flags *pflag.FlagSet) (map[string]any, error) {
	values := map[string]any{}
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, envPrefix) || strings.HasPrefix(name, agentEnvPrefix) || slices.Contains(notSettings[:], name) {
			continue
		}
		key := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(name, envPrefix)), "_", "-")
		flag := flags.Lookup(key)
		if flag == nil {
			return nil, fmt.Errorf("environment variable %s: there is no setting %q%s", name, key, suggest(key, flags))
		}
		if flag.Value.Type() == "stringSlice" {
			values[key] = strings.Split(value, ",")
			continue
		}
		values[key] = value
	}
	return values, nil
}

// suggest names the setting that key is nearest to.
func suggest(key string, flags *pflag.FlagSet) string {
	best, distance := "", 4
	flags.VisitAll(func(f *pflag.Flag) {
		if d := editDistance(key, f.Name); d < distance {
			best, distance = f.Name, d
		}
	})
	if best == "" {
		return "; see roentgen serve --help"
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		previous := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			previous, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, previous+cost)
		}
	}
	return row[len(b)]
}

// check says what is wrong with a configuration that can be read: all of it.
func (c config) check() error { return errors.Join(c.mistakes()...) }

// mistakes are what is wrong, one by one.
func (c config) mistakes() (all []error) {
	if c.Store != storeMemory && c.Store != storeBlock {
		all = append(all, fmt.Errorf("--store %s: this version has the backends block and memory", c.Store))
	}
	if c.RetainFailing < 0 || c.MaxDiskBytes < 0 {
		all = append(all, errors.New("--retain-failing and --max-disk-bytes must not be below 0; 0 stands for none"))
	}
	for _, n := range []struct {
		flag  string
		value int64
	}{
		{"retention", int64(c.Retention)}, {"max-bytes", c.MaxBytes}, {"head-bytes", c.HeadBytes}, {"cache-bytes", c.CacheBytes},
		{"max-trace-bytes", int64(c.MaxTraceBytes)}, {"max-document-bytes", int64(c.MaxDocumentBytes)}, {"max-clock-ahead", int64(c.MaxClockAhead)},
		{"max-sampling-rules", int64(c.MaxSamplingRules)}, {"shutdown-timeout", int64(c.ShutdownTimeout)},
		{"otlp-max-request-bytes", int64(c.OTLPMaxRequestBytes)}, {"ring-bytes", c.RingBytes},
	} {
		if n.value <= 0 {
			all = append(all, fmt.Errorf("--%s must be above 0", n.flag))
		}
	}
	if _, err := c.networks(); err != nil {
		all = append(all, err)
	}
	return append(all, c.wrongDoors()...)
}

// wrongDoors holds the doors shut that nobody guards.
func (c config) wrongDoors() (all []error) {
	if c.HTTP == off && c.Daemon == off && c.OTLPGRPC == off && c.OTLPHTTP == off {
		return []error{errors.New("--http, --daemon, --otlp-grpc and --otlp-http are all off: no way in is left; open one of them")}
	}
	if err := c.otlpConfig.check(c.AuthFile == "", c.Insecure); err != nil {
		all = append(all, err)
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		all = append(all, errors.New("--tls-cert and --tls-key go together: give both or neither"))
	}
	if err := badAddress("http", c.HTTP); err != nil {
		all = append(all, err)
	} else if c.HTTP != off && c.AuthFile == "" && !c.Insecure {
		if err := wantLoopback(c.HTTP); err != nil {
			all = append(all, fmt.Errorf("--http %s: %w; name those who may come in with --auth-file, use 127.0.0.1, or put a proxy that authenticates in front and say --insecure", c.HTTP, err))
		}
	}
	if err := badAddress("daemon", c.Daemon); err != nil {
		all = append(all, err)
	} else if c.Daemon != off && len(c.DaemonAllow) == 0 {
		if err := wantLoopback(c.Daemon); err != nil {
			all = append(all, fmt.Errorf("--daemon %s: %w; UDP cannot authenticate: name the networks that may send with --daemon-allow", c.Daemon, err))
		}
	}
	return all
}

func badAddress(flag, addr string) error {
	if _, _, err := net.SplitHostPort(addr); addr != off && err != nil {
		return fmt.Errorf("--%s %s: not an address like 127.0.0.1:1895, and not off: %w", flag, addr, err)
	}
	return nil
}

// scheme is how --http is spoken to.
func (c config) scheme() string {
	if c.TLSCert != "" {
		return "https"
	}
	return "http"
}

// warnings are what the operator should know and may have meant so.
func (c config) warnings() []string {
	out := c.otlpConfig.warnings(c.AuthFile == "", c.TLSCert == "")
	if c.HTTP == off || wantLoopback(c.HTTP) == nil {
		return out
	}
	if c.AuthFile == "" {
		out = append(out, "--insecure: everybody who can reach --http may read, write and change everything")
	}
	if c.TLSCert == "" {
		out = append(out, "--http is on the network without TLS: tokens, sessions and traces can be read on the way; give --tls-cert and --tls-key, or put a proxy with TLS in front")
	}
	return out
}

func (c config) networks() (accept.Networks, error) {
	var out accept.Networks
	for _, text := range c.DaemonAllow {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("--daemon-allow %q is not a network like 10.0.0.0/8: %w", text, err)
		}
		out = append(out, p)
	}
	return out, nil
}

// configFile returns the path from the flag or ROENTGEN_CONFIG.
func configFile(flags *pflag.FlagSet) string {
	if path, _ := flags.GetString("config"); path != "" {
		return path
	}
	return os.Getenv(envPrefix + "CONFIG")
}
