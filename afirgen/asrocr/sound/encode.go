package sound

import "encoding/binary"

// WAV writes the clip as a file: PCM, one channel, 16 bits.
func (c Clip) WAV() []byte {
	const head, bytesPerSample = 44, 2
	size := bytesPerSample * len(c.Samples)
	order := binary.LittleEndian
	out := make([]byte, 0, head+size)
	out = order.AppendUint32(append(out, "RIFF"...), uint32(head-8+size))
	out = order.AppendUint32(append(out, "WAVEfmt "...), 16)
	out = order.AppendUint16(order.AppendUint16(out, formatPCM), 1)
	out = order.AppendUint32(order.AppendUint32(out, Rate), Rate*bytesPerSample)
	out = order.AppendUint16(order.AppendUint16(out, bytesPerSample), 8*bytesPerSample)
	out = order.AppendUint32(append(out, "data"...), uint32(size))
	return append(out, c.Raw()...)
}
