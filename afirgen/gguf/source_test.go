package gguf

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestSourcesAreRead(t *testing.T) {
	for text, want := range map[string]Source{
		"":                         {},
		" auto ":                   {},
		"rules":                    {Rules: true},
		"models/a.gguf":            {File: "models/a.gguf"},
		"/m/a.gguf#chatml":         {File: "/m/a.gguf", Framing: "chatml"},
		"https://h/v1#llama-3:8b":  {Model: "llama-3:8b"},
		"http://127.0.0.1:8080#x ": {Model: "x"},
	} {
		got, err := ParseSource(text)
		if got.Endpoint != nil {
			got.Endpoint = nil
		}
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"https://secret@h/v1", "http://#x", "https://secret:a b@h#x"} {
		if got, err := ParseSource(text); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q is %+v, %v", text, got, err)
		}
	}
}

// labelled is an engine that only knows its source.
type labelled string

func (labelled) Name() string { return "labelled" }

func (l labelled) State() State { return State{Source: string(l)} }

func (labelled) Infer(context.Context, Prompt, func(string) error) (Completion, error) {
	return Completion{}, errors.New("it only knows its source")
}

// named is a finder whose files are engines that only know their names.
func named(dir string, sources map[string]string, common string) (Finder, error) {
	f := Finder{Dir: dir, Sources: map[string]Source{}, File: func(path, framing string) Engine {
		return labelled(path + "|" + framing)
	}}
	var err error
	for model, text := range sources {
		if f.Sources[model], err = ParseSource(text); err != nil {
			return f, err
		}
	}
	f.Common, err = ParseSource(common)
	return f, err
}

func TestEnginesAreChosen(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"summariser.gguf", "complaint_2summarizing.gguf", "BNS-RAG-q4k.gguf", "another.gguf", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const endpoint = "https://host.test/v1#m"
	for _, c := range []struct {
		title, dir string
		sources    map[string]string
		common     string
		want       [3]string // in the order of Models; "" is rules
		unused     []string
	}{
		{"nothing", "", nil, "", [3]string{}, nil},
		{"a directory", dir, nil, "",
			[3]string{filepath.Join(dir, "summariser.gguf") + "|", filepath.Join(dir, "BNS-RAG-q4k.gguf") + "|", ""}, []string{"another.gguf", "complaint_2summarizing.gguf"}},
		{"an endpoint for the rest", dir, nil, endpoint,
			[3]string{filepath.Join(dir, "summariser.gguf") + "|", filepath.Join(dir, "BNS-RAG-q4k.gguf") + "|", "https://host.test/v1/chat/completions m"}, []string{"another.gguf", "complaint_2summarizing.gguf"}},
		{"each as it is told", dir, map[string]string{Summariser: "rules", BNSCheck: "another.gguf#inst", FIRSummariser: endpoint}, endpoint,
			[3]string{"", filepath.Join(dir, "another.gguf") + "|inst", "https://host.test/v1/chat/completions m"}, []string{"BNS-RAG-q4k.gguf", "complaint_2summarizing.gguf", "summariser.gguf"}},
		{"a file that is not there is no reason for rules", "", map[string]string{Summariser: "none.gguf"}, "", [3]string{"none.gguf|"}, nil},
	} {
		f, err := named(c.dir, c.sources, c.common)
		if err != nil {
			t.Fatal(err)
		}
		engines, unused, err := f.Engines()
		if err != nil || !slices.Equal(unused, c.unused) {
			t.Errorf("%s: unused %q, %v", c.title, unused, err)
		}
		for i, model := range Models() {
			got := ""
			if engines[model] != nil {
				got = engines[model].State().Source
			}
			if got != c.want[i] {
				t.Errorf("%s: %s is run by %q, want %q", c.title, model, got, c.want[i])
			}
		}
	}
	f, _ := named(filepath.Join(dir, "nowhere"), nil, "")
	if _, _, err := f.Engines(); err == nil || !strings.Contains(err.Error(), "MODEL_DIR") {
		t.Errorf("a directory that is not there gives %v", err)
	}
}
