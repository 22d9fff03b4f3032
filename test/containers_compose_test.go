package test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// readCompose reads the compose file of a deployment as docker compose does, all profiles.
func readCompose(deploy string, env map[string]string) (*types.Project, error) {
	dir := filepath.Join(deploy, "docker")
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	env = maps.Clone(env)
	if env["SECRETS_GID"] == "" {
		env["SECRETS_GID"] = "1000"
	}
	return loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir: dir, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "compose.yaml")}}, Environment: env,
	}, func(o *loader.Options) { o.Profiles = []string{"*"} })
}

// composed is a service with the stage of a Dockerfile that its image is, if it is ours.
type composed struct {
	types.ServiceConfig
	stage stage
	file  string
}

// program is the entry point's, and command what follows it, with the usual ones of the image.
func (c composed) words() (program string, command []string) {
	entry, command := []string(c.Entrypoint), []string(c.Command)
	if len(entry) == 0 {
		entry = c.stage.last("ENTRYPOINT").words
		if len(command) == 0 {
			command = c.stage.last("CMD").words
		}
	}
	if len(entry) == 0 {
		return "", command
	}
	return entry[0], append(slices.Clone(entry[1:]), command...)
}

// environment is the image's with the service's over it.
func (c composed) environment() map[string]string {
	env := c.stage.pairs("ENV")
	for name, value := range c.Environment {
		if value != nil {
			env[name] = *value
		}
	}
	return env
}

// ourServices joins services and images. A service without a build has the image of another.
func ourServices(deploy string, p *types.Project) (map[string]composed, error) {
	built := map[string]*types.BuildConfig{}
	for _, s := range p.Services {
		if s.Build != nil {
			built[s.Image] = s.Build
		}
	}
	all := map[string]composed{}
	for name, s := range p.Services {
		c := composed{ServiceConfig: s}
		if b := built[s.Image]; b != nil {
			if _, err := os.Stat(filepath.Join(b.Context, ".dockerignore")); err != nil && deploy == ours {
				return nil, fmt.Errorf("%s: %s is not the top of the checkout", name, b.Context)
			}
			c.file = filepath.Base(b.Dockerfile)
			d, err := readDockerfile(filepath.Join(deploy, "docker", c.file))
			if err != nil {
				return nil, err
			}
			var is bool
			if c.stage, is = d.stage(b.Target); !is {
				return nil, fmt.Errorf("%s: %s has no target %s", name, c.file, b.Target)
			}
		}
		all[name] = c
	}
	return all, nil
}

func (ask *asker) checkCompose(deploy string) (found []string) {
	p, err := readCompose(deploy, map[string]string{})
	if err != nil {
		return []string{err.Error()}
	}
	all, err := ourServices(deploy, p)
	if err != nil {
		return []string{err.Error()}
	}
	for name, c := range all {
		for _, check := range []func(composed) []string{checkConfined, checkLife, ask.checkWords, checkSecretsOf(p)} {
			for _, says := range check(c) {
				found = append(found, name+": "+says)
			}
		}
		for _, says := range c.checkNeighbours(all) {
			found = append(found, name+": "+says)
		}
	}
	for _, want := range []string{"roentgen", "agent", "main-backend", "gguf-server", "asr-ocr-server", "mysql", "s3", "demo"} {
		if _, is := all[want]; !is {
			found = append(found, "there is no service "+want)
		}
	}
	return found
}

// checkConfined wants a container that can do no more than it has to.
func checkConfined(c composed) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if !c.ReadOnly || !slices.Equal(c.CapDrop, []string{"ALL"}) || len(c.CapAdd) > 0 || c.Privileged || !slices.Contains(c.SecurityOpt, "no-new-privileges:true") {
		say("it may write its root file system, keeps capabilities or may get some")
	}
	if !notRoot.MatchString(c.User) {
		say("it runs as %q", c.User)
	}
	if c.Deploy == nil || c.Deploy.Resources.Limits == nil || c.Deploy.Resources.Limits.NanoCPUs == 0 || c.Deploy.Resources.Limits.MemoryBytes == 0 {
		say("nothing bounds its processor and memory")
	}
	if !slices.ContainsFunc(c.Tmpfs, func(at string) bool { return strings.HasPrefix(at, "/tmp") }) {
		say("/tmp cannot be written")
	}
	for _, port := range c.Ports {
		if port.HostIP != "127.0.0.1" {
			say("the port %d is open to other hosts", port.Target)
		}
	}
	if !tagged.MatchString(c.Image) && c.file == "" {
		say("the image %s has no registry or no tag", c.Image)
	}
	return found
}

// drains is how long the programs go on after SIGTERM at most: work in hand, and the last traces.
var drains = map[string]time.Duration{"roentgen serve": 20 * time.Second, "roentgen agent": 5 * time.Second,
	"afirgen backend": 35 * time.Second, "afirgen gguf": 35 * time.Second, "afirgen asrocr": 35 * time.Second, "afirgen local": 5 * time.Second}

// checkLife wants start, health and stop to be thought of.
func checkLife(c composed) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	once := c.Restart == "no"
	if !once && c.Restart != "unless-stopped" {
		say("nobody starts it again")
	}
	if h := c.HealthCheck; !once && (h == nil || h.Disable || len(h.Test) < 2 || h.Test[0] != "CMD" || h.Interval == nil || h.Timeout == nil || h.StartPeriod == nil) {
		say("its health is not asked, or not without a shell")
	}
	program, command := c.words()
	if drain, known := drains[program+" "+first(command)]; known && (c.StopGracePeriod == nil || time.Duration(*c.StopGracePeriod) <= drain) {
		say("it is killed before it has stopped, which takes %s", drain)
	} else if !known && c.file != "" && !once {
		say("how long does %s %s take to stop?", program, first(command))
	}
	return found
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}

// checkWords wants commands, flags and variables that the programs have.
func (ask *asker) checkWords(c composed) (found []string) {
	program, command := c.words()
	var shell []string // variables that it reads itself
	if program == "sh" {
		for _, m := range regexp.MustCompile(`\$\{?([A-Z]\w+)`).FindAllStringSubmatch(strings.Join(command, " "), -1) {
			shell = append(shell, m[1])
		}
		words := regexp.MustCompile(`(?s)exec afirgen (.*)`).FindStringSubmatch(strings.Join(command, " "))
		if words == nil {
			return []string{"the shell does not end in a program"}
		}
		program, command = "afirgen", strings.Fields(strings.ReplaceAll(words[1], `"`, ""))
	}
	if c.file == "" {
		return nil
	}
	env := c.environment()
	for _, variable := range shell {
		delete(env, variable)
	}
	found = append(ask.unknownWords(program, command), ask.unknownSettings(program, env)...)
	if h := c.HealthCheck; h != nil && len(h.Test) > 2 {
		found = append(found, ask.unknownWords(h.Test[1], h.Test[2:])...)
		if h.Test[1] != program {
			found = append(found, "its health is not asked by its own program")
		}
	}
	return found
}

// checkSecretsOf wants every secret that is named to be one that secrets.sh makes.
func checkSecretsOf(p *types.Project) func(composed) []string {
	return func(c composed) (found []string) {
		mounted := map[string]bool{}
		for _, s := range c.Secrets {
			mounted[s.Source] = true
			script, err := os.ReadFile(filepath.Join(p.WorkingDir, "secrets.sh"))
			if err != nil {
				return []string{err.Error()}
			}
			file := filepath.Base(p.Secrets[s.Source].File)
			if !regexp.MustCompile(`(?m)\bput ` + file + ` |for name in .*\b` + strings.TrimPrefix(file, "roentgen_") + `\b`).Match(script) {
				found = append(found, "nobody makes the secret "+file)
			}
		}
		_, command := c.words()
		text := strings.Join(command, " ")
		for _, value := range c.environment() {
			text += " " + value
		}
		for _, m := range regexp.MustCompile(`/run/secrets/(\w+)`).FindAllStringSubmatch(text, -1) {
			if !mounted[m[1]] {
				found = append(found, "it does not get the secret "+m[1])
			}
		}
		if len(mounted) > 0 && len(c.GroupAdd) == 0 {
			found = append(found, "it is not in the group that may read secrets")
		}
		return found
	}
}

var hostPort = regexp.MustCompile(`\b([a-z][a-z0-9-]*):(\d{2,5})\b`)

// checkNeighbours wants every address to be that of a service which listens there, and everybody waited for to have a health.
func (c composed) checkNeighbours(all map[string]composed) (found []string) {
	_, command := c.words()
	text := strings.Join(command, " ")
	for _, value := range c.environment() {
		text += " " + value
	}
	for _, m := range hostPort.FindAllStringSubmatch(text, -1) {
		other, is := all[m[1]]
		switch {
		case !is:
			found = append(found, fmt.Sprintf("there is no %s", m[0]))
		case other.file != "" && !slices.Contains(other.opens(), m[2]):
			found = append(found, fmt.Sprintf("%s does not listen on %s", m[1], m[2]))
		}
	}
	for name, d := range c.DependsOn {
		if h := all[name].HealthCheck; d.Condition == types.ServiceConditionHealthy && (h == nil || h.Disable) {
			found = append(found, fmt.Sprintf("it waits for the health of %s, which has none", name))
		}
		if name == "agent" && d.Required {
			found = append(found, "it does not start without the agent")
		}
	}
	for _, port := range c.Ports {
		if !slices.Contains(c.opens(), fmt.Sprint(port.Target)) {
			found = append(found, fmt.Sprintf("it publishes %d, where it does not listen", port.Target))
		}
	}
	return found
}

// opens are the ports that it listens on.
func (c composed) opens() (ports []string) {
	_, command := c.words()
	for _, value := range c.environment() {
		command = append(command, value)
	}
	for _, word := range command {
		if m := listensOn.FindStringSubmatch(word); m != nil {
			ports = append(ports, m[1])
		}
	}
	return ports
}

func TestComposeHasEverythingAndNothingWrong(t *testing.T) {
	const compose = "docker/compose.yaml"
	hold(t, new(asker).checkCompose,
		flaw{"a key that compose does not know", compose, "  stop_grace_period: 25s", "  stop_grace: 25s", "stop_grace"},
		flaw{"a target that there is not", compose, "target: gguf-server", "target: gguf", "has no target gguf"},
		flaw{"a flag that there is not", compose, "--auth-file, /run", "--auth, /run", "has no flag --auth"},
		flaw{"a variable that nobody reads", compose, "ARCHIVE_URL:", "ARCHIVE:", "does not read ARCHIVE"},
		flaw{"a neighbour that there is not", compose, "http://gguf-server:8001", "http://gguf:8001", "there is no gguf:8001"},
		flaw{"a port where nobody listens", compose, "http://asr-ocr-server:8002", "http://asr-ocr-server:8003", "does not listen on 8003"},
		flaw{"a secret that nobody makes", compose, "file: ./secrets/API_KEY", "file: ./secrets/KEY", "nobody makes the secret KEY"},
		flaw{"a secret that it does not get", compose, "secrets: [roentgen_agent]", "secrets: []", "does not get the secret roentgen_agent"},
		flaw{"a root file system that can be written", compose, "  read_only: true", "  read_only: false", "may write its root file system"},
		flaw{"root", compose, "user: \"999:999\"", "user: \"0:0\"", "runs as"},
		flaw{"a port for other hosts", compose, "127.0.0.1:${BACKEND_PORT", "0.0.0.0:${BACKEND_PORT", "open to other hosts"},
		flaw{"no time to stop", compose, "stop_grace_period: 40s", "stop_grace_period: 30s", "killed before it has stopped"},
		flaw{"no health", compose, "test: [CMD, roentgen, agent, health]", "disable: true", "waits for the health of agent"},
		flaw{"no bound", compose, "limits: { cpus: \"2\", memory: 2g, pids: 256 }", "limits: { pids: 256 }", "nothing bounds"},
		flaw{"an agent without which nothing starts", compose, "service_healthy, required: false", "service_healthy", "does not start without the agent"},
		flaw{"an image of any version", compose, "library/mysql:8.4", "library/mysql", "no registry or no tag"},
	)
}

// TestSecretsAreMadeOnce runs the script twice.
func TestSecretsAreMadeOnce(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "secrets.sh")
	if err := copyFile(filepath.Join(ours, "docker", "secrets.sh"), script, 0o755, 0); err != nil {
		t.Fatal(err)
	}
	read := func() map[string]string {
		if out, err := exec.Command(script).CombinedOutput(); err != nil || len(out) > 0 {
			t.Fatalf("it ends with %v and says %q", err, out)
		}
		all := map[string]string{}
		entries, err := os.ReadDir(filepath.Join(dir, "secrets"))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			path := filepath.Join(dir, "secrets", entry.Name())
			info, err := os.Stat(path)
			if err != nil || info.Mode().Perm() != 0o440 {
				t.Errorf("%s has the mode %v (%v)", entry.Name(), info.Mode(), err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all[entry.Name()] = string(text)
		}
		return all
	}
	first := read()
	if second := read(); !maps.Equal(first, second) {
		t.Error("the second run made other secrets")
	}
	seen := map[string]string{}
	for name, text := range first {
		if other := seen[text]; other != "" {
			t.Errorf("%s is the same as %s", name, other)
		}
		seen[text] = name
	}
	if len(first["API_KEY"]) != 65 || !strings.Contains(first["roentgen_tokens"], "agent "+first["roentgen_agent"]) {
		t.Errorf("the key is %q, the tokens %q", first["API_KEY"], first["roentgen_tokens"])
	}
	settings, err := os.ReadFile(filepath.Join(dir, ".env"))
	if want := fmt.Sprintf("SECRETS_GID=%d\n", os.Getgid()); err != nil || string(settings) != want {
		t.Errorf(".env says %q (%v), want %q", settings, err, want)
	}
}
