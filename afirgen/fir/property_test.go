package fir

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// histories is how many random histories each property sees, and steps how many events each of them has.
const (
	histories = 250
	steps     = 40
)

// clerk makes random events, most of them sensible: nonsense alone never gets past the first review.
type clerk struct{ *rand.Rand }

func (c clerk) pick(words ...string) string { return words[c.IntN(len(words))] }

func (c clerk) words() string {
	return c.pick("", "मोटरसाइकिल चोरी हो गई", "The bag was taken at the station.", "\xff", strings.Repeat("क", MaxNote+1), "क\u200dष \x00 text")
}

func (c clerk) step() Step {
	return Step(c.pick("", string(TranscriptReview), string(SummaryReview), string(ViolationsReview), string(NarrativeReview), string(FinalReview)))
}

func (c clerk) violations() []Violation {
	all := []Violation{
		stolen(), section("115", "(2)", NonCognizable, 1, High), section("85", "", Conditional, 3, High),
		section("74", "", Cognizable, 5, High), section("351", "(2)", NonCognizable, 2, Medium),
	}
	c.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:c.IntN(len(all))]
}

func (c clerk) correction() Correction {
	full := details()
	text, station, given := c.words(), station(), true
	v := c.violations()
	switch c.IntN(8) {
	case 0:
		return Correction{Transcript: &text}
	case 1:
		return Correction{Summary: &text}
	case 2:
		return Correction{Narrative: &text}
	case 3:
		return Correction{Add: v}
	case 4:
		if len(v) > 0 {
			return Correction{Strike: []Ref{v[0].Ref()}}
		}
		return Correction{Station: &station}
	case 5:
		return Correction{CopyGiven: &given, Despatch: &Despatch{At: noon}}
	case 6:
		full.Ruling = &Ruling{Class: Class(c.pick(string(Cognizable), string(NonCognizable))), Reason: "x", Officer: Officer{Name: "y"}}
	case 7:
		if full.Information = new(Information); c.IntN(2) == 0 {
			*full.Information = Electronic
		}
	}
	return full
}

func (c clerk) action(s Session) Action {
	if c.IntN(10) < 7 {
		return c.sensible(s)
	}
	all := []Action{
		Open{ID: c.pick("", "5f0c"), Text: c.words(), Station: station(), Type: Written}, Transcribed{Text: c.words(), Language: c.pick("", "hi"), By: Done(c.pick("ocr_done", "asr_done", "x"))},
		Approve{c.step(), c.words()}, Reject{c.step(), c.words()}, Regenerate{c.step(), c.words()}, Correct{c.step(), c.correction()},
		Summarised{c.words()}, Searched{c.violations(), Checks{c.IntN(3) - 1, c.IntN(2)}}, Narrated{c.words()},
		Drafted{Number{Station: "HZG", Series: Series(c.pick("fir", "zero", "ncr", "x")), Seq: c.IntN(3), Year: 2026}}, WorkFailed{c.pick("", "x")}, TakeBack{c.pick("", "x")},
	}
	return all[c.IntN(len(all))]
}

// sensible is what would bring the session on.
func (c clerk) sensible(s Session) Action {
	switch s.Status {
	case "":
		return Open{ID: "5f0c", Text: c.pick("", theft), Language: "hi", Type: Written, Station: station()}
	case Processing:
		return map[Work]Action{
			Transcribe: Transcribed{Text: theft, Language: "hi", By: ASRDone}, Summarise: Summarised{"सार " + c.pick("1", "2")}, Narrate: Narrated{"विवरण"},
			Search: Searched{Violations: append(c.violations(), section("317", "(2)", Cognizable, 3, High))}, Draft: Drafted{number(SeriesFIR, 1)},
		}[s.Work]
	}
	if s.Step == FinalReview && c.IntN(3) > 0 {
		return Correct{"", details()}
	}
	return Approve{s.Step, c.pick("", "ध्यान दें")}
}

func TestNoHistoryLeadsASessionAstray(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(histories) {
		c := clerk{rand.New(rand.NewPCG(seed, 1))}
		s, at := Session{}, noon
		for i := range steps {
			at = at.Add(time.Duration(c.IntN(1200)-60) * time.Second)
			if c.IntN(40) == 0 {
				at = at.Add(DefaultTTL)
			}
			e := Event{At: at, Version: s.Version, Do: c.action(s)}
			if c.IntN(20) == 0 {
				e.Version = int64(c.IntN(5))
			}
			before := asJSON(t, s)
			next, err := Apply(s, e)
			seen[outcome(s, e, err)]++
			if msg := astray(t, s, next, before, err); msg != "" {
				t.Fatalf("seed %d, event %d, %T at %s %s: %s", seed, i, e.Do, s.Status, s.Step, msg)
			}
			s = next
		}
	}
	// The histories have to come everywhere, or they prove nothing.
	for _, must := range []string{
		" fir.Open ", "processing fir.Transcribed ", "processing fir.WorkFailed ", "processing fir.TakeBack ", "processing fir.Drafted ",
		"transcript_review fir.Approve ", "summary_review fir.Approve ", "violations_review fir.Approve ", "fir_narrative_review fir.Approve ",
		"final_review fir.Approve ", "final_review fir.Regenerate ", "final_review fir.Correct ", "violations_review fir.Reject ",
		"completed fir.Approve conflict", "error fir.Approve conflict", "processing fir.Approve conflict", "final_review fir.Approve invalid", "transcript_review fir.Approve gone",
	} {
		if seen[must] == 0 {
			t.Errorf("no history came to %q", must)
		}
	}
	t.Logf("%d events, %d kinds of outcome", histories*steps, len(seen))
}

// outcome names where a session stood, what came, and the kind of error that it gave.
func outcome(s Session, e Event, err error) string {
	at := string(s.Status)
	if s.Status == AwaitingValidation {
		at = string(s.Step)
	}
	return fmt.Sprintf("%s %T %s", at, e.Do, KindOf(err))
}

// astray says which property a step broke.
func astray(t *testing.T, s, next Session, before string, err error) string {
	t.Helper()
	switch {
	case asJSON(t, s) != before:
		return "the session that was given in has changed"
	case err != nil && KindOf(err) == "":
		return fmt.Sprintf("an error without a kind: %v", err)
	case err != nil && asJSON(t, next) != before:
		return "a refused event changed the session"
	case err != nil:
		return ""
	case s.Status == Completed || s.Status == Failed:
		return "a session that has ended was changed"
	case next.Version != s.Version+1:
		return "the version did not rise by one"
	case next.LastActivity.Before(s.LastActivity):
		return "its last activity moved back"
	case !s.Details.Header.Number.IsZero() && next.Details.Header.Number != s.Details.Header.Number:
		return "its number changed"
	case s.Transcript != "" && next.Transcript != s.Transcript && s.Step != TranscriptReview:
		return "the informant's words changed"
	}
	if err := next.Check(); err != nil {
		return err.Error()
	}
	return ""
}

func (c clerk) reportAction(r Report) ReportAction {
	sign := Sign{Kind: c.pick("signature", "thumb", "electronic", "x"), ReadOver: c.IntN(4) > 0, Admitted: c.IntN(4) > 0}
	all := []ReportAction{
		Redraft{}, Reviewed{}, CorrectReport{c.correction()}, Renumber{Number{Station: "HZG", Series: r.Document.Series(), Seq: 1 + c.IntN(3), Year: 2026}}, AwaitSignature{}, sign, Lapse{},
		Enquire{sign, Permission{c.pick("", "1"), Officer{Name: "x"}, noon}}, ConcludeEnquiry{c.IntN(2) == 0, c.words()}, EnterNCR{}, Transfer{},
		Acknowledge{Number{Station: "ALB", Series: SeriesFIR, Seq: 1, Year: 2026}}, Finalise{c.pick("", "key")},
	}
	return all[c.IntN(len(all))]
}

// someReport is a reviewed report of a random kind.
func (c clerk) someReport() Report {
	d := complete()
	d.Information = Information(c.pick("written", "oral", "electronic"))
	if c.IntN(3) == 0 {
		d.Place.Outside = Station{Code: "ALB", Name: "आलमबाग", District: "लखनऊ", State: "उत्तर प्रदेश"}
		d.Taken = Taken{Kind: TakenTransferred, Transfer: d.Place.Outside}
	}
	if v := c.violations(); c.IntN(2) == 0 {
		d.Charges = v
	}
	return draft(d)
}

func TestNoHistoryChangesALockedReport(t *testing.T) {
	seen, ends := map[string]int{}, map[State]bool{StateFinalized: true, StateLapsed: true, StateRefused: true}
	for seed := range uint64(histories) {
		c := clerk{rand.New(rand.NewPCG(seed, 2))}
		r, at := c.someReport(), noon
		for i := range steps {
			at = at.Add(time.Duration(c.IntN(6)) * time.Hour)
			before, do := asJSON(t, r), c.reportAction(r)
			next, err := ApplyReport(r, ReportEvent{At: at, Version: r.Version * int64(c.IntN(2)), Do: do})
			where := fmt.Sprintf("seed %d, event %d, %T of a report that is %s", seed, i, do, r.State)
			switch {
			case asJSON(t, r) != before:
				t.Fatalf("%s: the report that was given in has changed", where)
			case err != nil && (KindOf(err) == "" || asJSON(t, next) != before):
				t.Fatalf("%s: a refused event changed the report, or its error has no kind: %v", where, err)
			case err == nil && ends[r.State]:
				t.Fatalf("%s: it has changed", where)
			case err == nil && next.Version != r.Version+1:
				t.Fatalf("%s: the version did not rise by one", where)
			case err == nil && r.Document.Signature.Kind != "" && next.Document.Contents.Narrative != r.Document.Contents.Narrative:
				t.Fatalf("%s: what was signed has changed", where)
			}
			if err := consistent(next); err != nil {
				t.Fatalf("%s: %v", where, err)
			}
			seen[string(next.State)]++
			r = next
		}
	}
	for _, state := range []State{StateDraft, StateAwaiting, StateEnquiry, StateRegistered, StateZero, StateTransferred, StateNCR, StateLapsed, StateRefused, StateFinalized} {
		if seen[string(state)] == 0 {
			t.Errorf("no history came to %s", state)
		}
	}
}

// consistent holds a report against what its state says.
func consistent(r Report) error {
	d := r.Document
	class, series := d.Case(), r.Number().Series
	switch r.State {
	case StateRegistered:
		if class != Cognizable || series != SeriesFIR || d.Zero() || d.Ready(ForRegistration) != nil {
			return fmt.Errorf("it is registered under %s, of class %s: %v", r.Number(), class, d.Ready(ForRegistration))
		}
	case StateZero, StateTransferred:
		if class != Cognizable || series != SeriesZero || !d.Zero() {
			return fmt.Errorf("it is a Zero FIR under %s, of class %s", r.Number(), class)
		}
	case StateNCR:
		if class != NonCognizable || series != SeriesNCR {
			return fmt.Errorf("it is an NCR under %s, of class %s", r.Number(), class)
		}
	case StateAwaiting:
		if r.SignatureDue.IsZero() || r.Document.Signature.Kind != "" {
			return fmt.Errorf("it waits for a signature without a day, or has one")
		}
	case StateEnquiry:
		if r.EnquiryDue.IsZero() || r.Permission == nil || d.Signature.Kind == "" {
			return fmt.Errorf("an enquiry lacks its day, its permission or the signature")
		}
	case StateFinalized:
		if r.FinalizedAt.IsZero() || r.FinalizedBy == "" || d.Ready(ForFinalisation) != nil {
			return fmt.Errorf("it was locked incomplete: %v", d.Ready(ForFinalisation))
		}
	}
	return nil
}

func TestNumbersHaveNoGapsAndNoTwins(t *testing.T) {
	for seed := range uint64(50) {
		c := clerk{rand.New(rand.NewPCG(seed, 3))}
		last, at, given := map[Series]Number{}, noon, map[string]bool{}
		for range 500 {
			at = at.Add(time.Duration(c.IntN(72)) * time.Hour)
			series := Series(c.pick("fir", "zero", "ncr"))
			n, err := NextNumber(last[series], "HZG", series, at)
			if err != nil {
				t.Fatal(err)
			}
			had := last[series]
			if given[n.String()] || n.Year == had.Year && n.Seq != had.Seq+1 || n.Year != had.Year && n.Seq != 1 || n.Year < had.Year {
				t.Fatalf("seed %d: %s follows %s", seed, n, had)
			}
			given[n.String()], last[series] = true, n
		}
	}
}
