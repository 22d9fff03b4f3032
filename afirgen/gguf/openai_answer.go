package gguf

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/gguf/cut"
)

// Bounds of an endpoint's answer, in bytes.
const (
	maxAnswer = 4 << 20
	maxEvent  = 1 << 20
)

// answerReader makes a completion of what an endpoint sends.
type answerReader struct {
	out     *cut.Cutter
	emit    func(string) error
	finish  string
	stopped bool // by a stop string, which the endpoint may not have been told
	used    Usage
	begun   bool
}

// errEnough ends the reading of a stream whose rest nobody wants.
var errEnough = errors.New("no more is wanted")

func garbled() error {
	return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint's answer is not what the API promises")
}

// whole reads an answer that comes at once.
func (a *answerReader) whole(body io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(body, maxAnswer+1))
	if err != nil || len(data) > maxAnswer {
		return garbled()
	}
	if err := a.take(data); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return a.end()
}

// events reads a stream of server-sent events, each with one line of data, to [DONE].
func (a *answerReader) events(body io.Reader) error {
	lines := bufio.NewScanner(io.LimitReader(body, maxAnswer))
	lines.Buffer(nil, maxEvent)
	for lines.Scan() {
		data, isData := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		data = bytes.TrimSpace(data)
		switch {
		case !isData: // a comment, another field or the end of an event
			continue
		case string(data) == "[DONE]":
			return a.end()
		}
		switch err := a.take(data); {
		case errors.Is(err, errEnough):
			return a.end()
		case err != nil:
			return err
		}
	}
	if lines.Err() == nil && a.finish != "" {
		return a.end() // some endpoints leave [DONE] out
	}
	return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint's answer broke off")
}

// take reads one JSON object, a whole answer or a piece of it.
func (a *answerReader) take(data []byte) error {
	var answer openAIAnswer
	if json.Unmarshal(data, &answer) != nil {
		return garbled()
	}
	if answer.Error != nil {
		return upstream(http.StatusBadGateway, contract.UpstreamFailed, "the model endpoint gave up in the midst of its answer")
	}
	if u := answer.Usage; u != nil && u.Prompt >= 0 && u.Completion >= 0 {
		a.used = usage(u.Prompt, u.Completion, TokenizerOfEndpoint)
	}
	if len(answer.Choices) == 0 {
		if answer.Usage == nil {
			return garbled()
		}
		return nil // the last event of a stream has the usage alone
	}
	a.begun = true
	c := answer.Choices[0]
	if c.FinishReason != "" {
		a.finish = c.FinishReason
	}
	if a.stopped {
		return nil
	}
	text, stopped := a.out.Write(c.Text + c.Message.Content + c.Delta.Content)
	if text != "" {
		if err := a.emit(text); err != nil {
			return err
		}
	}
	if a.stopped = stopped; stopped && a.finish == "" {
		return errEnough
	}
	return nil
}

func (a *answerReader) end() error {
	if !a.begun {
		return garbled()
	}
	return a.emit(a.out.Close())
}

// completion is what has been read. Usage that the endpoint does not tell is counted here, by our own rule.
func (a *answerReader) completion(p Prompt) Completion {
	done := Completion{Text: a.out.Text(), Finish: FinishStop, Usage: a.used}
	if a.finish == "length" && !a.stopped {
		done.Finish = FinishLength
	}
	if a.used.Tokenizer == "" {
		done.Usage = usage(CountTokens(p.Text), CountTokens(done.Text), TokenizerName)
	}
	return done
}
