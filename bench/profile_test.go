package bench

import (
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

func TestARoomIsReadFromTheNameOfAFunction(t *testing.T) {
	for name, want := range map[string]string{
		module + "/store/block/chunk.(*Encoder).Trace":   "store/block/chunk",
		module + "/wire.(*Parser).Parse.func1":           "wire",
		module + ".ParseTraceID":                         "the root vocabulary",
		module + "/graph.merge[go.shape.struct { a.b }]": "graph",
		"main.run":              "cmd/roentgen",
		"runtime.mallocgc":      "",
		module + "x/wire.Parse": "",
	} {
		if got, ok := roomOfFunction(name); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %v; want %q", name, got, ok, want)
		}
	}
}

// aProfile has two rooms: wire, called by accept, and a collector.
func aProfile() []byte {
	var b []byte
	names := []string{"", "runtime.mallocgc", module + "/wire.Parse", module + "/accept.Accept", "runtime.gcBgMarkWorker", "internal/runtime/syscall.Syscall6"}
	for i, name := range names {
		b = appendText(b, profileStrings, name)
		if i == 0 {
			continue
		}
		id := uint64(i)
		b = appendBytes(b, profileFunction, appendVarint(appendVarint(nil, functionID, id), functionNameText, id))
		b = appendBytes(b, profileLocation, appendBytes(appendVarint(nil, locationID, id), locationLine, appendVarint(nil, lineFunction, id)))
	}
	add := func(ms uint64, stack ...uint64) {
		var locations []byte
		for _, at := range stack {
			locations = protowire.AppendVarint(locations, at)
		}
		values := protowire.AppendVarint(protowire.AppendVarint(nil, 1), ms*1e6)
		b = appendBytes(b, profileSample, appendBytes(appendBytes(nil, sampleLocations, locations), sampleValues, values))
	}
	add(30, 2, 3)
	add(10, 1, 2, 3)
	add(20, 5, 3)
	add(50, 4)
	return b
}

func TestSamplesCountForTheNearestRoom(t *testing.T) {
	p, err := parseProfile(aProfile())
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	got, want := p.byRoom(), []Share{{"garbage collector", 50 * ms, 0, 0}, {"wire", 40 * ms, 0, 10 * ms}, {"accept", 20 * ms, 20 * ms, 0}}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestAProfileOfThisProgramIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cpu")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		t.Fatal(err)
	}
	m := testModel(1000)
	var trace Trace
	for begin := time.Now(); time.Since(begin) < 200*time.Millisecond; {
		for i := range 1000 {
			m.Make(i, &trace)
		}
	}
	pprof.StopCPUProfile()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	shares, err := ByRoom(path)
	// The race detector, where it runs, takes more than the program.
	if err != nil || !slices.ContainsFunc(shares, func(s Share) bool { return s.Room == "bench" && s.Time > 0 }) {
		t.Errorf("%+v, %v", shares, err)
	}
	if err := os.WriteFile(path, []byte("no profile"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ByRoom(path); err == nil {
		t.Error("read what is no profile")
	}
}

func FuzzParseProfile(f *testing.F) {
	f.Add(aProfile())
	f.Add([]byte{0x12, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := parseProfile(b); err == nil {
			p.byRoom()
		}
	})
}
