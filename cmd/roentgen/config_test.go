package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// load reads a configuration as serve does, from a file's text, an
// environment and flags.
func load(t *testing.T, yaml string, environ []string, args ...string) (config, error) {
	t.Helper()
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	flags.String("config", "", "")
	addFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	path := ""
	if yaml != "" {
		path = filepath.Join(t.TempDir(), "roentgen.yaml")
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return loadConfig(path, flags, environ)
}

func TestFlagsWinOverTheEnvironmentOverTheFileOverDefaults(t *testing.T) {
	c, err := load(t, "retention: 1h\nmax-trace-bytes: 1000\nlog-level: warn\n",
		[]string{"ROENTGEN_RETENTION=2h", "ROENTGEN_LOG_LEVEL=debug", "ROENTGEN_DAEMON_ALLOW=10.0.0.0/8,192.168.0.0/16", "PATH=/bin"},
		"--log-level", "error")
	if err != nil {
		t.Fatal(err)
	}
	if c.LogLevel != "error" || c.Retention != 2*time.Hour || c.MaxTraceBytes != 1000 || c.HTTP != "127.0.0.1:1895" || c.Daemon != "127.0.0.1:2000" {
		t.Errorf("config %+v", c)
	}
	if n, err := c.networks(); err != nil || len(n) != 2 {
		t.Errorf("networks %v, %v", n, err)
	}
}

func TestBadConfigurationNamesTheThingAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		name, yaml string
		environ    []string
		args       []string
		want       []string
	}{
		{"unknown key in the file", "retentoin: 1h\n", nil, nil, []string{"roentgen.yaml", `"retentoin"`, `did you mean "retention"`}},
		{"unknown variable", "", []string{"ROENTGEN_RETENSION=1h"}, nil, []string{"ROENTGEN_RETENSION", `did you mean "retention"`}},
		{"nothing near", "", []string{"ROENTGEN_XYZZY=1"}, nil, []string{"ROENTGEN_XYZZY", "--help"}},
		{"a file that is not YAML", "{", nil, nil, []string{"roentgen.yaml"}},
		{"a duration that is none", "retention: soon\n", nil, nil, []string{"retention", "soon"}},
		{"zero", "", nil, []string{"--max-bytes", "0"}, []string{"--max-bytes", "above 0"}},
		{"an address without a port", "", nil, []string{"--http", "127.0.0.1"}, []string{"--http 127.0.0.1", "127.0.0.1:1895"}},
		{"no way in", "", nil, []string{"--http", "off", "--daemon", "off", "--otlp-grpc", "off", "--otlp-http", "off"}, []string{"--http", "--daemon", "--otlp-grpc", "off"}},
		{"an open door", "", nil, []string{"--http", "0.0.0.0:1895"}, []string{"--auth-file", "--insecure"}},
		{"a certificate without its key", "", nil, []string{"--tls-cert", "x"}, []string{"--tls-cert", "--tls-key"}},
		{"an open door by name", "", nil, []string{"--http", ":1895"}, []string{"--insecure"}},
		{"an open datagram door", "", nil, []string{"--daemon", "10.0.0.1:2000"}, []string{"--daemon-allow"}},
		{"a network that is none", "", nil, []string{"--daemon-allow", "10.0.0.1"}, []string{"10.0.0.1", "10.0.0.0/8"}},
		{"a store that is not there", "", nil, []string{"--store", "clickhouse://x"}, []string{"clickhouse://x", "memory"}},
		{"an open OpenTelemetry door", "", nil, []string{"--otlp-http", "0.0.0.0:4318"}, []string{"--otlp-http", "--auth-file", "loopback"}},
		{"an address that is none", "", nil, []string{"--otlp-grpc", "4317"}, []string{"--otlp-grpc", "4317"}},
		{"an index of nothing and something", "", nil, []string{"--otlp-index", "none,plan"}, []string{"--otlp-index", "none"}},
		{"requests of no bytes", "", nil, []string{"--otlp-max-request-bytes", "0"}, []string{"--otlp-max-request-bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.yaml, c.environ, c.args...)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("it says %q; want %q in it", err, want)
				}
			}
		})
	}
}

func TestOpenDoorsAreLetThroughWhenAskedFor(t *testing.T) {
	if _, err := load(t, "", nil, "--http", "0.0.0.0:1895", "--insecure", "--daemon", "0.0.0.0:2000", "--daemon-allow", "10.0.0.0/8"); err != nil {
		t.Error(err)
	}
	if _, err := load(t, "", nil, "--http", "0.0.0.0:1895", "--auth-file", "tokens"); err != nil {
		t.Error(err)
	}
	if _, err := load(t, "", []string{"ROENTGEN_SERVER=http://127.0.0.1:1895", "ROENTGEN_TOKEN=x"}); err != nil {
		t.Error("variables of the client commands are taken for settings:", err)
	}
	if _, err := load(t, "", nil, "--http", "off"); err != nil {
		t.Error(err)
	}
	if _, err := load(t, "", nil, "--http", "[::1]:1895", "--daemon", "localhost:2000"); err != nil {
		t.Error(err)
	}
}

func TestTheIndexOfOpenTelemetryIsWordsAndNames(t *testing.T) {
	for _, c := range []struct {
		args []string
		all  bool
		keys string
	}{
		{nil, true, "otel.resource.deployment.environment otel.resource.deployment.environment.name otel.resource.service.namespace" +
			" otel.resource.service.version otel.resource.host.name otel.resource.k8s.namespace.name otel.resource.k8s.pod.name"},
		{[]string{"--otlp-index", "none"}, false, ""},
		{[]string{"--otlp-index", "all"}, true, ""},
		{[]string{"--otlp-index", "plan,otel.resource.host.name"}, false, "plan otel.resource.host.name"},
	} {
		cfg, err := load(t, "", nil, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		index, err := cfg.index()
		if err != nil || index.All != c.all || strings.Join(index.Keys, " ") != c.keys {
			t.Errorf("%v: %+v, %v", c.args, index, err)
		}
	}
	cfg, err := load(t, "otlp-index: [plan]\notlp-grpc: off\n", []string{"ROENTGEN_OTLP_HTTP=127.0.0.1:9318"})
	if err != nil || cfg.OTLPGRPC != "off" || cfg.OTLPHTTP != "127.0.0.1:9318" || len(cfg.OTLPIndex) != 1 {
		t.Errorf("from file and environment: %+v, %v", cfg.otlpConfig, err)
	}
}

func TestANetworkDoorWarnsOfWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		args []string
		want []string
	}{
		{nil, nil},
		{[]string{"--http", "off"}, nil},
		{[]string{"--auth-file", "tokens"}, nil},
		{[]string{"--http", ":1895", "--auth-file", "tokens"}, []string{"TLS"}},
		{[]string{"--http", ":1895", "--insecure"}, []string{"--insecure", "TLS"}},
		{[]string{"--otlp-grpc", ":4317", "--insecure"}, []string{"--otlp-grpc", "--otlp-grpc is on the network without TLS"}},
		{[]string{"--http", ":1895", "--auth-file", "tokens", "--tls-cert", "c", "--tls-key", "k"}, nil},
	} {
		cfg, err := load(t, "", nil, c.args...)
		if err != nil {
			t.Fatal(err)
		}
		got := cfg.warnings()
		if len(got) != len(c.want) {
			t.Errorf("%v: %q", c.args, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%v: %q, want %q in it", c.args, got[i], c.want[i])
			}
		}
	}
}
