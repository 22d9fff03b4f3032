package pdf

import "strconv"

// unit is a thousandth of a point, 1/72,000 of an inch. Layout is done in whole ones, so that it comes out the same on
// every machine.
type unit int

// A sheet of A4 (210 mm by 297 mm), and what of it is written on. The left margin is wide enough to punch and file.
const (
	point unit = 1000

	sheetWidth   = 595_276
	sheetHeight  = 841_890
	leftMargin   = 68 * point
	rightMargin  = 48 * point
	topMargin    = 64 * point
	bottomMargin = 56 * point
	textWidth    = sheetWidth - leftMargin - rightMargin
	textBottom   = sheetHeight - bottomMargin
	textHeight   = textBottom - topMargin
)

// String writes the measure in points, as PDF wants it: no exponent, no needless zeros.
func (u unit) String() string { return thousandths(int(u)) }

// thousandths writes n/1000.
func thousandths(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	whole, rest := strconv.Itoa(n/1000), n%1000
	if rest == 0 {
		return sign + whole
	}
	digits := strconv.Itoa(1000 + rest)[1:]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return sign + whole + "." + digits
}
