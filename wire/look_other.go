//go:build !amd64

package wire

func look(b *[64]byte) looks { return lookAt(b) }
