package test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestOfficialNodeSDK runs AWS's X-Ray SDK for Node, which `make test`
// installs in the folder node.
func TestOfficialNodeSDK(t *testing.T) {
	if _, err := os.Stat("node/node_modules/aws-xray-sdk-core"); err != nil {
		t.Fatalf("AWS's SDK for Node is not installed; run `npm ci` in test/node, or `make test`: %v", err)
	}
	s := startServer(t, t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, "node", "send.js")
	c.Dir = "node"
	c.Env = append(os.Environ(), "AWS_XRAY_DAEMON_ADDRESS="+s.Daemon, "AWS_XRAY_LOG_LEVEL=silent")
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	docs := s.awaitSegments(t, strings.TrimSpace(string(out)), 2)
	caller, callee := named(t, docs, "node-caller"), named(t, docs, "node-callee")
	if caller.Annotations["plan"] != "gold" || caller.User != "u-42" {
		t.Errorf("caller %+v", caller)
	}
	work := caller.find("work")
	if work == nil || !work.Fault || work.Cause == nil {
		t.Errorf("work %+v", work)
	}
	call := caller.find("127.0.0.1")
	if call == nil || call.Namespace != "remote" || call.HTTP.Response.Status != 404 || !call.Error {
		t.Fatalf("call %+v", call)
	}
	if callee.ParentID != call.ID || !callee.Error {
		t.Errorf("callee %+v, want it below %s", callee, call.ID)
	}
}
