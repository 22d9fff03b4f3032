package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen/agent"
)

// Bounds of what a host should have.
const (
	leastFree    = 256 << 20 // bytes, below which a server soon cannot write
	scarceFree   = 2 << 30
	leastFiles   = 1024
	scarceFiles  = 4096
	wantedBuffer = agent.DefaultBufferBytes // that agents ask the kernel for
)

// lookAtHost looks at what the kernel gives.
func (d *doctor) lookAtHost(context.Context) {
	d.lookAtData()
	d.lookAtFiles()
	d.lookAtBuffer()
}

func (d *doctor) lookAtData() {
	switch {
	case d.data == "":
		d.skipped("data directory", "none is known on this host; name it with --data or --config")
		return
	case d.server != nil && !isHere(d.server.server) && !d.c.Flags().Changed("data") && !d.c.Flags().Changed("config"):
		d.skipped("data directory", "the server is on another host: run roentgen doctor there")
		return
	}
	probe, err := os.CreateTemp(d.data, ".doctor-")
	if err != nil {
		d.failed("data directory", fmt.Sprintf("%s cannot be written by this user: %v", d.data, err), dataRemedy(d.data, err))
		return
	}
	_, err = probe.WriteString("roentgen doctor\n")
	if err = errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		d.failed("data directory", fmt.Sprintf("%s cannot be written: %v", d.data, err), dataRemedy(d.data, err))
		return
	}
	free, err := freeSpace(d.data)
	const remedy = "make room on that disk, lower --retention, or set --max-disk-bytes"
	switch text := fmt.Sprintf("%s is writable, %s MB are free", d.data, grouped(free>>20)); {
	case err != nil:
		d.skipped("data directory", "how much is free cannot be asked here: "+err.Error())
	case free < leastFree:
		d.failed("data directory", text, remedy)
	case free < scarceFree:
		d.warning("data directory", text, remedy)
	default:
		d.ok("data directory", "%s", text)
	}
}

func dataRemedy(dir string, err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "mkdir -p " + dir + ", or name the right one with --data"
	case errors.Is(err, fs.ErrPermission):
		return "chown roentgen " + dir + " (or run doctor as the server's user)"
	}
	return "make room on that disk, or see dmesg for what is wrong with it"
}

// lookAtFiles asks for the bound of the server's process, where it can be
// found, and for that of this one otherwise.
func (d *doctor) lookAtFiles() {
	whose := "of this shell"
	soft, err := openFiles()
	if d.server != nil && isHere(d.server.server) {
		if pid := d.pidOf(d.server.server); pid > 0 {
			if n, ok := limitOf(d.proc, pid); ok {
				soft, whose, err = n, fmt.Sprintf("of the server, process %d", pid), nil
			}
		}
	}
	const remedy = "LimitNOFILE=65536 in the unit's [Service] (or ulimit -n 65536 before it starts)"
	switch text := fmt.Sprintf("the bound %s is %s", whose, grouped(int64(soft))); {
	case err != nil:
		d.skipped("open files", "the bound cannot be asked here: "+err.Error())
	case soft < leastFiles:
		d.failed("open files", text, remedy)
	case soft < scarceFiles:
		d.warning("open files", text, remedy)
	default:
		d.ok("open files", "%s", text)
	}
}

// limitOf reads the soft bound of open files of a process.
func limitOf(proc string, pid int) (uint64, bool) {
	text, err := os.ReadFile(fmt.Sprintf("%s/%d/limits", proc, pid))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "Max open files"); ok {
			fields := strings.Fields(rest)
			if len(fields) == 0 {
				return 0, false
			}
			if fields[0] == "unlimited" {
				return 1 << 30, true
			}
			n, err := strconv.ParseUint(fields[0], 10, 63)
			return n, err == nil
		}
	}
	return 0, false
}

func rmemRemedy(want int64) string {
	return fmt.Sprintf("sysctl -w net.core.rmem_max=%d, and the same line in /etc/sysctl.d/90-roentgen.conf; then start the agent anew", want)
}

// lookAtBuffer compares what agents want with what the kernel gives: an agent
// with CAP_NET_ADMIN may have more than others.
func (d *doctor) lookAtBuffer() {
	text, err := os.ReadFile(d.proc + "/sys/net/core/rmem_max")
	most, parsed := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || parsed != nil {
		d.skipped("receive buffer", "net.core.rmem_max cannot be read here")
		return
	}
	if most >= wantedBuffer {
		d.ok("receive buffer", "net.core.rmem_max is %s, agents want %s", grouped(most), grouped(wantedBuffer))
		return
	}
	host := hostname()
	for _, a := range d.agents {
		if a.Host == host && a.Statement != nil && a.Statement.Wanted > 0 && a.Statement.BufferBytes >= a.Statement.Wanted {
			d.ok("receive buffer", "net.core.rmem_max is %s, and agent %s has its %s all the same", grouped(most), a.name(), grouped(a.Statement.Wanted))
			return
		}
	}
	d.warning("receive buffer", fmt.Sprintf("net.core.rmem_max is %s, agents want %s: in a burst datagrams are lost sooner", grouped(most), grouped(wantedBuffer)), rmemRemedy(wantedBuffer))
}
