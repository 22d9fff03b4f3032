package main

import "testing"

func TestTheMapSaysWhereItsFiguresComeFrom(t *testing.T) {
	counted, estimated := &ratesSource{Source: "counted"}, &ratesSource{Source: "estimated"}
	for want, nodes := range map[string][]*mapNode{
		"": {{}, {}},
		"Figures are counted by agents, of all requests.":                                                                  {{RoentgenRates: counted}, {}},
		"Figures are estimated from the traces that were kept (~).":                                                        {{RoentgenRates: estimated}},
		"Figures of 1 services are counted by agents, of all requests; of 2 estimated from the traces that were kept (~).": {{RoentgenRates: estimated}, {RoentgenRates: counted}, {RoentgenRates: estimated}},
	} {
		if got := ratesLine(nodes); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	n := &mapNode{Name: "a", RoentgenRates: estimated, EndTime: 60}
	if got := n.cells(&figures{TotalCount: 120})[2].text; got != "~120" {
		t.Errorf("an estimate is shown as %q", got)
	}
}
