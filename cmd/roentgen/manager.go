package main

import (
	"fmt"
	"log/slog"
	"net"
)

// What a service manager is told (sd_notify(3) of systemd).
const (
	managerReady    = "READY=1"
	managerStopping = "STOPPING=1"
)

// tellManager tells the service manager that started this program what has
// become of it, so that units which come after wait until it can be reached.
// Nothing is done where none asked to be told.
func tellManager(getenv func(string) string, state string, log *slog.Logger) {
	socket := getenv("NOTIFY_SOCKET")
	if socket == "" {
		return
	}
	if err := tell(socket, state); err != nil {
		log.Warn("the service manager does not know what has become of this program", "state", state, "error", err)
	}
}

func tell(socket, state string) error {
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		return fmt.Errorf("reach the service manager at $NOTIFY_SOCKET: %w", err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(state)); err != nil {
		return fmt.Errorf("tell the service manager at $NOTIFY_SOCKET %s: %w", state, err)
	}
	return nil
}
