package archive

import (
	"errors"
	"fmt"
	"regexp"
)

// keyRule lets no part begin with a dot, so that no key leaves its folder or meets a file that is being written.
var keyRule = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$`)

const maxKey = 512

func checkKey(key string) error {
	if len(key) > maxKey || !keyRule.MatchString(key) {
		return fmt.Errorf("its key is not of letters, digits, dots, hyphens and underscores in parts by slashes, %d at most", maxKey)
	}
	return nil
}

// Uploads are the kinds of things that people hand in: by content type, folder and ending of their keys.
func uploads() map[string][2]string {
	return map[string][2]string{
		"audio/wav":       {"audio", "wav"},
		"audio/mpeg":      {"audio", "mp3"},
		"image/jpeg":      {"images", "jpg"},
		"image/png":       {"images", "png"},
		"application/pdf": {"documents", "pdf"},
	}
}

// UploadKey is the key of something handed in: audio/{session}_{id}.wav, images/{session}_{id}.jpg,
// documents/{session}_{id}.pdf, after its content type as its bytes tell it.
func UploadKey(contentType, session, id string) (string, error) {
	place, known := uploads()[contentType]
	if !known {
		return "", errors.New("naming an upload: its content type is none of audio/wav, audio/mpeg, image/jpeg, image/png and application/pdf")
	}
	key := place[0] + "/" + session + "_" + id + "." + place[1]
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("naming an upload: %w", err)
	}
	return key, nil
}

// ReportKey is the key of a finished report: firs/{number}.json, firs/{number}.en.pdf and .hi.pdf. The slashes of a number
// part folders: firs/KTW/0042/2026.json.
func ReportKey(number, ending string) (string, error) {
	if ending != "json" && ending != "en.pdf" && ending != "hi.pdf" {
		return "", errors.New("naming a report: its ending is none of json, en.pdf and hi.pdf")
	}
	key := "firs/" + number + "." + ending
	if err := checkKey(key); err != nil {
		return "", fmt.Errorf("naming a report: %w", err)
	}
	return key, nil
}
