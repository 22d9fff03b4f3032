package wire

import (
	"bytes"
	"strconv"
)

// urlParts is a URL taken apart as far as attributes do.
type urlParts struct {
	scheme, authority, host, port []byte
	target, path, query           []byte
	absolute, hasQuery            bool
}

// splitURL takes a URL apart without judging it.
func splitURL(url []byte) (u urlParts) {
	rest := url
	if i := bytes.Index(url, []byte("://")); i >= 0 {
		u.absolute, u.scheme, rest = true, url[:i], url[i+3:]
		end := bytes.IndexAny(rest, "/?#")
		if end < 0 {
			end = len(rest)
		}
		u.authority, rest = rest[:end], rest[end:]
		u.host, u.port = splitHost(u.authority)
	}
	u.target, u.path = rest, rest
	if i := bytes.IndexByte(rest, '?'); i >= 0 {
		u.path, u.query, u.hasQuery = rest[:i], rest[i+1:], true
	}
	return u
}

// splitHost splits host:port; the brackets of an IPv6 address go.
func splitHost(authority []byte) (host, port []byte) {
	host = authority
	if i := bytes.LastIndexByte(authority, ':'); i >= 0 && i > bytes.LastIndexByte(authority, ']') {
		host, port = authority[:i], authority[i+1:]
	}
	if n := len(host); n > 1 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	return host, port
}

// number returns the port as a number; false where there is none.
func (u *urlParts) number() (int64, bool) {
	if len(u.port) == 0 || len(u.port) > 5 || u.port[0] == '0' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(u.port), 10, 16)
	return int64(n), err == nil
}

// assembleURL puts a URL together from attributes that name its parts, as a
// server or as a client has them. Nil where they say too little.
func (s *spanWork) assembleURL(dst []byte) []byte {
	target := s.text(keyHTTPTarget)
	path, query := s.text(keyURLPath), s.text(keyURLQuery)
	host := s.host()
	if host == nil {
		if dst = append(dst, target...); target == nil {
			dst = appendTarget(dst, path, query)
		}
		return dst
	}
	scheme := s.text(keyHTTPScheme, keyURLScheme)
	if scheme == nil {
		scheme = []byte("http")
	}
	dst = append(append(dst, scheme...), "://"...)
	dst = s.appendAuthority(dst, scheme, host)
	switch {
	case target != nil:
		return append(dst, target...)
	case path == nil:
		dst = append(dst, '/')
	}
	return appendTarget(dst, path, query)
}

func appendTarget(dst, path, query []byte) []byte {
	dst = append(dst, path...)
	if query != nil {
		dst = append(append(dst, '?'), query...)
	}
	return dst
}

// host is who answers the request.
func (s *spanWork) host() []byte {
	if s.kind == kindServer {
		return s.text(keyHTTPHost, keyServerAddress, keyHTTPServerName, keyNetHostName, keyHostName)
	}
	return s.text(keyHTTPHost, keyServerAddress, keyNetPeerName, keyNetPeerIP)
}

// appendAuthority leaves out a port that the scheme implies.
func (s *spanWork) appendAuthority(dst, scheme, host []byte) []byte {
	if bytes.Count(host, []byte(":")) > 1 && host[0] != '[' {
		dst = append(append(append(dst, '['), host...), ']')
	} else {
		dst = append(dst, host...)
	}
	if _, port := splitHost(host); len(port) > 0 && bytes.Count(host, []byte(":")) == 1 {
		return dst
	}
	key := keyNetPeerPort
	if s.kind == kindServer {
		key = keyNetHostPort
	}
	port, ok := s.int(keyServerPort, key)
	usual := port == 80 && string(scheme) == "http" || port == 443 && string(scheme) == "https"
	if !ok || usual || port <= 0 || port > 65535 {
		return dst
	}
	return strconv.AppendInt(append(dst, ':'), port, 10)
}
