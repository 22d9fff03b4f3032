package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/roentgen/roentgen/access"
)

// locks is what is read from disk to guard the HTTP door: who may come in,
// and the certificate. Both are read again when the operator says so (SIGHUP),
// the tokens also when their file has changed.
type locks struct {
	keys *access.Keyring // nil: everybody may come in
	cert *certificate    // nil: no TLS
	log  *slog.Logger
}

// lookInterval is how soon a token that was taken out of the file is out.
const lookInterval = 2 * time.Second

func openLocks(cfg config, log *slog.Logger) (*locks, error) {
	l := &locks{log: log}
	var err error
	if cfg.AuthFile != "" {
		if l.keys, err = access.OpenKeyring(cfg.AuthFile, tokensOf(cfg.AuthFile, os.LookupEnv)); err != nil {
			return nil, fmt.Errorf("--auth-file: %w", err)
		}
	}
	if cfg.TLSCert != "" {
		l.cert = &certificate{certFile: cfg.TLSCert, keyFile: cfg.TLSKey}
		if err := l.cert.load(); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// has tells names of tokens from others; nil where everybody may come in.
func (l *locks) has() func(name string) bool {
	if l.keys == nil {
		return nil
	}
	return l.keys.Has
}

// guard stands before every handler that is not open to all.
func (l *locks) guard(hosts []string, reg prometheus.Registerer) *access.Guard {
	return access.New(access.Config{Keyring: l.keys, Hosts: lower(hosts), Observer: newAuthMetrics(reg)})
}

func lower(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ToLower(strings.TrimSpace(name))
	}
	return out
}

// tlsConfig is nil without a certificate.
func (l *locks) tlsConfig() *tls.Config {
	if l.cert == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return l.cert.held.Load(), nil },
	}
}

// watch reads the files again until ctx ends. A file that cannot be read is
// said once and changes nothing: what held before holds on. besides is what else
// is done when the operator says so.
func (l *locks) watch(ctx context.Context, hangup <-chan os.Signal, besides func()) error {
	tick := time.NewTicker(lookInterval)
	defer tick.Stop()
	var last string // the last trouble, so that it is not told every time
	for {
		asked := false
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
			asked = true
			besides()
		case <-tick.C:
		}
		trouble := l.reload(asked)
		if trouble != "" && (asked || trouble != last) {
			l.log.Error("what guards --http is as it was before", "error", trouble)
		}
		last = trouble
	}
}

// reload returns what is wrong, or "".
func (l *locks) reload(asked bool) string {
	if l.keys != nil {
		changed, err := l.keys.Reload()
		if err != nil {
			return err.Error()
		}
		if changed || asked {
			l.log.Info("token file read", "tokens", l.keys.Len(), "changed", changed)
		}
	}
	if l.cert != nil && asked {
		if err := l.cert.load(); err != nil {
			return err.Error()
		}
		l.log.Info("certificate read", "file", l.cert.certFile)
	}
	return ""
}

// certificate is a TLS certificate that can be replaced while it is served.
type certificate struct {
	certFile, keyFile string
	held              atomic.Pointer[tls.Certificate]
}

func (c *certificate) load() error {
	cert, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("read --tls-cert %s and --tls-key %s: %w", c.certFile, c.keyFile, err)
	}
	c.held.Store(&cert)
	return nil
}

// authMetrics counts who came in and who did not.
type authMetrics struct {
	accepted *prometheus.CounterVec // way
	refused  *prometheus.CounterVec // way, reason
}

func newAuthMetrics(reg prometheus.Registerer) *authMetrics {
	m := &authMetrics{
		accepted: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_auth_accepted_total",
			Help: "Requests let in with credentials, and logins, by way.",
		}, []string{"way"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "roentgen_auth_refused_total",
			Help: "Requests and logins turned away, by way and reason.",
		}, []string{"way", "reason"}),
	}
	reg.MustRegister(m.accepted, m.refused)
	return m
}

// Accepted implements access.Observer.
func (m *authMetrics) Accepted(way access.Way) { m.accepted.WithLabelValues(string(way)).Inc() }

// Refused implements access.Observer.
func (m *authMetrics) Refused(way access.Way, reason access.Reason) {
	m.refused.WithLabelValues(string(way), string(reason)).Inc()
}
