// Package ggml computes GGUF models with ollama's Go engine, whose arithmetic is ggml's C code.
//
// It is for a child process alone (see gguf/child): a failed assertion of the C code ends the process. Importing the
// package compiles that code, so no other package of the service does. The C code uses the instruction sets that
// CGO_CFLAGS and CGO_CXXFLAGS allow (see gguf/simd).
package ggml
