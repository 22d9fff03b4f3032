package asrocr

import (
	"net/http"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// name is a language by ISO 639-1, as tesseract names its data, and in English, as engines for speech write it out.
type name struct{ code, data, english string }

// names are the languages that complaints are written and told in: English and those of the Eighth Schedule that have a
// two-letter code.
func names() []name {
	return []name{
		{"en", "eng", "english"}, {"hi", "hin", "hindi"}, {"mr", "mar", "marathi"}, {"bn", "ben", "bengali"},
		{"ta", "tam", "tamil"}, {"te", "tel", "telugu"}, {"gu", "guj", "gujarati"}, {"kn", "kan", "kannada"},
		{"ml", "mal", "malayalam"}, {"pa", "pan", "punjabi"}, {"ur", "urd", "urdu"}, {"or", "ori", "odia"},
		{"as", "asm", "assamese"}, {"ne", "nep", "nepali"}, {"sd", "snd", "sindhi"}, {"sa", "san", "sanskrit"},
	}
}

// dataName is tesseract's name of a language; what it does not know stays as it is.
func dataName(code string) string {
	for _, n := range names() {
		if code == n.code {
			return n.data
		}
	}
	return code
}

// languageCode is the two-letter code of a language by any of its names; what it does not know stays as it is.
func languageCode(given string) string {
	for _, n := range names() {
		if given == n.data || given == n.english {
			return n.code
		}
	}
	return given
}

// whisperLanguages are those of names that multilingual models of Whisper know: all but Odia.
func whisperLanguages() []string {
	var codes []string
	for _, n := range names() {
		if n.code != "or" {
			codes = append(codes, n.code)
		}
	}
	return codes
}

// language turns a hint ("hi", "hin", "eng+hin") into tesseract's names. Every part must be installed: this is also
// what keeps the hint from being anything but names. No hint takes English and Hindi, as far as they are installed.
func (t *Tesseract) language(hint string) (string, error) {
	if hint == "" {
		return t.standard(), nil
	}
	parts := strings.Split(strings.ToLower(hint), "+")
	for i, part := range parts {
		parts[i] = dataName(strings.TrimSpace(part))
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
