package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// contract is a subscription of the app 定期購買, which tells of it only by tags
// of the customer, or one of the calling app's own.
type contract struct {
	commerce.Subscription
	Product string `json:"product,omitempty" doc:"Name of its product" ja:"商品名"`
}

// statusWords are the platform's words, those of its admin, and those in tags.
var statusWords = commerce.StatusWords{
	"active": commerce.Active, "アクティブ": commerce.Active,
	"paused": commerce.Paused, "停止": commerce.Paused, "pause": commerce.Paused,
	"cancelled": commerce.Cancelled, "解約": commerce.Cancelled, "cancel": commerce.Cancelled,
	"expired": commerce.Cancelled, "failed": commerce.Cancelled,
}

// reasons are the words that tell besides why a subscription ended.
var reasons = map[string]string{"expired": "expired", "failed": "failed"}

// contractTag is one tag of 定期購買: subscription-{id}-{what}:{value}.
type contractTag struct{ id, what, value string }

const contractPrefix = "subscription-"

// parseContractTag reads a tag; ok is false for any other.
func parseContractTag(tag string) (t contractTag, ok bool) {
	rest, ok := strings.CutPrefix(tag, contractPrefix)
	if !ok {
		return t, false
	}
	name, value, ok := strings.Cut(rest, ":")
	if !ok {
		return t, false
	}
	id, what, ok := strings.Cut(name, "-")
	if !ok || id == "" || strings.Trim(id, "0123456789") != "" {
		return t, false
	}
	switch what {
	case "plan", "product", "cancel", "pause", "skip-count":
		return contractTag{id, what, value}, true
	}
	return t, false
}

// contractsOf reads a customer's subscriptions from the tags, in their order.
func (s shop) contractsOf(customerID string, tags []string) []contract {
	var all []contract
	at := map[string]int{}
	for _, tag := range tags {
		t, ok := parseContractTag(tag)
		if !ok {
			continue
		}
		i, seen := at[t.id]
		if !seen {
			i = len(all)
			at[t.id] = i
			all = append(all, contract{Subscription: commerce.Subscription{ID: t.id, CustomerID: customerID}})
		}
		all[i].apply(t)
	}
	for i := range all {
		all[i].Status = statusWords.Status(all[i].StatusRaw, s.Statuses)
	}
	return all
}

// apply adds what a tag tells. Plan and product stand only while the
// subscription runs or pauses; the end goes before a pause, which goes before those.
func (c *contract) apply(t contractTag) {
	switch t.what {
	case "plan", "product":
		if c.StatusRaw == "" {
			c.StatusRaw = "active"
		}
		if t.what == "plan" {
			c.Plan = t.value
		} else {
			c.Product = t.value
		}
	case "cancel":
		c.StatusRaw, c.StatusChangedAt = "cancel", dayOf(t.value)
	case "pause":
		if c.StatusRaw != "cancel" {
			c.StatusRaw, c.StatusChangedAt = "pause", dayOf(t.value)
		}
	case "skip-count":
		if n, err := strconv.ParseInt(t.value, 10, 64); err == nil {
			c.Skips = &n
		}
	}
}

// dayOf is the beginning of a day in Japan; zero for anything else.
func dayOf(day string) time.Time {
	t, err := jp.ParseTime(day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// subscriberStatus reads the tags that tell of all subscriptions together.
func (s shop) subscriberStatus(tags []string) commerce.Status {
	var status commerce.Status
	for _, tag := range tags {
		switch {
		case s.SubscriberTag != "" && strings.EqualFold(tag, s.SubscriberTag):
			return commerce.Active
		case s.FormerTag != "" && strings.EqualFold(tag, s.FormerTag):
			status = commerce.Cancelled
		}
	}
	return status
}
