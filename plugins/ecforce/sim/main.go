// Command sim is a simulated ecforce shop: the admin API v2 and its webhooks,
// with made-up customers, orders and products. Steer it under /_sim/, see
// package simkit. Its token is "sim-token"; "sim-token-readonly" may not write.
//
//	go run ./plugins/ecforce/sim -addr 127.0.0.1:9001
package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func main() {
	simkit.Main(simkit.Program{Name: "ecforce", Now: time.Now, Open: open})
}
