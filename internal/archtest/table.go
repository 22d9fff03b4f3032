package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// House is the plan that a repository is compared with.
type House struct {
	Modules []Module
	Rooms   []Room
	Folders []string // top-level folders that hold no Go packages, such as docs
	Claims  Claims
}

// Module is one go.mod.
type Module struct {
	Dir    string   // slash-separated, from the top of the repository; "." is the root module
	Path   string   // as in its module line; every package of it begins so
	MayUse []string // Path of each other module of the repository that it may import or require, tests included
}

// Room is a folder of Go code with a job of its own. Sub-folders belong to it, unless they are rooms themselves.
type Room struct {
	Level     int
	Path      string   // slash-separated, from the top of the repository; "." is the root vocabulary
	MayImport []string // Path of each other room that its code, tests aside, may import
	StdOnly   bool     // of the world outside the repository it may import the standard library only
	Besides   []string // exceptions to StdOnly: import paths; one that ends in /... stands for everything below it
	TestsToo  bool     // MayImport binds its test files as well
	Alone     bool     // its sub-folders do not belong to it: each has to be in the table
}

// vocabulary is the room at the top of the tree.
const vocabulary = "."

// Roentgen is this repository's plan. Whoever has a better idea changes it together with a page in docs/decisions.
func Roentgen() House {
	const module = "github.com/roentgen/roentgen"
	const log = "internal/applog"
	const dir = "internal/datadir"
	promise := []string{vocabulary, "wire", "filter", log}
	backend := []string{vocabulary, "wire", "filter", "graph", "store", "state", log, dir}
	answer := []string{vocabulary, "filter", "graph", "store", "state", log}
	face := []string{vocabulary, "filter", "graph", "sampling", "state", "query", "insight", log}
	rooms := []Room{
		{Level: 0, Path: vocabulary, StdOnly: true, Alone: true},

		// Documents are read by the index that redact has of them.
		{Level: 1, Path: "wire", MayImport: []string{vocabulary, "redact"}},
		{Level: 1, Path: "filter", MayImport: []string{vocabulary}},
		{Level: 1, Path: "sampling", MayImport: []string{vocabulary}},
		{Level: 1, Path: "graph", MayImport: []string{vocabulary}},
		{Level: 1, Path: "access", MayImport: []string{vocabulary}},
		// From outside, like any client of a server: it shares words with the house, and no code.
		{Level: 1, Path: "bench", MayImport: []string{vocabulary}},

		// Mechanics. applog is for level 2 and up; archtest and script are for tests, storetest included.
		{Level: 1, Path: log, StdOnly: true},
		{Level: 2, Path: dir, MayImport: []string{log}, StdOnly: true},
		{Level: 1, Path: "internal/static", StdOnly: true},
		{Level: 1, Path: "internal/archtest", StdOnly: true},
		{Level: 1, Path: "internal/script", StdOnly: true},

		// A store also counts what it keeps, and says so in graph's words.
		{Level: 2, Path: "store", MayImport: append([]string{"graph"}, promise...), Alone: true},
		{Level: 2, Path: "state", MayImport: promise, Alone: true},
		{Level: 2, Path: "tail", MayImport: promise},
		// What a server knows of its agents, and the roll-ups that they ship.
		{Level: 3, Path: "fleet", MayImport: []string{vocabulary, "wire", log, dir}},
		{Level: 2, Path: "rates", MayImport: []string{vocabulary, "graph", log}},

		{Level: 3, Path: "store/storetest", MayImport: append(slices.Clone(backend), "internal/script")},
		{Level: 3, Path: "state/statetest", MayImport: []string{vocabulary, "state"}},
		{Level: 3, Path: "store/memory", MayImport: backend},
		{Level: 3, Path: "store/block", MayImport: backend},
		{Level: 3, Path: "store/clickhouse", MayImport: backend},
		{Level: 3, Path: "accept", MayImport: []string{vocabulary, "wire", log}},
		{Level: 3, Path: "query", MayImport: append([]string{"wire", "rates", "sampling", "tail"}, answer...)},
		{Level: 3, Path: "insight", MayImport: answer},

		{Level: 4, Path: "agent", MayImport: []string{vocabulary, "wire", "graph", "sampling", "tail", "accept", "redact", log}},
		{Level: 4, Path: "api", MayImport: append([]string{"wire", "fleet", "rates", "tail"}, face...)},
		{Level: 4, Path: "mcp", MayImport: face},

		// It meets the server over HTTP, like any other client. What builds its pages is a module of its own.
		{Level: 5, Path: "console", MayImport: []string{"internal/static"}, StdOnly: true},
		{Level: 0, Path: "console/web"},
		// The pages, and what serves them.
		{Level: 0, Path: "docs", StdOnly: true},
		{Level: 5, Path: "manual", MayImport: []string{"docs", "internal/static"}, StdOnly: true, Besides: []string{
			"github.com/yuin/goldmark", "github.com/yuin/goldmark/...",
		}},

		{Level: 0, Path: "bench/peers/collector"},

		// A module of its own, because the SDK and the agent share it: what leaves a process is redacted by one rule.
		{Level: 0, Path: "redact", StdOnly: true},

		// The rooms of the other modules. tracing is what applications inherit, so its list is short on purpose.
		{Level: 1, Path: "tracing", MayImport: []string{"redact"}, StdOnly: true, Besides: []string{
			"go.opentelemetry.io/otel",
			"go.opentelemetry.io/otel/attribute",
			"go.opentelemetry.io/otel/codes",
			"go.opentelemetry.io/otel/propagation",
			"go.opentelemetry.io/otel/trace",
			"go.opentelemetry.io/otel/trace/...",
		}},
		// The face of AWS's client is a room apart: who does not import it does not compile that client.
		{Level: 2, Path: "tracing/awssdk", MayImport: []string{"tracing"}, StdOnly: true, Besides: []string{
			"github.com/aws/aws-sdk-go-v2/aws/...",
			"github.com/aws/smithy-go/...",
			"go.opentelemetry.io/otel/attribute",
			"go.opentelemetry.io/otel/codes",
			"go.opentelemetry.io/otel/trace",
		}},
		{Level: 2, Path: "tracing/benchmarks", MayImport: []string{"tracing"}},
		{Level: 3, Path: "afirgen", MayImport: []string{"tracing", "tracing/awssdk", "redact"}},
	}
	server := Room{Level: 6, Path: "cmd/roentgen", MayImport: serverRooms(rooms)}
	// From outside, as its users: never the mechanics, and never a program's own code.
	whole := Room{Level: 7, Path: "test", MayImport: append(publicRooms(rooms), "tracing", "afirgen"), TestsToo: true}
	return House{
		Modules: []Module{
			{Dir: ".", Path: module, MayUse: []string{module + "/redact"}},
			{Dir: "redact", Path: module + "/redact"},
			// What is measured beside ours; apart, and not in go.work, so that nobody inherits it.
			{Dir: "bench/peers/collector", Path: module + "/bench/peers/collector"},
			{Dir: "console/web", Path: module + "/console/web"},
			{Dir: "tracing", Path: module + "/tracing", MayUse: []string{module + "/redact"}},
			{Dir: "tracing/benchmarks", Path: module + "/tracing/benchmarks", MayUse: []string{module + "/tracing", module + "/redact"}},
			{Dir: "afirgen", Path: module + "/afirgen", MayUse: []string{module + "/tracing", module + "/redact"}},
			{Dir: "test", Path: module + "/test",
				MayUse: []string{module, module + "/redact", module + "/tracing", module + "/afirgen"}},
		},
		Rooms:   append(rooms, server, whole),
		Folders: []string{"deploy", "scripts"},
		Claims: Claims{Page: "docs/claims.md", Count: 107, Excused: []string{"N", "–"},
			Tested: []string{".", "redact", "tracing", "afirgen", "test"}},
	}
}

// serverRooms are the rooms of the root module that the program may wire together: all but the tests' mechanics.
func serverRooms(rooms []Room) []string {
	return append(publicRooms(rooms), "internal/applog", "internal/datadir", "redact")
}

// publicRooms are the rooms of the root module that are not below internal.
func publicRooms(rooms []Room) []string {
	var public []string
	for _, room := range rooms {
		first, _, _ := strings.Cut(room.Path, "/")
		if !slices.Contains([]string{"internal", "redact", "tracing", "afirgen"}, first) && room.Path != "console/web" {
			public = append(public, room.Path)
		}
	}
	return public
}

// roomOf returns the room that the folder belongs to: the one with the longest path that holds it.
func (h House) roomOf(dir string) (Room, bool) {
	for at := dir; ; at = path.Dir(at) {
		i := slices.IndexFunc(h.Rooms, func(r Room) bool { return r.Path == at })
		if i >= 0 {
			return h.Rooms[i], at == dir || !h.Rooms[i].Alone
		}
		if at == "." {
			return Room{}, false
		}
	}
}

// moduleOf returns the module that the folder belongs to.
func (h House) moduleOf(dir string) (Module, bool) {
	for at := dir; ; at = path.Dir(at) {
		i := slices.IndexFunc(h.Modules, func(m Module) bool { return m.Dir == at })
		if i >= 0 {
			return h.Modules[i], true
		}
		if at == "." {
			return Module{}, false
		}
	}
}

// dirOf turns the import path of one of the repository's packages into its folder; false for anyone else's package.
func (h House) dirOf(importPath string) (string, bool) {
	for _, m := range h.Modules {
		if rest, ok := below(importPath, m.Path); ok {
			return path.Join(m.Dir, rest), true
		}
	}
	return "", false
}

// below cuts parent off the front of p, where p is parent or something under it.
func below(p, parent string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(p, parent)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// name is what sentences and ARCHITECTURE.md call the room.
func (r Room) name() string {
	if r.Path == vocabulary {
		return "the root vocabulary"
	}
	return r.Path
}

// checkTable compares the table with its own rule: imports point downward, to rooms that are in it.
func checkTable(house House) []string {
	var found []string
	for _, room := range house.Rooms {
		for _, to := range room.MayImport {
			target, ok := house.roomOf(to)
			switch {
			case !ok || target.Path != to:
				found = append(found, fmt.Sprintf("the table lets %s import %s, which is no room of the table: name a room", room.name(), to))
			case target.Level >= room.Level:
				found = append(found, fmt.Sprintf("the table lets %s (level %d) import %s (level %d): imports point to lower levels only",
					room.name(), room.Level, target.name(), target.Level))
			}
		}
	}
	return found
}
