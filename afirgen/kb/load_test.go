package kb

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// copyOf returns the data files with one text replaced, once.
func copyOf(tb testing.TB, file, old, with string) fstest.MapFS {
	tb.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(Files(), path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if file != "" {
		data := string(files[file].Data)
		if !strings.Contains(data, old) {
			tb.Fatalf("%s does not hold %q", file, old)
		}
		files[file].Data = []byte(strings.Replace(data, old, with, 1))
	}
	return files
}

const (
	generalFile = "data/sections/1_general.txt"
	publicFile  = "data/concepts/public.txt"
	setsFile    = "data/concepts/sets.txt"
)

func TestASlipInTheDataIsRefusedWithItsLine(t *testing.T) {
	for _, c := range []struct {
		title, file, old, with string
		line                   int // 0: not looked at
		want                   string
	}{
		{"an unknown field", generalFile, "kind        joined", "kynd        joined", 3, `has no kind`},
		{"a field that nobody knows", generalFile, "  old         34\n", "  old         34\n  colour      red\n", 8, `unknown field "colour"`},
		{"a field without a value", generalFile, "old         34", "old", 7, `"old" has no value`},
		{"a field given twice", generalFile, "  old         34\n", "  old         34\n  old         35\n", 8, "old is given twice"},
		{"a wrong answer", generalFile, "cognizable  none", "cognizable  perhaps", 10, `cognizable is "perhaps": write one of yes, no`},
		{"a wrong confidence", generalFile, "confidence  high", "confidence  sure", 12, `confidence is "sure"`},
		{"a wrong term", generalFile, "longest     6 months", "longest     6 moons", 0, `unit of the term "6 moons"`},
		{"a term without number", generalFile, "longest     6 months", "longest     many months", 0, `"many months" is no term`},
		{"a wrong day", generalFile, "effective   2024-07-01", "effective   2024-07-32", 14, `write 2024-07-01`},
		{"a wrong number", generalFile, "section 3(5)", "section 3-5", 3, `"3-5" is no number of a section`},
		{"a section beyond the last", "data/sections/9_intimidation_and_insult.txt", "section 356(2)", "section 359(2)", 0, "the BNS ends with 358"},
		{"a section given twice", generalFile, "section 49", "section 3(5)", 0, "stands after 3(5)"},
		{"sections out of order", generalFile, "section 62", "section 50", 0, "stands after 61(2)(b)"},
		{"a wrong old section", generalFile, "old         34", "old         thirty-four", 7, `old is "thirty-four"`},
		{"a Hindi title in Latin letters", generalFile, "title-hi    सामान्य आशय: कई व्यक्तियों का संयुक्त दायित्व", "title-hi    common intention", 5, "not in Devanagari"},
		{"an unknown source", generalFile, "sources     act settled", "sources     act hearsay", 13, `no source "hearsay"`},
		{"an unknown concept", generalFile, "need        several-persons", "need        a-crowd", 16, `no concept "a-crowd"`},
		{"a section without need", generalFile, "need        several-persons", "note        none", 3, "a section in force has a need"},
		{"a section that includes nobody", generalFile, "need        several-persons", "need        several-persons\n  includes    4(4)", 3, "includes 4(4), which there is not"},
		{"a section that includes itself", generalFile, "need        several-persons", "need        several-persons\n  includes    3(5)", 3, "includes itself"},
		{"another block", generalFile, "section 49", "chapter 49", 0, `a block "chapter" stands among sections`},
		{"a field before any block", generalFile, "section 3(5)", "  section 3(5)", 3, "stands before any block"},
		{"a tab", generalFile, "  title       Abetment", "\ttitle       Abetment", 0, "control character"},
		{"a carriage return", generalFile, "old         34\n", "old         34\r\n", 7, "control character"},
		{"bytes that are no UTF-8", generalFile, "Common intention", "Common \xff intention", 4, "not valid UTF-8"},
		{"a decomposed letter", generalFile, "Common intention", "Commo\u0301n intention", 4, "not in Unicode NFC"},
		{"a line without end", generalFile, "Common intention", strings.Repeat("x", maxLine), 4, "are the most"},
		{"a file without end", generalFile, "Common intention", strings.Repeat("# \n", maxFile), 0, "are the most"},
		{"a conditional answer without note", "data/sections/2_women_and_children.txt", "bailable    yes", "bailable    conditional", 0, "no note says"},

		{"a concept without Hindi", publicFile, "  hi  षड्यंत्र", "  en  षड्यंत्र", 0, "none of its script"},
		{"a concept without phrases", publicFile, "  hi  षड्यंत्र; साजिश; षडयंत्र; मिलीभगत; सांठगांठ; योजना बनाकर\n", "", 0, "no phrase in hi"},
		{"a label in one language", publicFile, " | अपराध करने का समझौता", "", 0, "not English and Hindi"},
		{"an empty phrase", publicFile, "conspiracy; conspired", "conspiracy; ; conspired", 0, "a part is empty"},
		{"an empty choice", publicFile, "conspiracy; conspired", "conspiracy||plan; conspired", 0, "a word is empty"},
		{"an unknown set", publicFile, "conspiracy; conspired", "$plotters; conspired", 0, `no set "plotters"`},
		{"a gap at the end", publicFile, "conspiracy; conspired", "conspiracy ..; conspired", 0, "a gap stands at an end"},
		{"too many gaps", publicFile, "conspiracy; conspired", "a .. b .. c .. d .. e; conspired", 0, "more than"},
		{"too many parts", publicFile, "conspiracy; conspired", "a & b & c & d & e; conspired", 0, "has 5 parts"},
		{"a number that is none", publicFile, "conspiracy; conspired", "#many men; conspired", 0, "#many is no number"},
		{"a number upside down", publicFile, "conspiracy; conspired", "#9-3 men; conspired", 0, "#9-3 is no number"},
		{"a concept given twice", publicFile, "concept instigated-act", "concept conspiracy", 0, "given twice"},
		{"a concept that nobody needs", publicFile, "concept conspiracy\n", "concept idle\n  label a | अ\n  en a\n  hi अ\n  ro a\n\nconcept conspiracy\n", 3, "needs the concept idle"},
		{"a wrong flag", "data/concepts/threats.txt", "threatened  counts", "threatened  maybe", 0, `threatened is "maybe"`},
		{"another block among concepts", publicFile, "concept conspiracy", "notion conspiracy", 0, `a block "notion"`},
		{"a set given twice", setsFile, "set person", "set family", 0, "given twice"},
		{"a set with a foreign letter", setsFile, "  hi  पिता|", "  hi  pita|", 0, "none of its script"},

		{"a source given twice", "data/sources.txt", "source checked", "source act", 0, "given twice: first in line 3"},
		{"another block among sources", "data/sources.txt", "source checked", "book checked", 0, `a block "book"`},
		{"a special law without need", "data/special.txt", "  need        computer\n", "", 0, "has no need"},
		{"a special law with a wrong number", "data/special.txt", "66, 66C", "66; 66C", 0, "no number of a section"},
		{"another block among special laws", "data/special.txt", "act it", "law it", 0, `a block "law"`},
	} {
		t.Run(c.title, func(t *testing.T) {
			b, err := Load(copyOf(t, c.file, c.old, c.with))
			var where *DataError
			if b != nil || !errors.As(err, &where) {
				t.Fatalf("Load gave a base (%v) and the error %v, want a *DataError", b != nil, err)
			}
			if where.File != c.file || c.line != 0 && where.Line != c.line || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q, want it in %s, line %d, with %q", err, c.file, c.line, c.want)
			}
		})
	}
}

func TestMissingFilesAreNamed(t *testing.T) {
	for _, missing := range []string{"data/sources.txt", "data/special.txt", "data/sections", "data/concepts"} {
		files := copyOf(t, "", "", "")
		for path := range files {
			if strings.HasPrefix(path, missing) {
				delete(files, path)
			}
		}
		if _, err := Load(files); err == nil || !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), missing) {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	if _, err := Load(fstest.MapFS{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without any file: %v", err)
	}
}

func TestACopyOfTheFilesLoads(t *testing.T) {
	b, err := Load(copyOf(t, "", "", ""))
	if err != nil || len(b.Sections()) != len(builtinBase(t).Sections()) || len(b.Special()) != 7 {
		t.Fatalf("%v", err)
	}
}

func TestACourtIsReadWhereItIsGiven(t *testing.T) {
	b, err := Load(copyOf(t, generalFile, "  old         34\n", "  old         34\n  court       Court of Session\n"))
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := b.Section("3(5)"); s == nil || s.Court != "Court of Session" {
		t.Errorf("the court was not read: %+v", s)
	}
	for _, s := range builtinBase(t).Sections() {
		if s.Court != "" {
			t.Errorf("section %s names a court, which the source does not", s.Number)
		}
	}
}
