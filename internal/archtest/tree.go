package archtest

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// Package is one folder's Go files, those for tests included.
type Package struct {
	Dir   string // slash-separated, from the top of the repository
	Files []File
}

// File is what archtest keeps of one Go file.
type File struct {
	Path    string
	Package string // as in its package clause
	Comment string // the text of its package comment; empty if it has none
	Test    bool   // _test.go
	Imports []Import
}

// Import is one import and the line it stands on, from 1.
type Import struct {
	Path string
	Line int
}

// readPackages parses the heads of all Go files, folder by folder. testdata and what no build would look at
// (names with a leading dot or underscore, node_modules) stay out.
func readPackages(repository fs.FS) ([]Package, error) {
	var packages []Package
	err := walk(repository, func(name string) error {
		if !strings.HasSuffix(name, ".go") || inTestdata(name) {
			return nil
		}
		file, err := readFile(repository, name)
		if err != nil {
			return err
		}
		packages = addFile(packages, file)
		return nil
	})
	return packages, err
}

// inTestdata says whether the go command would pass the file by.
func inTestdata(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == "testdata" || strings.HasPrefix(part, "_") {
			return true
		}
	}
	return false
}

func addFile(packages []Package, file File) []Package {
	dir := path.Dir(file.Path)
	for i := range packages {
		if packages[i].Dir == dir {
			packages[i].Files = append(packages[i].Files, file)
			return packages
		}
	}
	return append(packages, Package{Dir: dir, Files: []File{file}})
}

func readFile(repository fs.FS, name string) (File, error) {
	source, err := fs.ReadFile(repository, name)
	if err != nil {
		return File{}, fmt.Errorf("reading %s: %w", name, err)
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, name, source, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return File{}, fmt.Errorf("reading the imports of %s: %w", name, err)
	}
	file := File{
		Path: name, Package: parsed.Name.Name, Comment: parsed.Doc.Text(),
		Test: strings.HasSuffix(name, "_test.go"),
	}
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return File{}, fmt.Errorf("reading the import %s of %s: %w", spec.Path.Value, name, err)
		}
		file.Imports = append(file.Imports, Import{Path: imported, Line: set.Position(spec.Pos()).Line})
	}
	return file, nil
}

// walk calls visit with every file of the repository in lexical order. It passes by what belongs to the machine and
// not to the repository: folders with a leading dot, except .ci, and the folders that .gitignore names.
func walk(repository fs.FS, visit func(name string) error) error {
	return fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("walking the repository at %s: %w", name, err)
		case entry.IsDir() && machines(name):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		return visit(name)
	})
}

func machines(dir string) bool {
	base := path.Base(dir)
	hidden := strings.HasPrefix(base, ".") && base != "." && base != ".ci"
	return hidden || base == "node_modules" || dir == "bin"
}
