package test

import (
	"slices"
	"testing"
)

// TestQueriesFindWhatAFIRGenDid asks AWS's client for traces that AFIRGen
// really left, by service, URL, status, annotation and response time: each
// expression with traces that it has to find, and those that it must not.
func TestQueriesFindWhatAFIRGenDid(t *testing.T) {
	a, made := makeTraffic(t)
	c := awsClient(a.server)
	all := []string{made.Good, made.Letter, made.Summary, made.Refused, made.Nowhere, made.Slow, made.Fault}
	for expression, want := range map[string][]string{
		`service("afirgen-main-backend")`:                                                 all,
		`service("afirgen-asr-ocr-server")`:                                               {made.Letter},
		`edge("afirgen-main-backend", "afirgen-gguf-server") { ok }`:                      {made.Summary},
		`http.url ENDSWITH "/process"`:                                                    {made.Good, made.Letter, made.Refused, made.Slow},
		`http.url CONTAINS "nowhere"`:                                                     {made.Nowhere},
		`http.status = 404`:                                                               {made.Nowhere},
		`http.status >= 400 AND http.method = "POST"`:                                     {made.Refused, made.Fault},
		`service("afirgen-main-backend") AND responsetime > 5`:                            {made.Slow},
		`service("afirgen-main-backend") AND error = true`:                                {made.Refused, made.Nowhere}, // 4xx, and no 5xx
		`service("afirgen-main-backend") AND (error = true OR fault = true)`:              {made.Refused, made.Nowhere, made.Fault},
		`service("afirgen-main-backend") { error OR fault }`:                              {made.Refused, made.Nowhere, made.Fault},
		`annotation.model_name = "summariser"`:                                            {made.Summary, made.Fault},
		`annotation.model_name = "summariser" AND service("afirgen-gguf-server") { ok }`:  {made.Summary},
		`annotation.endpoint = "/process"`:                                                {made.Good, made.Letter, made.Refused, made.Slow},
		`annotation[endpoint] = "/ocr"`:                                                   {made.Letter},
		`annotation.operation = "ocr" AND annotation.file_size > 1000`:                    {made.Letter},
		`annotation.error_type = "no_input"`:                                              {made.Refused},
		`annotation.success = false AND annotation.status_code = 503`:                     {made.Fault},
		`annotation.prompt_tokens > 10 AND annotation.workflow_step BEGINSWITH "summary"`: {made.Summary},
	} {
		got := found(t, c, expression)
		for _, id := range all {
			if slices.Contains(got, id) != slices.Contains(want, id) {
				t.Errorf("%s: trace %s is found: %v", expression, id, slices.Contains(got, id))
			}
		}
	}
}
