package tracing

import (
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen/redact"
)

// settings is a Config after the environment has had its say: complete,
// checked, and never changed again.
type settings struct {
	name, version, origin string
	ecsContainer          string // host name inside ECS, else empty
	disabled              bool
	rate                  float64
	requestRate           func(*http.Request) (float64, bool)
	localSampling         bool             // central rules are not asked for
	undecided             bool             // unsampled requests may be recorded
	redactor              *redact.Redactor // nil: documents go out as they are
	address, tcp          string           // host:port for UDP, and for asking the agent
	missing               MissingMode
	forceKey              []byte
	trusted               []netip.Prefix // nil: everyone
	callees               map[string]string
	logger                *slog.Logger
	maxDocument           int
	datagramBytes         int
	queueSize             int
	limits                Limits
	now                   func() time.Time // nil: time.Now
	rand                  rand.Source
}

// resolver reads values by name, so that an error can say which name it was.
type resolver struct {
	lookup func(string) (string, bool)
}

// value is a setting and where it came from.
type value struct {
	text, from string
	set        bool
}

// env returns the variable if it is set and not blank.
func (r resolver) env(key string) value {
	v, ok := r.lookup(key)
	v = strings.TrimSpace(v)
	return value{text: v, from: key, set: ok && v != ""}
}

func code(field, v string) value {
	return value{text: v, from: "Config." + field, set: v != ""}
}

// first returns the first value that is set; the last argument is the default.
func first(vs ...value) value {
	for _, v := range vs {
		if v.set {
			return v
		}
	}
	return vs[len(vs)-1]
}

// winner checks every value that is set, also those that lose, and returns the
// first; the last argument is the default.
func winner(check func(value) error, vs ...value) (value, error) {
	for _, v := range vs {
		if !v.set {
			continue
		}
		if err := check(v); err != nil {
			return v, err
		}
	}
	return first(vs...), nil
}

// bad is the one shape of a configuration error.
func bad(v value, legal string) error {
	return fmt.Errorf("setting up tracing: %s is %q: use %s", v.from, v.text, legal)
}

// resolve merges cfg with the environment; README.md has the table.
func resolve(cfg Config) (*settings, error) {
	if cfg.LookupEnv == nil {
		cfg.LookupEnv = os.LookupEnv
	}
	r := resolver{cfg.LookupEnv}
	s := &settings{
		requestRate: cfg.RequestRate, callees: maps.Clone(cfg.Callees), logger: cfg.Logger,
		limits: cfg.Limits.orDefaults(), now: cfg.Now, rand: cfg.Rand,
	}
	steps := []func(resolver, Config) error{
		s.setName, s.setDisabled, s.setRate, s.setSampling, s.setUndecided, s.setRedact, s.setAddress, s.setMissing, s.setForce, s.setTrusted, s.setBounds,
	}
	for _, step := range steps {
		if err := step(r, cfg); err != nil {
			return nil, err
		}
	}
	s.setOrigin(r, cfg)
	return s, nil
}

func (s *settings) setName(r resolver, cfg Config) error {
	attrs, err := r.resourceAttributes()
	if err != nil {
		return err
	}
	name := first(r.env("AWS_XRAY_TRACING_NAME"), code("ServiceName", cfg.ServiceName), r.env("XRAY_SERVICE_NAME"),
		r.env("OTEL_SERVICE_NAME"), attrs["service.name"], value{text: filepath.Base(os.Args[0])})
	version := first(code("ServiceVersion", cfg.ServiceVersion), attrs["service.version"], value{})
	s.name, _ = cleanName(name.text)
	s.version = cut(version.text, maxShort)
	return nil
}

// resourceAttributes reads OTEL_RESOURCE_ATTRIBUTES: k=v pairs between commas,
// percent-encoded (OpenTelemetry resource specification).
func (r resolver) resourceAttributes() (map[string]value, error) {
	v := r.env("OTEL_RESOURCE_ATTRIBUTES")
	attrs := map[string]value{}
	if !v.set {
		return attrs, nil
	}
	for part := range strings.SplitSeq(v.text, ",") {
		k, raw, ok := strings.Cut(strings.TrimSpace(part), "=")
		text, err := url.PathUnescape(strings.TrimSpace(raw))
		if !ok || err != nil {
			return nil, bad(v, "key=value pairs between commas, with percent-encoding")
		}
		attrs[strings.TrimSpace(k)] = value{text: text, from: v.from, set: text != ""}
	}
	return attrs, nil
}

// setDisabled asks the switches in order; the first one that is set decides.
func (s *settings) setDisabled(r resolver, cfg Config) error {
	switches := []struct {
		value
		disables bool // what "true" means
	}{
		{r.env("AWS_XRAY_SDK_DISABLED"), true},
		{value{text: "true", set: cfg.Disabled}, true},
		{r.env("XRAY_ENABLED"), false},
		{r.env("OTEL_SDK_DISABLED"), true},
	}
	decided := false
	for _, w := range switches {
		if !w.set {
			continue
		}
		on, err := strconv.ParseBool(strings.ToLower(w.text))
		if err != nil {
			return bad(w.value, "true or false")
		}
		if !decided {
			s.disabled, decided = on == w.disables, true
		}
	}
	return nil
}

func (s *settings) setRate(r resolver, cfg Config) error {
	fromCode := value{}
	if cfg.SamplingRate != nil {
		fromCode = code("SamplingRate", strconv.FormatFloat(*cfg.SamplingRate, 'g', -1, 64))
	}
	s.rate = defaultSamplingRate
	v, err := winner(checkRate, fromCode, r.env("XRAY_SAMPLING_RATE"))
	if err == nil && v.set {
		s.rate, _ = strconv.ParseFloat(v.text, 64) // checked
	}
	return err
}

func checkRate(v value) error {
	rate, err := strconv.ParseFloat(v.text, 64)
	if err != nil || !(rate >= 0 && rate <= 1) { // NaN fails both comparisons
		return bad(v, "a number from 0 to 1, such as 0.1")
	}
	return nil
}

func (s *settings) setAddress(r resolver, cfg Config) error {
	check := func(v value) error {
		if _, _, err := agentAddress(v.text); err != nil {
			return bad(v, `host:port or "tcp:host:port udp:host:port", IPv6 in brackets ("[::1]:2000"): `+err.Error())
		}
		return nil
	}
	v, err := winner(check, r.env("AWS_XRAY_DAEMON_ADDRESS"), code("DaemonAddress", cfg.DaemonAddress), r.env("XRAY_DAEMON_ADDRESS"),
		value{text: defaultDaemonAddress})
	if err == nil {
		s.address, s.tcp, err = agentAddress(v.text)
	}
	return err
}

// agentAddress takes the parts of a daemon address; the plain form is both.
// Either order of the two is right, as in the official SDKs.
func agentAddress(s string) (udp, tcp string, err error) {
	parts := strings.Fields(s)
	if len(parts) == 1 && !strings.HasPrefix(s, "udp:") && !strings.HasPrefix(s, "tcp:") {
		return s, s, checkAddress(s)
	}
	by := map[string]string{}
	for _, p := range parts {
		proto, addr, _ := strings.Cut(p, ":")
		if by[proto] != "" {
			return "", "", fmt.Errorf("%s: stands twice", proto)
		}
		by[proto] = addr
	}
	if len(parts) != 2 || by["udp"] == "" || by["tcp"] == "" {
		return "", "", fmt.Errorf("the two-part form needs exactly one tcp: and one udp: part")
	}
	if err := checkAddress(by["tcp"]); err != nil {
		return "", "", err
	}
	return by["udp"], by["tcp"], checkAddress(by["udp"])
}

// checkAddress wants a host and a port from 1 to 65535. It looks nothing up.
func checkAddress(a string) error {
	host, port, err := net.SplitHostPort(a)
	if err != nil {
		return err
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	if host == "" || strings.ContainsAny(host, " /@?#\t\"") {
		return fmt.Errorf("%q is no host", host)
	}
	return nil
}

func (s *settings) setMissing(r resolver, cfg Config) error {
	v, err := winner(checkMissing, r.env("AWS_XRAY_CONTEXT_MISSING"), code("ContextMissing", string(cfg.ContextMissing)),
		r.env("XRAY_CONTEXT_MISSING"), value{text: string(LogError)})
	s.missing = MissingMode(strings.ToUpper(v.text))
	return err
}

func checkMissing(v value) error {
	switch MissingMode(strings.ToUpper(v.text)) {
	case LogError, IgnoreError, RuntimeError:
		return nil
	}
	return bad(v, "LOG_ERROR, IGNORE_ERROR or RUNTIME_ERROR")
}

func (s *settings) setForce(r resolver, cfg Config) error {
	s.forceKey = []byte(first(code("ForceKey", cfg.ForceKey), r.env("XRAY_FORCE_KEY"), value{}).text)
	return nil
}

// setTrusted reads networks and single addresses between commas; "none" trusts
// no one.
func (s *settings) setTrusted(r resolver, cfg Config) error {
	v := r.env("XRAY_TRUSTED_PEERS")
	fromEnv, err := parsePeers(v)
	switch {
	case err != nil:
		return bad(v, `networks between commas, such as "10.0.0.0/8,::1", or none`)
	case cfg.TrustedPeers != nil:
		s.trusted = slices.Clone(cfg.TrustedPeers)
	default:
		s.trusted = fromEnv
	}
	return nil
}

// parsePeers returns nil, which is everyone, if v is not set.
func parsePeers(v value) ([]netip.Prefix, error) {
	if !v.set {
		return nil, nil
	}
	peers := []netip.Prefix{}
	if strings.EqualFold(v.text, "none") {
		return peers, nil
	}
	for part := range strings.SplitSeq(v.text, ",") {
		p, err := parsePeer(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		peers = append(peers, p)
	}
	return peers, nil
}

func parsePeer(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := netip.ParseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	return netip.ParsePrefix(s)
}

func (s *settings) setBounds(_ resolver, cfg Config) error {
	s.maxDocument, s.datagramBytes, s.queueSize = defaultMaxDocumentBytes, defaultDatagramBytes, defaultQueueSize
	if cfg.MaxDocumentBytes != 0 {
		s.maxDocument = cfg.MaxDocumentBytes
	}
	if cfg.DatagramBytes != 0 {
		s.datagramBytes = cfg.DatagramBytes
	}
	if cfg.QueueSize != 0 {
		s.queueSize = cfg.QueueSize
	}
	if s.maxDocument < minDocumentBytes || s.maxDocument > maxDatagram-len(sampledLine) {
		return bad(code("MaxDocumentBytes", strconv.Itoa(s.maxDocument)), "4096 to 65476 bytes")
	}
	if s.datagramBytes < 1 || s.datagramBytes > maxDatagram {
		return bad(code("DatagramBytes", strconv.Itoa(s.datagramBytes)), "1 to 65507 bytes")
	}
	if s.queueSize < 1 {
		return bad(code("QueueSize", strconv.Itoa(s.queueSize)), "1 or more")
	}
	return s.checkLimits()
}

func (s *settings) checkLimits() error {
	l := s.limits
	for _, n := range []int{l.Annotations, l.MetadataBytes, l.Attributes, l.Events, l.Links, l.Exceptions, l.StackFrames, l.HeldSubsegments} {
		if n < 0 {
			return bad(code("Limits", fmt.Sprintf("%+v", l)), "numbers above 0, or 0 for the default")
		}
	}
	return nil
}

// setOrigin sees whether this is an ECS container: the agent there announces
// its metadata address. Nothing is fetched from it.
func (s *settings) setOrigin(r resolver, cfg Config) {
	s.origin = cut(cfg.Origin, maxShort)
	if !first(r.env("ECS_CONTAINER_METADATA_URI_V4"), r.env("ECS_CONTAINER_METADATA_URI")).set {
		return
	}
	if s.origin == "" {
		s.origin = "AWS::ECS::Container"
	}
	if host, err := os.Hostname(); err == nil {
		s.ecsContainer = cut(host, maxShort)
	}
}
