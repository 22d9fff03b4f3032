package api

import "net/http"

// API is the handler of X-Ray's actions. It is safe for use by many
// goroutines.
type API struct {
	cfg     Config
	metrics *metrics
}

// New returns the API over the rooms in cfg.
func New(cfg Config) *API {
	cfg = cfg.withDefaults()
	return &API{cfg: cfg, metrics: newMetrics(cfg.Registry)}
}

// Register puts every action on mux: those that are built, and a clear error
// for those of X-Ray's that are not.
func (a *API) Register(mux *http.ServeMux) {
	a.RegisterDaemon(mux)
	mux.Handle("POST /Traces", action(a, "BatchGetTraces", a.batchGetTraces))
	mux.Handle("POST /TraceSummaries", action(a, "GetTraceSummaries", a.getTraceSummaries))
	mux.Handle("POST /ServiceGraph", action(a, "GetServiceGraph", a.getServiceGraph))
	mux.Handle("POST /TraceGraph", action(a, "GetTraceGraph", a.getTraceGraph))
	mux.Handle("POST /TimeSeriesServiceStatistics", action(a, "GetTimeSeriesServiceStatistics", a.getTimeSeriesServiceStatistics))
	mux.Handle("POST /CreateGroup", action(a, "CreateGroup", a.createGroup))
	mux.Handle("POST /GetGroup", action(a, "GetGroup", a.getGroup))
	mux.Handle("POST /Groups", action(a, "GetGroups", a.getGroups))
	mux.Handle("POST /UpdateGroup", action(a, "UpdateGroup", a.updateGroup))
	mux.Handle("POST /DeleteGroup", action(a, "DeleteGroup", a.deleteGroup))
	mux.Handle("POST /CreateSamplingRule", action(a, "CreateSamplingRule", a.createSamplingRule))
	mux.Handle("POST /UpdateSamplingRule", action(a, "UpdateSamplingRule", a.updateSamplingRule))
	mux.Handle("POST /DeleteSamplingRule", action(a, "DeleteSamplingRule", a.deleteSamplingRule))
	mux.Handle("POST /SamplingStatisticSummaries", action(a, "GetSamplingStatisticSummaries", a.getSamplingStatisticSummaries))
	for path, name := range notBuilt {
		mux.Handle("POST "+path, a.notBuilt(name))
	}
}

// RegisterDaemon puts those actions on mux that SDKs and daemons call: what
// the TCP side of port 2000 answers.
func (a *API) RegisterDaemon(mux *http.ServeMux) {
	mux.Handle("POST /TraceSegments", a.putTraceSegments())
	mux.Handle("POST /TelemetryRecords", action(a, "PutTelemetryRecords", a.putTelemetryRecords))
	mux.Handle("POST /GetSamplingRules", action(a, "GetSamplingRules", a.getSamplingRules))
	mux.Handle("POST /SamplingTargets", action(a, "GetSamplingTargets", a.getSamplingTargets))
}

// notBuilt lists X-Ray's other actions by path.
var notBuilt = map[string]string{
	"/Insight":                       "GetInsight",
	"/InsightEvents":                 "GetInsightEvents",
	"/InsightImpactGraph":            "GetInsightImpactGraph",
	"/InsightSummaries":              "GetInsightSummaries",
	"/EncryptionConfig":              "GetEncryptionConfig",
	"/PutEncryptionConfig":           "PutEncryptionConfig",
	"/PutResourcePolicy":             "PutResourcePolicy",
	"/ListResourcePolicies":          "ListResourcePolicies",
	"/DeleteResourcePolicy":          "DeleteResourcePolicy",
	"/TagResource":                   "TagResource",
	"/UntagResource":                 "UntagResource",
	"/ListTagsForResource":           "ListTagsForResource",
	"/GetTraceSegmentDestination":    "GetTraceSegmentDestination",
	"/UpdateTraceSegmentDestination": "UpdateTraceSegmentDestination",
	"/GetIndexingRules":              "GetIndexingRules",
	"/UpdateIndexingRule":            "UpdateIndexingRule",
	"/StartTraceRetrieval":           "StartTraceRetrieval",
	"/ListRetrievedTraces":           "ListRetrievedTraces",
	"/GetRetrievedTracesGraph":       "GetRetrievedTracesGraph",
	"/CancelTraceRetrieval":          "CancelTraceRetrieval",
}
