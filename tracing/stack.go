package tracing

import (
	"path"
	"runtime"
	"strconv"
	"strings"
)

// frame is one line of a stack: path is "package/path/file.go", so that no
// directory of the build machine shows.
type frame struct {
	path, label string
	line        int64
}

// frames makes the stack of x readable, innermost first, at most limit frames;
// dropped counts the others.
func (x *exception) frames(limit int) (fs []frame, dropped int) {
	if x.text != "" {
		fs = parseStack(x.text)
	} else {
		fs = symbolise(x.pcs)
	}
	if len(fs) > limit {
		return fs[:limit], len(fs) - limit + x.truncated
	}
	return fs, x.truncated
}

// symbolise drops what lies between the place of the error and the recording
// of it: the SDK's frames, those of an instrumented AWS client, and the
// runtime's in case of a panic.
func symbolise(pcs []uintptr) (fs []frame) {
	if len(pcs) == 0 {
		return nil
	}
	it := runtime.CallersFrames(pcs)
	leading := true
	for {
		f, more := it.Next()
		switch {
		case f.Function == "runtime.gopanic":
			fs, leading = nil, true
		case leading && (isOwn(f) || strings.HasPrefix(f.Function, "runtime.")):
		case f.Function != "":
			leading = false
			fs = append(fs, newFrame(f.Function, f.File, int64(f.Line)))
		}
		if !more {
			return fs
		}
	}
}

const (
	ownPackage = "github.com/roentgen/roentgen/tracing."
	ownAWS     = "github.com/roentgen/roentgen/tracing/awssdk."
)

func isOwn(f runtime.Frame) bool {
	if strings.HasSuffix(f.File, "_test.go") {
		return false
	}
	return strings.HasPrefix(f.Function, ownPackage) || strings.HasPrefix(f.Function, ownAWS) || strings.HasPrefix(f.Function, "github.com/aws/")
}

// newFrame splits "example.org/shop/cart.(*Cart).Add" after the package.
func newFrame(function, file string, line int64) frame {
	slash := strings.LastIndexByte(function, '/') + 1
	dot := strings.IndexByte(function[slash:], '.')
	if dot < 0 {
		return frame{path: path.Base(file), label: function, line: line}
	}
	pkg, label := function[:slash+dot], function[slash+dot+1:]
	return frame{path: pkg + "/" + path.Base(file), label: label, line: line}
}

// parseStack reads the text of runtime/debug.Stack: a line with the function,
// then a tab, the file, a colon and the line number.
func parseStack(text string) (fs []frame) {
	function := ""
	for line := range strings.SplitSeq(text, "\n") {
		place, indented := strings.CutPrefix(line, "\t")
		if !indented {
			function = strings.TrimPrefix(line, "created by ")
			if i := strings.LastIndexByte(function, '('); i > 0 {
				function = function[:i]
			}
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		i := strings.LastIndexByte(place, ':')
		if i < 0 || function == "" {
			continue
		}
		n, _ := strconv.ParseInt(place[i+1:], 10, 64)
		fs = append(fs, newFrame(function, place[:i], n))
	}
	return fs
}
