package asrocr

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/asrocr/sound"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Names of engines, in answers, health, logs and traces.
const (
	tesseractEngine   = "tesseract"
	whisperEngine     = "whisper"
	openAIEngine      = "openai"
	pocketsphinxName  = "pocketsphinx"
	noSpeechInstalled = "no engine for speech is here: set --whisper-server, --whisper-model or --openai-url, or on Debian: " +
		"apt-get install pocketsphinx pocketsphinx-en-us (English alone)"
)

// Speech says which engine hears recordings. What is empty is not there. The first that is set is taken, in the order of
// the fields; without any of them pocketsphinx, if it is installed.
type Speech struct {
	WhisperServer  string // base URL of whisper.cpp's server
	OpenAI         string // base URL up to /v1 of an endpoint of OpenAI's form
	OpenAIKey      string // for its Authorization header; may be empty
	OpenAIModel    string // "" is whisper-1
	WhisperModel   string // path of the model for whisper.cpp's program
	WhisperProgram string // its path; "" takes whisper-cli from the PATH
	PocketSphinx   string // path of pocketsphinx_continuous; "" takes the PATH's
	Off            bool   // no engine at all

	Transport http.RoundTripper // for calls to servers; it should trace them; nil is http.DefaultTransport
}

// recogniser is an engine for speech. It is safe for concurrent use.
type recogniser interface {
	describe() description
	// transcribe hears the clip; language is one of the described ones, or "" to find out.
	transcribe(ctx context.Context, clip sound.Clip, language string) (transcript, error)
	// check says why the engine would not answer now, without asking it to hear anything.
	check(ctx context.Context) error
}

// description is what an engine says of itself.
type description struct {
	Name      string   `json:"name"`
	Version   string   `json:"version"` // or model
	Languages []string `json:"languages"`
	standard  string   // the language where no hint is given; "" lets the engine find out
	doubtful  bool     // every answer is
}

// transcript is what was heard.
type transcript struct {
	text       string
	language   string  // as found or as asked for
	confidence float64 // 0 to 100; 0 where the engine says none
}

// findRecogniser takes the first engine that is set, or the one that is installed. The error says what to install.
func findRecogniser(cfg Speech) (recogniser, error) {
	client := &http.Client{
		Transport: cfg.Transport,
		// Speech goes where it was told to go and nowhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	switch {
	case cfg.Off:
		return nil, errors.New("speech is switched off here: send the complaint as text or as a photograph")
	case cfg.WhisperServer != "":
		return newWhisperServer(cfg.WhisperServer, client)
	case cfg.OpenAI != "":
		return newOpenAI(cfg, client)
	case cfg.WhisperModel != "":
		return newWhisperProgram(cfg.WhisperProgram, cfg.WhisperModel)
	}
	found, err := findPocketSphinx(cfg.PocketSphinx)
	if err != nil {
		return nil, fmt.Errorf("%s (%w)", noSpeechInstalled, err)
	}
	return found, nil
}

// spoken turns a hint ("hi", "hin", "hi+en") into one of the engine's languages. Of several all must be there, and the
// first counts: an engine hears one at a time.
func spoken(d description, hint string) (string, error) {
	if hint == "" {
		return d.standard, nil
	}
	parts := strings.Split(strings.ToLower(hint), "+")
	for i, part := range parts {
		parts[i] = languageCode(strings.TrimSpace(part))
		if !slices.Contains(d.Languages, parts[i]) {
			return "", web.Fail(http.StatusUnprocessableEntity, contract.WrongLanguage,
				"speech in this language is not understood here; "+d.Name+" understands "+strings.Join(d.Languages, ", ")+moreLanguages(d))
		}
	}
	return parts[0], nil
}

// moreLanguages says what to do where English alone is understood.
func moreLanguages(d description) string {
	if len(d.Languages) > 1 {
		return ""
	}
	return "; whisper.cpp with a multilingual model understands more"
}
