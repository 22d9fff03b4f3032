package kb

// Script is how a phrase is written.
type Script string

// The scripts.
const (
	English    Script = "en"
	Devanagari Script = "hi"
	Romanised  Script = "ro" // Hindi in Latin letters
)

// concept is a fact that complaints tell in many words: that something was stolen, that it was night.
type concept struct {
	id       string
	label    string
	labelHi  string
	phrases  []*phrase
	supposed bool // also counts where it is only threatened or supposed
	spread   int  // how many sections have it among their needs
	at       position
}

// ingredient is met as soon as one of its concepts is.
type ingredient []*concept
