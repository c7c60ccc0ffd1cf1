package api

import (
	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/sdk/abi"
)

// BulkAct asks for the same to be done to all rows that a filter selects, a
// page of them at a time.
type BulkAct struct {
	// Rerun is for runs that are to run again.
	host.Rerun
	// Preview only counts.
	Preview bool `json:"preview,omitempty"`
}

// Bulk is what was done to one page of rows.
type Bulk struct {
	// Count is how many were selected, those that failed included.
	Count  int           `json:"count"`
	Failed []BulkFailure `json:"failed"`
	// After is where the next page begins, or Before where the newest go first;
	// both are empty after the last one.
	After  string `json:"after,omitempty"`
	Before string `json:"before,omitempty"`
}

// BulkFailure is why nothing was done to one row.
type BulkFailure struct {
	ID      string   `json:"id"`
	Kind    abi.Kind `json:"kind"`
	Error   string   `json:"error"`
	ErrorJA string   `json:"error_ja,omitempty"`
}
