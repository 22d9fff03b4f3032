package picture

import "bytes"

// Kind is a media type, as a file's first bytes say.
type Kind string

// The kinds that are decoded.
const (
	JPEG Kind = "image/jpeg"
	PNG  Kind = "image/png"
)

// KindOf returns JPEG or PNG by the file's first bytes, or "".
func KindOf(data []byte) Kind {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		return JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	}
	return ""
}
