package graph_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/roentgen/roentgen"
)

// show writes rows for people, line by line.
func show(r *roentgen.Rows) (lines []string) {
	for i := range r.Nodes {
		lines = append(lines, showNode(&r.Nodes[i]))
	}
	for _, e := range r.Edges {
		lines = append(lines, "edge "+name(e.Source)+" -> "+name(e.Destination))
	}
	for i := range r.Segments {
		lines = append(lines, showSegment(&r.Segments[i]))
	}
	for i := range r.Calls {
		lines = append(lines, showCall(&r.Calls[i]))
	}
	for _, c := range []struct {
		of   string
		list []roentgen.CauseRow
	}{{"fault", r.FaultCauses}, {"error", r.ErrorCauses}, {"time", r.ResponseTimeCauses}} {
		for _, row := range c.list {
			lines = append(lines, "cause "+c.of+showCause(row))
		}
	}
	return lines
}

func service(s roentgen.ServiceID) string {
	text := s.Name
	if s.Type != "" {
		text += ":" + s.Type
	}
	if s.AccountID != "" {
		text += "@" + s.AccountID
	}
	return text
}

func name(n *roentgen.NodeRow) string { return service(n.ServiceID) }

func showNode(n *roentgen.NodeRow) string {
	text := "node " + name(n)
	for _, also := range n.Names {
		text += " also=" + also
	}
	return text + when(n.Inferred, "inferred") + when(n.Root, "root")
}

func when(set bool, word string) string {
	if !set {
		return ""
	}
	return " " + word
}

func value(key, text string) string {
	if text == "" {
		return ""
	}
	return " " + key + "=" + text
}

// showID writes the word that an id was made of; that of an id which the room
// made up is not the scripts' business.
func showID(id roentgen.SegmentID) string {
	word := strings.TrimRight(string(id[:]), "\x00")
	for _, c := range []byte(word) {
		if c < ' ' || c > '~' {
			return "~"
		}
	}
	return word
}

func showFlags(f roentgen.Flags) string {
	return when(f.Error, "error") + when(f.Throttle, "throttle") + when(f.Fault, "fault")
}

func span(start, end roentgen.Time, length roentgen.Number) string {
	text := fmt.Sprint(start.Sub(morning).Milliseconds(), "..")
	if end != 0 {
		text += fmt.Sprint(end.Sub(morning).Milliseconds())
	}
	return " " + text + value("took", number(length))
}

func number(n roentgen.Number) string {
	if !n.Known {
		return ""
	}
	return fmt.Sprint(n.Value)
}

func showHTTP(h *roentgen.HTTP) string {
	if h == nil {
		return ""
	}
	text := value("method", h.Method) + value("url", h.URL)
	if h.Status != 0 {
		text += value("status", fmt.Sprint(h.Status))
	}
	return text
}

func notes(list []roentgen.Annotation) (text string) {
	for _, a := range list {
		text += value("annotation."+a.Key, a.Value.Text())
	}
	return text
}

func showSegment(s *roentgen.SegmentRow) string {
	text := "segment " + showID(s.ID) + " " + name(s.Node) + span(s.Start, s.End, s.Duration) + showFlags(s.Flags) + showHTTP(s.HTTP)
	if s.Last != s.End {
		text += fmt.Sprint(" last=", s.Last.Sub(morning).Milliseconds())
	}
	text += value("user", s.User) + value("zone", s.Zone) + value("instance", s.InstanceID)
	for _, arn := range s.ResourceARNs {
		text += value("arn", arn)
	}
	return text + notes(s.Annotations)
}

func showCall(c *roentgen.CallRow) string {
	text := "call " + showID(c.ID) + " " + name(c.Source) + " -> " + name(c.Destination) + span(c.Start, c.End, c.Duration)
	text += showFlags(c.Flags) + showHTTP(c.HTTP)
	if c.Caller != nil {
		text += value("from", showID(c.Caller.ID))
	}
	if c.Callee != nil {
		text += value("to", showID(c.Callee.ID))
	}
	if c.Alias != (roentgen.ServiceID{}) {
		text += value("alias", service(c.Alias))
	}
	return text + when(c.Link, "link") + value("age", number(c.Age)) + notes(c.Annotations)
}

func showCause(c roentgen.CauseRow) string {
	var services []string
	for _, s := range c.Services {
		var entities []string
		for _, e := range s.Entities {
			entities = append(entities, showEntity(e))
		}
		services = append(services, service(s.ServiceID)+when(s.Inferred, "inferred")+" ["+strings.Join(entities, ", ")+"]")
	}
	return when(c.ClientImpacting, "impacting") + " " + strings.Join(services, " => ")
}

func showEntity(e roentgen.CauseEntityRow) string {
	text := e.Name + when(e.Remote, "remote")
	if e.Coverage.Known {
		text += " " + number(e.Coverage)
	}
	for _, x := range e.Exceptions {
		text += fmt.Sprintf(" (%s: %s)", x.Name, x.Message)
	}
	return text
}

// hour is what scripts take for "long ago".
const hour = roentgen.Time(time.Hour)
