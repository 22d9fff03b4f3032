package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fenced writes blocks: info and text in turn.
func fenced(parts ...string) string {
	var b strings.Builder
	b.WriteString("# A guide\n\nYou have it at the end.\n")
	for i := 0; i+1 < len(parts); i += 2 {
		b.WriteString("\n```" + parts[i] + "\n" + parts[i+1] + "\n```\n")
	}
	return b.String()
}

// server that a guide starts; it ends on SIGTERM.
const guideServer = "roentgen serve --data ./data"

func TestAGuideThatIsRightPasses(t *testing.T) {
	err := tryGuide(t, "right.md", fenced(
		"sh env", "export GREETING=\"hello $((20 + 22))\"",
		"sh run", "echo \"$GREETING\"; echo and more >&2; test -t 1",
		"text output", "hello …\n…\nand   more",
		"sh run exit=3", "exit 3",
		"yaml file=deep/er/x.yaml", "at: 127.0.0.1:1895",
		"sh run", "! grep -q 1895 deep/er/x.yaml; grep -c . deep/er/x.yaml; cd deep",
		"text output", "1",
		"sh run", "test -d deep",
		"sh start name=server ready=http://127.0.0.1:1895/readyz", guideServer,
		"text output", "roentgen … is ready\n  console    http://127.0.0.1:1895/",
		"sh run", "roentgen traces --since 5m; curl -sf localhost:1895/healthz",
		"text output", "ok",
		"sh stop name=server", "systemctl stop roentgen",
		"sh start name=again ready=127.0.0.1:1895", "ROENTGEN_LOG_LEVEL=debug "+guideServer,
		"sh once", "sudo apt-get update && sudo apt-get install -y poppler-utils gcc # and\ngit clone https://github.com/roentgen/roentgen\ncd roentgen\nmake up UP_FLAGS=--x",
		"sh aws", "aws xray get-sampling-rules --region eu-west-1 \\\n  --query 'SamplingRuleRecords[].SamplingRule'\ncd deploy/terraform/environments/dev\n"+
			"cp terraform.tfvars.example terraform.tfvars\nterraform plan -var-file=terraform.tfvars\nroentgen agent --upstream aws",
		"xray", "service(\"shop\") { fault }\nresponsetime > 5",
		"hcl", "resource \"aws_xray_group\" \"x\" {\n  filter_expression = \"fault\"\n}",
		"json iam", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"xray:PutTraceSegments","Resource":"*"}]}`,
		"json ecs", `{"name":"a","image":"b"}`,
		"yaml compose", "services:\n  a:\n    image: b",
		"ini systemd", "[Service]\nExecStart=/bin/true",
		"make from=Makefile", "down: ## Stops a running `make up` or `make up-full` in order and waits until it has ended.\n    @scripts/down.sh",
		"text figure", "a ─► b"))
	if err != nil {
		t.Error(err)
	}
}

func TestAGuideFindsTheSDKWhereGoGetLooks(t *testing.T) {
	err := tryGuide(t, "sdk.md", fenced(
		"go file=main.go", "package main\n\nimport _ \"github.com/roentgen/roentgen/tracing\"\n\nfunc main() { println(\"it runs\") }",
		"sh run", "go mod init example.com/shop\ngo get github.com/roentgen/roentgen/tracing@latest\ngo build -o shop .\n./shop",
		"text output", "it runs"))
	if err != nil {
		t.Error(err)
	}
}

func TestWhatIsWrongWithAGuideIsFound(t *testing.T) {
	for _, c := range []struct {
		title string
		page  string
		says  []string
	}{
		{"a fence that says nothing", fenced("", "x"), []string{"line 5", "does not say what the block is for"}},
		{"a language alone", fenced("go", "x"), []string{"does not say what the block is for"}},
		{"an unknown kind", fenced("sh perhaps", "x"), []string{"does not say what the block is for"}},
		{"an unknown key", fenced("sh run exti=1", "x"), []string{"run takes no exti="}},
		{"a key that is missing", fenced("sh start name=a", "x"), []string{"start needs ready="}},
		{"a fence that is not closed", "```sh run\ntrue\n", []string{"line 1", "not closed"}},
		{"a command that fails", fenced("sh run", "echo before; false; echo after"), []string{"bad.md:5", "exits with 1, and should with 0", "before"}},
		{"a command that ought to fail", fenced("sh run exit=1", "true"), []string{"exits with 0, and should with 1"}},
		{"a failure within a pipe", fenced("sh run", "false | cat"), []string{"exits with 1"}},
		{"other output", fenced("sh run", "echo one; echo two", "text output", "two\none"), []string{"bad.md:9", `shows "one"`, "not in this order"}},
		{"output that is a part of a line", fenced("sh run", "echo one two", "text output", "one"), []string{`shows "one"`}},
		{"output of nothing", fenced("text output", "x"), []string{"no block before it has run"}},
		{"a process that stays", fenced("sh run", guideServer+" &"), []string{"processes running", "sh start"}},
		{"a server that does not start", fenced("sh start name=a ready=127.0.0.1:1895", "roentgen serve --no-such-flag"), []string{"ended before", "no-such-flag"}},
		{"a server that goes away", fenced("sh start name=a ready=http://127.0.0.1:1895/readyz", guideServer, "sh run", "curl -s localhost:1895/healthz",
			"sh stop name=b", "x"), []string{"nothing called b is running"}},
		{"a server with a bad end", fenced("sh file=run.sh", "trap 'exit 7' TERM\n"+guideServer+" &\nwait", "sh start name=a ready=127.0.0.1:1895", "bash run.sh"),
			[]string{"bad.md:11", "after SIGTERM it exits with 7"}},
		{"two commands that stay", fenced("sh start name=a ready=127.0.0.1:1895", "roentgen serve & true"), []string{"one command"}},
		{"a variable that is none", fenced("sh env", "cd x"), []string{"no line like: export NAME=value"}},
		{"a file outside", fenced("text file=../x", "x"), []string{"does not lie below"}},
		{"a part of no file", fenced("go from=no/such.go", "x"), []string{"from=no/such.go"}},
		{"a part that is not there", fenced("make from=Makefile", "up: setup-up build\n\t@exec nothing"), []string{"Makefile does not hold this text", "line 1"}},
		{"a package that nobody installs", fenced("sh once", "sudo apt-get install -y poppler-utils cowsay"), []string{"cowsay is not in scripts/setup.sh"}},
		{"a target that is not there", fenced("sh once", "make everything"), []string{"make everything"}},
		{"more than set-up", fenced("sh once", "rm -rf /"), []string{`"rm"`}},
		{"an operation that AWS has not", fenced("sh aws", "true_or_not\naws xray get-everything"), []string{`"true_or_not"`, "bad.md:5", "no operation get-everything"}},
		{"an option that AWS has not", fenced("sh aws", "aws xray get-groups --colour red"), []string{"has no --colour"}},
		{"an option that is missing", fenced("sh aws", "aws xray batch-get-traces"), []string{"needs --trace-ids"}},
		{"a service that AWS has not", fenced("sh aws", "aws gamma get-groups"), []string{"no service gamma"}},
		{"a file that is not there", fenced("sh aws", "aws xray get-groups --cli-input-json file://groups.json"), []string{"names groups.json"}},
		{"a flag that we have not", fenced("sh aws", "roentgen agent --upstraem aws"), []string{"roentgen agent has no --upstraem"}},
		{"a word that terraform has not", fenced("sh aws", "terraform aply"), []string{"terraform has no such command"}},
		{"an expression that is none", fenced("xray", "fault\nservice("), []string{"service(:"}},
		{"a broken hcl", fenced("hcl", "resource {"), []string{"guide:"}},
		{"a broken task", fenced("json ecs", "{}"), []string{"containerDefinitions"}},
		{"a broken policy", fenced("json iam", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*"}]}`), []string{"statement 1"}},
		{"a broken unit", fenced("ini systemd", "Exec=1"), []string{"neither a section"}},
	} {
		t.Run(c.title, func(t *testing.T) {
			t.Parallel()
			err := tryGuide(t, "bad.md", c.page)
			if err == nil {
				t.Fatal("nothing is found")
			}
			for _, part := range c.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("it does not say %q:\n%v", part, err)
				}
			}
		})
	}
}

func TestAGuideLeavesNoProcessBehind(t *testing.T) {
	scratch := t.TempDir()
	blocks, err := parseGuide(fenced("sh start name=a ready=http://127.0.0.1:1895/readyz", guideServer,
		"sh run", "false"))
	if err != nil {
		t.Fatal(err)
	}
	if err := walkGuide(t.Context(), "a.md", scratch, blocks); err == nil {
		t.Fatal("a command that fails passes")
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if cwd, err := os.Readlink(filepath.Join("/proc", e.Name(), "cwd")); err == nil && strings.HasPrefix(cwd, scratch) {
			t.Errorf("process %s goes on in %s", e.Name(), cwd)
		}
	}
}

func TestPortsAreReplacedWhereNumbersArePorts(t *testing.T) {
	p := guidePorts{"2000": "21000", "1895": "21895", "8000": "28000"}
	for text, want := range map[string]string{
		"http://127.0.0.1:1895/x":    "http://127.0.0.1:21895/x",
		"localhost:2000":             "localhost:21000",
		"app.run(port=8000)":         "app.run(port=28000)",
		"app.listen(8000, f)":        "app.listen(28000, f)",
		`{"hostPort": 2000}`:         `{"hostPort": 21000}`,
		"--udp :2000":                "--udp :21000",
		"2000 traces in 8000 ms":     "2000 traces in 8000 ms",
		"127.0.0.1:20001 and :18950": "127.0.0.1:20001 and :18950",
		"sleep 2000":                 "sleep 2000",
	} {
		if got := p.replace(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
	chosen, err := choosePorts("curl http://127.0.0.1:9090/")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for shown, port := range chosen {
		if seen[port] != "" {
			t.Errorf("%s and %s are both %s", shown, seen[port], port)
		}
		seen[port] = shown
	}
	if chosen["9090"] == "" || chosen["2000"] == "" {
		t.Errorf("chosen are %v", chosen)
	}
}
