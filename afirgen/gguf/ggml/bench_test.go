package ggml_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/roentgen/roentgen/afirgen/gguf/child"
	"github.com/roentgen/roentgen/afirgen/gguf/ggml"
	"github.com/roentgen/roentgen/afirgen/gguf/tinymodel"
)

// BenchmarkTokens measures a model of 27 million weights on one thread. Other work on the machine lowers tokens/s and not
// tokens/cpu-s. It runs in this process: a benchmark may die of an assertion.
func BenchmarkTokens(b *testing.B) {
	for name, kind := range map[string]tinymodel.Kind{"f16": tinymodel.F16, "q8_0": tinymodel.Q80} {
		file := written(b, tinymodel.Shape{Layers: 8, Width: 512, Heads: 8, KVHeads: 4, Hidden: 1408, Vocabulary: 4096, Kind: kind})
		model, info, err := ggml.Load(ggml.Config{File: file, Framing: "plain", Context: 2048, Workers: 1, Threads: 1})
		if err != nil {
			b.Fatal(err)
		}
		b.Logf("%d weights, built for %s", info.Parameters, info.SIMD)
		measure := func(name, text string, maxTokens int, count func(child.Tokens) int) {
			b.Run(name, func(b *testing.B) {
				tokens, start := 0, spent(b)
				for b.Loop() {
					_, used, err := model.Infer(b.Context(), child.Request{Text: text, MaxTokens: maxTokens}, func(string) error { return nil })
					if err != nil {
						b.Fatal(err)
					}
					tokens += count(used)
				}
				b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
				b.ReportMetric(float64(tokens)/(spent(b)-start).Seconds(), "tokens/cpu-s")
			})
		}
		measure(name+"/prompt", strings.Repeat("x", 1000), 1, func(t child.Tokens) int { return t.Prompt })
		measure(name+"/completion", "x", 100, func(t child.Tokens) int { return t.Completion })
	}
}

// spent is the processor time that this process has taken.
func spent(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
