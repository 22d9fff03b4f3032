package ggml

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	fsggml "github.com/ollama/ollama/fs/ggml"
)

// Framing is what stands around an instruction, as the model was trained.
type Framing struct {
	Name          string
	Before, After string
	End           string // what the model writes when it has answered, if its vocabulary does not say so
	mark          string // in a chat template, it tells the framing
	markers       *regexp.Regexp
}

// framings are looked for in this order.
var framings = [...]Framing{
	{"llama3", "<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>", "<|start_header_id|>", nil},
	{"chatml", "<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", "<|im_end|>", "<|im_start|>", nil},
	{"gemma", "<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n", "<end_of_turn>", "<start_of_turn>", nil},
	{"inst", "[INST] ", " [/INST]", "", "[INST]", nil},
	{"markers", "<|user|>\n", "\n<|assistant|>\n", "<|user|>", "<|assistant|>", nil},
	{"plain", "", "", "", "", nil},
}

// disarm takes the framing's own markers out of a text: [/INST] becomes (/INST). In many vocabularies they are ordinary
// letters, so nothing else tells a person's from ours.
func (f Framing) disarm(text string) string {
	for _, marker := range f.markers.FindAllString(f.Before+f.After+f.End, -1) {
		text = strings.ReplaceAll(text, marker, "("+strings.Trim(marker, "[]<>")+")")
	}
	return text
}

// Framings returns the names of the framings.
func Framings() []string {
	var names []string
	for _, f := range framings {
		names = append(names, f.Name)
	}
	return names
}

// framing returns the framing of that name; without a name, what the file's chat template asks for. A file without a
// template gets the markers of the Mistral class if it is of the architecture that class has, else none.
func framing(name string, head fsggml.KV) (Framing, error) {
	if name != "" {
		i := slices.IndexFunc(framings[:], func(f Framing) bool { return f.Name == name })
		if i < 0 {
			return Framing{}, fmt.Errorf("there is no such framing: it must be one of %s", strings.Join(Framings(), ", "))
		}
		f := framings[i]
		f.markers = regexp.MustCompile(`\[/?INST\]|<[^<>\s]+>`)
		return f, nil
	}
	template := head.ChatTemplate()
	for _, f := range framings {
		if f.mark != "" && strings.Contains(template, f.mark) {
			return framing(f.Name, head)
		}
	}
	if template == "" && strings.HasPrefix(head.Architecture(), "llama") {
		return framing("inst", head)
	}
	return framing("plain", head)
}
