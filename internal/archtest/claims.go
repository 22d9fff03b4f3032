package archtest

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Claims is a page of claims, each with the tests that prove it: a table with a row `| number | claim | mark | proof |`
// for each number from 1 to Count. A proof is a list of `folder` TestName. Marks of Excused may say instead, behind a
// dash, why the claim cannot hold and what there is in its place.
type Claims struct {
	Page    string
	Count   int
	Excused []string
	Tested  []string // folders of the modules whose tests run every time
}

// claim is one row.
type claim struct {
	number             int
	mark, proof, place string
}

// checkClaims holds every row's proof against the tests that there are. A test counts only if it runs: it stands in no
// file with a build tag, skips nothing, and belongs to a module whose tests run every time.
func checkClaims(repository fs.FS, house House, _ []Package) ([]string, error) {
	page, err := fs.ReadFile(repository, house.Claims.Page)
	if errors.Is(err, fs.ErrNotExist) && house.Claims.Page == "" {
		return nil, nil
	}
	if err != nil {
		return []string{house.Claims.Page + " is missing: it lists every claim with the tests that prove it"}, nil
	}
	rows := claims(house.Claims.Page, string(page))
	found := missingClaims(house.Claims, rows)
	for _, row := range rows {
		more, err := judgeClaim(repository, house.Claims, row)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

var claimRow = regexp.MustCompile(`^\| *([0-9]+) *\|(.*)\|([^|]*)\|([^|]*)\|\s*$`)

func claims(name, page string) (rows []claim) {
	line := 0
	for text := range strings.Lines(page) {
		line++
		m := claimRow.FindStringSubmatch(strings.TrimRight(text, "\n"))
		if m == nil {
			continue
		}
		number, _ := strconv.Atoi(m[1]) // the pattern has digits there
		rows = append(rows, claim{number, strings.TrimSpace(m[3]), strings.TrimSpace(m[4]), fmt.Sprintf("%s:%d", name, line)})
	}
	return rows
}

func missingClaims(c Claims, rows []claim) (found []string) {
	for n := 1; n <= c.Count; n++ {
		count := 0
		for _, row := range rows {
			if row.number == n {
				count++
			}
		}
		if count != 1 {
			found = append(found, fmt.Sprintf("%s has %d rows for claim %d, and needs one", c.Page, count, n))
		}
	}
	return found
}

var (
	proofItem = regexp.MustCompile("`([^`]+)` +(Test[A-Za-z0-9_]+)")
	testFunc  = `(?m)^func %s\(t \*testing\.T\) \{(.*\}|\n(?:.*\n)*?\})$` // on one line, or on several
)

func judgeClaim(repository fs.FS, c Claims, row claim) ([]string, error) {
	items := proofItem.FindAllStringSubmatch(row.proof, -1)
	excused := strings.HasPrefix(row.proof, "–") && len(row.proof) > len("– why")
	switch {
	case len(items) == 0 && !excused:
		return []string{row.place + " names no test: write `folder` TestName, or, for a claim marked " + strings.Join(c.Excused, " or ") + ", – and why it cannot be"}, nil
	case len(items) == 0 && !slices.Contains(c.Excused, row.mark):
		return []string{fmt.Sprintf("%s excuses a claim marked %q: only %s may be", row.place, row.mark, strings.Join(c.Excused, " and "))}, nil
	}
	var found []string
	for _, item := range items {
		why, err := judgeProof(repository, c, item[1], item[2])
		if err != nil {
			return nil, err
		}
		if why != "" {
			found = append(found, fmt.Sprintf("%s rests on %s of %s, %s", row.place, item[2], item[1], why))
		}
	}
	return found, nil
}

// judgeProof returns what keeps a test from being a proof, or nothing.
func judgeProof(repository fs.FS, c Claims, dir, name string) (string, error) {
	if !slices.ContainsFunc(c.Tested, func(module string) bool {
		_, ok := below(dir, module)
		return ok || module == "."
	}) {
		return "which is in no module whose tests run every time", nil
	}
	files, err := fs.Glob(repository, path.Join(dir, "*_test.go"))
	if err != nil {
		return "", fmt.Errorf("looking for tests in %s: %w", dir, err)
	}
	pattern := regexp.MustCompile(fmt.Sprintf(testFunc, regexp.QuoteMeta(name)))
	for _, file := range files {
		source, err := fs.ReadFile(repository, file)
		if err != nil {
			return "", fmt.Errorf("reading %s: %w", file, err)
		}
		m := pattern.FindSubmatch(source)
		switch {
		case m == nil:
			continue
		case strings.HasPrefix(string(source), "//go:build") || strings.Contains(string(source), "\n//go:build"):
			return "which stands behind a build tag in " + file, nil
		case regexp.MustCompile(`\bt\.Skip|testing\.Short\(`).Match(m[1]):
			return "which may skip itself", nil
		}
		return "", nil
	}
	return "which does not exist", nil
}
