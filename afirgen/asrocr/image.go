package asrocr

import (
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // so that image knows the two kinds we take
	_ "image/png"
	"net/http"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Bounds of an image.
const (
	MaxImage  = 25 << 20   // bytes of the file
	MaxPixels = 50_000_000 // width × height: a file of a few kilobytes can claim far more
)

// Kinds of image, as their first bytes say.
const (
	JPEG = "image/jpeg"
	PNG  = "image/png"
)

// Kind returns JPEG or PNG by the file's first bytes, or "".
func Kind(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xD8, 0xFF}):
		return JPEG
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return PNG
	}
	return ""
}

// checkImage reads the image's header alone, so that no claim of its size makes us allocate.
func checkImage(data []byte) error {
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if err != nil || config.Width < 1 || config.Height < 1 {
		return undecodable()
	}
	if int64(config.Width)*int64(config.Height) > MaxPixels {
		return web.Fail(http.StatusRequestEntityTooLarge, contract.TooLarge,
			fmt.Sprintf("the image is %d × %d pixels: at most 50 million are read; scale it down", config.Width, config.Height))
	}
	return nil
}

func undecodable() error {
	return web.Fail(http.StatusUnprocessableEntity, contract.Undecodable, "the image is damaged: it cannot be decoded")
}

// decodes reports whether the whole image can be decoded.
func decodes(data []byte) bool {
	_, _, err := image.Decode(bytes.NewReader(data))
	return err == nil
}
