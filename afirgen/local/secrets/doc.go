// Package secrets is a small AWS Secrets Manager for one machine: what AFIRGen's services ask of it, in AWS's own protocol,
// with AWS's own errors. Any AWS client works with it when AWS_ENDPOINT_URL_SECRETS_MANAGER points here.
//
// It owns one file, which only its owner may read, and writes it anew as a whole at each change. It keeps a secret's
// current value only. Whoever asks has to sign with the one key that it knows. It is for loopback, and starts nothing
// that would have to be stopped.
package secrets
