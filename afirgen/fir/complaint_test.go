package fir

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestComplaint(t *testing.T) {
	const hindi = "मेरा मोबाइल कल शाम बाज़ार में चोरी हो गया।"
	for _, c := range []struct {
		title, text, want string
		err               error
	}{
		{"white space at the ends goes", "  My bag was stolen. \n", "My bag was stolen.", nil},
		{"newlines stay, in one form", "First line\r\nsecond\rthird", "First line\nsecond\nthird", nil},
		{"control characters go", "My b\x00ag was\x1b stolen\u0085.", "My bag was stolen.", nil},
		{"tabs stay", "Item\tone pair of shoes", "Item\tone pair of shoes", nil},
		{"decomposed letters are composed", "Cafe\u0301 burglary", "Caf\u00e9 burglary", nil},
		{"Hindi survives", hindi, norm.NFC.String(hindi), nil},
		{"joiners survive", "क्\u200dष और श्\u200cर अलग", "क्\u200dष और श्\u200cर अलग", nil},
		{"bidirectional overrides go", "a bag \u202eworth 500\u202c rupees", "a bag worth 500 rupees", nil},
		{"nine characters are too few", "123456789", "", ErrTooShort},
		{"ten are enough", "1234567890", "1234567890", nil},
		{"white space does not count", "   12345   \n\n\n", "", ErrTooShort},
		{"nothing is too short", "", "", ErrTooShort},
		{"the bound is in characters, not bytes", strings.Repeat("क", MaxComplaint), strings.Repeat("क", MaxComplaint), nil},
		{"one more is too long", strings.Repeat("a", MaxComplaint+1), "", ErrTooLong},
		{"bytes that are no UTF-8 are refused", "stolen \xff\xfe bag", "", ErrNotUTF8},
	} {
		t.Run(c.title, func(t *testing.T) {
			got, err := Complaint(c.text)
			if !errors.Is(err, c.err) || got != c.want {
				t.Errorf("got %.60q, %v; want %.60q, %v", got, err, c.want, c.err)
			}
		})
	}
}

func TestASessionExpiresAfterItsLastActivity(t *testing.T) {
	s := Session{LastActivity: time.Unix(1000, 0)}
	if s.Expired(time.Unix(1059, 0), time.Minute) {
		t.Error("it has expired after 59 s of 60")
	}
	if !s.Expired(time.Unix(1060, 0), time.Minute) {
		t.Error("it has not expired after 60 s of 60")
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("My bag\r\nwas stolen\x00")
	f.Add("क्\u200dष\u0301")
	f.Fuzz(func(t *testing.T, text string) {
		once, err := Normalise(text)
		if err != nil {
			if utf8.ValidString(text) {
				t.Fatalf("valid UTF-8 was refused: %v", err)
			}
			return
		}
		twice, err := Normalise(once)
		if err != nil || twice != once {
			t.Fatalf("normalising %q again gave %q, %v", once, twice, err)
		}
	})
}
