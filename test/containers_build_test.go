package test

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// builder does in folders what a builder of images does in layers: a folder is the root of a stage. What runs, runs on this
// machine, with the stage's own paths in place of the machine's.
type builder struct {
	t       *testing.T
	file    dockerfile
	context string
	env     map[string]string // what a builder sets: TARGETARCH and its kin
	scratch string
	roots   map[string]string
	base    func(t *testing.T, image, root string) // fills a root with what a foreign image brings
	stubs   string                                 // programs that stand for those which would change this machine
}

// owned are the folders of a stage that a build fills; everything else is the base image's.
var owned = regexp.MustCompile(`(^|[\s"'=(])/(image|owned|src)\b`)

// build works a stage and those that it copies from, and returns its root.
func (b *builder) build(target string) string {
	b.t.Helper()
	if root, done := b.roots[target]; done {
		return root
	}
	s, is := b.file.stage(target)
	if !is {
		b.t.Fatalf("there is no stage %s", target)
	}
	root := filepath.Join(b.scratch, target)
	if err := os.MkdirAll(root, 0o755); err != nil {
		b.t.Fatal(err)
	}
	b.roots[target] = root
	if s.base != "scratch" {
		b.base(b.t, os.Expand(s.base, func(name string) string { return b.file.args[name] }), root)
	}
	env, dir := map[string]string{}, root
	for _, in := range s.steps {
		switch in.name {
		case "ARG":
			name, value, _ := strings.Cut(in.words[0], "=")
			if given, is := b.env[name]; is {
				value = given
			}
			env[name] = value
		case "WORKDIR":
			dir = filepath.Join(root, in.words[0])
			if err := os.MkdirAll(dir, 0o755); err != nil {
				b.t.Fatal(err)
			}
		case "RUN":
			b.run(root, dir, in.words[0], env)
		case "COPY":
			b.copy(root, dir, in)
		case "LABEL", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT", "CMD":
		default:
			b.t.Fatalf("line %d: this builder does not know %s", in.line, in.name)
		}
	}
	return root
}

// run runs a step of a stage in its folder.
func (b *builder) run(root, dir, script string, env map[string]string) {
	b.t.Helper()
	c := exec.Command("sh", "-euc", owned.ReplaceAllString(script, "${1}"+root+"/${2}"))
	c.Dir = dir
	// Of the machine's environment no more than a compiler wants; a build knows nothing of the rest.
	for _, name := range []string{"HOME", "GOPROXY", "GOFLAGS", "GONOSUMDB", "GOSUMDB", "GOMODCACHE", "GOCACHE", "HTTPS_PROXY", "SSL_CERT_FILE"} {
		if value, set := os.LookupEnv(name); set {
			c.Env = append(c.Env, name+"="+value)
		}
	}
	c.Env = append(c.Env, "PATH="+b.stubs+":"+os.Getenv("PATH"), "STUB_LOG="+b.stubs+"/log")
	for name, value := range env {
		c.Env = append(c.Env, name+"="+value)
	}
	if out, err := c.CombinedOutput(); err != nil {
		b.t.Fatalf("%s\n%v\n%s", script, err, out)
	}
}

// stub writes programs that only say how they were called.
func (b *builder) stub(names ...string) {
	b.t.Helper()
	for _, name := range names {
		writeExecutable(b.t, filepath.Join(b.stubs, name), "#!/bin/sh\necho \"$(basename \"$0\") $*\" >> \"$STUB_LOG\"\n")
	}
}

func writeExecutable(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// copy copies as COPY does: from the context what .dockerignore leaves, from a stage with its modes.
func (b *builder) copy(root, dir string, in instruction) {
	b.t.Helper()
	to := in.words[len(in.words)-1]
	if !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	} else {
		to = filepath.Join(root, to)
	}
	for _, from := range in.words[:len(in.words)-1] {
		skip := func(string) (bool, error) { return false, nil }
		source := filepath.Join(b.context, from)
		if stage := in.flags["from"]; stage != "" {
			source = filepath.Join(b.build(stage), from)
		} else {
			skip = ignored(b.t, b.context)
		}
		if err := copyTree(source, to, skip, ownerOf(b.t, in.flags["chown"])); err != nil {
			b.t.Fatalf("line %d: %v", in.line, err)
		}
	}
}

func ownerOf(t *testing.T, chown string) (uid int) {
	t.Helper()
	if chown == "" {
		return 0
	}
	user, _, _ := strings.Cut(chown, ":")
	uid, err := strconv.Atoi(user)
	if err != nil {
		t.Fatal(err)
	}
	return uid
}

// ignored says what .dockerignore keeps out of the context.
func ignored(t *testing.T, context string) func(name string) (bool, error) {
	t.Helper()
	f, err := os.Open(filepath.Join(context, ".dockerignore"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	patterns, err := ignorefile.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	m, err := patternmatcher.New(patterns)
	if err != nil {
		t.Fatal(err)
	}
	return m.MatchesOrParentMatches
}

// copyTree copies a file, or what a folder holds. Owners are changed by root alone; elsewhere everything is the test's.
func copyTree(from, to string, skip func(name string) (bool, error), uid int) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return copyFile(from, to, info.Mode(), uid)
	}
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil || name == "." {
			return err
		}
		out, err := skip(name)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		switch {
		case errors.Is(err, fs.ErrNotExist): // somebody else's file that has gone meanwhile
			return nil
		case err != nil:
			return err
		case out && entry.IsDir() && (entry.Name() == "node_modules" || strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir
		case out:
			return nil
		case entry.IsDir():
			return ownDir(filepath.Join(to, name), info.Mode(), uid)
		case entry.Type().IsRegular():
			return copyFile(path, filepath.Join(to, name), info.Mode(), uid)
		}
		return nil
	})
}

func ownDir(path string, mode fs.FileMode, uid int) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	if err := os.Chmod(path, mode); err != nil || os.Geteuid() != 0 {
		return err
	}
	return os.Chown(path, uid, uid)
}

// copyFile copies one file with its mode; owners are changed by root alone.
func copyFile(from, to string, mode fs.FileMode, uid int) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode.Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil || os.Geteuid() != 0 || uid == 0 {
		return err
	}
	return os.Chown(to, uid, uid)
}

// newBuilder builds a Dockerfile of ours for this machine.
func newBuilder(t *testing.T, file string) *builder {
	t.Helper()
	d, err := readDockerfile(filepath.Join(ours, "docker", file))
	if err != nil {
		t.Fatal(err)
	}
	context, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return &builder{
		t: t, file: d, context: context, scratch: t.TempDir(), roots: map[string]string{}, stubs: t.TempDir(),
		env:  map[string]string{"BUILDARCH": runtime.GOARCH, "TARGETARCH": runtime.GOARCH, "TARGETOS": "linux", "VERSION": "1.2.3", "COMMIT": "abcdef", "DATE": "2026-01-02T03:04:05Z"},
		base: func(*testing.T, string, string) {},
	}
}

// checkRoentgensImage wants one static program, and little else.
func checkRoentgensImage(t *testing.T, root string) {
	t.Helper()
	wantFiles(t, root, "data", "etc/group", "etc/passwd", "etc/ssl/certs/ca-certificates.crt", "tmp", "usr/local/bin/roentgen")
	path := filepath.Join(root, "usr", "local", "bin", "roentgen")
	if needs := librariesOf(t, path); len(needs) > 0 {
		t.Errorf("it needs %v, which an empty image does not have", needs)
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 40<<20 {
		t.Errorf("it has %d bytes (%v): what has made it so large?", info.Size(), err)
	}
	out, err := exec.Command(path, "--version").Output()
	for _, want := range []string{"1.2.3", "abcdef", "2026-01-02"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("it calls itself %q (%v), without %s", out, err, want)
		}
	}
	info, err := os.Stat(filepath.Join(root, "tmp"))
	if err != nil || info.Mode().Perm() != 0o777 || info.Mode()&fs.ModeSticky == 0 {
		t.Errorf("/tmp has the mode %v (%v)", info.Mode(), err)
	}
	authorities, err := os.ReadFile(filepath.Join(root, "etc", "ssl", "certs", "ca-certificates.crt"))
	if err != nil || !strings.Contains(string(authorities), "BEGIN CERTIFICATE") || strings.Contains(string(authorities), "# ") {
		t.Errorf("the authorities are no certificates, or more than those (%v)", err)
	}
}

// wantFiles compares the files, and the folders without any, below root.
func wantFiles(t *testing.T, root string, want ...string) {
	t.Helper()
	var got []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := os.ReadDir(path)
		if !entry.IsDir() || err == nil && len(inside) == 0 {
			name, _ := filepath.Rel(root, path)
			got = append(got, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("the image holds %q, want %q", got, want)
	}
}

// librariesOf is what the loader has to find before a program starts; nil where there is no loader either.
func librariesOf(t *testing.T, path string) []string {
	t.Helper()
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	needs, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP && len(needs) == 0 {
			needs = append(needs, "a loader")
		}
	}
	return needs
}

// inDistroless are the libraries of gcr.io/distroless/cc.
var inDistroless = []string{"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2",
	"ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}

// TestTheImagesOfAFIRGenHaveWhatTheirProgramNeeds: its libraries are in the base image, and what Debian has to bring is
// what this machine was set up with.
func TestTheImagesOfAFIRGenHaveWhatTheirProgramNeeds(t *testing.T) {
	for _, library := range librariesOf(t, program("afirgen")) {
		if !slices.Contains(inDistroless, library) {
			t.Errorf("the program needs %s, which the base image does not have", library)
		}
	}
	b := newBuilder(t, "afirgen.Dockerfile")
	b.stub("apt-get", "rm", "useradd")
	b.roots["build"] = b.scratch + "/built" // as TestMain has built it; test-long builds it by the Dockerfile's own steps
	for name, from := range map[string]string{"usr/local/bin/afirgen": program("afirgen"), "etc/ssl/certs/ca-certificates.crt": os.DevNull} {
		if err := copyFile(from, filepath.Join(b.roots["build"], "image", name), 0o755, 0); err != nil {
			t.Fatal(err)
		}
	}
	root := b.build("asr-ocr-server")
	wantFiles(t, root, "etc/ssl/certs/ca-certificates.crt", "usr/local/bin/afirgen")
	said, err := os.ReadFile(filepath.Join(b.stubs, "log"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^apt-get install (.*)$`).FindSubmatch(said)
	if m == nil {
		t.Fatalf("no package is installed: %s", said)
	}
	for _, name := range strings.Fields(string(m[1])) {
		if strings.HasPrefix(name, "-") {
			continue
		}
		if out, err := exec.Command("dpkg-query", "--show", "--showformat=${db:Status-Status}", name).CombinedOutput(); err != nil || string(out) != "installed" {
			t.Errorf("the image installs %s, which this machine does without: %s", name, out)
		}
	}
	for _, need := range []string{"tesseract-ocr-eng", "tesseract-ocr-hin", "poppler-utils", "pocketsphinx-en-us"} {
		if !strings.Contains(string(m[1]), need) {
			t.Errorf("the image lacks %s", need)
		}
	}
}

// TestAForeignProcessorGetsItsCompiler: the step before the build asks Debian for the compiler of the other kind alone.
func TestAForeignProcessorGetsItsCompiler(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"amd64", "arm64", "g++-aarch64-linux-gnu"}, {"arm64", "amd64", "g++-x86-64-linux-gnu"}, {"amd64", "amd64", ""},
	} {
		b := newBuilder(t, "afirgen.Dockerfile")
		b.stub("apt-get", "rm")
		s, _ := b.file.stage("build")
		i := slices.IndexFunc(s.steps, func(in instruction) bool { return in.name == "RUN" })
		b.run(b.scratch, b.scratch, s.steps[i].words[0], map[string]string{"BUILDARCH": c.from, "TARGETARCH": c.to})
		said, err := os.ReadFile(filepath.Join(b.stubs, "log"))
		if c.want == "" {
			if !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("on %s for %s apt-get is asked: %s", c.from, c.to, said)
			}
			continue
		}
		if err != nil || !strings.Contains(string(said), fmt.Sprintf("apt-get install -y --no-install-recommends %s\n", c.want)) {
			t.Errorf("on %s for %s apt-get is not asked for %s: %s (%v)", c.from, c.to, c.want, said, err)
		}
	}
}
