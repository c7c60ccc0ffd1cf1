package api

import (
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Backfill is history of a connection's trigger that is run through the flows.
type Backfill struct {
	Connection string    `json:"connection"`
	Trigger    string    `json:"trigger"`
	Since      time.Time `json:"since"`
	// Anew asks to have one that is done fetched once more.
	Anew bool `json:"anew,omitempty"`
	// Pages and Events count what was fetched; events that were known start nothing again.
	Pages  int `json:"pages"`
	Events int `json:"events"`
	// Done means that all of it was fetched; runs may still be under way.
	Done bool `json:"done"`
	// Updated is when the last page was fetched, or when it was begun.
	Updated time.Time `json:"updated,omitzero"`
	// Fault is why the page under way could not be had, Waiting what the platform
	// prepares before there is one, such as an export; Again is when it is asked again.
	Fault   *abi.Error `json:"fault,omitempty"`
	Waiting *abi.Text  `json:"waiting,omitempty"`
	Again   time.Time  `json:"again,omitzero"`
}

// Same says whether both are about the same history.
func (b Backfill) Same(other Backfill) bool {
	return b.Connection == other.Connection && b.Trigger == other.Trigger && b.Since.Equal(other.Since)
}

// BackfillPage is a listing of backfills.
type BackfillPage struct {
	Backfills []Backfill `json:"backfills"`
}
