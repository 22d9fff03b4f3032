locals {
  prod = var.environment == "prod"

  log_days = { dev = 7, prod = 30 }

  tags = merge(var.tags, { Environment = var.environment, Service = "database" })
}

resource "aws_db_subnet_group" "main" {
  name        = "afirgen-${var.environment}"
  description = "Private subnets of the database"
  subnet_ids  = var.subnet_ids
  tags        = local.tags
}

resource "aws_db_parameter_group" "main" {
  name        = "afirgen-${var.environment}-mysql${replace(var.engine_version, ".", "-")}"
  description = "MySQL of AFIRGen: TLS alone"
  family      = "mysql${var.engine_version}"
  tags        = local.tags

  # Who comes without TLS is sent away. The backend has tls=true in its URL.
  parameter {
    name  = "require_secure_transport"
    value = "1"
  }

  # Complaints are in many scripts.
  parameter {
    name  = "character_set_server"
    value = "utf8mb4"
  }

  # CloudWatch is given files, not tables.
  parameter {
    name  = "log_output"
    value = "FILE"
  }

  parameter {
    name  = "slow_query_log"
    value = contains(var.log_exports, "slowquery") ? "1" : "0"
  }

  parameter {
    name  = "long_query_time"
    value = "2"
  }

  lifecycle {
    create_before_destroy = true # another version wants another group while the instance still has this one
  }
}

# RDS would make them itself, and keep lines for ever.
resource "aws_cloudwatch_log_group" "exports" {
  for_each = var.log_exports

  name              = "/aws/rds/instance/afirgen-${var.environment}/${each.key}"
  retention_in_days = local.log_days[var.environment]
  tags              = local.tags
}

resource "aws_db_instance" "main" {
  identifier     = "afirgen-${var.environment}"
  engine         = "mysql"
  engine_version = var.engine_version
  instance_class = var.instance_class
  db_name        = "fir_db"

  storage_type          = "gp3"
  storage_encrypted     = true
  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage

  username            = "afirgen"
  password_wo         = jsondecode(ephemeral.aws_secretsmanager_secret_version.mysql.secret_string)["password"]
  password_wo_version = var.password_version

  multi_az               = coalesce(var.multi_az, local.prod)
  db_subnet_group_name   = aws_db_subnet_group.main.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  parameter_group_name   = aws_db_parameter_group.main.name
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  # UTC. In India these are half past one at night, and three on Sunday morning.
  backup_retention_period   = var.backup_days
  backup_window             = "20:00-21:00"
  maintenance_window        = "sat:21:30-sat:22:30"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !local.prod
  deletion_protection       = local.prod
  skip_final_snapshot       = !local.prod
  final_snapshot_identifier = "afirgen-${var.environment}-last"

  auto_minor_version_upgrade            = true
  performance_insights_enabled          = true
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = var.log_exports

  tags       = local.tags
  depends_on = [aws_cloudwatch_log_group.exports]
}
