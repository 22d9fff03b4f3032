package backend

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/gguf"
	"github.com/roentgen/roentgen/afirgen/kb"
	"github.com/roentgen/roentgen/afirgen/prompt"
	"github.com/roentgen/roentgen/afirgen/web"
	"github.com/roentgen/roentgen/tracing"
)

// Bounds of a search for sections of law.
const (
	maxChecks    = 10              // sections that one search has checked
	checkTimeout = 8 * time.Second // of one check, without its wait for a place
)

// search finds sections in the knowledge base and has the model check each. A check that does not come to an end is
// counted, never taken for a no; the search fails only when the caller has gone.
func (s *Server) search(ctx context.Context, session fir.Session, job fir.Job) (fir.Action, error) {
	found, err := s.retrieve(ctx, session, job)
	if err != nil {
		return nil, err
	}
	outcomes := make([]error, len(found))
	violated := make([]bool, len(found))
	var wait sync.WaitGroup
	panics := make([]any, len(found))
	for i, hit := range found {
		wait.Go(func() {
			// A panic here would end the process; on the request's goroutine it ends the request.
			defer func() { panics[i] = recover() }()
			violated[i], outcomes[i] = s.check(ctx, session, job, hit)
		})
	}
	wait.Wait()
	for _, value := range panics {
		if value != nil {
			panic(value)
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	result := fir.Searched{Checks: countOpen(outcomes)}
	for i, hit := range found {
		if violated[i] {
			result.Violations = append(result.Violations, violation(hit))
		}
	}
	tracing.Annotate(ctx, contract.ChecksFailed, result.Checks.Failed)
	tracing.Annotate(ctx, contract.ChecksTimedOut, result.Checks.TimedOut)
	return result, nil
}

func countOpen(outcomes []error) (checks fir.Checks) {
	for _, err := range outcomes {
		switch {
		case err == nil:
		case web.AsError(err).Status == http.StatusGatewayTimeout:
			checks.TimedOut++
		default:
			checks.Failed++
		}
	}
	return checks
}

// retrieve asks the knowledge base, in the subsegment kb_retrieve. The transcript is searched first, because spans of
// evidence are of it; then the summary and the clerk's notes, which may name what the transcript does not.
func (s *Server) retrieve(ctx context.Context, session fir.Session, job fir.Job) ([]kb.Hit, error) {
	return web.Do(ctx, contract.KBRetrieve, func(ctx context.Context) ([]kb.Hit, error) {
		day := occurred(session)
		found := candidates(nil, s.cfg.Law.Search(kb.Query{Text: session.Transcript, Limit: maxChecks, Occurred: day}).Hits)
		more := s.cfg.Law.Search(kb.Query{Text: strings.Join(append([]string{job.Text}, job.Notes...), "\n"), Limit: maxChecks, Occurred: day}).Hits
		for i := range more {
			more[i].Met = nil // its spans are of another text
		}
		found = candidates(found, more)
		tracing.Annotate(ctx, contract.Hits, len(found))
		return found, nil
	})
}

// candidates adds the hits that can be charged to those that are there already, up to maxChecks.
func candidates(have, more []kb.Hit) []kb.Hit {
	for _, hit := range more {
		known := slices.ContainsFunc(have, func(h kb.Hit) bool { return h.Section == hit.Section })
		if len(have) < maxChecks && !known && hit.Applies && hit.IncludedIn == "" && hit.Section.Kind != kb.Definition {
			have = append(have, hit)
		}
	}
	return have
}

// occurred is the day of the occurrence as far as the clerk has entered it.
func occurred(session fir.Session) time.Time {
	day, err := time.Parse(time.DateOnly, session.Details.Occurrence.DateFrom)
	if err != nil {
		return time.Time{}
	}
	return day
}

// check asks the model whether one section is fulfilled, in the subsegment violation_check.
func (s *Server) check(ctx context.Context, session fir.Session, job fir.Job, hit kb.Hit) (violated bool, err error) {
	section := hit.Section
	return web.Do(ctx, contract.ViolationCheck, func(ctx context.Context) (bool, error) {
		tracing.Annotate(ctx, contract.Section, kb.Act+" "+section.Number)
		answer, err := s.infer(ctx, inferenceRequest{
			ModelName: gguf.BNSCheck, MaxTokens: 3, Temperature: 0, Stop: []string{"\n"},
			Prompt: prompt.Prompt{
				Task: prompt.Check, Section: kb.Act + " " + section.Number, Clause: section.Title + ". " + section.Penalty,
				Text: passages(session, job, hit), Notes: job.Notes,
			}.String(),
		}, s.patience.check)
		violated, err := verdict(answer.Result, err)
		tracing.Annotate(ctx, contract.Success, err == nil)
		if err != nil {
			noteKind(ctx, err)
			return false, err
		}
		tracing.Annotate(ctx, contract.Violated, violated)
		return violated, nil
	})
}

func verdict(answer string, err error) (violated bool, _ error) {
	if err != nil {
		return false, err
	}
	switch firstWord(answer) {
	case "YES":
		return true, nil
	case "NO":
		return false, nil
	}
	return false, web.Fail(http.StatusBadGateway, contract.UpstreamFailed, "the model answered neither YES nor NO")
}

// firstWord is in capitals. It is whole: "Not sure" is no NO.
func firstWord(answer string) string {
	for word := range strings.FieldsFuncSeq(answer, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return strings.ToUpper(word)
	}
	return ""
}

// passages is what a check reads: the summary, and the sentences of the transcript that made the section a candidate, so
// that a short context holds what matters of a long complaint.
func passages(session fir.Session, job fir.Job, hit kb.Hit) string {
	parts := []string{job.Text}
	last := 0 // the end of what is taken
	for _, span := range evidence(hit) {
		if span.Start < last {
			continue
		}
		start, end := sentence(session.Transcript, max(span.Start, last), span.End)
		start = max(start, last)
		parts, last = append(parts, strings.TrimSpace(session.Transcript[start:end])), end
	}
	return strings.Join(parts, "\n")
}

// sentence widens a span to the ends of its sentence.
func sentence(text string, start, end int) (int, int) {
	const ends = ".!?।॥\n"
	if i := strings.LastIndexAny(text[:start], ends); i >= 0 {
		start = i + len(firstRune(text[i:]))
	} else {
		start = 0
	}
	if i := strings.IndexAny(text[end:], ends); i >= 0 {
		end += i + len(firstRune(text[end+i:]))
	} else {
		end = len(text)
	}
	return start, end
}

func firstRune(text string) string {
	for _, r := range text {
		return string(r)
	}
	return ""
}
