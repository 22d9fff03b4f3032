package backend

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
	"github.com/roentgen/roentgen/afirgen/store"
	"github.com/roentgen/roentgen/afirgen/web"
)

// Bounds of a page of the list.
const usualPage, maxPage = 20, 100

// listFields are what a row may show, in this order.
var listFields = []string{"fir_number", "status", "created_at", "id"}

// cursor is where a page ends. It is given out as URL-safe base64 of its JSON.
type cursor struct {
	LastID    int64     `json:"last_id"`
	LastValue time.Time `json:"last_value"`
}

type listBody struct {
	Items      []map[string]any `json:"items"`
	Records    []map[string]any `json:"records"` // the same, as callers of old read it
	TotalCount int              `json:"total_count"`
	PageSize   int              `json:"page_size"`
	Count      int              `json:"count"`
	Limit      int              `json:"limit"`
	NextCursor string           `json:"next_cursor"` // empty on the last page
	HasMore    bool             `json:"has_more"`
}

// list pages through the reports, the newest first.
func (s *Server) list(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	filter, err := filterOf(query)
	if err != nil {
		return err
	}
	fields, err := fieldsOf(query.Get("fields"))
	if err != nil {
		return err
	}
	body, err := s.page(r.Context(), filter, fields)
	if err != nil {
		return err
	}
	web.WriteJSON(w, http.StatusOK, body)
	return nil
}

func (s *Server) page(ctx context.Context, filter store.Filter, fields []string) (listBody, error) {
	rows, more, err := s.cfg.Store.List(ctx, filter)
	if err != nil {
		return listBody{}, storeError(ctx, err)
	}
	total, err := s.cfg.Store.Count(ctx, filter.State, filter.Station)
	if err != nil {
		return listBody{}, storeError(ctx, err)
	}
	body := listBody{
		Items: make([]map[string]any, 0, len(rows)), TotalCount: total, PageSize: filter.Limit, Count: len(rows),
		Limit: filter.Limit, HasMore: more,
	}
	for _, row := range rows {
		body.Items = append(body.Items, shown(row, fields))
	}
	body.Records = body.Items
	if more {
		last := rows[len(rows)-1]
		body.NextCursor = cursor{last.ID, last.CreatedAt}.String()
	}
	return body, nil
}

// shown is a row with the fields that were asked for.
func shown(row store.Row, fields []string) map[string]any {
	item := map[string]any{}
	for _, field := range fields {
		switch field {
		case "fir_number":
			item[field] = row.Number
		case "status":
			item[field] = row.State
		case "created_at":
			item[field] = row.CreatedAt
		case "id":
			item[field] = row.ID
		}
	}
	return item
}

func filterOf(query url.Values) (filter store.Filter, err error) {
	filter.Limit, filter.State = usualPage, fir.State(query.Get("status"))
	if err := number(query, "limit", 1, maxPage, &filter.Limit); err != nil {
		return filter, err
	}
	if err := number(query, "offset", 0, 1<<31-1, &filter.Offset); err != nil {
		return filter, err
	}
	if !slices.Contains(states(), filter.State) {
		return filter, web.Fail(http.StatusBadRequest, contract.InvalidRequest, "status is none of a report's: see docs/afirgen/api.md")
	}
	if given := query.Get("cursor"); given != "" {
		filter.After, err = parseCursor(given)
	}
	return filter, err
}

// states are those by which a list may be filtered; the empty one takes all.
func states() []fir.State {
	return []fir.State{"", fir.StateDraft, fir.StateAwaiting, fir.StateEnquiry, fir.StateRegistered, fir.StateZero,
		fir.StateTransferred, fir.StateNCR, fir.StateLapsed, fir.StateRefused, fir.StateFinalized}
}

// number reads a whole number between low and high, if the query has one.
func number(query url.Values, name string, low, high int, to *int) error {
	given := query.Get(name)
	if given == "" {
		return nil
	}
	n, err := strconv.Atoi(given)
	if err != nil || n < low || n > high {
		return web.Fail(http.StatusBadRequest, contract.InvalidRequest,
			name+" must be a whole number between "+strconv.Itoa(low)+" and "+strconv.Itoa(high))
	}
	*to = n
	return nil
}

func fieldsOf(given string) ([]string, error) {
	if given == "" {
		return listFields, nil
	}
	fields := strings.Split(given, ",")
	for _, field := range fields {
		if !slices.Contains(listFields, field) {
			return nil, web.Fail(http.StatusBadRequest, contract.InvalidRequest, "fields must be a comma list of "+strings.Join(listFields, ", "))
		}
	}
	return fields, nil
}

// String writes the cursor as it is given out.
func (c cursor) String() string {
	data, _ := json.Marshal(c) // a number and a time always marshal
	return base64.URLEncoding.EncodeToString(data)
}

func parseCursor(given string) (*store.Position, error) {
	data, err := base64.URLEncoding.DecodeString(given)
	var c cursor
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil || c.LastID <= 0 || c.LastValue.IsZero() {
		return nil, web.Fail(http.StatusBadRequest, contract.InvalidCursor, "cursor is none of ours: take next_cursor of the page before")
	}
	return &store.Position{CreatedAt: c.LastValue, ID: c.LastID}, nil
}
