package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// judgeOnce looks at what a machine needs once, and make test has installed in its own way.
func (j *guideJudge) judgeOnce(b guideBlock) error {
	return j.eachCommand(b.text, func(words []string, cwd string) error {
		arguments := plainWords(words[1:])
		switch words[0] {
		case "apt-get", "apt":
			if len(arguments) > 0 && arguments[0] == "install" {
				return listed("scripts/setup.sh", debianPackages, arguments[1:])
			}
			return oneOf(words, 1, "update")
		case "npm":
			if len(arguments) > 0 && arguments[0] == "install" {
				return listed("test/node/package.json", nodePackages, arguments[1:])
			}
			return oneOf(words, 1, "install", "ci", "init")
		case "git":
			return oneOf(words, 1, "clone")
		case "make":
			return judgeTargets(arguments)
		case "cd", "export", "cp", "install", "mkdir", "chmod":
			return nil
		}
		if strings.HasPrefix(words[0], "scripts/") && inRepository(words[0]) {
			return nil
		}
		return fmt.Errorf("%q: a block `sh once` may hold apt-get, npm, git clone, make, scripts/…, cd, cp, install, mkdir, chmod and export", words[0])
	})
}

// judgeAWS looks at what needs an account, a cluster or root.
func (j *guideJudge) judgeAWS(b guideBlock) error {
	return j.eachCommand(b.text, func(words []string, cwd string) error {
		arguments := plainWords(words[1:])
		switch words[0] {
		case "aws":
			j.aws = append(j.aws, awsCommand{b.line, words[1:]})
			return nil
		case "terraform", "docker", "systemctl", "journalctl", "loginctl":
			return judgeSubcommand(words)
		case "make":
			return judgeTargets(arguments)
		case "roentgen", "afirgen":
			return judgeOurs(words)
		}
		if strings.HasSuffix(words[0], ".sh") && inRepository(path.Join(cwd, words[0])) {
			return nil
		}
		return oneOf(words, 0, "cd", "export", "cp", "install", "mkdir", "chmod", "chown", "rm", "jq", "curl", "sed", "echo", "cat", "head", "base64", "tee", "openssl", "useradd", "psql", "mysql", "git", "umask", "session-manager-plugin")
	})
}

// eachCommand hands on every command with the folder of the repository where it would run, after it has looked at the
// files that the command names.
func (j *guideJudge) eachCommand(text string, judge func(words []string, cwd string) error) (err error) {
	commands, err := shellCommands(text)
	if err != nil {
		return err
	}
	if len(commands) == 0 {
		return errors.New("it holds no command")
	}
	cwd := ""
	for _, words := range commands {
		err = errors.Join(err, judge(words, cwd))
		if words[0] == "cp" && len(words) > 2 {
			j.written[filepath.Base(words[len(words)-1])] = true
		}
		err = errors.Join(err, j.judgeFiles(words, cwd))
		if words[0] == "cd" && len(words) == 2 && (words[1] == "roentgen" || inRepository(path.Join(cwd, words[1]))) {
			cwd = strings.TrimPrefix(path.Join(cwd, words[1]), "roentgen")
		}
	}
	return err
}

var fileWithEnding = regexp.MustCompile(`^[\w./-]+\.(json|ya?ml|tf|tfvars|example|sh|md|service|conf|hcl)$`)

// judgeFiles wants each file that a command names in the repository, or written by the guide before.
func (j *guideJudge) judgeFiles(words []string, cwd string) (err error) {
	for _, word := range words[1:] {
		name := word
		for _, before := range []string{"file://", "fileb://", "-chdir=", "-var-file="} {
			name = strings.TrimPrefix(name, before)
		}
		if name == "" || strings.ContainsAny(name, "$<*{ ,") || strings.HasPrefix(name, "/") || strings.HasPrefix(name, "~") || strings.Contains(name, "://") {
			continue
		}
		first, _, isPath := strings.Cut(strings.TrimPrefix(name, "./"), "/")
		ours := isPath && inRepository(path.Join(cwd, first)) && first != "bin" || name != word || fileWithEnding.MatchString(name)
		if ours && !inRepository(path.Join(cwd, name)) && !inRepository(name) && !j.written[path.Base(name)] {
			err = errors.Join(err, fmt.Errorf("%s: it names %s, which is neither in the repository nor written by the guide before", words[0], name))
		}
	}
	return err
}

// plainWords leaves out what begins with a dash.
func plainWords(words []string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.HasPrefix(w, "-") })
}

func oneOf(words []string, at int, allowed ...string) error {
	if at >= len(words) || !slices.Contains(allowed, words[at]) {
		return fmt.Errorf("%q: nothing here knows whether this is right; allowed are %s %s", strings.Join(words, " "), strings.Join(words[:at], " "), strings.Join(allowed, ", "))
	}
	return nil
}

// listed wants each name in what a file of the repository lists.
func listed(file string, read func() ([]string, error), names []string) error {
	have, err := read()
	if err != nil {
		return err
	}
	for _, name := range names {
		if at := strings.LastIndexByte(name, '@'); at > 0 {
			name = name[:at]
		}
		if !slices.Contains(have, name) {
			return fmt.Errorf("%s is not in %s, so make test tries the guide without it", name, file)
		}
	}
	return nil
}

// debianPackages are those that scripts/setup.sh installs.
func debianPackages() (names []string, err error) {
	text, err := os.ReadFile("../scripts/setup.sh")
	for _, m := range regexp.MustCompile(`(?m)^\s*need ([a-z0-9.+,-]+) `).FindAllSubmatch(text, -1) {
		names = append(names, strings.Split(string(m[1]), ",")...)
	}
	return names, err
}

func nodePackages() (names []string, err error) {
	text, err := os.ReadFile("node/package.json")
	if err != nil {
		return nil, err
	}
	var manifest struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, err
	}
	for _, list := range []map[string]string{manifest.Dependencies, manifest.DevDependencies} {
		for name := range list {
			names = append(names, name)
		}
	}
	return names, nil
}

// judgeTargets wants the targets in the Makefile.
func judgeTargets(targets []string) error {
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		return err
	}
	for _, target := range targets {
		if !assignment.MatchString(target) && !regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`).Match(makefile) {
			return fmt.Errorf("make %s: the Makefile has no such target", target)
		}
	}
	return nil
}

var subcommands = map[string][]string{
	"terraform": {"init", "fmt", "validate", "plan", "apply", "destroy", "output", "import", "show", "version", "providers", "state list", "state show",
		"state mv", "state rm", "workspace list", "workspace new", "workspace select", "console", "graph", "refresh", "taint", "force-unlock"},
	"docker": {"build", "run", "push", "pull", "tag", "login", "images", "ps", "logs", "stop", "rm", "exec", "inspect", "version", "info",
		"buildx build", "buildx create", "buildx use", "buildx imagetools", "image ls", "image inspect", "volume ls", "volume rm", "network ls",
		"compose up", "compose down", "compose logs", "compose ps", "compose build", "compose pull", "compose config", "compose exec", "compose stop", "compose run", "compose restart"},
	"systemctl": {"start", "stop", "restart", "reload", "status", "enable", "disable", "daemon-reload", "cat", "edit", "show", "is-active", "kill", "list-units"},
}

// judgeSubcommand knows the words of other people's programs.
func judgeSubcommand(words []string) error {
	known, ok := subcommands[words[0]]
	if !ok {
		return nil // journalctl and loginctl have options alone
	}
	plain := withoutFileOptions(words[1:])
	for n := 1; n <= min(2, len(plain)); n++ {
		if slices.Contains(known, strings.Join(plain[:n], " ")) {
			return nil
		}
	}
	return fmt.Errorf("%q: %s has no such command, as far as is known here", strings.Join(words, " "), words[0])
}

// withoutFileOptions leaves out options, and the file behind a -f.
func withoutFileOptions(words []string) (plain []string) {
	for i := 0; i < len(words); i++ {
		switch {
		case slices.Contains([]string{"-f", "--file", "-p", "--project-name", "--profile"}, words[i]):
			i++
		case !strings.HasPrefix(words[i], "-"):
			plain = append(plain, words[i])
		}
	}
	return plain
}

// judgeOurs asks the built program for its help, and looks for every flag there.
func judgeOurs(words []string) error {
	var way []string
	for _, w := range words[1:] {
		if strings.HasPrefix(w, "-") || !regexp.MustCompile(`^[a-z-]+$`).MatchString(w) {
			break
		}
		way = append(way, w)
	}
	help, err := exec.Command(program(words[0]), append(way, "--help")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s --help: %w\n%s", words[0], strings.Join(way, " "), err, help)
	}
	for _, w := range words[1:] {
		flag, _, _ := strings.Cut(w, "=")
		if strings.HasPrefix(flag, "--") && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).Match(help) {
			return fmt.Errorf("%s %s has no %s", words[0], strings.Join(way, " "), flag)
		}
	}
	return nil
}

// awsCommand is one call of the AWS CLI in a guide.
type awsCommand struct {
	Line  int      `json:"line"`
	Words []string `json:"words"` // behind "aws"
}

// askAWS holds the calls against the models of AWS's services that come with botocore, on which the AWS CLI is built.
func (j *guideJudge) askAWS(name string) error {
	if len(j.aws) == 0 {
		return nil
	}
	asked, err := json.Marshal(j.aws)
	if err != nil {
		return err
	}
	c := exec.Command(debianPython, "testdata/guides/aws.py")
	c.Env = append(guideEnviron(os.Environ()), "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")
	c.Stdin = bytes.NewReader(asked)
	out, err := c.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = fmt.Errorf("%w\n%s", err, exit.Stderr)
		}
		return fmt.Errorf("hold calls of the AWS CLI against botocore's models (Debian's python3-botocore, which make test installs): %w", err)
	}
	var wrong []struct {
		Line int    `json:"line"`
		Says string `json:"says"`
	}
	if err := json.Unmarshal(out, &wrong); err != nil {
		return fmt.Errorf("read what testdata/guides/aws.py says: %w\n%s", err, out)
	}
	for _, w := range wrong {
		err = errors.Join(err, fmt.Errorf("%s:%d: %s", name, w.Line, w.Says))
	}
	return err
}
