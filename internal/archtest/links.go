package archtest

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// checkLinks finds relative links in Markdown pages that lead nowhere. It looks at files and folders, not at the
// headings that a #fragment names.
func checkLinks(repository fs.FS, _ House, _ []Package) ([]string, error) {
	var found []string
	err := walk(repository, func(name string) error {
		if !strings.HasSuffix(name, ".md") || inTestdata(name) {
			return nil
		}
		page, err := fs.ReadFile(repository, name)
		if err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		for _, link := range links(string(page)) {
			broken, err := judgeLink(repository, name, link)
			if err != nil {
				return err
			}
			if broken != "" {
				found = append(found, fmt.Sprintf("%s links to %s, %s; mend the link or remove it", name, link, broken))
			}
		}
		return nil
	})
	return found, err
}

// links returns the targets of the page's links, inline ones and definitions, outside of code.
func links(page string) []string {
	code := regexp.MustCompile("`[^`\n]*`")
	target := regexp.MustCompile(`\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)`)
	var targets []string
	fenced := false
	for line := range strings.Lines(page) {
		if fence := strings.TrimSpace(line); strings.HasPrefix(fence, "```") || strings.HasPrefix(fence, "~~~") {
			fenced = !fenced
			continue
		}
		if fenced {
			continue
		}
		for _, groups := range target.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
			targets = append(targets, groups[1]+groups[2])
		}
	}
	return targets
}

// judgeLink returns what is wrong with a link of the page, or nothing. Links to other hosts and within the page pass.
func judgeLink(repository fs.FS, page, link string) (string, error) {
	parsed, err := url.Parse(link)
	if err != nil {
		return "which is no link: " + err.Error(), nil
	}
	if parsed.Scheme != "" || parsed.Host != "" || parsed.Path == "" {
		return "", nil
	}
	file := path.Join(path.Dir(page), parsed.Path)
	if strings.HasPrefix(parsed.Path, "/") || !fs.ValidPath(file) {
		return "which leads out of the repository", nil
	}
	switch _, err := fs.Stat(repository, file); {
	case errors.Is(err, fs.ErrNotExist):
		return "which does not exist", nil
	case err != nil:
		return "", fmt.Errorf("following the link %s of %s: %w", link, page, err)
	}
	return "", nil
}
