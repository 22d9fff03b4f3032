package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// checkFolders finds top-level folders that are neither a room, nor the way to one, nor one of House.Folders.
func checkFolders(repository fs.FS, house House, _ []Package) ([]string, error) {
	entries, err := fs.ReadDir(repository, ".")
	if err != nil {
		return nil, fmt.Errorf("listing the top of the repository: %w", err)
	}
	known := slices.Clone(house.Folders)
	for _, room := range house.Rooms {
		first, _, _ := strings.Cut(room.Path, "/")
		known = append(known, first)
	}
	var found []string
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || strings.HasPrefix(name, ".") || machines(name) || slices.Contains(known, name) {
			continue
		}
		found = append(found, fmt.Sprintf("the top-level folder %s is neither a room nor a folder of the plan: move what is in it "+
			"to where it belongs, or add it to the table in internal/archtest with a page in docs/decisions", name))
	}
	return found, nil
}

// checkPackageComments finds packages that do not open with their sentence.
func checkPackageComments(packages []Package) []string {
	var found []string
	for _, pkg := range packages {
		if slices.ContainsFunc(pkg.Files, opens) {
			continue
		}
		name := strings.TrimSuffix(pkg.Files[0].Package, "_test")
		found = append(found, fmt.Sprintf("%s has no package comment: say what it is for in one sentence above the package clause "+
			"of one of its files, beginning with %q (for a program: with its name)", path.Join(pkg.Dir, "*.go"), "Package "+name))
	}
	return found
}

// opens says whether the file carries its package's sentence.
func opens(file File) bool {
	if file.Package == "main" {
		return file.Comment != ""
	}
	return strings.HasPrefix(file.Comment, "Package "+strings.TrimSuffix(file.Package, "_test")+" ")
}

// checkArchitecture finds rooms that exist and that ARCHITECTURE.md does not tell of. It names a room by its path in
// backquotes, and the one at the top in words.
func checkArchitecture(repository fs.FS, house House, packages []Package) ([]string, error) {
	text, err := fs.ReadFile(repository, "ARCHITECTURE.md")
	if err != nil {
		return nil, fmt.Errorf("reading the tour of the house: %w", err)
	}
	var found []string
	for _, room := range house.Rooms {
		exists := slices.ContainsFunc(packages, func(p Package) bool {
			at, ok := house.roomOf(p.Dir)
			return ok && at.Path == room.Path
		})
		name := "`" + room.Path + "`"
		if room.Path == vocabulary {
			name = "root vocabulary"
		}
		if exists && !strings.Contains(string(text), name) {
			found = append(found, fmt.Sprintf("ARCHITECTURE.md does not tell of %s: add a paragraph that names it as %s",
				room.name(), name))
		}
	}
	return found, nil
}
