package ggml

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/ollama/ollama/model"
	"github.com/ollama/ollama/model/input"
	"github.com/ollama/ollama/tokenizer"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/cut"
)

// noHurry is for what nobody waits for but the process itself.
var noHurry = context.Background()

// Infer implements child.Engine.
func (m *Model) Infer(ctx context.Context, req child.Request, emit func(text string) error) (finish string, used child.Tokens, err error) {
	prompt, err := m.tokens(req.Text)
	if err != nil {
		return "", used, err
	}
	if len(prompt)+req.MaxTokens > m.context {
		return "", used, &child.TooLongError{Prompt: len(prompt), MaxTokens: req.MaxTokens, Context: m.context}
	}
	var sequence int
	select {
	case sequence = <-m.free:
	case <-ctx.Done():
		return "", used, ctx.Err()
	}
	defer func() {
		err = errors.Join(err, m.forget(sequence))
		m.free <- sequence
	}()
	c := completion{Model: m, sequence: sequence, req: req, emit: emit}
	finish, err = c.complete(ctx, prompt)
	return finish, c.used, err
}

// tokens reads the prompt inside its framing. The text is a person's: what looks like a marker in it is read as the
// letters that it is, or a complaint could end the instruction and give another.
func (m *Model) tokens(text string) ([]int32, error) {
	list, err := m.words.Encode(m.framing.Before, true)
	if err != nil {
		return nil, errors.New("reading the framing: the tokenizer gave up")
	}
	end := m.words.Vocabulary()
	if n := len(list); end.AddEOS && n > 0 && m.words.Is(list[n-1], tokenizer.SpecialEOS) {
		list = list[:n-1] // it would end the prompt before it has begun
	}
	for _, part := range m.broken(m.framing.disarm(text)) {
		ids, err := m.words.Encode(part, false)
		if err != nil {
			return nil, errors.New("reading the prompt: the tokenizer gave up")
		}
		list = append(list, ids...)
	}
	ids, err := m.words.Encode(m.framing.After, false)
	if err != nil {
		return nil, errors.New("reading the framing: the tokenizer gave up")
	}
	return append(list, ids...), nil
}

// broken cuts text within each of the vocabulary's markers, so that no part holds one.
func (m *Model) broken(text string) []string {
	parts := []string{text}
	for _, marker := range m.words.Vocabulary().SpecialVocabulary() {
		if len([]rune(marker)) < 2 {
			continue
		}
		first := len(string([]rune(marker)[:1]))
		for i := 0; i < len(parts); i++ {
			if at := strings.Index(parts[i], marker); at >= 0 {
				head, rest := parts[i][:at+first], parts[i][at+first:]
				parts = append(parts[:i], append([]string{head, rest}, parts[i+1:]...)...)
			}
		}
	}
	return parts
}

// completion is one answer in the making.
type completion struct {
	*Model
	sequence int
	req      child.Request
	emit     func(string) error
	used     child.Tokens
}

func (c *completion) complete(ctx context.Context, prompt []int32) (finish string, err error) {
	logits, err := c.read(ctx, prompt)
	if err != nil {
		return "", err
	}
	stops := c.req.Stop
	if c.framing.End != "" {
		stops = append([]string{c.framing.End}, stops...)
	}
	out, choice := cut.New(stops), sampler{c.req.Temperature, rand.New(rand.NewPCG(c.req.Seed, 0))}
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		token, err := choice.of(logits)
		if err != nil {
			return "", err
		}
		stopped := c.words.Is(token, tokenizer.SpecialEOS)
		if !stopped {
			c.used.Completion++
			if stopped, err = c.say(out, token); err != nil {
				return "", err
			}
		}
		if stopped || c.used.Completion == c.req.MaxTokens {
			return ending(stopped), c.emit(out.Close())
		}
		if logits, err = c.forward([]int32{token}, c.sequence, c.used.Prompt+c.used.Completion-1); err != nil {
			return "", err
		}
	}
}

func ending(stopped bool) string {
	if stopped {
		return "stop"
	}
	return "length"
}

// say emits the token's text as far as it is certain.
func (c *completion) say(out *cut.Cutter, token int32) (stopped bool, err error) {
	piece, err := c.words.Decode([]int32{token})
	if err != nil {
		return false, errors.New("writing a token: the tokenizer gave up")
	}
	text, stopped := out.Write(piece)
	return stopped, c.emit(text)
}

// read computes the prompt, batch by batch, and returns the weights of what may follow it.
func (c *completion) read(ctx context.Context, prompt []int32) (logits []float32, err error) {
	if len(prompt) == 0 {
		return nil, errors.New("reading the prompt: it has no tokens")
	}
	for c.used.Prompt < len(prompt) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := prompt[c.used.Prompt:min(c.used.Prompt+batch, len(prompt))]
		if logits, err = c.forward(next, c.sequence, c.used.Prompt); err != nil {
			return nil, err
		}
		c.used.Prompt += len(next)
	}
	return logits, nil
}

// forward computes tokens that stand at position and after it, and returns the weights of every token that may follow
// the last.
func (m *Model) forward(tokens []int32, sequence, position int) ([]float32, error) {
	m.computing.Lock()
	defer m.computing.Unlock()
	ctx := m.model.Backend().NewContext()
	defer ctx.Close()
	b := input.Batch{
		Inputs:  ctx.Input().FromInts(tokens, len(tokens)),
		Outputs: ctx.Input().FromInts([]int32{int32(len(tokens) - 1)}, 1),
	}
	for i := range tokens {
		b.Positions = append(b.Positions, int32(position+i))
		b.Sequences = append(b.Sequences, sequence)
	}
	ctx.SetBatchSize(len(tokens))
	out, err := model.Forward(ctx, m.model, b)
	if err != nil {
		return nil, fmt.Errorf("computing the model: %w", err)
	}
	ctx.Compute(out)
	return out.Floats(), nil
}

// forget empties a sequence of the cache.
func (m *Model) forget(sequence int) error {
	m.computing.Lock()
	defer m.computing.Unlock()
	if err := m.model.Config().Cache.Remove(sequence, 0, math.MaxInt32); err != nil {
		return fmt.Errorf("emptying the cache: %w", err)
	}
	return nil
}
