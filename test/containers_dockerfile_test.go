package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// instruction is one line of a Dockerfile.
type instruction struct {
	name  string // RUN, COPY
	flags map[string]string
	words []string // of LABEL, ENV and ARG: NAME=value, without quotes
	exec  bool     // the words stand in a JSON list
	line  int
}

// stage is one FROM with what follows.
type stage struct {
	name, base string
	flags      map[string]string
	steps      []instruction
}

// dockerfile is a file with the defaults of the arguments before its first FROM.
type dockerfile struct {
	args   map[string]string
	stages []stage
}

// instructions are those that a Dockerfile may hold.
var instructions = []string{"ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "ONBUILD", "RUN", "SHELL",
	"STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}

func readDockerfile(path string) (d dockerfile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		return d, fmt.Errorf("%s: %w", path, err)
	}
	if len(parsed.Warnings) > 0 {
		return d, fmt.Errorf("%s: %s", path, parsed.Warnings[0].Short)
	}
	d.args = map[string]string{}
	for _, node := range parsed.AST.Children {
		in := readInstruction(node)
		switch {
		case !slices.Contains(instructions, in.name):
			return d, fmt.Errorf("%s:%d: unknown instruction %s", path, in.line, in.name)
		case in.name == "FROM":
			s := stage{base: in.words[0], flags: in.flags}
			if len(in.words) == 3 && strings.EqualFold(in.words[1], "AS") {
				s.name = in.words[2]
			}
			d.stages = append(d.stages, s)
		case len(d.stages) == 0 && in.name == "ARG":
			name, value, _ := strings.Cut(in.words[0], "=")
			d.args[name] = value
		case len(d.stages) == 0:
			return d, fmt.Errorf("%s:%d: %s before the first FROM", path, in.line, in.name)
		default:
			s := &d.stages[len(d.stages)-1]
			s.steps = append(s.steps, in)
		}
	}
	return d, nil
}

func readInstruction(node *parser.Node) instruction {
	in := instruction{name: strings.ToUpper(node.Value), flags: map[string]string{}, exec: node.Attributes["json"], line: node.StartLine}
	for _, flag := range node.Flags {
		name, value, _ := strings.Cut(strings.TrimPrefix(flag, "--"), "=")
		in.flags[name] = value
	}
	for n := node.Next; n != nil; n = n.Next {
		switch in.name {
		case "ENV", "LABEL": // name, value and what stands between them
			in.words = append(in.words, n.Value+"="+strings.Trim(n.Next.Value, `"`))
			n = n.Next.Next
		case "ARG":
			name, value, given := strings.Cut(n.Value, "=")
			if given {
				name += "=" + strings.Trim(value, `"`)
			}
			in.words = append(in.words, name)
		case "HEALTHCHECK":
			in.exec = in.exec || n.Attributes["json"]
			in.words = append(in.words, n.Value)
		default:
			in.words = append(in.words, n.Value)
		}
	}
	return in
}

// last returns the words of the last instruction of that name.
func (s stage) last(name string) (in instruction) {
	for _, step := range s.steps {
		if step.name == name {
			in = step
		}
	}
	return in
}

// pairs are all NAME=value of ENV or LABEL.
func (s stage) pairs(name string) map[string]string {
	all := map[string]string{}
	for _, step := range s.steps {
		if step.name == name {
			for _, word := range step.words {
				key, value, _ := strings.Cut(word, "=")
				all[key] = value
			}
		}
	}
	return all
}

func (d dockerfile) stage(name string) (stage, bool) {
	i := slices.IndexFunc(d.stages, func(s stage) bool { return s.name == name })
	if i < 0 {
		return stage{}, false
	}
	return d.stages[i], true
}

// images are the targets that are built, by the file that they stand in.
var images = map[string][]string{
	"roentgen.Dockerfile": {"roentgen"},
	"afirgen.Dockerfile":  {"main-backend", "gguf-server", "asr-ocr-server"},
}

func (ask *asker) checkDockerfiles(deploy string) (found []string) {
	for file, targets := range images {
		d, err := readDockerfile(filepath.Join(deploy, "docker", file))
		if err != nil {
			return append(found, err.Error())
		}
		for _, says := range d.checkBases() {
			found = append(found, file+": "+says)
		}
		for _, target := range targets {
			s, is := d.stage(target)
			if !is {
				found = append(found, fmt.Sprintf("%s: there is no target %s", file, target))
				continue
			}
			for _, says := range s.check(ask) {
				found = append(found, fmt.Sprintf("%s: %s: %s", file, target, says))
			}
		}
	}
	return found
}

var (
	tagged     = regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]+(/[a-z0-9._-]+)+:[a-z0-9._-]+(@sha256:[0-9a-f]{64})?$`)
	goImage    = regexp.MustCompile(`/golang:1\.(\d+)-`)
	goOfModule = regexp.MustCompile(`(?m)^go 1\.(\d+)`)
	release    = regexp.MustCompile(`bookworm|debian12`)
)

// checkBases wants every foreign image to be an argument with registry and tag, which a digest can take the place of; the
// compilers on the builder's own processor; and one Debian under all.
func (d dockerfile) checkBases() (found []string) {
	for _, s := range d.stages {
		arg := strings.TrimSuffix(strings.TrimPrefix(s.base, "${"), "}")
		image, is := d.args[arg]
		switch {
		case s.base == "scratch":
		case !is:
			found = append(found, fmt.Sprintf("the base %s is no argument, so nobody can pin it", s.base))
		case !tagged.MatchString(image) || strings.Contains(image, ":latest"):
			found = append(found, fmt.Sprintf("the base %s has no registry or no tag", image))
		case !release.MatchString(image) && s.name != "build":
			found = append(found, fmt.Sprintf("the base %s is not of the Debian that the program is linked on", image))
		}
		if s.name == "build" && s.flags["platform"] != "$BUILDPLATFORM" {
			found = append(found, "the compilers are emulated: build on $BUILDPLATFORM")
		}
	}
	module, err := os.ReadFile("../go.mod")
	if err != nil {
		return append(found, err.Error())
	}
	want, got := goOfModule.FindStringSubmatch(string(module)), goImage.FindStringSubmatch(d.args["GO_IMAGE"])
	if got == nil || got[1] < want[1] {
		found = append(found, fmt.Sprintf("%s is older than Go 1.%s of go.mod", d.args["GO_IMAGE"], want[1]))
	}
	return found
}

// check holds the stage that becomes an image against what all images promise.
func (s stage) check(ask *asker) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if user := s.last("USER").words; !slices.Equal(user, []string{"10001:10001"}) {
		say("it runs as %q", user)
	}
	for _, step := range s.steps {
		if text := strings.Join(step.words, " "); regexp.MustCompile(`\b(curl|wget)\b`).MatchString(text) {
			say("line %d brings a client into the image: %s", step.line, text)
		}
	}
	entry, command, health := s.last("ENTRYPOINT"), s.last("CMD"), s.last("HEALTHCHECK")
	if !entry.exec || !command.exec || !health.exec {
		say("ENTRYPOINT, CMD or HEALTHCHECK wants a shell")
		return found
	}
	if len(health.words) < 2 || health.words[1] != entry.words[0] {
		say("its health is not asked by its own program: %q", health.words)
	}
	if !slices.Contains(s.last("VOLUME").words, "/tmp") {
		say("/tmp is no volume")
	}
	if stop := s.last("STOPSIGNAL").words; !slices.Equal(stop, []string{"SIGTERM"}) {
		say("it is stopped by %q", stop)
	}
	for _, label := range []string{"title", "description", "source", "licenses", "version", "revision", "created"} {
		if s.pairs("LABEL")["org.opencontainers.image."+label] == "" {
			say("the label %s is missing", label)
		}
	}
	found = append(found, s.checkPorts()...)
	found = append(found, ask.unknownWords(entry.words[0], command.words)...)
	found = append(found, ask.unknownWords(entry.words[0], health.words[2:])...)
	return append(found, ask.unknownSettings(entry.words[0], s.pairs("ENV"))...)
}

var listensOn = regexp.MustCompile(`^0\.0\.0\.0:(\d+)$`)

// checkPorts wants every port that it opens by itself to be exposed.
func (s stage) checkPorts() (found []string) {
	opens := slices.Clone(s.last("CMD").words)
	for _, value := range s.pairs("ENV") {
		opens = append(opens, value)
	}
	for _, word := range opens {
		if m := listensOn.FindStringSubmatch(word); m != nil && !slices.Contains(s.last("EXPOSE").words, m[1]+"/tcp") {
			found = append(found, "the port "+m[1]+" is not exposed")
		}
	}
	return found
}

// asker knows what the programs have said of themselves.
type asker struct{ said map[string]string }

// help is what a command says with --help.
func (ask *asker) help(name string, command ...string) (string, error) {
	key := name + " " + strings.Join(command, " ")
	if said, is := ask.said[key]; is {
		return said, nil
	}
	said, err := exec.Command(program(name), append(slices.Clone(command), "--help")...).CombinedOutput()
	if err != nil {
		return string(said), fmt.Errorf("%s --help: %w", key, err)
	}
	if ask.said == nil {
		ask.said = map[string]string{}
	}
	ask.said[key] = string(said)
	return string(said), nil
}

// unknownWords runs a command's help and names the flags that it does not have; a command that it does not know at all is
// one word too many.
func (ask *asker) unknownWords(name string, words []string) (found []string) {
	if name != "roentgen" && name != "afirgen" {
		return nil
	}
	path := 0
	for path < len(words) && !strings.HasPrefix(words[path], "-") {
		path++
	}
	help, err := ask.help(name, words[:path]...)
	usage := regexp.MustCompile(`(?m)^  ` + name + ` ` + strings.Join(words[:path], " ") + `( |$)`)
	if err != nil || !usage.MatchString(help) {
		return append(found, fmt.Sprintf("%s has no command %q: %s", name, words[:path], help))
	}
	for _, word := range words[path:] {
		flag, _, _ := strings.Cut(word, "=")
		if strings.HasPrefix(flag, "-") && !regexp.MustCompile(`(?m)^ .*`+flag+`([ ,=]|$)`).MatchString(help) {
			found = append(found, fmt.Sprintf("%s %s has no flag %s", name, strings.Join(words[:path], " "), flag))
		}
	}
	return found
}

// settings are the variables that a program reads, as far as its help and its documents tell.
func (ask *asker) settings(name string) (known []string, err error) {
	helps := map[string][][]string{
		"roentgen": {{"serve"}, {"agent"}},
		"afirgen":  {{"backend"}, {"gguf"}, {"asrocr"}, {"verify"}, {"local"}, {}},
	}
	for _, command := range helps[name] {
		help, err := ask.help(name, command...)
		if err != nil {
			return nil, err
		}
		known = append(known, regexp.MustCompile(`\b[A-Z][A-Z0-9_]{3,}\b`).FindAllString(help, -1)...)
		if name == "roentgen" {
			prefix := map[string]string{"serve": "ROENTGEN_", "agent": "ROENTGEN_AGENT_"}[command[0]]
			for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`).FindAllStringSubmatch(help, -1) {
				known = append(known, prefix+strings.ToUpper(strings.ReplaceAll(m[1], "-", "_")))
			}
		}
	}
	for _, page := range []string{"../tracing/README.md", "../docs/afirgen/storage-and-neighbours.md", "../docs/agent.md", "../docs/access.md"} {
		text, err := os.ReadFile(filepath.FromSlash(page))
		if err != nil {
			return nil, err
		}
		known = append(known, regexp.MustCompile(`\b[A-Z][A-Z0-9_]{3,}\b`).FindAllString(string(text), -1)...)
	}
	return known, nil
}

// unknownSettings names the variables that no program reads.
func (ask *asker) unknownSettings(name string, env map[string]string) (found []string) {
	known, err := ask.settings(name)
	if err != nil {
		return []string{err.Error()}
	}
	for variable := range env {
		if variable != "PATH" && !slices.Contains(known, variable) {
			found = append(found, fmt.Sprintf("%s does not read %s", name, variable))
		}
	}
	return found
}

func TestTheImagesKeepWhatTheyPromise(t *testing.T) {
	const (
		roentgen = "docker/roentgen.Dockerfile"
		afirgen  = "docker/afirgen.Dockerfile"
	)
	hold(t, new(asker).checkDockerfiles,
		flaw{"a file that does not parse", roentgen, "CMD [\"serve\"]", "CMT [\"serve\"]", "unknown instruction"},
		flaw{"root", roentgen, "USER 10001:10001", "USER 0:0", "it runs as"},
		flaw{"a base that nobody can pin", roentgen, "FROM --platform=$BUILDPLATFORM ${GO_IMAGE}", "FROM --platform=$BUILDPLATFORM golang:1.26", "is no argument"},
		flaw{"a base without a tag", afirgen, "cc-debian12:nonroot", "cc-debian12", "no registry or no tag"},
		flaw{"another Debian below", afirgen, "ARG DEBIAN_IMAGE=docker.io/library/debian:bookworm-slim", "ARG DEBIAN_IMAGE=docker.io/library/debian:trixie-slim", "is not of the Debian"},
		flaw{"an old Go", roentgen, "ARG GO_IMAGE=docker.io/library/golang:1.26", "ARG GO_IMAGE=docker.io/library/golang:1.20", "is older than Go"},
		flaw{"an emulated compiler", afirgen, "FROM --platform=$BUILDPLATFORM", "FROM", "emulated"},
		flaw{"curl", afirgen, "poppler-utils", "poppler-utils curl", "brings a client"},
		flaw{"a shell", afirgen, "ENTRYPOINT [\"afirgen\"]", "ENTRYPOINT afirgen", "wants a shell"},
		flaw{"somebody else asks for health", roentgen, "CMD [\"roentgen\", \"agent\", \"health\"", "CMD [\"probe\", \"agent\", \"health\"", "its own program"},
		flaw{"a flag that there is not", afirgen, "\"gguf\", \"--addr\"", "\"gguf\", \"--address\"", "has no flag --address"},
		flaw{"a command that there is not", afirgen, "CMD [\"asrocr\"", "CMD [\"asr\"", "has no command"},
		flaw{"a variable that nobody reads", roentgen, "ROENTGEN_HTTP=", "ROENTGEN_HTTPS=", "does not read ROENTGEN_HTTPS"},
		flaw{"a port that is not exposed", afirgen, "EXPOSE 8002/tcp", "EXPOSE 8000/tcp", "the port 8002 is not exposed"},
		flaw{"no volume", roentgen, "VOLUME [\"/data\", \"/tmp\"]", "VOLUME [\"/data\"]", "/tmp is no volume"},
		flaw{"no label", afirgen, "org.opencontainers.image.licenses", "org.opencontainers.image.licence", "the label licenses is missing"},
		flaw{"no target", afirgen, "AS asr-ocr-server", "AS asrocr-server", "no target asr-ocr-server"},
	)
}
