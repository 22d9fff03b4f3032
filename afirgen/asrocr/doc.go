// Package asrocr is the server that turns photographs, documents and recordings into text.
//
// Photographs of letters are put right (room picture) and read by the tesseract program; PDFs are drawn page by page by
// poppler's programs and read the same way, because a text layer can say other than the page shows. Recordings are
// brought to one channel of 16 kHz (room sound) and heard by the best engine that is configured or installed: whisper.cpp's
// server or program, any transcription endpoint of OpenAI's form, or pocketsphinx, which knows English alone and whose
// every answer is marked as doubtful.
//
// Other programs run one per request, in a process group of their own that dies with the request, within bounds of
// memory, output and time. As many uploads are in memory as may run and wait, and not one more. What is handed to a
// program as a file has no name on the disk; only whisper.cpp's program writes into a folder, which is removed at once.
//
// Neither uploads nor what is read from them is ever logged or traced; their size, kind, length and language are. The
// server starts no goroutine of its own.
package asrocr
