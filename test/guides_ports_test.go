package test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// usualPorts are those that guides show; each guide gets free ones in their place.
var usualPorts = []string{"1895", "2000", "4317", "4318", "8000", "8001", "8002"}

var portsOfAGuide = regexp.MustCompile(`(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1\]):(\d{4,5})\b`)

// guidePorts holds, for a port that a guide shows, the port that it has while it is tried.
type guidePorts map[string]string

// choosePorts finds free ports for the usual ones and for those that the texts show on loopback.
func choosePorts(texts ...string) (guidePorts, error) {
	shown := slices.Clone(usualPorts)
	for _, text := range texts {
		for _, m := range portsOfAGuide.FindAllStringSubmatch(text, -1) {
			shown = append(shown, m[1])
		}
	}
	slices.Sort(shown)
	ports := guidePorts{}
	for _, port := range slices.Compact(shown) {
		free, err := freePort()
		if err != nil {
			return nil, err
		}
		ports[port] = free
	}
	return ports, nil
}

// given are the ports that some guide of this run has. They lie below those that the system hands out for port 0, so
// that no test beside takes one between here and its use.
var given struct {
	sync.Mutex
	ports map[string]bool
}

func freePort() (string, error) {
	given.Lock()
	defer given.Unlock()
	if given.ports == nil {
		given.ports = map[string]bool{}
	}
	for range 1000 {
		port := fmt.Sprint(20_000 + rand.IntN(12_000))
		if given.ports[port] || !isFree(port) {
			continue
		}
		given.ports[port] = true
		return port, nil
	}
	return "", fmt.Errorf("find a free port between 20000 and 32000: a thousand were taken")
}

// isFree says whether the port can be had, over TCP and UDP.
func isFree(port string) bool {
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	defer l.Close()
	u, err := net.ListenPacket("udp", "127.0.0.1:"+port)
	if err != nil {
		return false
	}
	u.Close()
	return true
}

// replace puts the free ports into a text, where a number stands for a port: behind a colon, a word like port, or listen(.
func (p guidePorts) replace(text string) string {
	shown := slices.Sorted(maps.Keys(p))
	pattern := regexp.MustCompile(`((?::|(?i:port)["']?[ =:(]{1,2}["']?|listen\())(` + strings.Join(shown, "|") + `)\b`)
	return pattern.ReplaceAllStringFunc(text, func(found string) string {
		m := pattern.FindStringSubmatch(found)
		return m[1] + p[m[2]]
	})
}

// environ tells the programs that use the usual ports unasked where these are.
func (p guidePorts) environ() []string {
	at := func(port string) string { return "127.0.0.1:" + p[port] }
	return []string{
		"ROENTGEN_HTTP=" + at("1895"), "ROENTGEN_SERVER=http://" + at("1895"),
		"ROENTGEN_DAEMON=" + at("2000"), "ROENTGEN_OTLP_GRPC=" + at("4317"), "ROENTGEN_OTLP_HTTP=" + at("4318"),
		"ROENTGEN_AGENT_BIND=" + at("2000"), "ROENTGEN_AGENT_BIND_TCP=" + at("2000"),
		"XRAY_DAEMON_ADDRESS=" + at("2000"), "AWS_XRAY_DAEMON_ADDRESS=" + at("2000"),
	}
}
