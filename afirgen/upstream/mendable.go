package upstream

import (
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// words are how one of the neighbour's refusals is told to our caller.
type words struct {
	status int
	detail string
}

// mendable are the refusals that our caller can do something about, by their code. It is never written to.
var mendable = map[contract.ErrorType]words{
	contract.Undecodable: {http.StatusUnprocessableEntity,
		"the image is damaged: it cannot be decoded"},
	contract.UndecodableAudio: {http.StatusUnprocessableEntity,
		"the recording is damaged: it cannot be decoded"},
	contract.UndecodableFile: {http.StatusUnprocessableEntity,
		"the document is damaged or locked: it cannot be opened"},
	contract.NoTextFound: {http.StatusUnprocessableEntity,
		"no text was found in the image: photograph the letter straight from above, in even light"},
	contract.NoSpeechFound: {http.StatusUnprocessableEntity,
		"no speech was found in the recording: record it again, closer to the microphone"},
	contract.WrongLanguage: {http.StatusUnprocessableEntity,
		"the language is not one that can be read here"},
	contract.WrongType: {http.StatusUnsupportedMediaType,
		"the upload is of a type that cannot be read: send a JPEG, PNG or PDF, or a WAV or MP3"},
	contract.TooLarge: {http.StatusRequestEntityTooLarge,
		"the upload is too large: at most 25 MiB and 50 million pixels"},
	contract.TextTooLong: {http.StatusRequestEntityTooLarge,
		"the text is longer than the model can read: shorten it"},
	contract.WrongEncoding: {http.StatusBadRequest,
		"the text is not in UTF-8: send it as UTF-8"},
}
