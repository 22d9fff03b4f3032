package archtest

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// checkModules holds every go.mod against the table: it stands where the table says, bears the path that the table
// says, and names no module of the repository that its own must not know.
func checkModules(repository fs.FS, house House, _ []Package) ([]string, error) {
	var found []string
	err := walk(repository, func(name string) error {
		if path.Base(name) != "go.mod" || inTestdata(name) {
			return nil
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		found = append(found, judgeGoMod(house, name, string(text))...)
		return nil
	})
	return found, err
}

func judgeGoMod(house House, name, text string) []string {
	module, ok := house.moduleOf(path.Dir(name))
	if !ok || module.Dir != path.Dir(name) {
		return []string{name + " makes a module that the table does not have: delete it, " +
			"or add the module to the table in internal/archtest with a page in docs/decisions"}
	}
	var found []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		if len(words) > 1 && words[0] == "module" && words[1] != module.Path {
			found = append(found, fmt.Sprintf("%s names its module %s: the table says %s", name, words[1], module.Path))
		}
		for _, other := range house.Modules {
			if slices.Contains(words, other.Path) && other.Path != module.Path && !slices.Contains(module.MayUse, other.Path) {
				found = append(found, fmt.Sprintf("%s names the module %s, which %s must not know: remove the requirement, "+
					"and whatever imports it", name, other.Path, module.Path))
			}
		}
	}
	return found
}
