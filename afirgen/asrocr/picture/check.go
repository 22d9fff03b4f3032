package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// Bounds of a picture, all of them known from its header.
const (
	MaxPixels = 50_000_000 // width × height: a file of a few kilobytes can claim far more
	MaxMemory = 256 << 20  // bytes that decoding takes
)

// ErrDamaged says that the file cannot be decoded to its end.
var ErrDamaged = errors.New("the image is damaged or was cut off: it cannot be decoded")

// TooLargeError says what a picture claims beyond the bounds.
type TooLargeError struct{ Width, Height, Memory int }

func (e *TooLargeError) Error() string {
	if e.Width*e.Height > MaxPixels {
		return fmt.Sprintf("the image is %d × %d pixels: at most 50 million are read; scale it down", e.Width, e.Height)
	}
	return fmt.Sprintf("the image of %d × %d pixels needs %d MiB to be decoded: at most %d are given; scale it down or save it as a plain (not progressive) JPEG",
		e.Width, e.Height, e.Memory>>20, MaxMemory>>20)
}

// Check reads the header alone, so that no claim of its size makes us allocate.
func Check(data []byte) error {
	config, err := header(data)
	if err != nil || config.Width < 1 || config.Height < 1 {
		return ErrDamaged
	}
	if config.Height > MaxPixels/config.Width {
		return &TooLargeError{config.Width, config.Height, 0}
	}
	if memory := Memory(data); memory > MaxMemory {
		return &TooLargeError{config.Width, config.Height, memory}
	}
	if KindOf(data) == PNG && tooShort(data, config) {
		return ErrDamaged
	}
	return nil
}

// Memory is how many bytes decoding will take, as the header has it; 0 where there is none.
func Memory(data []byte) int {
	config, err := header(data)
	if err != nil {
		return 0
	}
	return config.Width * config.Height * bytesPerPixel(data, config.ColorModel)
}

func header(data []byte) (image.Config, error) {
	switch KindOf(data) {
	case JPEG:
		return jpeg.DecodeConfig(bytes.NewReader(data))
	case PNG:
		return png.DecodeConfig(bytes.NewReader(data))
	}
	return image.Config{}, ErrDamaged
}

// bytesPerPixel is what Go's decoders hold, rounded up. A progressive JPEG keeps 4 bytes for each coefficient of each
// component besides the pixels; without looking at its subsampling we take the most.
func bytesPerPixel(data []byte, model color.Model) int {
	size := 4
	switch model {
	case color.GrayModel:
		size = 1
	case color.YCbCrModel:
		size = 3
	case color.Gray16Model:
		size = 2
	case color.RGBA64Model, color.NRGBA64Model:
		size = 8
	}
	if _, paletted := model.(color.Palette); paletted {
		size = 1
	}
	if KindOf(data) == PNG && isInterlaced(data) {
		size *= 2 // each pass beside the whole
	}
	if KindOf(data) == JPEG && isProgressive(data) {
		size *= 5
	}
	return size
}

// isInterlaced reads the last byte of IHDR, which is the first chunk of every PNG.
func isInterlaced(data []byte) bool { return len(data) > 28 && data[28] == 1 }

// isProgressive looks for the frame header: SOF2 rather than SOF0 or SOF1.
func isProgressive(data []byte) bool {
	progressive := false
	eachSegment(data, func(marker byte, _ []byte) bool {
		isFrame := marker >= 0xC0 && marker <= 0xC2
		progressive = progressive || marker == 0xC2
		return !isFrame
	})
	return progressive
}

// tooShort says that the file cannot hold what it claims: deflate packs at most 1,032 bytes into one.
func tooShort(data []byte, config image.Config) bool {
	const mostPacked, depthAt, kindAt = 1032, 24, 25
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[data[kindAt]]
	bits := config.Width * config.Height * samples * int(data[depthAt])
	return bits/8/mostPacked > len(data)
}
