package backend

import (
	"bytes"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/asrocr"
	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/web"
)

// upload is a file that has to be read before there is a complaint.
type upload struct {
	data        []byte
	kind        string // content type of its bytes, not as the caller claims
	path, field string // of the asr-ocr server's API
	subsegment  string
	done        fir.Done
	silent      func() error // what is said when no text was found
}

// upload looks at the first bytes. It is an error if they are of nothing that can be read.
func (in input) upload() (upload, error) {
	if in.hasAudio() {
		return speech(in.audio)
	}
	u := upload{
		data: in.image, kind: asrocr.Kind(in.image), path: "/ocr", field: "image",
		subsegment: contract.OCR, done: fir.OCRDone, silent: silentImage,
	}
	if u.kind == "" {
		return u, web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the image is neither JPEG, PNG nor PDF by its first bytes")
	}
	return u, nil
}

func speech(data []byte) (upload, error) {
	u := upload{
		data: data, kind: "audio/wav", path: "/asr", field: "audio",
		subsegment: contract.ASR, done: fir.ASRDone, silent: silentSpeech,
	}
	switch {
	case len(data) >= 12 && bytes.HasPrefix(data, []byte("RIFF")) && string(data[8:12]) == "WAVE":
	case bytes.HasPrefix(data, []byte("ID3")), len(data) >= 2 && data[0] == 0xFF && data[1]&0xE0 == 0xE0:
		u.kind = "audio/mpeg"
	default:
		return u, web.Fail(http.StatusUnsupportedMediaType, contract.WrongType, "the audio is neither WAV nor MP3 by its first bytes")
	}
	return u, nil
}
