package asrocr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// poppler is the pair of programs that counts and draws a PDF's pages. Both run without its scripts, forms or links.
type poppler struct{ info, draw program }

// pageSide is the longer side of a drawn page in pixels, whatever size the page claims: A4 at 282 dots an inch.
const pageSide = 3300

// findPoppler looks for pdfinfo and pdftoppm on the PATH.
func findPoppler() (*poppler, error) {
	var p poppler
	for name, to := range map[string]*program{"pdfinfo": &p.info, "pdftoppm": &p.draw} {
		path, err := exec.LookPath(name)
		if err != nil {
			return nil, fmt.Errorf("looking for %s: %w; on Debian: apt-get install poppler-utils", name, err)
		}
		*to = program{path: path, memory: 1 << 30, output: 64 << 10}
	}
	p.draw.output = pageSide*pageSide + 64
	return &p, nil
}

// errProtected and errDocument say why a PDF has no pages for us.
var (
	errProtected = errors.New("the document is protected by a password: save it without one")
	errDocument  = errors.New("the document is damaged: it cannot be opened as a PDF")
)

// pages counts. Why a document cannot be opened pdfinfo says in prose alone, which is searched and never passed on.
func (p *poppler) pages(ctx context.Context, file *os.File) (int, error) {
	out, err := p.info.run(ctx, input{file: file}, asFile)
	switch {
	case err == nil:
		return pageCount(string(out))
	case errors.Is(err, errExit) && strings.Contains(err.Error(), "Incorrect password"):
		return 0, errProtected
	case errors.Is(err, errExit):
		return 0, errDocument
	}
	return 0, err
}

// pageCount reads pdfinfo's line "Pages:  3".
func pageCount(info string) (int, error) {
	for line := range strings.Lines(info) {
		if rest, found := strings.CutPrefix(line, "Pages:"); found {
			if n, err := strconv.Atoi(strings.TrimSpace(rest)); err == nil && n > 0 {
				return n, nil
			}
		}
	}
	return 0, errDocument
}

// page draws one page, counted from 1, in grey. What a page claims to measure does not matter: it is fitted into a square.
func (p *poppler) page(ctx context.Context, file *os.File, n int) (*image.Gray, error) {
	number := strconv.Itoa(n)
	out, err := p.draw.run(ctx, input{file: file}, "-q", "-gray", "-f", number, "-l", number, "-scale-to", strconv.Itoa(pageSide), asFile)
	if errors.Is(err, errExit) {
		return nil, errDocument
	}
	if err != nil {
		return nil, err
	}
	return parsePGM(out)
}

// parsePGM reads a binary Portable Graymap with 256 levels, as pdftoppm writes it: no comments. The pixels are shared.
func parsePGM(data []byte) (*image.Gray, error) {
	lines := bytes.SplitN(data, []byte("\n"), 4)
	if len(lines) < 4 || string(lines[0]) != "P5" || string(lines[2]) != "255" {
		return nil, errDocument
	}
	w, h, _ := strings.Cut(string(lines[1]), " ")
	width, wrongWidth := strconv.Atoi(w)
	height, wrongHeight := strconv.Atoi(h)
	if errors.Join(wrongWidth, wrongHeight) != nil {
		return nil, errDocument
	}
	pixels := lines[3]
	if width < 1 || height < 1 || width > pageSide || height > pageSide || len(pixels) != width*height {
		return nil, errDocument
	}
	return &image.Gray{Pix: pixels, Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
}
