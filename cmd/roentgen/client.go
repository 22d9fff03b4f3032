package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// around is what a command-line tool finds around it.
type around struct {
	now    func() time.Time
	getenv func(string) string
}

const (
	defaultServer = "http://127.0.0.1:1895"
	serverEnv     = envPrefix + "SERVER"
	tokenEnv      = envPrefix + "TOKEN"

	maxAnswer  = 256 << 20 // bytes
	askTimeout = 2 * time.Minute
)

// client asks a server over HTTP, as any other program would.
type client struct {
	server string // without a slash at the end
	token  string // empty: none
	http   *http.Client
}

// addClientFlags adds what every tool that asks a server takes.
func addClientFlags(c *cobra.Command) {
	c.Flags().String("server", "", "`URL` of the server (default "+serverEnv+", then "+defaultServer+")")
	c.Flags().String("token", "", "`token`, where the server wants one (default "+tokenEnv+", which other users of the host cannot see)")
	c.Flags().String("output", "", "`form`: table or json (default table on a terminal, else json)")
}

// newClient reads the flags and the environment.
func newClient(c *cobra.Command, w around) (*client, error) {
	server, _ := c.Flags().GetString("server")
	token, _ := c.Flags().GetString("token")
	server = strings.TrimRight(cmp.Or(server, w.getenv(serverEnv), defaultServer), "/")
	if !strings.Contains(server, "://") {
		server = "http://" + server
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("--server %s: not an address like %s", server, defaultServer)
	}
	return &client{server, cmp.Or(token, w.getenv(tokenEnv)), &http.Client{Timeout: askTimeout}}, nil
}

// refusal is an error that the server answered, in X-Ray's shape.
type refusal struct {
	status        int
	Type, Message string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the server says %s (%d %s)", r.Message, r.status, r.Type)
}

// ask posts in as JSON and reads the answer into out.
func (c *client) ask(ctx context.Context, path string, in, out any) error {
	return c.do(ctx, http.MethodPost, path, in, out)
}

// do sends in as JSON and reads the answer into out.
func (c *client) do(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode the question to %s: %w", path, err)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.server+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask %s%s: %w", c.server, path, err)
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.unreachable(err)
	}
	defer resp.Body.Close()
	return c.read(resp, out)
}

// unreachable says what to do when no answer came.
func (c *client) unreachable(err error) error {
	var refused *url.Error
	if errors.As(err, &refused) {
		err = refused.Err
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	hint := "is that the right address?"
	if errors.Is(err, syscall.ECONNREFUSED) {
		hint = "start one with roentgen serve"
	}
	return fmt.Errorf("no server answers at %s: %w; %s (--server or %s names another)", c.server, err, hint, serverEnv)
}

func (c *client) read(resp *http.Response, out any) error {
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer of %s: %w", c.server, err)
	case len(text) > maxAnswer:
		return fmt.Errorf("the answer of %s is larger than %d MB; ask for a shorter time", c.server, maxAnswer>>20)
	case resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden:
		return c.locked(resp.StatusCode)
	case resp.StatusCode != http.StatusOK:
		return c.refused(resp, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return c.stranger(resp)
	}
	return nil
}

func (c *client) locked(status int) error {
	if c.token == "" {
		return fmt.Errorf("%s lets in only who has a token (%d): put yours into %s", c.server, status, tokenEnv)
	}
	return fmt.Errorf("%s does not take this token (%d): see %s and --token", c.server, status, tokenEnv)
}

func (c *client) refused(resp *http.Response, text []byte) error {
	r := &refusal{status: resp.StatusCode}
	var body struct {
		Type    string `json:"__type"`
		Message string
	}
	if json.Unmarshal(text, &body) != nil || body.Message == "" {
		return c.stranger(resp)
	}
	r.Type, r.Message = body.Type, body.Message
	return r
}

// stranger is the error of an answer that no Roentgen server gives.
func (c *client) stranger(resp *http.Response) error {
	return fmt.Errorf("%s answered %s to %s in a form that no Roentgen server of this version has; is it one?", c.server, resp.Status, resp.Request.URL.Path)
}
