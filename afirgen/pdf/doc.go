// Package pdf prints a First Information Report: A4 pages in English or Hindi that can be read, searched, copied from and
// read aloud.
//
// It owns a small writer of PDF 1.7, the layout of the form, and one embedded font that draws Latin and Devanagari
// (Lohit Devanagari, SIL Open Font License, in fonts). HarfBuzz's rules, in their Go port, turn characters into glyphs,
// so conjuncts and matras stand as a reader of Hindi expects them. Text is kept beside the glyphs as it was written, so
// what is copied out of a page is what was handed in.
//
// The way of a document through the files:
//
//	document ──► compose ──► paragraph ──► paginate ──► paint ──► file
//	 what        blocks       lines         pages       content    bytes
//	                            │
//	                          shape: characters to glyphs
//
// The same Document gives the same bytes, with the same Go release: there is no clock and no chance here. It starts no
// goroutine, keeps nothing between calls, and knows nothing of the law: every word of the form but a page number and a
// dash comes with the Document.
package pdf
