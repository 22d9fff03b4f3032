package api

import "context"

type aboutResponse struct {
	Version          string  `json:"version"`
	Region           string  `json:"region"`
	Account          string  `json:"account"`
	RetentionSeconds float64 `json:"retentionSeconds"`
}

// about answers what the server says of itself.
func (s *consoleServer) about(context.Context, *struct{}) (*aboutResponse, error) {
	return &aboutResponse{s.Version, s.cfg.Region, s.cfg.Account, s.Retention.Seconds()}, nil
}
