// Command web builds the console: TypeScript and CSS from src become the few files in ../dist that
// the server embeds. It calls esbuild as a library, so that the toolchain is Go's own; node is
// needed only for type checks and for running the tests.
//
//	go run .           builds ../dist
//	go run . -out DIR  builds into DIR, for comparison
//	go run . -test     bundles every *.test.ts and runs them with `node --test`
//
// The output depends on the sources and the two lock files alone: no times, no paths, no host.
package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	test := flag.Bool("test", false, "bundle and run the tests instead")
	out := flag.String("out", filepath.Join("..", "dist"), "the directory to build into")
	flag.Parse()
	run := func() error { return build(*out) }
	if *test {
		run = func() error { return runTests(flag.Args()) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "console/web:", err)
		os.Exit(1)
	}
}

// build writes app.js, app.css, layout.worker.js and index.html into dist, which it makes if needed.
func build(dist string) error {
	if err := needPackages(); err != nil {
		return err
	}
	options := bundle(dist)
	options.EntryPointsAdvanced = []api.EntryPoint{
		{InputPath: "src/main.tsx", OutputPath: "app"},
		{InputPath: "src/map/layout.worker.ts", OutputPath: "layout.worker"},
	}
	options.MinifyWhitespace, options.MinifyIdentifiers, options.MinifySyntax = true, true, true
	options.Define = map[string]string{"process.env.NODE_ENV": `"production"`}
	if err := outcome(api.Build(options)); err != nil {
		return err
	}
	return writePage(dist)
}

// writePage copies index.html and names app.js and app.css by their content, so that browsers may
// keep them forever: console.Handler knows the same hash.
func writePage(dist string) error {
	page, err := os.ReadFile("index.html")
	if err != nil {
		return fmt.Errorf("copy index.html: %w", err)
	}
	for _, name := range []string{"app.js", "app.css"} {
		content, err := os.ReadFile(filepath.Join(dist, name))
		if err != nil {
			return fmt.Errorf("hash %s: %w", name, err)
		}
		sum := sha256.Sum256(content)
		page = bytes.Replace(page, []byte(`"`+name+`"`), fmt.Appendf(nil, `"%s?v=%x"`, name, sum[:8]), 1)
	}
	if err := os.WriteFile(filepath.Join(dist, "index.html"), page, 0o644); err != nil {
		return fmt.Errorf("write index.html: %w", err)
	}
	return nil
}

// bundle is what the console and its tests have in common.
func bundle(dir string) api.BuildOptions {
	return api.BuildOptions{
		Bundle:          true,
		Write:           true,
		Outdir:          dir,
		Format:          api.FormatESModule,
		Target:          api.ES2022,
		Charset:         api.CharsetUTF8,
		LegalComments:   api.LegalCommentsNone,
		JSX:             api.JSXAutomatic,
		JSXImportSource: "preact",
		LogLevel:        api.LogLevelWarning,
	}
}

// runTests bundles the tests (those named by args, or all under src) into a directory of its own
// and hands them to node.
func runTests(args []string) error {
	if err := needPackages(); err != nil {
		return err
	}
	files, err := testFiles(args)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "console-test-")
	if err != nil {
		return fmt.Errorf("make a directory for the bundled tests: %w", err)
	}
	defer os.RemoveAll(dir)
	options := bundle(dir)
	options.EntryPoints = files
	options.Outbase = "src"
	options.Platform = api.PlatformNode
	options.OutExtension = map[string]string{".js": ".mjs"}
	options.Sourcemap = api.SourceMapInline
	if err := outcome(api.Build(options)); err != nil {
		return err
	}
	return node(dir, files)
}

// testFiles finds *.test.ts and *.test.tsx. No tests at all is an error: they must not vanish.
func testFiles(args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	var files []string
	err := filepath.WalkDir("src", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".test.ts") || strings.HasSuffix(path, ".test.tsx") {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("there are none; run this in console/web")
	}
	if err != nil {
		return nil, fmt.Errorf("find the tests under src: %w", err)
	}
	return files, nil
}

func node(dir string, files []string) error {
	args := []string{"--test", "--enable-source-maps"}
	for _, f := range files {
		inside, err := filepath.Rel("src", f)
		if err != nil {
			return fmt.Errorf("place test %s: %w", f, err)
		}
		args = append(args, filepath.Join(dir, strings.TrimSuffix(inside, filepath.Ext(inside))+".mjs"))
	}
	cmd := exec.Command("node", args...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run the tests with node: %w", err)
	}
	return nil
}

// needPackages says what to do when npm has not run here, before esbuild names every import it misses.
func needPackages() error {
	if _, err := os.Stat(filepath.Join("node_modules", "preact")); err != nil {
		return fmt.Errorf("find the npm packages (run `npm ci` in console/web): %w", err)
	}
	return nil
}

// outcome turns what esbuild found into one error; esbuild has printed where and why.
func outcome(result api.BuildResult) error {
	if n := len(result.Errors); n > 0 {
		return fmt.Errorf("bundle the sources: %d errors, the first: %s", n, result.Errors[0].Text)
	}
	return nil
}
