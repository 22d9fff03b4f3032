package ggml

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	fsggml "github.com/ollama/ollama/fs/ggml"
	"github.com/ollama/ollama/ml"
	"github.com/ollama/ollama/model"
	"github.com/ollama/ollama/tokenizer"

	// The architectures: llama is the Mistral class too.
	_ "github.com/ollama/ollama/model/models/gemma2"
	_ "github.com/ollama/ollama/model/models/gemma3"
	_ "github.com/ollama/ollama/model/models/llama"
	_ "github.com/ollama/ollama/model/models/mistral3"
	_ "github.com/ollama/ollama/model/models/qwen2"
	_ "github.com/ollama/ollama/model/models/qwen3"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/simd"
)

// Config is how a model is run.
type Config struct {
	File    string
	Context int    // tokens of prompt and completion together, at most what the model was made for
	Workers int    // inferences at once, each with a context of its own
	Threads int    // of one computation
	Framing string // a name of Framings, or "" for what the file asks for
}

// Model is a loaded model. It is safe for concurrent use; computations take turns, token by token.
type Model struct {
	model   model.Model
	words   tokenizer.Tokenizer
	framing Framing
	context int
	free    chan int // sequences of the cache that nobody uses

	computing sync.Mutex
}

// batch is how many tokens of a prompt are computed at once. A cancel waits for as many, so it is less than the most
// that pays.
const batch = 128

// Load loads a model and computes one token, so that a file that the engine cannot use ends the child now and not in
// the midst of somebody's work.
func Load(cfg Config) (child.Engine, child.Info, error) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the engine tells prompts at some levels
	head, err := head(cfg.File)
	if err != nil {
		return nil, child.Info{}, err
	}
	framing, err := framing(cfg.Framing, head)
	if err != nil {
		return nil, child.Info{}, err
	}
	loaded, err := load(cfg)
	if err != nil {
		return nil, child.Info{}, err
	}
	words, ok := loaded.(tokenizer.Tokenizer)
	if !ok {
		return nil, child.Info{}, errors.New("the file holds no model that writes text")
	}
	m := &Model{model: loaded, words: words, framing: framing, context: contextOf(cfg, head), free: make(chan int, cfg.Workers)}
	if loaded.Config().Cache == nil {
		return nil, child.Info{}, errors.New("the file holds no model that writes text token by token")
	}
	loaded.Config().Cache.Init(loaded.Backend(), ml.DTypeF16, cfg.Workers, m.context, batch)
	for sequence := range cfg.Workers {
		m.free <- sequence
	}
	if err := m.tryOut(); err != nil {
		return nil, child.Info{}, err
	}
	return m, child.Info{
		Architecture: head.Architecture(), Parameters: head.ParameterCount(), Context: m.context,
		Vocabulary: len(words.Vocabulary().Values), Framing: framing.Name, SIMD: simd.Built(),
	}, nil
}

// head reads what the file says of itself.
func head(file string) (fsggml.KV, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", errors.Unwrap(err)) // without its path
	}
	defer func() { _ = f.Close() }() // only read from
	meta, err := fsggml.Decode(f, -1)
	if err != nil {
		return nil, fmt.Errorf("reading the file as GGUF: %w", err)
	}
	return meta.KV(), nil
}

func load(cfg Config) (model.Model, error) {
	m, err := model.New(cfg.File, ml.BackendParams{AllocMemory: true, NumThreads: cfg.Threads})
	if err != nil {
		return nil, fmt.Errorf("making the model: %w", err)
	}
	// A file may be replaced while it is read: what is wrong then is found here.
	if err := m.Backend().Load(noHurry, nil); err != nil {
		return nil, fmt.Errorf("reading the weights: %w", err)
	}
	return m, nil
}

// contextOf is what the model was made for, or less if less is wanted.
func contextOf(cfg Config, head fsggml.KV) int {
	made := int(head.ContextLength())
	if made <= 0 {
		return cfg.Context
	}
	return min(cfg.Context, made)
}

// tryOut computes one token.
func (m *Model) tryOut() error {
	logits, err := m.forward([]int32{0}, 0, 0)
	if err != nil {
		return fmt.Errorf("computing the first token: %w", err)
	}
	if _, err := (sampler{}).of(logits); err != nil {
		return err
	}
	if len(logits) != len(m.words.Vocabulary().Values) {
		return fmt.Errorf("the model weighs %d tokens and its vocabulary has %d", len(logits), len(m.words.Vocabulary().Values))
	}
	return m.forget(0)
}
