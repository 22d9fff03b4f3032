package access

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	service   = "xray"
	ending    = "aws4_request"
)

// credential is what a SigV4 Authorization header says.
type credential struct {
	name      string   // access key id: the token's name
	date      string   // YYYYMMDD, UTC
	region    string   // any; clients have to name one
	signed    []string // names of the signed headers, in lower case and sorted
	signature [32]byte
}

// scope is the third line of the text that is signed.
func (c credential) scope() string {
	return c.date + "/" + c.region + "/" + service + "/" + ending
}

// parseAuthorization reads a header like
//
//	AWS4-HMAC-SHA256 Credential=NAME/20261123/eu-west-1/xray/aws4_request, SignedHeaders=host;x-amz-date, Signature=HEX
//
// with its three parts in any order, and nothing else.
func parseAuthorization(header string) (c credential, err error) {
	if len(header) > 4096 {
		return c, fmt.Errorf("it has %d bytes, at most 4096 are read", len(header))
	}
	rest, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return c, fmt.Errorf("it does not begin with %s and a space", algorithm)
	}
	read := map[string]func(string) error{
		"Credential": c.parseScope, "SignedHeaders": c.parseSigned, "Signature": c.parseSignature,
	}
	for part := range strings.SplitSeq(rest, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parse := read[key]
		if parse == nil {
			return c, fmt.Errorf("%.20q stands in it, which is not one each of Credential, SignedHeaders and Signature", key)
		}
		delete(read, key)
		if err := parse(value); err != nil {
			return c, err
		}
	}
	if len(read) > 0 {
		return c, fmt.Errorf("one of Credential, SignedHeaders and Signature is not in it")
	}
	return c, nil
}

func (c *credential) parseScope(value string) error {
	parts := strings.Split(value, "/")
	if len(parts) != 5 || parts[4] != ending {
		return fmt.Errorf("its Credential is not NAME/DATE/REGION/%s/%s", service, ending)
	}
	if parts[3] != service {
		return fmt.Errorf("it is signed for the service %.20q, want %s", parts[3], service)
	}
	if !only(parts[0], isNameByte) || len(parts[0]) > maxName {
		return fmt.Errorf("the access key id is not a token's name")
	}
	if len(parts[1]) != 8 || !only(parts[1], isDigit) {
		return fmt.Errorf("the date of Credential is not YYYYMMDD")
	}
	if !only(parts[2], isNameByte) || len(parts[2]) > 64 {
		return fmt.Errorf("the region of Credential is not a region's name")
	}
	c.name, c.date, c.region = parts[0], parts[1], parts[2]
	return nil
}

func (c *credential) parseSigned(value string) error {
	c.signed = strings.Split(value, ";")
	for _, name := range c.signed {
		if !only(name, isHeaderByte) {
			return fmt.Errorf("its SignedHeaders holds %.20q, want names of headers in lower case", name)
		}
	}
	for i, name := range c.signed[1:] {
		if c.signed[i] >= name {
			return fmt.Errorf("its SignedHeaders are not sorted, or one stands in it twice")
		}
	}
	for _, must := range [...]string{"host", "x-amz-date"} {
		if !slices.Contains(c.signed, must) {
			return fmt.Errorf("the header %s is not signed", must)
		}
	}
	return nil
}

func (c *credential) parseSignature(value string) error {
	if len(value) != 64 || value != strings.ToLower(value) {
		return fmt.Errorf("its Signature is not 64 digits of hexadecimal in lower case")
	}
	if _, err := hex.Decode(c.signature[:], []byte(value)); err != nil {
		return fmt.Errorf("its Signature is not 64 digits of hexadecimal in lower case")
	}
	return nil
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// isHeaderByte is a tchar of RFC 9110, section 5.6.2, without upper case.
func isHeaderByte(b byte) bool {
	return isAlphanumeric(b) && (b < 'A' || b > 'Z') || strings.IndexByte("!#$%&'*+-.^_`|~", b) >= 0
}
