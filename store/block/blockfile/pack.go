package blockfile

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// packer compresses parts.
type packer struct{ *zstd.Encoder }

func newPacker() (packer, error) {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault),
		zstd.WithEncoderCRC(false), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return packer{}, fmt.Errorf("make a compressor: %w", err)
	}
	return packer{e}, nil
}

// pack returns b compressed, or nil where less than a sixteenth is saved, which
// is not worth a reader's time, or so much that unpack would not believe it.
func (p packer) pack(b []byte) []byte {
	if len(b) < 256 {
		return nil
	}
	packed := p.EncodeAll(b, nil)
	if len(packed) > len(b)-len(b)/16 || len(b)/maxRatio > len(packed) {
		return nil
	}
	return packed
}

// unpacker decompresses parts; it is safe for many goroutines.
type unpacker struct{ *zstd.Decoder }

func newUnpacker() unpacker {
	// Only options that cannot be make an error, and these can be.
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderLowmem(true), zstd.IgnoreChecksum(true), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(err)
	}
	return unpacker{d}
}

// unpack returns the bytes of a part, which b is in the file.
func (u unpacker) unpack(p part, b []byte) ([]byte, error) {
	if p.flags&flagZstd == 0 {
		return b, nil
	}
	// The capacity bounds what the decoder may write.
	raw, err := u.DecodeAll(b, make([]byte, 0, p.raw))
	if err != nil {
		return nil, fmt.Errorf("decompress it: %w", err)
	}
	if int64(len(raw)) != p.raw {
		return nil, errors.New("it has another length than the table says")
	}
	return raw, nil
}
