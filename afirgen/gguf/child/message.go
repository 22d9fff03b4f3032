package child

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Protocol is the version that both sides must speak.
const Protocol = 1

// MaxLine bounds a message, in bytes. The longest prompt, each of its characters escaped, fits.
const MaxLine = 1 << 20

// Op is what the parent asks for.
type Op string

// The operations.
const (
	OpInfer  Op = "infer"
	OpCancel Op = "cancel" // of the inference with the same id
)

// Request is a message to the child.
type Request struct {
	ID          int64    `json:"id"` // above 0
	Op          Op       `json:"op"`
	Text        string   `json:"text,omitempty"`
	MaxTokens   int      `json:"max_tokens,omitempty"`
	Temperature float64  `json:"temperature,omitempty"`
	Stop        []string `json:"stop,omitempty"`
	Seed        uint64   `json:"seed,omitempty"` // of the choice among likely tokens
}

// Kind is what the child tells.
type Kind string

// The kinds. Ready or Refused is the first message and has no id; Done or Failed is the last about an inference.
const (
	Ready   Kind = "ready"
	Refused Kind = "refused" // the model cannot be run; the child ends
	Text    Kind = "text"    // a piece of the completion
	Done    Kind = "done"
	Failed  Kind = "failed"
)

// Why tells failures apart.
type Why string

// The reasons of Failed.
const (
	TooLong   Why = "too_long" // the model's context does not hold prompt and completion
	Cancelled Why = "cancelled"
	Broken    Why = "broken" // the engine gave up
)

// Event is a message from the child.
type Event struct {
	ID       int64  `json:"id,omitempty"`
	Kind     Kind   `json:"event"`
	Protocol int    `json:"protocol,omitempty"` // Ready
	Info     *Info  `json:"info,omitempty"`     // Ready
	Text     string `json:"text,omitempty"`
	Finish   string `json:"finish,omitempty"` // Done: stop or length
	Why      Why    `json:"why,omitempty"`    // Failed
	Reason   string `json:"reason,omitempty"` // Refused, Failed: a sentence that holds nothing of the prompt
	Tokens
}

// Tokens counts by the model's own tokenizer.
type Tokens struct {
	Prompt     int `json:"prompt_tokens,omitempty"`
	Completion int `json:"completion_tokens,omitempty"`
}

// Info is what a child says of its model.
type Info struct {
	Architecture string `json:"architecture"`
	Parameters   uint64 `json:"parameters"`
	Context      int    `json:"context"` // tokens of prompt and completion together
	Vocabulary   int    `json:"vocabulary"`
	Framing      string `json:"framing"`
	SIMD         string `json:"simd"` // the instruction sets that the engine was built for
}

// check refuses what no child of ours sends.
func (e Event) check() error {
	switch {
	case e.Kind == Ready && (e.ID != 0 || e.Info == nil || e.Info.Context < 1):
		return errors.New("a ready without its model")
	case e.Kind == Ready && e.Protocol != Protocol:
		return fmt.Errorf("it speaks version %d of the protocol, not %d", e.Protocol, Protocol)
	case e.Kind == Refused && e.ID != 0:
		return errors.New("a refused with an id")
	case e.Kind == Ready, e.Kind == Refused:
		return nil
	case e.Kind != Text && e.Kind != Done && e.Kind != Failed:
		return errors.New("an event of no known kind")
	case e.ID < 1:
		return errors.New("an event without an id")
	case e.Prompt < 0 || e.Completion < 0:
		return errors.New("a number of tokens below zero")
	case e.Kind == Done && e.Finish != "stop" && e.Finish != "length":
		return errors.New("a done that does not say why")
	case e.Kind == Failed && e.Why != TooLong && e.Why != Cancelled && e.Why != Broken:
		return errors.New("a failed that does not say why")
	}
	return nil
}

func (r Request) check() error {
	switch {
	case r.ID < 1:
		return errors.New("a request without an id")
	case r.Op == OpCancel:
		return nil
	case r.Op != OpInfer:
		return errors.New("a request of no known kind")
	case r.MaxTokens < 1:
		return errors.New("an inference of no tokens")
	}
	return nil
}

// reader reads messages, one JSON object a line.
type reader[M interface{ check() error }] struct{ lines *bufio.Scanner }

func newReader[M interface{ check() error }](r io.Reader) reader[M] {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, MaxLine)
	return reader[M]{lines}
}

// next returns io.EOF after the last message. Errors quote nothing of a message.
func (r reader[M]) next() (m M, err error) {
	if !r.lines.Scan() {
		if err := r.lines.Err(); err != nil {
			return m, fmt.Errorf("reading a message: %w", err)
		}
		return m, io.EOF
	}
	if json.Unmarshal(r.lines.Bytes(), &m) != nil {
		return m, errors.New("reading a message: the line is not one")
	}
	if err := m.check(); err != nil {
		return m, fmt.Errorf("reading a message: %w", err)
	}
	return m, nil
}

// writer writes messages, whole lines one after the other. It is safe for concurrent use.
type writer struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *writer) send(message any) error {
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(message); err != nil {
		return fmt.Errorf("writing a message: %w", err)
	}
	if line.Len() > MaxLine {
		return fmt.Errorf("writing a message: it has %d bytes: %d are the most", line.Len(), MaxLine)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := w.out.Write(line.Bytes())
	return err
}
