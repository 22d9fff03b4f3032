package backend

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"strings"
	"testing"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/up/samples"
)

func white(t *testing.T, width, height int) string {
	t.Helper()
	paper := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(paper, paper.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, paper); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bomb is a small PNG whose header says that it is larger than any memory.
func bomb(t *testing.T) string {
	t.Helper()
	file := []byte(white(t, 1, 1))
	binary.BigEndian.PutUint32(file[16:], 60_000)
	binary.BigEndian.PutUint32(file[20:], 60_000)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return string(file)
}

// wave is a WAV of 16 kHz, 16 bit, one channel.
func wave(samples []byte) string {
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(value any) { _ = binary.Write(&b, binary.LittleEndian, value) } // a buffer takes everything
	put(uint32(36 + len(samples)))
	b.WriteString("WAVEfmt ")
	put([]uint16{16, 0, 1, 1})
	put([]uint32{16_000, 32_000})
	put([]uint16{2, 16})
	b.WriteString("data")
	put(uint32(len(samples)))
	b.Write(samples)
	return b.String()
}

func TestUploadsMeetTheirReader(t *testing.T) {
	h := build(t, neighbours{})
	letter := string(samples.Letter())
	for name, c := range map[string]struct {
		field, data string
		status      int
		kind        contract.ErrorType
	}{
		"a letter":                  {"image", letter, 200, ""},
		"a cut letter":              {"image", letter[:200], 422, contract.Undecodable},
		"three bytes":               {"image", "\xff\xd8\xff", 422, contract.Undecodable},
		"a white sheet":             {"image", white(t, 400, 400), 422, contract.NoTextFound},
		"one pixel":                 {"image", white(t, 1, 1), 422, contract.NoTextFound},
		"a bomb":                    {"image", bomb(t), 413, contract.TooLarge},
		"a broken document":         {"image", "%PDF-1.7\n1 0 obj\nnothing", 422, contract.UndecodableFile},
		"silence":                   {"audio", wave(make([]byte, 64_000)), 422, contract.NoSpeechFound},
		"a header without sound":    {"audio", wave(nil), 422, ""},
		"a recording that is none":  {"audio", "RIFF\x24\x00\x00\x00WAVE" + strings.Repeat("nonsense", 50), 422, contract.UndecodableAudio},
		"an MP3 that is none":       {"audio", "ID3" + strings.Repeat("nonsense", 50), 422, contract.UndecodableAudio},
		"two bytes of MPEG framing": {"audio", "\xff\xfb", 415, contract.WrongType},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send(t, form(t, c.field, c.data))
			if c.kind == "" {
				c.kind = a.kind()
			}
			d := h.keeps(t, a, promised{c.status, c.kind, "/process", "POST"})
			session, err := h.store.Session(t.Context(), d.Annotations[contract.SessionID].(string))
			if failed := session.Status == fir.Failed; err != nil || failed != (c.status != 200) {
				t.Errorf("the session is %s, %v", session.Status, err)
			}
			if c.status == 200 && !strings.Contains(session.Transcript, "railway crossing") {
				t.Errorf("it was read as %q", session.Transcript)
			}
		})
	}
}
