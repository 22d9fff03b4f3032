package archtest

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// The repository itself, as it stands around this package.
func TestTheRepositoryIsBuiltAsPlanned(t *testing.T) {
	repository := os.DirFS("../..")
	packages, err := readPackages(repository)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(packages, func(p Package) bool { return p.Dir == "internal/archtest" }) {
		t.Fatal("the walk over the repository did not come by this package, so it did not see the repository")
	}
	found, err := Check(repository, Roentgen())
	if err != nil {
		t.Fatal(err)
	}
	for _, sentence := range found {
		t.Error(sentence)
	}
}

// sound is a small repository with nothing to find. Each case below spoils one thing of it.
func sound() fstest.MapFS {
	const module = "module github.com/roentgen/roentgen"
	repository := tree(claimed(-1, "", ""))
	maps.Copy(repository, tree(map[string]string{
		"ARCHITECTURE.md":             "The root vocabulary, `wire`, `store`, `store/memory`, `tracing`, `test`, `cmd/roentgen`, `internal/applog`. See [docs](docs/).",
		"go.mod":                      module + "\n\nrequire example.com/kv v1.0.0\n",
		"doc.go":                      "// Package roentgen is the vocabulary.\npackage roentgen\nimport \"time\"",
		"wire/wire.go":                "// Package wire reads.\npackage wire\nimport _ \"github.com/roentgen/roentgen\"",
		"wire/wire_test.go":           "package wire\nimport _ \"example.com/oracle\"\nimport _ \"github.com/roentgen/roentgen/store/memory\"",
		"store/store.go":              "// Package store promises.\npackage store\nimport _ \"github.com/roentgen/roentgen/wire\"",
		"store/memory/a.go":           "// Package memory keeps.\npackage memory\nimport _ \"github.com/roentgen/roentgen/store\"\nimport _ \"example.com/kv\"",
		"store/memory/inner/b.go":     "// Package inner helps.\npackage inner\nimport _ \"github.com/roentgen/roentgen/store/memory\"",
		"internal/applog/log.go":      "// Package applog appends.\npackage applog\nimport _ \"os\"",
		"cmd/roentgen/main.go":        "// The program.\npackage main\nimport _ \"github.com/roentgen/roentgen/store/memory\"",
		"tracing/go.mod":              module + "/tracing\n",
		"tracing/doc.go":              "// Package tracing records.\npackage tracing\nimport _ \"go.opentelemetry.io/otel/trace/embedded\"",
		"tracing/t_test.go":           "package tracing_test\nimport _ \"github.com/roentgen/roentgen/tracing\"\nimport _ \"go.opentelemetry.io/otel/sdk\"",
		"test/go.mod":                 module + "/test\n\nrequire github.com/roentgen/roentgen/tracing v0.0.0\n",
		"test/up_test.go":             "// Package test runs the whole.\npackage test\nimport _ \"github.com/roentgen/roentgen/tracing\"",
		"docs/README.md":              "[up](../ARCHITECTURE.md#rooms) [far](https://example.com/nothing) `[code](nowhere)`\n```\n[fenced](nowhere)\n```\n",
		"wire/testdata/odd.go":        "not Go at all",
		"node_modules/x/index.js":     "// " + "TO" + "DO",
		"docs/picture.png":            "\x00" + "TO" + "DO",
		"store/memory/later_test.go":  "package memory\n// context." + "TO" + "DO() and https://example.com/" + "work/1 pass",
		".ci/run":                     "make test\n",
		".git/config":                 "/" + "work/x",
		"bin/roentgen.txt":            "/" + "work/x",
		"test/node/node_modules/a.md": "[nowhere](nowhere)",
	}))
	return repository
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, content := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

func TestASoundRepositoryGivesNothingToSay(t *testing.T) {
	found, err := Check(sound(), Roentgen())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("found:\n%s", strings.Join(found, "\n"))
	}
}

// claimed is the page of claims with one row changed, and the tests that its rows may name; row 0 leaves row 3 out.
func claimed(row int, mark, proof string) map[string]string {
	var page strings.Builder
	for n := 1; n <= Roentgen().Claims.Count; n++ {
		switch {
		case n == 3 && row == 0:
		case n == row:
			fmt.Fprintf(&page, "| %d | claim | %s | %s |\n", n, mark, proof)
		case n%2 == 0:
			fmt.Fprintf(&page, "| %d | claim | N | – it cannot be, and there is something else |\n", n)
		default:
			fmt.Fprintf(&page, "| %d | claim | Y | `wire` TestRuns; `wire` TestRunsShort |\n", n)
		}
	}
	return map[string]string{
		"docs/claims.md": page.String(),
		"wire/a_test.go": "package wire\n\nfunc TestRuns(t *testing.T) {\n\tt.Log()\n}\n\nfunc TestSkips(t *testing.T) {\n\tt.Skip()\n}\n\n" +
			"func TestRunsShort(t *testing.T) { t.Log() }\n\nfunc TestSkipsShort(t *testing.T) { t.Skip() }\n",
		"wire/long_test.go": "//go:build long\n\npackage wire\n\nfunc TestLong(t *testing.T) {\n\tt.Log()\n}\n",
	}
}

func TestEachRuleIsHeld(t *testing.T) {
	const wayOut = "internal/archtest"
	for _, c := range []struct {
		title string
		spoil map[string]string
		says  []string // parts of the one sentence expected
	}{
		{"a lower room imports a higher one",
			map[string]string{"wire/up.go": "package wire\n\nimport _ \"github.com/roentgen/roentgen/store\""},
			[]string{"wire/up.go:3 imports github.com/roentgen/roentgen/store:", "wire (level 1) may import redact, the root vocabulary;", wayOut}},
		{"a backend imports another one",
			map[string]string{"store/memory/c.go": "package memory\nimport _ \"github.com/roentgen/roentgen/store/block\""},
			[]string{"store/memory/c.go:2", "store/memory (level 3) may import", wayOut}},
		{"a folder inside a room is held to the room's list",
			map[string]string{"store/memory/inner/c.go": "package inner\nimport _ \"github.com/roentgen/roentgen/accept\""},
			[]string{"store/memory/inner/c.go:2", "store/memory (level 3) may import"}},
		{"a door imports a store",
			map[string]string{"accept/a.go": "// Package accept takes.\npackage accept\nimport _ \"github.com/roentgen/roentgen/store\"",
				"ARCHITECTURE.md": "root vocabulary `wire` `store` `store/memory` `tracing` `test` `cmd/roentgen` `internal/applog` `accept`"},
			[]string{"accept/a.go:3", "accept (level 3) may import internal/applog, the root vocabulary, wire;"}},
		{"code behind a build tag is no exception",
			map[string]string{"wire/tagged.go": "//go:build plan9\n\npackage wire\nimport _ \"github.com/roentgen/roentgen/store\""},
			[]string{"wire/tagged.go:4"}},
		{"the vocabulary imports a room",
			map[string]string{"up.go": "package roentgen\nimport _ \"github.com/roentgen/roentgen/wire\""},
			[]string{"up.go:2", "the root vocabulary (level 0) may import no other room"}},
		{"the vocabulary imports from outside",
			map[string]string{"up.go": "package roentgen\nimport _ \"example.com/uuid\""},
			[]string{"up.go:2 imports example.com/uuid", "the root vocabulary may import the standard library only"}},
		{"the vocabulary uses cgo",
			map[string]string{"up.go": "package roentgen\nimport \"C\""},
			[]string{"up.go:2 imports C", "the standard library only"}},
		{"the append log imports from outside",
			map[string]string{"internal/applog/x.go": "package applog\nimport _ \"example.com/hash\""},
			[]string{"internal/applog may import the standard library only"}},
		{"a room below level 2 uses the append log",
			map[string]string{"wire/log.go": "package wire\nimport _ \"github.com/roentgen/roentgen/internal/applog\""},
			[]string{"wire/log.go:2", "wire (level 1) may import redact, the root vocabulary;"}},
		{"a room imports a folder that is no room",
			map[string]string{"cmd/roentgen/x.go": "package main\nimport _ \"github.com/roentgen/roentgen/util\""},
			[]string{"cmd/roentgen/x.go:2", "util is no room of the table"}},
		{"the server imports the SDK",
			map[string]string{"cmd/roentgen/x.go": "package main\nimport _ \"github.com/roentgen/roentgen/tracing\""},
			[]string{"the module github.com/roentgen/roentgen must not know the module github.com/roentgen/roentgen/tracing"}},
		{"a test of the server imports the SDK",
			map[string]string{"wire/x_test.go": "package wire\nimport _ \"github.com/roentgen/roentgen/tracing\""},
			[]string{"wire/x_test.go:2", "must not know the module github.com/roentgen/roentgen/tracing", "golden files"}},
		{"a test of the SDK imports the server",
			map[string]string{"tracing/x_test.go": "package tracing\nimport _ \"github.com/roentgen/roentgen/wire\""},
			[]string{"tracing/x_test.go:2", "the module github.com/roentgen/roentgen/tracing must not know the module github.com/roentgen/roentgen,"}},
		{"the SDK imports another SDK",
			map[string]string{"tracing/x.go": "package tracing\nimport _ \"go.opentelemetry.io/otel/sdk/trace\""},
			[]string{"tracing/x.go:2", "tracing may import the standard library and go.opentelemetry.io/otel,"}},
		{"a whole-system test looks inside",
			map[string]string{"test/x_test.go": "package test\nimport _ \"github.com/roentgen/roentgen/internal/applog\""},
			[]string{"test/x_test.go:2", "test (level 7) may import"}},
		{"the server's go.mod requires the SDK",
			map[string]string{"go.mod": "module github.com/roentgen/roentgen\nrequire (\n\tgithub.com/roentgen/roentgen/tracing v0.0.0\n)"},
			[]string{"go.mod names the module github.com/roentgen/roentgen/tracing, which github.com/roentgen/roentgen must not know"}},
		{"a module that is not in the table",
			map[string]string{"wire/go.mod": "module example.com/wire"},
			[]string{"wire/go.mod makes a module that the table does not have"}},
		{"a module with another name",
			map[string]string{"tracing/go.mod": "module github.com/someone/tracing"},
			[]string{"tracing/go.mod names its module github.com/someone/tracing: the table says github.com/roentgen/roentgen/tracing"}},
		{"a folder with Go files that is no room",
			map[string]string{"store/redis/a.go": "// Package redis keeps.\npackage redis"},
			[]string{"store/redis holds Go files but is no room of the table", wayOut}},
		{"a stray top-level folder",
			map[string]string{"misc/notes.txt": "notes"},
			[]string{"the top-level folder misc is neither a room nor a folder of the plan", wayOut}},
		{"a room without its sentence",
			map[string]string{"wire/wire.go": "package wire"},
			[]string{"wire/*.go has no package comment", `"Package wire"`}},
		{"a room with somebody else's sentence",
			map[string]string{"wire/wire.go": "// Package tail decides.\npackage wire"},
			[]string{"wire/*.go has no package comment"}},
		{"a program without its sentence",
			map[string]string{"cmd/roentgen/main.go": "package main"},
			[]string{"cmd/roentgen/*.go has no package comment"}},
		{"a room that the tour leaves out",
			map[string]string{"query/a.go": "// Package query answers.\npackage query"},
			[]string{"ARCHITECTURE.md does not tell of query: add a paragraph that names it as `query`"}},
		{"a path of one machine",
			map[string]string{"docs/a.md": "fine\nsee /" + "work/main\n"},
			[]string{"docs/a.md:2 has", "a path of one machine"}},
		{"a path of one machine in quotes",
			map[string]string{"wire/testdata/a.json": `{"dir":"/wo` + `rk/x"}`},
			[]string{"wire/testdata/a.json:1 has", "a path of one machine"}},
		{"a marker for later",
			map[string]string{"scripts/a.sh": "# TO" + "DO: all of it"},
			[]string{"scripts/a.sh:1 has", "a marker for later"}},
		{"another marker for later",
			map[string]string{".ci/run": "# FIX" + "ME"},
			[]string{".ci/run:1 has", "a marker for later"}},
		{"a link to nothing",
			map[string]string{"docs/a.md": "see [this `page`](../README.md#top)"},
			[]string{"docs/a.md links to ../README.md#top, which does not exist"}},
		{"a defined link to nothing",
			map[string]string{"docs/a.md": "see [this]\n\n[this]: gone.md"},
			[]string{"docs/a.md links to gone.md, which does not exist"}},
		{"a claim without a test", claimed(3, "P", "soon"),
			[]string{"docs/claims.md:3 names no test", "`folder` TestName"}},
		{"a claim whose test is not there", claimed(3, "Y", "`wire` TestThatIsNot"),
			[]string{"docs/claims.md:3 rests on TestThatIsNot of wire, which does not exist"}},
		{"a claim whose test skips itself", claimed(3, "Y", "`wire` TestSkips"),
			[]string{"TestSkips of wire, which may skip itself"}},
		{"a claim whose test of one line skips itself", claimed(3, "Y", "`wire` TestSkipsShort"),
			[]string{"TestSkipsShort of wire, which may skip itself"}},
		{"a claim whose test runs on demand", claimed(3, "Y", "`wire` TestLong"),
			[]string{"TestLong of wire, which stands behind a build tag in wire/long_test.go"}},
		{"a claim that could hold and is excused", claimed(3, "Y", "– nobody had the time"),
			[]string{`docs/claims.md:3 excuses a claim marked "Y": only N and – may be`}},
		{"a claim that is left out", claimed(0, "", ""),
			[]string{"docs/claims.md has 0 rows for claim 3, and needs one"}},
		{"no claims at all", map[string]string{"docs/claims.md": ""}, nil},
		{"a link out of the repository",
			map[string]string{"docs/a.md": "see [this](../../other/README.md)"},
			[]string{"docs/a.md links to ../../other/README.md, which leads out of the repository"}},
	} {
		t.Run(c.title, func(t *testing.T) {
			repository := sound()
			maps.Copy(repository, tree(c.spoil))
			found, err := Check(repository, Roentgen())
			if err != nil {
				t.Fatal(err)
			}
			if len(c.says) == 0 && len(found) == Roentgen().Claims.Count {
				return // one for each
			}
			if len(found) != 1 {
				t.Fatalf("found %d sentences, want 1:\n%s", len(found), strings.Join(found, "\n"))
			}
			for _, part := range c.says {
				if !strings.Contains(found[0], part) {
					t.Errorf("the sentence does not say %q:\n%s", part, found[0])
				}
			}
		})
	}
}

func TestATableThatPointsUpwardIsFound(t *testing.T) {
	house := House{Rooms: []Room{
		{Level: 1, Path: "low", MayImport: []string{"high", "gone"}},
		{Level: 2, Path: "high", MayImport: []string{"low"}},
	}}
	found := checkTable(house)
	if len(found) != 2 {
		t.Fatalf("found %d sentences, want 2:\n%s", len(found), strings.Join(found, "\n"))
	}
	for i, part := range []string{"low (level 1) import high (level 2)", "import gone, which is no room"} {
		if !strings.Contains(found[i], part) {
			t.Errorf("the sentence does not say %q:\n%s", part, found[i])
		}
	}
}

func TestATreeThatCannotBeReadIsAnError(t *testing.T) {
	broken, untold := sound(), sound()
	broken["wire/broken.go"] = &fstest.MapFile{Data: []byte("package")}
	delete(untold, "ARCHITECTURE.md")
	for says, repository := range map[string]fstest.MapFS{
		"reading the imports of wire/broken.go: ": broken,
		"reading the tour of the house: ":         untold,
	} {
		_, err := Check(repository, Roentgen())
		if err == nil || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("got the error %v, want one that begins with %q", err, says)
		}
	}
}
