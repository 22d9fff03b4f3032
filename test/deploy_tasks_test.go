package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// commands are the services' names in the afirgen program.
var commands = map[string]string{"main_backend": "backend", "gguf_server": "gguf", "asr_ocr_server": "asrocr"}

// helpOf is what a program says of a command. It does not change while tests run.
var helpOf = cached(func(of [2]string) (string, error) {
	help, err := exec.Command(program(of[0]), of[1], "--help").Output()
	if err != nil {
		return "", fmt.Errorf("%s %s --help: %w", of[0], of[1], err)
	}
	return string(help), nil
})

// cached asks once for each key, and again after an error.
func cached[K comparable, V any](ask func(K) (V, error)) func(K) (V, error) {
	var known sync.Map
	return func(key K) (V, error) {
		if v, ok := known.Load(key); ok {
			return v.(V), nil
		}
		v, err := ask(key)
		if err == nil {
			known.Store(key, v)
		}
		return v, err
	}
}

// variablesRead lists, for each command, the variables that its help and the SDK's table of settings speak of.
func variablesRead() (map[string][]string, error) {
	sdk, err := os.ReadFile(filepath.Join("..", "tracing", "README.md"))
	if err != nil {
		return nil, err
	}
	aws, err := os.ReadFile(filepath.Join("..", "docs", "afirgen", "storage-and-neighbours.md"))
	if err != nil {
		return nil, err
	}
	common := regexp.MustCompile(`\b(AWS_)?XRAY_[A-Z_]+\b`).FindAllString(string(sdk), -1)
	read := map[string][]string{}
	for _, command := range commands {
		help, err := helpOf([2]string{"afirgen", command})
		if err != nil {
			return nil, err
		}
		read[command] = append(regexp.MustCompile(`\b[A-Z][A-Z_]{3,}\b`).FindAllString(help, -1), common...)
	}
	read["backend"] = append(read["backend"], regexp.MustCompile(`\bAWS_REGION\b`).FindString(string(aws)))
	agent, err := os.ReadFile(filepath.Join("..", "docs", "agent.md"))
	if err != nil {
		return nil, err
	}
	read["agent"] = regexp.MustCompile(`\b(AWS_REGION|ROENTGEN_TOKEN)\b`).FindAllString(string(agent), -1)
	read[awsDaemon] = []string{"AWS_REGION"}
	return read, nil
}

// flagsOf lists the flags of the two programs' commands that containers run, by their help.
func flagsOf() (map[string][]string, error) {
	all := map[string][]string{}
	for name, of := range map[string][]string{"afirgen": slices.Collect(maps.Values(commands)), "roentgen": {"agent", "serve"}} {
		for _, command := range of {
			help, err := helpOf([2]string{name, command})
			if err != nil {
				return nil, err
			}
			for _, m := range regexp.MustCompile(`(?m)^ +(?:-\w, )?--([a-z-]+)`).FindAllStringSubmatch(help, -1) {
				all[command] = append(all[command], m[1])
			}
		}
	}
	return all, nil
}

// awsDaemon is the program of AWS's daemon, which is in its image and not in a command.
const awsDaemon = "xray"

// way is one of the ways to trace, by what an environment is told beside its example.
type way struct {
	title    string
	inputs   map[string]cty.Value
	upstream string // of the sidecar
	daemon   bool   // the sidecar is AWS's daemon
	server   bool   // a Roentgen server is made
}

func toXRay() way { return way{title: "to X-Ray", upstream: "aws"} }

func toRoentgen() way {
	return way{title: "to a Roentgen server", upstream: "http://roentgen.afirgen.internal:1895", server: true, inputs: map[string]cty.Value{
		"trace_to": cty.StringVal("roentgen"), "console_host": cty.StringVal("traces.example.in"),
	}}
}

func toRoentgenElsewhere() way {
	return way{title: "to a Roentgen server elsewhere", upstream: "https://roentgen.example.in", inputs: map[string]cty.Value{
		"trace_to": cty.StringVal("roentgen"), "roentgen_url": cty.StringVal("https://roentgen.example.in"),
	}}
}

func byDaemon() way {
	return way{title: "to X-Ray, by AWS's daemon", upstream: "aws", daemon: true, inputs: map[string]cty.Value{
		"daemon_image": cty.StringVal("public.ecr.aws/xray/aws-xray-daemon@sha256:" + strings.Repeat("0", 63) + "6"),
	}}
}

// tasksOf reads the task definitions of a plan, by service, and roentgen for that of the server.
func tasksOf(list []planned) (map[string]taskDefinition, error) {
	tasks := map[string]taskDefinition{}
	for _, r := range ofKind(list, "aws_ecs_task_definition") {
		platform := r.values["runtime_platform"].AsValueSlice()[0]
		d := taskDefinition{
			Family: r.text("family"), NetworkMode: r.text("network_mode"), CPU: r.text("cpu"), Memory: r.text("memory"),
			ExecutionRoleARN: r.text("execution_role_arn"), TaskRoleARN: r.text("task_role_arn"),
		}
		d.RuntimePlatform.OperatingSystemFamily = platform.GetAttr("operating_system_family").AsString()
		d.RuntimePlatform.CPUArchitecture = platform.GetAttr("cpu_architecture").AsString()
		for _, v := range r.values["requires_compatibilities"].AsValueSlice() {
			d.RequiresCompatibilities = append(d.RequiresCompatibilities, v.AsString())
		}
		for _, v := range r.values["volume"].AsValueSlice() {
			d.Volumes = append(d.Volumes, volumeOf(v.AsValueMap()))
		}
		if err := decodeStrictly([]byte(r.text("container_definitions")), &d.Containers); err != nil {
			return nil, fmt.Errorf("%s: %w", r.key, err)
		}
		key := r.key
		if r.module == "roentgen" {
			key = "roentgen"
		}
		tasks[key] = d
	}
	return tasks, nil
}

// volumeOf reads a block volume as ECS has it.
func volumeOf(block map[string]cty.Value) volume {
	v := volume{Name: block["name"].AsString()}
	if efs, ok := block["efs_volume_configuration"]; ok {
		c := efs.AsValueSlice()[0]
		auth := c.GetAttr("authorization_config").AsValueSlice()[0]
		v.EFS = &efsVolume{FileSystemID: c.GetAttr("file_system_id").AsString(), TransitEncryption: c.GetAttr("transit_encryption").AsString()}
		v.EFS.AuthorizationConfig.AccessPointID, v.EFS.AuthorizationConfig.IAM = auth.GetAttr("access_point_id").AsString(), auth.GetAttr("iam").AsString()
	}
	return v
}

// surround lists what a plan declares that task definitions may name.
func surround(list []planned) (around surroundings, err error) {
	if around.read, err = variablesRead(); err != nil {
		return around, err
	}
	if around.flags, err = flagsOf(); err != nil {
		return around, err
	}
	for _, r := range ofKind(list, "aws_secretsmanager_secret") {
		around.secrets = append(around.secrets, arnOf(r.kind, r.text("name")))
	}
	for _, r := range ofKind(list, "aws_iam_role") {
		around.roles = append(around.roles, arnOf(r.kind, r.text("name")))
	}
	for _, r := range ofKind(list, "aws_cloudwatch_log_group") {
		around.logGroups = append(around.logGroups, r.text("name"))
	}
	return around, nil
}

// checkTasks holds what Terraform would register in a way to trace against ECS, against what else is declared, and against
// the files.
func checkTasks(w way) func(deploy string) []string {
	return func(deploy string) (found []string) {
		list, err := planDeploy(deploy, "prod", w.inputs)
		if err != nil {
			return []string{err.Error()}
		}
		tasks, err := tasksOf(list)
		if err != nil {
			return []string{err.Error()}
		}
		around, err := surround(list)
		if err != nil {
			return []string{err.Error()}
		}
		for service, file := range services {
			d, ok := tasks[service]
			if !ok {
				found = append(found, "there is no task definition of "+service)
				continue
			}
			found = append(found, slices.Concat(d.check(around), d.checkOrder(), d.checkSidecar(w), checkSource(deploy, file, w, d))...)
			if d.Family != "afirgen-"+file || d.Containers[0].Name != file || d.Containers[0].program() != commands[service] ||
				d.TaskRoleARN != arnOf("aws_iam_role", "afirgen-"+file+"-task-role") {
				found = append(found, fmt.Sprintf("%s is registered as %s, runs %v, or has another service's role", service, d.Family, d.Containers[0].Command))
			}
		}
		if d, ok := tasks["roentgen"]; ok != w.server {
			found = append(found, fmt.Sprintf("%s: that there is a Roentgen server's task is %t", w.title, ok))
		} else if ok {
			found = append(found, slices.Concat(d.check(around), checkSource(deploy, "roentgen", w, d))...)
		}
		return found
	}
}

var placeholder = regexp.MustCompile(`\$\{([a-z_]+)\}`)

// leftOut is what Terraform leaves out of the sidecar as the files have it, because the way has no use for it.
func (w way) leftOut(source taskDefinition) taskDefinition {
	c := &source.Containers[len(source.Containers)-1]
	if c.Name != "xray-agent" {
		return source
	}
	if w.upstream == "aws" {
		c.Secrets = nil
	}
	if w.daemon {
		c.EntryPoint, c.Command, c.HealthCheck, c.MountPoints = nil, nil, nil, nil
	}
	return source
}

// checkSource wants what Terraform registers to be the file in deploy/ecs with each ${…} replaced, and nothing else.
func checkSource(deploy, file string, w way, d taskDefinition) []string {
	source, raw, err := readTask(deploy, file)
	if err != nil {
		return []string{fmt.Sprintf("ecs/%s.json: %v", file, err)}
	}
	found := checkMembers(file, raw)
	got, want := flat(d), flat(w.leftOut(source))
	for path, text := range want {
		// A placeholder stands for any text.
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(placeholder.ReplaceAllString(text, "\x00")), "\x00", ".*") + "$"
		if !regexp.MustCompile(pattern).MatchString(got[path]) {
			found = append(found, fmt.Sprintf("%s: Terraform registers %q as %s, and ecs/%s.json says %q", d.Family, got[path], path, file, text))
		}
	}
	if len(got) != len(want) {
		found = append(found, fmt.Sprintf("%s: Terraform registers %d values, ecs/%s.json has %d", d.Family, len(got), file, len(want)))
	}
	if text, err := json.Marshal(d); err != nil || placeholder.Match(text) || !placeholder.MatchString(raw) {
		found = append(found, d.Family+" has no placeholder in the file, or one left in what is registered")
	}
	return found
}

var member = regexp.MustCompile(`"([A-Za-z]+)":`)

// checkMembers wants members written as ECS writes them: Go's decoder takes any case, and ECS does not. Those of a log
// driver's options are its own.
func checkMembers(file, raw string) (found []string) {
	known := []string{"mode"}
	var collect func(reflect.Type)
	collect = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
			name, ok := t.Field(i).Tag.Lookup("json")
			if !ok {
				name = strings.ToLower(t.Field(i).Name[:1]) + t.Field(i).Name[1:]
			}
			known = append(known, strings.Replace(name, "cPU", "cpu", 1))
			collect(t.Field(i).Type)
		}
	}
	collect(reflect.TypeFor[taskDefinition]())
	for _, m := range member.FindAllStringSubmatch(raw, -1) {
		if !slices.Contains(known, m[1]) {
			found = append(found, fmt.Sprintf("ecs/%s.json: ECS has no member %s", file, m[1]))
		}
	}
	return found
}

// flat is a value as path → text, for comparing.
func flat(v any) map[string]string {
	all := map[string]string{}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(path+"["+strconv.Itoa(i)+"]", v.Index(i))
			}
		case reflect.Map:
			for _, k := range v.MapKeys() {
				walk(path+"."+k.String(), v.MapIndex(k))
			}
		case reflect.Pointer:
			if !v.IsNil() {
				walk(path, v.Elem())
			}
		default:
			all[path] = fmt.Sprint(v.Interface())
		}
	}
	walk("", reflect.ValueOf(v))
	return all
}

func TestTaskDefinitionsAreWhole(t *testing.T) {
	const main, gguf, module = "ecs/main-backend.json", "ecs/gguf-server.json", "terraform/modules/tasks/main.tf"
	hold(t, checkTasks(toXRay()),
		flaw{"no JSON", main, "\"essential\": true,", "\"essential\": yes,", "jsondecode"},
		flaw{"a member that ECS does not know", main, "\"stopTimeout\": 35", "\"stopTimeOutSeconds\": 35", "stopTimeOutSeconds"},
		flaw{"a member of the wrong type", main, "\"stopTimeout\": 35", "\"stopTimeout\": \"35\"", "StopTimeout"},
		flaw{"a member in other letters", main, "\"stopTimeout\": 35", "\"stoptimeout\": 35", "no member stoptimeout"},
		flaw{"memory that Fargate does not have", main, "\"memory\": \"4096\"", "\"memory\": \"4000\"", "Fargate has no 2048 CPU units with 4000 MiB"},
		flaw{"containers larger than their task", main, "\"memory\": 3840", "\"memory\": 4096", "256 MiB more than the task"},
		flaw{"more CPU than the task", gguf, "\"cpu\": 4064", "\"cpu\": 4096", "32 CPU units"},
		flaw{"reserves more than it may have", main, "\"memoryReservation\": 64", "\"memoryReservation\": 512", "reserves more than it may have"},
		flaw{"tracing takes the service down", main, "\"essential\": false", "\"essential\": true", "without which the service goes on"},
		flaw{"waits for what is not there", main, "\"containerName\": \"xray-agent\"", "\"containerName\": \"xray-daemon\"", "does not wait for the START of xray-agent"},
		flaw{"sampling cannot be polled", main, "{ \"containerPort\": 2000, \"protocol\": \"tcp\" }", "{ \"containerPort\": 2001, \"protocol\": \"tcp\" }", "tcp for sampling"},
		flaw{"killed while it drains", main, "\"stopTimeout\": 35", "\"stopTimeout\": 30", "is killed after 30 s"},
		flaw{"root", main, "\"user\": \"10001:10001\"", "\"user\": \"0:0\"", "runs as root"},
		flaw{"a root file system to write", main, "\"readonlyRootFilesystem\": true", "\"readonlyRootFilesystem\": false", "may write its root"},
		flaw{"another port than it listens on", main, "\"containerPort\": 8000", "\"containerPort\": 8080", "not on the one port that is mapped"},
		flaw{"curl, which the image lacks", main, "[\"CMD\", \"afirgen\", \"healthcheck\", \"--addr\", \"127.0.0.1:8000\"]", "[\"CMD-SHELL\", \"curl -f localhost:8000/health\"]", "does not look after its health"},
		flaw{"a start longer than ECS waits", main, "\"startPeriod\": 60", "\"startPeriod\": 600", "start period of 0–300 s"},
		flaw{"a variable that nobody reads", main, "\"STATION_CODE\"", "\"POLICE_STATION\"", "the program reads no variable POLICE_STATION"},
		flaw{"a variable twice", main, "\"STATION_CODE\"", "\"STATION_NAME\"", "STATION_NAME is set twice"},
		flaw{"a switch of tracing that is not set", gguf, "        { \"name\": \"XRAY_ENABLED\", \"value\": \"true\" },\n", "", "does not set XRAY_ENABLED"},
		flaw{"a secret in the open", main, "{ \"name\": \"LOG_LEVEL\", \"value\": \"${log_level}\" }", "{ \"name\": \"API_KEY\", \"value\": \"k\" }", "API_KEY is a secret"},
		flaw{"a secret of nowhere", main, "${api_keys_secret_arn}:XRAY_FORCE_KEY::", "arn:aws:ssm:ap-south-1:123456789012:parameter/k", "no member of a declared secret"},
		flaw{"a log group of nowhere", main, "\"${log_group}\"", "\"/ecs/afirgen/backend\"", "is not declared"},
		flaw{"a volume of nowhere", main, "\"sourceVolume\": \"tmp\"", "\"sourceVolume\": \"temp\"", "the task has no volume temp"},
		flaw{"a role of nowhere", main, "\"${task_role_arn}\"", "\"arn:aws:iam::123456789012:role/admin\"", "the task role \"arn:aws:iam::123456789012:role/admin\" is not declared"},
		flaw{"another service's role", module, "var.task_role_arns[service]", "var.task_role_arns[\"main_backend\"]", "another service's role"},
		flaw{"Terraform says something else than the file", module, "each.value.memory\n", "\"8192\"\n", "Terraform registers \"8192\""},
		flaw{"Terraform leaves out a container", module, "jsonencode(local.containers[each.key])", "jsonencode([local.containers[each.key][0]])", "the sidecar xray-agent"},
		flaw{"a flag that the agent lacks", main, "\"--spool-bytes\"", "\"--spool-mb\"", "agent has no flag --spool-mb"},
		flaw{"a flag that the service lacks", gguf, "\"--addr\"", "\"--listen\"", "gguf has no flag --listen"},
		flaw{"a sidecar that nobody looks after", main, "[\"CMD\", \"roentgen\", \"agent\", \"health\"]", "[\"CMD\", \"true\"]", "does not look after its health"},
		flaw{"a sidecar that ends for ever", main, "\"enabled\": true", "\"enabled\": false", "is not started again"},
		flaw{"what waits has no place", main, "\"--state\", \"/data\"", "\"--state\", \"/var/data\"", "no volume is mounted"},
		flaw{"killed while it sends", main, "\"stopTimeout\": 20", "\"stopTimeout\": 15", "is killed after 15 s, and sends for 15s"},
		flaw{"a token that X-Ray has no use for", module, "xray     = [\"secrets\"]", "xray     = []", "it is handed 1 secrets, and sends to aws"},
	)
}

// TestTheSidecarSendsWhereTheWaySays: one source of task definitions, and what each way has no use for left out.
func TestTheSidecarSendsWhereTheWaySays(t *testing.T) {
	const main, server, module = "ecs/main-backend.json", "ecs/roentgen.json", "terraform/modules/tasks/main.tf"
	hold(t, checkTasks(toRoentgen()),
		flaw{"it sends to AWS all the same", module, "var.trace_to == \"xray\" ? \"aws\" : var.roentgen_url", "\"aws\"", "it sends to \"aws\", want \"http://roentgen.afirgen.internal:1895\""},
		flaw{"without a token", module, "roentgen = []", "roentgen = [\"secrets\"]", "it is handed 0 secrets"},
		flaw{"the token in the open", main, "{ \"name\": \"AWS_REGION\", \"value\": \"${region}\" }\n      ],\n      \"secrets\": [\n        { \"name\": \"ROENTGEN_TOKEN\", \"valueFrom\": \"${roentgen_token_secret_arn}:ROENTGEN_TOKEN::\" }\n",
			"{ \"name\": \"ROENTGEN_TOKEN\", \"value\": \"${region}\" }\n      ],\n      \"secrets\": [\n", "ROENTGEN_TOKEN is a secret"},
		flaw{"a member of the secret that there is not", main, "ROENTGEN_TOKEN::", "TOKEN::", "no member of a declared secret"},
		flaw{"the server listens elsewhere", server, "0.0.0.0:1895", "127.0.0.1:1895", "not on the one port that is mapped"},
		flaw{"a flag that the server lacks", server, "--retain-failing", "--retain-faults", "serve has no flag --retain-faults"},
		flaw{"tokens of nowhere", server, "env:AUTH_TOKENS", "env:TOKENS", "reads no variable AUTH_TOKENS"},
		flaw{"the server as root", server, "10001:10001", "0:0", "runs as root"},
		flaw{"another server's health", server, "http://127.0.0.1:1895", "http://127.0.0.1:1896", "does not look after its health"},
		flaw{"an environment that makes no server", "terraform/environments/prod/main.tf", "var.trace_to == \"roentgen\" && url == \"\"", "url != \"\"", "that there is a Roentgen server's task is false"},
	)
	hold(t, checkTasks(toRoentgenElsewhere()))
	hold(t, checkTasks(byDaemon()),
		flaw{"our agent's health of AWS's daemon", module, "\"healthCheck\", ", "", "it is AWS's daemon and not started as that"},
		flaw{"our agent's command", module, "\"entryPoint\", ", "", "starts by its image's own command"},
	)
}

// TestAStationsNameCannotBreakItsTask: values are escaped in the template, whatever they hold.
func TestAStationsNameCannotBreakItsTask(t *testing.T) {
	const name = `Kotwali "Sadar" \ ${x} <थाना> & Co`
	dir := broken(t, "terraform/environments/prod/terraform.tfvars.example", `"Kotwali"`, `"Kotwali \"Sadar\" \\ $${x} <थाना> & Co"`)
	list, err := planDeploy(dir, "prod", nil)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := tasksOf(list)
	if err != nil {
		t.Fatal(err)
	}
	if got := valueOf(tasks["main_backend"], "STATION_NAME"); got != name {
		t.Errorf("the station is named %q, want %q", got, name)
	}
}

func valueOf(d taskDefinition, variable string) string {
	for _, v := range d.Containers[0].Environment {
		if v.Name == variable {
			return v.Value
		}
	}
	return "not set"
}

// TestTheTasksSampleAsTheRulesDo: AFIRGen's services decide by XRAY_SAMPLING_RATE where nobody has made a rule, and by the
// rule where one is; both say the same, in each environment and way to trace.
func TestTheTasksSampleAsTheRulesDo(t *testing.T) {
	for environment, rate := range map[string]float64{"dev": 1, "prod": 0.1} {
		for _, w := range []way{toXRay(), byDaemon(), toRoentgen(), toRoentgenElsewhere()} {
			list, err := planDeploy(ours, environment, w.inputs)
			if err != nil {
				t.Fatal(err)
			}
			tasks, err := tasksOf(list)
			if err != nil {
				t.Fatal(err)
			}
			for service := range services {
				if got, err := strconv.ParseFloat(valueOf(tasks[service], "XRAY_SAMPLING_RATE"), 64); err != nil || got != rate {
					t.Errorf("%s of %s, %s, records %v of its requests, want %v", service, environment, w.title, got, rate)
				}
			}
			if w.upstream == "aws" {
				if got := defaultRule(t, list).FixedRate; got != rate {
					t.Errorf("the rule of %s records %v, want %v", environment, got, rate)
				}
			}
			want := map[string]string{"dev": "development", "prod": "production"}[environment]
			if got := valueOf(tasks["main_backend"], "ENVIRONMENT"); got != want {
				t.Errorf("the backend of %s is told %q, want %q", environment, got, want)
			}
		}
	}
}

// TestTheServicesStartAsTheirTasksSay runs each service with its task's variables and asks for its health as its task
// does. Of the backend's neighbours only what a test has no account for is replaced, by flags.
func TestTheServicesStartAsTheirTasksSay(t *testing.T) {
	list, err := planDeploy(ours, "prod", nil)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := tasksOf(list)
	if err != nil {
		t.Fatal(err)
	}
	a := &afirgen{server: startServer(t, t.TempDir()), logs: new(output)}
	flags := map[string][]string{"main_backend": {"--secrets", "env", "--database", "sqlite:" + filepath.Join(t.TempDir(), "a.db"), "--archive", t.TempDir()}}
	for service, d := range tasks {
		c := d.Containers[0]
		if out, err := exec.Command(program("afirgen"), append(slices.Clone(c.Command), "--help")...).CombinedOutput(); err != nil {
			t.Errorf("afirgen %v is no command: %s", c.Command, out)
		}
		for _, v := range c.Environment {
			t.Setenv(v.Name, v.Value)
		}
		addr := a.service(t, "0", c.Command[0], flags[service]...)
		if out, code := health(t, c, addr); code != 0 || out != "alive\n" {
			t.Errorf("%s runs; its health check says %q, exit code %d", service, out, code)
		}
		if out, code := health(t, c, "127.0.0.1:1"); code == 0 {
			t.Errorf("nobody listens; the health check of %s says %q", service, out)
		}
	}
}

// health runs a task's health check against another address.
func health(t *testing.T, c container, addr string) (out string, code int) {
	t.Helper()
	command := slices.Clone(c.HealthCheck.Command[1:])
	command[len(command)-1] = addr
	text, err := exec.Command(program(command[0]), command[1:]...).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		code = exit.ExitCode()
	}
	return string(text), code
}

// TestTheServicesReadTheirTasksSwitches gives each switch of tracing a value that is none: a program that reads it does
// not start, and says which it was.
func TestTheServicesReadTheirTasksSwitches(t *testing.T) {
	for _, command := range commands {
		for _, name := range []string{"XRAY_ENABLED", "XRAY_SAMPLING_RATE", "XRAY_DAEMON_ADDRESS", "AWS_XRAY_CONTEXT_MISSING"} {
			c := exec.Command(program("afirgen"), command, "--addr", "127.0.0.1:0")
			c.Env = append(os.Environ(), "STATION_CODE=KTW", "STATION_NAME=Kotwali", "STATION_DISTRICT=Lucknow", "STATION_STATE=Uttar Pradesh", name+"=sometimes")
			if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), name+` is "sometimes"`) {
				t.Errorf("afirgen %s with %s=sometimes ends with %v and %q", command, name, err, out)
			}
		}
	}
}
