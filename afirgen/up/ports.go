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

	// What stands beside the services with Config.Full.
	Balancer, Buckets, Secrets string // HTTP
	Database                   string // MySQL's protocol
}

// DefaultAddresses are the usual ports on loopback.
func DefaultAddresses() Addresses {
	return Addresses{
		Backend: "127.0.0.1:8000", GGUF: "127.0.0.1:8001", ASROCR: "127.0.0.1:8002",
		Roentgen: "127.0.0.1:1895", Daemon: "127.0.0.1:2000",
		Balancer: "127.0.0.1:8080", Buckets: "127.0.0.1:9000", Secrets: "127.0.0.1:9001", Database: "127.0.0.1:3307",
	}
}

// Ports is how many ports AddressesFrom takes.
const Ports = 9

// AddressesFrom are ports in a row from base on, the last four for what Config.Full starts; base 0 is any free ones.
func AddressesFrom(base int) Addresses {
	at := func(offset int) string {
		if base == 0 {
			return "127.0.0.1:0"
		}
		return "127.0.0.1:" + strconv.Itoa(base+offset)
	}
	return Addresses{
		Backend: at(0), GGUF: at(1), ASROCR: at(2), Roentgen: at(3), Daemon: at(4),
		Balancer: at(5), Buckets: at(6), Secrets: at(7), Database: at(8),
	}
}

// door is one address with what it takes to say which it is.
type door struct {
	addr     *string
	who      string
	flag     string // that moves it
	datagram bool   // UDP beside TCP
}

func (a *Addresses) doors(full bool) []door {
	all := []door{
		{&a.Backend, "the backend", "--addr-backend", false},
		{&a.GGUF, "the model server", "--addr-gguf", false},
		{&a.ASROCR, "the asr-ocr server", "--addr-asr-ocr", false},
		{&a.Roentgen, "the Roentgen server", "--addr-roentgen", false},
		{&a.Daemon, "the agent inside the Roentgen server", "--addr-daemon", true},
	}
	if full {
		all = append(all,
			door{&a.Balancer, "the load balancer", "--addr-balancer", false}, door{&a.Buckets, "the local S3", "--addr-s3", false},
			door{&a.Secrets, "the local Secrets Manager", "--addr-secrets", false}, door{&a.Database, "MariaDB", "--addr-database", false})
	}
	return all
}

// Claim checks that every address is free, those of a full house only if it is one, and puts a free port where the port is 0. All addresses are held until the
// last is checked, so that no two get the same port; another program can still take one before ours does, which then
// says so itself.
func (a *Addresses) Claim(full bool) (err error) {
	var held []io.Closer
	defer func() {
		for _, h := range held {
			err = errors.Join(err, h.Close())
		}
	}()
	for _, d := range a.doors(full) {
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
