// Package wire turns bytes into words and back: segment documents, datagrams
// and the trace header that travels with a request.
//
// It owns the canonical document, the text that stands for a segment
// everywhere behind the doors: what the producer wrote, without white space
// between tokens, without invalid UTF-8 and, of duplicate keys, with the last
// alone. Unknown members, number literals and the order of keys are the
// producer's.
//
// It opens nothing, starts nothing and keeps nothing between two calls, but
// for the scratch memory of a Parser, which belongs to whoever made it.
// Reading never panics, whatever the bytes; docs/protocol draws every layout.
package wire
