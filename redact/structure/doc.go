// Package structure finds, in one pass over a JSON text, where its strings, brackets and literals are, and which bytes
// are digits or of another kind that somebody looks for: a bit for each byte, 64 at a time. Whoever reads the text then
// goes from bit to bit and looks at no byte twice. It says nothing about whether the text is JSON beyond what it has to
// know for that, owns no text and starts nothing. The idea is that of Langdale and Lemire, Parsing Gigabytes of JSON per
// Second (2019).
package structure
