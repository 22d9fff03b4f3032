package asrocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/proc"
)

// Tesseract is the installed program.
type Tesseract struct {
	Path      string
	Version   string   // "5.3.0"
	Languages []string // trained data that is installed, sorted, without osd, which is none
}

// Bounds of the program's output.
const (
	maxOutput = 16 << 20 // bytes; a page of dense text is about 300 kB of TSV
	maxErrors = 4 << 10  // bytes of stderr that are kept
)

var errOutput = errors.New("the program wrote more than 16 MiB")

// FindTesseract looks for the program, "" meaning the PATH's, and asks for its version and languages.
func FindTesseract(ctx context.Context, path string) (*Tesseract, error) {
	if path == "" {
		path = "tesseract"
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("looking for tesseract: %w; on Debian: apt-get install tesseract-ocr", err)
	}
	t := &Tesseract{Path: path}
	version, err := t.run(ctx, nil, "--version")
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	if fields := strings.Fields(string(version)); len(fields) > 1 {
		t.Version = fields[1]
	}
	list, err := t.run(ctx, nil, "--list-langs")
	if err != nil {
		return nil, fmt.Errorf("asking %s for its languages: %w", path, err)
	}
	t.Languages = languages(string(list))
	if len(t.Languages) == 0 {
		return nil, fmt.Errorf("%s has no language installed; on Debian: apt-get install tesseract-ocr-eng", path)
	}
	return t, nil
}

// languages reads --list-langs: a sentence, then a name per line.
func languages(list string) []string {
	var names []string
	for line := range strings.Lines(list) {
		line = strings.TrimSpace(line)
		if line != "" && line != "osd" && !strings.ContainsAny(line, " :") {
			names = append(names, line)
		}
	}
	slices.Sort(names)
	return names
}

// Read recognises the text of an image file in the languages, joined by +.
func (t *Tesseract) Read(ctx context.Context, image []byte, language string) (Page, error) {
	out, err := t.run(ctx, image, "stdin", "stdout", "-l", language, "tsv")
	if err != nil {
		return Page{}, err
	}
	return parseTSV(string(out))
}

// run ends the program's whole group when ctx ends and returns ctx's error then.
func (t *Tesseract) run(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	out, errs := &capped{limit: maxOutput}, &capped{limit: maxErrors, quiet: true}
	cmd := exec.CommandContext(ctx, t.Path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), out, errs
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	proc.Lead(cmd)
	err := cmd.Run()
	switch {
	case err == nil:
		return out.data, nil
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case out.over:
		return nil, errOutput
	}
	return nil, fmt.Errorf("running tesseract: %w: %s", err, bytes.TrimSpace(errs.data))
}

// environment gives the program what it needs and none of our secrets. One thread each: several images share the
// processors.
func environment() []string {
	env := []string{"OMP_THREAD_LIMIT=1", "LC_ALL=C.UTF-8"}
	for _, name := range []string{"PATH", "TESSDATA_PREFIX"} {
		if value, set := os.LookupEnv(name); set {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// capped keeps the first limit bytes. Beyond them a quiet one swallows and a loud one stops the writer.
type capped struct {
	data        []byte
	limit       int
	quiet, over bool
}

func (c *capped) Write(p []byte) (int, error) {
	room := c.limit - len(c.data)
	if len(p) <= room {
		c.data = append(c.data, p...)
		return len(p), nil
	}
	c.data, c.over = append(c.data, p[:room]...), true
	if c.quiet {
		return len(p), nil
	}
	return room, errOutput
}
