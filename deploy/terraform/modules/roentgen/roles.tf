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

resource "aws_iam_role" "task" {
  name               = "afirgen-roentgen-task-role"
  description        = "What the Roentgen server may do"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}

# It asks AWS for nothing but its directory, and that by way of the one access point. Who else can reach the file system is
# said by its security group: the server's tasks and nobody.
data "aws_iam_policy_document" "task" {
  statement {
    sid       = "MountItsData"
    actions   = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]
    resources = [aws_efs_file_system.data.arn]

    condition {
      test     = "StringEquals"
      variable = "elasticfilesystem:AccessPointArn"
      values   = [aws_efs_access_point.data.arn]
    }
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "afirgen-roentgen-policy"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}

resource "aws_iam_role" "execution" {
  name               = "afirgen-roentgen-execution-role"
  description        = "What ECS may do to start the Roentgen server"
  assume_role_policy = data.aws_iam_policy_document.tasks_may_assume.json
  tags               = local.tags
}

data "aws_iam_policy_document" "execution" {
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
    resources = ["${aws_cloudwatch_log_group.server.arn}:*"]
  }

  statement {
    sid       = "ReadTokens"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [var.token_secret_arn]
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "afirgen-roentgen-execution-policy"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}
