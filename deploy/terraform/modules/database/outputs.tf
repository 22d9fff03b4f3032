output "endpoint" {
  description = "Host and port of the database."
  value       = aws_db_instance.main.endpoint
}

output "database_url" {
  description = "DATABASE_URL of the backend, without user and password: they are in the secret."
  value       = "mysql://${aws_db_instance.main.endpoint}/${aws_db_instance.main.db_name}?tls=true"
}

output "mysql_secret_arn" {
  description = "Secret with the database's user and password."
  value       = aws_secretsmanager_secret.mysql.arn
}

output "instance_identifier" {
  description = "Name of the instance, which is the dimension DBInstanceIdentifier of its metrics."
  value       = aws_db_instance.main.identifier
}

output "log_group_names" {
  description = "Log group of each kind of log that the database exports."
  value       = { for kind, group in aws_cloudwatch_log_group.exports : kind => group.name }
}
