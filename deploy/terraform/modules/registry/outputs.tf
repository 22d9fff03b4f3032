output "repository_urls" {
  description = "Where the image of each part is pushed and pulled: main_backend, gguf_server, asr_ocr_server, roentgen."
  value       = { for part, repository in aws_ecr_repository.part : part => repository.repository_url }
}

output "repository_arns" {
  description = "ARNs of all repositories, for the role that pulls."
  value       = [for repository in values(aws_ecr_repository.part) : repository.arn]
}
