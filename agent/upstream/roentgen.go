package upstream

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/roentgen/roentgen/wire"
)

// TLS says how to trust the server and how to be trusted. The zero value trusts
// the system's authorities.
type TLS struct {
	CAFile     string // PEM; trusted instead of the system's authorities
	CertFile   string // PEM; a client certificate, read again at each handshake, so that it may be renewed
	KeyFile    string // PEM; its key
	ServerName string // that the certificate has to bear; "": the host of the URL
	NoVerify   bool   // trust whatever answers
}

// RoentgenConfig says where the server is.
type RoentgenConfig struct {
	URL       string        // http or https, host, perhaps a path in front of /api
	Token     string        // Bearer token; "": none
	TokenFile string        // read again when it changes; wins over Token
	Agent     string        // 32 hex digits: who asks for notices
	Version   string        // of the program, for the user agent
	TLS       TLS           //
	Proxy     string        // URL; "": HTTPS_PROXY and its kin
	Timeout   time.Duration // of one request; default 30 s
	Logger    *slog.Logger  // default: none
	Now       func() time.Time
}

// Roentgen sends to a Roentgen server and asks it for notices.
type Roentgen struct {
	cfg         RoentgenConfig
	base        *url.URL
	tokens      *tokens
	connections *connections
	buffers     buffers
}

const defaultTimeout = 30 * time.Second

// NewRoentgen makes the sender. It reads the files that cfg names, and does not
// contact the server.
func NewRoentgen(cfg RoentgenConfig) (*Roentgen, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = defaultTimeout
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	base, err := url.Parse(cfg.URL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("upstream %q is no URL like https://roentgen.example:2080", cfg.URL)
	}
	if cfg.Agent == "" {
		cfg.Agent = strings.Repeat("0", 32) // someone who only looks
	}
	r := &Roentgen{cfg: cfg, base: base, tokens: &tokens{fixed: cfg.Token, file: cfg.TokenFile}}
	if _, err := r.tokens.get(); err != nil {
		return nil, err
	}
	transport, err := newTransport(cfg.TLS, cfg.Proxy)
	if err != nil {
		return nil, fmt.Errorf("upstream %s: %w", base.Redacted(), err)
	}
	r.connections = newConnections(transport)
	r.buffers = newBuffers()
	return r, nil
}

// Describe implements Sender.
func (r *Roentgen) Describe() string {
	as := "without a token"
	if r.cfg.TokenFile != "" || r.cfg.Token != "" {
		as = "with a token"
	}
	return fmt.Sprintf("Roentgen at %s, %s", r.base.Redacted(), as)
}

// Close closes idle connections.
func (r *Roentgen) Close() error {
	r.connections.close()
	return nil
}

// call is one request and what is said of it when it fails.
type call struct {
	doing  string // like "send a batch"
	method string
	path   string // below the base, with a leading slash
	query  url.Values
	kind   string // Content-Type; "": no body
	body   []byte
	limit  time.Duration
}

// do makes the request. The answer's body is read into buf.
func (r *Roentgen) do(ctx context.Context, c call, buf []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	target := *r.base
	target.Path = strings.TrimSuffix(target.Path, "/") + c.path
	target.RawQuery = c.query.Encode()
	req, err := http.NewRequestWithContext(ctx, c.method, target.String(), nil)
	if err != nil {
		return nil, nil, &Error{Config: true, Err: err, Text: fmt.Sprintf("%s to %s: %v", c.doing, target.Redacted(), err)}
	}
	token, err := r.tokens.get()
	if err != nil {
		return nil, nil, &Error{Config: true, Err: err, Text: fmt.Sprintf("%s to %s: %v", c.doing, target.Redacted(), err)}
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if c.kind != "" {
		req.Header.Set("Content-Type", c.kind)
	}
	req.Header.Set("User-Agent", "roentgen-agent/"+r.cfg.Version)
	req.ContentLength = int64(len(c.body))
	resp, b, err := r.connections.do(req, c.body, buf)
	if err != nil {
		return nil, nil, unreachable(c.doing, &target, c.limit, err)
	}
	return resp, b, nil
}

// Send implements Sender.
func (r *Roentgen) Send(ctx context.Context, b *wire.Batch) (wire.BatchAnswer, error) {
	buf := r.buffers.get()
	defer r.buffers.put(buf)
	buf.body = buf.writer.Append(buf.body[:0], b)
	c := call{"send a batch", http.MethodPost, "/api/agent/batches", nil, wire.BatchContentType, buf.body, r.cfg.Timeout}
	resp, body, err := r.do(ctx, c, buf.answer)
	if err != nil {
		return wire.BatchAnswer{}, err
	}
	buf.answer = body[:0]
	if resp.StatusCode != http.StatusOK {
		return wire.BatchAnswer{}, r.refusal(c, resp, body)
	}
	return r.readBatchAnswer(b, body)
}

// Check implements Sender: an empty poll is let in exactly where a batch is.
func (r *Roentgen) Check(ctx context.Context) error {
	_, _, _, err := r.pull(ctx, "ask for notices", never, 0, 1)
	return err
}

// Do passes a request of the sampling API on, such as /GetSamplingRules, and
// returns the answer whatever its status.
func (r *Roentgen) Do(ctx context.Context, path string, body []byte) (*Answer, error) {
	c := call{"pass " + path + " on", http.MethodPost, path, nil, "application/json", body, r.cfg.Timeout}
	resp, b, err := r.do(ctx, c, nil)
	if err != nil {
		return nil, err
	}
	answer := newAnswer(resp, b)
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		answer.Refusal = r.refusal(c, resp, b)
	}
	return answer, nil
}

// Answer is what an upstream answered to a request that was passed on.
type Answer struct {
	Status int
	Header http.Header // those worth passing on: Content-Type, X-Amzn-Errortype, X-Amzn-Requestid, Retry-After
	Body   []byte
	// Refusal is set where it is this agent that is not let in, whatever it
	// asks: its credentials, its policy, its clock. It names the remedy.
	Refusal *Error
}

func newAnswer(resp *http.Response, body []byte) *Answer {
	a := &Answer{Status: resp.StatusCode, Header: http.Header{}, Body: body}
	for _, name := range [...]string{"Content-Type", "X-Amzn-Errortype", "X-Amzn-Requestid", "Retry-After"} {
		if v := resp.Header.Get(name); v != "" {
			a.Header.Set(name, v)
		}
	}
	return a
}
