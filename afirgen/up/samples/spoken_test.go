package samples

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// voice is the male American of Debian's flite. Debian's espeak-ng speaks more languages, but the recogniser of a fresh
// machine (pocketsphinx) gets every second of its words wrong.
const voice = "rms"

// TestTheSpokenComplaintIsSmallAndMatchesItsWords speaks spoken.txt anew with -rewrite, which needs flite and ffmpeg.
// That its words can be heard is for the test of the server that hears it.
func TestTheSpokenComplaintIsSmallAndMatchesItsWords(t *testing.T) {
	if *rewrite {
		speak(t, "spoken.txt", "spoken.mp3")
	}
	kept, err := os.ReadFile("spoken.mp3")
	if err != nil {
		t.Fatalf("%v; go test -rewrite speaks it", err)
	}
	if !*rewrite && !bytes.Equal(kept, Speech()) {
		t.Error("spoken.mp3 is not what Speech returns")
	}
	if len(kept) >= 200_000 || len(kept) < 10_000 {
		t.Errorf("spoken.mp3 has %d bytes, want 10,000 to 200,000", len(kept))
	}
	if text := SpeechText(); len(text) < 100 || bytes.ContainsAny([]byte(text), "\n\r") {
		t.Errorf("the spoken text is %q, want one line of at least 100 characters", text)
	}
}

// speak makes an MP3 of 16 kHz. 96 kbit/s, because at 48 three words are lost.
func speak(t *testing.T, text, mp3 string) {
	t.Helper()
	wav := filepath.Join(t.TempDir(), "spoken.wav")
	for _, command := range [][]string{
		{"flite", "-voice", voice, "-f", text, "-o", wav},
		{"ffmpeg", "-v", "error", "-y", "-i", wav, "-map_metadata", "-1", "-ar", "16000", "-ac", "1", "-b:a", "96k", mp3},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s; on Debian: apt-get install flite ffmpeg", command[0], err, out)
		}
	}
}
