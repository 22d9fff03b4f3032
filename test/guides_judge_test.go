package test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"go.yaml.in/yaml/v3"

	"github.com/roentgen/roentgen/filter"
)

// judgeGuide looks at the blocks that are not run, and says of each what is wrong with it.
func judgeGuide(name string, blocks []guideBlock) (err error) {
	j := &guideJudge{written: map[string]bool{}}
	for _, b := range blocks {
		if e := j.judge(b); e != nil {
			err = errors.Join(err, fmt.Errorf("%s:%d: ```%s: %w", name, b.line, b.info, e))
		}
	}
	if e := j.askAWS(name); e != nil {
		err = errors.Join(err, e)
	}
	return err
}

// guideJudge remembers what the blocks so far have written and asked.
type guideJudge struct {
	written map[string]bool // names of files
	aws     []awsCommand
}

func (j *guideJudge) judge(b guideBlock) error {
	if b.keys["file"] != "" {
		j.written[filepath.Base(b.keys["file"])] = true
	}
	if b.keys["from"] != "" {
		if err := partOf(b.keys["from"], b.text); err != nil {
			return err
		}
	}
	switch b.kind {
	case "xray":
		return judgeExpressions(b.text)
	case "hcl":
		_, diags := hclsyntax.ParseConfig([]byte(b.text), "guide", hcl.InitialPos)
		if diags.HasErrors() {
			return diags
		}
	case "ecs":
		return judgeECS(b.text)
	case "iam":
		return judgeIAM(b.text)
	case "compose":
		return judgeCompose(b.text)
	case "systemd":
		return judgeUnit(b.text)
	case "once":
		return j.judgeOnce(b)
	case "aws":
		return j.judgeAWS(b)
	}
	return nil
}

// partOf wants the text, indentation apart, as consecutive lines of a file of the repository.
func partOf(path, text string) error {
	if !filepath.IsLocal(path) {
		return fmt.Errorf("from=%s: a path from the top of the repository", path)
	}
	content, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(path)))
	if err != nil {
		return fmt.Errorf("from=%s: %w", path, err)
	}
	want := bareLines(text)
	if len(want) == 0 {
		return errors.New("the block is empty")
	}
	have := bareLines(string(content))
	most, at := 0, 0 // where the text agrees longest
	for i := range have {
		n := 0
		for n < len(want) && i+n < len(have) && have[i+n] == want[n] {
			n++
		}
		if n == len(want) {
			return nil
		}
		if n > most {
			most, at = n, i
		}
	}
	other := ""
	if at+most < len(have) && most > 0 {
		other = fmt.Sprintf("; the file goes on with %q", have[at+most])
	}
	return fmt.Errorf("%s does not hold this text: line %d of the block, %q, is not there%s", path, most+1, want[most], other)
}

// bareLines are the lines without their indentation; empty ones do not count.
func bareLines(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// judgeExpressions reads one filter expression a line.
func judgeExpressions(text string) (err error) {
	for _, line := range bareLines(text) {
		if _, e := filter.Parse(line); e != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", line, e))
		}
	}
	return err
}

// judgeECS reads a task definition, a container's definition, or a list of these.
func judgeECS(text string) error {
	type container struct{ Name, Image string }
	var task struct {
		container
		ContainerDefinitions []container
	}
	var list []container
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		if err := json.Unmarshal([]byte(text), &task); err != nil {
			return err
		}
		if list = task.ContainerDefinitions; task.Name != "" {
			list = []container{task.container}
		}
	}
	if len(list) == 0 {
		return errors.New("it has no containerDefinitions, and is no container's definition")
	}
	for _, c := range list {
		if c.Name == "" || c.Image == "" {
			return fmt.Errorf("a container has the name %q and the image %q", c.Name, c.Image)
		}
	}
	return nil
}

func judgeIAM(text string) error {
	var policy struct {
		Version   string
		Statement []struct {
			Effect                      string
			Action, Resource, Principal any
		}
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return err
	}
	if policy.Version != "2012-10-17" || len(policy.Statement) == 0 {
		return fmt.Errorf("a policy has the Version 2012-10-17 and statements; this has %q and %d", policy.Version, len(policy.Statement))
	}
	for i, s := range policy.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" || s.Action == nil || (s.Resource == nil) == (s.Principal == nil) {
			return fmt.Errorf("statement %d needs an Effect, an Action, and either a Resource or a Principal", i+1)
		}
	}
	return nil
}

func judgeCompose(text string) error {
	var file struct {
		Services map[string]map[string]any
		Rest     map[string]any `yaml:",inline"`
	}
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		return err
	}
	if len(file.Services)+len(file.Rest) == 0 {
		return errors.New("it says nothing")
	}
	return nil
}

// judgeUnit reads a unit or a drop-in of systemd.
func judgeUnit(text string) error {
	section := ""
	for _, line := range bareLines(strings.ReplaceAll(text, "\\\n", " ")) {
		key, _, isSetting := strings.Cut(line, "=")
		switch {
		case strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";"):
		case strings.HasPrefix(line, "[") && strings.HasSuffix(line, "]"):
			section = line
		case !isSetting || section == "" || strings.ContainsAny(key, " \t"):
			return fmt.Errorf("%q is neither a section nor a setting in one", line)
		}
	}
	if section == "" {
		return errors.New("it has no section")
	}
	return nil
}
