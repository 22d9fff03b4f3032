output "archive_bucket" {
  description = "Name of the bucket that keeps uploads and locked reports."
  value       = aws_s3_bucket.archive.bucket
}

output "archive_bucket_arn" {
  description = "ARN of the bucket that keeps uploads and locked reports."
  value       = aws_s3_bucket.archive.arn
}

output "logs_bucket" {
  description = "Name of the bucket for access logs: the load balancer's under alb/, the archive's under archive/."
  value       = aws_s3_bucket.logs.bucket

  # A load balancer is refused while it may not write there.
  depends_on = [aws_s3_bucket_policy.logs]
}

output "logs_bucket_arn" {
  description = "ARN of the bucket for access logs."
  value       = aws_s3_bucket.logs.arn
}

output "alb_log_prefix" {
  description = "Prefix that the load balancer has to log under."
  value       = local.alb_prefix
}
