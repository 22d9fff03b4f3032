//go:build long

package asrocr

import "testing"

// TestEveryConditionIsRead makes the table of docs/afirgen/ocr-and-speech.md. The bounds are about twice its rates, and never below 7 and 5:
//
//	go test -tags long -run TestEveryConditionIsRead -v ./asrocr
func TestEveryConditionIsRead(t *testing.T) {
	measure(t, append(usual(), []condition{
		{"as printed, 200 dots an inch", "200", spoiling{}, 7, 5},
		{"turned by -8°", "200", spoiling{skew: -8}, 7, 5},
		{"turned by -5°", "200", spoiling{skew: -5}, 7, 5},
		{"turned by -2°", "200", spoiling{skew: -2}, 7, 5},
		{"turned by 2°", "200", spoiling{skew: 2}, 7, 5},
		{"turned by 5°", "200", spoiling{skew: 5}, 7, 5},
		{"turned by 8°", "200", spoiling{skew: 8}, 7, 5},
		{"noise of 12 grey levels", "200", spoiling{noise: 12}, 7, 5},
		{"noise of 25 grey levels", "200", spoiling{noise: 25}, 7, 5},
		{"noise of 50 grey levels", "200", spoiling{noise: 50}, 10, 7},
		{"2 % black and white specks", "200", spoiling{specks: 0.02}, 7, 5},
		{"a shadow of 60 % and a hand's", "200", spoiling{shadow: 0.6}, 7, 5},
		{"a shadow of 80 % and a hand's", "200", spoiling{shadow: 0.8}, 20, 10},
		{"JPEG of quality 15", "200", spoiling{quality: 15}, 7, 5},
		{"JPEG of quality 5", "200", spoiling{quality: 5}, 7, 5},
		{"small: 100 dots an inch", "100", spoiling{}, 7, 5},
		{"very small: 60 dots an inch", "60", spoiling{}, 30, 20},
		{"lying on its side, clockwise", "200", spoiling{quarter: 1}, 7, 5},
		{"upside down", "200", spoiling{quarter: 2}, 7, 5},
		{"lying on its side, anticlockwise", "200", spoiling{quarter: 3}, 7, 5},
		{"lying on its side, EXIF says so", "200", spoiling{quarter: 3, exif: 6}, 7, 5},
		{"upside down, EXIF says so", "200", spoiling{quarter: 2, exif: 3}, 7, 5},
		{"on its side, 5°, a shadow, noise, JPEG 45", "150", spoiling{quarter: 1, skew: 5, shadow: 0.5, noise: 12, quality: 45}, 25, 12},
	}...), "eng+hin")
}
