resource "aws_cloudwatch_log_group" "containers" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = local.log_days[var.environment]
  tags              = local.tags
}
