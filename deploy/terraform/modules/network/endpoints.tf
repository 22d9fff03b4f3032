# S3 by its gateway, which costs nothing. The policy says which buckets can be reached through it, and it has to name one
# that is not ours: ECR hands images out as objects of a bucket of AWS's own. A policy of our buckets alone stops every
# task at pulling its image.
data "aws_iam_policy_document" "s3_endpoint" {
  statement {
    sid       = "OurObjects"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::afirgen-*/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "OurBuckets"
    actions   = ["s3:ListBucket"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::afirgen-*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "LayersOfImages"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.main.id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.s3"
  route_table_ids   = [for table in values(aws_route_table.private) : table.id]
  policy            = data.aws_iam_policy_document.s3_endpoint.json
  tags              = merge(local.tags, { Name = "afirgen-${var.environment}-s3" })
}

# The others have addresses in the private subnets. Each takes what our tasks ask of it, from identities of this account.
locals {
  pull = ["ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]

  endpoint_actions = {
    "ecr.api"      = local.pull
    "ecr.dkr"      = local.pull
    logs           = ["logs:CreateLogStream", "logs:PutLogEvents"]
    monitoring     = ["cloudwatch:PutMetricData"]
    secretsmanager = ["secretsmanager:GetSecretValue"]
    xray = [
      "xray:PutTraceSegments",
      "xray:PutTelemetryRecords",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:GetSamplingStatisticSummaries",
    ]
  }
}

data "aws_iam_policy_document" "interface_endpoint" {
  for_each = var.interface_endpoints

  statement {
    sid       = "OurTasks"
    actions   = local.endpoint_actions[each.key]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.main.id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = [for subnet in values(aws_subnet.private) : subnet.id]
  security_group_ids  = [aws_security_group.part["endpoints"].id]
  private_dns_enabled = true # AWS's clients find it without being told
  policy              = data.aws_iam_policy_document.interface_endpoint[each.key].json
  tags                = merge(local.tags, { Name = "afirgen-${var.environment}-${each.key}" })
}
