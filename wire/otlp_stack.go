package wire

import (
	"bytes"
	"strconv"
)

// stackFrame is a line of a stack. It shares memory with the text.
type stackFrame struct {
	path, label []byte
	line        int
}

// stackPart is the stack of one exception in a chain; the first has neither
// kind nor message, which the event says.
type stackPart struct {
	kind, message []byte
	frames        []stackFrame
}

// parseStack reads the stack of an exception as the language prints it. Nil
// where the language is none of those known.
func parseStack(language string, text []byte) []stackPart {
	if len(text) == 0 {
		return nil
	}
	switch language {
	case "java":
		return javaStack(text)
	case "python":
		return pythonStack(text)
	case "nodejs", "webjs":
		return oneStack(text, nodeFrame)
	case "dotnet":
		return oneStack(text, dotnetFrame)
	case "php":
		return oneStack(text, phpFrame)
	case "go":
		return goStack(text)
	}
	return nil
}

// oneStack reads a stack of which every line is a frame or nothing.
func oneStack(text []byte, frame func(line []byte) (stackFrame, bool)) []stackPart {
	var part stackPart
	for line := range bytes.Lines(text) {
		if f, ok := frame(bytes.TrimSpace(line)); ok {
			part.frames = append(part.frames, f)
		}
	}
	return []stackPart{part}
}

// javaStack reads "at package.Class.method(File.java:12)" and, for causes,
// "Caused by: type: message".
func javaStack(text []byte) []stackPart {
	parts := []stackPart{{}}
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if rest, ok := bytes.CutPrefix(line, []byte("Caused by: ")); ok {
			if len(parts) > maxChain {
				break
			}
			kind, message, _ := bytes.Cut(rest, []byte(": "))
			parts = append(parts, stackPart{kind: kind, message: message})
			continue
		}
		if f, ok := javaFrame(line); ok {
			last := &parts[len(parts)-1]
			last.frames = append(last.frames, f)
		}
	}
	return parts
}

func javaFrame(line []byte) (f stackFrame, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("at "))
	if !ok {
		return f, false
	}
	label, place, _ := bytes.Cut(bytes.TrimSuffix(rest, []byte(")")), []byte("("))
	f.label = label
	f.path, f.line = splitLine(place)
	return f, true
}

// splitLine splits path:line; without a number all of it is the path.
func splitLine(place []byte) (path []byte, line int) {
	if i := bytes.LastIndexByte(place, ':'); i >= 0 {
		if n, err := strconv.Atoi(string(place[i+1:])); err == nil && n >= 0 {
			return place[:i], n
		}
	}
	return place, 0
}

// pythonStack reads `File "path", line 12, in label`. The call that failed
// stands last there, and first in a segment.
func pythonStack(text []byte) []stackPart {
	parts := oneStack(text, func(line []byte) (f stackFrame, ok bool) {
		rest, ok := bytes.CutPrefix(line, []byte(`File "`))
		if !ok {
			return f, false
		}
		f.path, rest, _ = bytes.Cut(rest, []byte(`", line `))
		number, label, _ := bytes.Cut(rest, []byte(", in "))
		f.line, _ = strconv.Atoi(string(number))
		f.line, f.label = max(0, f.line), label
		return f, true
	})
	frames := parts[0].frames
	for i, j := 0, len(frames)-1; i < j; i, j = i+1, j-1 {
		frames[i], frames[j] = frames[j], frames[i]
	}
	return parts
}

// nodeFrame reads "at label (path:12:34)" and "at path:12:34".
func nodeFrame(line []byte) (f stackFrame, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("at "))
	if !ok {
		return f, false
	}
	place := rest
	if i := bytes.LastIndex(rest, []byte(" (")); i >= 0 {
		f.label, place = rest[:i], bytes.TrimSuffix(rest[i+2:], []byte(")"))
	}
	f.path, f.line = splitLine(place)
	if path, line := splitLine(f.path); line > 0 { // what was split off was the column
		f.path, f.line = path, line
	}
	return f, true
}

// dotnetFrame reads "at Namespace.Class.Method(String x) in path:line 12".
func dotnetFrame(line []byte) (f stackFrame, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte("at "))
	if !ok {
		return f, false
	}
	label, place, _ := bytes.Cut(rest, []byte(") in "))
	if len(place) > 0 {
		label = rest[:len(label)+1]
	}
	path, number, _ := bytes.Cut(place, []byte(":line "))
	f.label, f.path = label, path
	f.line, _ = strconv.Atoi(string(number))
	f.line = max(0, f.line)
	return f, true
}

// phpFrame reads "#0 path(12): label", and what SDKs write, as Java has it.
func phpFrame(line []byte) (f stackFrame, ok bool) {
	if f, ok := javaFrame(line); ok {
		return f, true
	}
	if len(line) == 0 || line[0] != '#' {
		return f, false
	}
	_, rest, _ := bytes.Cut(line, []byte(" "))
	place, label, found := bytes.Cut(rest, []byte("): "))
	if !found {
		return stackFrame{label: rest}, len(rest) > 0
	}
	f.label = label
	if i := bytes.LastIndexByte(place, '('); i >= 0 {
		f.line, _ = strconv.Atoi(string(place[i+1:]))
		place = place[:i]
	}
	f.path, f.line = place, max(0, f.line)
	return f, true
}

// goStack reads pairs of lines: "package.Func(0x1, 0x2)" and "\tpath:12 +0x3".
func goStack(text []byte) []stackPart {
	var part stackPart
	var label []byte
	for line := range bytes.Lines(text) {
		if len(line) > 0 && line[0] == '\t' && label != nil {
			place, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(" +0x"))
			f := stackFrame{label: label}
			f.path, f.line = splitLine(place)
			part.frames, label = append(part.frames, f), nil
			continue
		}
		label = nil
		line = bytes.TrimSpace(line)
		if bytes.HasPrefix(line, []byte("goroutine ")) || len(line) == 0 {
			continue
		}
		label = line
		if i := bytes.LastIndexByte(line, '('); i > 0 {
			label = line[:i]
		}
	}
	return []stackPart{part}
}
