package asrocr

import (
	"bytes"

	"github.com/roentgen/roentgen/afirgen/asrocr/picture"
)

// Bounds of an upload.
const (
	MaxImage = 25 << 20 // bytes of an image or a PDF
	MaxAudio = 25 << 20 // bytes of a recording
)

// Kinds of what can be read, as the first bytes say.
const (
	JPEG = string(picture.JPEG)
	PNG  = string(picture.PNG)
	PDF  = "application/pdf"
)

// Kind returns JPEG, PNG or PDF by the file's first bytes, or "". A PDF may begin with up to 1 KiB of something else, as
// readers allow; for us a byte order mark and white space are enough.
func Kind(data []byte) string {
	if kind := picture.KindOf(data); kind != "" {
		return string(kind)
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(data[:min(len(data), 64)], []byte("\xEF\xBB\xBF")), " \t\r\n")
	if bytes.HasPrefix(start, []byte("%PDF-")) {
		return PDF
	}
	return ""
}
