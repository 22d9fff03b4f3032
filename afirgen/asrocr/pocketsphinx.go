package asrocr

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
)

// pocketSphinx is CMU's recogniser as Debian has it, with the American English model that belongs to it. It is of the time
// before neural networks: of clear speech it gets most words, of an accent that it was not trained on few.
type pocketSphinx struct{ program program }

// findPocketSphinx looks for the program, "" meaning the PATH's.
func findPocketSphinx(path string) (*pocketSphinx, error) {
	if path == "" {
		path = "pocketsphinx_continuous"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("looking for pocketsphinx: %w", err)
	}
	// Its messages name the words that it weighs.
	return &pocketSphinx{program{path: found, memory: 2 << 30, output: 4 << 20, quotes: true}}, nil
}

func (p *pocketSphinx) describe() description {
	return description{Name: pocketsphinxName, Version: "en-us", Languages: []string{"en"}, standard: "en", doubtful: true}
}

func (p *pocketSphinx) check(context.Context) error {
	_, err := exec.LookPath(p.program.path)
	return err
}

func (p *pocketSphinx) transcribe(ctx context.Context, clip sound.Clip, _ string) (transcript, error) {
	// Without the ending .wav the program takes the samples as they are, at 16 kHz, and says for each word how sure it is.
	out, err := p.program.run(ctx, input{stdin: clip.Raw()}, "-infile", "/dev/stdin", "-logfn", "/dev/null", "-time", "yes")
	if err != nil {
		return transcript{}, fmt.Errorf("hearing a recording with pocketsphinx: %w", err)
	}
	return parseWords(string(out)), nil
}

// parseWords reads what "-time yes" writes for each utterance: its text on a line, then a line per word with begin, end
// and probability. Only the words' lines count: they alone have three numbers, and <s>, <sil> and [NOISE] among them
// are none. An utterance ends with </s>.
func parseWords(out string) transcript {
	var text strings.Builder
	sum, words := 0.0, 0
	for line := range strings.Lines(out) {
		word, sure, ok := parseWord(line)
		switch {
		case !ok:
		case word == "</s>" && text.Len() > 0:
			text.WriteString("\n")
		case strings.HasPrefix(word, "<"), strings.HasPrefix(word, "["), strings.HasPrefix(word, "+"):
		default:
			if text.Len() > 0 && !strings.HasSuffix(text.String(), "\n") {
				text.WriteString(" ")
			}
			text.WriteString(word)
			sum += sure
			words++
		}
	}
	heard := transcript{text: strings.TrimSpace(text.String()), language: "en"}
	if words > 0 {
		heard.confidence = 100 * sum / float64(words)
	}
	return heard
}

// parseWord splits "market(2) 3.400 4.170 0.984125". The number in brackets is that of a pronunciation.
func parseWord(line string) (word string, sure float64, ok bool) {
	fields := strings.Fields(line)
	if len(fields) != 4 {
		return "", 0, false
	}
	for _, field := range fields[1:] {
		var err error
		if sure, err = strconv.ParseFloat(field, 64); err != nil {
			return "", 0, false
		}
	}
	word, _, _ = strings.Cut(fields[0], "(")
	return word, max(0, min(1, sure)), word != "" && !math.IsNaN(sure)
}
