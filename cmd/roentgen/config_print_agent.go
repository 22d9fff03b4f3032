package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// agentSettings joins flags, environment and file as roentgen agent does, and
// notes the origin of each.
func agentSettings(flags *pflag.FlagSet, environ []string, getenv func(string) string) ([]setting, error) {
	origins := map[string]string{}
	noteFlags(flags, origins)
	env, err := agentEnviron(flags, environ)
	all := []error{err}
	for key := range env {
		if origins[key] == "" {
			origins[key] = "environment " + agentEnvPrefix + strings.ToUpper(strings.ReplaceAll(key, "-", "_"))
		}
	}
	path, _ := flags.GetString("config")
	noteDaemonFile(cmp.Or(path, env["config"]), origins)
	c, err := loadAgentConfig(flags, environ)
	all = append(all, err)
	noteElsewhere(origins, getenv)
	list := settingsOf(flags, func(f *pflag.Flag) string { return cmp.Or(origins[f.Name], originDefault) })
	for i := range list {
		list[i].Value = cmp.Or(list[i].Value, elsewhere(list[i].Key, getenv))
	}
	return append(list, c.ofTheFileAlone(origins, getenv)...), errors.Join(all...)
}

// noteDaemonFile notes which settings the daemon's file gives.
func noteDaemonFile(path string, origins map[string]string) {
	for _, candidate := range daemonFiles {
		if path == "" {
			if _, err := os.Stat(candidate); !errors.Is(err, fs.ErrNotExist) {
				path = candidate
			}
		}
	}
	text, err := os.ReadFile(path)
	var file yaml.Node
	if err != nil || yaml.Unmarshal(text, &file) != nil || len(file.Content) != 1 {
		return // loadAgentConfig says so
	}
	var leaves []daemonLeaf
	if flatten("", file.Content[0], &leaves) != nil {
		return
	}
	if origins["config"] == "" {
		origins["config"] = "found at " + path
	}
	for _, leaf := range leaves {
		key := daemonKeys()[leaf.key]
		name := cmp.Or(key.flag, leaf.key)
		if leaf.value != "" && origins[name] == "" {
			origins[name] = fmt.Sprintf("%s:%d", path, leaf.line)
		}
	}
}

// elsewhereNames are variables of others that stand in for a setting.
var elsewhereNames = map[string][]string{
	"region":        {"AWS_REGION", "AWS_DEFAULT_REGION"},
	"state":         {"STATE_DIRECTORY"},
	"proxy-address": {"HTTPS_PROXY", "https_proxy"},
	"Endpoint":      {"AWS_ENDPOINT_URL_XRAY", "AWS_ENDPOINT_URL"},
	"Profile":       {"AWS_PROFILE"},
	"token":         {tokenEnv},
}

// elsewhere is the value of the first of those variables.
func elsewhere(key string, getenv func(string) string) string {
	for _, name := range elsewhereNames[key] {
		if value := getenv(name); value != "" {
			return masked(key, value)
		}
	}
	return ""
}

func noteElsewhere(origins map[string]string, getenv func(string) string) {
	for key, names := range elsewhereNames {
		for _, name := range names {
			if origins[key] == "" && getenv(name) != "" {
				origins[key] = "environment " + name
			}
		}
	}
}

// ofTheFileAlone are settings that have no flag.
func (c agentConfig) ofTheFileAlone(origins map[string]string, getenv func(string) string) (list []setting) {
	for _, x := range []struct{ key, value string }{
		{"Concurrency", strconv.Itoa(c.Concurrency)}, {"Endpoint", c.Endpoint}, {"Profile", c.Profile},
		{"NoVerifySSL", strconv.FormatBool(c.NoVerifySSL)}, {"Logging.LogRotation", strconv.FormatBool(c.LogRotation)}, {"token", ""},
	} {
		value := cmp.Or(masked(x.key, x.value), elsewhere(x.key, getenv))
		list = append(list, setting{x.key, value, cmp.Or(origins[x.key], originDefault)})
	}
	return list
}
