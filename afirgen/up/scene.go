package up

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/roentgen/roentgen/afirgen/client"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

// scene is one sample that shows the system at work.
type scene struct {
	title string
	play  func(context.Context, *client.Client, *script) error
	// drawn is the step whose trace is printed as a tree, and services those that the trace passes through.
	drawn    string
	services []string
}

// script is what a scene leaves behind: a line for each request.
type script struct {
	lines  []line
	number string // of the report; empty where there is none
	closes string // a sentence on how it ended
}

// line is one request of a scene.
type line struct {
	step    string
	receipt client.Receipt
}

func (s *script) note(step string, receipt client.Receipt) {
	s.lines = append(s.lines, line{step, receipt})
}

// trace returns the trace id of a step.
func (s *script) trace(step string) string {
	for _, l := range s.lines {
		if l.step == step {
			return l.receipt.TraceID
		}
	}
	return ""
}

// scenes are the six samples: four that become reports, one that is refused, and one that meets a fault.
func (s *stage) scenes() []scene {
	all := []string{contract.Backend, contract.GGUF, contract.ASROCR}
	return []scene{
		{"a written complaint", s.files(client.Text, samples.Complaint(), "en"), string(fir.SummaryReview), all[:2]},
		{"a complaint written in Hindi", s.files(client.Text, samples.Hindi(), "hi"), string(fir.TranscriptReview), all[:2]},
		{"a photographed letter", s.files(client.Image, samples.Letter(), ""), client.StepProcess, []string{all[0], all[2]}},
		{"a spoken complaint", s.files(client.Audio, samples.Speech(), "en"), client.StepProcess, []string{all[0], all[2]}},
		{"a complaint that is refused, because it is too short", refused, client.StepProcess, all[:1]},
		{"a complaint that meets a fault: the model server is stopped for it", s.faulted, string(fir.TranscriptReview), all[:1]},
	}
}

// files takes a complaint the whole way to a report that is signed and locked.
func (s *stage) files(field string, data []byte, language string) func(context.Context, *client.Client, *script) error {
	return func(ctx context.Context, c *client.Client, out *script) error {
		details := client.MadeUpDetails(s.cfg.Now())
		details.Sign, details.AuthKey = &client.Signature{Kind: "signature"}, s.authKey
		session, err := c.File(ctx, client.Complaint{Field: field, Data: data, Language: language}, details,
			func(step string, _ client.Session, receipt client.Receipt) { out.note(step, receipt) })
		if err != nil {
			return err
		}
		out.number, out.closes = session.FIRNumber, "signed and locked as "+session.FIRNumber
		return nil
	}
}

// refused sends what no complaint can be.
func refused(ctx context.Context, c *client.Client, out *script) error {
	_, receipt, err := c.Process(ctx, client.Complaint{Field: client.Text, Data: []byte("help")})
	out.note(client.StepProcess, receipt)
	var answer *client.Error
	if !errors.As(err, &answer) || answer.Status/100 != 4 {
		return fmt.Errorf("a complaint of four letters was not refused as the caller's mistake: %w", or(err, errAccepted))
	}
	out.closes = fmt.Sprintf("refused with %d %s: %s", answer.Status, http.StatusText(answer.Status), answer.Detail)
	return nil
}

var errAccepted = errors.New("it was accepted")

// faulted approves a transcript while the model server is down: a fault as it happens in life. Then the server comes
// back, and the same approval passes, because the session has gone back to its review.
func (s *stage) faulted(ctx context.Context, c *client.Client, out *script) error {
	session, receipt, err := c.Process(ctx, client.Complaint{Field: client.Text, Data: samples.Complaint(), Language: "en"})
	out.note(client.StepProcess, receipt)
	if err != nil {
		return err
	}
	s.supervisor.Stop(nameGGUF)
	_, receipt, err = c.Validate(ctx, session.Approve())
	out.note(string(fir.TranscriptReview), receipt)
	var answer *client.Error
	if !errors.As(err, &answer) || answer.Status/100 != 5 {
		return fmt.Errorf("an approval without a model server was no fault: %w", or(err, errAccepted))
	}
	if err := s.start(ctx, s.named(nameGGUF)); err != nil {
		return err
	}
	if session, _, err = c.Session(ctx, session.SessionID); err != nil {
		return err
	}
	session, receipt, err = c.Validate(ctx, session.Approve())
	out.note("tried again", receipt)
	if err != nil {
		return err
	}
	out.closes = fmt.Sprintf("failed with %d %s, then passed: it waits at %s", answer.Status, http.StatusText(answer.Status), session.CurrentStep)
	return nil
}

func or(err, otherwise error) error {
	if err == nil {
		return otherwise
	}
	return err
}

// report prints what a scene has left behind, with where each request can be looked at.
func (s *stage) report(sc scene, out *script, list []*document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n  → %s\n", strings.ToUpper(sc.title[:1])+sc.title[1:], out.closes)
	for _, l := range out.lines {
		fmt.Fprintf(&b, "  %-22s %3d %8.1f ms  http://%s/#/traces/%s\n", l.step, l.receipt.Status,
			float64(l.receipt.Took.Microseconds())/1000, s.cfg.Addresses.Roentgen, l.receipt.TraceID)
	}
	fmt.Fprintf(&b, "\n  the trace of %s, segments: %d\n%s\n", sc.drawn, len(list), indent(draw(tree(list))))
	return b.String()
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}
