// Package asrocr is the server that turns photographs and recordings into text.
//
// Photographs of letters are read by the tesseract program, one process per image, in a group of its own that dies with
// the request. Recordings are answered with 503: this build has no engine for speech.
//
// Neither images nor what is read from them is ever logged or traced; their size, kind and language are.
package asrocr
