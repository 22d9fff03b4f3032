// Package tinymodel writes GGUF files of the llama architecture with random weights and a tokenizer of their own: models
// that run as real ones do and say nothing of sense. They are for tests and for measuring; no service writes any.
//
// The control tokens are never likely, so that such a model talks until it is stopped.
package tinymodel

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"math/rand/v2"
	"os"

	"github.com/ollama/ollama/fs/ggml"
)

// Kind is how weights are kept.
type Kind uint32

// The kinds, by their number in GGUF.
const (
	F32 Kind = 0
	F16 Kind = 1
	Q80 Kind = 8 // blocks of 32 with a common scale
)

// Shape is what to write. Zero fields are those of a model of a few hundred kilobytes.
type Shape struct {
	Layers, Width, Heads, KVHeads, Hidden int
	Vocabulary                            int // at least 300
	Context                               int // tokens
	Kind                                  Kind
	Template                              string // tokenizer.chat_template; "" writes none
	// Broken makes the shape of that tensor one that the engine's assertions refuse: blk.0.attn_q.weight.
	Broken string
}

// small has a few hundred kilobytes.
func small() Shape {
	return Shape{Layers: 2, Width: 64, Heads: 4, KVHeads: 2, Hidden: 128, Vocabulary: 320, Context: 4096}
}

// Write writes the file.
func Write(path string, s Shape) (err error) {
	s = s.whole()
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("writing the model %s: %w", path, err)
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	if err := ggml.WriteGGUF(f, s.header(), s.tensors()); err != nil {
		return fmt.Errorf("writing the model %s: %w", path, err)
	}
	return nil
}

func (s Shape) whole() Shape {
	small := small()
	for _, field := range []struct {
		value     *int
		otherwise int
	}{
		{&s.Layers, small.Layers}, {&s.Width, small.Width}, {&s.Heads, small.Heads}, {&s.KVHeads, small.KVHeads},
		{&s.Hidden, small.Hidden}, {&s.Vocabulary, small.Vocabulary}, {&s.Context, small.Context},
	} {
		if *field.value == 0 {
			*field.value = field.otherwise
		}
	}
	return s
}

func (s Shape) header() ggml.KV {
	tokens, types, scores := s.vocabulary()
	kv := ggml.KV{
		"general.architecture": "llama", "general.name": "random",
		"llama.block_count": uint32(s.Layers), "llama.context_length": uint32(s.Context),
		"llama.embedding_length": uint32(s.Width), "llama.feed_forward_length": uint32(s.Hidden),
		"llama.attention.head_count": uint32(s.Heads), "llama.attention.head_count_kv": uint32(s.KVHeads),
		"llama.attention.layer_norm_rms_epsilon": float32(1e-5), "llama.rope.dimension_count": uint32(s.Width / s.Heads),
		"tokenizer.ggml.model": "llama", "tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types,
		"tokenizer.ggml.scores": scores, "tokenizer.ggml.bos_token_id": uint32(1), "tokenizer.ggml.eos_token_id": uint32(2),
	}
	if s.Template != "" {
		kv["tokenizer.chat_template"] = s.Template
	}
	return kv
}

// Types of tokens in GGUF.
const (
	normal  = 1
	unknown = 2
	control = 3
	byteOf  = 6
)

// controls is the number of tokens that are never likely: unknown, beginning and end.
const controls = 3

// vocabulary has every byte, so that any text can be read, the letters and as many made-up words as there is room for.
func (s Shape) vocabulary() (tokens []string, types []int32, scores []float32) {
	add := func(token string, kind int32) {
		tokens, types, scores = append(tokens, token), append(types, kind), append(scores, -float32(len(tokens)))
	}
	add("<unk>", unknown)
	add("<s>", control)
	add("</s>", control)
	for b := range 256 {
		add(fmt.Sprintf("<0x%02X>", b), byteOf)
	}
	add("▁", normal)
	for letter := 'a'; letter <= 'z'; letter++ {
		add(string(letter), normal)
	}
	for n := 0; len(tokens) < s.Vocabulary; n++ {
		add(fmt.Sprintf("▁%c%c%d", 'a'+n%26, 'a'+n/26%26, n/676), normal)
	}
	return tokens, types, scores
}

func (s Shape) tensors() []*ggml.Tensor {
	keys := s.Width / s.Heads * s.KVHeads
	list := []*ggml.Tensor{
		s.matrix("token_embd.weight", s.Width, s.Vocabulary), s.ones("output_norm.weight"),
		s.matrix("output.weight", s.Width, s.Vocabulary),
	}
	for layer := range s.Layers {
		name := func(part string) string { return fmt.Sprintf("blk.%d.%s.weight", layer, part) }
		list = append(list,
			s.ones(name("attn_norm")), s.ones(name("ffn_norm")),
			s.matrix(name("attn_q"), s.Width, s.Width), s.matrix(name("attn_k"), s.Width, keys),
			s.matrix(name("attn_v"), s.Width, keys), s.matrix(name("attn_output"), s.Width, s.Width),
			s.matrix(name("ffn_gate"), s.Width, s.Hidden), s.matrix(name("ffn_up"), s.Width, s.Hidden),
			s.matrix(name("ffn_down"), s.Hidden, s.Width))
	}
	return list
}

// ones is the weight of a norm. Small vectors are F32 in every model.
func (s Shape) ones(name string) *ggml.Tensor {
	return &ggml.Tensor{Name: name, Kind: uint32(F32), Shape: []uint64{uint64(s.Width)}, WriterTo: vector(s.Width)}
}

func (s Shape) matrix(name string, columns, rows int) *ggml.Tensor {
	if name == s.Broken {
		rows -= 4
	}
	m := matrix{name, columns, rows, s.Kind, name == "output.weight"}
	return &ggml.Tensor{Name: name, Kind: uint32(s.Kind), Shape: []uint64{uint64(columns), uint64(rows)}, WriterTo: m}
}

type vector int

// WriteTo writes so many ones.
func (v vector) WriteTo(w io.Writer) (int64, error) {
	data := make([]byte, 0, 4*v)
	for range v {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(1))
	}
	n, err := w.Write(data)
	return int64(n), err
}

type matrix struct {
	name          string
	columns, rows int
	kind          Kind
	silent        bool // the first rows, the control tokens', are 0
}

// WriteTo writes the rows. The weights are drawn by the tensor's name, so that equal shapes give equal files.
func (m matrix) WriteTo(w io.Writer) (total int64, err error) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(m.name)) // a hash has no errors
	chance := rand.New(rand.NewPCG(hash.Sum64(), 1))
	spread := float32(1 / math.Sqrt(float64(m.columns)))
	values := make([]float32, m.columns)
	for row := range m.rows {
		for i := range values {
			values[i] = float32(chance.NormFloat64()) * spread
		}
		if m.silent && row < controls {
			clear(values)
		}
		n, err := w.Write(m.kind.encode(values, 3*spread))
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// encode writes values; those beyond the limit are cut where the kind has a scale.
func (k Kind) encode(values []float32, limit float32) []byte {
	var data []byte
	switch k {
	case F32:
		for _, v := range values {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	case F16:
		for _, v := range values {
			data = binary.LittleEndian.AppendUint16(data, half(v))
		}
	case Q80:
		scale := limit / 127
		for i, v := range values {
			if i%32 == 0 {
				data = binary.LittleEndian.AppendUint16(data, half(scale))
			}
			data = append(data, byte(int8(max(-127, min(127, math.Round(float64(v/scale)))))))
		}
	}
	return data
}

// half returns the bits of the 16-bit float next to v towards 0. What is too small for a normal one is 0; v is below
// 65,504.
func half(v float32) uint16 {
	bits := math.Float32bits(v)
	sign, exponent, fraction := uint16(bits>>16&0x8000), int(bits>>23&0xff)-127+15, uint16(bits>>13&0x3ff)
	if exponent < 1 {
		return sign
	}
	return sign | uint16(exponent)<<10 | fraction
}
