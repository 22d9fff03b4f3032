package web

import "net/http"

// NoteError notes an error in the request's record and segment, as WriteError does, for a handler that writes the answer
// itself: an HTML page.
func NoteError(r *http.Request, e *Error) { noteError(r.Context(), e) }
