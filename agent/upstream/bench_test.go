package upstream

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/agent/spool"
	"github.com/roentgen/roentgen/wire"
)

const sinkVariable = "UPSTREAM_SINK"

// sinkMain is a server in a process of its own, so that its work is not counted
// as the sender's. It reads and forgets, and ends with its standard input.
func sinkMain() int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/api/agent/batches" {
			fmt.Fprint(w, `{"UnprocessedTraceSegments":[]}`)
			return
		}
		b, err := wire.ReadBatch(body, 64<<20)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"seq":%d,"outcomes":{"stored":%d}}`, b.Header.Seq, len(b.Documents))
	})}
	go s.Serve(l)
	fmt.Println(l.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func startSink(b *testing.B) (url string) {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), sinkVariable+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return "http://" + strings.TrimSpace(line)
}

// BenchmarkForward is the whole way of a document of 2.2 kB from Append to the
// answer of a server in another process. cpu-ns/op is all that this process
// spends on it; the goals are 3 µs to Roentgen and 4 µs to AWS.
func BenchmarkForward(b *testing.B) {
	b.Run("roentgen", func(b *testing.B) {
		r := newRoentgen(b, RoentgenConfig{URL: startSink(b), Token: "token"})
		benchmarkForward(b, r, spool.Limit{}, 2)
	})
	b.Run("aws", func(b *testing.B) {
		a, err := NewAWS(AWSConfig{Region: "eu-west-1", Endpoint: startSink(b), LocalMode: true, Getenv: noEnv,
			Credentials: credentials.NewStaticCredentialsProvider(keyID, secret, "")})
		if err != nil {
			b.Fatal(err)
		}
		defer a.Close()
		benchmarkForward(b, a, spool.Limit{Documents: 50}, 8)
	})
}

func benchmarkForward(b *testing.B, sender Sender, limit spool.Limit, concurrency int) {
	s, err := spool.Open(spool.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	f := New(Config{Source: s, Sender: sender, Agent: strings.Repeat("a", 32), Limit: limit, Concurrency: concurrency})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	docs := manyDocuments(512)
	keep := roentgen.Keep{Reason: roentgen.KeepHead, Probability: 0.1}
	began, n := processor(), 0
	for b.Loop() {
		for n%64 == 0 && s.Stats().Documents > 1024 { // the disk is not what is measured
			time.Sleep(time.Millisecond)
		}
		if !s.Append(docs[n%len(docs)], keep) {
			b.Fatal("no room")
		}
		n++
	}
	for s.Stats().Documents > 0 {
		time.Sleep(time.Millisecond)
	}
	b.ReportMetric(float64(processor()-began)/float64(n), "cpu-ns/op")
	cancel()
	if err := <-ended; err != nil {
		b.Fatal(err)
	}
	if err := s.Close(); err != nil {
		b.Fatal(err)
	}
	if st := f.Stats(); st.Documents != int64(n) || st.LastError != "" {
		b.Fatalf("%+v of %d", st, n)
	}
}

// manyDocuments differ in what differs between requests: ids and times.
func manyDocuments(n int) [][]byte {
	chance := rand.New(rand.NewPCG(1, 2))
	docs := make([][]byte, n)
	for i := range docs {
		text := string(sampleDocument(2200))
		for _, id := range []string{"aaaaaaaaaaaaaaa1", "bbbbbbbbbbbbbbb1", "0123456789abcdef"} {
			for strings.Contains(text, id) {
				text = strings.Replace(text, id, fmt.Sprintf("%016x", chance.Uint64()), 1)
			}
		}
		docs[i] = []byte(strings.ReplaceAll(text, "1780165693", fmt.Sprint(1780165693+i)))
	}
	return docs
}
