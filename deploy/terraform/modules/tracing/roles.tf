data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# Tasks of this account in this region, and nobody else, may take the roles.
data "aws_iam_policy_document" "tasks_may_assume" {
  statement {
    sid     = "EcsTasks"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${data.aws_partition.current.partition}:ecs:${var.region}:${data.aws_caller_identity.current.account_id}:*"]
    }
  }
}

resource "aws_iam_role" "main_backend_task_role" {
  name               = "afirgen-main-backend-task-role"
  description        = "What AFIRGen's backend and its sidecar may do"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}

resource "aws_iam_role" "gguf_server_task_role" {
  name               = "afirgen-gguf-server-task-role"
  description        = "What AFIRGen's model server and its sidecar may do"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}

resource "aws_iam_role" "asr_ocr_server_task_role" {
  name               = "afirgen-asr-ocr-server-task-role"
  description        = "What AFIRGen's ASR/OCR server and its sidecar may do"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}

# Containers start under this role: it pulls images, writes logs, and reads the secrets that the definitions name.
resource "aws_iam_role" "task_execution_role" {
  name               = "afirgen-task-execution-role"
  description        = "What ECS may do to start AFIRGen's tasks"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}
