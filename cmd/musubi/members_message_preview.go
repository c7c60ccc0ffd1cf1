package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk"
)

// messagePreview is what is printed of a campaign that is not sent yet.
type messagePreview struct {
	api.MemberMessaged

	// Rehearsed is what the flows would do with the first batch.
	Rehearsed []dryRun `json:"rehearsed,omitempty"`
}

func (p *program) previewMessage(ctx context.Context, ask api.MemberMessage, rehearsed bool) error {
	c, err := p.host(ctx)
	if err != nil {
		return err
	}
	ask.Preview = true
	all, err := messageMembers(ctx, c, ask, func(api.MemberMessaged) {})
	if err != nil {
		return err
	}
	preview := messagePreview{MemberMessaged: all}
	if rehearsed && all.First != nil {
		if preview.Rehearsed, err = p.rehearseMessage(ctx, c, &preview); err != nil {
			return err
		}
		preview.First = nil // it stands there
	}
	first, err := p.firstPeople(ctx, c, &all)
	if err != nil {
		return err
	}
	return p.show(preview, func(w *page) {
		p.messageCounts(w, &ask, &all)
		if all.Recipients == 0 {
			w.line("%s", p.say("Nobody would get it.", "送信の対象者はいません。"))
			return
		}
		w.line(p.say("%d would get it, in %d batches of at most %d, by %s.", "%d人に、%d回(1回に最大%d人)に分けて %s が送信します。"),
			all.Recipients, all.Batches, ask.Batch, strings.Join(all.Flows, ", "))
		for _, line := range first {
			w.line("  %s", line)
		}
		p.rehearsedMessage(w, preview.Rehearsed)
		w.line("%s", p.say("Nothing was sent. Do it with --yes.", "まだ何も送信していません。実行するには --yes を付けてください。"))
	})
}

func (p *program) messageCounts(w *page, ask *api.MemberMessage, all *api.MemberMessaged) {
	w.line(p.say("Campaign %s over %s: %d members are selected; %d of them cannot be reached, %d had it before.",
		"配信 %s(%s): 該当する会員は%d人、そのうち送信できない人が%d人、すでに配信した人が%d人です。"),
		ask.Campaign, ask.Connection, all.Selected, all.Unreachable, all.Served)
}

// peopleShown is how many of a campaign's people its preview names.
const peopleShown = 3

// firstPeople names the first people of the first batch.
func (p *program) firstPeople(ctx context.Context, c *client.Client, all *api.MemberMessaged) ([]string, error) {
	if all.First == nil {
		return nil, nil
	}
	var batch members.MessageRequest
	if err := json.Unmarshal(all.First.Data, &batch); err != nil {
		return nil, fmt.Errorf("reading the first batch: %w", err)
	}
	var lines []string
	for _, id := range batch.MemberIDs[:min(peopleShown, len(batch.MemberIDs))] {
		detail, err := c.Member(ctx, id)
		if err != nil {
			return nil, err
		}
		lines = append(lines, id+"  "+clean(detail.Member.Name, false))
	}
	if rest := all.Recipients - len(lines); rest > 0 {
		lines = append(lines, "…")
	}
	return lines, nil
}

// rehearseMessage has the flows of the rules folder go through the first batch.
func (p *program) rehearseMessage(ctx context.Context, c *client.Client, preview *messagePreview) ([]dryRun, error) {
	var all []dryRun
	for _, id := range preview.Flows {
		flow, err := p.flow(id)
		if err != nil {
			return nil, err
		}
		r := rehearsal{flow: flow, from: c}
		done := r.rehearse(ctx, *preview.First, nil)
		all = append(all, dryRun{Flow: id, Events: []rehearsedEvent{done}})
	}
	return all, nil
}

// stepsShown is how many steps of a rehearsal are printed: one for each of many
// people would hide the others.
const stepsShown = 12

func (p *program) rehearsedMessage(w *page, all []dryRun) {
	for _, run := range all {
		w.line("")
		w.line(p.say("%s would do with the first batch:", "%s が最初の分割に対して行うこと:"), run.Flow)
		for _, e := range run.Events {
			more := len(e.Steps) - stepsShown
			e.Steps = slices.Clone(e.Steps[:min(stepsShown, len(e.Steps))])
			for i := range e.Steps {
				e.Steps[i].Input = abridged(e.Steps[i].Input)
			}
			p.showRehearsed(w, &e)
			if more > 0 {
				w.line(p.say("  (%d more steps: see --json)", "  (ほかに%dステップ。--json で確認できます)"), more)
			}
		}
		w.line("")
	}
}

// abridged is JSON whose long lists are cut short, for people.
func abridged(value json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return value
	}
	short, err := sdk.Encode(shortened(tree))
	if err != nil {
		return value
	}
	return short
}

// A list that is longer than listShown is printed with its first listKept items.
const (
	listShown = 6
	listKept  = 3
)

func shortened(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for name := range v {
			v[name] = shortened(v[name])
		}
	case []any:
		if len(v) > listShown {
			v = append(v[:listKept:listKept], fmt.Sprintf("… (%d)", len(v)))
		}
		for i := range v {
			v[i] = shortened(v[i])
		}
		return v
	}
	return tree
}
