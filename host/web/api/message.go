package api

import "github.com/musubi-run/musubi/host"

// MemberMessage asks for one message, a campaign, to the members that a condition
// selects. The host announces them batch by batch, and flows send.
type MemberMessage struct {
	// Campaign is a name by which nobody gets it twice over one connection.
	Campaign   string `json:"campaign"`
	Connection string `json:"connection"`
	Where      string `json:"where"`
	// Batch is how many people a batch has at most; 0 means the usual number.
	Batch int `json:"batch,omitempty"`
	// Preview announces nothing.
	Preview bool `json:"preview,omitempty"`
	// After and Waiting go on where an answer ended: its Next and Waiting.
	After   string   `json:"after,omitempty"`
	Waiting []string `json:"waiting,omitempty"`
}

// MemberMessaged is what became of one part of the members.
type MemberMessaged struct {
	// Selected is how many the condition selects. Of them some cannot be reached
	// over the connection, and some had the campaign before.
	Selected    int `json:"selected"`
	Unreachable int `json:"unreachable"`
	Served      int `json:"served"`
	// Recipients were announced in so many Batches, or would be.
	Recipients int `json:"recipients"`
	Batches    int `json:"batches"`
	// Flows take the batches.
	Flows []string `json:"flows"`
	// First is the event of the first batch of this part, in a preview.
	First *host.Event `json:"first,omitempty"`
	// Next is where to go on, empty at the end; Waiting are members that fill no
	// batch yet.
	Next    string   `json:"next,omitempty"`
	Waiting []string `json:"waiting,omitempty"`
}
