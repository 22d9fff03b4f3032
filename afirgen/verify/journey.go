package verify

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

// stop is one answer on a complaint's way.
type stop struct {
	step    string // of client.File
	receipt client.Receipt
	session client.Session
	trace   *Trace // once it is read
}

// journey is one complaint and everything that was answered on its way to a report.
type journey struct {
	title   string
	stops   []stop
	session client.Session
	err     error
}

// travel files a complaint the whole way.
func (r *run) travel(ctx context.Context, title string, complaint client.Complaint, details client.Details) *journey {
	j := &journey{title: title}
	r.private.add(title, string(complaint.Data), complaint.Field == client.Text)
	r.private.details(details.Correction)
	j.session, j.err = r.traced.File(ctx, complaint, details, func(step string, s client.Session, receipt client.Receipt) {
		j.stops = append(j.stops, stop{step: step, receipt: receipt, session: s})
		r.private.session(s)
	})
	return j
}

// textJourney files the typed sample, once.
func (r *run) textJourney(ctx context.Context) *journey {
	if r.text == nil {
		text := string(samples.Complaint()) + "\nThe papers carry the mark " + r.mark() + ".\n"
		r.text = r.travel(ctx, "a typed complaint", client.Complaint{Field: client.Text, Data: []byte(text), Language: "en", Information: "written"}, r.details())
		r.readAll(ctx, r.text)
	}
	return r.text
}

// letterJourney files the photographed sample, once.
func (r *run) letterJourney(ctx context.Context) *journey {
	if r.letter == nil {
		r.private.add("the letter as it was typed", string(samples.Complaint()), true)
		r.letter = r.travel(ctx, "a photographed letter", client.Complaint{Field: client.Image, Data: samples.Letter(), Information: "written"}, r.details())
		r.readAll(ctx, r.letter)
	}
	return r.letter
}

func (r *run) journeys(ctx context.Context) []*journey {
	return []*journey{r.textJourney(ctx), r.letterJourney(ctx)}
}

func (r *run) details() client.Details {
	details := client.MadeUpDetails(r.cfg.Now())
	details.AuthKey = r.cfg.AuthKey
	return details
}

// mark is a word that no other complaint has.
func (r *run) mark() string {
	var b [5]byte
	if _, err := io.ReadFull(r.cfg.Random, b[:]); err != nil {
		return "ZQ0000000000" // still found in a trace, if it is there
	}
	word := "ZQ" + strings.ToUpper(hex.EncodeToString(b[:]))
	r.private.word(word)
	return word
}

// readAll reads the traces of a journey, each until it has the services of its step.
func (r *run) readAll(ctx context.Context, j *journey) {
	services := map[string][]string{}
	for _, s := range j.stops {
		services[s.receipt.TraceID] = servicesOf(j, s.step)
	}
	ids := slices.DeleteFunc(j.traceIDs(), func(id string) bool { return id == "" })
	got, err := r.reader.all(ctx, ids, func(t *Trace) bool { return t.complete(services[t.ID]...) })
	if err != nil && j.err == nil {
		j.err = err
	}
	for i := range j.stops {
		j.stops[i].trace = orEmpty(got, j.stops[i].receipt.TraceID)
	}
}

func (j *journey) traceIDs() []string {
	var ids []string
	for _, s := range j.stops {
		ids = append(ids, s.receipt.TraceID)
	}
	return ids
}

// at returns the stop of a step, or an error that says why there is none.
func (j *journey) at(step string) (stop, error) {
	for _, s := range j.stops {
		if s.step == step {
			return s, nil
		}
	}
	if j.err != nil {
		return stop{}, j.err
	}
	return stop{}, fmt.Errorf("%s did not come to %s", j.title, step)
}

// servicesOf are those through which a step's trace passes.
func servicesOf(j *journey, step string) []string {
	switch step {
	case client.StepProcess:
		if j.isLetter() {
			return []string{contract.Backend, contract.ASROCR}
		}
	case string(fir.TranscriptReview), string(fir.SummaryReview), string(fir.ViolationsReview):
		return []string{contract.Backend, contract.GGUF}
	}
	return []string{contract.Backend}
}

func (j *journey) isLetter() bool { return j.title == "a photographed letter" }

// steps are those of the way, in their order, up to the approval of the report.
func steps() []string {
	return []string{
		client.StepProcess, string(fir.TranscriptReview), string(fir.SummaryReview), string(fir.ViolationsReview),
		client.StepCorrect, string(fir.NarrativeReview), string(fir.FinalReview),
	}
}
