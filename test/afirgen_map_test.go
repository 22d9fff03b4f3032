package test

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/xray"
	"github.com/aws/aws-sdk-go-v2/service/xray/types"
)

// TestTheMapOfAFIRGenBehindALoadBalancer sends a letter as an ALB would pass
// it on, and a complaint past it, and reads who called whom. The backend has
// written a trace of its own before: it opened its database.
func TestTheMapOfAFIRGenBehindALoadBalancer(t *testing.T) {
	a := startAFIRGen(t, "1")
	letter, err := os.ReadFile("../afirgen/up/samples/letter.jpg")
	if err != nil {
		t.Fatal(err)
	}
	contentType, body := form(t, "image", "letter.jpg", letter)
	req := a.request(t, http.MethodPost, "/process", contentType, body)
	now := time.Now().Unix()
	req.Host = "fir.example.in"
	req.Header.Set("X-Amzn-Trace-Id", fmt.Sprintf("Self=1-%08x-0123456789abcdef01234567;Root=1-%08x-89abcdef0123456789abcdef", now, now))
	status, header, answer := a.do(t, req)
	if status != 200 {
		t.Fatalf("status %d: %s\n%s", status, answer, a.logs)
	}
	a.awaitSegments(t, traceOf(t, header), 2)
	_, header, _ = a.do(t, a.approval(t, sessionOf(t, answer)))
	a.awaitSegments(t, traceOf(t, header), 2)

	got, err := awsClient(a.server).GetServiceGraph(t.Context(), &xray.GetServiceGraphInput{
		StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now().Add(time.Minute))})
	if err != nil {
		t.Fatal(err)
	}
	sameLines(t, "nodes, with how many calls lead where", drawCalls(got.Services), []string{
		"afirgen-asr-ocr-server () active",
		"afirgen-gguf-server () active",
		"afirgen-main-backend () active root -> * afirgen.db (Database::SQL) -> 1 afirgen-asr-ocr-server () -> 1 afirgen-gguf-server ()",
		"afirgen-main-backend (client) unknown -> 1 fir.example.in (AWS::ElasticLoadBalancing::LoadBalancer) -> 2 afirgen-main-backend ()",
		"afirgen.db (Database::SQL) unknown",
		"fir.example.in (AWS::ElasticLoadBalancing::LoadBalancer) unknown -> 1 afirgen-main-backend ()",
	})
}

// drawCalls is drawGraph without what differs from run to run. How many
// statements a start needs is the database's own affair.
func drawCalls(services []types.Service) []string {
	return drawNodes(services, func(*types.Service) string { return "" }, func(e types.Edge, to types.Service) string {
		if aws.ToString(to.Type) == "Database::SQL" {
			return fmt.Sprintf(" -> * %s (%s)", aws.ToString(to.Name), aws.ToString(to.Type))
		}
		return fmt.Sprintf(" -> %d %s (%s)", aws.ToInt64(e.SummaryStatistics.TotalCount), aws.ToString(to.Name), aws.ToString(to.Type))
	})
}
