// Command sim is a simulated service of no platform in particular: it echoes
// requests, keeps records under any name, and takes messages as a chat does.
// Its credential is "sim-token", as bearer, in X-Api-Key, as ?key= or at the
// end of the path of the chat, or the user sim with "sim-password". Under
// /open/ it asks for none. Steer it under /_sim/, see package simkit.
//
//	go run ./plugins/http/sim -addr 127.0.0.1:9001
package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func main() {
	simkit.Main(simkit.Program{Name: "http", Now: time.Now, Open: open})
}
