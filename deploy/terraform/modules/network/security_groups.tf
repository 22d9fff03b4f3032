# Who may speak to whom. Each row of flows is two rules: the one may send, the other may receive. What no row says is
# refused. Sidecars are not here: they share the loopback of their task. Nor are names: the VPC's resolver answers whatever
# the groups say.

locals {
  # EC2 takes no apostrophe in a description.
  parts = {
    alb            = "Load balancer"
    main_backend   = "Backend of AFIRGen"
    gguf_server    = "Model server of AFIRGen"
    asr_ocr_server = "ASR/OCR server of AFIRGen"
    roentgen       = "Roentgen server"
    database       = "Database"
    efs            = "Data of the Roentgen server"
    endpoints      = "AWS services inside of the VPC"
  }

  between = {
    alb_to_backend       = { from = "alb", to = "main_backend", port = 8000 }
    alb_to_roentgen      = { from = "alb", to = "roentgen", port = 1895 }
    backend_to_gguf      = { from = "main_backend", to = "gguf_server", port = 8001 }
    backend_to_asr_ocr   = { from = "main_backend", to = "asr_ocr_server", port = 8002 }
    backend_to_database  = { from = "main_backend", to = "database", port = 3306 }
    backend_to_roentgen  = { from = "main_backend", to = "roentgen", port = 1895 }
    gguf_to_roentgen     = { from = "gguf_server", to = "roentgen", port = 1895 }
    asr_ocr_to_roentgen  = { from = "asr_ocr_server", to = "roentgen", port = 1895 }
    roentgen_to_its_data = { from = "roentgen", to = "efs", port = 2049 }
  }

  to_endpoints = { for part in local.tasks : "${part}_to_endpoints" => { from = part, to = "endpoints", port = 443 } }

  flows = merge(local.between, local.to_endpoints)

  # From the internet: the load balancer alone. Port 80 is for the redirect to 443.
  public_ports = { http = 80, https = 443 }

  # To the internet, by way of NAT, on 443 alone.
  outward = merge([for part in local.tasks : { for cidr in var.https_egress_cidrs : "${part} ${cidr}" => { part = part, cidr = cidr } }]...)
}

resource "aws_security_group" "part" {
  for_each = local.parts

  name        = "afirgen-${var.environment}-${replace(each.key, "_", "-")}"
  description = each.value
  vpc_id      = aws_vpc.main.id
  tags        = merge(local.tags, { Name = "afirgen-${var.environment}-${replace(each.key, "_", "-")}" })
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.part[each.value.from].id
  referenced_security_group_id = aws_security_group.part[each.value.to].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "To ${each.value.to}"
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.part[each.value.to].id
  referenced_security_group_id = aws_security_group.part[each.value.from].id
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
  description                  = "From ${each.value.from}"
  tags                         = local.tags
}

resource "aws_vpc_security_group_ingress_rule" "public" {
  for_each = local.public_ports

  security_group_id = aws_security_group.part["alb"].id
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
  description       = "${each.key} from anywhere"
  tags              = local.tags
}

resource "aws_vpc_security_group_egress_rule" "outward" {
  for_each = local.outward

  security_group_id = aws_security_group.part[each.value.part].id
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "Images, AWS and a language model over TLS"
  tags              = local.tags
}

# Image layers and the archive. The gateway endpoint has public addresses, so without this row S3 is the internet.
resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each = toset(local.tasks)

  security_group_id = aws_security_group.part[each.key].id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  description       = "S3 through its gateway"
  tags              = local.tags
}
