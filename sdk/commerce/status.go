package commerce

import (
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// Status is a subscription's state in the words that all carts share.
type Status string

// The statuses. An unknown word of a platform is the empty Status, never a guess.
const (
	Active    Status = "active"
	Paused    Status = "paused"
	Cancelled Status = "cancelled"
)

// Schema says that a Status is one of three words.
func (Status) Schema() *abi.Schema {
	return &abi.Schema{Type: abi.TypeString, Enum: []string{string(Active), string(Paused), string(Cancelled)}}
}

// StatusWords are a platform's words for a subscription's state, in small
// letters and narrow digits, each with what it means.
type StatusWords map[string]Status

// Status returns what a word of the platform means, empty if nobody knows. own
// are the shop's own words; they go first. Width, case and blanks around do not
// matter, but only whole words count: 解約申請中 is not 解約.
func (w StatusWords) Status(word string, own map[string]Status) Status {
	word = plain(word)
	for key, status := range own {
		if plain(key) == word {
			return status
		}
	}
	return w[word]
}

func plain(word string) string { return strings.ToLower(jp.Narrow(word)) }

// Overall is the status of somebody who has all of these subscriptions: active
// if any is, else paused if any is, else cancelled if any is, else empty.
func Overall(subscriptions []Subscription) Status {
	var overall Status
	for i := range subscriptions {
		if subscriptions[i].Status.rank() > overall.rank() {
			overall = subscriptions[i].Status
		}
	}
	return overall
}

func (s Status) rank() int {
	switch s {
	case Active:
		return 3
	case Paused:
		return 2
	case Cancelled:
		return 1
	default:
		return 0
	}
}

// OrderStatus is how far an order has come, in the words that all carts share.
type OrderStatus string

// The order statuses. An unknown word of a platform is the empty OrderStatus.
const (
	OrderOpen      OrderStatus = "open"
	OrderShipped   OrderStatus = "shipped"
	OrderDelivered OrderStatus = "delivered"
	OrderCancelled OrderStatus = "cancelled"
)

// Schema says that an OrderStatus is one of four words.
func (OrderStatus) Schema() *abi.Schema {
	return &abi.Schema{Type: abi.TypeString, Enum: []string{
		string(OrderOpen), string(OrderShipped), string(OrderDelivered), string(OrderCancelled),
	}}
}
