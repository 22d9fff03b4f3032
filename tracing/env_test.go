package tracing

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/redact"
)

// Each case is a row of the table in README.md, from the highest place down:
// with every place filled the first one counts, without it the second one, and
// so on.
func TestPrecedenceIsThatOfTheTable(t *testing.T) {
	type place struct {
		variable string        // set in the environment …
		value    string        // … to this
		field    func(*Config) // or, if not nil, this in code
		want     string
	}
	rows := map[string]struct {
		places []place
		read   func(*settings) string
	}{
		"service name": {
			[]place{
				{variable: "AWS_XRAY_TRACING_NAME", value: "official", want: "official"},
				{field: func(c *Config) { c.ServiceName = "code" }, want: "code"},
				{variable: "XRAY_SERVICE_NAME", value: "ours", want: "ours"},
				{variable: "OTEL_SERVICE_NAME", value: "otel", want: "otel"},
				{variable: "OTEL_RESOURCE_ATTRIBUTES", value: "service.name=res%20ource,service.version=7", want: "res ource"},
				{want: "tracing.test"},
			},
			func(s *settings) string { return s.name },
		},
		"service version": {
			[]place{
				{field: func(c *Config) { c.ServiceVersion = "1" }, want: "1"},
				{variable: "OTEL_RESOURCE_ATTRIBUTES", value: "service.version=7", want: "7"},
				{want: ""},
			},
			func(s *settings) string { return s.version },
		},
		"disabled": {
			[]place{
				{variable: "AWS_XRAY_SDK_DISABLED", value: "FALSE", want: "false"},
				{field: func(c *Config) { c.Disabled = true }, want: "true"},
				{variable: "XRAY_ENABLED", value: "true", want: "false"},
				{variable: "OTEL_SDK_DISABLED", value: "true", want: "true"},
				{want: "false"},
			},
			func(s *settings) string { return fmt.Sprint(s.disabled) },
		},
		"sampling rate": {
			[]place{
				{field: func(c *Config) { c.SamplingRate = rate(0.5) }, want: "0.5"},
				{variable: "XRAY_SAMPLING_RATE", value: "0.25", want: "0.25"},
				{want: "0.1"},
			},
			func(s *settings) string { return fmt.Sprint(s.rate) },
		},
		"daemon address": {
			[]place{
				{variable: "AWS_XRAY_DAEMON_ADDRESS", value: "tcp:10.0.0.1:1 udp:10.0.0.1:2", want: "10.0.0.1:2"},
				{field: func(c *Config) { c.DaemonAddress = "xray:2001" }, want: "xray:2001"},
				{variable: "XRAY_DAEMON_ADDRESS", value: "udp:[::1]:2002 tcp:[::1]:2003", want: "[::1]:2002"},
				{want: "127.0.0.1:2000"},
			},
			func(s *settings) string { return s.address },
		},
		"where the agent is asked": {
			[]place{
				{variable: "AWS_XRAY_DAEMON_ADDRESS", value: "tcp:10.0.0.1:1 udp:10.0.0.1:2", want: "10.0.0.1:1"},
				{field: func(c *Config) { c.DaemonAddress = "xray:2001" }, want: "xray:2001"},
				{variable: "XRAY_DAEMON_ADDRESS", value: "udp:[::1]:2002 tcp:[::1]:2003", want: "[::1]:2003"},
				{want: "127.0.0.1:2000"},
			},
			func(s *settings) string { return s.tcp },
		},
		"sampling": {
			[]place{
				{field: func(c *Config) { c.Sampling = SamplingAuto }, want: "auto"},
				{variable: "XRAY_SAMPLING", value: "Local", want: "local"},
				{want: "auto"},
			},
			func(s *settings) string {
				if s.localSampling {
					return "local"
				}
				return "auto"
			},
		},
		"undecided": {
			[]place{
				{field: func(c *Config) { c.NoUndecided = true }, want: "false"},
				{variable: "XRAY_UNDECIDED", value: "FALSE", want: "false"},
				{want: "true"},
			},
			func(s *settings) string { return fmt.Sprint(s.undecided) },
		},
		"redaction": {
			[]place{
				{field: func(c *Config) { c.Redact = &redact.Config{Off: true} }, want: "off"},
				{variable: "XRAY_REDACT", value: "On", want: "on"},
				{want: "off"},
			},
			func(s *settings) string {
				if s.redactor == nil {
					return "off"
				}
				return "on"
			},
		},
		"context missing": {
			[]place{
				{variable: "AWS_XRAY_CONTEXT_MISSING", value: "RUNTIME_ERROR", want: "RUNTIME_ERROR"},
				{field: func(c *Config) { c.ContextMissing = IgnoreError }, want: "IGNORE_ERROR"},
				{variable: "XRAY_CONTEXT_MISSING", value: "runtime_error", want: "RUNTIME_ERROR"},
				{want: "LOG_ERROR"},
			},
			func(s *settings) string { return string(s.missing) },
		},
		"force key": {
			[]place{
				{field: func(c *Config) { c.ForceKey = "code" }, want: "code"},
				{variable: "XRAY_FORCE_KEY", value: "env", want: "env"},
				{want: ""},
			},
			func(s *settings) string { return string(s.forceKey) },
		},
		"trusted peers": {
			[]place{
				{field: func(c *Config) { c.TrustedPeers = []netip.Prefix{} }, want: "[]"},
				{variable: "XRAY_TRUSTED_PEERS", value: "10.0.0.0/8, ::1", want: "[10.0.0.0/8 ::1/128]"},
				{want: "everyone"},
			},
			func(s *settings) string {
				if s.trusted == nil {
					return "everyone"
				}
				return fmt.Sprint(s.trusted)
			},
		},
		"origin": {
			[]place{
				{field: func(c *Config) { c.Origin = "AWS::EC2::Instance" }, want: "AWS::EC2::Instance"},
				{variable: "ECS_CONTAINER_METADATA_URI_V4", value: "http://169.254.170.2/v4/x", want: "AWS::ECS::Container"},
				{want: ""},
			},
			func(s *settings) string { return s.origin },
		},
	}
	for name, row := range rows {
		for from := range row.places {
			t.Run(fmt.Sprintf("%s, place %d", name, from+1), func(t *testing.T) {
				cfg, vars := Config{}, map[string]string{}
				for _, p := range row.places[from:] {
					if p.field != nil {
						p.field(&cfg)
					} else if p.variable != "" {
						vars[p.variable] = p.value
					}
				}
				cfg.LookupEnv = envOf(vars)
				s, err := resolve(cfg)
				if err != nil {
					t.Fatal(err)
				}
				if got := row.read(s); got != row.places[from].want {
					t.Errorf("got %q, want %q", got, row.places[from].want)
				}
			})
		}
	}
}

func TestABadSettingIsNamedWithItsValueAndWhatIsLegal(t *testing.T) {
	nan := 0.0
	nan /= nan
	cases := []struct {
		vars map[string]string
		cfg  Config
		want []string
	}{
		{vars: map[string]string{"XRAY_SAMPLING_RATE": "2"}, want: []string{"XRAY_SAMPLING_RATE", `"2"`, "0 to 1"}},
		{vars: map[string]string{"XRAY_SAMPLING_RATE": "abc"}, want: []string{"XRAY_SAMPLING_RATE", `"abc"`, "0 to 1"}},
		{vars: map[string]string{"XRAY_SAMPLING_RATE": "NaN"}, want: []string{"XRAY_SAMPLING_RATE"}},
		{cfg: Config{SamplingRate: rate(-0.1)}, want: []string{"Config.SamplingRate", `"-0.1"`, "0 to 1"}},
		{cfg: Config{SamplingRate: rate(nan)}, want: []string{"Config.SamplingRate"}},
		{vars: map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "nowhere"}, want: []string{"AWS_XRAY_DAEMON_ADDRESS", `"nowhere"`, "host:port"}},
		{vars: map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "::1:2000"}, want: []string{"AWS_XRAY_DAEMON_ADDRESS", "brackets"}},
		{vars: map[string]string{"XRAY_DAEMON_ADDRESS": "udp:h:1"}, want: []string{"XRAY_DAEMON_ADDRESS", "two-part"}},
		{vars: map[string]string{"XRAY_DAEMON_ADDRESS": "udp:h:1 udp:h:2"}, want: []string{"stands twice"}},
		{vars: map[string]string{"XRAY_DAEMON_ADDRESS": "tcp:h:1 udp:h:2 tcp:h:3"}, want: []string{"stands twice"}},
		{cfg: Config{DaemonAddress: "h:0"}, want: []string{"Config.DaemonAddress", "1 to 65535"}},
		{cfg: Config{DaemonAddress: "h:70000"}, want: []string{"1 to 65535"}},
		{cfg: Config{DaemonAddress: ":2000"}, want: []string{"no host"}},
		{vars: map[string]string{"AWS_XRAY_CONTEXT_MISSING": "PANIC"}, want: []string{"AWS_XRAY_CONTEXT_MISSING", `"PANIC"`, "LOG_ERROR, IGNORE_ERROR or RUNTIME_ERROR"}},
		{cfg: Config{ContextMissing: "x"}, want: []string{"Config.ContextMissing"}},
		{vars: map[string]string{"XRAY_SAMPLING": "central"}, want: []string{"XRAY_SAMPLING", `"central"`, "auto or local"}},
		{cfg: Config{Sampling: "x"}, want: []string{"Config.Sampling"}},
		{cfg: Config{Sampling: SamplingLocal}, vars: map[string]string{"XRAY_SAMPLING": "x"}, want: []string{"XRAY_SAMPLING"}},
		{vars: map[string]string{"XRAY_UNDECIDED": "maybe"}, want: []string{"XRAY_UNDECIDED", `"maybe"`, "true or false"}},
		{vars: map[string]string{"XRAY_REDACT": strings.Repeat("k", 100)}, want: []string{"XRAY_REDACT", "redaction", "kkk"}},
		{cfg: Config{Redact: &redact.Config{Keys: []string{""}}}, want: []string{"Config.Redact", "redaction"}},
		{vars: map[string]string{"XRAY_ENABLED": "maybe"}, want: []string{"XRAY_ENABLED", `"maybe"`, "true or false"}},
		{vars: map[string]string{"OTEL_SDK_DISABLED": "2"}, want: []string{"OTEL_SDK_DISABLED"}},
		{vars: map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "a"}, want: []string{"OTEL_RESOURCE_ATTRIBUTES", "key=value"}},
		{vars: map[string]string{"XRAY_TRUSTED_PEERS": "10.0.0.0/99"}, want: []string{"XRAY_TRUSTED_PEERS", "10.0.0.0/99"}},
		// Values that would have lost anyway.
		{cfg: Config{SamplingRate: rate(1)}, vars: map[string]string{"XRAY_SAMPLING_RATE": "often"}, want: []string{"XRAY_SAMPLING_RATE", `"often"`}},
		{vars: map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "h:1", "XRAY_DAEMON_ADDRESS": "there"}, want: []string{"XRAY_DAEMON_ADDRESS", `"there"`}},
		{cfg: Config{DaemonAddress: "there"}, vars: map[string]string{"AWS_XRAY_DAEMON_ADDRESS": "h:1"}, want: []string{"Config.DaemonAddress", `"there"`}},
		{cfg: Config{ContextMissing: LogError}, vars: map[string]string{"XRAY_CONTEXT_MISSING": "loud"}, want: []string{"XRAY_CONTEXT_MISSING", `"loud"`}},
		{cfg: Config{TrustedPeers: []netip.Prefix{}}, vars: map[string]string{"XRAY_TRUSTED_PEERS": "them"}, want: []string{"XRAY_TRUSTED_PEERS", `"them"`}},
		{cfg: Config{MaxDocumentBytes: 100}, want: []string{"Config.MaxDocumentBytes", `"100"`, "4096 to 65476"}},
		{cfg: Config{MaxDocumentBytes: 70000}, want: []string{"4096 to 65476"}},
		{cfg: Config{QueueSize: -1}, want: []string{"Config.QueueSize"}},
		{cfg: Config{Limits: Limits{Links: -1}}, want: []string{"Config.Limits", "above 0"}},
	}
	for _, c := range cases {
		t.Run(strings.Join(c.want, " "), func(t *testing.T) {
			c.cfg.LookupEnv = envOf(c.vars)
			tr, _, err := Setup(context.Background(), c.cfg)
			if err == nil || tr != nil {
				t.Fatalf("Setup gave %v and no error", tr)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q does not say %q", err, w)
				}
			}
		})
	}
}

func TestNobodyIsTrustedWhenTheVariableSaysNone(t *testing.T) {
	tr := startAt(t, Config{LookupEnv: envOf(map[string]string{"XRAY_TRUSTED_PEERS": "none"})})
	if tr.trusts("127.0.0.1:1") {
		t.Error("a peer is trusted")
	}
}

func TestACancelledContextStopsSetup(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Setup(ctx, Config{LookupEnv: emptyEnv}); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}
