package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"github.com/roentgen/roentgen/afirgen/tracetest"
)

// A tracer records what a panic says, so a panic says no word of a complaint.
func TestAPanicGoesOnWithoutItsWords(t *testing.T) {
	c := tracetest.Start(t)
	tr := c.Setup(t, "svc")
	for _, thrown := range []any{"Zubeida Quresh", fmt.Errorf("no Zubeida"), []string{"Zubeida"}} {
		got := func() (value any) {
			defer func() { value = recover() }()
			return tr.Segment(t.Context(), "", func(ctx context.Context) error {
				_, err := Do(ctx, "work", func(context.Context) (int, error) { panic(thrown) })
				return err
			})
		}()
		if want := fmt.Sprintf("a value of type %T", thrown); fmt.Sprint(got) != want {
			t.Errorf("%T went on as %v, want %q", thrown, got, want)
		}
	}
	c.Await(t, "svc")
	if bytes.Contains(c.Raw(), []byte("Zubeida")) {
		t.Errorf("the trace tells what a panic said:\n%s", c.Raw())
	}
}

func TestPanicsOfTheRuntimeAndOfHTTPPassUnchanged(t *testing.T) {
	for _, throw := range []func(){func() { panic(http.ErrAbortHandler) }, func() { _ = []int{}[len(t.Name())] }} {
		func() {
			defer func() {
				value := recover()
				_, ofRuntime := value.(runtime.Error)
				if value != http.ErrAbortHandler && !ofRuntime {
					t.Errorf("it went on as %v", value)
				}
			}()
			defer veilPanic()
			throw()
		}()
	}
}
