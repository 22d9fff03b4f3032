package gguf

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/roentgen/roentgen/afirgen/prompt"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

func TestCountTokens(t *testing.T) {
	for _, c := range []struct {
		text string
		want int
	}{
		{"", 0},
		{"  \n\t ", 0},
		{"bag", 1},
		{"My bag was stolen.", 5},
		{"don't", 1},
		{"'quoted'", 3},
		{"Rs. 4,500", 5},
		{"मेरा मोबाइल चोरी हो गया।", 6},
		{"क्\u200dष", 1},
		{"a-b", 3},
		{"९ बजे", 2},
	} {
		if got := CountTokens(c.text); got != c.want {
			t.Errorf("%q has %d tokens, want %d", c.text, got, c.want)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		title, text string
		want        []string
	}{
		{"full stops", "One is here. Two is there! Three?", []string{"One is here.", "Two is there!", "Three?"}},
		{"no mark at the end", "One is here. And two", []string{"One is here.", "And two"}},
		{"dandas", "मेरा फोन चोरी हुआ। मैंने देखा॥ अब क्या", []string{"मेरा फोन चोरी हुआ।", "मैंने देखा॥", "अब क्या"}},
		{"figures", "It was 4.30 p.m. and raining. He ran.", []string{"It was 4.30 p.m. and raining.", "He ran."}},
		{"titles and initials", "Mr. Rao met Dr. S. Iyer. They spoke.", []string{"Mr. Rao met Dr. S. Iyer.", "They spoke."}},
		{"amounts", "It cost Rs. 500. I paid.", []string{"It cost Rs. 500.", "I paid."}},
		{"no is also a word", "He said no. Then he left.", []string{"He said no.", "Then he left."}},
		{"quotation marks stay with their sentence", `He said "Give it." Then he ran.`, []string{`He said "Give it."`, "Then he ran."}},
		{"line breaks fold", "My bag\nwas stolen.", []string{"My bag was stolen."}},
		{"blank lines part", "To,\nThe Officer\n\nMy bag was stolen.", []string{"To, The Officer", "My bag was stolen."}},
		{"several marks are one end", "What?! No...", []string{"What?!", "No..."}},
		{"nothing", " \n\n ", nil},
	} {
		if got := newSplitter().sentences(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}

func summarise(t *testing.T, text string, maxTokens int, stop ...string) Completion {
	t.Helper()
	done, err := byRules(t, NewRules(), Summariser, Prompt{Text: text, MaxTokens: maxTokens, Stop: stop})
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// byRules asks a model's rules and holds what they emit against what they return.
func byRules(t *testing.T, rules *Rules, model string, p Prompt) (Completion, error) {
	t.Helper()
	emitted := ""
	done, err := rules.Engine(model).Infer(t.Context(), p, func(text string) error { emitted += text; return nil })
	if err == nil && emitted != done.Text {
		t.Errorf("%q was emitted and %q returned", emitted, done.Text)
	}
	return done, err
}

func TestTheSummaryOfTheSampleSaysWhatWasStolen(t *testing.T) {
	done := summarise(t, string(samples.Complaint()), 100)
	for _, word := range []string{"stolen", "motorcycle"} {
		if !strings.Contains(done.Text, word) {
			t.Errorf("%q does not say %q", done.Text, word)
		}
	}
	for _, formula := range []string{"Respected", "request", "faithfully", "Station House"} {
		if strings.Contains(done.Text, formula) {
			t.Errorf("%q holds the formula %q", done.Text, formula)
		}
	}
	if n := len(newSplitter().sentences(done.Text)); n < 1 || n > MaxSentences {
		t.Errorf("%q has %d sentences", done.Text, n)
	}
}

func TestAHindiComplaintIsSummarisedInHindi(t *testing.T) {
	const text = `महोदय, मेरा नाम अमित है। कल रात दो लोग मेरे घर में घुसे और मेरा मोबाइल और 5000 रुपये चोरी कर लिए। मौसम ठंडा था। धन्यवाद।`
	done := summarise(t, text, 40)
	if !strings.Contains(done.Text, "चोरी") || strings.Contains(done.Text, "धन्यवाद") {
		t.Errorf("the summary is %q", done.Text)
	}
}

func TestASummaryKeepsToItsTokens(t *testing.T) {
	text := string(samples.Complaint())
	for limit := 1; limit <= 120; limit++ {
		done := summarise(t, text, limit)
		if n := CountTokens(done.Text); n > limit || n != done.Usage.CompletionTokens {
			t.Errorf("with %d tokens allowed there are %d and %d are reported: %q", limit, n, done.Usage.CompletionTokens, done.Text)
		}
	}
	if done := summarise(t, text, 5); done.Finish != FinishLength || done.Usage.CompletionTokens != 5 {
		t.Errorf("5 tokens: %+v, want a cut after 5", done)
	}
	done := summarise(t, text, 100)
	if done.Finish != FinishStop || done.Usage.TotalTokens != done.Usage.PromptTokens+done.Usage.CompletionTokens ||
		done.Usage.PromptTokens != CountTokens(text) || done.Usage.Tokenizer != TokenizerName {
		t.Errorf("100 tokens: %+v", done)
	}
}

func TestASummaryEndsBeforeAStopWord(t *testing.T) {
	whole := summarise(t, "My bag was stolen at noon.", 50)
	cut := summarise(t, "My bag was stolen at noon.", 50, "never there", " at noon")
	if whole.Text != "My bag was stolen at noon." || cut.Text != "My bag was stolen" || cut.Finish != FinishStop {
		t.Errorf("whole %q, cut %+v", whole.Text, cut)
	}
}

func TestTheSameSentenceIsNotPickedTwice(t *testing.T) {
	done := summarise(t, "My bag was stolen today. My bag was stolen today. The thief had a knife and a scooter.", 100)
	if strings.Count(done.Text, "My bag was stolen") > 1 {
		t.Errorf("the summary repeats itself: %q", done.Text)
	}
}

func TestAnEndedContextStopsTheRules(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, model := range Models() {
		p := prompt.Prompt{Task: prompt.Check, Section: "BNS 303(2)", Text: "My bag was stolen."}
		_, err := NewRules().Engine(model).Infer(ctx, Prompt{Text: p.String(), MaxTokens: 10}, func(string) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got %v", model, err)
		}
	}
}

// FuzzSummary holds the promise of the room: no word is invented, the order is kept, the bound is kept, and again gives
// the same.
func FuzzSummary(f *testing.F) {
	f.Add(string(samples.Complaint()), 100)
	f.Add("मेरा फोन चोरी हुआ। \"क्या?\" उसने कहा॥", 7)
	f.Add("a.b. C. d!?। x", 3)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		if limit < 1 || limit > MaxMaxTokens || strings.TrimSpace(text) == "" || !utf8.ValidString(text) {
			return // as the server would
		}
		if asked, ok := prompt.Parse(text); ok && strings.TrimSpace(asked.Text) == "" {
			return
		}
		done := summarise(t, text, limit)
		if n := CountTokens(done.Text); n > limit {
			t.Fatalf("%d tokens of %d allowed: %q", n, limit, done.Text)
		}
		rest := strings.Join(strings.Fields(text), " ")
		for _, word := range strings.Fields(done.Text) {
			i := strings.Index(rest, word)
			if i < 0 {
				t.Fatalf("the word %q of %q is not in the rest of the prompt", word, done.Text)
			}
			rest = rest[i+len(word):]
		}
		if again := summarise(t, text, limit); again != done {
			t.Fatalf("twice the same prompt gave %q and %q", done.Text, again.Text)
		}
	})
}

func BenchmarkSummary(b *testing.B) {
	text := strings.Repeat(string(samples.Complaint()), 8)
	rules := NewRules().Engine(Summariser)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := rules.Infer(b.Context(), Prompt{Text: text, MaxTokens: 100}, deaf); err != nil {
			b.Fatal(err)
		}
	}
}
