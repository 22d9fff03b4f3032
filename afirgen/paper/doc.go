// Package paper turns a report into what people hold in their hands: the form as plain text, and the document from
// which pdf prints it, both in English or Hindi.
//
// It reads fir's form and nothing else; what a person wrote passes through as it is. It keeps nothing and knows no
// clock.
package paper
