package backend

import (
	"bytes"
	"errors"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/roentgen/roentgen/afirgen/paper"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
)

// The pages are plain HTML without style or script, as the content policy of the API wants; what people wrote is escaped
// here, at output, and nowhere before.
var (
	viewAllPage = template.Must(template.New("all").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>FIR records</title></head><body><h1>FIR records</h1>
<table><caption>The newest reports, at most 100</caption><thead><tr><th scope="col">FIR number</th><th scope="col">Status</th><th scope="col">Created</th></tr></thead>
<tbody>{{range .}}<tr><td><a href="/view_fir/{{.Path}}">{{.Number}}</a></td><td>{{.State}}</td><td>{{.Created}}</td></tr>
{{else}}<tr><td colspan="3">There are no reports yet.</td></tr>{{end}}</tbody></table></body></html>
`))
	viewPage = template.Must(template.New("one").Parse(`<!DOCTYPE html>
<html lang="{{.Language}}"><head><meta charset="utf-8"><title>FIR {{.Number}}</title></head><body>
<h1>FIR {{.Number}}</h1><p>Status: {{.State}}</p><pre>{{.Text}}</pre></body></html>
`))
	viewErrorPage = template.Must(template.New("error").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{.Status}}</title></head><body><h1>{{.Status}}</h1><p>{{.Detail}}</p></body></html>
`))
)

func (s *Server) viewAll(w http.ResponseWriter, r *http.Request) error {
	rows, _, err := s.cfg.Store.List(r.Context(), store.Filter{Limit: maxPage})
	if err != nil {
		return viewError(w, r, storeError(r.Context(), err))
	}
	type line struct{ Path, Number, State, Created string }
	lines := make([]line, len(rows))
	for i, row := range rows {
		number := row.Number.String()
		lines[i] = line{url.PathEscape(number), number, string(row.State), row.CreatedAt.UTC().Format("2006-01-02 15:04 UTC")}
	}
	return writePage(w, http.StatusOK, viewAllPage, lines)
}

func (s *Server) view(w http.ResponseWriter, r *http.Request) error {
	report, err := s.readReport(r.Context(), r)
	if err != nil {
		return viewError(w, r, err)
	}
	language := formLanguage(report.Document)
	return writePage(w, http.StatusOK, viewPage, map[string]string{
		"Language": language, "Number": report.Number().String(), "State": string(report.State), "Text": paper.Text(report.Document, language),
	})
}

// viewError answers with a page where the API would answer with JSON; the segment learns of it all the same.
func viewError(w http.ResponseWriter, r *http.Request, err error) error {
	e := web.AnswerTo(r, err)
	web.NoteError(r, e)
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	return writePage(w, e.Status, viewErrorPage, map[string]any{"Status": http.StatusText(e.Status), "Detail": e.Detail})
}

func writePage(w http.ResponseWriter, status int, page *template.Template, data any) error {
	var b bytes.Buffer
	if err := page.Execute(&b, data); err != nil {
		return errors.Join(errors.New("writing a page"), err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a caller who does not read the answer is no error of ours
	return nil
}
