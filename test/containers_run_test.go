package test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/compose-spec/compose-go/v2/types"
)

// house is what the compose file describes, as processes of this machine: each in a root of its own that is its image's,
// as the user of its image where the test may choose, with names and ports of the compose file led to loopback.
type house struct {
	t        *testing.T
	project  *types.Project
	services map[string]composed
	ports    map[string]string // service:port to 127.0.0.1:port of this run
	roots    map[string]string // folder that is the service's root
	processes
}

// TestComposeRunsWithoutDocker builds Roentgen's image step by step, makes the secrets, starts every service by its command
// and environment in the order of its conditions, asks for health as compose does, files complaints with the demo, and
// stops in the other order. Debian's MariaDB stands for MySQL.
func TestComposeRunsWithoutDocker(t *testing.T) {
	roentgen := newBuilder(t, "roentgen.Dockerfile").build("roentgen")
	checkRoentgensImage(t, roentgen)
	h := newHouse(t, roentgen)
	for _, name := range h.startOrder() {
		h.start(name)
		h.awaitHealth(name)
	}
	demo := h.start("demo")
	if err := <-demo.ended; err != nil || !strings.Contains(demo.logs.String(), "8 of 8 checks passed") {
		h.t.Errorf("the demo ended with %v:\n%s", err, demo.logs)
	}
	h.lookAtTheMap()
	for _, name := range slices.Backward(h.order) {
		h.stop(name)
	}
}

// newHouse makes secrets, ports and the root of each service; roentgen is the root of Roentgen's image.
func newHouse(t *testing.T, roentgen string) *house {
	t.Helper()
	deploy := filepath.Join(t.TempDir(), "deploy")
	if err := os.CopyFS(deploy, os.DirFS(ours)); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("sh", filepath.Join(deploy, "docker", "secrets.sh")).CombinedOutput(); err != nil {
		t.Fatalf("secrets.sh: %v: %s", err, out)
	}
	env := map[string]string{"COMPLAINTS": "2", "SECRETS_GID": strconv.Itoa(os.Getgid())}
	p, err := readCompose(deploy, env)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, project: p, ports: map[string]string{}, roots: map[string]string{}, processes: newProcesses(t)}
	if h.services, err = ourServices(deploy, p); err != nil {
		t.Fatal(err)
	}
	h.givePorts()
	for name, c := range h.services {
		h.roots[name] = t.TempDir()
		h.fill(name, c, roentgen)
	}
	return h
}

// givePorts gives every port that a service opens a free one of this machine, for UDP and TCP alike.
func (h *house) givePorts() {
	for name, c := range h.services {
		ports := c.opens()
		if name == "mysql" {
			ports = []string{"3306"}
		}
		for _, port := range ports {
			if h.ports[name+":"+port] == "" {
				h.ports[name+":"+port] = freeAddress(h.t)
			}
		}
	}
}

// freeAddress is an address of loopback that nobody has, over UDP and TCP.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 20 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		c, err := net.ListenPacket("udp", addr)
		l.Close()
		if err == nil {
			c.Close()
			return addr
		}
	}
	t.Fatal("no port is free over both UDP and TCP")
	return ""
}

// fill makes the root of a service: its image, its secrets, and its volumes, which take the owner of the image's folder.
func (h *house) fill(name string, c composed, roentgen string) {
	h.t.Helper()
	root := h.roots[name]
	switch {
	case c.stage.name == "roentgen":
		h.must(copyTree(roentgen, root, func(string) (bool, error) { return false, nil }, 0))
	case h.confined(name):
		h.must(copyFile(program("afirgen"), filepath.Join(root, "usr", "local", "bin", "afirgen"), 0o755, 0))
		h.bringLibraries(root)
	}
	h.must(os.MkdirAll(filepath.Join(root, "run", "secrets"), 0o755))
	for _, s := range c.Secrets {
		h.must(copyFile(h.project.Secrets[s.Source].File, filepath.Join(root, "run", "secrets", s.Source), 0o440, 0))
	}
	for _, v := range c.Volumes {
		h.must(ownDir(filepath.Join(root, v.Target), 0o755, h.user(name)))
	}
	h.must(ownDir(filepath.Join(root, "tmp"), fs.ModeSticky|0o777, 0))
	h.must(os.Chmod(root, 0o755))
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// confined says whether the service's root holds all that it needs. The others need programs of Debian; the gguf server
// starts its own program again, which it finds in /proc.
func (h *house) confined(name string) bool {
	s := h.services[name].stage
	return os.Geteuid() == 0 && slices.Contains([]string{"roentgen", "main-backend"}, s.name)
}

// user is whom the service runs as: its image's user where the test may choose and the root is the service's own.
func (h *house) user(name string) int {
	if !h.confined(name) {
		return os.Geteuid()
	}
	return ownerOf(h.t, h.services[name].User)
}

// bringLibraries puts what the base image has into a root: this machine's C and C++ libraries.
func (h *house) bringLibraries(root string) {
	h.t.Helper()
	out, err := exec.Command("ldd", program("afirgen")).Output()
	h.must(err)
	for _, path := range regexp.MustCompile(`/\S+`).FindAllString(string(out), -1) {
		if !slices.Contains(inDistroless, filepath.Base(path)) {
			h.t.Errorf("the base image has no %s", path)
		}
		h.must(copyFile(path, filepath.Join(root, path), 0o755, 0))
	}
}

// startOrder is an order in which every service comes after those that it depends on; the demo is asked for later.
func (h *house) startOrder() []string {
	var order []string
	var add func(name string)
	add = func(name string) {
		if slices.Contains(order, name) {
			return
		}
		for _, other := range slices.Sorted(maps.Keys(h.services[name].DependsOn)) {
			add(other)
		}
		order = append(order, name)
	}
	for _, name := range slices.Sorted(maps.Keys(h.services)) {
		if len(h.services[name].Profiles) == 0 {
			add(name)
		}
	}
	return order
}

// led turns names and ports of the compose file into those of this run.
func (h *house) led(name, text string) string {
	text = regexp.MustCompile(`\b(0\.0\.0\.0|127\.0\.0\.1):(\d+)`).ReplaceAllStringFunc(text, func(addr string) string {
		_, port, _ := strings.Cut(addr, ":")
		if to := h.ports[name+":"+port]; to != "" {
			return to
		}
		return addr
	})
	text = hostPort.ReplaceAllStringFunc(text, func(addr string) string {
		if to := h.ports[addr]; to != "" {
			return to
		}
		return addr
	})
	if !h.confined(name) {
		text = regexp.MustCompile(`/(run/secrets|data|models)\b`).ReplaceAllString(text, h.roots[name]+"/$1")
	}
	return text
}

// command is a program of the service, as it or its health check is started.
func (h *house) command(ctx context.Context, name string, words []string) *exec.Cmd {
	for i, word := range words {
		words[i] = h.led(name, word)
	}
	path := words[0]
	if path == "roentgen" || path == "afirgen" {
		path = "/usr/local/bin/" + path
		if !h.confined(name) {
			path = program(words[0])
			if h.services[name].stage.name == "roentgen" {
				path = filepath.Join(h.roots[name], "usr", "local", "bin", words[0])
			}
		}
	}
	c := exec.CommandContext(ctx, path, words[1:]...)
	c.Env = []string{"HOME=/tmp"}
	for variable, value := range h.services[name].environment() {
		if variable != "PATH" || h.confined(name) {
			c.Env = append(c.Env, variable+"="+h.led(name, value))
		}
	}
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if h.confined(name) {
		c.Dir, c.SysProcAttr.Chroot = "/", h.roots[name]
		uid := uint32(h.user(name))
		c.SysProcAttr.Credential = &syscall.Credential{Uid: uid, Gid: uid, Groups: []uint32{uint32(os.Getgid())}}
	} else {
		c.Env = append(c.Env, "PATH="+bin+":/usr/sbin:"+os.Getenv("PATH"))
	}
	return c
}

func (h *house) start(name string) *process {
	h.t.Helper()
	program, words := h.services[name].words()
	if name == "mysql" {
		return h.startMySQL()
	}
	return h.launch(name, h.command(context.Background(), name, append([]string{program}, words...)), h.grace(name))
}

// startMySQL starts MariaDB with the user, the password and the database that MySQL's image would make of its variables.
func (h *house) startMySQL() *process {
	h.t.Helper()
	env := h.services["mysql"].environment()
	secret := func(variable string) string {
		text, err := os.ReadFile(h.led("mysql", env[variable]))
		h.must(err)
		return strings.TrimSpace(string(text))
	}
	c := h.command(context.Background(), "mysql", []string{"afirgen", "local", "mariadb", "--addr", "127.0.0.1:3306",
		"--data", filepath.Join(h.roots["mysql"], "var"), "--database", env["MYSQL_DATABASE"], "--user", secret("MYSQL_USER_FILE")})
	c.Env = append(c.Env, "MYSQL_PASSWORD="+secret("MYSQL_PASSWORD_FILE"))
	return h.launch("mysql", c, h.grace("mysql"))
}

// awaitHealth asks as compose does until the service is healthy.
func (h *house) awaitHealth(name string) {
	h.t.Helper()
	check := h.services[name].HealthCheck
	eventually(h.t, func() error {
		ctx, cancel := context.WithTimeout(h.t.Context(), time.Duration(*check.Timeout))
		defer cancel()
		words := slices.Clone(check.Test[1:])
		if name == "mysql" {
			_, port, _ := net.SplitHostPort(h.ports["mysql:3306"])
			words = append(words, "--port="+port)
		}
		c := h.command(ctx, name, words)
		if tcp := h.ports[name+":2000"]; tcp != "" { // the usual address stands in no word
			c.Env = append(c.Env, "ROENTGEN_AGENT_HEALTH_URL=http://"+tcp)
		}
		out, err := c.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%s is not healthy: %w: %s; it said:\n%s", name, err, out, h.running[name].logs)
		}
		return err
	})
}

// grace is how long compose waits for a service to stop.
func (h *house) grace(name string) time.Duration {
	if g := h.services[name].StopGracePeriod; g != nil {
		return time.Duration(*g)
	}
	return 10 * time.Second
}

// lookAtTheMap wants one picture of all: who called whom.
func (h *house) lookAtTheMap() {
	h.t.Helper()
	token, err := os.ReadFile(filepath.Join(h.project.WorkingDir, "secrets", "roentgen_admin"))
	h.must(err)
	c := xray.New(xray.Options{BaseEndpoint: aws.String("http://" + h.ports["roentgen:1895"]), Region: "us-east-1", HTTPClient: client,
		Credentials: credentials.NewStaticCredentialsProvider("admin", strings.TrimSpace(string(token)), "")})
	got, err := c.GetServiceGraph(h.t.Context(), &xray.GetServiceGraphInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute))})
	h.must(err)
	drawn := strings.Join(drawCalls(got.Services), "\n")
	for _, want := range []string{"afirgen-asr-ocr-server ()", "afirgen-gguf-server ()", "afirgen (AWS::S3::Bucket)", "fir_db@127.0.0.1 (Database::SQL)"} {
		if !regexp.MustCompile(`(?m)^afirgen-main-backend \(\).*` + regexp.QuoteMeta(want)).MatchString(drawn) {
			h.t.Errorf("the backend has not called %s:\n%s", want, drawn)
		}
	}
}
