output "api_keys_secret_arn" {
  description = "Secret with the members API_KEY, FIR_AUTH_KEY and XRAY_FORCE_KEY."
  value       = aws_secretsmanager_secret.api_keys.arn
}

output "roentgen_token_secret_arn" {
  description = "Secret with the members ROENTGEN_TOKEN, which agents send, and TOKENS, the text of the Roentgen server's --auth-file: a line for agents and one for people."
  value       = aws_secretsmanager_secret.roentgen.arn
}
