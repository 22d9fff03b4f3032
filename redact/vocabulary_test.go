package redact

import (
	"strings"
	"testing"
)

// Each name is skipped where it belongs, however long what is around it is, and names that are like it are not.
func TestNamesAreToldFromThoseThatAreLikeThem(t *testing.T) {
	r := newDefault(t)
	for before, v := range map[string]*vocabulary{
		`{`: entityNames, `{"http":{"request":{`: requestNames, `{"http":{"response":{`: responseNames, `{"aws":{`: awsNames,
		`{"sql":{`: sqlNames, `{"cause":{`: causeNames, `{"cause":{"exceptions":[{`: exceptionNames, `{"links":[{`: linkNames,
	} {
		behind := strings.Repeat("}", strings.Count(before, "{"))
		if strings.Contains(before, "[") {
			behind = strings.Replace(behind, "}", "}]", 1)
		}
		names := 0
		for _, p := range v.places {
			if p.name == "" {
				continue
			}
			if got := v.findAny([]byte(p.name)); got.name != p.name || got.role != p.role {
				t.Errorf("%s is found as %+v", p.name, got)
			}
			if p.role != skipped {
				continue
			}
			names++
			for name, stays := range map[string]bool{
				p.name: true, p.name + "x": false, "x" + p.name: false, p.name[:len(p.name)-1] + "~": false,
				"~" + p.name[1:]: false, p.name[:len(p.name)/2] + "~" + p.name[len(p.name)/2+1:]: false,
			} {
				for _, tail := range []string{"", `,"in_progress":true`} {
					doc := before + `"` + name + `":"asha@example.com"` + tail + behind
					if out, c := r.Document(nil, []byte(doc)); (c == Counts{}) != stays {
						t.Errorf("%s became %s", doc, out)
					}
				}
			}
		}
		if names == 0 {
			t.Errorf("%s: no names", before)
		}
	}
}
