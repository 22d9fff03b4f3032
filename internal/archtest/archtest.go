// Package archtest holds the shape of the house as data and compares the repository with it: which room may import
// which, which module may know which, where folders may stand, and what every room and page must say. It reads files
// and owns nothing; what it finds is a list of sentences, each naming the file, the rule and the way out. It looks at
// source text only, never at what the compiler would choose, so code behind any build tag is held to the same rules.
package archtest

import "io/fs"

// Check returns one sentence for everything in the repository that the house does not allow, in the order of the
// tree. The error is for a tree that cannot be read or parsed at all.
func Check(repository fs.FS, house House) ([]string, error) {
	packages, err := readPackages(repository)
	if err != nil {
		return nil, err
	}
	found := checkTable(house)
	found = append(found, checkImports(house, packages)...)
	found = append(found, checkPackageComments(packages)...)
	for _, check := range []func(fs.FS, House, []Package) ([]string, error){
		checkModules, checkFolders, checkArchitecture, checkTexts, checkLinks, checkClaims,
	} {
		more, err := check(repository, house, packages)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}
