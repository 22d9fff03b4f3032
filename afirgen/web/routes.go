package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/roentgen/roentgen/afirgen/contract"
)

// Route is one line of a service's API. Handle either writes an answer and returns nil, or writes nothing and returns
// why: WriteError answers then.
type Route struct {
	Method, Path string
	Handle       func(w http.ResponseWriter, r *http.Request) error
}

// Routes makes a mux of routes that says 404 and 405 as JSON like every other error.
func Routes(routes ...Route) *http.ServeMux {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, route := range routes {
		mux.HandleFunc(route.Method+" "+route.Path, handle(route.Handle))
		methods[route.Path] = append(methods[route.Path], route.Method)
	}
	for path, allowed := range methods {
		mux.HandleFunc(path, methodNotAllowed(allowed))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		WriteError(w, r, Fail(http.StatusNotFound, contract.NotFound, "there is nothing at this path"))
	})
	return mux
}

func handle(f func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := f(w, r); err != nil {
			WriteError(w, r, err)
		}
	}
}

func methodNotAllowed(allowed []string) http.HandlerFunc {
	slices.Sort(allowed)
	list := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", list)
		WriteError(w, r, Fail(http.StatusMethodNotAllowed, contract.MethodNotAllowed, "this path takes "+list))
	}
}
