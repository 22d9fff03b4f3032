package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

// newAgentLogger logs as the X-Ray daemon does, whose words for levels are
// taken too; close closes its file.
func newAgentLogger(c agentConfig, stderr io.Writer) (log *slog.Logger, close func() error, err error) {
	level, err := logLevel(c.LogLevel)
	if err != nil {
		return nil, nil, err
	}
	w, closeFile := stderr, func() error { return nil }
	if c.LogFile != "" {
		f, err := openLogFile(c.LogFile, c.LogRotation)
		if err != nil {
			return nil, nil, err
		}
		w, closeFile = io.MultiWriter(stderr, f), f.Close
	}
	opt := &slog.HandlerOptions{Level: level}
	switch c.LogFormat {
	case "daemon":
		return slog.New(&daemonHandler{w: w, mu: new(sync.Mutex), level: level}), closeFile, nil
	case "text":
		return slog.New(slog.NewTextHandler(w, opt)), closeFile, nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, opt)), closeFile, nil
	}
	return nil, nil, errors.Join(fmt.Errorf("--log-format %q is not daemon, text or json", c.LogFormat), closeFile())
}

// logLevel knows the daemon's words.
func logLevel(word string) (slog.Level, error) {
	level, ok := map[string]slog.Level{
		"dev": slog.LevelDebug - 4, "debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "prod": slog.LevelInfo,
	}[strings.ToLower(word)]
	if !ok {
		return 0, fmt.Errorf("--log-level %q is not dev, debug, info, warn, error or prod", word)
	}
	return level, nil
}

// daemonHandler writes lines as the X-Ray daemon does:
//
//	2026-11-30T01:02:03Z [Info] message key=value
type daemonHandler struct {
	mu    *sync.Mutex
	w     io.Writer
	level slog.Level
	with  string
	group string
}

// Enabled implements slog.Handler.
func (h *daemonHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle implements slog.Handler.
func (h *daemonHandler) Handle(_ context.Context, r slog.Record) error {
	var line strings.Builder
	line.WriteString(r.Time.UTC().Format(time.RFC3339))
	line.WriteString(" [" + daemonLevel(r.Level) + "] " + r.Message + h.with)
	r.Attrs(func(a slog.Attr) bool {
		line.WriteString(h.attr(a))
		return true
	})
	line.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := io.WriteString(h.w, line.String())
	return err
}

func daemonLevel(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "Debug"
	case l < slog.LevelWarn:
		return "Info"
	case l < slog.LevelError:
		return "Warn"
	}
	return "Error"
}

func (h *daemonHandler) attr(a slog.Attr) string {
	text := a.Value.Resolve().String()
	if text == "" || strings.ContainsAny(text, " \"\n=") {
		text = strconv.Quote(text)
	}
	return " " + h.group + a.Key + "=" + text
}

// WithAttrs implements slog.Handler.
func (h *daemonHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := *h
	for _, a := range attrs {
		with.with += h.attr(a)
	}
	return &with
}

// WithGroup implements slog.Handler.
func (h *daemonHandler) WithGroup(name string) slog.Handler {
	with := *h
	with.group += name + "."
	return &with
}

// rotateBytes is where the X-Ray daemon begins a new log file.
const rotateBytes = 50 << 20

// logFile is a log on disk, with the one before it beside it as NAME.1.
type logFile struct {
	name   string
	rotate bool

	mu   sync.Mutex
	file *os.File
	size int64
}

func openLogFile(name string, rotate bool) (*logFile, error) {
	l := &logFile{name: name, rotate: rotate}
	if err := l.open(); err != nil {
		return nil, fmt.Errorf("--log-file: %w", err)
	}
	return l, nil
}

func (l *logFile) open() error {
	f, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.size = f, info.Size()
	return nil
}

// Write implements io.Writer. A line is never cut.
func (l *logFile) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rotate && l.size > 0 && l.size+int64(len(line)) > rotateBytes {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.size += int64(n)
	return n, err
}

// turn sets the full file aside.
func (l *logFile) turn() error {
	if err := l.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(l.name, l.name+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return l.open()
}

// Close closes the file.
func (l *logFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
