package rehearse

import (
	"encoding/json"
	"fmt"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk/abi"
)

// upsertInput is what of an upsert step decides which record it means.
type upsertInput struct {
	Object string         `json:"object"`
	Match  map[string]any `json:"match"`
	// From is an id, or {connection, id}; absent for the event's subject.
	From json.RawMessage `json:"from"`
}

// found is what an upsert step gives to later ones.
type found struct {
	ID      string `json:"id"`
	Created bool   `json:"created"`
}

// upsert says which record would be updated, or that one would be created.
func (a *Answers) upsert(path string, d *rules.Upsert, input []byte) ([]byte, Origin, error) {
	if output := a.at[path]; output != nil {
		return output, FromJournal, nil
	}
	if a.look.Read == nil {
		return nil, FromNobody, nil
	}
	var in upsertInput
	if err := json.Unmarshal(input, &in); err != nil {
		return nil, FromPlatform, fmt.Errorf("reading the fields of an upsert: %w", err)
	}
	id, err := a.linkedRecord(d, in)
	if id == "" && err == nil {
		id, err = a.search(d, in)
	}
	if err != nil {
		return nil, FromPlatform, err
	}
	result := found{ID: id, Created: id == ""}
	if result.Created {
		result.ID = "(new)"
	}
	output, err := json.Marshal(result)
	return output, FromPlatform, err
}

// linkedRecord returns the record that the upsert's link names, or "".
func (a *Answers) linkedRecord(d *rules.Upsert, in upsertInput) (string, error) {
	if d.Link == "" || a.look.Links == nil {
		return "", nil
	}
	from := host.Ref{Connection: a.event.Connection, ID: a.event.Subject}
	if in.From != nil && json.Unmarshal(in.From, &from.ID) != nil {
		if err := json.Unmarshal(in.From, &from); err != nil {
			return "", fmt.Errorf("reading whose link is kept: %w", err)
		}
	}
	other, err := a.findLink(d.Link, from, d.Connection)
	return other.ID, err
}

// search returns the one record that matches, or "".
func (a *Answers) search(d *rules.Upsert, in upsertInput) (string, error) {
	query, err := json.Marshal(abi.RecordQuery{Object: in.Object, Match: in.Match, Limit: 2})
	if err != nil {
		return "", fmt.Errorf("writing a search: %w", err)
	}
	raw, err := a.look.Read(d.Connection, d.Records.Search, query)
	if err != nil {
		return "", err
	}
	var list abi.RecordList
	if err := json.Unmarshal(raw, &list); err != nil {
		return "", fmt.Errorf("reading the search's answer: %w", err)
	}
	switch len(list.Records) {
	case 0:
		return "", nil
	case 1:
		return list.Records[0].ID, nil
	default:
		return "", &abi.Error{Kind: abi.Conflict, Message: fmt.Sprintf("%d records of %s match", max(list.TotalSize, 2), in.Object)}
	}
}
