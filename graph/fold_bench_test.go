package graph_test

import (
	"fmt"
	"testing"

	"github.com/roentgen/roentgen"
	"github.com/roentgen/roentgen/graph"
)

// shop is three services with twelve entities.
var shop = []string{
	"segment a web 0..1000 origin=AWS::ECS::Container url=http://shop/order method=POST status=200 annotation.order=1",
	"\tlocal a1 handler 5..990",
	"\t\tremote a2 orders.internal 10..500 url=http://orders.internal/ status=200",
	"\t\tremote a3 stock.internal 510..700 url=http://stock.internal/ status=200",
	"\t\taws a4 SNS 710..800 op=Publish topic=arn:aws:sns:x:1:news",
	"segment b orders 20..490 parent=a2 origin=AWS::ECS::Container status=200",
	"\tlocal b1 price 30..40 annotation.price=2",
	"\tremote b2 orders@db.internal 50..300 sql",
	"\taws b3 DynamoDB 310..480 op=PutItem table=orders",
	"segment c stock 520..690 parent=a3 origin=AWS::ECS::Container status=200",
	"\taws c1 DynamoDB 530..600 op=GetItem table=stock",
	"\tlocal c2 reserve 610..680",
}

func BenchmarkFold(b *testing.B) {
	failing := append([]string(nil), shop...)
	failing[0] += " fault"
	failing[1] += " fault"
	failing[4] += ` fault exception="x:Throttled:slow down"`
	var large []string
	for i := range 5000 {
		parent := ""
		if i > 0 {
			parent = fmt.Sprint(" parent=c", (i-1)/4)
		}
		large = append(large, fmt.Sprintf("segment s%d service-%d %d..%d%s", i, i%40, i, i+50, parent),
			fmt.Sprintf("\tremote c%d next 10..20", i))
	}
	for _, c := range []struct {
		name  string
		lines []string
	}{{"1-segment", shop[:1]}, {"3-services-12-entities", shop}, {"the-same-failing", failing}, {"5000-segments-10000-entities", large}} {
		docs, err := load(c.lines)
		if err != nil {
			b.Fatal(err)
		}
		t, s := traceOf(docs)
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if rows := graph.Fold(t, s, morning+hour, graph.Options{}); len(rows.Segments) == 0 {
					b.Fatal("no rows")
				}
			}
		})
		b.Run(c.name+"/folder", func(b *testing.B) {
			folder := graph.NewFolder(graph.Options{})
			b.ReportAllocs()
			for b.Loop() {
				if rows := folder.Fold(t, s, morning+hour); len(rows.Segments) == 0 {
					b.Fatal("no rows")
				}
			}
		})
	}
}

// A chain in which every entity failed is the longest way that a cause can go.
func TestAllocationsDoNotGrowWithTheTrace(t *testing.T) {
	per := func(n int) float64 {
		var docs []*roentgen.Segment
		for i := range n {
			docs = append(docs, &roentgen.Segment{
				Trace: thisTrace, ID: idOf(fmt.Sprint(i + 1)), Parent: idOf(fmt.Sprint(i)), Name: "n",
				Kind: roentgen.KindSubsegment, Start: morning, End: morning + 1, Fault: true,
				Cause: &roentgen.Cause{Exceptions: []roentgen.Exception{{ID: "x"}}},
			})
		}
		docs[0].Kind, docs[0].Parent = roentgen.KindSegment, roentgen.SegmentID{}
		tr, s := traceOf(docs)
		return testing.AllocsPerRun(3, func() { graph.Fold(tr, s, morning+hour, graph.Options{}) }) / float64(n)
	}
	if few, many := per(100), per(5000); many > few {
		t.Errorf("%.2f allocations per entity of 100, %.2f of 5000", few, many)
	}
}
