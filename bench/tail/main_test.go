package tail

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// childAddress is where this test's program listens when it is run as a child, in place of an agent.
const childAddress = "BENCH_TEST_CHILD"

// childReads is how many datagrams such a child reads; those that come later it leaves in the kernel's buffer.
const childReads = "BENCH_TEST_CHILD_READS"

func TestMain(m *testing.M) {
	if address := os.Getenv(childAddress); address != "" {
		os.Exit(child(address, os.Getenv(childReads)))
	}
	goleak.VerifyTestMain(m)
}

func child(address, reads string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if address == "nowhere" {
		fmt.Println("there is nowhere to listen")
		return 3
	}
	var read atomic.Int64
	if most, err := strconv.Atoi(reads); err == nil {
		socket, err := new(net.ListenConfig).ListenPacket(ctx, "udp", address)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		go func() { // ends with the process
			for buf := make([]byte, 1<<16); read.Load() < int64(most); read.Add(1) {
				socket.ReadFrom(buf)
			}
		}()
	}
	s := &http.Server{Addr: address, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, `roentgen_ledger_received_total{door="udp"}`, 5+read.Load())
		fmt.Fprintln(w, `roentgen_ledger_received_total{door="tcp"} 2`)
		fmt.Fprintln(w, `roentgen_ledger_dropped_total{policy="unsampled"} 3`)
		fmt.Fprintln(w, `roentgen_ledger_dropped_total{policy="shed"} 1`)
		fmt.Fprintln(w, `roentgen_ledger_lost_total{cause="killed"} 4`)
		fmt.Fprintln(w, `roentgen_agent_ring_horizon_seconds 61.5`)
	})}
	go func() { <-ctx.Done(); s.Close() }() // ends with the process
	if err := s.ListenAndServe(); err != http.ErrServerClosed {
		fmt.Println(err)
		return 1
	}
	return 0
}
