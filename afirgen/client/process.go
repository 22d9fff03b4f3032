package client

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
)

// The fields of a form that a complaint comes in.
const (
	Text  = "text"
	Image = "image"
	Audio = "audio"
)

// Complaint is what a person brings.
type Complaint struct {
	Field       string // Text, Image or Audio
	Data        []byte
	Language    string // a hint: en, hi, …; may be empty
	Information string // written, oral or electronic; may be empty
}

// Process files a complaint: POST /process, as a multipart form.
func (c *Client) Process(ctx context.Context, complaint Complaint) (s Session, r Receipt, err error) {
	r, err = c.fetch(ctx, complaint.Call(), &s)
	return s, r, err
}

// Call is the request that files the complaint.
func (c Complaint) Call() Call {
	// A buffer takes everything, so that nothing here can fail.
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	create := form.CreateFormField
	if c.Field != Text {
		create = func(field string) (io.Writer, error) { return form.CreateFormFile(field, "upload") }
	}
	part, _ := create(c.Field)
	_, _ = part.Write(c.Data)
	for _, hint := range []struct{ name, value string }{{"language", c.Language}, {"information_type", c.Information}} {
		if hint.value != "" {
			_ = form.WriteField(hint.name, hint.value)
		}
	}
	_ = form.Close()
	return Call{Method: http.MethodPost, Path: "/process", ContentType: form.FormDataContentType(), Body: body.Bytes()}
}
