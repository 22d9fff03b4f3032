// Package balancer does to requests on one machine what an AWS Application Load Balancer does on the way to a service: it
// puts the trace header on them (Root where there is none, its own Self where there is), notes where they came from, and
// answers itself when the service does not. Bodies pass as they come, in both directions; it keeps nothing.
//
// It sends no segments, as the load balancer sends none: on the map it shows by the header alone.
package balancer

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is what a balancer needs. Target, Now and Random have no defaults.
type Config struct {
	Target      *url.URL      // of the service; its path is not used
	Port        int           // that the balancer listens on, for X-Forwarded-Port
	IdleTimeout time.Duration // how long the service may take to begin its answer; 0 is the load balancer's 60 s
	Now         func() time.Time
	Random      io.Reader // 12 bytes for each trace id
	Log         *slog.Logger
}

const traceHeader = "X-Amzn-Trace-Id"

// Handler returns the balancer, and what closes its connections to the service.
func Handler(cfg Config) (h http.Handler, closeIdle func()) {
	if cfg.IdleTimeout == 0 {
		cfg.IdleTimeout = 60 * time.Second
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext, // the load balancer's
		ResponseHeaderTimeout: cfg.IdleTimeout,
		IdleConnTimeout:       cfg.IdleTimeout,
		MaxIdleConnsPerHost:   64,
		DisableCompression:    true, // it would change bodies
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:       cfg.rewrite,
		Transport:     transport,
		FlushInterval: -1, // streams of tokens pass as they come
		ErrorHandler:  cfg.failed,
		ErrorLog:      quiet(cfg.Log),
	}
	return proxy, transport.CloseIdleConnections
}

// quiet keeps the proxy's own lines at debug: failed has the ones that matter.
func quiet(l *slog.Logger) *log.Logger { return slog.NewLogLogger(l.Handler(), slog.LevelDebug) }

func (cfg Config) rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = cfg.Target.Scheme, cfg.Target.Host
	r.Out.URL.RawQuery = r.In.URL.RawQuery                           // as it came, even where net/url would not read it
	r.Out.Host = r.In.Host                                           // the load balancer keeps it
	for _, name := range []string{"Forwarded", "X-Forwarded-Host"} { // not its headers: they pass
		if v := r.In.Header.Values(name); len(v) > 0 {
			r.Out.Header[name] = v
		}
	}
	h := r.Out.Header
	h.Set("X-Forwarded-For", strings.Join(append(r.In.Header.Values("X-Forwarded-For"), peer(r.In)), ", "))
	proto := "http"
	if r.In.TLS != nil {
		proto = "https"
	}
	h.Set("X-Forwarded-Proto", proto)
	h.Set("X-Forwarded-Port", strconv.Itoa(cfg.Port))
	h.Set(traceHeader, cfg.traced(strings.Join(r.In.Header.Values(traceHeader), ";")))
}

func peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// traced is the header for the service. With a Root the balancer says who it is in Self, in front and in place of
// another's; without one its own id is the Root. All other fields pass.
func (cfg Config) traced(header string) string {
	fields, hasRoot := []string{}, false
	for field := range strings.SplitSeq(header, ";") {
		field = strings.TrimSpace(field)
		key, _, _ := strings.Cut(field, "=")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "", "self":
			continue
		case "root":
			hasRoot = true
		}
		fields = append(fields, field)
	}
	own := "Root="
	if hasRoot {
		own = "Self="
	}
	return strings.Join(append([]string{own + cfg.newID()}, fields...), ";")
}

// newID is 1-<seconds>-<96 random bits>, in hexadecimal.
func (cfg Config) newID() string {
	var random [12]byte
	_, _ = io.ReadFull(cfg.Random, random[:]) // an id that is not random is still one; crypto/rand does not fail
	return fmt.Sprintf("1-%08x-%s", uint32(cfg.Now().Unix()), hex.EncodeToString(random[:]))
}

// failed answers for the service: 504 when it took too long, else 502.
func (cfg Config) failed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	status := http.StatusBadGateway
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		status = http.StatusGatewayTimeout
	}
	cfg.Log.Warn("the service gave no answer", "status", status, "target", cfg.Target.Host, "error", err)
	h := w.Header()
	h.Set("Server", "awselb/2.0")
	h.Set("Content-Type", "text/html")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%[1]d %[2]s</h1></center>\r\n</body>\r\n</html>\r\n",
		status, http.StatusText(status)) // a client that has gone learns nothing
}
