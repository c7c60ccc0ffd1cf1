// Command sim is a simulated LINE Official Account with its Messaging API and
// webhooks, and made-up friends. Steer it under /_sim/, see package simkit.
//
//	go run ./plugins/line/sim -addr 127.0.0.1:9001
//
// Channel 2000000001, secret "sim-channel-secret-0123456789abcdef", long-lived
// token "sim-long-lived-token". It serves all three of LINE's hosts at once.
package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func main() {
	simkit.Main(simkit.Program{Name: "line", Now: time.Now, Open: open})
}
