package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

func newDoctorCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look at a running system, and name what is wrong and the line to change",
		Long: `Look at a running system from this host: the server and the token for it, its
version and clock, this host's data directory, open files and receive buffer,
who holds the daemon's port, what the agent there can do, whether a segment sent
to it over UDP can be read from the server, and the way to an agent's upstream.

Each check is ok, a warning, failed with the line to change, or skipped with the
reason. Without AWS what concerns AWS is skipped: it is looked at with
--upstream aws, or where this environment names a region or credentials. The
exit status is 1 when a check failed.

The round trip stores a trace of the service roentgen-doctor and deletes it
again; --no-write leaves it out. Nothing else is changed.`,
		Example: `  roentgen doctor
  roentgen doctor --server https://roentgen.example.in --daemon 127.0.0.1:2000
  roentgen doctor --config /etc/roentgen/roentgen.yaml --json | jq '.checks[] | select(.state == "failed")'
  roentgen doctor --server off --upstream aws --region ap-south-1`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return runDoctor(c, w) },
	}
	c.Flags().String("config", "", "configuration `file` of the server on this host (default "+envPrefix+"CONFIG); it says where --data and --daemon are")
	c.Flags().String("daemon", "", "`address` of the daemon's port, or off (default AWS_XRAY_DAEMON_ADDRESS, then 127.0.0.1:2000)")
	c.Flags().String("data", "", "data `directory` of the server on this host")
	c.Flags().Bool("no-write", false, "store no trace")
	c.Flags().String("upstream", "", "upstream of an agent to look at: aws, or the `URL` of a Roentgen server")
	c.Flags().String("token-file", "", "`file` with the token for --upstream")
	c.Flags().StringP("region", "n", "", "AWS `region`")
	c.Flags().StringP("role-arn", "r", "", "`ARN` of the role to assume for AWS")
	c.Flags().StringP("proxy-address", "p", "", "`URL` of a proxy on the way to the upstream")
	c.Flags().String("endpoint", "", "`URL` of AWS X-Ray, where it is not that of the region")
	c.Flags().BoolP("local-mode", "o", false, "do not ask EC2 for metadata")
	c.Flags().Bool("json", false, "the same as --output json")
	addClientFlags(c)
	c.Flags().Lookup("server").Usage = "`URL` of the server, or off (default " + serverEnv + ", then " + defaultServer + ")"
	return c
}

// State of a check.
const (
	stateOK      = "ok"
	stateWarning = "warning"
	stateFailed  = "failed"
	stateSkipped = "skipped"
)

// check is what was found of one thing.
type check struct {
	Name   string `json:"check"`
	State  string `json:"state"`
	Found  string `json:"found"`
	Remedy string `json:"remedy,omitempty"` // the line to change
}

// doctor looks at things one after the other.
type doctor struct {
	around
	c      *cobra.Command
	server *client // nil: --server off
	daemon string  // address, or off
	data   string  // directory; empty: not known
	up     bool    // the server answers, and takes the token
	proc   string  // where the kernel's files are; not a flag, for tests
	checks []check
	agents []doctorAgent
}

// looking is how long one look may take.
const looking = 10 * time.Second

func runDoctor(c *cobra.Command, w around) error {
	s, err := newScreen(c, w)
	if err != nil {
		return err
	}
	if asJSON, _ := c.Flags().GetBool("json"); asJSON {
		s.json = true
	}
	d := &doctor{around: w, c: c, proc: "/proc"}
	if err := d.prepare(); err != nil {
		return err
	}
	for _, look := range []func(context.Context){
		d.lookAtServer, d.lookAtAgents, d.lookAtHost, d.lookAtPort, d.lookAtCapability, d.roundTrip, d.lookAtUpstream,
	} {
		ctx, cancel := context.WithTimeout(c.Context(), 3*looking)
		look(ctx)
		cancel()
		if c.Context().Err() != nil {
			return c.Context().Err()
		}
	}
	if s.json {
		err = s.writeJSON(map[string]any{"failed": d.count(stateFailed), "warnings": d.count(stateWarning), "checks": d.checks})
	} else {
		d.print(s)
	}
	if n := d.count(stateFailed); n > 0 {
		return errors.Join(err, fmt.Errorf("%d of %d checks failed", n, len(d.checks)))
	}
	return err
}

// prepare reads flags, and the server's file, if there is one.
func (d *doctor) prepare() error {
	text := func(flag string) string { v, _ := d.c.Flags().GetString(flag); return v }
	d.daemon, d.data = text("daemon"), text("data")
	if path := cmp.Or(text("config"), d.getenv(envPrefix+"CONFIG")); path != "" {
		if err := d.readConfig(path); err != nil {
			return err
		}
	}
	d.daemon = cmp.Or(d.daemon, daemonOfSDKs(d.getenv("AWS_XRAY_DAEMON_ADDRESS")), "127.0.0.1:2000")
	if text("server") == off {
		return nil
	}
	var err error
	if d.server, err = newClient(d.c, d.around); err != nil {
		return err
	}
	d.server.http = &http.Client{Timeout: looking, Transport: &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyFromEnvironment}}
	if d.data == "" && isHere(d.server.server) {
		if _, err := os.Stat("roentgen-data"); err == nil {
			d.data = "roentgen-data"
		}
	}
	return nil
}

// daemonOfSDKs reads the variable that tells SDKs where to send: host:port, or
// tcp:host:port udp:host:port in either order, of which segments take the UDP
// side. Empty: it is not set, or says nothing that can be used.
func daemonOfSDKs(text string) (address string) {
	for _, word := range strings.Fields(text) {
		if udp, ok := strings.CutPrefix(word, "udp:"); ok {
			return udp
		}
		if !strings.HasPrefix(word, "tcp:") {
			address = word
		}
	}
	return address
}

// readConfig checks the server's file, and takes from it where things are.
func (d *doctor) readConfig(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read --config: %w", err)
	}
	kind, found := checkFile(kindServer, text)
	for _, m := range found {
		d.failed("configuration", m.at(path), "change that line; roentgen config check "+path+" says all that is wrong")
	}
	if len(found) > 0 {
		return nil
	}
	d.ok("configuration", "%s is good, a file of kind %s", path, kind)
	flags := newServeCommand().Flags()
	cfg, err := loadConfig(path, flags, os.Environ())
	if err != nil {
		d.failed("configuration", err.Error(), "change that setting; roentgen config print --origin says where it comes from")
		return nil
	}
	d.daemon, d.data = cmp.Or(d.daemon, cfg.Daemon), cmp.Or(d.data, cfg.Data)
	if server := d.c.Flags().Lookup("server"); !server.Changed && d.getenv(serverEnv) == "" && cfg.HTTP != off {
		return server.Value.Set(cfg.scheme() + "://" + cfg.HTTP)
	}
	return nil
}

// isHere tells whether a URL is of this host.
func isHere(server string) bool {
	u, err := url.Parse(server)
	return err == nil && (u.Hostname() == "localhost" || wantLoopback(u.Hostname()+":1") == nil)
}

func (d *doctor) add(name, state, found, remedy string) {
	d.checks = append(d.checks, check{name, state, strings.TrimSpace(harmless(found)), harmless(remedy)})
}

func (d *doctor) ok(name, found string, args ...any) {
	d.add(name, stateOK, fmt.Sprintf(found, args...), "")
}
func (d *doctor) warning(name, found, remedy string) { d.add(name, stateWarning, found, remedy) }
func (d *doctor) failed(name, found, remedy string)  { d.add(name, stateFailed, found, remedy) }
func (d *doctor) skipped(name, why string)           { d.add(name, stateSkipped, why, "") }

func (d *doctor) count(state string) (n int) {
	for _, c := range d.checks {
		if c.State == state {
			n++
		}
	}
	return n
}

func (d *doctor) print(s *screen) {
	inks := map[string]ink{stateWarning: errs, stateFailed: faults, stateSkipped: faint}
	widest := 0
	for _, c := range d.checks {
		widest = max(widest, columnsOf(c.Name))
	}
	for _, c := range d.checks {
		head := s.paint(inks[c.State], pad(c.State, len(stateWarning))) + "  " + pad(c.Name, widest) + "  "
		indent := len(stateWarning) + widest + 4
		for i, line := range wrapped(c.Found, s.width-indent, 8) {
			if i > 0 {
				head = blanks(indent)
			}
			fmt.Fprintln(s.w, head+line)
		}
		for i, line := range wrapped(c.Remedy, s.width-indent-2, 8) {
			mark := "→ "
			if i > 0 {
				mark = "  "
			}
			fmt.Fprintln(s.w, blanks(indent)+s.paint(bold, mark+line))
		}
	}
	states := []string{stateOK, stateWarning, stateFailed, stateSkipped}
	sums := slices.Collect(func(yield func(string) bool) {
		for _, state := range states {
			if n := d.count(state); n > 0 && !yield(fmt.Sprintf("%d %s", n, state)) {
				return
			}
		}
	})
	fmt.Fprintf(s.w, "\n%s\n", strings.Join(sums, ", "))
}
