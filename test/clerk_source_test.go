package test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// choose puts a file into a file input, as the browser's own dialog does.
func (b *tab) choose(selector, path string) {
	b.Helper()
	full, err := filepath.Abs(path)
	if err != nil {
		b.Fatal(err)
	}
	b.do("choose "+path, chromedp.SetUploadFiles(selector, []string{full}))
}

func testClerkLetter(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	b.click("label", "Photograph or PDF")
	b.see("form", "at most 25 MB")
	eval[bool](b, `(() => {
		const files = new DataTransfer();
		files.items.add(new File(['GIF89a'], 'letter.gif', {type: 'image/gif'}));
		return document.querySelector('.drop').dispatchEvent(new DragEvent('drop', {dataTransfer: files, bubbles: true, cancelable: true}));
	})()`)
	b.see(".drop", "The file is of another type")
	b.choose("input[type=file]", "../afirgen/up/samples/letter.jpg")
	b.see("#chosen", "letter.jpg")
	b.wait("the photograph is shown", `document.querySelector('.preview img')?.naturalWidth > 0`)
	b.click("button", "File the complaint")
	b.reviewed(1)
	b.wait("the photograph stands beside its transcript", `document.querySelector('.source img')?.naturalWidth > 0`)
	read := eval[string](b, `document.querySelector('textarea').value`)
	if len(read) < 50 {
		t.Errorf("the transcript is %q", read)
	}
	b.press("e")
	b.selectAll()
	b.write(read + "\nI ask that it be looked into.")
	b.click("#save", "")
	b.see("#status", "The changes are saved")
	b.see("details", "As the machine read it")
	b.do("load the page anew", reload())
	b.see("h1", "Review 1 of 5")
	b.idle()
	b.see(".source", "choose it again")
	if got := eval[string](b, `document.querySelector('textarea').value`); !strings.HasSuffix(got, "I ask that it be looked into.") {
		t.Errorf("the corrected transcript is %q", got)
	}
	b.press("r")
	b.see("dialog[open]", "Send back with a note")
	b.write("The second line is hard to read.")
	b.click("dialog button.main", "")
	b.see("#status", "the note is kept")
	b.idle()
	b.press("a")
	b.reviewed(2)
	b.press("g")
	b.see("dialog[open]", "Make anew with a note")
	b.tabUntil("dialog textarea")
	b.write("Name the day.")
	b.click("dialog button.main", "")
	b.reviewed(2)
}

// spokenTab opens a tab in a browser of its own, whose microphone hears a WAV
// file.
func spokenTab(t *testing.T, a *afirgen, spoken string) *tab {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(slices.Clone(chromiumFlags), chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", spoken))
	allocated, free := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocated)
	b := &tab{T: t, ctx: ctx, base: "http://" + a.backend}
	var listening sync.WaitGroup
	t.Cleanup(func() {
		b.complain()
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("stop Chromium: %v", err)
		}
		cancel()
		listening.Wait()
		free()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.do("set the tab up", chromedp.EmulateViewport(1280, 800), command(log.Enable, cdp.Empty{}))
	exceptions, entries := chromedp.Events(ctx, runtime.ExceptionThrown), chromedp.Events(ctx, log.EntryAdded)
	listening.Go(func() { b.hearExceptions(exceptions) })
	listening.Go(func() { b.hearEntries(entries) })
	return b
}

// spokenComplaint has espeak-ng say a complaint.
func spokenComplaint(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "spoken.wav")
	say := exec.CommandContext(t.Context(), "espeak-ng", "-v", "en-us", "-s", "130", "-w", path,
		"My bicycle was stolen from the market last night. A man took the money and ran away.")
	if out, err := say.CombinedOutput(); err != nil {
		t.Fatalf("this test needs espeak-ng, which make test installs: %v\n%s", err, out)
	}
	return path
}

func testClerkRecorded(t *testing.T, a *afirgen) {
	b := spokenTab(t, a, spokenComplaint(t))
	b.enterClerk(apiKey)
	b.click("label", "Speech")
	b.see("#record", "Record")
	b.click("#record", "")
	b.see("#record", "Stop recording")
	b.wait("the voice is heard", `document.querySelector('meter').value > 0.1`)
	b.wait("six seconds are recorded", `/Recording: 0:0[6-9]/.test(document.querySelector('.recorder').textContent)`)
	b.click("#record", "")
	b.see("#chosen", "recording.wav")
	b.wait("it can be played back", `document.querySelector('.preview audio')?.duration > 5`)
	b.click("button", "File the complaint")
	b.reviewed(1)
	b.see(".warn", "The machine is not sure")
	b.wait("it can be heard beside its transcript", `document.querySelector('.source audio') !== null`)
	if heard := eval[string](b, `document.querySelector('textarea').value`); len(heard) < 10 {
		t.Errorf("the transcript is %q", heard)
	}
}

func testClerkReload(t *testing.T, a *afirgen) {
	b := clerkTab(t, a, 1280, 800)
	b.press("e")
	b.write("Somebody broke the window of my shop in the night of Monday.")
	b.do("load the page anew", reload())
	b.see("h1", "New complaint")
	b.wait("the text is there again", `document.querySelector('textarea').value.includes('window of my shop')`)
	b.click("#language", "")
	b.see("h1", "नई शिकायत")
	b.wait("the text is there in the other language", `document.querySelector('textarea').value.includes('window of my shop')`)
	b.click("#language", "")
	b.click("button", "Clear this computer")
	b.click("dialog button.main", "")
	b.see("#status", "Everything is removed")
	if left := eval[int](b, `sessionStorage.length`); left != 0 {
		t.Errorf("%d things are left in the browser", left)
	}
	if text := eval[string](b, `document.querySelector('textarea').value`); text != "" {
		t.Errorf("the text is still there: %q", text)
	}
}

func TestClerkPageIsLight(t *testing.T) {
	entries, err := os.ReadDir("../afirgen/clerk/page")
	if err != nil {
		t.Fatal(err)
	}
	a := &afirgen{server: startServer(t, t.TempDir()), logs: new(output)}
	a.backend = a.service(t, "0", "backend", "--database", "sqlite:"+filepath.Join(t.TempDir(), "afirgen.db"), "--archive", t.TempDir(),
		"--station-code", "KTW", "--station-name", "Kotwali", "--station-district", "Lucknow", "--station-state", "Uttar Pradesh")
	const budget = 60_000 // bytes, compressed
	sum := 0
	for _, e := range entries {
		path := "/app/" + e.Name()
		if e.Name() == "index.html" {
			path = "/"
		}
		req := a.request(t, "GET", path, "", nil)
		req.Header.Del("X-API-Key")
		req.Header.Set("Accept-Encoding", "gzip")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 || resp.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: status %d, encoding %q", path, resp.StatusCode, resp.Header.Get("Content-Encoding"))
		}
		if policy := resp.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: the content policy is %q", path, policy)
		}
		if e.Name() != "index.html" && strings.Contains(resp.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%s is loaded anew each time: Cache-Control is %q", path, resp.Header.Get("Cache-Control"))
		}
		sum += int(resp.ContentLength)
	}
	t.Logf("the page weighs %d bytes, compressed", sum)
	if sum > budget || sum < 10_000 {
		t.Errorf("the page weighs %d bytes, compressed; want at most %d", sum, budget)
	}
}
