package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/musubi-run/musubi/host"
	"github.com/musubi-run/musubi/host/members"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules"
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// How many people a batch of a campaign has: as many as a channel takes in one
// request, and not so many that one failure is a great one.
const (
	usualBatch = 500
	mostBatch  = 1_000
)

// messaging is one part of a campaign on its way.
type messaging struct {
	memberDesk

	ask      *api.MemberMessage
	campaign members.Campaign
	done     api.MemberMessaged
	ids      []string
}

// MessageMembers announces a campaign to a part of the members that a condition
// selects, or says what that would be. What no flow would send is refused.
func (d memberDesk) MessageMembers(ctx context.Context, ask api.MemberMessage) (api.MemberMessaged, error) {
	if err := d.checkMessage(&ask); err != nil {
		return api.MemberMessaged{}, err
	}
	m := &messaging{memberDesk: d, ask: &ask, campaign: members.Campaign{Name: ask.Campaign, Connection: ask.Connection}, ids: ask.Waiting}
	next, err := d.each(ctx, ask.Where, ask.After, mostLookedAt, func(who *commerce.Member) error { return m.consider(ctx, who) })
	if err != nil {
		return m.done, err
	}
	m.done.Next = next
	return m.done, m.announce(ctx)
}

func (d memberDesk) checkMessage(ask *api.MemberMessage) error {
	ask.Batch = cmp.Or(ask.Batch, usualBatch)
	switch {
	case ask.Campaign == "":
		return refusal("the campaign has no name", "配信の名前がありません")
	case ask.Where == "":
		return refusal("no condition says for whom it is; true means everybody", "対象の条件がありません(全員なら true)")
	case d.app.catalog.Connections[ask.Connection] == nil:
		names := slices.Sorted(maps.Keys(d.app.cfg.Connections))
		return unknown(abi.Text{EN: "connection", JA: "接続"}, ask.Connection, names)
	case ask.Batch < 1 || ask.Batch > mostBatch || len(ask.Waiting) > mostBatch:
		return refusal(fmt.Sprintf("a batch has 1 to %d people", mostBatch), fmt.Sprintf("1回に送る人数は1〜%d人です", mostBatch))
	default:
		return nil
	}
}

// consider counts a member that is selected, and keeps who is to have the campaign.
func (m *messaging) consider(ctx context.Context, who *commerce.Member) error {
	m.done.Selected++
	standing, err := m.app.members.Stands(ctx, m.campaign, who)
	switch {
	case err != nil:
		return err
	case standing == members.Unreachable:
		m.done.Unreachable++
	case standing == members.Served:
		m.done.Served++
	default:
		m.ids = append(m.ids, who.ID)
	}
	return nil
}

// announce announces full batches, and at the end of all members what is left.
// Whom no batch had room for waits for the next part. Who did it is written down
// before.
func (m *messaging) announce(ctx context.Context) error {
	ready := m.ids
	if m.done.Next != "" {
		ready = m.ids[:len(m.ids)-len(m.ids)%m.ask.Batch]
		m.done.Waiting = m.ids[len(ready):]
	}
	if len(ready) == 0 {
		return nil
	}
	if err := m.rehearse(ctx, ready[:min(len(ready), m.ask.Batch)]); err != nil {
		return err
	}
	if m.ask.Preview {
		m.done.Recipients, m.done.Batches = len(ready), (len(ready)+m.ask.Batch-1)/m.ask.Batch
		return nil
	}
	told := fmt.Sprintf("%s: %s (%d)", m.ask.Connection, m.ask.Where, len(ready))
	if err := m.app.engine.Record(ctx, host.ActMessage, m.ask.Campaign, told); err != nil {
		return err
	}
	return m.send(ctx, ready)
}

func (m *messaging) send(ctx context.Context, ids []string) error {
	for batch := range slices.Chunk(ids, m.ask.Batch) {
		sent, err := m.app.members.Message(ctx, personOf(ctx), m.campaign, batch)
		if err != nil {
			return err
		}
		if len(sent.UserIDs) > 0 {
			m.done.Batches++
			m.done.Recipients += len(sent.UserIDs)
		}
	}
	return nil
}

// rehearse finds the flows that would take a batch. A batch that none takes would
// be counted as sent and reach nobody: that is an error.
func (m *messaging) rehearse(ctx context.Context, ids []string) error {
	draft, err := m.app.members.Draft(ctx, m.campaign, ids)
	if err != nil {
		return err
	}
	data, err := sdk.Encode(draft)
	if err != nil {
		return fmt.Errorf("encoding the batch: %w", err)
	}
	now := m.app.opts.Now().UTC()
	ev := &host.Event{
		ID: "preview", Connection: host.Builtin, Source: "musubi:" + host.Builtin, Type: members.EventMessageRequested,
		Subject: m.campaign.Name, Time: now, Received: now, Data: data,
	}
	if m.done.Flows, err = m.takers(ev); err == nil && m.ask.Preview {
		m.done.First = ev
	}
	return err
}

func (m *messaging) takers(ev *host.Event) ([]string, error) {
	var flows []string
	for _, s := range m.app.rules.Current().Select(&rules.Event{
		ID: ev.ID, Connection: ev.Connection, Source: ev.Source, Type: ev.Type, Subject: ev.Subject, Time: ev.Time, Received: ev.Received, Data: ev.Data,
	}) {
		if s.Err != nil {
			return nil, fmt.Errorf("the condition of %s: %w", s.Flow.ID, s.Err)
		}
		flows = append(flows, s.Flow.ID)
	}
	if len(flows) == 0 {
		return nil, refusal(
			fmt.Sprintf("no flow sends the campaign %s: one on %s, event %s, must take it (see `musubi library list`)", ev.Subject, host.Builtin, ev.Type),
			fmt.Sprintf("配信「%s」を送るフローがありません。接続 %s のイベント %s で始まり、この配信に当てはまるフローが必要です(`musubi library list`)", ev.Subject, host.Builtin, ev.Type))
	}
	return flows, nil
}
