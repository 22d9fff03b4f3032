package test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// keepDownloads makes the page keep what it hands to the browser as a file.
const keepDownloads = `(() => {
	window.exported = [];
	const url = URL.createObjectURL;
	URL.createObjectURL = (blob) => { window.exported.push({ blob }); return url.call(URL, blob); };
	HTMLAnchorElement.prototype.click = function () { window.exported.at(-1).name = this.download; };
	return true;
})()`

// exportAs presses one of the two buttons and returns the file.
func (b *tab) exportAs(kind string) (name, text string) {
	b.Helper()
	before := eval[int](b, `window.exported.length`)
	b.click(`[aria-label=Export] button`, kind)
	b.wait("a file is handed over", fmt.Sprintf(`window.exported.length === %d && window.exported.at(-1).name`, before+1))
	return eval[string](b, `window.exported.at(-1).name`), eval[string](b, `window.exported.at(-1).blob.text()`)
}

// TestTracesAreExported narrows the list of AFIRGen's traces by a filter and
// exports it in both forms.
func TestTracesAreExported(t *testing.T) {
	a, made := makeTraffic(t)
	b := openTab(t, a.server, 1280, 800)
	b.open("#/traces")
	b.filterBy(`annotation.endpoint = "/process"`)
	b.wantListed(made.Refused, made.Nowhere)
	listed := b.listed()
	if len(listed) < 4 {
		t.Fatalf("%d traces are listed", len(listed))
	}
	eval[bool](b, keepDownloads)

	name, text := b.exportAs("CSV")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err != nil || name != "traces.csv" || len(rows) != 1+len(listed) {
		t.Fatalf("%s: %d rows, want a line of names and %d traces (%v)", name, len(rows), len(listed), err)
	}
	column := map[string]int{}
	for i, title := range rows[0] {
		column[title] = i
	}
	for i, id := range listed {
		row := rows[1+i]
		if row[column["id"]] != id || row[column["method"]] != "POST" || row[column["status"]] == "" || !strings.Contains(row[column["services"]], backendName) {
			t.Errorf("line %d is %q, want trace %s", i+1, row, id)
		}
	}

	name, text = b.exportAs("JSON")
	var traces []struct {
		ID     string
		Status int
		Error  bool
	}
	if err := json.Unmarshal([]byte(text), &traces); err != nil || name != "traces.json" || len(traces) != len(listed) {
		t.Fatalf("%s: %d traces, want %d (%v)", name, len(traces), len(listed), err)
	}
	for i, id := range listed {
		if tr := traces[i]; tr.ID != id || tr.Error != (id == made.Refused) || (tr.Status == 400) != tr.Error {
			t.Errorf("trace %d is %+v, want %s", i, tr, id)
		}
	}
}
