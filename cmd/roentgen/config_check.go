package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
)

func newConfigCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Check configuration files, and say where each setting comes from",
		Long: `Check configuration files before something starts with them, and print every
setting of the server or the agent with the place that it comes from.`,
		Example: `  roentgen config check /etc/roentgen/roentgen.yaml
  roentgen config print --origin`,
	}
	c.AddCommand(newConfigCheckCommand(w), newConfigPrintCommand(w))
	return c
}

// Kinds of files.
const (
	kindServer   = "server"   // of roentgen serve
	kindAgent    = "agent"    // of the X-Ray daemon, versions 1 and 2, which roentgen agent reads
	kindTriggers = "triggers" // what is kept after the fact
)

func newConfigCheckCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "check [FILE...]",
		Short: "Say every mistake of configuration files, by line",
		Long: `Say every mistake of configuration files: file, line, key, what is wrong and what
is right. Files are of three kinds, told apart by their keys unless --kind says
it: that of roentgen serve, that of the X-Ray daemon (versions 1 and 2, which
roentgen agent reads), and triggers. Files that a server's file names (triggers,
tokens, certificate) are read too.

Without a FILE it is ROENTGEN_CONFIG, and what lies where the agent looks for a
file of the daemon. The exit status is 1 when there is a mistake.`,
		Example: `  roentgen config check /etc/roentgen/roentgen.yaml
  roentgen config check /etc/amazon/xray/cfg.yaml triggers.yaml
  roentgen config check --kind triggers keep`,
		RunE: func(c *cobra.Command, args []string) error { return runConfigCheck(c, w, args) },
	}
	c.Flags().String("kind", "", "`kind` of the files: server, agent or triggers (default: by their keys)")
	return c
}

// mistake is one thing that is wrong in a file.
type mistake struct {
	line int    // 0: it belongs to no one line
	key  string // empty: the file as a whole
	text string
}

func runConfigCheck(c *cobra.Command, w around, files []string) error {
	kind, _ := c.Flags().GetString("kind")
	if !slices.Contains([]string{"", kindServer, kindAgent, kindTriggers}, kind) {
		return fmt.Errorf("--kind %s: not %s, %s or %s", kind, kindServer, kindAgent, kindTriggers)
	}
	if len(files) == 0 {
		files = usualFiles(w)
	}
	if len(files) == 0 {
		return fmt.Errorf("no file is named, %sCONFIG is not set, and there is none where the agent looks (%s): name one", envPrefix, strings.Join(daemonFiles[:], ", "))
	}
	wrong := 0
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the file to check: %w", err)
		}
		is, found := checkFile(kind, text)
		wrong += len(found)
		for _, m := range found {
			fmt.Fprintln(c.OutOrStdout(), m.at(path))
		}
		if len(found) == 0 {
			fmt.Fprintf(c.OutOrStdout(), "%s: good, a file of kind %s\n", path, is)
		}
	}
	if wrong == 1 {
		return errors.New("there is 1 mistake")
	} else if wrong > 1 {
		return fmt.Errorf("there are %d mistakes", wrong)
	}
	return nil
}

// usualFiles are those that serve and agent would read without being told.
func usualFiles(w around) (files []string) {
	if path := w.getenv(envPrefix + "CONFIG"); path != "" {
		files = append(files, path)
	}
	for _, path := range daemonFiles {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return append(files, path)
		}
	}
	return files
}

// at is the mistake in the form that editors and people know.
func (m mistake) at(path string) string {
	if m.line > 0 {
		path += ":" + strconv.Itoa(m.line)
	}
	if m.key != "" {
		path += ": " + m.key
	}
	return harmless(path + ": " + m.text)
}

// checkFile returns what kind of file it is, and what is wrong with it, in
// order of lines.
func checkFile(kind string, text []byte) (string, []mistake) {
	var file yaml.Node
	if err := yaml.Unmarshal(text, &file); err != nil {
		return kind, []mistake{notYAML(err)}
	}
	if len(file.Content) != 1 || file.Content[0].Kind != yaml.MappingNode {
		return kind, []mistake{{line: 1, text: "it holds no keys with values, like store: block"}}
	}
	root := file.Content[0]
	if kind == "" {
		kind = configKind(root)
	}
	var found []mistake
	switch kind {
	case kindServer:
		found = checkServerFile(root)
	case kindAgent:
		found = checkDaemonFile(root)
	default:
		found = checkTriggersFile(text, nil)
	}
	slices.SortStableFunc(found, func(a, b mistake) int { return a.line - b.line })
	return kind, found
}

// configKind tells kinds apart by their keys: the daemon's begin with a capital.
func configKind(root *yaml.Node) string {
	capital := 0
	for i := 0; i+1 < len(root.Content); i += 2 {
		switch key := root.Content[i].Value; {
		case slices.Contains([]string{"version", "capture", "otlp_rate", "told"}, key):
			return kindTriggers
		case key == "triggers" && root.Content[i+1].Kind == yaml.SequenceNode:
			return kindTriggers
		case key != "" && 'A' <= key[0] && key[0] <= 'Z':
			capital++
		}
	}
	if capital > 0 {
		return kindAgent
	}
	return kindServer
}

var lineOf = regexp.MustCompile(`\bline (\d+): `)

// notYAML takes the line out of what the reader of YAML says.
func notYAML(err error) mistake {
	m := lined(err.Error())
	m.text = "no YAML: " + m.text
	return m
}

// lined takes "line N: " out of a sentence.
func lined(text string) (m mistake) {
	text = strings.TrimPrefix(strings.ReplaceAll(text, "\n", " "), "yaml: ")
	if at := lineOf.FindStringSubmatchIndex(text); at != nil {
		m.line, _ = strconv.Atoi(text[at[2]:at[3]])
		text = text[:at[0]] + text[at[1]:]
	}
	m.text = text
	return m
}

// eachError calls do for every error that is joined in err.
func eachError(err error, do func(error)) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		if _, wraps := err.(fmt.Formatter); !wraps && joinedByLines(err, joined.Unwrap()) {
			for _, e := range joined.Unwrap() {
				eachError(e, do)
			}
			return
		}
	}
	if err != nil {
		do(err)
	}
}

// joinedByLines tells errors.Join from a sentence that wraps several.
func joinedByLines(err error, parts []error) bool {
	var b bytes.Buffer
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(part.Error())
	}
	return b.String() == err.Error()
}

// nearest names the word that key is nearest to; empty where none is near.
func nearest(key string, words []string) string {
	best, distance := "", max(2, min(5, len(key)/2))
	for _, word := range words {
		if d := editDistance(strings.ToLower(key), strings.ToLower(word)); d < distance {
			best, distance = word, d
		}
	}
	return best
}
