// Command salesforce is the connector for Salesforce: records, queries, files
// and bulk jobs by REST, outbound messages as webhooks.
package main

import "github.com/musubi-run/musubi/sdk"

func init() { sdk.Register(connector()) }

func main() {}
