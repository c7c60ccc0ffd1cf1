// Command sim is a simulated Salesforce org: REST API, OAuth, Bulk API 2.0 and
// outbound messages, over made-up data that stays in memory.
//
// It is written from the platform's documents and knows nothing of the
// connector, so that a misreading shows up as a disagreement. See README.md
// beside it for what tests can change.
package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/simkit"
)

func main() {
	simkit.Main(program())
}

func program() simkit.Program {
	return simkit.Program{Name: "salesforce", Now: time.Now, Open: open}
}
