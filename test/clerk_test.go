package test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// TestClerk goes through the clerk's page in a real browser, before the real
// services. One run of them serves all of it.
func TestClerk(t *testing.T) {
	a := startAFIRGen(t, "0")
	t.Run("a typed complaint in Hindi becomes a registered report, by keyboard alone", func(t *testing.T) { testClerkTyped(t, a) })
	t.Run("a photographed letter stands beside its transcript", func(t *testing.T) { testClerkLetter(t, a) })
	t.Run("a recorded complaint is heard", func(t *testing.T) { testClerkRecorded(t, a) })
	t.Run("a wrong key is asked for again and nothing is lost", func(t *testing.T) { testClerkWrongKey(t, a) })
	t.Run("what somebody else has decided is read anew", func(t *testing.T) { testClerkSecondWindow(t, a) })
	t.Run("what is not sent survives a reload, and clearing removes it", func(t *testing.T) { testClerkReload(t, a) })
	t.Run("form errors lead to their fields", func(t *testing.T) { testClerkProblems(t, a) })
	t.Run("a Zero FIR that came electronically is signed, renumbered and transferred", func(t *testing.T) { testClerkZero(t, a) })
	t.Run("the list of reports is paged", func(t *testing.T) { testClerkList(t, a) })
	t.Run("accessible in both themes and languages", func(t *testing.T) { testClerkAccessible(t, a) })
	t.Run("screenshots", func(t *testing.T) { testClerkScreenshots(t, a) })
}

// clerkTab opens the clerk's page and gives it the key, in English.
func clerkTab(t *testing.T, a *afirgen, width, height int64) *tab {
	t.Helper()
	b := openTab(t, a.server, width, height)
	b.base = "http://" + a.backend
	b.enterClerk(apiKey)
	return b
}

func (b *tab) enterClerk(key string) {
	b.Helper()
	b.open("#new")
	b.see("dialog[open]", "API key")
	b.write(key)
	b.press("Enter")
	b.see("#status", "The key is accepted")
	b.idle()
}

// idle waits until nothing is being done.
func (b *tab) idle() {
	b.Helper()
	b.wait("nothing is being done", `!document.querySelector('#status .busy') && !document.querySelector('main').inert`)
}

// keys strikes keys as a keyboard does; "\t" is Tab, " " the space bar.
func (b *tab) keys(text string) {
	b.Helper()
	b.do("type", chromedp.KeyEvent(text))
}

// ctrlEnter strikes Ctrl+Enter.
func (b *tab) ctrlEnter() {
	b.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeRawKeyDown, input.DispatchKeyEventTypeKeyUp} {
		b.do("press Ctrl+Enter", command(input.DispatchKeyEvent, input.DispatchKeyEventParams{
			Type: kind, Key: "Enter", Code: "Enter", Modifiers: 2, WindowsVirtualKeyCode: 13,
		}))
	}
}

// tabTo strikes Tab until the focus is on an element, as somebody without a
// mouse has to.
func (b *tab) tabUntil(selector string) {
	b.Helper()
	for range 250 {
		if eval[bool](b, `Boolean(document.activeElement?.matches(`+quote(selector)+`))`) {
			return
		}
		b.keys("\t")
	}
	b.fail("reach "+selector+" with Tab", fmt.Errorf("the focus never came there"))
}

// reviewed waits for a review and for the focus on its heading.
func (b *tab) reviewed(n int) {
	b.Helper()
	b.see("h1", fmt.Sprintf("Review %d of 5", n))
	b.idle()
	b.wait("the heading has the focus", `document.activeElement === document.querySelector('h1')`)
}

// fill puts a value into a field of the form, reached with Tab. Dates, times
// and lists are typed as a person types them.
func (b *tab) fill(field, value string) {
	b.Helper()
	b.tabUntil(`[data-field="` + field + `"]`)
	if eval[bool](b, `document.activeElement.matches('select, input[type=date], input[type=time], input[type=datetime-local], input[type=number]')`) {
		b.keys(value)
		return
	}
	b.selectAll()
	b.write(value)
}

// bareFields are what the form asks for and no machine knows, in the order of
// the form. Day and month are the same and the hour has its A, so that they
// are typed alike whatever the order and the clock of the browser.
var bareFields = [][2]string{
	{"occurrence.date_from", "01012025"}, {"occurrence.time_period", "2nd"},
	{"occurrence.diary_entry", "14"}, {"occurrence.diary_time", "1010A"}, {"place.direction_distance", "2 km उत्तर"},
	{"place.address", "सब्ज़ी मण्डी, स्टेशन रोड"}, {"complainant.name", "श्रद्धा कृष्णमूर्ति"},
	{"complainant.present_address", "गाँधी मार्ग, सदर"}, {"complainant.permanent_address", "गाँधी मार्ग, सदर"},
}

func hindiComplaint(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../afirgen/up/samples/hindi.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// report reads a report as another caller would.
func (a *afirgen) report(t *testing.T, number string) (report struct {
	Status   string
	Document struct {
		Contents struct{ Statement, Narrative string }
		Header   struct{ Station struct{ Name string } }
	}
}) {
	t.Helper()
	status, _, body := a.do(t, a.request(t, http.MethodGet, "/fir/"+number, "", nil))
	if status != http.StatusOK {
		t.Fatalf("read report %s: %d %s", number, status, body)
	}
	if err := json.Unmarshal([]byte(body), &report); err != nil {
		t.Fatal(err)
	}
	return report
}

func testClerkTyped(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	complaint := hindiComplaint(t)
	b.press("e")
	b.wait("the text has the focus", `document.activeElement.matches('textarea')`)
	b.write(complaint)
	b.see("#counter", "of 50,000")
	b.ctrlEnter()
	b.reviewed(1)
	if got := eval[string](b, `document.querySelector('.words .paper').textContent`); got != complaint {
		t.Errorf("the transcript is %q", got)
	}
	b.press("a")
	b.reviewed(2)
	b.press("e")
	b.keys("\t") // away from the text, where letters are keys
	b.press("a")
	b.reviewed(3)
	law := eval[string](b, `document.querySelector('[data-law]').dataset.law`)
	b.tabUntil(`[data-law="` + law + `"]`)
	b.press("Enter")
	b.see("tr.struck", law[strings.Index(law, " ")+1:])
	b.idle()
	b.tabUntil(`.struck [data-law]`)
	b.press("Enter")
	b.gone("tr.struck", "")
	b.idle()
	b.wantEvidence(complaint)
	b.press("a")
	b.reviewed(4)
	b.press("a")
	b.reviewed(5)
	b.fillForm()
	b.ctrlEnter()
	b.see("h1", "Report KTW/")
	b.idle()
	number := strings.TrimPrefix(b.hash(), "#fir=")
	b.signReport()
	report := a.report(t, number)
	if report.Status != "registered" || report.Document.Contents.Statement != complaint {
		t.Errorf("the report is %s, and its statement %q", report.Status, report.Document.Contents.Statement)
	}
	b.tabUntil(`[data-pdf=hi]`)
	b.press("Enter")
	b.see("#pdf a", "Open the PDF in Hindi")
	b.idle()
	if href := eval[string](b, `document.activeElement.href`); !strings.HasPrefix(href, "blob:") {
		t.Errorf("the focus is on %q, want the link of the PDF", href)
	}
	finaliseReport(b)
	if left := eval[int](b, `Object.keys(sessionStorage).filter(k => k.startsWith('afirgen.draft')).length`); left != 0 {
		t.Errorf("%d texts are left in the browser", left)
	}
}

// wantEvidence asks for the words that speak for the first section that has
// some, and wants them marked where they stand in the complaint.
func (b *tab) wantEvidence(complaint string) {
	b.Helper()
	b.tabUntil("td button[aria-label^=Evidence]")
	b.press("Enter")
	b.wait("the complaint has the focus", `document.activeElement.querySelector('mark') !== null`)
	marked := eval[[]string](b, `[...document.activeElement.querySelectorAll('mark')].map(m => m.textContent)`)
	for _, words := range marked {
		if words == "" || !strings.Contains(complaint, words) {
			b.Errorf("%q is marked, which does not stand in the complaint", words)
		}
	}
	if whole := eval[string](b, `document.activeElement.textContent`); whole != complaint {
		b.Errorf("with its marks the complaint reads %q", whole)
	}
}

// fillForm enters what no machine knows; the focus is in the form then.
func (b *tab) fillForm() {
	b.Helper()
	for _, field := range bareFields {
		b.fill(field[0], field[1])
		if field[0] == "occurrence.diary_time" && eval[string](b, `document.querySelector('[data-field="information_type"]').value`) == "" {
			b.fill("information_type", "Wr")
		}
	}
	b.fill("action.kind", "(1")
}

// signReport registers the report that is shown, by keyboard.
func (b *tab) signReport() {
	b.Helper()
	b.tabUntil(`[data-field="read_over.read_over"]`)
	b.keys(" ")
	b.tabUntil(`[data-field="read_over.admitted_correct"]`)
	b.keys(" ")
	b.tabUntil(`.action button[type=submit]`)
	b.press("Enter")
	b.see(".state", "registered")
	b.idle()
}

// finaliseReport gives the copy and locks the report, first with a wrong key.
func finaliseReport(b *tab) {
	b.Helper()
	b.forgive("status of 401")
	b.tabUntil(`[data-field="read_over.copy_given"]`)
	b.press("Enter")
	b.see(".good", "has got a copy")
	b.idle()
	for _, attempt := range []struct{ key, shows string }{{"not the key at all", "finalisation key again"}, {authKey, ""}} {
		if eval[bool](b, `!document.querySelector('.action:last-of-type').open`) {
			b.tabUntil(`.action:last-of-type summary`)
			b.press("Enter")
		}
		b.tabUntil(`.action input[type=password]`)
		b.selectAll()
		b.write(attempt.key)
		b.press("Enter")
		if attempt.shows != "" {
			b.see("#trouble", attempt.shows)
			b.idle()
		}
	}
	b.see(".state", "locked")
	b.idle()
}

// TestClerkLogic runs the tests of what the page does without a browser, with
// Node's own runner.
func TestClerkLogic(t *testing.T) {
	dir := t.TempDir()
	modules, err := filepath.Glob("../afirgen/clerk/page/*.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range append(modules, "../afirgen/clerk/testdata/model.test.js") {
		content, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(from)), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"type":"module"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), "node", "--test")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "# fail 0") || strings.Contains(string(out), "# pass 0") {
		t.Errorf("%v\n%s", err, out)
	}
}
