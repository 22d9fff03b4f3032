package test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience bounds each wait for something to appear in the browser.
const patience = 20 * time.Second

// chromium is the one browser of a test run: started by the first test that
// wants it, stopped by TestMain.
var chromium struct {
	once sync.Once
	ctx  context.Context
	stop func()
	err  error
}

// chromiumFlags keep the browser to itself: no window, no network of its own.
var chromiumFlags = append(chromedp.DefaultExecAllocatorOptions[:],
	chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
	chromedp.Flag("disable-background-networking", true),
	chromedp.Flag("disable-component-update", true),
	chromedp.Flag("disable-sync", true),
	chromedp.Flag("lang", "en-GB"),
	chromedp.Env("TZ=UTC", "LANG=en_GB.UTF-8"),
)

func startChromium() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		chromium.err = fmt.Errorf("the tests of the console need Chromium, which make test installs (Debian's package chromium): %w", err)
		return
	}
	dir := filepath.Join(bin, "chromium")
	allocated, free := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromiumFlags), chromedp.ExecPath(path), chromedp.UserDataDir(dir))...)
	ctx, cancel := chromedp.NewContext(allocated)
	chromium.ctx = ctx
	chromium.stop = func() {
		// Cancel waits until the browser has ended and its goroutines with it.
		if err := chromedp.Cancel(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "stop Chromium:", err)
		}
		cancel()
		free()
	}
	chromium.err = chromedp.Do(ctx)
}

// stopChromium ends the browser if a test has started it.
func stopChromium() {
	if chromium.stop != nil {
		chromium.stop()
	}
}

// tab is a page in a browser context of its own: no cookie or setting of
// another test.
type tab struct {
	*testing.T
	ctx  context.Context
	base string // http://host:port of the server

	mu       sync.Mutex
	problems []string // what the page complained of: exceptions, and errors in its log
	forgiven []string // parts of problems that the test brings about itself
}

// openTab opens an empty tab of the size in CSS pixels. What the page
// complains of fails the test.
func openTab(t *testing.T, s *server, width, height int64) *tab {
	t.Helper()
	chromium.once.Do(startChromium)
	if chromium.err != nil {
		t.Fatal(chromium.err)
	}
	ctx, cancel := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext())
	b := &tab{T: t, ctx: ctx, base: s.HTTP}
	var listening sync.WaitGroup
	t.Cleanup(func() {
		b.complain()
		cancel()
		listening.Wait()
	})
	// The context of the first call is the tab's life, so it has no bound.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	b.do("set the tab up", chromedp.EmulateViewport(width, height),
		command(log.Enable, cdp.Empty{}),
		command(emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "UTC"}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
		}))
	exceptions, entries := chromedp.Events(ctx, runtime.ExceptionThrown), chromedp.Events(ctx, log.EntryAdded)
	listening.Go(func() { b.hearExceptions(exceptions) })
	listening.Go(func() { b.hearEntries(entries) })
	return b
}

// command makes an action of a command of the browser's protocol.
func command[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

func (b *tab) hearExceptions(events iter.Seq2[runtime.EventExceptionThrown, error]) {
	for e, err := range events {
		if err != nil {
			return // the tab is closed
		}
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.note("exception: " + text)
	}
}

func (b *tab) hearEntries(events iter.Seq2[log.EventEntryAdded, error]) {
	for e, err := range events {
		if err != nil {
			return // the tab is closed
		}
		if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity {
			b.note(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func (b *tab) note(problem string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, problem)
}

// forgive lets a problem pass that holds the text.
func (b *tab) forgive(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgiven = append(b.forgiven, text)
}

func (b *tab) complain() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		if !slices.ContainsFunc(b.forgiven, func(f string) bool { return strings.Contains(p, f) }) {
			b.Errorf("the page complains: %s", p)
		}
	}
}

// do runs actions within patience; when they cannot be done it says what the
// page shows.
func (b *tab) do(what string, actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.fail(what, err)
	}
}

// try runs one action within patience and returns its value.
func try[T any](b *tab, action chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, action)
}

func (b *tab) fail(what string, err error) {
	b.Helper()
	text, seen := try(b, chromedp.Evaluate[string](`location.href + " shows:\n" + document.body.innerText`))
	if seen != nil {
		text = seen.Error()
	}
	b.Fatalf("%s: %v\n%s\nscreenshot: %s", what, err, text, b.keep())
}

// keep leaves a screenshot of a failure for people and says where.
func (b *tab) keep() string {
	image, err := try(b, chromedp.CaptureScreenshot())
	if err != nil {
		return err.Error()
	}
	f, err := os.CreateTemp("", "roentgen-console-*.png")
	if err != nil {
		return err.Error()
	}
	_, err = f.Write(image)
	if err := errors.Join(err, f.Close()); err != nil {
		return err.Error()
	}
	return f.Name()
}

func navigate(url string) chromedp.Action[chromedp.Void] { return chromedp.Navigate(url) }

func goBack() chromedp.Action[chromedp.Void] { return chromedp.NavigateBack() }

func clickAt(at spot) chromedp.Action[chromedp.Void] { return chromedp.MouseClickXY(at.X, at.Y) }

func moveMouse(x, y float64) chromedp.Action[chromedp.Void] {
	return chromedp.MouseEvent(chromedp.MouseMoved, x, y)
}

func reload() chromedp.Action[chromedp.Void] { return chromedp.Reload() }

// open loads the console anew at a place, like "#/traces": from an empty
// page, as a change after the # alone loads nothing.
func (b *tab) open(place string) {
	b.Helper()
	b.do("open "+place, chromedp.Navigate("about:blank"), chromedp.Navigate(b.base+"/"+place))
	b.wait("the shell stands", `document.querySelector('main') !== null`)
}

// wait waits until a JavaScript condition holds.
func (b *tab) wait(what, condition string) {
	b.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		// Asked from here: the page's own policy forbids it to evaluate text.
		holds, err := try(b, chromedp.Evaluate[bool](`Boolean(`+condition+`)`))
		switch {
		case holds:
			return
		case err != nil && b.ctx.Err() != nil:
			b.Fatalf("wait until %s: the browser has ended: %v", what, err)
		case time.Now().After(end):
			b.fail("wait until "+what, errors.Join(errors.New("it did not come to that in "+patience.String()), err))
		}
	}
}

// eval returns the value of an expression; a promise is awaited.
func eval[T any](b *tab, expression string) T {
	b.Helper()
	await := true
	value, err := try(b, chromedp.Evaluate[T](expression, func(p *runtime.EvaluateParams) { p.AwaitPromise = &await }))
	if err != nil {
		b.fail("evaluate "+expression, err)
	}
	return value
}

// quote writes a text as JavaScript.
func quote(text string) string {
	b, _ := json.Marshal(text) // a string always encodes
	return string(b)
}

// lookup is JavaScript for the first visible element of a CSS selector whose
// accessible name or text holds a text; any for "".
func lookup(selector, text string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.getClientRects().length > 0 &&
		((e.getAttribute('aria-label') ?? '') + ' ' + e.textContent).includes(%s))`, quote(selector), quote(text))
}

// see waits for an element and returns its text.
func (b *tab) see(selector, text string) string {
	b.Helper()
	b.wait(fmt.Sprintf("%s shows %q", selector, text), lookup(selector, text)+` !== undefined`)
	return eval[string](b, `(`+lookup(selector, text)+` ?? document.body).textContent`)
}

// gone waits until there is no such element.
func (b *tab) gone(selector, text string) {
	b.Helper()
	b.wait(fmt.Sprintf("%s with %q is gone", selector, text), lookup(selector, text)+` === undefined`)
}

// spot is a point in CSS pixels from the top left of the page.
type spot struct{ X, Y float64 }

// middle waits until an element stands still, and returns its middle.
func (b *tab) middle(selector, text string) spot {
	b.Helper()
	b.see(selector, text)
	return eval[spot](b, `(async () => {
		const e = `+lookup(selector, text)+`;
		e.scrollIntoView({block: 'nearest', inline: 'nearest'});
		const frame = () => new Promise(requestAnimationFrame);
		let last = '';
		for (let i = 0; i < 300; i++) {
			const r = e.getBoundingClientRect();
			const now = [r.x, r.y, r.width, r.height].join();
			if (now === last) return {X: r.x + r.width / 2, Y: r.y + r.height / 2};
			last = now;
			await frame(); await frame();
		}
		throw new Error('it does not stand still');
	})()`)
}

// click presses the mouse in the middle of an element.
func (b *tab) click(selector, text string) {
	b.Helper()
	at := b.middle(selector, text)
	b.do(fmt.Sprintf("click %s %q", selector, text), chromedp.MouseClickXY(at.X, at.Y))
}

// drag presses at one spot, moves in steps, and lets go at another.
func (b *tab) drag(from, to spot) {
	b.Helper()
	b.do("drag", chromedp.DragAndDropXY(from.X, from.Y, to.X, to.Y, 8))
}

// write puts text where the cursor is, as typing does.
func (b *tab) write(text string) {
	b.Helper()
	b.do("write "+text, command(input.InsertText, input.InsertTextParams{Text: text}))
}

// press strikes keys one after the other: letters, or names like Enter. A
// page that takes a letter for a command keeps it from being written.
func (b *tab) press(keys ...string) {
	b.Helper()
	names := map[string]string{
		"Enter": kb.Enter, "Escape": kb.Escape, "Tab": kb.Tab, "ArrowDown": kb.ArrowDown, "ArrowUp": kb.ArrowUp,
		"ArrowLeft": kb.ArrowLeft, "ArrowRight": kb.ArrowRight, "Home": kb.Home, "End": kb.End,
	}
	for _, k := range keys {
		if named, ok := names[k]; ok {
			b.do("press "+k, chromedp.KeyEvent(named))
			continue
		}
		b.do("press "+k,
			command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: k, Text: k}),
			command(input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: k}))
	}
}

// selectAll marks everything in the focused field.
func (b *tab) selectAll() {
	b.Helper()
	b.do("mark all", command(input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeKeyDown, Key: "a", Code: "KeyA", Modifiers: 2, Commands: []string{"selectAll"},
	}), command(input.DispatchKeyEvent, input.DispatchKeyEventParams{
		Type: input.DispatchKeyEventTypeKeyUp, Key: "a", Code: "KeyA", Modifiers: 2,
	}))
}

// hash is the place in the address.
func (b *tab) hash() string {
	b.Helper()
	return eval[string](b, `decodeURIComponent(location.hash)`)
}

// screenshot returns a PNG of what is seen.
func (b *tab) screenshot() []byte {
	b.Helper()
	image, err := try(b, chromedp.CaptureScreenshot())
	if err != nil {
		b.fail("take a screenshot", err)
	}
	return image
}
