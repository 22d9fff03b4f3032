package up

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
)

// Addresses are where the programs listen, each host:port. Port 0 is any free one.
type Addresses struct {
	Backend, GGUF, ASROCR string // HTTP
	Roentgen              string // HTTP
	Daemon                string // UDP and TCP
}

// DefaultAddresses are the usual ports on loopback.
func DefaultAddresses() Addresses {
	return Addresses{
		Backend: "127.0.0.1:8000", GGUF: "127.0.0.1:8001", ASROCR: "127.0.0.1:8002",
		Roentgen: "127.0.0.1:1895", Daemon: "127.0.0.1:2000",
	}
}

// AddressesFrom are five ports in a row from base on; base 0 is any free ones.
func AddressesFrom(base int) Addresses {
	at := func(offset int) string {
		if base == 0 {
			return "127.0.0.1:0"
		}
		return "127.0.0.1:" + strconv.Itoa(base+offset)
	}
	return Addresses{Backend: at(0), GGUF: at(1), ASROCR: at(2), Roentgen: at(3), Daemon: at(4)}
}

// door is one address with what it takes to say which it is.
type door struct {
	addr     *string
	who      string
	flag     string // that moves it
	datagram bool   // UDP beside TCP
}

func (a *Addresses) doors() []door {
	return []door{
		{&a.Backend, "the backend", "--addr-backend", false},
		{&a.GGUF, "the model server", "--addr-gguf", false},
		{&a.ASROCR, "the asr-ocr server", "--addr-asr-ocr", false},
		{&a.Roentgen, "the Roentgen server", "--addr-roentgen", false},
		{&a.Daemon, "the agent inside the Roentgen server", "--addr-daemon", true},
	}
}

// Claim checks that every address is free and puts a free port where the port is 0. All addresses are held until the
// last is checked, so that no two get the same port; another program can still take one before ours does, which then
// says so itself.
func (a *Addresses) Claim() (err error) {
	var held []io.Closer
	defer func() {
		for _, h := range held {
			err = errors.Join(err, h.Close())
		}
	}()
	for _, d := range a.doors() {
		closers, err := d.claim()
		held = append(held, closers...)
		if err != nil {
			return fmt.Errorf("%s cannot listen on %s: %w; move it with %s, or all with --port-base", d.who, *d.addr, err, d.flag)
		}
	}
	return nil
}

// claimTries bounds the search for a port that is free for both UDP and TCP.
const claimTries = 20

func (d door) claim() ([]io.Closer, error) {
	host, port, err := net.SplitHostPort(*d.addr)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		closers, addr, err := listen(net.JoinHostPort(host, port), d.datagram)
		if err == nil {
			*d.addr = addr
			return closers, nil
		}
		if port != "0" || try == claimTries {
			return nil, err
		}
	}
}

func listen(addr string, datagram bool) ([]io.Closer, string, error) {
	tcp, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, "", err
	}
	addr = tcp.Addr().String()
	if !datagram {
		return []io.Closer{tcp}, addr, nil
	}
	udp, err := net.ListenPacket("udp", addr)
	if err != nil {
		return nil, "", errors.Join(err, tcp.Close())
	}
	return []io.Closer{tcp, udp}, addr, nil
}
