package up

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// child is the variable that makes this binary one of the programs that the tests supervise.
const child = "UP_TEST_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(child) {
	case "":
		goleak.VerifyTestMain(m)
	case "dies":
		fmt.Println("dying")
		os.Exit(3)
	case "obeys":
		waitForTERM()
		fmt.Println("bye")
	case "refuses":
		signal.Ignore(syscall.SIGTERM)
		fmt.Println("running")
		time.Sleep(time.Hour)
	}
}

func waitForTERM() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	fmt.Println("running")
	<-stop
}
