// Command ecforce is the connector for ecforce, built as a Musubi plugin.
package main

import "github.com/musubi-run/musubi/sdk"

func init() { sdk.Register(connector) }

func main() {}
