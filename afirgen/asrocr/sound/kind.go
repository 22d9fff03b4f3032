package sound

import "bytes"

// Kind is a media type, as a file's first bytes say.
type Kind string

// The kinds that are decoded.
const (
	WAV Kind = "audio/wav"
	MP3 Kind = "audio/mpeg"
)

// KindOf returns WAV or MP3 by the file's first bytes, or "". An MP3 begins with an ID3 tag or with the header of a
// frame of layer III; AAC in ADTS, whose header looks alike, is of layer 0.
func KindOf(data []byte) Kind {
	switch {
	case len(data) >= 12 && bytes.HasPrefix(data, []byte("RIFF")) && string(data[8:12]) == "WAVE":
		return WAV
	case bytes.HasPrefix(data, []byte("ID3")):
		return MP3
	case len(data) >= 3 && data[0] == 0xFF && data[1]&0xE6 == 0xE2 && data[2]&0xF0 != 0xF0:
		return MP3
	}
	return ""
}
