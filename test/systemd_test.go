package test

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// unit is a unit file: sections, and in each the values of a key in their order.
type unit map[string]map[string][]string

func readUnit(path string) (unit, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	u, section := unit{}, ""
	for number, line := range strings.Split(string(text), "\n") {
		key, value, is := strings.Cut(line, "=")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
			u[section] = map[string][]string{}
		case !is || section == "":
			return nil, fmt.Errorf("%s:%d: this is no setting: %q", path, number+1, line)
		default:
			u[section][key] = append(u[section][key], value)
		}
	}
	return u, nil
}

func (u unit) one(key string) string { return strings.Join(u["Service"][key], " ") }

// units are the services with the command that each starts.
var units = map[string]string{
	"roentgen": "roentgen serve", "roentgen-agent": "roentgen agent",
	"afirgen-main-backend": "afirgen backend", "afirgen-gguf-server": "afirgen gguf", "afirgen-asr-ocr-server": "afirgen asrocr",
}

// exposure is the most that systemd-analyze security may say, of 10.
const exposure = 1.5

// checkUnits holds the units against systemd's own judgement, in a tree where their programs are installed, and against ours.
func (ask *asker) checkUnits(deploy string) (found []string) {
	root, err := os.MkdirTemp("", "units")
	if err != nil {
		return []string{err.Error()}
	}
	defer os.RemoveAll(root)
	if err := installUnits(deploy, root); err != nil {
		return []string{err.Error()}
	}
	for name, command := range units {
		file := filepath.Join(root, "usr", "lib", "systemd", "system", name+".service")
		if out, err := exec.Command("systemd-analyze", "verify", "--man=no", "--root="+root, file).CombinedOutput(); err != nil || len(out) > 0 {
			found = append(found, fmt.Sprintf("%s: systemd-analyze verify: %v: %s", name, err, out))
		}
		out, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", fmt.Sprintf("--threshold=%.0f", exposure*10), file).CombinedOutput()
		if m := regexp.MustCompile(`Overall exposure level .*: ([\d.]+)`).FindSubmatch(out); err != nil || m == nil {
			found = append(found, fmt.Sprintf("%s: it is exposed by more than %.1f: %v: %s", name, exposure, err, tail(string(out))))
		}
		u, err := readUnit(file)
		if err != nil {
			return append(found, err.Error())
		}
		for _, says := range ask.checkUnit(u, command, deploy) {
			found = append(found, name+": "+says)
		}
	}
	return found
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// installUnits puts units, and programs that do nothing, where they are on a machine.
func installUnits(deploy, root string) error {
	for _, path := range []string{"usr/bin/roentgen", "usr/bin/afirgen", "bin/kill"} {
		at := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, []byte("#!/bin/sh\n"), 0o755); err != nil {
			return err
		}
	}
	system := filepath.Join(root, "usr", "lib", "systemd", "system")
	files, err := filepath.Glob(filepath.Join(deploy, "systemd", "*.service"))
	for _, target := range []string{"network-online", "network", "multi-user", "basic", "sysinit", "shutdown"} {
		files = append(files, "/usr/lib/systemd/system/"+target+".target")
	}
	for _, file := range files {
		if err == nil {
			err = copyFile(file, filepath.Join(system, filepath.Base(file)), 0o644, 0)
		}
	}
	return err
}

func (ask *asker) checkUnit(u unit, command, deploy string) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	words := strings.Fields(u.one("ExecStart"))
	name := filepath.Base(words[0])
	if got := name + " " + first(words[1:]); got != command || filepath.Dir(words[0]) != "/usr/bin" {
		say("it starts %q, not /usr/bin/%s", u.one("ExecStart"), command)
		return found
	}
	found = append(found, ask.unknownWords(name, words[1:])...)
	stop, err := time.ParseDuration(u.one("TimeoutStopSec") + "s")
	if err != nil || stop <= drains[command] {
		say("it is killed after %s (%v), and takes %s to stop", stop, err, drains[command])
	}
	if u.one("Restart") != "on-failure" || u.one("LimitNOFILE") == "" {
		say("nobody starts it again, or it may open few files")
	}
	users, err := os.ReadFile(filepath.Join(deploy, "systemd", name+".sysusers"))
	if user := u.one("User"); err != nil || !regexp.MustCompile(`(?m)^u `+user+` `).Match(users) {
		say("nobody makes the user %q (%v)", user, err)
	}
	env := map[string]string{}
	for _, setting := range u["Service"]["Environment"] {
		variable, value, _ := strings.Cut(setting, "=")
		env[variable] = value
	}
	path := filepath.Join(deploy, "systemd", filepath.Base(u.one("EnvironmentFile")))
	sample, err := settingsIn(path, true)
	if err != nil {
		return append(found, err.Error())
	}
	maps.Copy(env, sample)
	return append(found, ask.unknownSettings(name, env)...)
}

func TestTheUnitsAreWhatSystemdWants(t *testing.T) {
	const (
		server = "systemd/roentgen.service"
		agent  = "systemd/roentgen-agent.service"
		desk   = "systemd/afirgen-main-backend.service"
	)
	hold(t, new(asker).checkUnits,
		flaw{"a setting that systemd does not know", server, "TimeoutStopSec=30", "TimeoutStop=30", "Unknown key"},
		flaw{"a program that is not there", agent, "/usr/bin/roentgen", "/usr/bin/roentgent", "not executable"},
		flaw{"another command", desk, "afirgen backend", "afirgen gguf", "it starts"},
		flaw{"a flag that there is not", server, "roentgen serve", "roentgen serve --dir x", "has no flag --dir"},
		flaw{"less hardened", server, "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nPrivateDevices=yes\n", "", "it is exposed by more than"},
		flaw{"killed in the drain", desk, "TimeoutStopSec=40", "TimeoutStopSec=30", "takes 35s to stop"},
		flaw{"never started again", agent, "Restart=on-failure", "Restart=no", "nobody starts it again"},
		flaw{"a user that nobody makes", desk, "User=afirgen", "User=backend", "nobody makes the user"},
		flaw{"a variable that nobody reads", desk, "Environment=ARCHIVE_URL", "Environment=ARCHIVE", "does not read ARCHIVE"},
		flaw{"a sample of what there is not", "systemd/agent.env", "#ROENTGEN_AGENT_REDACT=", "#ROENTGEN_AGENT_REDACTED=", "does not read ROENTGEN_AGENT_REDACTED"},
	)
}

// installed is what the units start, as processes of this machine.
type installed struct {
	processes
	t     *testing.T
	dir   string                       // stands for /
	env   map[string]map[string]string // what the operator writes into the environment files
	ports map[string]string
}

func newInstalled(t *testing.T) *installed {
	t.Helper()
	s := &installed{processes: newProcesses(t), t: t, dir: t.TempDir(), ports: map[string]string{}}
	for _, name := range []string{"server", "daemon", "desk", "models", "reader"} {
		s.ports[name] = freeAddress(t)
	}
	port := func(name string) string { _, p, _ := net.SplitHostPort(s.ports[name]); return p }
	s.env = map[string]map[string]string{
		"server.env": {"ROENTGEN_HTTP": s.ports["server"], "ROENTGEN_DAEMON": "off", "ROENTGEN_OTLP_GRPC": "off", "ROENTGEN_OTLP_HTTP": "off"},
		"agent.env": {"ROENTGEN_AGENT_UPSTREAM": "http://" + s.ports["server"], "ROENTGEN_AGENT_BIND": s.ports["daemon"], "ROENTGEN_AGENT_BIND_TCP": s.ports["daemon"],
			"ROENTGEN_AGENT_RING_BYTES": "8388608", "ROENTGEN_AGENT_SPOOL_BYTES": "16777216"},
		"gguf-server.env":    {"MODEL_SERVER_PORT": port("models")},
		"asr-ocr-server.env": {"ASR_OCR_PORT": port("reader")},
		"main-backend.env": {"PORT": port("desk"), "MODEL_SERVER_URL": "http://" + s.ports["models"], "ASR_OCR_SERVER_URL": "http://" + s.ports["reader"],
			"STATION_CODE": "KTW", "STATION_NAME": "Kotwali", "STATION_DISTRICT": "Lucknow", "STATION_STATE": "Uttar Pradesh"},
	}
	for _, file := range []string{"gguf-server.env", "asr-ocr-server.env", "main-backend.env"} {
		s.env[file]["XRAY_SAMPLING_RATE"], s.env[file]["XRAY_DAEMON_ADDRESS"] = "1", s.ports["daemon"]
	}
	for name, secret := range map[string]string{"API_KEY": apiKey, "FIR_AUTH_KEY": authKey} {
		path := filepath.Join(s.dir, "etc", "afirgen", "secrets", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, []byte(secret+"\n"))
	}
	return s
}

// startUnit starts a unit as systemd would: state directory, credentials, environment, specifiers.
func (s *installed) startUnit(name string) {
	s.t.Helper()
	u, err := readUnit(filepath.Join(ours, "systemd", name+".service"))
	if err != nil {
		s.t.Fatal(err)
	}
	credentials, state := filepath.Join(s.dir, "run", "credentials", name), filepath.Join(s.dir, "var", "lib")
	for _, c := range u["Service"]["LoadCredential"] {
		id, from, _ := strings.Cut(c, ":")
		if err := copyFile(filepath.Join(s.dir, from), filepath.Join(credentials, id), 0o400, 0); err != nil {
			s.t.Fatal(err)
		}
	}
	env := []string{"PATH=" + os.Getenv("PATH")}
	if folder := u.one("StateDirectory"); folder != "" {
		if err := os.MkdirAll(filepath.Join(state, folder), 0o700); err != nil {
			s.t.Fatal(err)
		}
		env = append(env, "STATE_DIRECTORY="+filepath.Join(state, folder))
	}
	expand := strings.NewReplacer("%S", state, "%d", credentials, "%%", "%").Replace
	for _, setting := range u["Service"]["Environment"] {
		env = append(env, expand(setting))
	}
	for variable, value := range s.env[filepath.Base(u.one("EnvironmentFile"))] {
		env = append(env, variable+"="+value)
	}
	words := strings.Fields(expand(u.one("ExecStart")))
	c := exec.Command(program(filepath.Base(words[0])), words[1:]...)
	c.Env, c.Dir = env, s.t.TempDir()
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stop, err := time.ParseDuration(u.one("TimeoutStopSec") + "s")
	if err != nil {
		s.t.Fatal(err)
	}
	ready := func() {}
	if u.one("Type") == "notify" {
		ready = s.listen(c)
	}
	s.launch(name, c, stop)
	ready()
	if files, err := os.ReadDir(c.Dir); err != nil || len(files) > 0 {
		s.t.Errorf("%s writes into the folder where it stands (%v)", name, err)
	}
}

// listen is systemd's end of what a program says of itself; what is returned waits until it says that it is ready.
func (s *installed) listen(c *exec.Cmd) (ready func()) {
	s.t.Helper()
	dir, err := os.MkdirTemp("", "sd") // the path of a socket has to be short
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	c.Env = append(c.Env, "NOTIFY_SOCKET="+path)
	return func() {
		s.t.Helper()
		said := make([]byte, 100)
		err := conn.SetReadDeadline(time.Now().Add(30 * time.Second))
		n := 0
		if err == nil {
			n, err = conn.Read(said)
		}
		if err != nil || string(said[:n]) != "READY=1" {
			s.t.Fatalf("%s says %q (%v)", c.Args, said[:n], err)
		}
	}
}

// await waits until a service says that it is ready.
func (s *installed) await(name, addr string) {
	s.t.Helper()
	eventually(s.t, func() error {
		if err := s.died(name); err != nil {
			s.t.Fatalf("%s: %v:\n%s", name, err, s.running[name].logs)
		}
		resp, err := client.Get("http://" + addr + "/readyz")
		if err == nil && resp.StatusCode != http.StatusOK {
			err = fmt.Errorf("%s answers %s:\n%s", name, resp.Status, s.running[name].logs)
		}
		if resp != nil {
			resp.Body.Close()
		}
		return err
	})
}

// TestTheUnitsStartWithoutSystemd starts every unit by its ExecStart with its environment, its specifiers and its
// credentials, files a complaint, sees its trace whole, and stops them in the other order.
func TestTheUnitsStartWithoutSystemd(t *testing.T) {
	s := newInstalled(t)
	for _, start := range [][2]string{{"roentgen", "server"}, {"roentgen-agent", "daemon"},
		{"afirgen-gguf-server", "models"}, {"afirgen-asr-ocr-server", "reader"}, {"afirgen-main-backend", "desk"}} {
		s.startUnit(start[0])
		s.await(start[0], s.ports[start[1]])
	}
	a := &afirgen{server: &server{HTTP: "http://" + s.ports["server"]}, backend: s.ports["desk"], logs: s.running["afirgen-main-backend"].logs}
	status, _, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	if status != http.StatusOK {
		t.Fatalf("the complaint is answered %d: %s\n%s", status, body, a.logs)
	}
	status, header, body := a.do(t, a.approval(t, sessionOf(t, body)))
	if status != http.StatusOK {
		t.Fatalf("the review is answered %d: %s\n%s", status, body, a.logs)
	}
	a.awaitSegments(t, traceOf(t, header), 2)
	for _, file := range []string{"afirgen/afirgen.db", "roentgen/roentgen.json"} {
		if _, err := os.Stat(filepath.Join(s.dir, "var", "lib", file)); err != nil {
			t.Errorf("what is kept is not in the state directory: %v", err)
		}
	}
	for _, name := range slices.Backward(s.order) {
		s.stop(name)
	}
}

// settingsIn reads the NAME=value lines of an environment file; with samples, those too that stand behind a #.
func settingsIn(path string, samples bool) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if samples {
			line = strings.TrimPrefix(line, "#")
		}
		if name, value, is := strings.Cut(line, "="); is && regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`).MatchString(name) {
			all[name] = value
		}
	}
	return all, nil
}
