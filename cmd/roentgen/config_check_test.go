package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// mistakesOf are those of a file, as they are printed.
func mistakesOf(kind, text string) (is string, out []string) {
	is, found := checkFile(kind, []byte(text))
	for _, m := range found {
		out = append(out, m.at("f"))
	}
	return is, out
}

func TestEveryMistakeIsSaidWithItsLine(t *testing.T) {
	for name, c := range map[string]struct {
		text, kind string
		want       []string // the beginning of each, and behind a bar what else is in it
	}{
		"a good file of the server":      {"http: 127.0.0.1:1895\nretention: 24h\notlp-index: [all, plan]\n", kindServer, nil},
		"a good file of the daemon":      {"Version: 2\nRegion: eu-west-1\nSocket:\n  UDPAddress: 127.0.0.1:2000\n", kindAgent, nil},
		"a daemon's of version 1":        {"Version: 1\nLogging:\n  LogLevel: prod\n", kindAgent, nil},
		"a good triggers file":           {"version: 1\ntriggers:\n- {name: slow, when: slower than 2s}\n", kindTriggers, nil},
		"a server's that names triggers": {"triggers: /nowhere.yaml\n", kindServer, []string{"f:1: triggers: |/nowhere.yaml"}},
		"many of the server": {"retentoin: 1h\nretention: soon\nhttp: 0.0.0.0:1895\ndaemon: [a]\nmax-bytes: 0\nmax-bytes: 1\ninsecure: maybe\nhead-bytes:\n", kindServer, []string{
			"f:1: retentoin: |did you mean retention?", `f:2: retention: "soon"|168h`, "f:3: http: 0.0.0.0:1895|--auth-file", "f:4: daemon: |single value", "f:5: max-bytes: |above 0",
			"f:6: max-bytes: |line 5", `f:7: insecure: "maybe"|true or false`, "f:8: head-bytes: |no value",
		}},
		"many of the daemon": {"Version: 3\nRegoin: x\nConcurrency: many\nLocalMode: perhaps\nTotalBufferSizeMB: 1\nSocket:\n  UDPAdress: x\n  TCPAddress: y\nProcessor:\n  Region: x\n", kindAgent, []string{
			"f:1: |neither 1 nor 2", "f:2: Regoin: |did you mean Region?", "f:3: Concurrency: |whole number", "f:4: LocalMode: |true or false", "f:5: TotalBufferSizeMB: |least is 3",
			"f:7: Socket.UDPAdress: |did you mean Socket.UDPAddress?", "f:8: Socket.TCPAddress: |127.0.0.1:2000", "f:10: Processor.Region: |write Region",
		}},
		"no version": {"Region: eu-west-1\n", kindAgent, []string{"f:1: |Version: 2"}},
		"many of the triggers": {"version: 1\ntriggers:\n- name: slow\n  when: slower then 2s\n- name: x\n  wen: error\n  quota: lots\ncaptur: [a]\n", kindTriggers, []string{
			"f:4: |slower than 2s", "f:6: |did you mean when?", "f:7: |100/s", "f:8: |did you mean capture?",
		}},
		"no YAML":      {"a: [\n", "", []string{"f:|no YAML"}},
		"nothing":      {"", "", []string{"f:1: |no keys"}},
		"two ways off": {"http: off\ndaemon: off\notlp-grpc: off\notlp-http: off\n", kindServer, []string{"f:1: http: |all off"}},
		"a log level":  {"log-level: loud\nlog-format: xml\n", kindServer, []string{"f:1: log-level: |debug", "f:2: log-format: |json"}},
	} {
		kind, got := mistakesOf("", c.text)
		if kind != c.kind || len(got) != len(c.want) {
			t.Errorf("%s: of kind %q, %d mistakes:\n%s\nwant kind %q and %d", name, kind, len(got), strings.Join(got, "\n"), c.kind, len(c.want))
			continue
		}
		for i, want := range c.want {
			begin, rest, _ := strings.Cut(want, "|")
			if !strings.HasPrefix(got[i], begin) || !strings.Contains(got[i], rest) {
				t.Errorf("%s: %q, want it to begin with %q and to hold %q", name, got[i], begin, rest)
			}
		}
	}
}

// What serve and the agent refuse, check finds; what they take, it calls good.
func TestCheckAgreesWithWhatReadsTheFile(t *testing.T) {
	for _, text := range []string{
		"retention: 1h\n", "retention: 0s\n", "store: x\n", "http: ':1'\n", "tls-cert: a\n", "daemon-allow: [10.0.0.0/8]\ndaemon: 0.0.0.0:2000\n", "daemon-allow: 10\n",
		"otlp-index: [none, a]\n", "insecure: true\nhttp: 0.0.0.0:1\n", "http-hosts: a,b\n", "max-bytes: 1e3\n",
	} {
		_, found := mistakesOf(kindServer, text)
		_, err := load(t, text, nil)
		if (err == nil) != (len(found) == 0) {
			t.Errorf("%q: serve says %v, check %q", text, err, found)
		}
	}
	for _, text := range []string{"Version: 2\n", "Version: 1\nNoVerifySSL: true\n", "Version: 2\nSocket: {UDPAddress: 127.0.0.1}\n", "Version: 2\nx: 1\n", "Version: 2\nConcurrency: -1\n", "Version: 2\nLogging: [a]\n"} {
		_, found := mistakesOf(kindAgent, text)
		path := filepath.Join(t.TempDir(), "cfg.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		flags := pflag.NewFlagSet("agent", pflag.ContinueOnError)
		addAgentFlags(flags)
		_, err := loadAgentConfig(flags, []string{agentEnvPrefix + "CONFIG=" + path})
		if (err == nil) != (len(found) == 0) {
			t.Errorf("%q: the agent says %v, check %q", text, err, found)
		}
	}
}

func originsOf(list []setting) map[string]string {
	out := map[string]string{}
	for _, s := range list {
		out[s.Key] = s.Value + " from " + s.Origin
	}
	return out
}

func TestEachSettingComesFromSomewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "roentgen.yaml")
	if err := os.WriteFile(path, []byte("retention: 1h\nlog-level: warn\nhttp-hosts: [a, b]\ndaemon-allow: [10.0.0.0/8]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newServeCommand()
	if err := c.Flags().Parse([]string{"--data", "/d"}); err != nil {
		t.Fatal(err)
	}
	list, err := serverSettings(c.Flags(), path, []string{"ROENTGEN_LOG_LEVEL=debug", "ROENTGEN_DAEMON_ALLOW=192.168.0.0/16", "ROENTGEN_DATA=/e", "ROENTGEN_TOKEN=x"})
	if err != nil {
		t.Fatal(err)
	}
	got := originsOf(list)
	for key, want := range map[string]string{
		"data": "/d from flag --data", "retention": "1h0m0s from " + path + ":1", "log-level": "debug from environment ROENTGEN_LOG_LEVEL",
		"http-hosts": "a,b from " + path + ":3", "daemon-allow": "192.168.0.0/16 from environment ROENTGEN_DAEMON_ALLOW", "store": "block from default",
	} {
		if got[key] != want {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
	if _, err := serverSettings(newServeCommand().Flags(), "", []string{"ROENTGEN_RETENTOIN=1", "ROENTGEN_RETENTION=soon"}); err == nil ||
		!strings.Contains(err.Error(), "RETENTOIN") || !strings.Contains(err.Error(), "ROENTGEN_RETENTION") {
		t.Errorf("both mistakes of the environment: %v", err)
	}
}

func TestOriginsOfTheAgentAndWhatIsSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cfg.yaml")
	if err := os.WriteFile(path, []byte("Version: 2\nRegion: eu-west-1\nConcurrency: 4\nProxyAddress: http://u:hidden@proxy:3128\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := pflag.NewFlagSet("agent", pflag.ContinueOnError)
	addAgentFlags(flags)
	if err := flags.Parse([]string{"--config", path, "-t", "off"}); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{tokenEnv: "hidden", "AWS_ENDPOINT_URL": "http://u:hidden@h"}
	list, err := agentSettings(flags, []string{"ROENTGEN_AGENT_STATE=/s"}, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	got := originsOf(list)
	for key, want := range map[string]string{
		"bind-tcp": "off from flag --bind-tcp", "region": "eu-west-1 from " + path + ":2", "Concurrency": "4 from " + path + ":3",
		"proxy-address": "http://u:xxxxx@proxy:3128 from " + path + ":4", "state": "/s from environment ROENTGEN_AGENT_STATE",
		"token": "(set, masked) from environment ROENTGEN_TOKEN", "Endpoint": "http://u:xxxxx@h from environment AWS_ENDPOINT_URL", "bind": "127.0.0.1:2000 from default",
		"otlp-grpc": "off from default",
	} {
		if got[key] != want {
			t.Errorf("%s: %s, want %s", key, got[key], want)
		}
	}
	if slices.ContainsFunc(list, func(s setting) bool { return strings.Contains(s.Value, "hidden") }) {
		t.Error("a secret is printed")
	}
}
