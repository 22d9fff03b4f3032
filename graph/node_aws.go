package graph

import (
	"strings"

	"github.com/roentgen/roentgen"
)

// awsResource returns name and type of what an AWS call leads to: the
// resource, where the call names it, and otherwise the service.
func awsResource(c *roentgen.Segment) roentgen.ServiceID {
	service := awsService(c.Name)
	if c.AWS == nil {
		return service
	}
	resource := roentgen.ServiceID{}
	switch service.Type {
	case "AWS::DynamoDB":
		resource = roentgen.ServiceID{Name: c.AWS.TableName, Type: "AWS::DynamoDB::Table"}
	case "AWS::S3":
		resource = roentgen.ServiceID{Name: c.AWS.BucketName, Type: "AWS::S3::Bucket"}
	case typeSQS:
		resource = roentgen.ServiceID{Name: c.AWS.QueueURL, Type: typeQueue}
	case "AWS::SNS":
		resource = roentgen.ServiceID{Name: c.AWS.TopicARN, Type: "AWS::SNS"}
	case "AWS::Lambda":
		resource = roentgen.ServiceID{Name: c.AWS.FunctionName, Type: "AWS::Lambda"}
	}
	if resource.Name == "" {
		return service
	}
	return resource
}

// The types of queues.
const (
	typeSQS   = "AWS::SQS"
	typeQueue = "AWS::SQS::Queue"
)

// isQueue reports whether the call c puts something into a queue or takes it
// out.
func isQueue(c *roentgen.Segment) bool {
	return c.Namespace == roentgen.NamespaceAWS && awsService(c.Name).Type == typeSQS
}

// awsService returns name and type of the service that SDKs call by this name.
// They write the endpoint (ssm), the id of the service (Secrets Manager), its
// old or its full name; one node stands for all of them. A name that is not
// known stays, and X-Ray's type for it is AWS:: and the name.
func awsService(name string) roentgen.ServiceID {
	var buf [40]byte
	switch string(squeeze(buf[:0], name)) {
	case "dynamodb", "dynamodbv2":
		return roentgen.ServiceID{Name: "DynamoDB", Type: "AWS::DynamoDB"}
	case "s3", "simplestorageservice":
		return roentgen.ServiceID{Name: "S3", Type: "AWS::S3"}
	case "sqs", "simplequeueservice":
		return roentgen.ServiceID{Name: "SQS", Type: typeSQS}
	case "sns", "simplenotificationservice":
		return roentgen.ServiceID{Name: "SNS", Type: "AWS::SNS"}
	case "lambda":
		return roentgen.ServiceID{Name: "Lambda", Type: "AWS::Lambda"}
	case "ssm", "simplesystemsmanagement", "systemsmanager":
		return roentgen.ServiceID{Name: "SSM", Type: "AWS::SimpleSystemsManagement"}
	case "secretsmanager":
		return roentgen.ServiceID{Name: "Secrets Manager", Type: "AWS::SecretsManager"}
	case "sts", "securitytokenservice":
		return roentgen.ServiceID{Name: "STS", Type: "AWS::STS"}
	case "kms", "keymanagementservice":
		return roentgen.ServiceID{Name: "KMS", Type: "AWS::KMS"}
	case "kinesis":
		return roentgen.ServiceID{Name: "Kinesis", Type: "AWS::Kinesis"}
	case "firehose", "kinesisfirehose":
		return roentgen.ServiceID{Name: "Firehose", Type: "AWS::Firehose"}
	case "sfn", "states", "stepfunctions":
		return roentgen.ServiceID{Name: "Step Functions", Type: "AWS::StepFunctions"}
	case "eventbridge", "events", "cloudwatchevents":
		return roentgen.ServiceID{Name: "EventBridge", Type: "AWS::EventBridge"}
	case "cloudwatchlogs", "logs":
		return roentgen.ServiceID{Name: "CloudWatch Logs", Type: "AWS::CloudWatchLogs"}
	case "cloudwatch", "monitoring":
		return roentgen.ServiceID{Name: "CloudWatch", Type: "AWS::CloudWatch"}
	case "ses", "sesv2", "email", "simpleemailservice":
		return roentgen.ServiceID{Name: "SES", Type: "AWS::SES"}
	case "sagemakerruntime", "runtimesagemaker":
		return roentgen.ServiceID{Name: "SageMaker Runtime", Type: "AWS::SageMakerRuntime"}
	case "rdsdata", "rdsdataservice":
		return roentgen.ServiceID{Name: "rdsdataservice", Type: "AWS::rdsdataservice"}
	}
	return roentgen.ServiceID{Name: name, Type: "AWS::" + strings.ReplaceAll(name, " ", "")}
}

// squeeze appends name in lower case, without separators and without the
// maker's name in front; up to the capacity of b.
func squeeze(b []byte, name string) []byte {
	for i := 0; i < len(name) && len(b) < cap(b); i++ {
		switch c := name[i]; {
		case isLetter(c):
			b = append(b, c|0x20)
		case isDigit(c):
			b = append(b, c)
		}
		if s := string(b); s == "amazon" || s == "aws" {
			b = b[:0]
		}
	}
	return b
}
