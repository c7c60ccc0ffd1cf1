// Command line is the connector for the LINE Messaging API, built as a Musubi plugin.
package main

import "github.com/musubi-run/musubi/sdk"

func init() { sdk.Register(connector) }

func main() {}
