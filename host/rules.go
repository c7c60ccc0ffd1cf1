package host

import "time"

// RulesVersion is a set of rules that was, or is, in force.
type RulesVersion struct {
	// Version is the content hash of the set.
	Version string `json:"version"`
	// Since is when it came into force; it was so until the next one did.
	Since time.Time `json:"since"`
	// Flows are the versions of its flows, by id.
	Flows map[string]string `json:"flows"`
}
