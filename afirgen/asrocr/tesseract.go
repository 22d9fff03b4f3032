package asrocr

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// Tesseract is the installed program.
type Tesseract struct {
	Path      string
	Version   string   // "5.3.0"
	Languages []string // trained data that is installed, sorted, without osd, which is none
}

// program bounds a run. A page of 4200 × 4200 pixels in English and Hindi takes about 600 MB of address space, most of it
// mapped and never touched; a page of dense text is about 300 kB of TSV.
func (t *Tesseract) program() program {
	return program{path: t.Path, memory: 2 << 30, output: 16 << 20}
}

// FindTesseract looks for the program, "" meaning the PATH's, and asks for its version and languages.
func FindTesseract(ctx context.Context, path string) (*Tesseract, error) {
	if path == "" {
		path = "tesseract"
	}
	path, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("looking for tesseract: %w; on Debian: apt-get install tesseract-ocr tesseract-ocr-hin", err)
	}
	t := &Tesseract{Path: path}
	version, err := t.program().run(ctx, input{}, "--version")
	if err != nil {
		return nil, fmt.Errorf("asking %s for its version: %w", path, err)
	}
	if fields := strings.Fields(string(version)); len(fields) > 1 {
		t.Version = fields[1]
	}
	list, err := t.program().run(ctx, input{}, "--list-langs")
	if err != nil {
		return nil, fmt.Errorf("asking %s for its languages: %w", path, err)
	}
	t.Languages = languages(string(list))
	if len(t.Languages) == 0 {
		return nil, fmt.Errorf("%s has no language installed; on Debian: apt-get install tesseract-ocr-eng tesseract-ocr-hin", path)
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

// Read recognises the text of an image file in the languages, joined by +. The image's letters should have the size of
// print at 300 dots an inch.
func (t *Tesseract) Read(ctx context.Context, image []byte, language string) (Page, error) {
	out, err := t.program().run(ctx, input{stdin: image}, "stdin", "stdout", "--dpi", "300", "-l", language, "tsv")
	if err != nil {
		return Page{}, fmt.Errorf("reading an image with tesseract: %w", err)
	}
	return parseTSV(string(out))
}
