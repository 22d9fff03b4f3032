package graph

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// requestHost returns host or host:port of the request's URL; empty when there
// is none.
func requestHost(s *roentgen.Segment) string {
	if s.HTTP == nil {
		return ""
	}
	_, rest, ok := strings.Cut(s.HTTP.URL, "://")
	if !ok {
		return ""
	}
	host := authority(rest)
	if name, _ := splitPort(host); name == "" {
		return ""
	}
	return host
}

// authority returns what stands before path and query, without the user.
func authority(rest string) string {
	if end := strings.IndexAny(rest, "/?#;"); end >= 0 {
		rest = rest[:end]
	}
	return rest[strings.LastIndexByte(rest, '@')+1:]
}

// splitPort takes host:port apart. The name is empty when it could not be one
// of a host, or the port not be a port: then the text may be something else,
// part of a password for instance, and is shown to nobody.
func splitPort(host string) (name, port string) {
	if inner, rest, ok := strings.Cut(strings.TrimPrefix(host, "["), "]"); ok && host[0] == '[' {
		name, port = inner, strings.TrimPrefix(rest, ":")
	} else {
		name, port, _ = strings.Cut(host, ":")
	}
	if !consistsOf(name, isHostByte) || !consistsOf(port, isDigit) {
		return "", ""
	}
	return name, port
}

func consistsOf(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// isHostByte allows what DNS names, container names and IPv6 addresses are
// made of.
func isHostByte(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '.' || c == '-' || c == '_' || c == ':'
}
