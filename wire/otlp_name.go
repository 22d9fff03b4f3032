package wire

import (
	"bytes"
	"unicode/utf8"

	"github.com/roentgen/roentgen"
)

// nameWork is memory for names that have to be put together or cleaned.
type nameWork struct{ joined, cleaned []byte }

// clean returns a name that CheckName takes: characters that no name may have
// are left out, and what is beyond MaxNameLength is cut. Empty where nothing
// is left.
func (n *nameWork) clean(name []byte) []byte {
	if plainName(name) {
		return name
	}
	n.cleaned = n.cleaned[:0]
	count := 0
	for len(name) > 0 && count < MaxNameLength {
		r, size := utf8.DecodeRune(name)
		if nameRune(r) && !(r == utf8.RuneError && size == 1) {
			n.cleaned = append(n.cleaned, name[:size]...)
			count++
		}
		name = name[size:]
	}
	return n.cleaned
}

// plainName reports whether all of a name is of the usual characters.
func plainName(name []byte) bool {
	if len(name) > MaxNameLength {
		return false
	}
	for _, c := range name {
		if c-'0' > 9 && c|0x20-'a' > 25 && c != ' ' && bytes.IndexByte([]byte(nameSymbols), c) < 0 {
			return false
		}
	}
	return true
}

// firstName returns the first candidate that is not empty once it is clean,
// and else the word span.
func (n *nameWork) firstName(candidates ...[]byte) []byte {
	for _, c := range candidates {
		if len(c) > 0 {
			if name := n.clean(c); len(name) > 0 {
				return name
			}
		}
	}
	return []byte("span")
}

// nameOf names the segment or subsegment of a span: a service by its own name,
// a call by that of the callee.
func (p *SpanParser) nameOf(s *spanWork) []byte {
	var local, remote, service []byte
	switch {
	case s.kind == kindServer:
		local, service = s.text(keyAWSLocalService), p.resource.service
	case s.localRoot() && s.kind == kindInternal:
		local = s.text(keyAWSLocalService)
	case s.kind == kindClient || s.kind == kindProducer || s.kind == kindConsumer:
		remote = s.remoteService()
	}
	return p.names.firstName(local, remote, s.text(keyPeerService, keyServicePeerName), s.text(keyAWSService),
		p.names.database(s), service, s.text(keyRPCService),
		s.text(keyHTTPHost), s.text(keyNetPeerName), s.text(keyServerAddress), s.name)
}

// remoteService is the callee as Application Signals names it.
func (s *spanWork) remoteService() []byte {
	name := s.text(keyAWSRemoteService)
	if a := s.get(keyRPCSystem); a != nil && a.value.is("aws-api") {
		name = bytes.TrimPrefix(bytes.TrimPrefix(name, []byte("AWS.SDK.")), []byte("AWS::"))
	}
	return name
}

// database names a database as X-Ray does: name@host.
func (n *nameWork) database(s *spanWork) []byte {
	name := s.text(keyDBName)
	host := hostOf(s.text(keyDBConnectionString))
	if name == nil {
		if name = s.text(keyDBNamespace); host == nil {
			host = s.text(keyServerAddress)
		}
	}
	if name == nil || host == nil {
		return name
	}
	n.joined = append(append(append(n.joined[:0], name...), '@'), host...)
	return n.joined
}

// hostOf finds the host in the connection string of a database, which may
// begin with jdbc:; nil where it is no URL.
func hostOf(connection []byte) []byte {
	u := splitURL(bytes.TrimPrefix(connection, []byte("jdbc:")))
	if !u.absolute || len(u.authority) == 0 {
		return nil
	}
	host, _ := splitHost(u.authority[bytes.LastIndexByte(u.authority, '@')+1:])
	if i := bytes.IndexAny(host, ",;"); i >= 0 {
		host = host[:i]
	}
	if len(host) == 0 {
		return nil
	}
	return host
}

// namespaceOf says what a span called.
func (s *spanWork) namespaceOf() roentgen.Namespace {
	if a := s.get(keyRPCSystem); a != nil && a.value.is("aws-api") || s.text(keyAWSService) != nil {
		return roentgen.NamespaceAWS
	}
	switch s.kind {
	case kindClient, kindProducer:
		return roentgen.NamespaceRemote
	case kindConsumer:
		if s.text(keyAWSRemoteService) != nil {
			return roentgen.NamespaceRemote
		}
	}
	return roentgen.NamespaceNone
}
