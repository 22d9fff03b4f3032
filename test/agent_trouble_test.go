package test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// awsSays answers as AWS does when it refuses.
func awsSays(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Amzn-Errortype", code+":http://internal.amazon.com/")
		w.WriteHeader(status)
		fmt.Fprintf(w, `{"message":%q}`, message)
	}
}

// only refuses one path and takes the others.
func only(path string, refuse http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		if r.URL.Path == path {
			refuse(w, r)
			return
		}
		io.WriteString(w, `{}`)
	}
}

// TestWhatIsWrongWithAWSIsNamed meets an agent and the doctor with each of the
// troubles that people have with AWS. Both have to name the cause, and what to
// change.
func TestWhatIsWrongWithAWSIsNamed(t *testing.T) {
	const denied = "User: arn:aws:sts::123456789012:assumed-role/task/1 is not authorized to perform"
	late := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", time.Now().Add(37*time.Minute).UTC().Format(http.TimeFormat))
		awsSays(403, "InvalidSignatureException", "Signature expired")(w, r)
	}
	for _, c := range []struct {
		name   string
		aws    http.HandlerFunc // nil: nothing listens
		keys   bool
		agent  []string // words of the agent's log
		doctor []string
	}{
		{"nothing listens at the endpoint", nil, true, []string{"nothing listens there", "port"}, []string{"nothing listens there"}},
		{"something else is at the endpoint", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", 404) }, true,
			[]string{"is the endpoint right"}, []string{"is the endpoint right"}},
		{"no credentials", only("", nil), false, []string{"there are no credentials", "AWS_ACCESS_KEY_ID"}, []string{"there are no credentials", "AWS_ACCESS_KEY_ID"}},
		{"expired credentials", awsSays(403, "ExpiredTokenException", "The security token included in the request is expired"), true,
			[]string{"the credentials are over: renew"}, []string{"the credentials are over: renew"}},
		{"another region's endpoint", awsSays(403, "InvalidSignatureException", "Credential should be scoped to a valid region, not 'ap-south-1'."), true,
			[]string{"signed for ap-south-1", "--region"}, []string{"signed for ap-south-1", "--region"}},
		{"the clock is off", late, true, []string{"clock is 37m", "behind", "chrony"}, []string{"clock is 37m", "behind"}},
		{"segments are denied", only("/TraceSegments", awsSays(403, "AccessDeniedException", denied)), true,
			[]string{"add xray:PutTraceSegments on *"}, []string{`"xray:PutTraceSegments"`, "policy"}},
		{"rules are denied", only("/GetSamplingRules", awsSays(403, "AccessDeniedException", denied)), true,
			[]string{"refuses a question of sampling", "add xray:GetSamplingRules on *"}, []string{`"xray:GetSamplingRules"`, "policy"}},
		{"targets are denied", only("/SamplingTargets", awsSays(403, "AccessDeniedException", denied)), true,
			[]string{"refuses a question of sampling", "add xray:GetSamplingTargets on *"}, []string{`"xray:GetSamplingTargets"`, "policy"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			aws := httptest.NewServer(c.aws)
			defer aws.Close()
			if c.aws == nil {
				aws.Close()
			}
			dir := t.TempDir()
			none := filepath.Join(dir, "none")
			env := []string{"AWS_CONFIG_FILE=" + none, "AWS_SHARED_CREDENTIALS_FILE=" + none, "AWS_EC2_METADATA_DISABLED=true", "AWS_REGION=",
				"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "AWS_ENDPOINT_URL_XRAY=" + aws.URL}
			if c.keys {
				env = append(env, "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example")
			}
			a := launchAgentTo(t, "aws", env, filepath.Join(dir, "state"), "--region", "ap-south-1", "--local-mode")
			a.send(t, false, agentSegment(newTraceID(), ""))
			r, err := http.Post("http://"+a.TCP+"/SamplingTargets", "application/json", strings.NewReader(`{"SamplingStatisticsDocuments":[]}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Body.Close()
			for _, words := range c.agent {
				eventually(t, func() error {
					if log := a.stderr.String(); !strings.Contains(log, words) {
						return fmt.Errorf("the agent's log has not %q:\n%s", words, log)
					}
					return nil
				})
			}
			doctor := exec.Command(program("roentgen"), "doctor", "--server", "off", "--daemon", "off", "--upstream", "aws", "--region", "ap-south-1")
			doctor.Env = append(doctor.Environ(), env...)
			out, err := doctor.CombinedOutput()
			said := strings.ReplaceAll(string(out), `\"`, `"`) // it is JSON
			if err == nil {
				t.Error("the doctor found nothing")
			}
			for _, words := range c.doctor {
				if !strings.Contains(said, words) {
					t.Errorf("the doctor says not %q:\n%s", words, said)
				}
			}
		})
	}
}
