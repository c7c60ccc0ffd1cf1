package app

import "time"

// FaultJA is the Japanese of what members keep in English.
var FaultJA = faultJA

func init() { watchEvery = 50 * time.Millisecond }
