locals {
  repositories = {
    main_backend   = "afirgen/main-backend"
    gguf_server    = "afirgen/gguf-server"
    asr_ocr_server = "afirgen/asr-ocr-server"
    roentgen       = "roentgen"
  }

  tags = merge(var.tags, { Environment = var.environment, Service = "registry" })
}

# A tag means one image for ever, as a digest does.
resource "aws_ecr_repository" "part" {
  for_each = local.repositories

  name                 = each.value
  image_tag_mutability = "IMMUTABLE"
  force_delete         = var.environment == "dev"
  tags                 = local.tags

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

# Parts of an image for several architectures have no tag, and ECR keeps them as long as the image that lists them.
resource "aws_ecr_lifecycle_policy" "part" {
  for_each = aws_ecr_repository.part

  repository = each.value.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Images that lost their tag, or never had one"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "All but the last images that have a tag"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = var.keep_images }
        action       = { type = "expire" }
      },
    ]
  })
}
