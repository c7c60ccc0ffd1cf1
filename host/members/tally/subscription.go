package tally

import (
	"slices"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// subscriptionOf reads a subscription of the shared model. A status that
// nobody knows, or a list that is not told, stays as it was.
func subscriptionOf(s *commerce.Subscription, before *Subscription) *Subscription {
	var known Subscription
	if before != nil {
		known = *before
	}
	if s.Status != "" && s.Status != known.Status {
		known.Status, known.Changed = s.Status, moment(firstTime(s.StatusChangedAt, s.UpdatedAt, s.CreatedAt))
	}
	if s.Times > 0 {
		known.Times = s.Times
	}
	if len(s.Items) > 0 {
		known.Products = nil
		for i := range s.Items {
			known.Products = append(known.Products, CodeOf(&s.Items[i]))
		}
		slices.Sort(known.Products)
		known.Products = slices.Compact(known.Products)
	}
	if !s.UpdatedAt.IsZero() {
		known.Updated = moment(s.UpdatedAt)
	}
	return &known
}

func (s *Subscription) equal(other *Subscription) bool {
	return s.Status == other.Status && s.Times == other.Times && s.Changed.Equal(other.Changed) &&
		s.Updated.Equal(other.Updated) && slices.Equal(s.Products, other.Products)
}

// Together is the status of several subscriptions: active if any is, else
// paused if any is, else cancelled if any is.
func Together(statuses ...commerce.Status) commerce.Status {
	for _, s := range []commerce.Status{commerce.Active, commerce.Paused, commerce.Cancelled} {
		if slices.Contains(statuses, s) {
			return s
		}
	}
	return ""
}

// Stale says that the subscription tells an older state than the one that is known.
func (s *Subscription) Stale(told *commerce.Subscription) bool {
	return !told.UpdatedAt.IsZero() && moment(told.UpdatedAt).Before(s.Updated)
}
