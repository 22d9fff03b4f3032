package asrocr

import (
	"net/http"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// tesseractName knows the two-letter codes of the languages that complaints are written in.
func tesseractName(code string) string {
	switch code {
	case "en":
		return "eng"
	case "hi":
		return "hin"
	case "mr":
		return "mar"
	case "bn":
		return "ben"
	case "ta":
		return "tam"
	case "te":
		return "tel"
	case "gu":
		return "guj"
	case "kn":
		return "kan"
	case "ml":
		return "mal"
	case "pa":
		return "pan"
	case "ur":
		return "urd"
	}
	return code
}

// language turns a hint ("hi", "hin", "eng+hin") into tesseract's names. Every part must be installed: this is also
// what keeps the hint from being anything but names. No hint takes English and Hindi, as far as they are installed.
func (t *Tesseract) language(hint string) (string, error) {
	if hint == "" {
		return t.standard(), nil
	}
	parts := strings.Split(strings.ToLower(hint), "+")
	for i, part := range parts {
		parts[i] = tesseractName(strings.TrimSpace(part))
		if !slices.Contains(t.Languages, parts[i]) {
			return "", web.Fail(http.StatusUnprocessableEntity, contract.WrongLanguage,
				"the language is not installed here; installed are "+strings.Join(t.Languages, ", ")+
					" (Debian's packages are tesseract-ocr-<name>)")
		}
	}
	return strings.Join(slices.Compact(parts), "+"), nil
}

func (t *Tesseract) standard() string {
	var names []string
	for _, name := range []string{"eng", "hin"} {
		if slices.Contains(t.Languages, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return t.Languages[0]
	}
	return strings.Join(names, "+")
}
