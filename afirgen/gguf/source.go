package gguf

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Source says what runs a model: rules, a GGUF file or an endpoint. The zero Source leaves it to the model directory.
type Source struct {
	Rules    bool
	File     string
	Framing  string // of File; "" is what the file asks for
	Endpoint *url.URL
	Model    string // of Endpoint
}

// ParseSource reads
//
//	auto                          the model directory's file, else the common endpoint, else rules
//	rules
//	https://host/v1#model         an endpoint, and what it calls the model
//	folder/file.gguf              a file; file.gguf#inst with its framing
//
// The errors quote nothing, for a URL may hold a password.
func ParseSource(text string) (Source, error) {
	text = strings.TrimSpace(text)
	head, mark, _ := strings.Cut(text, "#")
	switch {
	case text == "" || text == "auto":
		return Source{}, nil
	case text == EngineRules:
		return Source{Rules: true}, nil
	case !strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://"):
		return Source{File: head, Framing: mark}, nil
	}
	endpoint, err := url.Parse(head)
	switch {
	case err != nil || endpoint.Host == "":
		return Source{}, errors.New("it begins as a URL and is none: write https://host/v1#model")
	case mark == "":
		return Source{}, errors.New("it does not say which model to ask the endpoint for: write https://host/v1#model")
	}
	return Source{Endpoint: endpoint, Model: mark}, nil
}

// Finder finds the engine of each model.
type Finder struct {
	Dir     string            // searched for files; "" is none
	Sources map[string]Source // by model
	Common  Source            // an endpoint for models that have nothing else; zero is none
	Keys    map[string]string // of endpoints, by model
	File    func(path, framing string) Engine
	Client  Doer // for endpoints
}

// Engines finds them. The models that are left out work by rules. That a model which was asked for by name is not there is
// not found here: it will say so itself, and cost nobody else. unused are the files of the directory that no model has.
func (f Finder) Engines() (engines map[string]Engine, unused []string, err error) {
	files, err := f.files()
	if err != nil {
		return nil, nil, err
	}
	engines = map[string]Engine{}
	for _, model := range Models() {
		source := f.Sources[model]
		if source == (Source{}) {
			source = f.otherwise(model, files)
		}
		switch {
		case source.Endpoint != nil:
			engines[model] = NewEndpoint(source.Endpoint, source.Model, f.Keys[model], f.Client)
		case source.File != "":
			engines[model] = f.File(f.path(source.File), source.Framing)
			files = slices.DeleteFunc(files, func(name string) bool { return name == filepath.Base(source.File) })
		}
	}
	return engines, files, nil
}

// files lists the directory's GGUF files.
func (f Finder) files() ([]string, error) {
	if f.Dir == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		return nil, fmt.Errorf("looking for models: %w; create the directory, or leave MODEL_DIR and --model-dir empty", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".gguf") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (f Finder) otherwise(model string, files []string) Source {
	for _, name := range fileNames(model) {
		if slices.Contains(files, name) {
			return Source{File: name}
		}
	}
	return f.Common
}

// path takes a bare name for one of the directory's.
func (f Finder) path(name string) string {
	if f.Dir == "" || strings.ContainsRune(name, filepath.Separator) {
		return name
	}
	return filepath.Join(f.Dir, name)
}
