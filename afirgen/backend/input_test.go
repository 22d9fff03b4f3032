package backend

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/roentgen/roentgen/afirgen/contract"
	"github.com/roentgen/roentgen/afirgen/fir"
)

// secret stands in every piece of bad input; whatever is answered, logged or traced must not repeat it.
const secret = "Qwrtzuiop"

// tellsNothing wants the secret nowhere but in the database.
func (h *house) tellsNothing(t *testing.T, a answer) {
	t.Helper()
	if strings.Contains(a.raw, secret) {
		t.Errorf("the answer quotes what was sent: %s", a.raw)
	}
	if strings.Contains(h.log.String(), secret) || strings.Contains(string(h.collector.Raw()), secret) {
		t.Error("the log or a trace quotes what was sent")
	}
}

func utf16le(text string) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// typed is a form whose text says itself how it is encoded.
func typed(t *testing.T, contentType, text string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreatePart(map[string][]string{"Content-Disposition": {`form-data; name="text"`}, "Content-Type": {contentType}})
	if err == nil {
		_, err = part.Write([]byte(text))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return body(w.FormDataContentType(), b.String())
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
	long     = secret + " stole my phone at the bus stand."
)

func TestBadComplaintsAreRefusedInOurWords(t *testing.T) {
	h := build(t, neighbours{})
	nested := strings.Repeat("[", 20) + strings.Repeat("]", 20)
	for name, c := range map[string]struct {
		r      *http.Request
		status int
		kind   contract.ErrorType
	}{
		"nothing":                        {httptest.NewRequest("POST", "/process", nil), 400, contract.NoInput},
		"white space":                    {form(t, "text", " \n\t\u00a0 "), 400, contract.NoInput},
		"an empty image":                 {form(t, "image", ""), 400, contract.NoInput},
		"an empty object":                {body(jsonType, `{}`), 400, contract.NoInput},
		"null":                           {body(jsonType, `{"text": null}`), 400, contract.NoInput},
		"nine characters":                {form(t, "text", "\u0915\u0916\u0917\u0918\u0919\u091a\u091b\u091c\u091d"), 400, contract.TextTooShort},
		"joiners alone":                  {form(t, "text", strings.Repeat("\u202e", 20)+secret[:9]), 400, contract.TextTooShort},
		"a character too many":           {form(t, "text", strings.Repeat("\u0915", fir.MaxComplaint+1)), 413, contract.TextTooLong},
		"far too many":                   {form(t, "text", strings.Repeat(secret, 200_000)), 413, contract.TooLarge},
		"far too many, as JSON":          {body(jsonType, `{"text": "`+strings.Repeat(secret, 200_000)+`"}`), 413, contract.TooLarge},
		"far too many, as a plain form":  {body(formType, "text="+strings.Repeat(secret, 200_000)), 413, contract.TooLarge},
		"text and image":                 {form(t, "text", long, "image", jpeg), 400, contract.MultipleInputs},
		"image and audio":                {form(t, "image", jpeg, "audio", "ID3"), 400, contract.MultipleInputs},
		"text twice":                     {form(t, "text", long, "text", long), 400, contract.MultipleInputs},
		"text twice, plain":              {body(formType, url.Values{"text": {long, long}}.Encode()), 400, contract.MultipleInputs},
		"text twice, in the query":       {httptest.NewRequest("POST", "/process?"+url.Values{"text": {long, long}}.Encode(), nil), 400, contract.MultipleInputs},
		"text in the query and a form":   {as("POST", "/process?text=another+complaint", body(formType, url.Values{"text": {long}}.Encode())), 400, contract.MultipleInputs},
		"text twice, as JSON":            {body(jsonType, `{"text": "`+long+`", "text": "another complaint"}`), 400, contract.InvalidRequest},
		"text twice, in another case":    {body(jsonType, `{"text": "`+long+`", "Text": "another complaint"}`), 400, contract.InvalidRequest},
		"a number":                       {body(jsonType, `{"text": 1234567890}`), 422, contract.InvalidRequest},
		"a list":                         {body(jsonType, `{"text": ["`+long+`"]}`), 422, contract.InvalidRequest},
		"no object":                      {body(jsonType, `"`+long+`"`), 422, contract.InvalidRequest},
		"half an object":                 {body(jsonType, `{"text": "`+long), 400, contract.InvalidRequest},
		"two objects":                    {body(jsonType, `{"text": "`+long+`"} {}`), 400, contract.InvalidRequest},
		"too deep":                       {body(jsonType, `{"text": "`+long+`", "x": `+nested+`}`), 400, contract.InvalidRequest},
		"a huge number":                  {body(jsonType, `{"text": 1e999999}`), 422, contract.InvalidRequest},
		"latin-1":                        {form(t, "text", long+" caf\xe9"), 400, contract.WrongEncoding},
		"latin-1, as JSON":               {body(jsonType, `{"text": "`+long+" caf\xe9\"}"), 400, contract.WrongEncoding},
		"latin-1, plain":                 {body(formType, "text="+url.QueryEscape(long+" caf\xe9")), 400, contract.WrongEncoding},
		"latin-1, in the query":          {query(long + " caf\xe9"), 400, contract.WrongEncoding},
		"UTF-16":                         {form(t, "text", utf16le(long)), 400, contract.WrongEncoding},
		"UTF-16 of Hindi":                {form(t, "text", utf16le("मेरा मोबाइल फ़ोन चोरी हो गया")), 400, contract.WrongEncoding},
		"UTF-16, as JSON":                {body(jsonType, utf16le(`{"text": "`+long+`"}`)), 400, contract.WrongEncoding},
		"UTF-16, as it says":             {body(jsonType+"; charset=utf-16", `{"text": "`+long+`"}`), 400, contract.WrongEncoding},
		"latin-1, as a part says":        {typed(t, "text/plain; charset=iso-8859-1", long), 400, contract.WrongEncoding},
		"half a character":               {body(jsonType, `{"text": "`+long+` \ud83d"}`), 400, contract.WrongEncoding},
		"the other half":                 {body(jsonType, `{"text": "`+long+` \udc00\ud83d"}`), 400, contract.WrongEncoding},
		"an overlong form of a slash":    {form(t, "text", long+"\xc0\xaf"), 400, contract.WrongEncoding},
		"zero bytes":                     {form(t, "text", long+"\x00"), 400, contract.WrongEncoding},
		"no such kind of information":    {form(t, "text", long, "information_type", secret), 422, contract.FormIncomplete},
		"a long kind of information":     {form(t, "text", long, "information_type", strings.Repeat(secret, 50)), 422, contract.InvalidRequest},
		"no language":                    {form(t, "text", long, "language", secret+"!"), 422, contract.InvalidRequest},
		"a long language":                {body(jsonType, `{"text": "`+long+`", "language": "`+strings.Repeat(secret, 50)+`"}`), 422, contract.InvalidRequest},
		"a language of another type":     {body(jsonType, `{"text": "`+long+`", "language": {"a": "`+secret+`"}}`), 422, contract.InvalidRequest},
		"a broken form":                  {body("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n"+long), 400, contract.InvalidRequest},
		"a form without a boundary":      {body("multipart/form-data", long), 415, contract.WrongType},
		"a broken plain form":            {body(formType, "text="+secret+"%zz"), 400, contract.InvalidRequest},
		"a plain form with semicolons":   {body(formType, "text="+secret+";language=en"), 400, contract.InvalidRequest},
		"another type":                   {body("text/plain", long), 415, contract.WrongType},
		"no type":                        {body("", long), 415, contract.WrongType},
		"an image in the audio's place":  {form(t, "audio", jpeg+secret), 415, contract.WrongType},
		"a recording in the image's":     {form(t, "image", "ID3"+secret), 415, contract.WrongType},
		"a page in the image's":          {form(t, "image", "<html>"+secret), 415, contract.WrongType},
		"a recording of three bytes":     {form(t, "audio", "RIF"), 415, contract.WrongType},
		"a large image":                  {form(t, "image", jpeg+strings.Repeat("x", 25<<20)), 413, contract.TooLarge},
		"a text as an image of language": {form(t, "image", jpeg, "language", strings.Repeat(secret, 50)), 422, contract.InvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send(t, c.r)
			h.keeps(t, a, promised{c.status, c.kind, "/process", "POST"})
			h.tellsNothing(t, a)
		})
	}
	totals, err := h.store.Totals(t.Context(), h.clock.now())
	if err != nil || len(totals.SessionsByStatus) != 0 {
		t.Errorf("refused complaints have left sessions: %v, %v", totals.SessionsByStatus, err)
	}
}

func TestWhatIsOddInAComplaintSurvivesOrIsCleaned(t *testing.T) {
	h := build(t, neighbours{})
	for sent, want := range map[string]string{
		"line one\r\nline two\rline three":               "line one\nline two\nline three",
		"\ufeff  with a mark and spaces  ":               "with a mark and spaces",
		"turned \u202egnihtemos\u202c around":            "turned gnihtemos around",
		"a bell \a and an escape \x1b[31m":               "a bell  and an escape [31m",
		"क्\u200dष joined, क्\u200cष not joined":         "क्\u200dष joined, क्\u200cष not joined",
		"cafe\u0301 composed to one":                     "café composed to one",
		"an emoji \U0001F46E\u200d\u2642\ufe0f of four":  "an emoji \U0001F46E\u200d\u2642\ufe0f of four",
		"<b>tags</b> & \"quotes\" 'stay' \\ as they are": "<b>tags</b> & \"quotes\" 'stay' \\ as they are",
		strings.Repeat("\u0915", fir.MaxComplaint):       strings.Repeat("\u0915", fir.MaxComplaint),
	} {
		data, err := json.Marshal(map[string]string{"text": sent})
		if err != nil {
			t.Fatal(err)
		}
		for way, r := range map[string]*http.Request{"a form": form(t, "text", sent), "JSON": body(jsonType+"; charset=utf-8", string(data)),
			"a plain form": body(formType, url.Values{"text": {sent}}.Encode()), "the query": query(sent)} {
			if a := h.send(t, r); a.status != 200 || a.body["content"].(map[string]any)["transcript"] != want {
				t.Errorf("%.40q as %s: %d %.200s", sent, way, a.status, a.raw)
			}
		}
	}
}

func TestBadDecisionsChangeNothingAndAreNotQuoted(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, plain)
	_, number := h.drafted(t, nil, theft)
	raw := func(path, text string) *http.Request {
		r := httptest.NewRequest("POST", path, strings.NewReader(text))
		r.Header.Set("Content-Type", jsonType)
		return r
	}
	decision := func(fields string) *http.Request {
		return raw("/validate", fmt.Sprintf(`{"session_id": %q, "approved": true, %s}`, id, fields))
	}
	correction := func(fields string) *http.Request {
		return raw("/session/"+id+"/correct", `{"correction": {`+fields+`}}`)
	}
	event := func(fields string) *http.Request { return raw("/fir/"+number+"/events", `{`+fields+`}`) }
	rows := strings.TrimSuffix(strings.Repeat(`{"name": "`+secret+`"},`, 101), ",")
	for name, c := range map[string]struct {
		r      *http.Request
		status int
	}{
		"a step that is none":          {decision(`"step": "` + secret + `"`), 422},
		"a step that has gone":         {raw("/validate", fmt.Sprintf(`{"session_id": %q, "approved": false, "regenerate": true, "step": "summary_review"}`, id)), 409},
		"a step of another type":       {decision(`"step": ["` + secret + `"]`), 422},
		"a version of another type":    {decision(`"version": "` + secret + `"`), 422},
		"a huge version":               {decision(`"version": 99999999999999999999`), 422},
		"a version below zero":         {decision(`"version": -1`), 409},
		"a version with a fraction":    {decision(`"version": 1.5`), 422},
		"a decision as a word":         {raw("/validate", fmt.Sprintf(`{"session_id": %q, "approved": "yes"}`, id)), 422},
		"no decision":                  {raw("/validate", fmt.Sprintf(`{"session_id": %q, "approved": null}`, id)), 422},
		"a long note":                  {decision(`"user_input": "` + strings.Repeat(secret, 2000) + `"`), 422},
		"a note of another type":       {decision(`"user_input": {"a": "` + secret + `"}`), 422},
		"half a character in a note":   {decision(`"user_input": "` + secret + `\ud800"`), 400},
		"an id in braces":              {raw("/validate", fmt.Sprintf(`{"session_id": "{%s}", "approved": true}`, id)), 400},
		"an id as a URN":               {raw("/validate", fmt.Sprintf(`{"session_id": "urn:uuid:%s", "approved": true}`, id)), 400},
		"an id that is none":           {raw("/validate", `{"session_id": "`+secret+`", "approved": true}`), 400},
		"an id of another type":        {raw("/validate", `{"session_id": {"$ne": "`+secret+`"}, "approved": true}`), 422},
		"regenerating a transcript":    {raw("/regenerate/"+id, `{"step": "transcript_review"}`), 422},
		"regenerating what is none":    {raw("/regenerate/"+id, `{"step": "`+secret+`"}`), 422},
		"regenerating it by query":     {httptest.NewRequest("POST", "/regenerate/"+id+"?step="+secret, nil), 422},
		"regenerating what is to come": {raw("/regenerate/"+id, `{"step": "summary_review"}`), 409},
		"correcting nothing":           {correction(``), 422},
		"correcting at a step of none": {raw("/session/"+id+"/correct", `{"step": "`+secret+`", "correction": {"inquest": "x"}}`), 422},
		"correcting typed words":       {correction(`"transcript": "` + long + `"`), 409},
		"a summary too early":          {correction(`"summary": "` + secret + `"`), 409},
		"charges too early":            {correction(`"add_charges": [{"act": "` + secret + `"}]`), 409},
		"a long name":                  {correction(`"complainant": {"name": "` + strings.Repeat(secret, 34) + `"}`), 422},
		"a name of another type":       {correction(`"complainant": {"name": 5}`), 422},
		"a name for an object":         {correction(`"complainant": "` + secret + `"`), 422},
		"a day that is none":           {correction(`"occurrence": {"date_from": "` + secret + `"}`), 422},
		"the 31st of February":         {correction(`"occurrence": {"date_from": "2026-02-31"}`), 422},
		"an hour that is none":         {correction(`"occurrence": {"time_from": "25:00"}`), 422},
		"an end before the beginning":  {correction(`"occurrence": {"date_from": "2026-02-03", "date_to": "2026-02-02"}`), 422},
		"a kind of action of none":     {correction(`"action": {"kind": "` + secret + `"}`), 422},
		"a value below zero":           {correction(`"properties": [{"category": "` + secret + `", "value_rupees": -1}]`), 422},
		"a huge value":                 {correction(`"properties": [{"value_rupees": 1e30}]`), 422},
		"too many accused":             {correction(`"accused": [` + rows + `]`), 422},
		"a station code of none":       {correction(`"station": {"code": "` + secret + `"}`), 422},
		"a language of none":           {correction(`"translations": [{"language": "` + secret + `!", "text": "` + secret + `"}]`), 422},
		"the free copy":                {correction(`"copy_given": true`), 409},
		"a list as a body":             {raw("/session/"+id+"/correct", `[]`), 422},
		"an empty body":                {raw("/session/"+id+"/correct", ``), 400},
		"an action of none":            {event(`"action": "` + secret + `"`), 422},
		"an action of another type":    {event(`"action": 5`), 422},
		"a number of none":             {event(`"action": "acknowledge", "number": "` + secret + `"`), 422},
		"a flag as a word":             {event(`"action": "sign", "read_over": "` + secret + `"`), 422},
		"a short key":                  {raw("/authenticate", `{"fir_number": "`+number+`", "auth_key": "short"}`), 422},
		"a long key":                   {raw("/authenticate", `{"fir_number": "`+number+`", "auth_key": "`+strings.Repeat(secret, 30)+`"}`), 422},
		"a wrong key":                  {raw("/authenticate", `{"fir_number": "`+number+`", "auth_key": "`+secret+`"}`), 401},
		"a key of another type":        {raw("/authenticate", `{"fir_number": "`+number+`", "auth_key": ["`+secret+`"]}`), 422},
		"a breaker of none":            {raw("/reliability/circuit-breaker/"+"x/reset", `{}`), 404},
		"another breaker of none":      {raw("/reliability/auto-recovery/"+"x/trigger", `{}`), 404},
	} {
		t.Run(name, func(t *testing.T) {
			a := h.send(t, c.r)
			d := h.segment(t, a)
			if a.status != c.status || a.kind() == "" {
				t.Errorf("the answer is %d, want %d: %s", a.status, c.status, a.raw)
			}
			h.keeps(t, a, promised{a.status, a.kind(), d.Annotations[contract.Endpoint].(string), "POST"})
			h.tellsNothing(t, a)
		})
	}
	session, err := h.store.Session(t.Context(), id)
	if err != nil || session.Version != 1 {
		t.Errorf("the session is at version %d, %v", session.Version, err)
	}
	if a := h.send(t, get("/fir/"+number)); a.body["version"] != 1.0 {
		t.Errorf("the report is at version %v", a.body["version"])
	}
}

func TestASessionThatGrowsTooLargeIsRefusedAsTheCallersDoing(t *testing.T) {
	h := build(t, neighbours{})
	id := h.file(t, plain)
	// Each correction is within its bounds; all together are more than a row holds.
	passages, accused := make([]map[string]any, 66), make([]map[string]any, fir.MaxRows)
	for i := range passages {
		passages[i] = map[string]any{"language": "hi", "text": strings.Repeat("क", fir.MaxComplaint)}
	}
	block := strings.Repeat("ख", fir.MaxBlock)
	for i := range accused {
		accused[i] = map[string]any{"kind": "known", "address": block, "physical_features": block}
	}
	send := func(fields map[string]any) answer {
		return h.send(t, post("/session/"+id+"/correct", map[string]any{"correction": fields}))
	}
	h.keeps(t, send(map[string]any{"translations": passages}), promised{200, "", "/session/{id}/correct", "POST"})
	h.keeps(t, send(map[string]any{"accused": accused}), promised{413, contract.TooLarge, "/session/{id}/correct", "POST"})
}
