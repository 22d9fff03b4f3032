package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// printFiles writes a line for each file, or all about one.
func printFiles(s *screen, all []storedFile, single bool) error {
	if single && len(all) == 1 && all[0].Block != nil && len(all[0].Block.Parts) > 0 {
		all[0].printBlock(s)
		return nil
	}
	t := table{columns: []column{{title: "FILE", least: 20}, {title: "WHAT"}, {title: "BYTES", right: true}, {title: "IN IT", least: 20}}}
	for _, f := range all {
		what := string(f.Kind)
		if f.Aside {
			what += ", set aside"
		}
		t.add(cell{f.name, plain}, cell{what, plain}, cell{grouped(f.Bytes), plain}, cell{f.says(), plain})
		if f.Problem != "" {
			t.note(f.Problem, faults)
		} else {
			t.note(f.Note, faint)
		}
	}
	t.print(s)
	for _, f := range all {
		for _, where := range f.Trace {
			fmt.Fprintf(s.w, "%s: %s\n", f.Path, where)
		}
	}
	return nil
}

// says is a file in one line.
func (f *storedFile) says() string {
	switch {
	case f.Manifest != nil:
		return fmt.Sprintf("program %s, layout %d, store %s", f.Manifest.Program, f.Manifest.Layout, f.Manifest.Store)
	case f.Log != nil:
		return fmt.Sprintf("%s records%s, begun %s", grouped(f.Log.Records), ofLog(f.Path), moment(f.Log.Created))
	case f.Block != nil:
		b := f.Block
		return fmt.Sprintf("%s traces of %s bytes, %s to %s", grouped(int64(b.Traces)), grouped(f.Bytes/int64(max(1, b.Traces))), moment(b.First), moment(b.Last))
	}
	return ""
}

// ofLog says what the records of a log are, by the folder that the file is in.
func ofLog(path string) string {
	switch dir := filepath.Base(filepath.Dir(path)); {
	case holdsDocuments(path):
		return " of documents"
	case dir == "catalogue":
		return " of blocks"
	case dir == "state":
		return " of rules and groups"
	}
	return ""
}

// printBlock writes all that is known of a block.
func (f *storedFile) printBlock(s *screen) {
	b := f.Block
	fmt.Fprintf(s.w, "%s  block %d, level %d, made %s\n", s.paint(bold, f.Path), b.Number, b.Level, moment(b.Created))
	if f.Problem != "" {
		fmt.Fprintln(s.w, s.paint(faults, f.Problem))
	}
	fmt.Fprintf(s.w, "\ntraces     %s, %s of them failing\n", grouped(int64(b.Traces)), grouped(int64(b.Failing)))
	fmt.Fprintf(s.w, "started    %s to %s\n", moment(b.First), moment(b.Last))
	fmt.Fprintf(s.w, "arrived    until %s\n", moment(b.Updated))
	fmt.Fprintf(s.w, "documents  %s, %s of them superseded, %s bytes\n", grouped(int64(b.Revision)), grouped(int64(b.Revision-b.Documents)), grouped(b.DocumentSize))
	fmt.Fprintf(s.w, "spans      %s\n", grouped(int64(b.Spans)))
	fmt.Fprintf(s.w, "file       %s bytes: %s a trace, %s a document, %s a span, %s of the documents\n\n", grouped(f.Bytes),
		each(f.Bytes, b.Traces), each(f.Bytes, b.Revision), each(f.Bytes, b.Spans), share(f.Bytes, b.DocumentSize))
	t := table{columns: []column{{title: "PART"}, {title: "OFFSET", right: true}, {title: "BYTES", right: true}, {title: "DECOMPRESSED", right: true}, {title: "SHARE", right: true}, {title: "A TRACE", right: true}}}
	for _, p := range b.Parts {
		name := p.Name
		if name == "chunks" {
			name = fmt.Sprintf("%d chunks", b.Chunks)
		}
		t.add(cell{name, plain}, cell{grouped(p.Offset), plain}, cell{grouped(p.Bytes), plain}, cell{grouped(p.Raw), plain},
			cell{share(p.Bytes, f.Bytes), plain}, cell{each(p.Bytes, b.Traces), plain})
	}
	t.print(s)
}

// each is a size for each of so many.
func each(bytes int64, of int) string {
	return strconv.FormatFloat(float64(bytes)/float64(max(1, of)), 'f', 1, 64)
}

// moment writes a time as people of all zones read it.
func moment(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}

// grouped writes a number with its digits in groups of three.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
