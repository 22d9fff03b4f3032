package tracing

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/roentgen/roentgen/redact"
)

func (s *settings) setSampling(r resolver, cfg Config) error {
	check := func(v value) error {
		switch SamplingMode(strings.ToLower(v.text)) {
		case SamplingAuto, SamplingLocal:
			return nil
		}
		return bad(v, "auto or local")
	}
	v, err := winner(check, code("Sampling", string(cfg.Sampling)), r.env("XRAY_SAMPLING"), value{text: string(SamplingAuto)})
	s.localSampling = SamplingMode(strings.ToLower(v.text)) == SamplingLocal
	return err
}

func (s *settings) setUndecided(r resolver, cfg Config) error {
	check := func(v value) error {
		if _, err := strconv.ParseBool(strings.ToLower(v.text)); err != nil {
			return bad(v, "true or false")
		}
		return nil
	}
	v, err := winner(check, value{text: "false", from: "Config.NoUndecided", set: cfg.NoUndecided}, r.env("XRAY_UNDECIDED"), value{text: "true"})
	s.undecided, _ = strconv.ParseBool(strings.ToLower(v.text)) // checked
	return err
}

// setRedact takes XRAY_REDACT as on, off, or names of members whose values go
// beyond what redact.Default takes out.
func (s *settings) setRedact(r resolver, cfg Config) (err error) {
	v := r.env("XRAY_REDACT")
	c := redact.Config{Off: true}
	switch {
	case cfg.Redact != nil:
		c, v.from = *cfg.Redact, "Config.Redact"
	case !v.set || strings.EqualFold(v.text, "off"):
	case strings.EqualFold(v.text, "on"):
		c = redact.Default()
	default:
		c = redact.Default()
		for key := range strings.SplitSeq(v.text, ",") {
			if key = strings.TrimSpace(key); key != "" {
				c.Keys = append(c.Keys, key)
			}
		}
	}
	if c.Off {
		return nil
	}
	if s.redactor, err = redact.New(c); err != nil {
		return fmt.Errorf("setting up tracing: %s: %w", v.from, err)
	}
	return nil
}
