package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// daemonFiles are where the X-Ray daemon looks for its configuration.
var daemonFiles = [...]string{"/etc/amazon/xray/cfg.yaml", "cfg.yaml"}

// daemonKey is a key of the daemon's file: the flag that it stands for, or
// what takes its value where there is no flag.
type daemonKey struct {
	flag string
	take func(c *agentConfig, value string) error
}

// daemonKeys are the keys of versions 1 and 2, which do not differ.
func daemonKeys() map[string]daemonKey {
	number := func(to func(*agentConfig) *int) func(*agentConfig, string) error {
		return func(c *agentConfig, value string) error {
			n, err := strconv.Atoi(value)
			if err != nil {
				return fmt.Errorf("%q is not a whole number", value)
			}
			if n != 0 { // 0 is the default, whatever that is
				*to(c) = n
			}
			return nil
		}
	}
	yes := func(to func(*agentConfig) *bool) func(*agentConfig, string) error {
		return func(c *agentConfig, value string) (err error) {
			if *to(c), err = strconv.ParseBool(value); err != nil {
				return fmt.Errorf("%q is neither true nor false", value)
			}
			return nil
		}
	}
	text := func(to func(*agentConfig) *string) func(*agentConfig, string) error {
		return func(c *agentConfig, value string) error { *to(c) = value; return nil }
	}
	ignored := func(*agentConfig, string) error { return nil }
	return map[string]daemonKey{
		"TotalBufferSizeMB":   {flag: "buffer-memory"},
		"Concurrency":         {take: number(func(c *agentConfig) *int { return &c.Concurrency })},
		"Region":              {flag: "region"},
		"Endpoint":            {take: text(func(c *agentConfig) *string { return &c.Endpoint })},
		"Socket.UDPAddress":   {flag: "bind"},
		"Socket.TCPAddress":   {flag: "bind-tcp"},
		"Logging.LogRotation": {take: yes(func(c *agentConfig) *bool { return &c.LogRotation })},
		"Logging.LogLevel":    {flag: "log-level"},
		"Logging.LogPath":     {flag: "log-file"},
		"LocalMode":           {flag: "local-mode"},
		"ResourceARN":         {flag: "resource-arn"},
		"RoleARN":             {flag: "role-arn"},
		"Profile":             {take: text(func(c *agentConfig) *string { return &c.Profile })},
		"NoVerifySSL":         {take: yes(func(c *agentConfig) *bool { return &c.NoVerifySSL })},
		"ProxyAddress":        {flag: "proxy-address"},
		"Version":             {take: ignored}, // read before all others
		// Of the daemon's own connections: allowed in its file, and of no effect there either.
		"proxyserver.idleconntimeout":     {take: ignored},
		"proxyserver.maxidleconnsperhost": {take: ignored},
		"proxyserver.maxidleconns":        {take: ignored},
	}
}

// formerKeys are keys that the daemon once had, and what came in their place.
var formerKeys = map[string]string{
	"Profile.CPU": "set XRAY_DAEMON_CPU_PROFILE", "Profile.Memory": "leave it out", "Socket.BufferSizeKB": "leave it out",
	"Logging.LogFormat": "say --log-format", "Processor.BatchProcessorQueueSize": "leave it out",
	"LogRotation": "write Logging.LogRotation", "Processor.Region": "write Region", "Processor.Endpoint": "write Endpoint",
	"Processor.Routine": "write Concurrency", "MemoryLimit": "write TotalBufferSizeMB",
}

// readDaemonFile reads a configuration file of the X-Ray daemon into flags
// that were not given. Without a path it reads what it finds where the daemon
// looks.
func (c *agentConfig) readDaemonFile(path string, flags *pflag.FlagSet) error {
	for _, candidate := range daemonFiles {
		if path == "" {
			if _, err := os.Stat(candidate); !errors.Is(err, fs.ErrNotExist) {
				path = candidate
			}
		}
	}
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read configuration file: %w", err)
	}
	if err := c.takeDaemonFile(text, flags); err != nil {
		return fmt.Errorf("configuration file %s: %w", path, err)
	}
	return nil
}

func (c *agentConfig) takeDaemonFile(text []byte, flags *pflag.FlagSet) error {
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return err
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return errors.New("it holds no keys; the least is Version: 2")
	}
	var leaves []daemonLeaf
	if err := flatten("", file.Content[0], &leaves); err != nil {
		return err
	}
	if err := checkDaemonVersion(leaves); err != nil {
		return err
	}
	seen := map[string]int{}
	for _, leaf := range leaves {
		if first := seen[leaf.key]; first > 0 {
			return fmt.Errorf("line %d: %s stands in line %d already: leave one out", leaf.line, leaf.key, first)
		}
		seen[leaf.key] = leaf.line
		if err := c.takeLeaf(leaf, flags); err != nil {
			return fmt.Errorf("line %d: %s: %w", leaf.line, leaf.key, err)
		}
	}
	return nil
}

// daemonLeaf is one value of the file.
type daemonLeaf struct {
	key, value string
	line       int
}

func flatten(prefix string, node *yaml.Node, to *[]daemonLeaf) error {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := prefix+node.Content[i].Value, node.Content[i+1]
		switch value.Kind {
		case yaml.MappingNode:
			if err := flatten(key+".", value, to); err != nil {
				return err
			}
		case yaml.ScalarNode:
			leaf := daemonLeaf{key, value.Value, node.Content[i].Line}
			if value.Tag == "!!null" {
				leaf.value = ""
			}
			*to = append(*to, leaf)
		default:
			return fmt.Errorf("line %d: %s is neither a value nor a group of keys", node.Content[i].Line, key)
		}
	}
	return nil
}

func checkDaemonVersion(leaves []daemonLeaf) error {
	i := slices.IndexFunc(leaves, func(l daemonLeaf) bool { return l.key == "Version" })
	if i < 0 {
		return errors.New("the key Version is missing; write Version: 2")
	}
	if v := leaves[i].value; v != "1" && v != "2" {
		return fmt.Errorf("line %d: Version %s is neither 1 nor 2", leaves[i].line, v)
	}
	return nil
}

func (c *agentConfig) takeLeaf(leaf daemonLeaf, flags *pflag.FlagSet) error {
	key, known := daemonKeys()[leaf.key]
	if !known {
		if instead, former := formerKeys[leaf.key]; former {
			return fmt.Errorf("the daemon no longer knows this key: %s", instead)
		}
		return fmt.Errorf("unknown key; the keys are %s", strings.Join(daemonKeyNames(), ", "))
	}
	if key.take != nil {
		if leaf.value == "" {
			return nil
		}
		return key.take(c, leaf.value)
	}
	if leaf.value == "" || flags.Changed(key.flag) {
		return nil
	}
	return flags.Set(key.flag, leaf.value)
}

func daemonKeyNames() (names []string) {
	for name := range daemonKeys() {
		if !strings.HasPrefix(name, "proxyserver.") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
