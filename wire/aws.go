package wire

import (
	"cmp"

	"github.com/roentgen/roentgen"
)

// aws reads the aws block; nil when it is no object.
func (p *Parser) aws() *roentgen.AWS {
	if !p.isObject() {
		return nil
	}
	a := next(&p.scratch.awss)
	zone := "" // of the container; the instance's own wins
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "account_id":
			a.AccountID = p.string()
		case "region":
			a.Region = p.string()
		case "operation":
			a.Operation = p.string()
		case "request_id":
			a.RequestID = p.string()
		case "queue_url":
			a.QueueURL = p.string()
		case "table_name":
			a.TableName = p.string()
		case "topic_arn":
			a.TopicARN = p.string()
		case "bucket_name":
			a.BucketName = p.string()
		case "function_name":
			a.FunctionName = p.string()
		case "function_arn":
			a.FunctionARN = p.string()
		case "resource_names":
			a.ResourceNames = p.strings()
		case "ec2":
			p.host("instance_id", &a.InstanceID, &a.AvailabilityZone)
		case "ecs":
			p.host("container_arn", &a.ContainerARN, &zone)
		case "xray":
			p.xray(a)
		default:
			p.skip()
		}
	}
	a.AvailabilityZone = cmp.Or(a.AvailabilityZone, zone)
	return a
}

// host reads the block of the machine or container that the service runs on:
// its name, which stands under key, and where it is.
func (p *Parser) host(key string, name, zone *string) {
	if !p.isObject() {
		return
	}
	o := p.openObject()
	for p.member(&o) {
		switch {
		case string(o.key) == "availability_zone":
			*zone = p.string()
		case string(o.key) == key:
			*name = p.string()
		default:
			p.skip()
		}
	}
}

// xray reads what the SDK says of itself. Node names the sampling rule by
// another key than Go and Python do.
func (p *Parser) xray(a *roentgen.AWS) {
	if !p.isObject() {
		return
	}
	nodeRule := ""
	o := p.openObject()
	for p.member(&o) {
		switch string(o.key) {
		case "alb_self":
			a.ALBSelf = p.string()
		case "sampling_rule_name":
			a.SamplingRule = p.string()
		case "rule_name":
			nodeRule = p.string()
		case "sampling_probability":
			a.SamplingProbability = p.probability()
		default:
			p.skip()
		}
	}
	a.SamplingRule = cmp.Or(a.SamplingRule, nodeRule)
}

// probability reads a number above 0, up to 1; 0 when it is none.
func (p *Parser) probability() float64 {
	if kindOf(p.buf[p.r]) != kindNumber {
		p.skip()
		return 0
	}
	if f, ok := p.float(); ok && f > 0 && f <= 1 {
		return f
	}
	return 0
}
