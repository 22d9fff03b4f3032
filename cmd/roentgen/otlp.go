package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/roentgen/roentgen/accept"
	"github.com/roentgen/roentgen/access"
	"github.com/roentgen/roentgen/wire"
)

// otlpConfig is the part of config that says how OpenTelemetry is taken.
type otlpConfig struct {
	// OTLPGRPC and OTLPHTTP are the addresses of OpenTelemetry's doors.
	OTLPGRPC string `koanf:"otlp-grpc"`
	OTLPHTTP string `koanf:"otlp-http"`
	// OTLPIndex names the attributes that become annotations.
	OTLPIndex []string `koanf:"otlp-index"`
	// OTLPMaxRequestBytes bounds one request, after decompression.
	OTLPMaxRequestBytes int `koanf:"otlp-max-request-bytes"`
}

// Words of --otlp-index that are no keys.
const (
	indexAll  = "all"
	indexNone = "none"
)

// indexedByDefault is all of a span's attributes, and of a resource's those
// that people narrow a search by and that take few values.
var indexedByDefault = []string{
	indexAll, "otel.resource.deployment.environment", "otel.resource.deployment.environment.name", "otel.resource.service.namespace",
	"otel.resource.service.version", "otel.resource.host.name", "otel.resource.k8s.namespace.name", "otel.resource.k8s.pod.name",
}

func addOTLPFlags(f *pflag.FlagSet) {
	f.String("otlp-grpc", "127.0.0.1:4317", "`address` that OpenTelemetry SDKs send traces to over gRPC, or off")
	f.String("otlp-http", "127.0.0.1:4318", "`address` that OpenTelemetry SDKs send traces to over HTTP, or off")
	f.StringSlice("otlp-index", indexedByDefault, "`attributes` that can be searched for as annotations: all (of spans), names, otel.resource.NAME, or none")
	f.Int("otlp-max-request-bytes", 16<<20, "one request of OpenTelemetry's, in bytes, after decompression")
}

// index is OTLPIndex for the mapping.
func (c otlpConfig) index() (x wire.SpanIndex, err error) {
	for _, word := range c.OTLPIndex {
		switch word {
		case indexAll:
			x.All = true
		case indexNone:
			if len(c.OTLPIndex) > 1 {
				return x, fmt.Errorf("--otlp-index %s stands alone, and names are given too", indexNone)
			}
		case "":
			return x, fmt.Errorf("--otlp-index names an attribute without a name; say %s for no attributes", indexNone)
		default:
			x.Keys = append(x.Keys, word)
		}
	}
	return x, nil
}

// addresses are those of the doors by flag.
func (c otlpConfig) addresses() map[string]string {
	return map[string]string{"otlp-grpc": c.OTLPGRPC, "otlp-http": c.OTLPHTTP}
}

// check says what is wrong; open says that everybody may come in.
func (c otlpConfig) check(open, insecure bool) error {
	_, err := c.index()
	all := []error{err}
	for _, flag := range []string{"otlp-grpc", "otlp-http"} {
		addr := c.addresses()[flag]
		if addr == off {
			continue
		}
		if _, _, err := net.SplitHostPort(addr); err != nil {
			all = append(all, fmt.Errorf("--%s %s: not an address like 127.0.0.1:4317, and not off: %w", flag, addr, err))
		} else if err := wantLoopback(addr); err != nil && open && !insecure {
			all = append(all, fmt.Errorf("--%s %s: %w; name those who may come in with --auth-file, use 127.0.0.1, or put a proxy that authenticates in front and say --insecure", flag, addr, err))
		}
	}
	return errors.Join(all...)
}

// warnings are what the operator should know of doors on the network.
func (c otlpConfig) warnings(open, plain bool) (out []string) {
	for _, flag := range []string{"otlp-grpc", "otlp-http"} {
		addr := c.addresses()[flag]
		if addr == off || wantLoopback(addr) == nil {
			continue
		}
		if open {
			out = append(out, "--insecure: everybody who can reach --"+flag+" may send traces")
		}
		if plain {
			out = append(out, "--"+flag+" is on the network without TLS: tokens and traces can be read on the way; give --tls-cert and --tls-key, or put a proxy with TLS in front")
		}
	}
	return out
}

// otlpDoors are the open sockets; nil when turned off.
type otlpDoors struct{ grpc, http net.Listener }

func openOTLP(ctx context.Context, cfg otlpConfig) (d otlpDoors, err error) {
	if cfg.OTLPGRPC != off {
		if d.grpc, err = listenTCP(ctx, "otlp-grpc", cfg.OTLPGRPC); err != nil {
			return d, err
		}
	}
	if cfg.OTLPHTTP != off {
		if d.http, err = listenTCP(ctx, "otlp-http", cfg.OTLPHTTP); err != nil {
			d.close()
			return otlpDoors{}, err
		}
	}
	return d, nil
}

func (d otlpDoors) close() {
	if d.grpc != nil {
		d.grpc.Close()
	}
	if d.http != nil {
		d.http.Close()
	}
}

// newOTLP is what stands behind both doors.
func newOTLP(cfg config, acceptor *accept.Acceptor, guard *access.Guard) (*accept.OTLP, error) {
	index, err := cfg.index()
	if err != nil {
		return nil, err
	}
	return accept.NewOTLP(acceptor, accept.OTLPConfig{
		Index: index, MaxRequestBytes: cfg.OTLPMaxRequestBytes, Authorize: guard.Bearer, Drain: cfg.ShutdownTimeout,
	}), nil
}

// serveOTLP runs the doors that are open in the group.
func serveOTLP(ctx context.Context, group *errgroup.Group, cfg config, d otlpDoors, s services, otlp *accept.OTLP, guard *access.Guard) {
	if d.grpc != nil {
		group.Go(func() error { return otlp.ServeGRPC(ctx, d.grpc, s.locks.tlsConfig()) })
	}
	if d.http != nil {
		group.Go(func() error {
			return serveHTTP(ctx, d.http, guard.Wrap(otlp.Handler()), s.locks.tlsConfig(), s.log, cfg.ShutdownTimeout)
		})
	}
}

// announceOTLP says what to give to OpenTelemetry's SDKs.
func announceOTLP(w io.Writer, scheme string, d otlpDoors) {
	if d.grpc != nil {
		fmt.Fprintf(w, "  OTLP gRPC  %s://%s  for OTEL_EXPORTER_OTLP_ENDPOINT\n", scheme, d.grpc.Addr())
	}
	if d.http != nil {
		fmt.Fprintf(w, "  OTLP HTTP  %s://%s  the same, with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n", scheme, d.http.Addr())
	}
}
