package test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// guideWalk goes through one guide from top to bottom, as its reader would.
type guideWalk struct {
	name    string // of the guide's file, for messages
	dir     string // where its blocks run
	env     []string
	ports   guidePorts
	running []*guideProcess // in the order of their start
	heard   func() string   // what the block before has written so far
	waits   bool            // and whether it goes on writing
}

// guideProcess is what `sh start` started.
type guideProcess struct {
	*terminal
	block guideBlock
	ended bool // by us, or looked at after its end
}

const (
	blockPatience = 5 * time.Minute  // for one block; the first to use a module compiles it
	outputWait    = 20 * time.Second // for a process to write what the guide shows
	stopPatience  = 30 * time.Second // for a process to end after SIGTERM
)

// walkGuide runs the blocks in a fresh directory below scratch. The error names the guide, the line and what went wrong;
// every process is ended on return.
func walkGuide(ctx context.Context, name, scratch string, blocks []guideBlock, extra ...string) (err error) {
	w := &guideWalk{name: name, dir: filepath.Join(scratch, "guide")}
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		return err
	}
	home := filepath.Join(scratch, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	var texts []string
	for _, b := range blocks {
		texts = append(texts, b.text, b.keys["ready"])
	}
	if w.ports, err = choosePorts(texts...); err != nil {
		return err
	}
	w.env = slices.Concat(guideEnviron(os.Environ()), w.ports.environ(), []string{"HOME=" + home, "PWD=" + w.dir}, extra)
	defer func() { err = errors.Join(err, w.stopAll()) }()
	for _, b := range blocks {
		if err := w.step(ctx, b); err != nil {
			return w.blame(b, err)
		}
	}
	return nil
}

func (w *guideWalk) blame(b guideBlock, err error) error {
	return fmt.Errorf("%s:%d: ```%s: %w", w.name, b.line, b.info, err)
}

// settingsOfOthers begin the names of variables that would change what a guide shows.
var settingsOfOthers = []string{"AWS_", "XRAY_", "ROENTGEN_", "AFIRGEN_", "OTEL_", "COLUMNS=", "TERM=", "HOME=", "PWD=", "GOFLAGS=", "GOWORK="}

// guideEnviron is the surroundings of every guide: the built programs on the PATH, nobody's credentials, no pager.
func guideEnviron(environ []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(kv string) bool {
		return slices.ContainsFunc(settingsOfOthers, func(prefix string) bool { return strings.HasPrefix(kv, prefix) })
	})
	return append(env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TERM=dumb", "NO_COLOR=1", "PAGER=cat",
		"AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1")
}

// step does what one block asks for. What is only looked at has been looked at before: see judgeGuide.
func (w *guideWalk) step(ctx context.Context, b guideBlock) error {
	ctx, cancel := context.WithTimeoutCause(ctx, blockPatience, fmt.Errorf("a block may take %s", blockPatience))
	defer cancel()
	if b.keys["file"] != "" {
		return w.writeFile(b)
	}
	switch b.kind {
	case "run":
		return w.run(ctx, b)
	case "env":
		return w.export(ctx, b)
	case "start":
		return w.start(ctx, b)
	case "stop":
		return w.stop(b)
	case "output":
		return w.compare(ctx, b)
	}
	return nil
}

func (w *guideWalk) writeFile(b guideBlock) error {
	path := filepath.Join(w.dir, filepath.FromSlash(b.keys["file"]))
	if !filepath.IsLocal(b.keys["file"]) {
		return fmt.Errorf("%s does not lie below the guide's directory", b.keys["file"])
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(w.ports.replace(b.text)), 0o644)
}

func (w *guideWalk) run(ctx context.Context, b guideBlock) error {
	want := 0
	if text := b.keys["exit"]; text != "" {
		var err error
		if want, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("exit=%s is no exit code", text)
		}
	}
	t, err := atTerminal(w.dir, w.env, w.ports.replace(b.text))
	if err != nil {
		return err
	}
	code, err := t.finish(ctx)
	w.heard, w.waits = t.text, false
	left := t.killSession()
	switch {
	case err != nil:
	case code != want:
		err = fmt.Errorf("it exits with %d, and should with %d", code, want)
	case left > 0:
		err = fmt.Errorf("it leaves %d processes running; `sh start` is for what stays", left)
	}
	if err != nil {
		return w.said(err, t)
	}
	return nil
}

// said adds what a program wrote to an error.
func (w *guideWalk) said(err error, t *terminal) error {
	const most = 4000
	text := t.text()
	if len(text) > most {
		text = "… " + text[len(text)-most:]
	}
	return fmt.Errorf("%w\n%s", err, text)
}

var exported = regexp.MustCompile(`^export ([A-Za-z_][A-Za-z0-9_]*)=`)

// export takes over the variables that the block exports, evaluated once.
func (w *guideWalk) export(ctx context.Context, b guideBlock) error {
	var names []string
	for line := range strings.Lines(b.text) {
		line = strings.TrimSpace(line)
		m := exported.FindStringSubmatch(line)
		switch {
		case m != nil:
			names = append(names, m[1])
		case line != "" && !strings.HasPrefix(line, "#"):
			return fmt.Errorf("%q is no line like: export NAME=value", line)
		}
	}
	f := filepath.Join(filepath.Dir(w.dir), "environment")
	t, err := atTerminal(w.dir, w.env, w.ports.replace(b.text)+"\nenv -0 > '"+f+"'\n")
	if err != nil {
		return err
	}
	code, err := t.finish(ctx)
	w.heard, w.waits = t.text, false
	if err == nil && code != 0 {
		err = fmt.Errorf("it exits with %d", code)
	}
	if err != nil {
		return w.said(err, t)
	}
	after, err := os.ReadFile(f)
	if err != nil {
		return err
	}
	for kv := range strings.SplitSeq(string(after), "\x00") {
		if name, _, ok := strings.Cut(kv, "="); ok && slices.Contains(names, name) {
			w.env = append(w.env, kv) // of two the later counts
		}
	}
	return nil
}

var assignment = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*=`)

// start runs a program that stays, and waits until it answers.
func (w *guideWalk) start(ctx context.Context, b guideBlock) error {
	if slices.ContainsFunc(w.running, func(p *guideProcess) bool { return p.block.keys["name"] == b.keys["name"] && !p.ended }) {
		return fmt.Errorf("there is a %s already", b.keys["name"])
	}
	if exit := b.keys["exit"]; exit != "" && exit != "any" {
		return fmt.Errorf("exit=%s: what is started must end with 0 after SIGTERM, or exit=any", exit)
	}
	text := w.ports.replace(strings.TrimSpace(b.text))
	if strings.ContainsAny(strings.ReplaceAll(text, "&&", "&"), "&;|") {
		return errors.New("one command, which stays in the foreground: no &, ; or |")
	}
	// bash makes way for the program, so that the program gets the signal.
	if assignment.MatchString(text) {
		text = "env " + text
	}
	t, err := atTerminal(w.dir, w.env, "exec "+text)
	if err != nil {
		return err
	}
	p := &guideProcess{terminal: t, block: b}
	w.running = append(w.running, p)
	w.heard, w.waits = t.text, true
	return w.awaitReady(ctx, p)
}

func (w *guideWalk) awaitReady(ctx context.Context, p *guideProcess) error {
	at := w.ports.replace(p.block.keys["ready"])
	for {
		err := answers(ctx, at)
		if err == nil {
			return nil
		}
		select {
		case <-p.terminal.ended:
			p.ended = true
			return w.said(fmt.Errorf("it has ended before %s answered", at), p.terminal)
		case <-ctx.Done():
			return w.said(fmt.Errorf("%s does not answer: %w", at, err), p.terminal)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// answers asks an http address, whose answer must not be a server's error, or opens a connection to host:port.
func answers(ctx context.Context, at string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if !strings.Contains(at, "://") {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", at)
		if err != nil {
			return err
		}
		return c.Close()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode >= 500 {
		return fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil
}

// stop ends what a block named before started.
func (w *guideWalk) stop(b guideBlock) error {
	for _, p := range w.running {
		if p.block.keys["name"] == b.keys["name"] && !p.ended {
			err := w.end(p)
			w.heard, w.waits = p.text, false
			return err
		}
	}
	return fmt.Errorf("nothing called %s is running", b.keys["name"])
}

// stopAll ends what runs, the last first.
func (w *guideWalk) stopAll() (err error) {
	for _, p := range slices.Backward(w.running) {
		if !p.ended {
			if e := w.end(p); e != nil {
				err = errors.Join(err, w.blame(p.block, e))
			}
		}
		p.killSession()
	}
	return err
}

// end sends SIGTERM as an operator does, and wants a clean end unless the block says exit=any.
func (w *guideWalk) end(p *guideProcess) error {
	p.ended = true
	select {
	case <-p.terminal.ended:
		if p.block.keys["exit"] == "any" {
			return nil
		}
		return w.said(fmt.Errorf("it has ended by itself: %v", p.cmd.ProcessState), p.terminal)
	default:
	}
	p.cmd.Process.Signal(syscall.SIGTERM)
	ctx, cancel := context.WithTimeoutCause(context.Background(), stopPatience, fmt.Errorf("SIGTERM was %s ago", stopPatience))
	defer cancel()
	code, err := p.finish(ctx)
	left := p.killSession()
	switch {
	case p.block.keys["exit"] == "any" && err == nil:
		return nil
	case err != nil:
	case code != 0:
		err = fmt.Errorf("after SIGTERM it exits with %d (%v), and should with 0", code, p.cmd.ProcessState)
	case left > 0:
		err = fmt.Errorf("after SIGTERM %d of its processes go on", left)
	}
	if err != nil {
		return w.said(err, p.terminal)
	}
	return nil
}

// compare looks for what the guide shows in what the block before has written.
func (w *guideWalk) compare(ctx context.Context, b guideBlock) error {
	if w.heard == nil {
		return errors.New("no block before it has run")
	}
	want := w.ports.replace(b.text)
	ctx, cancel := context.WithTimeout(ctx, outputWait)
	defer cancel()
	for {
		err := shows(w.heard(), want)
		if err == nil || !w.waits {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// shows wants each line in this order in the text, spaces apart. … stands for anything in a line.
func shows(text, want string) error {
	lines := strings.Split(text, "\n")
	at := 0
	for expected := range strings.Lines(want) {
		expected = strings.Join(strings.Fields(expected), " ")
		if expected == "" || expected == "…" {
			continue
		}
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(expected), "…", ".*") + "$")
		found := slices.IndexFunc(lines[at:], func(line string) bool { return pattern.MatchString(strings.Join(strings.Fields(line), " ")) })
		if found < 0 {
			return fmt.Errorf("the guide shows %q, and it is not in what was written, or not in this order:\n%s", expected, text)
		}
		at += found + 1
	}
	return nil
}

// exists says whether a path of the repository is there.
func inRepository(path string) bool {
	_, err := fs.Stat(os.DirFS(".."), filepath.ToSlash(filepath.Clean(path)))
	return err == nil
}
