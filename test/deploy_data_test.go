package test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/roentgen/roentgen/access"
)

// databaseInputs are what the network would give.
func databaseInputs() map[string]cty.Value {
	return map[string]cty.Value{
		"subnet_ids":        cty.ListVal([]cty.Value{cty.StringVal("private-a"), cty.StringVal("private-b")}),
		"security_group_id": cty.StringVal("part-database"),
	}
}

// wants says what an argument that comes to something else should have been.
func wants(r planned, arguments map[string]cty.Value) (found []string) {
	for name, want := range arguments {
		got, ok := r.values[name]
		if !ok || got.IsNull() || !got.Type().Equals(want.Type()) || !got.RawEquals(want) {
			found = append(found, fmt.Sprintf("%s.%s: %s is %s, want %s", r.kind, r.name, name, shown(got), shown(want)))
		}
	}
	slices.Sort(found)
	return found
}

// shown is a value as a sentence can hold it.
func shown(v cty.Value) string {
	switch {
	case v == cty.NilVal || v.IsNull():
		return "not set"
	case v.Type() == cty.String:
		return fmt.Sprintf("%q", v.AsString())
	case v.Type() == cty.Bool:
		return fmt.Sprint(v.True())
	case v.Type() == cty.Number:
		return v.AsBigFloat().String()
	}
	return v.GoString()
}

func whole(n int64) cty.Value { return cty.NumberIntVal(n) }

// theOnly is the one resource of a kind that there has to be.
func theOnly(list []planned, kind string) (planned, []string) {
	all := ofKind(list, kind)
	if len(all) != 1 {
		return planned{}, []string{fmt.Sprintf("there are %d %s, want one", len(all), kind)}
	}
	return all[0], nil
}

// checkDatabase wants MySQL 8 in private, encrypted, kept, and with two legs in prod.
func checkDatabase(environment string, list []planned, outputs map[string]cty.Value) []string {
	db, found := theOnly(list, "aws_db_instance")
	if len(found) > 0 {
		return found
	}
	prod := environment == "prod"
	found = wants(db, map[string]cty.Value{
		"engine": cty.StringVal("mysql"), "engine_version": cty.StringVal("8.0"), "db_name": cty.StringVal("fir_db"),
		"publicly_accessible": cty.False, "storage_encrypted": cty.True, "storage_type": cty.StringVal("gp3"),
		"multi_az": cty.BoolVal(prod), "deletion_protection": cty.BoolVal(prod), "skip_final_snapshot": cty.BoolVal(!prod),
		"backup_retention_period": whole(7), "performance_insights_enabled": cty.True, "copy_tags_to_snapshot": cty.True,
		"enabled_cloudwatch_logs_exports": cty.SetVal([]cty.Value{cty.StringVal("error"), cty.StringVal("slowquery")}),
		"password_wo_version":             whole(1),
	})
	if groups := db.values["vpc_security_group_ids"].AsValueSlice(); len(groups) != 1 || groups[0].AsString() != "part-database" {
		found = append(found, "the database has other security groups than its own")
	}
	if prod && db.text("final_snapshot_identifier") == "" {
		found = append(found, "nothing is left of the database of prod when it goes")
	}
	found = append(found, checkParameters(list, db)...)
	found = append(found, checkExports(list, db)...)
	return append(found, checkDatabaseURL(outputs["database_url"].AsString(), outputs["endpoint"].AsString())...)
}

// checkParameters wants nobody let in without TLS.
func checkParameters(list []planned, db planned) []string {
	group, found := theOnly(list, "aws_db_parameter_group")
	if len(found) > 0 {
		return found
	}
	parameters := map[string]string{}
	for _, p := range group.values["parameter"].AsValueSlice() {
		parameters[p.GetAttr("name").AsString()] = p.GetAttr("value").AsString()
	}
	for name, want := range map[string]string{"require_secure_transport": "1", "character_set_server": "utf8mb4", "log_output": "FILE", "slow_query_log": "1"} {
		if parameters[name] != want {
			found = append(found, fmt.Sprintf("MySQL has %s = %q, want %q", name, parameters[name], want))
		}
	}
	if parameters["general_log"] != "" {
		found = append(found, "the general log holds every complaint")
	}
	if db.text("parameter_group_name") != group.text("name") || group.text("family") != "mysql"+db.text("engine_version") {
		found = append(found, fmt.Sprintf("the instance of MySQL %s has the parameters of %s", db.text("engine_version"), group.text("family")))
	}
	return found
}

// checkExports wants a group, kept for a while, for each log that RDS sends.
func checkExports(list []planned, db planned) (found []string) {
	for _, kind := range db.values["enabled_cloudwatch_logs_exports"].AsValueSlice() {
		name := "/aws/rds/instance/" + db.text("identifier") + "/" + kind.AsString()
		if !slices.ContainsFunc(ofKind(list, "aws_cloudwatch_log_group"), func(g planned) bool {
			return g.text("name") == name && (g.number("retention_in_days") == 7 || g.number("retention_in_days") == 30)
		}) {
			found = append(found, name+" is kept for ever")
		}
	}
	return found
}

// checkDatabaseURL wants what `afirgen backend --database` takes, without user and password, over TLS.
func checkDatabaseURL(text, endpoint string) []string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "mysql" || u.User != nil || u.Host != endpoint || u.Port() != "3306" || u.Path != "/fir_db" || u.RawQuery != "tls=true" {
		return []string{fmt.Sprintf("the backend cannot use the URL %q: %v", text, err)}
	}
	return nil
}

func TestTheDatabaseIsPrivateAndKept(t *testing.T) {
	const main = "terraform/modules/database/main.tf"
	hold(t, checkModule("database", databaseInputs(), checkDatabase),
		flaw{"public", main, "publicly_accessible    = false", "publicly_accessible    = true", "publicly_accessible is true, want false"},
		flaw{"not encrypted", main, "storage_encrypted     = true", "storage_encrypted     = false", "storage_encrypted is false"},
		flaw{"without TLS", main, "    name  = \"require_secure_transport\"\n    value = \"1\"", "    name  = \"require_secure_transport\"\n    value = \"0\"", "require_secure_transport = \"0\""},
		flaw{"parameters of another version", main, "\"mysql${var.engine_version}\"", "\"mysql8.4\"", "has the parameters of mysql8.4"},
		flaw{"parameters that nobody has", main, "aws_db_parameter_group.main.name", "\"default.mysql8.0\"", "has the parameters of"},
		flaw{"one leg in prod", main, "coalesce(var.multi_az, local.prod)", "coalesce(var.multi_az, false)", "prod: aws_db_instance.main: multi_az is false"},
		flaw{"deleted by mistake", main, "deletion_protection       = local.prod", "deletion_protection       = !local.prod", "prod: aws_db_instance.main: deletion_protection is false"},
		flaw{"nothing left", main, "skip_final_snapshot       = !local.prod", "skip_final_snapshot       = local.prod", "prod: aws_db_instance.main: skip_final_snapshot is true"},
		flaw{"backups of a day", "terraform/modules/database/variables.tf", "  default     = 7\n", "  default     = 8\n", "backup_retention_period is 8"},
		flaw{"a log that is kept for ever", main, "/aws/rds/instance/afirgen-${var.environment}/${each.key}", "/aws/rds/instance/afirgen/${each.key}", "/aws/rds/instance/afirgen-prod/error is kept for ever"},
		flaw{"an old disk", main, "\"gp3\"", "\"gp2\"", "storage_type is \"gp2\""},
		flaw{"a URL without TLS", "terraform/modules/database/outputs.tf", "?tls=true", "", "the backend cannot use the URL"},
		flaw{"a URL with the user", "terraform/modules/database/outputs.tf", "mysql://$", "mysql://afirgen@$", "the backend cannot use the URL"},
	)
}

// TestADatabaseRefusesBadValues before anything is made.
func TestADatabaseRefusesBadValues(t *testing.T) {
	for name, v := range map[string]cty.Value{
		"subnet_ids":            cty.ListVal([]cty.Value{cty.StringVal("private-a")}),
		"engine_version":        cty.StringVal("5.7"),
		"instance_class":        cty.StringVal("db.t3.micro"),
		"max_allocated_storage": whole(50),
		"backup_days":           whole(1),
		"log_exports":           cty.SetVal([]cty.Value{cty.StringVal("general")}),
	} {
		inputs := databaseInputs()
		inputs["environment"] = cty.StringVal("dev")
		inputs[name] = v
		if _, _, err := planModule(ours, "database", inputs); err == nil || !strings.Contains(err.Error(), "the variable "+name+" is refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// checkNoSecretInState wants what is made up here to stand in arguments alone that no state holds, and in no output.
func checkNoSecretInState(_ string, list []planned, outputs map[string]cty.Value) (found []string) {
	for _, r := range list {
		for name, v := range r.values {
			if holdsPassword(v) && !strings.HasSuffix(name, "_wo") {
				found = append(found, fmt.Sprintf("%s.%s: the state holds a secret in %s", r.kind, r.name, name))
			}
		}
	}
	for name, v := range outputs {
		if holdsPassword(v) {
			found = append(found, "the state holds a secret in the output "+name)
		}
	}
	return found
}

func holdsPassword(v cty.Value) bool {
	holds := false
	_ = cty.Walk(v, func(_ cty.Path, inner cty.Value) (bool, error) {
		if inner.Type() == cty.String && !inner.IsNull() && strings.Contains(inner.AsString(), madeUpPassword) {
			holds = true
		}
		return !inner.IsNull(), nil
	})
	return holds
}

// secretTexts are the values that secrets would be given, by the name of the secret.
func secretTexts(list []planned) map[string]map[string]string {
	texts := map[string]map[string]string{}
	for _, v := range ofKind(list, "aws_secretsmanager_secret_version") {
		for _, s := range ofKind(list, "aws_secretsmanager_secret") {
			if arnOf(s.kind, s.text("name")) == v.text("secret_id") {
				members := map[string]string{}
				if err := json.Unmarshal([]byte(v.text("secret_string_wo")), &members); err == nil {
					texts[s.text("name")] = members
				}
			}
		}
	}
	return texts
}

// checkDatabaseSecret wants the password that the database is given to be the one that the backend reads.
func checkDatabaseSecret(environment string, list []planned, outputs map[string]cty.Value) []string {
	found := checkNoSecretInState(environment, list, outputs)
	members := secretTexts(list)["afirgen/mysql/credentials"]
	db, more := theOnly(list, "aws_db_instance")
	found = append(found, more...)
	if members["username"] != db.text("username") || members["dbname"] != db.text("db_name") || !strings.HasPrefix(members["password"], madeUpPassword) {
		found = append(found, "the secret of the database has not user, password and name of the database")
	}
	if !strings.HasPrefix(db.text("password_wo"), madeUpPassword) {
		found = append(found, "the database is not given the password of the secret")
	}
	if arn := outputs["mysql_secret_arn"].AsString(); arn != arnOf("aws_secretsmanager_secret", "afirgen/mysql/credentials") {
		found = append(found, "the secret of the database is "+arn)
	}
	return append(found, checkRecovery(environment, list)...)
}

// checkRecovery wants deleted secrets of prod to be had back, and those of dev to make room for new ones.
func checkRecovery(environment string, list []planned) (found []string) {
	for _, s := range ofKind(list, "aws_secretsmanager_secret") {
		want := map[string]float64{"dev": 0, "prod": 30}[environment]
		if days := s.number("recovery_window_in_days"); days != want {
			found = append(found, fmt.Sprintf("%s can be had back for %v days, want %v", s.text("name"), days, want))
		}
	}
	return found
}

// checkSecrets wants the members that the backend, ECS, the agents and the Roentgen server read.
func checkSecrets(environment string, list []planned, outputs map[string]cty.Value) []string {
	found := checkNoSecretInState(environment, list, outputs)
	texts := secretTexts(list)
	values := map[string]string{}
	for secret, names := range map[string][]string{"afirgen/api/keys": {"API_KEY", "FIR_AUTH_KEY", "XRAY_FORCE_KEY"}, "afirgen/roentgen/token": {"ROENTGEN_TOKEN"}} {
		for _, name := range names {
			value := texts[secret][name]
			if other := values[value]; value == "" || other != "" {
				found = append(found, fmt.Sprintf("%s of %s is missing, or that of %s", name, secret, other))
			}
			values[value] = name
		}
	}
	tokens := texts["afirgen/roentgen/token"]["TOKENS"]
	keys, err := access.OpenKeyring("TOKENS", func() ([]byte, fs.FileMode, error) { return []byte(tokens), 0o600, nil })
	if err != nil || keys.Len() != 2 || !strings.Contains(tokens, "agents "+texts["afirgen/roentgen/token"]["ROENTGEN_TOKEN"]+"\n") {
		found = append(found, fmt.Sprintf("the Roentgen server cannot use TOKENS: %v", err))
	}
	for output, name := range map[string]string{"api_keys_secret_arn": "afirgen/api/keys", "roentgen_token_secret_arn": "afirgen/roentgen/token"} {
		if arn := outputs[output].AsString(); arn != arnOf("aws_secretsmanager_secret", name) {
			found = append(found, output+" is "+arn)
		}
	}
	return append(found, checkRecovery(environment, list)...)
}

func TestSecretsAreWhatTheirReadersWantAndInNoState(t *testing.T) {
	const password, secrets = "terraform/modules/database/password.tf", "terraform/modules/secrets/main.tf"
	hold(t, checkModule("database", databaseInputs(), checkDatabaseSecret),
		flaw{"in the state of the database", "terraform/modules/database/main.tf", "  password_wo         = ", "  password            = ", "the state holds a secret in password"},
		flaw{"in the state of the secret", password, "  secret_string_wo = jsonencode", "  secret_string = jsonencode", "the state holds a secret in secret_string"},
		flaw{"in an output", "terraform/modules/database/outputs.tf", "?tls=true\"", "?tls=true&p=${ephemeral.aws_secretsmanager_random_password.mysql.random_password}\"", "in the output database_url"},
		flaw{"another password", "terraform/modules/database/main.tf", "jsondecode(ephemeral.aws_secretsmanager_secret_version.mysql.secret_string)[\"password\"]", "\"changeme\"", "the database is not given the password"},
		flaw{"another user", password, "    username = \"afirgen\"", "    username = \"root\"", "has not user, password and name"},
		flaw{"another secret", password, "\"afirgen/mysql/credentials\"", "\"afirgen/mysql\"", "has not user, password and name"},
		flaw{"gone at once in prod", password, "local.prod ? 30 : 0", "0", "prod: afirgen/mysql/credentials can be had back for 0 days"},
	)
	hold(t, checkModule("secrets", nil, checkSecrets),
		flaw{"a key that is missing", secrets, "    XRAY_FORCE_KEY = ", "    XRAY_FORCE_KIT = ", "XRAY_FORCE_KEY of afirgen/api/keys is missing"},
		flaw{"one key for two things", secrets, "aws_secretsmanager_random_password.fir_auth_key.random_password", "aws_secretsmanager_random_password.api_key.random_password", "FIR_AUTH_KEY of afirgen/api/keys is missing, or that of API_KEY"},
		flaw{"agents that nobody knows", secrets, "\"agents ${ephemeral.aws_secretsmanager_random_password.agents_token", "\"agents ${ephemeral.aws_secretsmanager_random_password.api_key", "the Roentgen server cannot use TOKENS"},
		flaw{"no name", secrets, "\"agents $", "\"$", "the Roentgen server cannot use TOKENS"},
		flaw{"in the state", secrets, "  secret_string_wo = jsonencode", "  secret_string = jsonencode", "the state holds a secret in secret_string"},
	)
}

// bucketSettings are the resources that each bucket has to have, with what they have to say.
func bucketSettings(kind string, r planned) []string {
	switch kind {
	case "aws_s3_bucket_public_access_block":
		return wants(r, map[string]cty.Value{"block_public_acls": cty.True, "block_public_policy": cty.True, "ignore_public_acls": cty.True, "restrict_public_buckets": cty.True})
	case "aws_s3_bucket_versioning":
		if status := r.values["versioning_configuration"].AsValueSlice()[0].GetAttr("status").AsString(); status != "Enabled" {
			return []string{"versioning is " + status}
		}
	case "aws_s3_bucket_server_side_encryption_configuration":
		rule := r.values["rule"].AsValueSlice()[0].GetAttr("apply_server_side_encryption_by_default").AsValueSlice()[0]
		if algorithm := rule.GetAttr("sse_algorithm").AsString(); algorithm != "AES256" {
			return []string{"encryption is " + algorithm + ": load balancers write under S3's own key alone"}
		}
	case "aws_s3_bucket_lifecycle_configuration":
		return checkLifecycle(r)
	}
	return nil
}

// checkLifecycle wants unfinished uploads and old versions to go, and nothing current of the archive.
func checkLifecycle(r planned) (found []string) {
	unfinished, old := false, false
	for _, rule := range r.values["rule"].AsValueSlice() {
		members := rule.AsValueMap()
		if members["status"].AsString() != "Enabled" || members["filter"] == cty.NilVal {
			found = append(found, fmt.Sprintf("the rule %s is off, or does not say of what", members["id"].AsString()))
		}
		_, has := members["abort_incomplete_multipart_upload"]
		unfinished = unfinished || has
		_, has = members["noncurrent_version_expiration"]
		old = old || has
		if v, has := members["expiration"]; has && r.name == "archive" && v.AsValueSlice()[0].Type().HasAttribute("days") {
			found = append(found, "the archive forgets reports")
		}
	}
	if !unfinished || !old {
		found = append(found, fmt.Sprintf("%s: unfinished uploads or old versions stay for ever", r.name))
	}
	return found
}

// checkBuckets wants every bucket private, versioned, encrypted, and closed to those without TLS.
func checkBuckets(_ string, list []planned, outputs map[string]cty.Value) (found []string) {
	for _, bucket := range ofKind(list, "aws_s3_bucket") {
		name := bucket.text("bucket")
		for _, kind := range []string{
			"aws_s3_bucket_public_access_block", "aws_s3_bucket_versioning", "aws_s3_bucket_server_side_encryption_configuration",
			"aws_s3_bucket_lifecycle_configuration", "aws_s3_bucket_policy",
		} {
			its := slices.DeleteFunc(slices.Clone(ofKind(list, kind)), func(r planned) bool { return r.text("bucket") != name })
			if len(its) != 1 {
				found = append(found, fmt.Sprintf("%s has %d %s, want one", name, len(its), kind))
				continue
			}
			found = append(found, bucketSettings(kind, its[0])...)
			if kind == "aws_s3_bucket_policy" {
				found = append(found, checkBucketPolicy(bucket, its[0])...)
			}
		}
	}
	if arn := outputs["archive_bucket_arn"].AsString(); !strings.HasPrefix(arn, "arn:aws:s3:::afirgen-") || !strings.HasSuffix(arn, ":"+outputs["archive_bucket"].AsString()) {
		found = append(found, "the gateway of S3 does not let tasks at "+arn)
	}
	return found
}

func checkBucketPolicy(bucket, r planned) []string {
	arn := arnOf(bucket.kind, bucket.text("bucket"))
	logging := func(source, account string) map[string]string {
		return map[string]string{"aws:SecureTransport": "true", "s3:TlsVersion": "1.3", "aws:SourceArn": source, "aws:SourceAccount": account}
	}
	const balancer, s3 = "logdelivery.elasticloadbalancing.amazonaws.com", "logging.s3.amazonaws.com"
	archive := "arn:aws:s3:::" + strings.Replace(bucket.text("bucket"), "-logs-", "-archive-", 1)
	put := func(key, who string, context map[string]string) request {
		return request{action: "s3:PutObject", resource: arn + "/" + key, principal: who, context: context}
	}
	isLogs := bucket.name == "logs"
	wishes := []wish{
		{"anybody", put("x", "AWS", logging("", "")), false},
		{"the load balancer", put("alb/AWSLogs/"+testAccount+"/elasticloadbalancing/x.log.gz", balancer, logging("", testAccount)), isLogs},
		{"another account's load balancer", put("alb/AWSLogs/999999999999/elasticloadbalancing/x.log.gz", balancer, logging("", "999999999999")), false},
		{"S3's own log of the archive", put("archive/2026-11-30-x", s3, logging(archive, testAccount)), isLogs},
		{"S3's own log of another bucket", put("archive/2026-11-30-x", s3, logging("arn:aws:s3:::other", testAccount)), false},
		{"S3's own log of another account", put("archive/2026-11-30-x", s3, logging(archive, "999999999999")), false},
	}
	found := checkWishes("the policy of "+bucket.text("bucket"), r.text("policy"), wishes...)
	return append(found, checkTLS(bucket.text("bucket"), arn, r.text("policy"))...)
}

// checkTLS wants a request that a role's policy allows to be denied all the same without TLS 1.2. What the bucket's policy
// denies is seen beside a statement that allows everything.
func checkTLS(name, arn, text string) []string {
	open := strings.Replace(text, `"Statement":[`, `"Statement":[{"Sid":"Role","Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:*"],"Resource":["*"]},`, 1)
	asked := func(resource, secure, version string) request {
		return request{action: "s3:GetObject", resource: resource, principal: "AWS", context: map[string]string{"aws:SecureTransport": secure, "s3:TlsVersion": version}}
	}
	plain := request{action: "s3:GetObject", resource: arn + "/x", principal: "AWS", context: map[string]string{"aws:SecureTransport": "false"}}
	return checkWishes("the policy of "+name, open,
		wish{"over TLS 1.3", asked(arn+"/firs/x", "true", "1.3"), true},
		wish{"over TLS 1.1", asked(arn+"/firs/x", "true", "1.1"), false},
		wish{"without TLS", plain, false},
		wish{"the bucket itself without TLS", request{action: "s3:ListBucket", resource: arn, principal: "AWS", context: plain.context}, false},
	)
}

func TestBucketsArePrivateAndKept(t *testing.T) {
	const main, policies = "terraform/modules/storage/main.tf", "terraform/modules/storage/policies.tf"
	hold(t, checkModule("storage", nil, checkBuckets),
		flaw{"public by its policy", main, "block_public_policy     = true", "block_public_policy     = false", "block_public_policy is false"},
		flaw{"one bucket without a block", main, "\"aws_s3_bucket_public_access_block\" \"bucket\" {\n  for_each = local.buckets", "\"aws_s3_bucket_public_access_block\" \"bucket\" {\n  for_each = { archive = aws_s3_bucket.archive }", "has 0 aws_s3_bucket_public_access_block"},
		flaw{"no versions", main, "status = \"Enabled\"\n  }\n}", "status = \"Suspended\"\n  }\n}", "versioning is Suspended"},
		flaw{"a key that load balancers cannot use", main, "\"AES256\"", "\"aws:kms\"", "encryption is aws:kms"},
		flaw{"reports that are forgotten", main, "      expired_object_delete_marker = true", "      days = 365", "the archive forgets reports"},
		flaw{"uploads that stay", main, "    abort_incomplete_multipart_upload {\n      days_after_initiation = 7\n    }\n  }\n\n  rule {\n    id     = \"old", "  }\n\n  rule {\n    id     = \"old", "unfinished uploads or old versions stay"},
		flaw{"without TLS", policies, "values   = [\"false\"]", "values   = [\"true\"]", "without TLS: allowed is true"},
		flaw{"old TLS", policies, "values   = [\"1.2\"]", "values   = [\"1.0\"]", "over TLS 1.1: allowed is true"},
		flaw{"objects alone without TLS", policies, "[each.value.arn, \"${each.value.arn}/*\"]", "[\"${each.value.arn}/*\"]", "the bucket itself without TLS: allowed is true"},
		flaw{"every account's load balancer", policies, "AWSLogs/${data.aws_caller_identity.current.account_id}/*", "AWSLogs/*", "another account's load balancer: allowed is true"},
		flaw{"a service that writes for anybody", policies, "    condition {\n      test     = \"ArnLike\"\n      variable = \"aws:SourceArn\"\n      values   = [aws_s3_bucket.archive.arn]\n    }\n", "", "S3's own log of another bucket: allowed is true"},
		flaw{"a name that the gateway does not let through", main, "\"afirgen-archive-$", "\"fir-archive-$", "the gateway of S3 does not let tasks at"},
	)
}

// lifecycleRules are a repository's, as ECR takes them.
type lifecycleRules struct {
	Rules []struct {
		RulePriority int    `json:"rulePriority"`
		Description  string `json:"description"`
		Selection    struct {
			TagStatus      string   `json:"tagStatus"`
			TagPatternList []string `json:"tagPatternList"`
			CountType      string   `json:"countType"`
			CountUnit      string   `json:"countUnit"`
			CountNumber    int      `json:"countNumber"`
		} `json:"selection"`
		Action struct {
			Type string `json:"type"`
		} `json:"action"`
	} `json:"rules"`
}

// checkRepositories wants a repository for each image, whose tags mean one image, scanned, and cleared of what is old.
func checkRepositories(_ string, list []planned, outputs map[string]cty.Value) (found []string) {
	repositories := ofKind(list, "aws_ecr_repository")
	if len(repositories) != 4 || outputs["repository_arns"].LengthInt() != 4 {
		found = append(found, fmt.Sprintf("there are %d repositories, want 4", len(repositories)))
	}
	urls := outputs["repository_urls"].AsValueMap()
	for _, part := range taskParts {
		if v, ok := urls[part]; !ok || !strings.HasPrefix(v.AsString(), testAccount+".dkr.ecr."+testRegion+".amazonaws.com/") {
			found = append(found, part+" has no repository")
		}
	}
	for _, r := range repositories {
		found = append(found, wants(r, map[string]cty.Value{"image_tag_mutability": cty.StringVal("IMMUTABLE")})...)
		if !r.values["image_scanning_configuration"].AsValueSlice()[0].GetAttr("scan_on_push").True() {
			found = append(found, r.key+": images are not scanned")
		}
		policy := slices.IndexFunc(ofKind(list, "aws_ecr_lifecycle_policy"), func(p planned) bool { return p.text("repository") == r.text("name") })
		if policy < 0 {
			found = append(found, r.key+" keeps every image")
			continue
		}
		found = append(found, checkExpiry(ofKind(list, "aws_ecr_lifecycle_policy")[policy].text("policy"))...)
	}
	return found
}

func checkExpiry(text string) (found []string) {
	var rules lifecycleRules
	if err := decodeStrictly([]byte(text), &rules); err != nil || len(rules.Rules) == 0 {
		return []string{fmt.Sprintf("ECR does not take %s: %v", text, err)}
	}
	priorities := map[int]bool{}
	for _, rule := range rules.Rules {
		s := rule.Selection
		unit := map[string]string{"sinceImagePushed": "days", "imageCountMoreThan": ""}
		want, known := unit[s.CountType]
		switch {
		case priorities[rule.RulePriority] || rule.RulePriority < 1:
			found = append(found, fmt.Sprintf("two rules of the priority %d", rule.RulePriority))
		case !known || s.CountUnit != want || s.CountNumber < 1 || rule.Action.Type != "expire":
			found = append(found, fmt.Sprintf("ECR does not take the rule %q", rule.Description))
		case s.TagStatus == "tagged" != (len(s.TagPatternList) > 0):
			found = append(found, fmt.Sprintf("the rule %q does not say of which tags", rule.Description))
		case s.TagStatus != "untagged" && (s.CountType != "imageCountMoreThan" || s.CountNumber < 10):
			found = append(found, fmt.Sprintf("the rule %q takes images that tasks start from", rule.Description))
		}
		priorities[rule.RulePriority] = true
	}
	return found
}

func TestEachImageHasARepository(t *testing.T) {
	const main = "terraform/modules/registry/main.tf"
	hold(t, checkModule("registry", nil, checkRepositories),
		flaw{"tags that move", main, "\"IMMUTABLE\"", "\"MUTABLE\"", "image_tag_mutability is \"MUTABLE\""},
		flaw{"images that nobody scanned", main, "scan_on_push = true", "scan_on_push = false", "images are not scanned"},
		flaw{"a part without one", main, "    roentgen       = \"roentgen\"\n", "", "roentgen has no repository"},
		flaw{"two rules at once", main, "rulePriority = 2", "rulePriority = 1", "two rules of the priority 1"},
		flaw{"a rule that ECR does not take", main, "countUnit = \"days\", ", "", "ECR does not take the rule"},
		flaw{"tagged images that grow old", main, "tagStatus = \"untagged\", countType", "tagStatus = \"any\", countType", "takes images that tasks start from"},
	)
}
