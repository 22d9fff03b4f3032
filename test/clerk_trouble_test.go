package test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

func testClerkWrongKey(t *testing.T, a *afirgen) {
	b := openTab(t, a.server, 1280, 800)
	b.base = "http://" + a.backend
	b.forgive("status of 401")
	b.open("#new")
	b.see("dialog[open]", "API key")
	b.write("not the key")
	b.press("Enter")
	b.see("dialog[open]", "not accepted")
	b.write("कुंजी")
	b.press("Enter")
	b.see("dialog[open]", "not accepted")
	b.wait("it is asked for again", `document.querySelector('dialog[open] input').value === ''`)
	b.write(apiKey)
	b.press("Enter")
	b.see("#status", "The key is accepted")
	b.idle()
	b.press("e")
	b.write(complaintText)
	eval[bool](b, `sessionStorage.setItem('afirgen.key', 'withdrawn') ?? true`)
	b.ctrlEnter()
	b.see("dialog[open]", "not accepted")
	b.press("Escape")
	b.see("#trouble", "Enter the key of your station")
	b.wait("the text is still there", `document.querySelector('textarea').value === `+quote(complaintText))
	b.click("#trouble button.main", "")
	b.see("dialog[open]", "not accepted")
	b.write(apiKey)
	b.press("Enter")
	b.reviewed(1)
	if strings.Contains(b.hash(), apiKey) {
		t.Errorf("the key stands in the address: %s", b.hash())
	}
}

func testClerkSecondWindow(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	b.forgive("status of 409")
	b.fileTyped(complaintText)
	b.press("a")
	b.reviewed(2)
	b.press("e")
	b.selectAll()
	b.write("A summary that is not sent yet.")
	session := strings.TrimPrefix(b.hash(), "#session=")
	status, _, body := a.do(t, a.request(t, http.MethodPost, "/validate", "application/json",
		strings.NewReader(fmt.Sprintf(`{"session_id":%q,"approved":true}`, session))))
	if status != http.StatusOK {
		t.Fatalf("approve elsewhere: %d %s", status, body)
	}
	b.ctrlEnter()
	b.reviewed(3)
	b.see("#status", "changed elsewhere")
	if kept := eval[bool](b, `Object.values(sessionStorage).includes('A summary that is not sent yet.')`); !kept {
		t.Error("the text that was not sent is lost")
	}
}

// fileTyped files a typed complaint and waits for its first review.
func (b *tab) fileTyped(text string) {
	b.Helper()
	b.press("e")
	b.write(text)
	b.ctrlEnter()
	b.reviewed(1)
}

// between is a way to the backend that can be cut, slowed and lied on.
type between struct {
	*httptest.Server
	backend string                                                        // http://host:port
	fault   atomic.Pointer[func(http.ResponseWriter, *http.Request) bool] // true when it has answered
}

func newBetween(t *testing.T, a *afirgen) *between {
	t.Helper()
	target, err := url.Parse("http://" + a.backend)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = &http.Transport{DisableKeepAlives: true}
	proxy.ErrorLog = nil
	w := &between{backend: target.String()}
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if fault := w.fault.Load(); fault != nil && (*fault)(rw, r) {
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	t.Cleanup(w.Close)
	return w
}

func (w *between) with(fault func(http.ResponseWriter, *http.Request) bool) { w.fault.Store(&fault) }

// cut closes the connection without an answer.
func cut(w http.ResponseWriter, _ *http.Request) bool {
	panic(http.ErrAbortHandler)
}

// TestClerkTrouble has the server go away in the middle of a step, lose an
// answer, ask for patience, and be slow.
func TestClerkTrouble(t *testing.T) {
	a := startAFIRGen(t, "0")
	w := newBetween(t, a)
	b := openTab(t, a.server, 1280, 800)
	b.base = w.URL
	b.forgive("net::ERR")
	b.forgive("status of 429")
	b.forgive("status of 503")
	b.forgive("status of 404")
	b.enterClerk(apiKey)
	b.fileTyped(complaintText)

	w.with(cut)
	b.press("a")
	b.see("#trouble", "server does not answer")
	b.idle()
	b.wait("the trouble has the focus", `document.activeElement.closest('#trouble') !== null`)
	w.fault.Store(nil)
	b.click("#trouble button.main", "Try again")
	b.reviewed(2)

	// The work is done, and its answer lost: the page finds out.
	w.with(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/validate" {
			return false
		}
		w.fault.Store(nil)
		req, err := http.NewRequestWithContext(r.Context(), r.Method, "http://"+a.backend+r.URL.Path, r.Body)
		if err != nil {
			panic(err)
		}
		req.Header = r.Header.Clone()
		resp, err := client.Do(req)
		if err != nil {
			panic(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		// An answer that has begun: the browser would repeat a request that had none.
		rw.WriteHeader(resp.StatusCode)
		http.NewResponseController(rw).Flush()
		return cut(rw, r)
	})
	b.press("a")
	b.reviewed(3)
	b.see("#status", "the server had done it")

	testClerkUnfinished(b, w)

	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		w.with(func(rw http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/validate" {
				return false
			}
			w.fault.Store(nil)
			rw.Header().Set("Retry-After", "2")
			rw.Header().Set("X-Request-Id", "request-of-the-test")
			rw.Header().Set("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
			rw.WriteHeader(status)
			io.WriteString(rw, `{"detail":"too much at once","error_type":"overloaded"}`)
			return true
		})
		b.press("a")
		for _, shown := range []string{"too much at once", "Try again in", "request-of-the-test", "1-5759e988-bd862e3fe1be46a994272793"} {
			b.see("#trouble", shown)
		}
		b.wait("it may be tried again", `document.querySelector('#trouble button.main:not(:disabled)') !== null`)
		if status == http.StatusTooManyRequests {
			b.click("#trouble button", "Dismiss")
			b.gone("#trouble", "")
			b.idle()
			continue
		}
		b.click("#trouble button.main", "Try again")
		b.reviewed(4)
	}

	testClerkWaiting(b, w)
	testClerkOffline(b, w)

	released := make(chan struct{})
	w.with(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/validate" {
			return false
		}
		io.Copy(io.Discard, r.Body) // before, a server does not notice that its caller goes
		select {
		case <-r.Context().Done():
		case <-time.After(patience):
		}
		close(released)
		return true
	})
	b.press("a")
	b.see("#status", "The report is being made")
	b.wait("cancelling has the focus", `document.activeElement.textContent === 'Cancel'`)
	b.press("Enter")
	b.see("#status", "Cancelled")
	b.idle()
	<-released
	w.fault.Store(nil)
	b.see("h1", "Review 4 of 5")
	b.press("a")
	b.reviewed(5)

	w.with(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/validate" {
			return false
		}
		rw.WriteHeader(http.StatusNotFound)
		io.WriteString(rw, `{"detail":"the session has expired: file the complaint again","error_type":"session_expired"}`)
		return true
	})
	b.press("a")
	b.see("#trouble", "put into the form for you")
	b.idle()
	b.click("#trouble button.main", "New complaint")
	b.wait("the complaint is in the form again", `document.querySelector('textarea')?.value === `+quote(complaintText))
}

// testClerkUnfinished has two checks not come to an end, which must be said
// loudly, and adds a section by hand.
func testClerkUnfinished(b *tab, w *between) {
	b.Helper()
	id := strings.TrimPrefix(b.hash(), "#session=")
	w.with(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/session/"+id {
			return false
		}
		w.fault.Store(nil)
		req, err := http.NewRequestWithContext(r.Context(), r.Method, w.backend+r.URL.Path, nil)
		if err != nil {
			panic(err)
		}
		req.Header = r.Header.Clone()
		req.Header.Del("Accept-Encoding")
		resp, err := client.Do(req)
		if err != nil {
			panic(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			panic(err)
		}
		rw.Header().Set("Content-Type", "application/json")
		io.WriteString(rw, strings.NewReplacer(`"checks_failed":0`, `"checks_failed":2`, `"checks_timed_out":0`, `"checks_timed_out":1`).Replace(string(body)))
		return true
	})
	b.do("load the page anew", reload())
	b.reviewed(3)
	b.see(".warn", "3 checks did not finish")
	b.press("e")
	b.press("Enter")
	b.see("details[open].adding", "Section")
	b.tabUntil(`.adding [placeholder="303"]`)
	b.write("324")
	b.press("Tab")
	b.write("(4)")
	b.press("Tab")
	b.write("Mischief causing loss <b>of</b> property")
	b.press("Enter")
	b.see("tr", "Mischief causing loss <b>of</b> property")
	b.see("tr", "entered by hand")
	b.idle()
}

// testClerkWaiting looks at a session that somebody else has set to work.
func testClerkWaiting(b *tab, w *between) {
	b.Helper()
	id := strings.TrimPrefix(b.hash(), "#session=")
	w.with(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != "/session/"+id {
			return false
		}
		w.fault.Store(nil)
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(rw, `{"session_id":%q,"status":"processing","current_step":"","version":9,"steps":[],"content":{}}`, id)
		return true
	})
	b.do("load the page anew", reload())
	b.see("h1", "being worked on")
	b.reviewed(4)
}

// testClerkOffline takes the network away.
func testClerkOffline(b *tab, w *between) {
	b.Helper()
	offline := func(is bool) {
		b.do("switch the network", command(network.OverrideNetworkState, network.OverrideNetworkStateParams{
			Offline: is, DownloadThroughput: -1, UploadThroughput: -1,
		}))
		w.fault.Store(nil)
		if is {
			w.with(cut)
		}
	}
	offline(true)
	b.see("#status", "has no network")
	b.press("e")
	b.selectAll()
	b.write("A narrative that was written without a network.")
	b.click("#save", "")
	b.see("#trouble", "There is no network")
	b.idle()
	offline(false)
	b.see("#status", "network is there again")
	b.click("#trouble button.main", "Try again")
	b.see("#status", "The changes are saved")
	b.idle()
	if text := eval[string](b, `document.querySelector('textarea').value`); text != "A narrative that was written without a network." {
		b.Errorf("the narrative is %q", text)
	}
}

func testClerkProblems(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	b.forgive("status of 422")
	b.fileTyped(complaintText)
	for n := 2; n <= 5; n++ {
		b.press("a")
		b.reviewed(n)
	}
	b.see(".missing", "Still missing")
	b.click(".missing button", "informant's name")
	b.wait("the name has the focus", `document.activeElement.dataset.field === 'complainant.name'`)
	b.write("Asha Verma")
	b.ctrlEnter()
	b.see("#trouble", "form_incomplete")
	b.idle()
	b.click("#trouble a", "day it happened")
	b.wait("the day has the focus", `document.activeElement.dataset.field === 'occurrence.date_from'`)
	if invalid := eval[string](b, `document.activeElement.getAttribute('aria-invalid')`); invalid != "true" {
		t.Errorf("aria-invalid of the missing day is %q", invalid)
	}
	if name := eval[string](b, `document.querySelector('[data-field="complainant.name"]').value`); name != "Asha Verma" {
		t.Errorf("the name that was entered has become %q", name)
	}
	if wide := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
		t.Errorf("the page is %v px wider than the window", wide)
	}
}

// draft brings a complaint to its final review, as a script does.
func (a *afirgen) draft(t *testing.T) {
	t.Helper()
	status, _, body := a.do(t, a.request(t, http.MethodPost, "/process", "application/json", jsonBody(complaintText)))
	for range 4 {
		var session struct {
			ID string `json:"session_id"`
		}
		if err := json.Unmarshal([]byte(body), &session); status != http.StatusOK || err != nil {
			t.Fatalf("draft a report: %d %s", status, body)
		}
		status, _, body = a.do(t, a.request(t, http.MethodPost, "/validate", "application/json",
			strings.NewReader(fmt.Sprintf(`{"session_id":%q,"approved":true}`, session.ID))))
	}
	if status != http.StatusOK {
		t.Fatalf("draft a report: %d %s", status, body)
	}
}

func testClerkList(t *testing.T, a *afirgen) {
	for range 21 {
		a.draft(t)
	}
	b := clerkTab(t, a, 1280, 800)
	b.press("l")
	b.see("h1", "Reports")
	b.see("caption", "reports, the newest first")
	b.idle()
	first := `document.querySelector('tbody a').textContent`
	number := eval[string](b, first)
	b.click("button", "Older")
	b.wait("the next page is shown", first+` !== `+quote(number))
	b.idle()
	b.click("button", "Newer")
	b.wait("the first page is shown", first+` === `+quote(number))
	b.idle()
	b.click("tbody a", number)
	b.see("h1", "Report "+number)
	b.idle()
	b.press("l")
	b.see("#narrow", "")
	b.idle()
	b.tabUntil("#narrow")
	b.keys("laps")
	b.see(".note", "No report has this status")
	b.idle()
	b.forgive("status of 404")
	b.open("#fir=KTW/9999/2020")
	b.see("#trouble", "Check the number")
}
