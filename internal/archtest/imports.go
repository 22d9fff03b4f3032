package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// wayOut ends each sentence about an import between rooms.
const wayOut = "declare the one-method interface it needs and let cmd/roentgen pass the other room in, " +
	"or change the table in internal/archtest with a page in docs/decisions that says why"

// checkImports holds every import against the table. Test files may import any room, but only of modules that theirs
// may know; those of a room with TestsToo are held to its list.
func checkImports(house House, packages []Package) []string {
	var found []string
	for _, pkg := range packages {
		room, ok := house.roomOf(pkg.Dir)
		if !ok {
			found = append(found, fmt.Sprintf("%s holds Go files but is no room of the table: move them into the room they serve, "+
				"or add the room to the table in internal/archtest with a page in docs/decisions", pkg.Dir))
			continue
		}
		for _, file := range pkg.Files {
			for _, imported := range file.Imports {
				if broken := judge(house, room, file, imported); broken != "" {
					found = append(found, fmt.Sprintf("%s:%d imports %s: %s", file.Path, imported.Line, imported.Path, broken))
				}
			}
		}
	}
	return found
}

// judge returns the rule that the import breaks and what to do, or nothing.
func judge(house House, room Room, file File, imported Import) string {
	target, ours := house.dirOf(imported.Path)
	switch {
	case !ours && file.Test:
		return ""
	case !ours:
		return judgeOutside(room, imported.Path)
	}
	if broken := judgeModule(house, room, target); broken != "" {
		return broken
	}
	if file.Test && !room.TestsToo {
		return ""
	}
	return judgeRoom(house, room, target)
}

// judgeOutside looks at an import from outside the repository.
func judgeOutside(room Room, importPath string) string {
	if !room.StdOnly || standard(importPath) || slices.ContainsFunc(room.Besides, covers(importPath)) {
		return ""
	}
	allowed := "the standard library only"
	if len(room.Besides) > 0 {
		allowed = "the standard library and " + strings.Join(room.Besides, ", ")
	}
	return fmt.Sprintf("%s may import %s; write the little that is needed here, or do this work in a room that may", room.name(), allowed)
}

// standard says whether the import is of the standard library. Its paths have no dot in the first part; cgo's "C" is
// no part of it.
func standard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return importPath != "C" && !strings.Contains(first, ".")
}

// covers returns a test whether a pattern of Room.Besides stands for the import.
func covers(importPath string) func(pattern string) bool {
	return func(pattern string) bool {
		if parent, ok := strings.CutSuffix(pattern, "/..."); ok {
			_, under := below(importPath, parent)
			return under
		}
		return importPath == pattern
	}
}

// judgeModule looks at an import of one of our packages in another module.
func judgeModule(house House, room Room, target string) string {
	from, ok := house.moduleOf(room.Path)
	to, known := house.moduleOf(target)
	if !ok || !known || from.Path == to.Path || slices.Contains(from.MayUse, to.Path) {
		return ""
	}
	return fmt.Sprintf("the module %s must not know the module %s, in tests neither; share golden files instead of Go types, "+
		"or test it from the module in test", from.Path, to.Path)
}

// judgeRoom looks at an import of another room.
func judgeRoom(house House, room Room, target string) string {
	other, ok := house.roomOf(target)
	switch {
	case !ok:
		return fmt.Sprintf("%s is no room of the table; add it there, or import a room", target)
	case other.Path == room.Path || slices.Contains(room.MayImport, other.Path):
		return ""
	case len(room.MayImport) == 0:
		return fmt.Sprintf("%s (level %d) may import no other room; %s", room.name(), room.Level, wayOut)
	}
	return fmt.Sprintf("%s (level %d) may import %s; %s", room.name(), room.Level, list(house, room.MayImport), wayOut)
}

// list names rooms for a sentence.
func list(house House, paths []string) string {
	names := make([]string, len(paths))
	for i, p := range paths {
		room, _ := house.roomOf(p)
		names[i] = room.name()
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
