package secrets

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/uuid"
)

// maxBody is a value at its largest, escaped, with its name.
const maxBody = 6*maxValue + 4096

// server answers for one store. It never changes.
type server struct {
	store *Store
	keys  aws.Credentials
	now   func() time.Time
}

// Handler speaks AWS's JSON 1.1 protocol: GetSecretValue, CreateSecret, PutSecretValue, DescribeSecret, ListSecrets.
// Requests have to be signed with keys.
func Handler(store *Store, keys aws.Credentials, now func() time.Time) http.Handler {
	return server{store, keys, now}
}

// request is the members of all inputs that are understood.
type request struct {
	SecretID     string  `json:"SecretId"`
	Name         string  `json:"Name"`
	SecretString *string `json:"SecretString"`
	SecretBinary []byte  `json:"SecretBinary"`
	VersionID    string  `json:"VersionId"`
	VersionStage string  `json:"VersionStage"`
	MaxResults   int     `json:"MaxResults"`
	NextToken    string  `json:"NextToken"`
}

// problem is an error in AWS's shape.
type problem struct {
	Type    string `json:"__type"`
	Message string `json:"Message"`
}

func (p problem) Error() string { return p.Type + ": " + p.Message }

const current = "AWSCURRENT"

func (s server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", uuid.NewString())
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	answer, err := s.answer(r)
	if err != nil {
		p := asProblem(err)
		w.Header().Set("X-Amzn-Errortype", p.Type)
		w.WriteHeader(statusOf(p))
		answer = p
	}
	_ = json.NewEncoder(w).Encode(answer) // a client that has gone learns nothing
}

func statusOf(p problem) int {
	if p.Type == "InternalServiceError" {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

// asProblem lets no text of the store's own errors out but those made for it: others name files of this machine.
func asProblem(err error) problem {
	var p problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, errMissing):
		return problem{"ResourceNotFoundException", "Secrets Manager can't find the specified secret."}
	case errors.Is(err, errExists):
		return problem{"ResourceExistsException", "The operation failed because the secret already exists."}
	}
	return problem{"InternalServiceError", "An error occurred on the server side."}
}

func (s server) answer(r *http.Request) (any, error) {
	operation, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	if r.Method != http.MethodPost || r.URL.Path != "/" || !ok {
		return nil, problem{"UnknownOperationException", "POST / with X-Amz-Target: secretsmanager.<operation> is what this endpoint knows."}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return nil, problem{"SerializationException", "The body is too large, or broke off."}
	}
	if err := s.verify(r, body); err != nil {
		return nil, err
	}
	var in request
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, problem{"SerializationException", "The body is not the JSON of this operation."}
	}
	switch operation {
	case "GetSecretValue":
		return s.getValue(in)
	case "CreateSecret":
		return s.create(in)
	case "PutSecretValue":
		return s.put(in)
	case "DescribeSecret":
		return s.describe(in)
	case "ListSecrets":
		return s.list(in)
	}
	return nil, problem{"UnknownOperationException", "This endpoint knows GetSecretValue, CreateSecret, PutSecretValue, DescribeSecret and ListSecrets."}
}

// object is a JSON object; times in it are seconds since 1970.
type object map[string]any

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (s server) getValue(in request) (any, error) {
	found, err := s.store.get(in.SecretID)
	if err != nil {
		return nil, err
	}
	if in.VersionStage != "" && in.VersionStage != current {
		return nil, problem{"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: " + in.VersionStage}
	}
	if in.VersionID != "" && in.VersionID != found.version {
		return nil, problem{"ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: " + in.VersionID}
	}
	return object{"ARN": arn(found.name), "Name": found.name, "SecretString": found.value, "VersionId": found.version,
		"VersionStages": []string{current}, "CreatedDate": seconds(found.changed)}, nil
}

// value refuses binary values: the file is JSON, and AFIRGen has none.
func (in request) value(name string) (string, error) {
	if in.SecretString == nil || len(in.SecretBinary) > 0 {
		return "", problem{"InvalidRequestException", "This endpoint keeps SecretString only, and needs one."}
	}
	if err := check(name, *in.SecretString); err != nil {
		return "", problem{"InvalidParameterException", err.Error()}
	}
	return *in.SecretString, nil
}

func (s server) create(in request) (any, error) {
	value, err := in.value(in.Name)
	if err != nil {
		return nil, err
	}
	made, err := s.store.create(in.Name, value)
	if err != nil {
		return nil, err
	}
	return object{"ARN": arn(made.name), "Name": made.name, "VersionId": made.version}, nil
}

func (s server) put(in request) (any, error) {
	found, err := s.store.get(in.SecretID)
	if err != nil {
		return nil, err
	}
	value, err := in.value(found.name)
	if err != nil {
		return nil, err
	}
	made, err := s.store.put(found.name, value)
	if err != nil {
		return nil, err
	}
	return object{"ARN": arn(made.name), "Name": made.name, "VersionId": made.version, "VersionStages": []string{current}}, nil
}

func (s server) describe(in request) (any, error) {
	found, err := s.store.get(in.SecretID)
	if err != nil {
		return nil, err
	}
	d := entry(found)
	d["VersionIdsToStages"] = map[string][]string{found.version: {current}}
	return d, nil
}

func entry(found secret) object {
	return object{"ARN": arn(found.name), "Name": found.name, "CreatedDate": seconds(found.changed), "LastChangedDate": seconds(found.changed)}
}

// list gives pages; a token is the number of the next entry.
func (s server) list(in request) (any, error) {
	const most = 100
	all, from := s.store.list(), 0
	if in.NextToken != "" {
		n, err := strconv.Atoi(in.NextToken)
		if err != nil || n < 0 {
			return nil, problem{"InvalidNextTokenException", "The NextToken value is invalid."}
		}
		from = min(n, len(all))
	}
	size := in.MaxResults
	if size <= 0 || size > most {
		size = most
	}
	to := min(from+size, len(all))
	page := []object{}
	for _, found := range all[from:to] {
		e := entry(found)
		e["SecretVersionsToStages"] = map[string][]string{found.version: {current}}
		page = append(page, e)
	}
	out := object{"SecretList": page}
	if to < len(all) {
		out["NextToken"] = strconv.Itoa(to)
	}
	return out, nil
}
