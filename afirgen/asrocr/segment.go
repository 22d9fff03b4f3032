package asrocr

import (
	"math"
	"regexp"
	"strings"
	"unicode/utf8"
)

// segment is a stretch of speech as Whisper parts it.
type segment struct {
	Text     string   `json:"text"`
	LogProb  *float64 `json:"avg_logprob"`    // mean natural logarithm of the tokens' probabilities; nil where not said
	NoSpeech float64  `json:"no_speech_prob"` // 0 to 1
}

// isSpeech goes by Whisper's own rule for what it has made up, and by the signs that it writes for what is no speech:
// [BLANK_AUDIO], (music), *laughs*.
func (s segment) isSpeech() bool {
	madeUp := s.NoSpeech > 0.6 && s.LogProb != nil && *s.LogProb < -1
	return !madeUp && !signAlone.MatchString(s.Text)
}

var signAlone = regexp.MustCompile(`^\s*(\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|♪.*)?\s*$`)

// joined puts the segments together; text stands in where there are none. The confidence is the mean over the characters
// of e to the segments' logarithms.
func joined(segments []segment, text, language string) transcript {
	if len(segments) == 0 {
		s := segment{Text: text}
		if !s.isSpeech() {
			s.Text = ""
		}
		return transcript{text: s.Text, language: language}
	}
	var whole strings.Builder
	sum, weight := 0.0, 0.0
	for _, s := range segments {
		if !s.isSpeech() {
			continue
		}
		if whole.Len() > 0 && !strings.HasPrefix(s.Text, " ") {
			whole.WriteString(" ")
		}
		whole.WriteString(s.Text)
		if s.LogProb != nil {
			n := float64(utf8.RuneCountInString(s.Text))
			sum += n * math.Exp(min(*s.LogProb, 0))
			weight += n
		}
	}
	heard := transcript{text: whole.String(), language: language}
	if weight > 0 {
		heard.confidence = 100 * sum / weight
	}
	return heard
}
