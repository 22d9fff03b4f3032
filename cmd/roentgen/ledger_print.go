package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// print draws a table with two rows for each agent, what it says and what the
// server counted, and one for the server; then what there is to say in words.
func (l *ledger) print(s *screen) {
	t := table{columns: []column{{title: "WHO", least: 14}, {title: "SEEN"}}}
	for _, title := range []string{"RECEIVED", "STORED", "REPLACED", "DUPLICATE", "REFUSED", "REJECTED", "DROPPED", "LOST", "WAITING", "SUM"} {
		t.columns = append(t.columns, column{title: title, right: true})
	}
	for i := range l.Agents {
		l.Agents[i].rows(&t)
	}
	l.Server.row(&t)
	t.print(s)
	for i := range l.Agents {
		a := &l.Agents[i]
		a.words(s)
	}
	l.Server.words(s)
	for _, d := range l.Damage {
		say(s, faults, "server", "its book of agents is damaged, and its sums may be too low: "+d)
	}
	if len(l.Agents) == 0 {
		fmt.Fprintln(s.w, "no agent has sent anything yet: start one with roentgen agent, or let SDKs send to this server's own")
	}
}

// rows adds what the agent says and what the server says of it.
func (a *ledgerAgent) rows(t *table) {
	who, seen := cell{a.name(), bold}, spokenSeconds(a.SilentSeconds)+" ago"
	if st := a.Statement; st != nil {
		ended := []int64{st.Stored, st.Replaced, st.Duplicate, st.Refused, sumOf(st.Rejected), sumOf(st.Dropped), sumOf(st.Lost), sumOf(st.Waiting)}
		addSum(t, who, seen, a.Balanced, sumOf(st.Received), ended...)
	} else {
		row := make([]cell, len(t.columns))
		row[0], row[1], row[2] = who, cell{seen, faint}, cell{"?", faint}
		t.add(row...)
	}
	c := a.Server
	addSum(t, cell{"  at the server", plain}, "", true, c.Received, c.Stored, c.Replaced, c.Duplicate, c.Refused, c.Rejected, blank, blank, blank)
}

func (v *ledgerServer) row(t *table) {
	addSum(t, cell{"server's doors", bold}, "", v.Balanced, v.Received,
		v.Stored, v.Replaced, v.Duplicate, v.Refused, sumOf(v.Rejected), blank, sumOf(v.Lost), v.Waiting+v.UnderWay)
}

// blank is a figure that does not exist: a cell stays empty.
const blank = -1 << 62

// addSum adds a row: what was received, what became of it, and whether that is
// all of it. holds is false where another sum of the agent does not.
func addSum(t *table, who cell, seen string, holds bool, received int64, ended ...int64) {
	row := []cell{who, {seen, faint}, {count(received), plain}}
	rest := received
	for i, n := range ended {
		if n == blank {
			row = append(row, cell{})
			continue
		}
		rest -= n
		ink := plain
		if t.columns[i+3].title == "LOST" && n > 0 {
			ink = errs
		}
		row = append(row, cell{count(n), ink})
	}
	switch {
	case rest != 0:
		row = append(row, cell{fmt.Sprintf("%+d", rest), faults})
	case !holds:
		row = append(row, cell{"wrong", faults})
	default:
		row = append(row, cell{"holds", plain})
	}
	t.add(row...)
}

// words says what the figures do not.
func (a *ledgerAgent) words(s *screen) {
	ink := faint
	if !a.Balanced {
		ink = faults
	}
	text := strings.TrimPrefix(strings.TrimPrefix(a.Explain, "balanced"), "; ")
	if st := a.Statement; st != nil {
		text = joinWords(text, byName("rejected", st.Rejected), byName("dropped", st.Dropped))
	}
	say(s, ink, a.name(), text)
}

func (v *ledgerServer) words(s *screen) {
	ink, text := faint, ""
	if !v.Balanced {
		ink, text = faults, v.Explain
	}
	say(s, ink, "server", joinWords(text, byName("lost", v.Lost), byName("rejected", v.Rejected)))
}

// say prints a paragraph behind a name; none where there is nothing to say.
func say(s *screen, ink ink, who, text string) {
	if text == "" {
		return
	}
	for i, line := range wrapped(who+": "+text, s.width-2, 12) {
		if i == 0 {
			line = "\n" + s.paint(ink, line)
		} else {
			line = "  " + s.paint(ink, line)
		}
		fmt.Fprintln(s.w, line)
	}
}

// byName lists what is counted under several names, as "dropped, shed: 3".
func byName(what string, counts map[string]int64) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] != 0 {
			out = append(out, fmt.Sprintf("%s, %s: %s", what, name, count(counts[name])))
		}
	}
	return joinWords(out...)
}

func joinWords(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), "; ")
}

func sumOf(counts map[string]int64) int64 {
	n := int64(0)
	for _, c := range counts {
		n += c
	}
	return n
}

// count writes a number with spaces between thousands.
func count(n int64) string {
	if n < 0 {
		return "-" + count(-n)
	}
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + " " + text[i:]
	}
	return text
}
