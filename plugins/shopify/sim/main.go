// Command sim is a simulated Shopify shop: the Admin GraphQL API with its cost
// accounting, the token endpoint, bulk operations and webhooks, with made-up
// customers, orders and products. Steer it under /_sim/, see package simkit.
//
// Its token is "shpat_sim"; its app is "sim-client-id" with "sim-client-secret",
// which also signs webhooks unless PUT /_sim/hooks gives another secret.
//
//	go run ./plugins/shopify/sim -addr 127.0.0.1:9004
package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func main() {
	simkit.Main(simkit.Program{Name: "shopify", Now: time.Now, Open: open})
}
