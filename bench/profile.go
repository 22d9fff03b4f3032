package bench

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Share is the processor time that a room took by itself, without what it
// asked other rooms to do.
type Share struct {
	Room   string        `json:"room"`
	Time   time.Duration `json:"ns"`
	Kernel time.Duration `json:"kernel_ns"` // of Time, in system calls
	Memory time.Duration `json:"memory_ns"` // of Time, in finding memory
}

// module is where the rooms' import paths begin.
const module = "github.com/roentgen/roentgen"

// maxProfile bounds an unpacked profile, in bytes.
const maxProfile = 256 << 20

// ByRoom reads a CPU profile that `roentgen serve --cpu-profile` wrote. Each
// sample counts for the room whose function is nearest to where the processor
// was; what no room asked for stands under what the runtime or a library did.
// The rooms come in the order of their time.
func ByRoom(path string) ([]Share, error) {
	packed, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the profile: %w", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack the profile %s: %w", path, err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxProfile))
	if err != nil {
		return nil, fmt.Errorf("unpack the profile %s: %w", path, err)
	}
	p, err := parseProfile(text)
	if err != nil {
		return nil, fmt.Errorf("read the profile %s: %w", path, err)
	}
	return p.byRoom(), nil
}

func (p *profile) byRoom() []Share {
	rooms := map[string]*Share{}
	for _, s := range p.samples {
		name, inner := p.roomOf(s.stack)
		share := rooms[name]
		if share == nil {
			share = &Share{Room: name}
			rooms[name] = share
		}
		share.Time += s.took
		switch {
		case slices.ContainsFunc(inner, isKernel):
			share.Kernel += s.took
		case slices.ContainsFunc(inner, isMemory):
			share.Memory += s.took
		}
	}
	var shares []Share
	for _, s := range rooms {
		shares = append(shares, *s)
	}
	slices.SortFunc(shares, func(a, b Share) int { return cmp.Or(cmp.Compare(b.Time, a.Time), strings.Compare(a.Room, b.Room)) })
	return shares
}

// roomOf returns the room of a stack, and the functions below it, innermost
// first.
func (p *profile) roomOf(stack []uint64) (room string, inner []string) {
	for _, at := range stack {
		for _, function := range p.locations[at] {
			name := p.names[function]
			if room, ok := roomOfFunction(name); ok {
				return room, inner
			}
			inner = append(inner, name)
		}
	}
	return strangerOf(inner), inner
}

// roomOfFunction reads the room from a name like
// github.com/roentgen/roentgen/store/block/chunk.(*Encoder).Trace.
func roomOfFunction(name string) (string, bool) {
	name, _, _ = strings.Cut(name, "[") // of a generic function
	if strings.HasPrefix(name, "main.") {
		return "cmd/roentgen", true
	}
	rest, ok := strings.CutPrefix(name, module)
	if !ok || rest == "" {
		return "", false
	}
	if rest[0] == '.' {
		return "the root vocabulary", true
	}
	dir, last := "", rest[1:]
	if i := strings.LastIndexByte(last, '/'); i >= 0 {
		dir, last = last[:i+1], last[i+1:]
	}
	last, _, _ = strings.Cut(last, ".")
	return dir + last, rest[0] == '/'
}

// strangerOf names what no room asked for, by the outermost function that tells.
func strangerOf(stack []string) string {
	has := func(parts ...string) bool {
		return slices.ContainsFunc(stack, func(name string) bool {
			return slices.ContainsFunc(parts, func(part string) bool { return strings.HasPrefix(name, part) })
		})
	}
	switch {
	case has("runtime.gcBgMarkWorker", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcStart"):
		return "garbage collector"
	case has("net/http.", "golang.org/x/net/http2.", "net/http/internal"):
		return "net/http"
	case has("google.golang.org/grpc"):
		return "grpc"
	case has("runtime.mcall", "runtime.schedule", "runtime.mstart", "runtime.goexit0", "runtime.park_m", "runtime.sysmon"):
		return "scheduler"
	}
	return "others"
}

func isKernel(name string) bool {
	return strings.HasPrefix(name, "internal/runtime/syscall.") || strings.HasPrefix(name, "syscall.") || strings.HasPrefix(name, "runtime/internal/syscall.")
}

func isMemory(name string) bool {
	for _, prefix := range []string{"runtime.mallocgc", "runtime.growslice", "runtime.makeslice", "runtime.newobject", "runtime.gcAssistAlloc", "runtime.memclr"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// profile is what of a pprof profile is needed here. Numbers and fields are
// those of profile.proto of github.com/google/pprof.
type profile struct {
	samples   []sample
	locations map[uint64][]uint64 // functions, innermost first
	names     map[uint64]string   // of functions
}

type sample struct {
	stack []uint64 // locations, innermost first
	took  time.Duration
}

const (
	profileSample    = 2
	profileLocation  = 4
	profileFunction  = 5
	profileStrings   = 6
	sampleLocations  = 1
	sampleValues     = 2
	locationID       = 1
	locationLine     = 4
	lineFunction     = 1
	functionID       = 1
	functionNameText = 2
)

func parseProfile(text []byte) (*profile, error) {
	p := &profile{locations: map[uint64][]uint64{}, names: map[uint64]string{}}
	var texts []string
	named := map[uint64]uint64{} // function → index of its name
	err := eachField(text, func(field protowire.Number, value []byte, _ uint64) (err error) {
		switch field {
		case profileSample:
			var s sample
			if s, err = parseSample(value); err == nil {
				p.samples = append(p.samples, s)
			}
		case profileLocation:
			err = p.location(value)
		case profileFunction:
			var id, name uint64
			err = eachField(value, func(field protowire.Number, _ []byte, number uint64) error {
				switch field {
				case functionID:
					id = number
				case functionNameText:
					name = number
				}
				return nil
			})
			named[id] = name
		case profileStrings:
			texts = append(texts, string(value))
		}
		return err
	})
	for id, at := range named {
		if at >= uint64(len(texts)) {
			return nil, errors.New("a function whose name is not there")
		}
		p.names[id] = texts[at]
	}
	return p, err
}

// parseSample takes the last value, which is of a CPU profile the time in
// nanoseconds.
func parseSample(b []byte) (s sample, err error) {
	err = eachField(b, func(field protowire.Number, value []byte, number uint64) error {
		numbers, err := packed(value, number)
		switch {
		case err != nil:
			return err
		case field == sampleLocations:
			s.stack = append(s.stack, numbers...)
		case field == sampleValues && len(numbers) > 0:
			s.took = time.Duration(numbers[len(numbers)-1])
		}
		return nil
	})
	return s, err
}

// packed reads a repeated number: packed in bytes, or one by itself.
func packed(value []byte, number uint64) (numbers []uint64, err error) {
	if value == nil {
		return []uint64{number}, nil
	}
	for len(value) > 0 {
		x, n := protowire.ConsumeVarint(value)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		numbers, value = append(numbers, x), value[n:]
	}
	return numbers, nil
}

func (p *profile) location(b []byte) error {
	var id uint64
	var functions []uint64
	err := eachField(b, func(field protowire.Number, value []byte, number uint64) error {
		switch field {
		case locationID:
			id = number
		case locationLine:
			return eachField(value, func(field protowire.Number, _ []byte, number uint64) error {
				if field == lineFunction {
					functions = append(functions, number)
				}
				return nil
			})
		}
		return nil
	})
	p.locations[id] = functions
	return err
}
