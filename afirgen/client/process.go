package client

import (
	"bytes"
	"context"
	"fmt"
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
	body, contentType, err := complaint.form()
	if err != nil {
		return s, r, fmt.Errorf("writing the form of a complaint: %w", err)
	}
	r, err = c.fetch(ctx, Call{Method: http.MethodPost, Path: "/process", ContentType: contentType, Body: body}, &s)
	return s, r, err
}

func (c Complaint) form() ([]byte, string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormField(c.Field)
	if c.Field != Text {
		part, err = form.CreateFormFile(c.Field, "upload")
	}
	if err == nil {
		_, err = part.Write(c.Data)
	}
	for _, hint := range []struct{ name, value string }{{"language", c.Language}, {"information_type", c.Information}} {
		if err == nil && hint.value != "" {
			err = form.WriteField(hint.name, hint.value)
		}
	}
	if err == nil {
		err = form.Close()
	}
	return body.Bytes(), form.FormDataContentType(), err
}
