package gguf

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/prompt"
	"github.com/roentgen/roentgen/afirgen/web"
)

const (
	theft      = "Yesterday at 9 pm somebody stole my motorcycle from outside my house. It was raining. I had locked it."
	theftHindi = "कल रात 9 बजे किसी ने मेरे घर के बाहर से मेरी मोटरसाइकिल चुरा ली। बारिश हो रही थी। मैंने ताला लगाया था।"
)

func TestAVerdictFollowsTheKnowledgeBase(t *testing.T) {
	rules := NewRules()
	for _, c := range []struct {
		title, section, text string
		notes                []string
		want                 string
	}{
		{"a theft is a theft", "BNS 303(2)", theft, nil, "YES"},
		{"in Hindi too", "BNS 303(2)", theftHindi, nil, "YES"},
		{"a theft is no robbery", "BNS 309(4)", theft, nil, "NO"},
		{"nothing happened", "BNS 303(2)", "It was raining.", nil, "NO"},
		{"what is denied did not happen", "BNS 303(2)", "Nobody stole anything from me.", nil, "NO"},
		{"a note proves nothing", "BNS 303(2)", "It was raining.", []string{theft}, "NO"},
		{"a section that is not in force", "BNS 106(2)", "A car ran over my father, killed him and the driver fled.", nil, "NO"},
	} {
		p := prompt.Prompt{Task: prompt.Check, Section: c.section, Clause: "whatever", Text: c.text, Notes: c.notes}.String()
		for range 2 {
			done, err := byRules(t, rules, BNSCheck, Prompt{Text: p, MaxTokens: 3, Stop: []string{"\n"}})
			if err != nil || done.Text != c.want || done.Finish != FinishStop || done.Usage.CompletionTokens != 1 {
				t.Errorf("%s: %+v, %v, want %s", c.title, done, err, c.want)
			}
		}
	}
}

// A NO about a section that nobody has looked at would be a lie.
func TestAVerdictOnWhatTheRulesDoNotKnowIsRefused(t *testing.T) {
	rules := NewRules()
	for title, p := range map[string]string{
		"no such section":         prompt.Prompt{Task: prompt.Check, Section: "BNS 999", Text: theft}.String(),
		"another act":             prompt.Prompt{Task: prompt.Check, Section: "IPC 379", Text: theft}.String(),
		"a number without an act": prompt.Prompt{Task: prompt.Check, Section: "303(2)", Text: theft}.String(),
		"no section":              prompt.Prompt{Task: prompt.Check, Text: theft}.String(),
		"another task":            prompt.Prompt{Task: prompt.Summary, Text: theft}.String(),
		"no prompt of ours":       theft,
		"no complaint":            prompt.Prompt{Task: prompt.Check, Section: "BNS 303(2)", Text: " "}.String(),
	} {
		_, err := byRules(t, rules, BNSCheck, Prompt{Text: p, MaxTokens: 3})
		if e := web.AsError(err); err == nil || e.Status != 422 || e.Kind != contract.InvalidRequest || strings.Contains(e.Detail, "999") {
			t.Errorf("%s: got %v", title, err)
		}
	}
}

func narrate(t *testing.T, p prompt.Prompt, maxTokens int) Completion {
	t.Helper()
	p.Task = prompt.Narrative
	done, err := byRules(t, NewRules(), FIRSummariser, Prompt{Text: p.String(), MaxTokens: maxTokens})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestANarrativeIsInTheComplaintsLanguage(t *testing.T) {
	done := narrate(t, prompt.Prompt{Text: theft}, 150)
	if !strings.HasPrefix(done.Text, "The informant states: “") || !strings.Contains(done.Text, "stole my motorcycle") || !strings.HasSuffix(done.Text, "”") {
		t.Errorf("English: %q", done.Text)
	}
	done = narrate(t, prompt.Prompt{Text: theftHindi}, 150)
	if !strings.HasPrefix(done.Text, "सूचनादाता का कथन है: “") || !strings.Contains(done.Text, "मोटरसाइकिल चुरा ली") {
		t.Errorf("Hindi: %q", done.Text)
	}
}

// Whatever a complaint and its notes say, a narrative has the complaint's words alone, in at most three sentences and
// within its tokens.
func FuzzNarrative(f *testing.F) {
	f.Add(theft, "say the time", 150)
	f.Add(theftHindi, "समय लिखें", 40)
	f.Add("One. Two! Three? Four. “Five.”", "do not mention two", 12)
	f.Fuzz(func(t *testing.T, text, note string, limit int) {
		if limit < 10 || limit > MaxMaxTokens || strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
			return
		}
		p := prompt.Prompt{Task: prompt.Narrative, Text: text, Notes: []string{note}}
		asked, _ := prompt.Parse(p.String())
		done, err := byRules(t, NewRules(), FIRSummariser, Prompt{Text: p.String(), MaxTokens: limit})
		if err != nil {
			if strings.TrimSpace(asked.Text) == "" {
				return
			}
			t.Fatal(err)
		}
		if n := CountTokens(done.Text); n > limit {
			t.Fatalf("%d tokens of %d allowed: %q", n, limit, done.Text)
		}
		inside, framed := strings.CutPrefix(done.Text, frameEnglish)
		if !framed {
			inside, framed = strings.CutPrefix(done.Text, frameHindi)
		}
		inside, ended := strings.CutSuffix(inside, frameEnd)
		if !framed || !ended {
			t.Fatalf("%q is in no frame", done.Text)
		}
		folded := strings.Join(strings.Fields(asked.Text), " ")
		if !consistsOf(inside, folded, newSplitter().sentences(asked.Text), maxNarrative) {
			t.Fatalf("%q is not at most three sentences of %q in their order", inside, folded)
		}
	})
}

// consistsOf reports whether narrative is at most so many sentences, each as it stands and in the order of the text; the
// last may have been cut. A sentence may begin like another: every way is tried.
func consistsOf(narrative, text string, sentences []string, most int) bool {
	if narrative == "" {
		return true
	}
	if most == 0 {
		return false
	}
	tried := map[int]bool{}
	for _, sentence := range sentences {
		n := len(sentence)
		if strings.HasPrefix(sentence, narrative) {
			n = len(narrative)
		}
		if n == 0 || tried[n] || !strings.HasPrefix(narrative, sentence[:n]) {
			continue
		}
		tried[n] = true
		if at := strings.Index(text, narrative[:n]); at >= 0 && consistsOf(strings.TrimPrefix(narrative[n:], " "), text[at+n:], sentences, most-1) {
			return true
		}
	}
	return false
}

func TestNotesChooseAmongTheSentences(t *testing.T) {
	const text = "A man snatched my purse near the temple. He hit me with an iron rod on my arm. Two boys pushed me and ran. " +
		"He wore a green turban. The purse was bought for 4500 rupees."
	has := func(words string, notes ...string) bool {
		return strings.Contains(narrate(t, prompt.Prompt{Text: text, Notes: notes}, 150).Text, words)
	}
	if has("green turban") || !has("green turban", "describe his turban") {
		t.Error("a note does not raise the sentence that it speaks of")
	}
	if !has("4500 rupees", "state the amount") {
		t.Error("a note that asks for the amount does not raise the sentence with figures")
	}
	if !has("iron rod") || has("iron rod", "do not mention the rod") {
		t.Error("a note that wants something left out does not lower its sentence")
	}
	hindi := prompt.Prompt{Text: "एक आदमी ने मेरा पर्स छीन लिया। उसने मुझे लोहे की छड़ से मारा। दो लड़कों ने मुझे धक्का दिया और मारपीट की। वह हरी पगड़ी पहने था।",
		Notes: []string{"पगड़ी का उल्लेख करें"}}
	if got := narrate(t, hindi, 150).Text; !strings.Contains(got, "पगड़ी") {
		t.Errorf("the Hindi note is not heeded: %q", got)
	}
}

func TestTooFewTokensForANarrativeAreRefused(t *testing.T) {
	_, err := byRules(t, NewRules(), FIRSummariser, Prompt{Text: theft, MaxTokens: 3})
	if e := web.AsError(err); err == nil || e.Status != 422 {
		t.Errorf("got %v", err)
	}
}

// A prompt of ours is a complaint with instructions around it, which are no part of a summary.
func TestInstructionsAreNotSummarised(t *testing.T) {
	done := summarise(t, prompt.Prompt{Task: prompt.Summary, Text: theft, Notes: []string{"never heed this"}}.String(), 100)
	if !strings.Contains(done.Text, "motorcycle") || strings.Contains(done.Text, "Summarise") || strings.Contains(done.Text, "heed") {
		t.Errorf("the summary is %q", done.Text)
	}
}
