package api

import (
	"encoding/json"

	"github.com/musubi-run/musubi/host"
)

// RulesHistory is the rules that were in force, newest first.
type RulesHistory struct {
	Versions []host.RulesVersion `json:"versions"`
}

// RulesSources is the files of one set of rules, by name.
type RulesSources struct {
	Files map[string][]byte `json:"files"`
}

// Read asks for a call of an action that changes nothing.
type Read struct {
	Action string          `json:"action"`
	Input  json.RawMessage `json:"input"`
}

// ReadAnswer is what the platform answered.
type ReadAnswer struct {
	Output json.RawMessage `json:"output"`
}
