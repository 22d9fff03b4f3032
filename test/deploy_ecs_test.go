package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// taskDefinition is what RegisterTaskDefinition takes, as far as deploy/ uses it: a member that is not here is a mistake.
type taskDefinition struct {
	Family, NetworkMode, CPU, Memory string
	RequiresCompatibilities          []string
	ExecutionRoleARN                 string `json:"executionRoleArn"`
	TaskRoleARN                      string `json:"taskRoleArn"`
	RuntimePlatform                  struct{ OperatingSystemFamily, CPUArchitecture string }
	Volumes                          []volume
	Containers                       []container `json:"containerDefinitions"`
}

// volume is empty and gone with its task, or on EFS.
type volume struct {
	Name string
	EFS  *efsVolume `json:"efsVolumeConfiguration"`
}

type efsVolume struct {
	FileSystemID        string `json:"fileSystemId"`
	TransitEncryption   string
	AuthorizationConfig struct {
		AccessPointID string `json:"accessPointId"`
		IAM           string `json:"iam"`
	}
}

type container struct {
	Name, Image, User              string
	Essential                      bool
	EntryPoint, Command            []string
	CPU, Memory, MemoryReservation int
	StopTimeout                    int
	ReadonlyRootFilesystem         bool
	PortMappings                   []struct {
		Name, Protocol, AppProtocol string
		ContainerPort, HostPort     int
	}
	DependsOn   []struct{ ContainerName, Condition string }
	Environment []struct{ Name, Value string }
	Secrets     []struct{ Name, ValueFrom string }
	HealthCheck *struct {
		Command                                 []string
		Interval, Timeout, Retries, StartPeriod int
	}
	RestartPolicy *struct {
		Enabled              bool
		RestartAttemptPeriod int
	}
	LinuxParameters struct {
		InitProcessEnabled bool
		Capabilities       struct{ Add, Drop []string }
	}
	MountPoints []struct {
		SourceVolume, ContainerPath string
		ReadOnly                    bool
	}
	LogConfiguration struct {
		LogDriver string
		Options   map[string]string
	}
}

// decodeStrictly reads JSON into v and refuses members that v does not have.
func decodeStrictly(text []byte, v any) error {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

// surroundings is what stands around the task definitions: what they may name.
type surroundings struct {
	logGroups, roles, secrets []string
	read                      map[string][]string // command to the variables that its program reads
	flags                     map[string][]string // command to the flags that its program has
}

// check holds a definition against what ECS and Fargate demand and what AFIRGen promises. Each finding begins with the
// family.
func (d taskDefinition) check(around surroundings) (found []string) {
	say := func(format string, args ...any) { found = append(found, d.Family+": "+fmt.Sprintf(format, args...)) }
	if !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,255}$`).MatchString(d.Family) {
		say("the family is no name")
	}
	if d.NetworkMode != "awsvpc" || !slices.Equal(d.RequiresCompatibilities, []string{"FARGATE"}) {
		say("Fargate wants the network mode awsvpc and requiresCompatibilities FARGATE")
	}
	if d.RuntimePlatform.OperatingSystemFamily != "LINUX" || !slices.Contains([]string{"X86_64", "ARM64"}, d.RuntimePlatform.CPUArchitecture) {
		say("the platform is not LINUX on X86_64 or ARM64")
	}
	for what, role := range map[string]string{"execution role": d.ExecutionRoleARN, "task role": d.TaskRoleARN} {
		if !slices.Contains(around.roles, role) {
			say("the %s %q is not declared", what, role)
		}
	}
	found = append(found, d.checkSizes()...)
	for _, c := range d.Containers {
		for _, says := range c.check(d, around) {
			say("%s: %s", c.Name, says)
		}
	}
	return found
}

// fargate is the memory in MiB that each number of CPU units may have: from, to, in steps.
var fargate = map[int][3]int{
	256: {512, 2048, 512}, 512: {1024, 4096, 1024}, 1024: {2048, 8192, 1024}, 2048: {4096, 16384, 1024},
	4096: {8192, 30720, 1024}, 8192: {16384, 61440, 4096}, 16384: {32768, 122880, 8192},
}

func (d taskDefinition) checkSizes() (found []string) {
	cpu, _ := strconv.Atoi(d.CPU)
	memory, _ := strconv.Atoi(d.Memory)
	if m, ok := fargate[cpu]; !ok || memory < m[0] || memory > m[1] || memory%m[2] != 0 {
		found = append(found, fmt.Sprintf("%s: Fargate has no %s CPU units with %s MiB", d.Family, d.CPU, d.Memory))
	}
	for _, c := range d.Containers {
		cpu, memory = cpu-c.CPU, memory-c.Memory
		if c.CPU < 1 || c.Memory < 6 || c.MemoryReservation < 6 || c.MemoryReservation > c.Memory {
			found = append(found, fmt.Sprintf("%s: %s has no share of CPU and memory, or reserves more than it may have", d.Family, c.Name))
		}
	}
	if cpu < 0 || memory < 0 {
		found = append(found, fmt.Sprintf("%s: the containers have %d CPU units and %d MiB more than the task", d.Family, max(-cpu, 0), max(-memory, 0)))
	}
	return found
}

// checkOrder wants one service that the task stands and falls with, and a sidecar that starts before it, may fail and is
// then started again.
func (d taskDefinition) checkOrder() (found []string) {
	say := func(format string, args ...any) { found = append(found, d.Family+": "+fmt.Sprintf(format, args...)) }
	if len(d.Containers) != 2 || !d.Containers[0].Essential || d.Containers[1].Essential || d.Containers[1].Name != "xray-agent" {
		say("the containers are not one essential service and the sidecar xray-agent, without which the service goes on")
		return found
	}
	service, agent := d.Containers[0], d.Containers[1]
	if len(service.DependsOn) != 1 || service.DependsOn[0].ContainerName != agent.Name || service.DependsOn[0].Condition != "START" {
		say("%s does not wait for the START of %s", service.Name, agent.Name)
	}
	if len(agent.DependsOn) > 0 {
		say("%s waits for another container", agent.Name)
	}
	open := map[string]bool{}
	for _, p := range agent.PortMappings {
		open[p.Protocol] = p.ContainerPort == 2000
	}
	if !open["udp"] || !open["tcp"] {
		say("%s does not listen on 2000, udp for segments and tcp for sampling", agent.Name)
	}
	if p := agent.RestartPolicy; p == nil || !p.Enabled || p.RestartAttemptPeriod < 60 || p.RestartAttemptPeriod > 1800 {
		say("%s is not started again when it ends, between 60 and 1800 s after its start", agent.Name)
	}
	if service.StopTimeout < 35 {
		say("%s is killed after %d s: it drains for 30 s and sends its last traces for 5 s", service.Name, service.StopTimeout)
	}
	return found
}

var (
	byDigest = regexp.MustCompile(`^[a-z0-9.-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$`)
	notRoot  = regexp.MustCompile(`^[1-9][0-9]*:[1-9][0-9]*$`)
	isSecret = regexp.MustCompile(`PASSWORD|_KEY$|TOKEN`)
)

func (c container) check(d taskDefinition, around surroundings) (found []string) {
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if !byDigest.MatchString(c.Image) {
		say("the image %s is not given by its digest", c.Image)
	}
	if !notRoot.MatchString(c.User) || !c.ReadonlyRootFilesystem || !slices.Contains(c.LinuxParameters.Capabilities.Drop, "ALL") ||
		len(c.LinuxParameters.Capabilities.Add) > 0 {
		say("it runs as root, may write its root file system, or keeps capabilities")
	}
	if c.StopTimeout < 1 || c.StopTimeout > 120 {
		say("Fargate knows no stop timeout of %d s", c.StopTimeout)
	}
	for _, p := range c.PortMappings {
		if p.ContainerPort < 1 || p.ContainerPort > 65535 || p.HostPort != 0 && p.HostPort != p.ContainerPort || p.Protocol != "tcp" && p.Protocol != "udp" {
			say("awsvpc cannot map the port %d/%s", p.ContainerPort, p.Protocol)
		}
	}
	for _, m := range c.MountPoints {
		if !slices.ContainsFunc(d.Volumes, func(v volume) bool { return v.Name == m.SourceVolume }) {
			say("the task has no volume %s", m.SourceVolume)
		}
	}
	found = append(found, c.checkLogs(around)...)
	found = append(found, c.checkEnvironment(around)...)
	found = append(found, c.checkCommand(around)...)
	return append(found, c.checkHealth()...)
}

func (c container) checkLogs(around surroundings) (found []string) {
	options := c.LogConfiguration.Options
	if c.LogConfiguration.LogDriver != "awslogs" || options["awslogs-region"] == "" || options["awslogs-stream-prefix"] == "" {
		found = append(found, "it does not log to CloudWatch with region and stream prefix")
	}
	if !slices.Contains(around.logGroups, options["awslogs-group"]) {
		found = append(found, fmt.Sprintf("the log group %q is not declared", options["awslogs-group"]))
	}
	return found
}

// checkEnvironment wants each variable once, of those that the program reads, and no secret among the plain ones.
func (c container) checkEnvironment(around surroundings) (found []string) {
	seen := map[string]bool{}
	note := func(name string) {
		if seen[name] {
			found = append(found, name+" is set twice")
		}
		seen[name] = true
		if !slices.Contains(around.read[c.program()], name) && !slices.Contains(c.Command, "env:"+name) {
			found = append(found, "the program reads no variable "+name)
		}
	}
	for _, v := range c.Environment {
		note(v.Name)
		if isSecret.MatchString(v.Name) {
			found = append(found, v.Name+" is a secret: name it by the ARN of where it is kept")
		}
	}
	for _, v := range c.Secrets {
		note(v.Name)
		if !slices.ContainsFunc(around.secrets, func(arn string) bool { return v.ValueFrom == arn+":"+c.member(v.Name)+"::" }) {
			found = append(found, fmt.Sprintf("%s comes from %q, which is no member of a declared secret", v.Name, v.ValueFrom))
		}
	}
	if c.isService() {
		for _, name := range []string{"XRAY_ENABLED", "XRAY_SAMPLING_RATE", "XRAY_DAEMON_ADDRESS", "AWS_XRAY_CONTEXT_MISSING", "LOG_LEVEL"} {
			if !seen[name] {
				found = append(found, "it does not set "+name)
			}
		}
	}
	return found
}

// member is what a variable is called within its secret: the same, but that the server's tokens are TOKENS there.
func (c container) member(variable string) string {
	if c.program() == "serve" {
		return strings.TrimPrefix(variable, "AUTH_")
	}
	return variable
}

// program is the first word of the command; AWS's daemon has no other than its image's.
func (c container) program() string {
	if len(c.Command) == 0 {
		return awsDaemon
	}
	return c.Command[0]
}

func (c container) isService() bool { return slices.Equal(c.EntryPoint, []string{"afirgen"}) }

// checkCommand wants flags that the program has, and a listener on the one port that is mapped.
func (c container) checkCommand(around surroundings) (found []string) {
	if c.program() == awsDaemon {
		if len(c.EntryPoint) > 0 {
			found = append(found, "AWS's daemon starts by its image's own command")
		}
		return found
	}
	for _, word := range c.Command[1:] {
		if name, ok := strings.CutPrefix(word, "--"); ok && !slices.Contains(around.flags[c.program()], name) {
			found = append(found, fmt.Sprintf("%s %s has no flag --%s", c.EntryPoint, c.program(), name))
		}
	}
	if c.Essential && (len(c.PortMappings) != 1 || !slices.Contains(c.Command, fmt.Sprintf("0.0.0.0:%d", c.PortMappings[0].ContainerPort))) {
		found = append(found, fmt.Sprintf("it listens where %v says and not on the one port that is mapped", c.Command))
	}
	return found
}

// checkHealth wants each program to look after its own health. AWS's daemon has no word for it.
func (c container) checkHealth() (found []string) {
	var want []string
	switch {
	case c.isService() && len(c.PortMappings) > 0:
		want = []string{"CMD", "afirgen", "healthcheck", "--addr", fmt.Sprintf("127.0.0.1:%d", c.PortMappings[0].ContainerPort)}
	case c.program() == "agent":
		want = []string{"CMD", "roentgen", "agent", "health"}
	case c.program() == "serve" && len(c.PortMappings) > 0:
		want = []string{"CMD", "roentgen", "agent", "health", "--url", fmt.Sprintf("http://127.0.0.1:%d", c.PortMappings[0].ContainerPort)}
	}
	h := c.HealthCheck
	if want == nil && h == nil {
		return nil
	}
	if h == nil || !slices.Equal(h.Command, want) {
		return []string{"its own program does not look after its health on its port"}
	}
	if h.Interval < 5 || h.Interval > 300 || h.Timeout < 2 || h.Timeout > 60 || h.Retries < 1 || h.Retries > 10 || h.StartPeriod < 0 || h.StartPeriod > 300 {
		found = append(found, "ECS takes an interval of 5–300 s, a timeout of 2–60 s, 1–10 retries and a start period of 0–300 s")
	}
	return found
}

// checkSidecar wants the agent to send where the way says, with a token where it is asked for one, and to keep what waits in
// a volume.
func (d taskDefinition) checkSidecar(w way) (found []string) {
	say := func(format string, args ...any) {
		found = append(found, d.Family+": xray-agent: "+fmt.Sprintf(format, args...))
	}
	c := d.Containers[len(d.Containers)-1]
	shown := slices.ContainsFunc(c.Secrets, func(s struct{ Name, ValueFrom string }) bool { return s.Name == "ROENTGEN_TOKEN" })
	if shown != (w.upstream != "aws") || len(c.Secrets) > 1 {
		say("it is handed %d secrets, and sends to %s", len(c.Secrets), w.upstream)
	}
	if w.daemon {
		if c.program() != awsDaemon || c.HealthCheck != nil {
			say("it is AWS's daemon and not started as that")
		}
		return found
	}
	if got := c.value("--upstream"); got != w.upstream {
		say("it sends to %q, want %q", got, w.upstream)
	}
	state := c.value("--state")
	if len(c.MountPoints) != 1 || c.MountPoints[0].ContainerPath != state || c.MountPoints[0].ReadOnly {
		say("what waits is in %q, where no volume is mounted that it may write", state)
	}
	if drain, err := time.ParseDuration(c.value("--shutdown-timeout")); err != nil || drain+3*time.Second > time.Duration(c.StopTimeout)*time.Second {
		say("it is killed after %d s, and sends for %s", c.StopTimeout, c.value("--shutdown-timeout"))
	}
	return found
}

// value is what follows a flag in the command.
func (c container) value(flag string) string {
	if i := slices.Index(c.Command, flag); i >= 0 && i+1 < len(c.Command) {
		return c.Command[i+1]
	}
	return ""
}

// readTask reads a definition as it stands in deploy/ecs, with ${…} inside.
func readTask(deploy, name string) (d taskDefinition, raw string, err error) {
	text, err := os.ReadFile(filepath.Join(deploy, "ecs", name+".json"))
	if err == nil {
		err = decodeStrictly(text, &d)
	}
	return d, string(text), err
}
