// Package samples holds complaints that the system can be shown with: typed, as the photograph of a letter, and spoken.
// Every name, number and place in them is made up. The photograph is drawn and the speech is spoken by this package's
// tests, with -rewrite.
package samples

import (
	_ "embed"
	"strings"
)

//go:embed complaint.txt
var complaint []byte

//go:embed letter.jpg
var letter []byte

// Complaint returns the typed complaint, UTF-8. The bytes are shared: do not change them.
func Complaint() []byte { return complaint }

// Letter returns the photograph, JPEG. The bytes are shared: do not change them.
func Letter() []byte { return letter }

//go:embed hindi.txt
var hindi []byte

// Hindi returns the complaint typed in Hindi, UTF-8. The bytes are shared: do not change them.
func Hindi() []byte { return hindi }

//go:embed spoken.mp3
var spoken []byte

//go:embed spoken.txt
var spokenText string

// Speech returns the spoken complaint, MP3, 11 seconds of English. The bytes are shared: do not change them.
func Speech() []byte { return spoken }

// SpeechText returns the words that are spoken in Speech.
func SpeechText() string { return strings.TrimSpace(spokenText) }
