package afirgen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// waysOut are the ways to a neighbour in which no tracing of ours is, by the import path of their package: a client or
// transport of our own, a database opened past tracing's OpenDB, AWS's client configured past InstrumentAWS.
func waysOut() map[string][]string {
	return map[string][]string{
		"net/http":                            {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Client", "Transport"},
		"net":                                 {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialUnix", "Dialer"},
		"crypto/tls":                          {"Dial", "DialWithDialer", "Dialer"},
		"net/rpc":                             {"Dial", "DialHTTP"},
		"net/smtp":                            {"Dial", "SendMail"},
		"database/sql":                        {"Open", "OpenDB"},
		"github.com/aws/aws-sdk-go-v2/config": {"LoadDefaultConfig"},
		"github.com/aws/aws-sdk-go-v2/aws/transport/http":     {"NewBuildableClient"},
		"github.com/aws/aws-sdk-go-v2/service/xray":           {"New"},
		"github.com/aws/aws-sdk-go-v2/service/s3":             {"New"},
		"github.com/aws/aws-sdk-go-v2/service/secretsmanager": {"New"},
	}
}

// excuse is why a file may use a way out, and how often.
type excuse struct {
	times int
	why   string
}

// excuses are the places that use a way out all the same. A new one belongs here only with a reason as good.
func excuses() map[string]excuse {
	const tool = "a tool that stands before the services, and no service"
	return map[string]excuse{
		"cmd/afirgen/backend.go net/http.Transport":                          {1, "the wire below tracing's transport"},
		"cmd/afirgen/backend.go net.Dialer":                                  {1, "its time limit"},
		"cmd/afirgen/backend.go net/http.Client":                             {2, "around tracing's transport; and the health monitor's, which is in no request"},
		"cmd/afirgen/asrocr.go net/http.Transport":                           {1, "the wire below tracing's transport"},
		"cmd/afirgen/gguf.go net/http.Client":                                {1, "around tracing's transport"},
		"asrocr/speech.go net/http.Client":                                   {1, "around the transport that it is given"},
		"cloud/cloud.go aws-sdk-go-v2/config.LoadDefaultConfig":              {1, "InstrumentAWS traces it, six lines below"},
		"cloud/cloud.go aws-sdk-go-v2/aws/transport/http.NewBuildableClient": {1, "of the same"},
		"client/client.go net/http.DefaultClient":                            {1, tool},
		"cmd/afirgen/verify.go net/http.Transport":                           {1, tool},
		"cmd/afirgen/verify.go net/http.Client":                              {2, tool},
		"cmd/afirgen/verify.go aws-sdk-go-v2/service/xray.New":               {1, tool},
		"cmd/afirgen/healthcheck.go net/http.Transport":                      {1, "asks its own container's probe, which nothing traces"},
		"cmd/afirgen/healthcheck.go net/http.Client":                         {1, "the same"},
		"cmd/afirgen/overhead.go net/http.Transport":                         {2, tool},
		"cmd/afirgen/overhead.go net/http.Client":                            {1, tool},
		"up/up.go net/http.Transport":                                        {2, tool},
		"up/up.go net/http.Client":                                           {2, tool},
		"up/traces.go net/http.Transport":                                    {1, tool},
		"up/traces.go net/http.Client":                                       {1, tool},
		"up/traces.go aws-sdk-go-v2/service/xray.New":                        {1, tool},
		"local/balancer/balancer.go net/http.Transport":                      {1, "the load balancer of make up-full, which writes the trace header itself, as an ALB does"},
		"local/balancer/balancer.go net.Dialer":                              {1, "its time limit"},
		"local/mariadb/mariadb.go database/sql.OpenDB":                       {1, "setting up the database server of make up-full, before any service runs"},
		"local/mariadbtest/mariadbtest.go database/sql.Open":                 {1, "of tests"},
	}
}

// TestNoCallOfAServiceGoesUntraced reads all of AFIRGen's source but tests.
func TestNoCallOfAServiceGoesUntraced(t *testing.T) {
	found := map[string][]string{}
	err := fs.WalkDir(os.DirFS("."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		return lookOut(path, found)
	})
	if err != nil {
		t.Fatal(err)
	}
	known := excuses()
	for place, lines := range found {
		if e := known[place]; len(lines) > e.times {
			t.Errorf("%s, %d times where %d are known, at %s: let it go through tracing, or say here why it need not",
				place, len(lines), e.times, strings.Join(lines, ", "))
		}
	}
	for place, e := range known {
		if n := len(found[place]); n < e.times {
			t.Errorf("%s is excused %d times and stands there %d times: correct the excuse", place, e.times, n)
		}
	}
}

// lookOut adds each use of a way out in the file, with its position, under the file's name and the way's.
func lookOut(path string, found map[string][]string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("reading Go source: %w", err)
	}
	packages := imported(file)
	typed := map[ast.Expr]bool{} // *http.Client is the type of what somebody hands in
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StarExpr:
			typed[n.X] = true
		case *ast.SelectorExpr:
			pkg, ok := n.X.(*ast.Ident)
			if !ok || typed[n] {
				return true
			}
			for _, name := range waysOut()[packages[pkg.Name]] {
				if name == n.Sel.Name {
					key := path + " " + strings.TrimPrefix(packages[pkg.Name], "github.com/aws/") + "." + name
					found[key] = append(found[key], set.Position(n.Pos()).String())
				}
			}
		}
		return true
	})
	return nil
}

// imported returns the import path behind each name that a file knows a package by.
func imported(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, i := range file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		name := path[strings.LastIndexByte(path, '/')+1:]
		if i.Name != nil {
			name = i.Name.Name
		}
		names[name] = path
	}
	return names
}
