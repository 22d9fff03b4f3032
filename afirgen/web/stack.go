package web

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

// maxFrames bounds the stacks in metadata.
const maxFrames = 32

// callers returns the program counters of the stack from skip frames above its caller on.
func callers(skip int) []uintptr {
	pcs := make([]uintptr, maxFrames)
	return pcs[:runtime.Callers(2+skip, pcs)]
}

// stackText is one line per frame, innermost first: package/file.go:line and the function. No directory of the machine
// that built the program shows. What lies inside of a panic is left out, and so are the rooms around the route: every
// request has the same.
func stackText(pcs []uintptr) string {
	if len(pcs) == 0 {
		return ""
	}
	var lines []string
	frames := runtime.CallersFrames(pcs)
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			lines = nil
		case strings.HasPrefix(f.Function, "net/http.") && len(lines) > 0:
			return strings.Join(lines, "\n")
		case f.Function == "", len(lines) == 0 && strings.HasPrefix(f.Function, "runtime."):
		default:
			lines = append(lines, frameText(f))
		}
		if !more {
			return strings.Join(lines, "\n")
		}
	}
}

// frameText splits "example.org/shop/cart.(*Cart).Add" after the package.
func frameText(f runtime.Frame) string {
	slash := strings.LastIndexByte(f.Function, '/') + 1
	pkg, label, _ := strings.Cut(f.Function[slash:], ".")
	return f.Function[:slash] + pkg + "/" + path.Base(f.File) + ":" + strconv.Itoa(f.Line) + " " + label
}
