# The password is made here, written into the secret, and read from there into the database. It is in no state and in no
# plan: what passes it on is ephemeral or write-only.
#
# RDS can keep a password of its own (manage_master_user_password), but it changes it every seven days, and the backend
# reads it once, when it starts: its next connection after such a change would be refused. With password_version a new
# password comes when somebody is there to start the backend's tasks anew.

resource "aws_secretsmanager_secret" "mysql" {
  name                    = "afirgen/mysql/credentials"
  description             = "User and password of AFIRGen's database"
  recovery_window_in_days = local.prod ? 30 : 0
  tags                    = local.tags
}

# Letters and digits: 40 of them are 238 bits, and none has to be escaped in a URL.
ephemeral "aws_secretsmanager_random_password" "mysql" {
  password_length     = 40
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "mysql" {
  secret_id = aws_secretsmanager_secret.mysql.id
  secret_string_wo = jsonencode({
    username = "afirgen"
    password = ephemeral.aws_secretsmanager_random_password.mysql.random_password
    dbname   = "fir_db"
  })
  secret_string_wo_version = var.password_version
}

# Read back rather than handed on: should the change of the database fail, the next apply gives it what the secret has.
ephemeral "aws_secretsmanager_secret_version" "mysql" {
  secret_id  = aws_secretsmanager_secret.mysql.id
  version_id = aws_secretsmanager_secret_version.mysql.version_id
}
