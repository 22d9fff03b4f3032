package test

import (
	"strings"
	"testing"
)

// testClerkZero files what came by e-mail and happened elsewhere: it waits for
// its signature, gets a number of the other series, and goes where it belongs.
func testClerkZero(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	b.forgive("status of 409")
	b.forgive("status of 422")
	b.press("e")
	b.write(hindiComplaint(t))
	b.tabUntil("form .pair .field:nth-child(2) select")
	b.keys("El")
	b.press("Tab", "Enter")
	b.reviewed(1)
	for n := 2; n <= 5; n++ {
		b.press("a")
		b.reviewed(n)
	}
	b.press("e")
	for _, field := range bareFields[:4] { // items 3 and 4
		b.fill(field[0], field[1])
	}
	b.fill("place.address", "स्टेशन रोड, कानपुर")
	b.tabUntil("fieldset[data-item='5'] summary")
	b.press("Enter")
	b.fill("place.outside_station.name", "Civil Lines")
	b.fill("place.outside_station.district", "Kanpur")
	b.fill("place.outside_station.state", "Uttar Pradesh")
	for _, field := range bareFields[6:] {
		b.fill(field[0], field[1])
	}
	b.fill("action.kind", "(4")
	b.fill("action.transfer_to.name", "Civil Lines")
	b.fill("action.transfer_to.district", "Kanpur")
	b.click("#save", "")
	b.see("#status", "The changes are saved")
	b.see(".good", "Nothing is missing")
	b.idle()
	b.press("a")
	b.see("h1", "Report KTW/")
	b.idle()

	b.does("Wait for the signature", "awaits the signature")
	b.see(".due", "signs the e-FIR")
	b.does("Number of the right series", "awaits the signature")
	if hash := b.hash(); !strings.HasPrefix(hash, "#fir=KTW/0-") {
		t.Errorf("with its new number the report stands at %s", hash)
	}
	b.click(".tick", "Read over")
	b.click(".tick", "Admitted")
	b.does("Sign and register", "registered as Zero FIR")
	b.see("main", "translated (English) copy")
	b.does("Transfer", "transferred")
	b.click(".action input", "")
	b.write("CIV/0007/2026")
	b.press("Enter")
	b.see("dl.head", "CIV/0007/2026")
	b.idle()
	b.see("main", "Acknowledgement")
}

// does opens an action of the report if it is closed, takes it, and waits for
// the state in which the report stands then.
func (b *tab) does(action, state string) {
	b.Helper()
	details := `[...document.querySelectorAll('details.action')].find(d => d.querySelector('summary').textContent === ` + quote(action) + `)`
	b.see("summary", action)
	if !eval[bool](b, details+`.open`) {
		b.click("details.action summary", action)
	}
	eval[bool](b, `document.querySelectorAll('[data-test]').forEach(e => e.removeAttribute('data-test')) ?? (`+details+`.querySelector('button[type=submit]').dataset.test = '1', true)`)
	b.click("[data-test]", "")
	b.see("#status", "Done: "+state)
	b.see(".state", state)
	b.idle()
}
