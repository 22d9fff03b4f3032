output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.main.id
}

output "public_subnet_ids" {
  description = "Subnets of the load balancer, one in each zone."
  value       = [for zone in keys(local.zones) : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Subnets of tasks and of the database, one in each zone."
  value       = [for zone in keys(local.zones) : aws_subnet.private[zone].id]
}

output "public_subnet_cidrs" {
  description = "Networks of the load balancer, for TRUSTED_PROXY_IPS."
  value       = [for zone in keys(local.zones) : aws_subnet.public[zone].cidr_block]
}

output "security_group_ids" {
  description = "Security group of each part: alb, main_backend, gguf_server, asr_ocr_server, roentgen, database, efs, endpoints."
  value       = { for part, group in aws_security_group.part : part => group.id }
}

output "flow_log_group_name" {
  description = "Log group of the VPC's flow logs."
  value       = aws_cloudwatch_log_group.flows.name
}
