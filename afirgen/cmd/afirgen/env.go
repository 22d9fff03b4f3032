package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// environment gives flags their defaults from environment variables and remembers the values that it could not read.
type environment struct {
	get  func(string) string
	errs []error
}

// err is what was wrong with the variables of one command. Only the command that runs asks.
func (e *environment) err() error { return errors.Join(e.errs...) }

func (e *environment) text(name, otherwise string) string {
	if value := e.get(name); value != "" {
		return value
	}
	return otherwise
}

// count wants an integer of at least 1.
func (e *environment) count(name string, otherwise int) int {
	value := e.get(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 {
		e.errs = append(e.errs, fmt.Errorf("reading %s=%q: it must be a whole number of at least 1", name, value))
		return otherwise
	}
	return n
}

// seconds wants a number of seconds of at least 1.
func (e *environment) seconds(name string, otherwise time.Duration) time.Duration {
	return time.Duration(e.count(name, int(otherwise/time.Second))) * time.Second
}

// loopback is 127.0.0.1 with the port that the variable says.
func (e *environment) loopback(name string, otherwise int) string {
	return "127.0.0.1:" + strconv.Itoa(e.count(name, otherwise))
}

// list cuts at commas and drops what is empty.
func (e *environment) list(name string, otherwise ...string) []string {
	value := e.get(name)
	if value == "" {
		return otherwise
	}
	var items []string
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// prefixes reads networks (10.0.0.0/8) and single addresses.
func prefixes(items []string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, item := range items {
		prefix, err := netip.ParsePrefix(item)
		if addr, addrErr := netip.ParseAddr(item); err != nil && addrErr == nil {
			prefix, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("reading the trusted proxy %q: it must be an address or a network like 10.0.0.0/8", item)
		}
		list = append(list, prefix)
	}
	return list, nil
}
