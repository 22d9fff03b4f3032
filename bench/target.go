package bench

import (
	"context"
	"fmt"
)

// Target is the server that is measured.
type Target struct {
	Doorways
	Process *Process // nil: it cannot be seen from here
	Data    string   // its data directory; empty: it cannot be seen from here
	Token   string   // for HTTP; empty: none
}

// sender opens a door of the target.
func (t *Target) sender(ctx context.Context, d Door, connections int) (sender, error) {
	shut := func(address string) error {
		if address != "" {
			return nil
		}
		return fmt.Errorf("the door %s of the server is shut, or nobody said where it is", d)
	}
	switch d {
	case UDP:
		if err := shut(t.Daemon); err != nil {
			return nil, err
		}
		return newUDPSender(ctx, t.Daemon, connections)
	case OTLPHTTP:
		return newHTTPSender(t.OTLPHTTP+"/v1/traces", "application/x-protobuf", t.Token, connections, rejected), shut(t.OTLPHTTP)
	case OTLPGRPC:
		return newGRPCSender(t.OTLPGRPC, t.Token, connections), shut(t.OTLPGRPC)
	default:
		return newHTTPSender(t.HTTP+"/TraceSegments", "application/json", t.Token, connections, unprocessed), shut(t.HTTP)
	}
}

// used is what a target has used of the machine so far.
type used struct{ cpu, sender float64 } // seconds

func (t *Target) used() (u used, err error) {
	own, err := OwnCPU()
	if err != nil {
		return u, err
	}
	u.sender = own.Seconds()
	if t.Process != nil {
		cpu, err := t.Process.CPU()
		if err != nil {
			return u, fmt.Errorf("look at the server: %w", err)
		}
		u.cpu = cpu.Seconds()
	}
	return u, nil
}

// Held asks the server how much it holds.
func (t *Target) Held(ctx context.Context) (Held, error) {
	c := newClient(t.HTTP, t.Token)
	defer c.close()
	return c.held(ctx)
}
