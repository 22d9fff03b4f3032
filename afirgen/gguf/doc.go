// Package gguf is the model server: it takes a prompt and the name of a model and answers with what the model makes of
// it, at once or as a stream.
//
// Each of the three models has an engine: a GGUF file in a process of its own (gguf/child), an OpenAI-style endpoint, or
// rules, which choose among the complaint's own sentences and invent nothing. Finder says which; every answer says it
// too, so that nobody takes rules for a language model. A model that cannot be used costs itself: the others work on.
//
// A model has a bounded number of workers and a bounded queue. Server.Run owns the processes of model files, and has
// ended them when it returns; it goes on while requests are worked on. Nothing here compiles the C code that computes
// files: gguf/ggml alone does, and the program imports it for the children.
//
// Prompts are complaints. They are never logged or traced; their length and number of tokens are.
package gguf
