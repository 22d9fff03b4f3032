package asrocr

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
)

// whisperProgram is whisper.cpp's whisper-cli with a model. The model is loaded anew for each recording; its server does
// without that.
type whisperProgram struct {
	program program
	model   string // path
}

func newWhisperProgram(path, model string) (recogniser, error) {
	if path == "" {
		path = "whisper-cli"
	}
	found, err := exec.LookPath(path)
	if err != nil {
		return nil, fmt.Errorf("looking for whisper.cpp's program, whisper-cli: %w; build it from whisper.cpp's sources and say where it is with --whisper-program", err)
	}
	if info, err := os.Stat(model); err != nil {
		return nil, fmt.Errorf("looking for whisper.cpp's model: %w; whisper.cpp's models/download-ggml-model.sh fetches one", err)
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("looking for whisper.cpp's model: %s is no file", model)
	}
	// How much memory it takes is the model's affair. It prints what it hears.
	return &whisperProgram{program{path: found, output: 4 << 20, quotes: true}, model}, nil
}

// describe goes by the file's name: models for English alone have .en in it.
func (p *whisperProgram) describe() description {
	d := description{Name: whisperEngine, Version: filepath.Base(p.model), Languages: whisperLanguages()}
	if strings.Contains(d.Version, ".en") {
		d.Languages, d.standard = []string{"en"}, "en"
	}
	return d
}

func (p *whisperProgram) check(context.Context) error {
	_, lost := exec.LookPath(p.program.path)
	_, err := os.Stat(p.model)
	return errors.Join(lost, err)
}

// transcribe has the program write JSON with the tokens' probabilities, which it does into files alone.
func (p *whisperProgram) transcribe(ctx context.Context, clip sound.Clip, language string) (heard transcript, err error) {
	dir, err := os.MkdirTemp("", "afirgen-")
	if err != nil {
		return heard, fmt.Errorf("making room for a transcript: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file, err := unnamed(clip.WAV())
	if err != nil {
		return heard, err
	}
	defer func() { _ = file.Close() }()
	if language == "" {
		language = "auto"
	}
	out := filepath.Join(dir, "transcript")
	if _, err = p.program.run(ctx, input{file: file}, "-m", p.model, "-f", asFile, "-l", language, "-np", "-ojf", "-of", out); err != nil {
		return heard, fmt.Errorf("hearing a recording with whisper.cpp: %w", err)
	}
	data, err := readBounded(out+".json", maxAnswer)
	if err != nil {
		return heard, fmt.Errorf("reading whisper.cpp's transcript: %w", err)
	}
	return parseWhisperFile(data)
}

// readBounded reads a file of at most so many bytes.
func readBounded(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > most {
		return nil, errOutput
	}
	return os.ReadFile(path)
}

// whisperFile is the JSON that whisper-cli -ojf writes, as far as it matters here.
type whisperFile struct {
	Result struct {
		Language string `json:"language"`
	} `json:"result"`
	Transcription []struct {
		Text   string `json:"text"`
		Tokens []struct {
			Text string  `json:"text"`
			P    float64 `json:"p"`
		} `json:"tokens"`
	} `json:"transcription"`
}

func parseWhisperFile(data []byte) (transcript, error) {
	var file whisperFile
	if err := json.Unmarshal(data, &file); err != nil {
		return transcript{}, errors.New("reading whisper.cpp's transcript: it is not the JSON that -ojf writes") // err would quote it
	}
	var segments []segment
	for _, s := range file.Transcription {
		sum, tokens := 0.0, 0
		for _, token := range s.Tokens {
			if strings.HasPrefix(token.Text, "[_") { // a mark of time or of the beginning
				continue
			}
			sum += math.Log(max(token.P, 1e-6))
			tokens++
		}
		part := segment{Text: s.Text}
		if tokens > 0 {
			mean := sum / float64(tokens)
			part.LogProb = &mean
		}
		segments = append(segments, part)
	}
	return joined(segments, "", languageCode(file.Result.Language)), nil
}
