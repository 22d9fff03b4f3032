# What a sidecar asks of X-Ray: it delivers segments and its own counts, and hands sampling rules and targets on. None of
# these actions can be narrowed to a resource. One that sends to a Roentgen server asks AWS for nothing: it shows a token.
data "aws_iam_policy_document" "xray_write" {
  statement {
    sid = "WriteTracesReadSampling"
    actions = [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:GetSamplingStatisticSummaries",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "xray_write" {
  for_each = local.xray

  name        = "afirgen-xray-write-policy"
  description = "Deliver traces to X-Ray and read sampling rules and targets"
  policy      = data.aws_iam_policy_document.xray_write.json
  tags        = local.tags
}

resource "aws_iam_role_policy_attachment" "xray_write" {
  for_each = { for service, role in local.task_role_names : service => role if var.trace_to == "xray" }

  role       = each.value
  policy_arn = aws_iam_policy.xray_write["xray"].arn
}

# The backend alone keeps anything: uploads and reports in the archive. The model servers need nothing but, perhaps, X-Ray.
data "aws_iam_policy_document" "main_backend" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.api_keys_secret_arn, var.mysql_secret_arn]
  }

  statement {
    sid       = "KeepObjects"
    actions   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"]
    resources = ["${var.archive_bucket_arn}/*"]
  }

  # Without it S3 answers 403 where an object is missing, and a missing report could not be told from a forbidden one.
  statement {
    sid       = "LookIntoTheArchive"
    actions   = ["s3:ListBucket"]
    resources = [var.archive_bucket_arn]
  }
}

resource "aws_iam_role_policy" "main_backend" {
  name   = "afirgen-main-backend-policy"
  role   = aws_iam_role.main_backend_task_role.id
  policy = data.aws_iam_policy_document.main_backend.json
}

data "aws_iam_policy_document" "task_execution" {
  # The one action of ECR that knows no resource.
  statement {
    sid       = "LogInToEcr"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "PullImages"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    resources = var.repository_arns
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in values(aws_cloudwatch_log_group.containers) : "${group.arn}:*"]
  }

  statement {
    sid       = "ReadWhatContainersAreHanded"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = local.handed_secrets
  }
}

resource "aws_iam_role_policy" "task_execution" {
  name   = "afirgen-task-execution-policy"
  role   = aws_iam_role.task_execution_role.id
  policy = data.aws_iam_policy_document.task_execution.json
}
