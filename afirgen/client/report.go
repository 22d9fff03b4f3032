package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/roentgen/roentgen/afirgen/fir"
)

// Report is a report as the API shows it.
type Report struct {
	FIRNumber    string         `json:"fir_number"`
	Status       fir.State      `json:"status"`
	Class        fir.Class      `json:"class"`
	SessionID    string         `json:"session_id"`
	Version      int64          `json:"version"`
	CreatedAt    time.Time      `json:"created_at"`
	RegisteredAt time.Time      `json:"registered_at"`
	FinalizedAt  *time.Time     `json:"finalized_at"`
	SignatureDue time.Time      `json:"signature_due"`
	EnquiryDue   time.Time      `json:"enquiry_due"`
	FIRContent   string         `json:"fir_content"`
	Document     fir.Document   `json:"document"`
	Items        []fir.Item     `json:"items"`
	Problems     []fir.Problem  `json:"problems"`
	Deadlines    []fir.Deadline `json:"deadlines"`
	Duties       []fir.Duty     `json:"duties"`
	TraceID      string         `json:"trace_id"`
}

// Report reads a report by its number: KTW/0042/2026.
func (c *Client) Report(ctx context.Context, number string) (report Report, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodGet, reportPath(number), nil, &report)
	return report, r, err
}

func reportPath(number string) string { return "/fir/" + url.PathEscape(number) }

// Event is something that happens to a report. Which fields an Action needs, docs/afirgen/api.md lists.
type Event struct {
	Action     string          `json:"action"`
	Version    int64           `json:"version,omitempty"` // the report that the person saw; 0 takes any
	Correction *fir.Correction `json:"correction,omitempty"`
	Kind       string          `json:"kind,omitempty"`
	By         string          `json:"by,omitempty"`
	ReadOver   bool            `json:"read_over,omitempty"`
	Admitted   bool            `json:"admitted,omitempty"`
	Permission *fir.Permission `json:"permission,omitempty"`
	PrimaFacie bool            `json:"prima_facie,omitempty"`
	Finding    string          `json:"finding,omitempty"`
	Number     string          `json:"number,omitempty"`
}

// Event moves a report.
func (c *Client) Event(ctx context.Context, number string, e Event) (report Report, r Receipt, err error) {
	r, err = c.ask(ctx, http.MethodPost, reportPath(number)+"/events", e, &report)
	return report, r, err
}

// Authenticate locks a report for good. key is the backend's FIR_AUTH_KEY.
func (c *Client) Authenticate(ctx context.Context, number, key string) (Receipt, error) {
	var answer struct {
		Success bool `json:"success"`
	}
	return c.ask(ctx, http.MethodPost, "/authenticate", map[string]string{"fir_number": number, "auth_key": key}, &answer)
}

// PDF prints a report in a language, en or hi.
func (c *Client) PDF(ctx context.Context, number, language string) ([]byte, Receipt, error) {
	return c.Call(ctx, Call{Method: http.MethodGet, Path: reportPath(number) + "/pdf?lang=" + url.QueryEscape(language)})
}

// Row is one line of the list of reports.
type Row struct {
	ID        int64     `json:"id"`
	FIRNumber string    `json:"fir_number"`
	Status    fir.State `json:"status"`
	CreatedAt time.Time `json:"created_at"`
}

// Page is one page of the list, the newest first.
type Page struct {
	Items      []Row  `json:"items"`
	TotalCount int    `json:"total_count"`
	NextCursor string `json:"next_cursor"` // empty on the last page
	HasMore    bool   `json:"has_more"`
}

// List reads a page: of limit rows (0 takes the backend's 20), after the cursor of the page before, of one status.
func (c *Client) List(ctx context.Context, limit int, cursor string, status fir.State) (page Page, r Receipt, err error) {
	query := url.Values{}
	if limit > 0 {
		query.Set("limit", strconv.Itoa(limit))
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	if status != "" {
		query.Set("status", string(status))
	}
	path := "/list_firs"
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	r, err = c.ask(ctx, http.MethodGet, path, nil, &page)
	return page, r, err
}
