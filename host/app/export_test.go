package app

// FaultJA is the Japanese of what members keep in English.
var FaultJA = faultJA
