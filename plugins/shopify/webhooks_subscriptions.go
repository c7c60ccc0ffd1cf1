package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

// tagChange is tags that came or went.
type tagChange struct {
	CustomerID string    `json:"customer_id" doc:"Id of the customer" ja:"顧客ID"`
	Tags       []string  `json:"tags" doc:"The tags that came or went, not all that there are" ja:"付いた・外れたタグ(全タグではない)"`
	At         time.Time `json:"at,omitzero" doc:"When" ja:"日時"`
}

func (d delivery) tagsAdded() ([]abi.Event, error) {
	return d.tagged("customer.tagged", facts{
		"cancel": "subscription.cancelled", "pause": "subscription.paused", "plan": "subscription.created", "skip-count": "subscription.updated",
	})
}

// tagsRemoved: the plan goes when a subscription ends, which the tag of the end
// tells; the tags of a pause or an end go when it is resumed.
func (d delivery) tagsRemoved() ([]abi.Event, error) {
	return d.tagged("customer.untagged", facts{
		"cancel": "subscription.resumed", "pause": "subscription.resumed",
	})
}

// facts are the triggers that tags of subscriptions mean, by what they tell, as
// they come or as they go.
type facts map[string]string

// tagged announces the change of the tags, and of the subscriptions in them.
func (d delivery) tagged(trigger string, means facts) ([]abi.Event, error) {
	var hook struct {
		Customer string    `json:"customerId"`
		Tags     []string  `json:"tags"`
		At       time.Time `json:"occurredAt"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	change := tagChange{CustomerID: number(hook.Customer), Tags: hook.Tags, At: hook.At}
	if change.Tags == nil {
		change.Tags = []string{}
	}
	if !hook.At.IsZero() {
		d.at = hook.At
	}
	events, err := d.event(trigger, change.CustomerID, false, time.Time{}, change)
	if err != nil {
		return nil, err
	}
	more, err := d.subscriptions(change, means)
	return append(events, more...), err
}

// subscriptions announces what the tags tell of subscriptions, one event for
// each. One begins once: the tag of its plan comes again when it is resumed after
// its end, which the tag of the end tells, and with another plan.
func (d delivery) subscriptions(change tagChange, means facts) ([]abi.Event, error) {
	var events []abi.Event
	for _, c := range d.contractsOf(change.CustomerID, change.Tags) {
		trigger := ""
		for _, tag := range change.Tags {
			t, ok := parseContractTag(tag)
			if ok && t.id == c.ID && weight(means[t.what]) > weight(trigger) {
				trigger = means[t.what]
			}
		}
		again, err := d.knows(c.ID, trigger)
		if err != nil {
			return nil, err
		}
		if trigger == "" || (again && trigger == subscriptionBegan) {
			continue
		}
		c.settle(trigger, d.shop)
		dedupe := d.unstamped(c.ID)
		if trigger == subscriptionBegan {
			dedupe = c.ID
		}
		event, err := sdk.NewEvent(trigger, c.ID, dedupe, d.at, c)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// subscriptionBegan is the trigger of what happens once to a subscription.
const subscriptionBegan = "subscription.created"

// knows says whether the beginning or the end of a subscription was told before,
// by another delivery than this, and keeps that it is told now. The host forgets
// what it was told after a month, and subscriptions are resumed after years.
func (d delivery) knows(id, trigger string) (bool, error) {
	if trigger != subscriptionBegan && trigger != "subscription.cancelled" {
		return false, nil
	}
	fact, known, err := d.State("subscription:" + id)
	if err != nil || known {
		return known && string(fact) != d.fact, err
	}
	return false, d.SetState("subscription:"+id, []byte(d.fact))
}

// weight says which of two facts of one moment is told.
func weight(trigger string) int {
	switch trigger {
	case "subscription.cancelled":
		return 5
	case "subscription.paused":
		return 4
	case "subscription.resumed":
		return 3
	case "subscription.created":
		return 2
	case "subscription.updated":
		return 1
	default:
		return 0
	}
}

// settle gives a subscription the status that the fact means. What a mere change
// leaves open stays unknown.
func (c *contract) settle(trigger string, s shop) {
	switch trigger {
	case "subscription.resumed", "subscription.created":
		c.StatusRaw, c.StatusChangedAt = "active", time.Time{}
	case "subscription.updated":
		c.StatusRaw, c.Status = "", ""
		return
	}
	c.Status = statusWords.Status(c.StatusRaw, s.Statuses)
}

// contractTopic reads the platform's own subscription contracts, which only
// tell of those that this app made.
//
//go:noinline
func contractTopic(trigger string) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook struct {
			ID        scalar    `json:"id"`
			GID       string    `json:"admin_graphql_api_id"`
			Customer  scalar    `json:"customer_id"`
			Status    string    `json:"status"`
			UpdatedAt time.Time `json:"updated_at"`
		}
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		c := contract{Subscription: commerce.Subscription{
			ID: firstText(string(hook.ID), number(hook.GID)), CustomerID: string(hook.Customer), Status: statusWords.Status(hook.Status, d.Statuses),
			StatusRaw: hook.Status, StatusReason: reasons[strings.ToLower(hook.Status)], UpdatedAt: hook.UpdatedAt,
		}}
		return d.event(trigger, c.ID, false, hook.UpdatedAt, c)
	}
}
