//go:build !linux

package tail

import "net"

type held struct{}

func holdSocket(int, string) (*held, error) { return nil, errLinux }

func (h *held) drain(func([]byte)) error { return errLinux }
func (h *held) peek(func([]byte)) error  { return errLinux }
func (h *held) shut() error              { return errLinux }
func (h *held) drops() (int64, error)    { return 0, errLinux }
func (h *held) close() error             { return errLinux }

func tellRefusals(*net.UDPConn) error          { return errLinux }
func refused(*net.UDPConn, func([]byte)) error { return errLinux }
