// Package gguf is the model server: it takes a prompt and the name of a model and answers with what the model makes of
// it.
//
// The build's one engine is made of rules: the summariser picks at most two sentences of the prompt and never writes a
// word of its own. The models that would have to judge or to write, bns_check and fir_summariser, answer 503: no
// weights, no answer. The server says "engine":"rules" in every answer, so that nobody takes it for a language model.
//
// Prompts are complaints. They are never logged or traced; their length and number of tokens are.
package gguf
