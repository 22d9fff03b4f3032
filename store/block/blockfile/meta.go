package blockfile

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/internal/applog"
)

// Meta is what a block says of itself.
type Meta struct {
	Number  uint64
	Created roentgen.Time // the now at which its traces were folded
	Level   int           // 0: flushed; n: merged from blocks below n
	// Positions says of which documents the block holds all.
	Positions []Position
}

// Position says that every document of the traces in the block that lies
// before it in that shard's log is contained in the block.
type Position struct {
	Shard int
	applog.Position
}

const (
	metaHead     = 8 + 8 + 4 + 4
	positionSize = 4 + 8 + 8
)

func (m Meta) append(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, m.Number)
	b = binary.LittleEndian.AppendUint64(b, uint64(m.Created))
	b = binary.LittleEndian.AppendUint32(b, uint32(m.Level))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(m.Positions)))
	for _, p := range m.Positions {
		b = binary.LittleEndian.AppendUint32(b, uint32(p.Shard))
		b = binary.LittleEndian.AppendUint64(b, p.File)
		b = binary.LittleEndian.AppendUint64(b, uint64(p.Offset))
	}
	return b
}

// parseMeta reads a Meta. What stands behind it is of a later minor version.
func parseMeta(b []byte) (Meta, error) {
	if len(b) < metaHead {
		return Meta{}, fmt.Errorf("%d bytes hold no meta", len(b))
	}
	m := Meta{
		Number:  binary.LittleEndian.Uint64(b),
		Created: roentgen.Time(binary.LittleEndian.Uint64(b[8:])),
		Level:   int(binary.LittleEndian.Uint32(b[16:])),
	}
	count := binary.LittleEndian.Uint32(b[20:])
	b = b[metaHead:]
	if uint64(count)*positionSize > uint64(len(b)) {
		return Meta{}, errors.New("a position is broken off")
	}
	if count > 0 {
		m.Positions = make([]Position, count)
	}
	for i := range m.Positions {
		at := b[i*positionSize:]
		m.Positions[i] = Position{
			Shard: int(binary.LittleEndian.Uint32(at)),
			Position: applog.Position{
				File:   binary.LittleEndian.Uint64(at[4:]),
				Offset: int64(binary.LittleEndian.Uint64(at[12:])),
			},
		}
	}
	return m, nil
}
