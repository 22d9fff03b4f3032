# Two buckets: the archive keeps uploads (audio/, images/, documents/) and locked reports (firs/), the other keeps who asked
# for what. Neither is public, and nothing current is ever deleted by a rule here: how long a report is kept is the law's to
# say.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  alb_prefix     = "alb"
  archive_prefix = "archive"

  # How long what was overwritten or deleted can be had back, and how long access logs are kept.
  days = {
    dev  = { old_versions = 7, logs = 30 }
    prod = { old_versions = 365, logs = 365 }
  }

  force_destroy = var.environment == "dev"

  buckets = {
    archive = aws_s3_bucket.archive
    logs    = aws_s3_bucket.logs
  }

  tags = merge(var.tags, { Environment = var.environment, Service = "storage" })
}

resource "aws_s3_bucket" "archive" {
  bucket        = "afirgen-archive-${var.environment}-${data.aws_caller_identity.current.account_id}"
  force_destroy = local.force_destroy
  tags          = local.tags
}

resource "aws_s3_bucket" "logs" {
  bucket        = "afirgen-logs-${var.environment}-${data.aws_caller_identity.current.account_id}"
  force_destroy = local.force_destroy
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "bucket" {
  for_each = local.buckets

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# With S3's own key: load balancers cannot write under another.
resource "aws_s3_bucket_server_side_encryption_configuration" "bucket" {
  for_each = local.buckets

  bucket = each.value.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "bucket" {
  for_each = local.buckets

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket     = aws_s3_bucket.archive.id
  depends_on = [aws_s3_bucket_versioning.bucket]

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = local.days[var.environment].old_versions
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # Recordings and scans are asked for in their first days; a report may be, at any time, and is small.
  dynamic "rule" {
    for_each = ["audio/", "images/", "documents/"]

    content {
      id     = "cheaper-${trimsuffix(rule.value, "/")}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      transition {
        days          = 90
        storage_class = "STANDARD_IA"
      }
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket     = aws_s3_bucket.logs.id
  depends_on = [aws_s3_bucket_versioning.bucket]

  rule {
    id     = "kept-for-a-while"
    status = "Enabled"

    filter {}

    expiration {
      days = local.days[var.environment].logs
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}

resource "aws_s3_bucket_logging" "archive" {
  bucket        = aws_s3_bucket.archive.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "${local.archive_prefix}/"
  depends_on    = [aws_s3_bucket_policy.logs]
}
