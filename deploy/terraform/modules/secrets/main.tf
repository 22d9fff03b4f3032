# Values are made here and written into Secrets Manager. They are in no state and in no plan: what passes them on is
# ephemeral or write-only. Who needs one reads it there: aws secretsmanager get-secret-value --secret-id afirgen/api/keys

locals {
  recovery_days = var.environment == "prod" ? 30 : 0

  tags = merge(var.tags, { Environment = var.environment, Service = "secrets" })
}

# Letters and digits: each fits into a header and a line as it is, and 40 of them are 238 bits.
ephemeral "aws_secretsmanager_random_password" "api_key" {
  password_length     = 40
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "fir_auth_key" {
  password_length     = 40
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "xray_force_key" {
  password_length     = 40
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "agents_token" {
  password_length     = 40
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "people_token" {
  password_length     = 40
  exclude_punctuation = true
}

# The backend reads the first two by itself; ECS hands all three services the last, with which a caller has a request
# traced whatever the rate.
resource "aws_secretsmanager_secret" "api_keys" {
  name                    = "afirgen/api/keys"
  description             = "Keys of AFIRGen's callers, of locking reports, and of having a request traced"
  recovery_window_in_days = local.recovery_days
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "api_keys" {
  secret_id = aws_secretsmanager_secret.api_keys.id
  secret_string_wo = jsonencode({
    API_KEY        = ephemeral.aws_secretsmanager_random_password.api_key.random_password
    FIR_AUTH_KEY   = ephemeral.aws_secretsmanager_random_password.fir_auth_key.random_password
    XRAY_FORCE_KEY = ephemeral.aws_secretsmanager_random_password.xray_force_key.random_password
  })
  secret_string_wo_version = var.api_keys_version
}

# For a Roentgen server: agents send the one, people log in with the other.
resource "aws_secretsmanager_secret" "roentgen" {
  name                    = "afirgen/roentgen/token"
  description             = "Token of the agents, and the Roentgen server's file of tokens"
  recovery_window_in_days = local.recovery_days
  tags                    = local.tags
}

resource "aws_secretsmanager_secret_version" "roentgen" {
  secret_id = aws_secretsmanager_secret.roentgen.id
  secret_string_wo = jsonencode({
    ROENTGEN_TOKEN = ephemeral.aws_secretsmanager_random_password.agents_token.random_password
    TOKENS         = "agents ${ephemeral.aws_secretsmanager_random_password.agents_token.random_password}\npeople ${ephemeral.aws_secretsmanager_random_password.people_token.random_password}\n"
  })
  secret_string_wo_version = var.roentgen_token_version
}
