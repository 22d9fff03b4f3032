package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// socket is one that waits for somebody.
type socket struct {
	network string // udp or tcp
	inode   string
	pid     int // 0: it is not seen by this user
	program string
}

// lookAtPort says who holds the daemon's port.
func (d *doctor) lookAtPort(context.Context) {
	if d.daemon == off {
		d.skipped("daemon port", "--daemon off")
		return
	}
	host, port, err := net.SplitHostPort(d.daemon)
	number, wrong := strconv.Atoi(port)
	switch {
	case err != nil || wrong != nil:
		d.failed("daemon port", fmt.Sprintf("%s is not an address like 127.0.0.1:2000", d.daemon), "give one with --daemon")
		return
	case host != "" && host != "0.0.0.0" && host != "::" && wantLoopback(d.daemon) != nil:
		d.skipped("daemon port", d.daemon+" is on another host: who holds it is seen there")
		return
	}
	held, err := socketsOn(d.proc, number)
	if err != nil {
		d.skipped("daemon port", "who holds it is seen on Linux alone: "+err.Error())
		return
	}
	for _, network := range []string{"udp", "tcp"} {
		d.lookAtHolder(network, number, held)
	}
}

func (d *doctor) lookAtHolder(network string, port int, held []socket) {
	name := fmt.Sprintf("port %d %s", port, network)
	i := slices.IndexFunc(held, func(s socket) bool { return s.network == network })
	if i < 0 {
		d.failed(name, "nobody listens: what SDKs send there is lost", "start roentgen serve (--daemon "+d.daemon+") or roentgen agent on this host, or set AWS_XRAY_DAEMON_ADDRESS to where one runs")
		return
	}
	s := held[i]
	switch who := fmt.Sprintf("process %d, %s", s.pid, s.program); {
	case s.pid == 0:
		d.ok(name, "somebody listens; who it is only root is told")
	case strings.Contains(s.program, "roentgen"):
		d.ok(name, "held by %s", who)
	case strings.Contains(s.program, "xray"):
		d.warning(name, "held by "+who+", the X-Ray daemon: traces that were not sampled and fail are lost", "stop it and run roentgen agent in its place, with the same flags and file")
	default:
		d.warning(name, "held by "+who+", which is none of ours by its name", fmt.Sprintf("if that is no agent: kill %d, or choose another port with --daemon and AWS_XRAY_DAEMON_ADDRESS", s.pid))
	}
}

// pidOf finds the process that listens where a URL of this host points to.
func (d *doctor) pidOf(server string) int {
	u, err := url.Parse(server)
	if err != nil {
		return 0
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0
	}
	held, err := socketsOn(d.proc, port)
	if err != nil {
		return 0
	}
	for _, s := range held {
		if s.network == "tcp" {
			return s.pid
		}
	}
	return 0
}

// socketsOn lists the sockets that wait on a port, with who has them.
func socketsOn(proc string, port int) ([]socket, error) {
	var held []socket
	read := 0
	for _, table := range []string{"udp", "udp6", "tcp", "tcp6"} {
		text, err := os.ReadFile(filepath.Join(proc, "net", table))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read who listens: %w", err)
		}
		read++
		for _, inode := range waitingOn(string(text), strings.TrimSuffix(table, "6"), port) {
			held = append(held, socket{network: strings.TrimSuffix(table, "6"), inode: inode})
		}
	}
	if read == 0 {
		return nil, fmt.Errorf("there is no %s/net", proc)
	}
	if len(held) > 0 {
		nameHolders(proc, held)
	}
	return held, nil
}

// waitingOn reads a table of the kernel: lines of number, local address in hex,
// remote address, state, …, inode in the tenth field.
func waitingOn(table, network string, port int) (inodes []string) {
	want := fmt.Sprintf(":%04X", port)
	state := map[string]string{"udp": "07", "tcp": "0A"}[network] // unconnected, listening
	for line := range strings.Lines(table) {
		f := strings.Fields(line)
		if len(f) > 9 && strings.HasSuffix(f[1], want) && f[3] == state {
			inodes = append(inodes, f[9])
		}
	}
	return inodes
}

// nameHolders finds the processes that have the sockets open, as far as this
// user may see them.
func nameHolders(proc string, held []socket) {
	links, _ := filepath.Glob(filepath.Join(proc, "[0-9]*", "fd", "*"))
	for _, link := range links {
		to, err := os.Readlink(link)
		inode, ok := strings.CutPrefix(to, "socket:[")
		if err != nil || !ok {
			continue
		}
		for i := range held {
			if held[i].inode == strings.TrimSuffix(inode, "]") {
				dir := filepath.Dir(filepath.Dir(link))
				held[i].pid, _ = strconv.Atoi(filepath.Base(dir))
				held[i].program = programName(dir)
			}
		}
	}
}

// programName is that of the command line, which tells more than the 15
// letters of comm.
func programName(dir string) string {
	text, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
	if name, _, _ := strings.Cut(string(text), "\x00"); name != "" {
		return filepath.Base(name)
	}
	text, _ = os.ReadFile(filepath.Join(dir, "comm"))
	return strings.TrimSpace(string(text))
}
