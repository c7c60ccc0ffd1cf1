// Command http is the connector for any HTTP API and any incoming webhook,
// built as a Musubi plugin.
package main

import "github.com/musubi-run/musubi/sdk"

func init() { sdk.Register(connector) }

func main() {}
