package kb

import (
	"bufio"
	"os"
	"strings"
	"testing"
	"time"
)

// lawTable reads testdata/law.txt: per section its columns after the number.
func lawTable(t *testing.T) (numbers []string, table map[string][]string) {
	t.Helper()
	f, err := os.Open("testdata/law.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	table = map[string][]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		columns := strings.Split(lines.Text(), " | ")
		if len(columns) == 6 && !strings.HasPrefix(columns[0], "#") {
			numbers = append(numbers, columns[0])
			table[columns[0]] = columns[1:]
		}
	}
	return numbers, table
}

func TestTheDataSayWhatTheReviewedTableSays(t *testing.T) {
	b := builtinBase(t)
	numbers, table := lawTable(t)
	if len(numbers) != 121 || len(b.Sections()) != len(numbers) {
		t.Fatalf("the table has %d sections and the data %d: both should have 121", len(numbers), len(b.Sections()))
	}
	answers := map[string]Answer{
		"C": Yes, "N": No, "B": Yes, "NB": No, "–": NoAnswer, "as offence": AsOffence, "as main offence": AsOffence,
		"as forgery": AsOffence, "mostly B": Conditional, "C if told by her/relative/notified officer": Conditional,
		"N (State changes exist)": No, "N (High Court rulings: FIR needs Magistrate order)": No,
	}
	confidence := map[byte]Confidence{'H': High, 'M': Medium, 'L': Low}
	for _, number := range numbers {
		s, found := b.Section(number)
		if !found {
			t.Errorf("section %s is not in the data", number)
			continue
		}
		row := table[number]
		penalty := row[0]
		if s.Penalty != penalty && (s.Penalty != "none" || penalty != "–") {
			t.Errorf("section %s: punishment %q, the table has %q", number, s.Penalty, penalty)
		}
		if want, known := answers[row[1]]; !known || s.Cognizable != want {
			t.Errorf("section %s: cognizable %q, the table has %q", number, s.Cognizable, row[1])
		}
		if want, known := answers[row[2]]; !known || s.Bailable != want {
			t.Errorf("section %s: bailable %q, the table has %q", number, s.Bailable, row[2])
		}
		if s.Confidence != confidence[row[3][0]] {
			t.Errorf("section %s: confidence %q, the table has %q", number, s.Confidence, row[3])
		}
		if old := strings.Trim(strings.ReplaceAll(row[4], "–", "-"), " "); s.Old != old && "("+s.Old+")" != old {
			t.Errorf("section %s: old section %q, the table has %q", number, s.Old, old)
		}
	}
}

func TestWhatIsNotSureIsMarked(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct {
		number string
		note   string
	}{
		{"85", "cognizable if told by her"},
		{"106(2)", "not in force"},
		{"137(2)", "sources differ"},
		{"238", "mostly bailable"},
		{"303(2) proviso", "needs a Magistrate's order"},
		{"351(3)", "State changes exist"},
		{"78(2)", "repeat: 5y, non-bailable"},
	} {
		s, _ := b.Section(c.number)
		if s == nil || !strings.Contains(strings.Join(s.Notes, "\n"), c.note) {
			t.Errorf("section %s has no note %q", c.number, c.note)
		}
	}
	for _, s := range b.Sections() {
		var classified bool
		for _, source := range s.Sources {
			classified = classified || source.Kind == "classification"
		}
		if !classified {
			t.Errorf("section %s names no source of its classification", s.Number)
		}
	}
}

// The offence table that the first AFIRGen shipped says otherwise in each of these.
func TestTheErrorsOfTheOldTableAreNotHere(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct {
		number               string
		cognizable, bailable Answer
		years                int // -1: not looked at
	}{
		{"316(2)", Yes, No, 5}, {"316(4)", Yes, No, 7}, {"316(5)", Yes, No, -1},
		{"329(3)", Yes, Yes, 0}, {"329(4)", Yes, Yes, 1}, {"331(1)", Yes, No, 2}, {"331(4)", Yes, No, 5},
		{"332(c)", Yes, Yes, 2}, {"333", Yes, No, 7}, {"336(3)", Yes, No, 7}, {"87", Yes, No, 10},
		{"303(2) proviso", No, Yes, 0}, {"131", No, Yes, 0}, {"132", Yes, No, 2}, {"124(2)", Yes, No, 7},
		{"69", Yes, No, 10}, {"74", Yes, No, 5}, {"75(2)", Yes, Yes, 3}, {"75(3)", Yes, Yes, 1},
		{"78(2)", Yes, Yes, 3}, {"79", Yes, Yes, 3}, {"314", No, Yes, 2}, {"125", Yes, Yes, 0},
	} {
		s, found := b.Section(c.number)
		if !found {
			t.Errorf("there is no section %s", c.number)
			continue
		}
		years, numbered := s.Longest.Years()
		if s.Cognizable != c.cognizable || s.Bailable != c.bailable || c.years >= 0 && (!numbered || years != c.years) {
			t.Errorf("section %s: cognizable %s, bailable %s, %d years (%v); want %s, %s, %d",
				c.number, s.Cognizable, s.Bailable, years, numbered, c.cognizable, c.bailable, c.years)
		}
	}
}

func TestHitAndRunIsHeldButNeverSuggested(t *testing.T) {
	b := builtinBase(t)
	s, found := b.Section("106(2)")
	if !found || s.InForce() || s.AppliesOn(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Fatal("section 106(2) should be held as not in force")
	}
	r := b.Search(Query{Text: "Hit and run: a rash driver killed my father and escapes unreported. He died.", Limit: 200})
	for _, h := range r.Hits {
		if h.Section.Number == "106(2)" {
			t.Error("section 106(2) was returned")
		}
	}
	if len(r.Suggested()) == 0 {
		t.Error("nothing was suggested at all")
	}
}

func TestAnOccurrenceBeforeTheCommencementComesUnderTheOldLaw(t *testing.T) {
	b := builtinBase(t)
	const text = "Somebody stole my bicycle from the market."
	for _, c := range []struct {
		title    string
		occurred time.Time
		applies  bool
	}{
		{"on the day itself", Commencement(), true},
		{"the day before", Commencement().AddDate(0, 0, -1), false},
		{"on an unknown day", time.Time{}, true},
	} {
		r := b.Search(Query{Text: text, Occurred: c.occurred})
		if len(r.Hits) == 0 || r.Hits[0].Section.Number != "303(2)" || r.Hits[0].Section.Old != "379" || r.Hits[0].Applies != c.applies {
			t.Fatalf("%s: %+v", c.title, r.Hits)
		}
		if r.Notices[0].Kind != VerifySchedule || (len(r.Notices) == 1) != c.applies {
			t.Errorf("%s: notices %v", c.title, r.Notices)
		}
	}
}

func TestOldSectionsLeadToTheNew(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct{ old, want string }{
		{"420", "318(4)"}, {"379", "303(2)"}, {"302", "103(1)"}, {"506", "351(2) 351(3)"}, {"506(2)", "351(3)"},
		{"337", "125"}, {"429", "325"}, {"445", "330"}, {"354A", "75(2) 75(3)"}, {"124A", "152"}, {"999", ""}, {"", ""},
	} {
		var got []string
		for _, s := range b.ByOld(c.old) {
			got = append(got, s.Number)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("IPC %s gave %v, want %s", c.old, got, c.want)
		}
	}
}

func TestSpecialLawsAreHintsByNumber(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct{ text, act string }{
		{"He took my OTP and money went out of my account.", "it"},
		{"मेरे मोहल्ले में एक आदमी गांजा बेचता है।", "ndps"},
		{"A man molested my minor daughter aged 9 years.", "pocso"},
		{"Usne mujhe katta dikhaya hai aur mera paisa le liya.", "arms"},
		{"उसने मुझे सबके सामने जातिसूचक गालियाँ दीं।", "sc-st"},
		{"A drunk driver hit my scooter with his car.", "motor"},
		{"ससुराल वाले दहेज माँगते हैं।", "dowry"},
	} {
		r := b.Search(Query{Text: c.text})
		var found bool
		for _, h := range r.Special {
			found = found || h.Act.ID == c.act && len(h.Met) > 0 && h.Act.Confidence == Medium
		}
		if !found || r.Notices[len(r.Notices)-1].Kind != ReadSpecialAct {
			t.Errorf("%q: %s was not among the special laws, or the notice is missing", c.text, c.act)
		}
	}
	if r := b.Search(Query{Text: "Somebody stole my bicycle."}); len(r.Special) != 0 || len(r.Notices) != 1 {
		t.Errorf("a theft gave special laws %v, notices %v", r.Special, r.Notices)
	}
}
