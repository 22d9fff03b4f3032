package test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGuides walks through every guide as its reader would: what it shows is run, written, parsed or looked up, block by
// block. docs/guides/README.md tells what stands behind a fence.
func TestGuides(t *testing.T) {
	pages, err := filepath.Glob("../docs/guides/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("there are no guides: %v", err)
	}
	for _, path := range pages {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			page, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := tryGuide(t, filepath.ToSlash(path), string(page)); err != nil {
				t.Error(err)
			}
		})
	}
}

// tryGuide parses, judges and runs a guide.
func tryGuide(t *testing.T, name, page string) error {
	t.Helper()
	blocks, err := parseGuide(page)
	if err != nil {
		return err
	}
	if err := judgeGuide(name, blocks); err != nil {
		return err
	}
	scratch := t.TempDir()
	extra, err := guideSurroundings()
	if err != nil {
		return err
	}
	// Node looks for packages in the folders above; these are what a guide installs with npm.
	modules, err := filepath.Abs("node/node_modules")
	if err != nil {
		return err
	}
	if err := os.Symlink(modules, filepath.Join(scratch, "node_modules")); err != nil {
		return err
	}
	return walkGuide(t.Context(), name, scratch, blocks, extra...)
}
