// Package simd keeps a program that was built for a processor's newer instruction sets from running where they are
// missing, and says which they are.
//
// A C or C++ compiler that was told -march=x86-64-v3 uses AVX2 wherever it likes, in what runs before main too; without
// AVX2 that is a SIGILL, which explains nothing. Importing this package is enough: its guard runs before all that, and
// ends the program with a sentence and exit code 1. On other processors than x86-64 it guards nothing.
package simd

// extern const char *afirgen_simd_name(int i);
import "C"

import (
	"runtime"
	"strings"
)

// Built returns the instruction sets that the C code was built for: "SSE3, SSSE3, …, AVX2", or "baseline amd64".
func Built() string {
	var names []string
	for i := 0; ; i++ {
		name := C.afirgen_simd_name(C.int(i))
		if name == nil {
			break
		}
		names = append(names, C.GoString(name))
	}
	if len(names) == 0 {
		return "baseline " + runtime.GOARCH
	}
	return strings.Join(names, ", ")
}
