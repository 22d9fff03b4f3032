package test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tokens of a secret as the module secrets makes it.
const (
	agentsToken = "agents0123456789agents0123456789agents01"
	peopleToken = "people0123456789people0123456789people01"
)

// vault is the secrets of a deployment, by ARN and member.
func vault() map[string]map[string]string {
	return map[string]map[string]string{arnOf("aws_secretsmanager_secret", "afirgen/roentgen/token"): {
		"ROENTGEN_TOKEN": agentsToken, "TOKENS": "agents " + agentsToken + "\npeople " + peopleToken + "\n",
	}}
}

// handed is what ECS puts into a container's environment: plain variables, and members of secrets.
func handed(t *testing.T, c container) (env []string) {
	t.Helper()
	for _, v := range c.Environment {
		env = append(env, v.Name+"="+v.Value)
	}
	for _, v := range c.Secrets {
		m := regexp.MustCompile(`^(arn:.*:secret:[^:]+):([A-Z_]+)::$`).FindStringSubmatch(v.ValueFrom)
		if m == nil || vault()[m[1]][m[2]] == "" {
			t.Fatalf("%s comes from %q, which holds nothing", v.Name, v.ValueFrom)
		}
		env = append(env, v.Name+"="+vault()[m[1]][m[2]])
	}
	return env
}

func tasksInWay(t *testing.T, w way) map[string]taskDefinition {
	t.Helper()
	list, err := planDeploy(ours, "prod", w.inputs)
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := tasksOf(list)
	if err != nil {
		t.Fatal(err)
	}
	return tasks
}

// serverOfTask runs the Roentgen server with its task's command and variables. Replaced are addresses and the directory.
func serverOfTask(t *testing.T) *server {
	t.Helper()
	c := tasksInWay(t, toRoentgen())["roentgen"].Containers[0]
	for _, kv := range handed(t, c) {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	data := t.TempDir()
	s := launch(t, data, append(slices.Clone(c.Command[1:]), "--http", "127.0.0.1:0", "--daemon", "127.0.0.1:0", "--data", data)...)
	t.Cleanup(func() { s.stop(t) })
	if out, err := wellAt(c, s.HTTP); err != nil || out != "ready\n" {
		t.Errorf("the server runs; its health check says %q, %v", out, err)
	}
	return s
}

// wellAt runs the health check of a container of Roentgen's against another address.
func wellAt(c container, url string) (string, error) {
	command := c.HealthCheck.Command[1:]
	out, err := exec.Command(program(command[0]), append(slices.Clone(command[1:]), "--url", url)...).CombinedOutput()
	return string(out), err
}

// hasTrace asks a server for a trace, with the token of the people.
func hasTrace(s *server, token, id string) error {
	c := exec.Command(program("roentgen"), "trace", id, "--server", s.HTTP, "--output", "json")
	c.Env = append(os.Environ(), "ROENTGEN_TOKEN="+token)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// TestTheSidecarKeepsErrorsInBothWays runs the sidecar with its task's command and variables, in the one way to a server of
// its task's command, in the other to the same server as if it were AWS X-Ray. Of three requests arrive the one that was
// sampled, and the one that was not and failed.
func TestTheSidecarKeepsErrorsInBothWays(t *testing.T) {
	for _, w := range []way{toXRay(), toRoentgen()} {
		t.Run(w.title, func(t *testing.T) {
			s := serverOfTask(t)
			c := tasksInWay(t, w)["main_backend"].Containers[1]
			env := append(handed(t, c), "AWS_ENDPOINT_URL_XRAY="+s.HTTP, "AWS_ACCESS_KEY_ID=agents", "AWS_SECRET_ACCESS_KEY="+agentsToken)
			upstream := c.value("--upstream")
			if w.server {
				upstream = s.HTTP
			}
			state := filepath.Join(t.TempDir(), "state")
			a := launchAgentTo(t, upstream, env, state, append(slices.Clone(c.Command[1:]), "--upstream", upstream, "--state", state)...)
			if out, err := wellAt(c, "http://"+a.TCP); err != nil || out != "ready\n" {
				t.Errorf("the sidecar runs; its health check says %q, %v", out, err)
			}
			failed, passed, sampled := newTraceID(), newTraceID(), newTraceID()
			a.send(t, true, agentSegment(failed, `,"fault":true`), agentSegment(passed, ""))
			a.send(t, false, agentSegment(sampled, ""))
			eventually(t, func() error { return errors.Join(hasTrace(s, peopleToken, failed), hasTrace(s, peopleToken, sampled)) })
			if err := hasTrace(s, peopleToken, passed); err == nil {
				t.Error("what was neither sampled nor failed is stored")
			}
			if err := hasTrace(s, "nobody0123456789", failed); err == nil {
				t.Error("the server answers somebody without a token")
			}
			a.kill()
			if out, err := wellAt(c, "http://"+a.TCP); err == nil {
				t.Errorf("the sidecar has ended; its health check says %q", out)
			}
		})
	}
}

// volumesOf lists the volumes that each image declares, by the target of its Dockerfile.
func volumesOf(t *testing.T) map[string][]string {
	t.Helper()
	volumes := map[string][]string{}
	for _, name := range []string{"afirgen", "roentgen"} {
		text, err := os.ReadFile(filepath.Join(ours, "docker", name+".Dockerfile"))
		if err != nil {
			t.Fatal(err)
		}
		target := ""
		for line := range strings.Lines(string(text)) {
			if m := regexp.MustCompile(`^FROM .* AS (\S+)`).FindStringSubmatch(line); m != nil {
				target = m[1]
			}
			if strings.HasPrefix(line, "VOLUME ") {
				for _, m := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(line, -1) {
					volumes[target] = append(volumes[target], m[1])
				}
			}
		}
	}
	return volumes
}

// TestTheImagesHaveThePlacesOfTheirVolumes: Fargate gives an empty volume the rights that the image has there, if the image
// declares it, and otherwise root's, so that the container could not write it.
func TestTheImagesHaveThePlacesOfTheirVolumes(t *testing.T) {
	have := volumesOf(t)
	for _, d := range tasksInWay(t, toRoentgen()) {
		for _, c := range d.Containers {
			image := c.Name
			if image == "xray-agent" {
				image = "roentgen"
			}
			if len(c.MountPoints) == 0 {
				t.Errorf("%s of %s mounts nothing", c.Name, d.Family)
			}
			for _, m := range c.MountPoints {
				if !slices.Contains(have[image], m.ContainerPath) {
					t.Errorf("%s of %s mounts %s, and its image declares %v", c.Name, d.Family, m.ContainerPath, have[image])
				}
			}
		}
	}
}
