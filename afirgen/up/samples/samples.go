// Package samples holds two complaints that the system can be shown with: one typed, one as the photograph of a letter.
// Every name, number and place in them is made up. The photograph is drawn by this package's test, with -rewrite.
package samples

import _ "embed"

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
