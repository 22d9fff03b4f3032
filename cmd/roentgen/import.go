package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
)

func newImportCommand(w around) *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Send traces of files to a server: X-Ray documents, AWS's answers, OpenTelemetry's spans",
		Long: `Send the traces of files to a server; - is the standard input. What a file holds
is found out from its bytes: X-Ray documents, one after the other or in arrays;
what aws xray batch-get-traces prints, and the input of put-trace-segments; OTLP
in JSON or protobuf; and what roentgen export and roentgen trace write. Each may
be compressed by gzip or zstd.

Documents go to --server by PutTraceSegments, spans to --otlp. What a server has
already it takes no second time, so an import may be repeated. What is inferred
is left out: it comes of itself again. The exit status is 1 when something was
rejected; the reasons are counted.`,
		Example: `  roentgen import traces.jsonl.zst
  aws xray batch-get-traces --trace-ids 1-5759e988-bd862e3fe1be46a994272793 | roentgen import -
  roentgen import spans.json --otlp http://127.0.0.1:4318
  roentgen export --since 1h | roentgen import - --server http://127.0.0.1:2895`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error { return runImport(c, w, args) },
	}
	c.Flags().String("otlp", "http://127.0.0.1:4318", "`URL` of the server's door for OTLP over HTTP")
	addAskFlags(c)
	c.Flags().Lookup("output").Hidden = false
	return c
}

// importSums are what became of what was read.
type importSums struct {
	Documents int               `json:"documents"`          // X-Ray documents read
	Spans     int               `json:"spans"`              // spans read
	Taken     int               `json:"taken"`              // by the server, which may have had them already
	Inferred  int               `json:"inferred"`           // left out
	Rejected  map[string]int    `json:"rejected"`           // by reason
	Examples  map[string]string `json:"examples,omitempty"` // what was said of the first of each reason
}

func (s *importSums) reject(reason, example string, n int) {
	if s.Rejected[reason] == 0 {
		s.Examples[reason] = example
	}
	s.Rejected[reason] += n
}

func runImport(c *cobra.Command, w around, files []string) error {
	screen, err := newScreen(c, w)
	if err != nil {
		return err
	}
	server, err := newClient(c, w)
	if err != nil {
		return err
	}
	otlp, _ := c.Flags().GetString("otlp")
	sums := &importSums{Rejected: map[string]int{}, Examples: map[string]string{}}
	to := &importer{ctx: c.Context(), server: server, otlp: otlp, sums: sums}
	for _, path := range files {
		if err := importFile(path, c.InOrStdin(), to); err != nil {
			sums.print(screen, c.ErrOrStderr())
			return fmt.Errorf("import %s: %w; what was taken until there is in the server, and the import may be repeated", path, err)
		}
	}
	if screen.json {
		err = screen.writeJSON(sums)
	} else {
		sums.print(screen, screen.w)
	}
	if n := sums.rejected(); n > 0 {
		return errors.Join(err, fmt.Errorf("the server rejected %d of %d", n, sums.Documents+sums.Spans))
	}
	return err
}

func importFile(path string, stdin io.Reader, to *importer) error {
	in := stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	if err := readTraces(in, to); err != nil {
		return err
	}
	return to.flush()
}

func (s *importSums) rejected() (n int) {
	for _, k := range s.Rejected {
		n += k
	}
	return n
}

func (s *importSums) print(screen *screen, w io.Writer) {
	fmt.Fprintf(w, "%s documents and %s spans read, %s taken", grouped(int64(s.Documents)), grouped(int64(s.Spans)), grouped(int64(s.Taken)))
	if s.Inferred > 0 {
		fmt.Fprintf(w, ", %s inferred ones left out", grouped(int64(s.Inferred)))
	}
	fmt.Fprintln(w)
	var reasons []string
	for reason := range s.Rejected {
		reasons = append(reasons, reason)
	}
	slices.Sort(reasons)
	for _, reason := range reasons {
		fmt.Fprintf(w, "  %s rejected: %s, such as %s\n", grouped(int64(s.Rejected[reason])), reason, cut(s.Examples[reason], max(40, screen.width-30)))
	}
}
