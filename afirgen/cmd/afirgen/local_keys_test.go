package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeysOfTheLocalEndpointsStandInAFile: a container gets them so, and not in its environment, where everybody who may look
// at the container reads them.
func TestKeysOfTheLocalEndpointsStandInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(file, []byte("[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = of-the-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys := func(env map[string]string) (string, error) {
		k, err := localKeys(t.Context(), func(name string) string { return env[name] })
		return k.AccessKeyID + " " + k.SecretAccessKey, err
	}
	if got, err := keys(map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file}); err != nil || got != "AKIDFILE of-the-file" {
		t.Errorf("of the file: %q, %v", got, err)
	}
	both := map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file, "AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "of-the-environment"}
	if got, err := keys(both); err != nil || got != "AKIDENV of-the-environment" {
		t.Errorf("of both: %q, %v", got, err)
	}
	if _, err := keys(nil); err == nil || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("of none: %v", err)
	}
	if _, err := keys(map[string]string{"AWS_SHARED_CREDENTIALS_FILE": file + ".gone"}); err == nil || !strings.Contains(err.Error(), "AWS_SHARED_CREDENTIALS_FILE") {
		t.Errorf("of a file that is not there: %v", err)
	}
}

// TestOtherHostsReachALocalEndpointOnlyIfTold: without the flag an address that is not on loopback is refused.
func TestOtherHostsReachALocalEndpointOnlyIfTold(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDLOCAL")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "sesame")
	root := rootCommand(os.Getenv)
	root.SetArgs([]string{"local", "s3", "--addr", "192.0.2.1:0", "--data", t.TempDir()})
	root.SetErr(new(strings.Builder))
	if err := root.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "not on loopback") {
		t.Errorf("without the flag: %v", err)
	}
	// 192.0.2.1 is nobody's address: with the flag it is the machine that refuses.
	root.SetArgs([]string{"local", "s3", "--addr", "192.0.2.1:0", "--anyone", "--data", t.TempDir()})
	if err := root.ExecuteContext(t.Context()); err == nil || strings.Contains(err.Error(), "not on loopback") {
		t.Errorf("with the flag: %v", err)
	}
}
