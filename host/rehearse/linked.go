package rehearse

import (
	"encoding/json"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// linkedRecord is what a linked step gives to later ones.
type linkedRecord struct {
	ID     string `json:"id,omitempty"`
	Object string `json:"object,omitempty"`
}

// linked says what a record was linked with in the event's real run, else now.
func (a *Answers) linked(d *rules.Linked, input []byte) ([]byte, Origin, error) {
	target := "linked." + d.Kind
	if output := a.same[callKey(target, input)]; output != nil {
		return output, FromJournal, nil
	}
	if a.look.Links == nil {
		return nil, Unknown, &abi.Error{Kind: abi.Unavailable, Message: "what is linked is not known"}
	}
	var query rules.LinkQuery
	if err := json.Unmarshal(input, &query); err != nil {
		return nil, FromLinks, fmt.Errorf("reading whose link is looked up: %w", err)
	}
	other, err := a.findLink(d.Kind, host.Ref{Connection: query.From.Connection, ID: query.From.ID}, query.To)
	if err != nil {
		return nil, FromLinks, err
	}
	output, err := json.Marshal(linkedRecord{other.ID, other.Object})
	return output, FromLinks, err
}

// findLink returns what a record is linked with at a connection, or nothing.
func (a *Answers) findLink(kind string, from host.Ref, to string) (host.Ref, error) {
	links, err := a.look.Links(host.LinkFilter{Kind: kind, From: from})
	if err != nil {
		return host.Ref{}, err
	}
	for i := range links {
		if other := links[i].Other(from); other.Connection == to {
			return other, nil
		}
	}
	return host.Ref{}, nil
}
