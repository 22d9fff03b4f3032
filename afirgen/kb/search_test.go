package kb

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
)

func TestEvidencePointsIntoTheComplaint(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct {
		text, number, ingredient string
		want                     []string // what the spans of some evidence cut out
	}{
		{"Two youths came. The rider snatched my chain.", "304(2)", "snatching", []string{"snatched"}},
		{"He took, sir, my ₹5,00,000 by promising me a job.", "318(4)", "delivery", []string{"took, sir, my ₹"}},
		{"उसने मेरे चेहरे पर तेज़ाब फेंका।", "124(1)", "acid-thrown", []string{"तेज़ाब", "फेंका"}},
		{"चोरों ने रात में ताला तोड़कर घर से जेवर चुराए।", "331(4)", "at-night", []string{"रात"}},
		{"Usne mujhe lathi se maara hai aur meri haddi toot gayi.", "117(2)", "grievous", []string{"haddi toot"}},
		{"क\u200dि चोरी\xff\xfe हुई", "303(2)", "theft", []string{"चोरी"}},
	} {
		r := b.Search(Query{Text: c.text, Limit: 200})
		var seen [][]string
		for _, e := range evidenceOf(r, c.number, c.ingredient) {
			var cut []string
			for _, s := range e.Spans {
				cut = append(cut, c.text[s.Start:s.End])
			}
			seen = append(seen, cut)
		}
		if !slices.ContainsFunc(seen, func(cut []string) bool { return slices.Equal(cut, c.want) }) {
			t.Errorf("%q: section %s, %s: evidence %q, want %q", c.text, c.number, c.ingredient, seen, c.want)
		}
	}
}

func evidenceOf(r Result, number, ingredient string) []Evidence {
	for _, h := range r.Hits {
		if h.Section.Number != number {
			continue
		}
		for _, m := range h.Met {
			if m.Label.ID == ingredient && m.Label.English != "" && m.Label.Hindi != "" {
				return m.Evidence
			}
		}
	}
	return nil
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	b := builtinBase(t)
	r := b.Search(Query{Text: "A crowd of men pelted stones at us.", Limit: 200})
	for _, h := range r.Hits {
		if h.Section.Number == "191(3)" {
			if h.Complete || len(h.Missing) != 1 || h.Missing[0].ID != "dangerous-weapon" {
				t.Errorf("riot with a deadly weapon: complete %v, missing %v; want the weapon missing", h.Complete, h.Missing)
			}
			return
		}
	}
	t.Error("191(3) was not returned")
}

func TestTheLesserSectionStandsBehindTheGreater(t *testing.T) {
	b := builtinBase(t)
	r := b.Search(Query{Text: "They broke the lock of my house at night and stole my jewellery from the almirah."})
	if len(r.Suggested()) == 0 || r.Suggested()[0].Section.Number != "331(4)" {
		t.Fatalf("suggested: %v", numbersIn(r.Suggested()))
	}
	for i, h := range r.Hits {
		if h.Section.Number == "331(1)" && (h.IncludedIn == "" || i < len(r.Suggested())) {
			t.Errorf("331(1) is at %d, included in %q", i, h.IncludedIn)
		}
	}
}

func numbersIn(hits []Hit) []string {
	var list []string
	for _, h := range hits {
		list = append(list, h.Section.Number)
	}
	return list
}

func TestNothingIsFoundInNothing(t *testing.T) {
	b := builtinBase(t)
	for _, text := range []string{"", "   \n", "\xff\xfe", "१२३ ४५६", "....", "Good morning.", "नमस्ते"} {
		if r := b.Search(Query{Text: text}); len(r.Hits) != 0 || len(r.Notices) != 1 {
			t.Errorf("%q gave %v, notices %v", text, numbersIn(r.Hits), r.Notices)
		}
	}
}

func TestTheLimitHolds(t *testing.T) {
	b := builtinBase(t)
	const text = "They robbed, beat, cheated and threatened me, broke into my house at night and stole my gold."
	for limit, want := range map[int]int{0: DefaultLimit, -5: DefaultLimit, 1: 1, 3: 3} {
		if got := len(b.Search(Query{Text: text, Limit: limit}).Hits); got != want {
			t.Errorf("limit %d gave %d hits, want %d", limit, got, want)
		}
	}
}

func TestSpellingsMeet(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct{ number, text string }{
		{"303(2)", "मेरी गाड़ी चोरी हो गई"}, {"303(2)", "मेरी गाडी चोरी हो गयी"}, {"303(2)", "मेरी गा\u0921\u093cी चोरी हो गई"},
		{"178", "दुकान में जाली नोट चला रहा था"}, {"326(g)", "उसने मेरी झोंपड़ी, मेरे मकान में आग लगा दी"},
		{"115(2)", "usne mujhe thappad mara hai, meri baat nahi suni"}, {"115(2)", "USNE MUJHE THAPPAD MAARA HAI, meri nahi suni"},
		{"304(2)", "He SNATCHED my purse"}, {"304(2)", "snatching of my purse by a biker"},
		{"303(2)", "Someone\u2019s stolen my bicycle"},
	} {
		if !complete(b.Search(Query{Text: c.text, Limit: 200}), c.number) {
			t.Errorf("%q does not find %s", c.text, c.number)
		}
	}
}

func TestSearchesAtTheSameTimeAgree(t *testing.T) {
	b := builtinBase(t)
	list := readComplaints(t, "testdata/tuned.txt")
	var want []Result
	for _, c := range list {
		want = append(want, b.Search(Query{Text: c.text}))
	}
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for i, c := range list {
				if !reflect.DeepEqual(b.Search(Query{Text: c.text}), want[i]) {
					t.Errorf("%s: another answer than alone", c.title)
				}
			}
		})
	}
	wait.Wait()
}

func TestALongTextIsRead(t *testing.T) {
	b := builtinBase(t)
	text := strings.Repeat("हम बाज़ार गए थे ", 4000) + "वहाँ मेरी साइकिल चोरी हो गई"
	if !complete(b.Search(Query{Text: text, Limit: 200}), "303(2)") {
		t.Error("a theft at the end of a long text without full stops was not found")
	}
}
