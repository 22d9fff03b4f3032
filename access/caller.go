package access

import "context"

// Caller is who was let in.
type Caller struct {
	Name string // of the token; "" where everybody is let in
	Way  Way
}

type callerKey struct{}

// CallerOf returns who was let in by Wrap; the zero Caller elsewhere.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

func withCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}
