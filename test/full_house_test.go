package test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
)

// TestTheMapOfAFullHouse runs what `make up-full` runs and compares who called
// whom with what was promised: clients and a load balancer before the backend;
// behind it the two model servers, MySQL, S3 and Secrets Manager, which it asks
// at its start.
func TestTheMapOfAFullHouse(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program("afirgen"), "up", "--full", "--port-base", "0", "--data", t.TempDir())
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	said := readUntil(t, out, "Everything runs.")
	server := &server{HTTP: "http://" + address(t, said, "roentgen")}
	got, err := awsClient(server).GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute))})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, line := range drawCalls(got.Services) {
		line = regexp.MustCompile(`-> (\d+|\*) `).ReplaceAllString(line, "-> ")
		node, calls, _ := strings.Cut(line, " -> ")
		callees := strings.Split(calls, " -> ")
		slices.Sort(callees)
		lines = append(lines, strings.TrimSuffix(node+" -> "+strings.Join(callees, " -> "), " -> "))
	}
	// A load balancer is drawn by its name in the Host header, a bucket under its
	// own name, as X-Ray does. The model server stands there twice, because one
	// call found nobody: the fault that is shown. The backend's start was asked
	// for by nobody behind the balancer.
	sameLines(t, "nodes, with whom they call", lines, []string{
		"127.0.0.1 (AWS::ElasticLoadBalancing::LoadBalancer) unknown -> afirgen-main-backend ()",
		"Secrets Manager (AWS::SecretsManager) unknown",
		"afirgen (AWS::S3::Bucket) unknown",
		"afirgen-asr-ocr-server () active",
		"afirgen-gguf-server () active",
		"afirgen-gguf-server (remote) passive",
		"afirgen-main-backend () active root -> Secrets Manager (AWS::SecretsManager) -> afirgen (AWS::S3::Bucket) -> afirgen-asr-ocr-server () -> afirgen-gguf-server () -> afirgen-gguf-server (remote) -> fir_db@127.0.0.1 (Database::SQL)",
		"afirgen-main-backend (client) unknown -> 127.0.0.1 (AWS::ElasticLoadBalancing::LoadBalancer) -> afirgen-main-backend ()",
		"fir_db@127.0.0.1 (Database::SQL) unknown",
	})
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(out)
	if err != nil {
		t.Error(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v, and last said:\n%s", err, rest)
	}
}

// readUntil returns the lines up to the one that begins so.
func readUntil(t *testing.T, out io.Reader, last string) (said string) {
	t.Helper()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		said += lines.Text() + "\n"
		if strings.HasPrefix(lines.Text(), last) {
			return said
		}
	}
	t.Fatalf("%q was not said; what was said:\n%s", last, said)
	return said
}

// address is where a program of `up` said that it is ready.
func address(t *testing.T, said, name string) string {
	t.Helper()
	m := regexp.MustCompile(fmt.Sprintf(`(?m)^up +\| %s is ready on (\S+)$`, name)).FindStringSubmatch(said)
	if m == nil {
		t.Fatalf("%s is not ready:\n%s", name, said)
	}
	return m[1]
}
