module github.com/roentgen/roentgen/redact

go 1.26.0
