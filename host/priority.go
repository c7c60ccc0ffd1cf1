package host

import "context"

type backgroundKey struct{}

// Background says that what is done under ctx can wait: a backfill and its
// runs take only what nobody needs for what happens now.
func Background(ctx context.Context) context.Context {
	return context.WithValue(ctx, backgroundKey{}, true)
}

// IsBackground says whether what is done under ctx can wait.
func IsBackground(ctx context.Context) bool { return ctx.Value(backgroundKey{}) != nil }

// CodeYields is the code of the error of a request in the background that was
// not sent because what happens now goes first. It says nothing about the connection.
const CodeYields = "yields"
