// Package loopback picks addresses for hosts that the program starts itself.
package loopback

import (
	"fmt"
	"net"
)

// FreeAddress returns an address of this machine that nobody listens on just
// now, so that a configuration can name it and other commands can be told.
func FreeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed on the next line
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
