# Not encrypted: the key that AWS manages for SNS does not let CloudWatch publish, and an alarm would end in silence. The
# messages hold names of alarms and figures, and nothing of a complaint.
resource "aws_sns_topic" "alarms" {
  name = "${local.prefix}-cloudwatch-alarms"
  tags = local.tags
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for protocol, address in { email = var.alarm_email } : protocol => address if address != "" }

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = each.key
  endpoint  = each.value
}
