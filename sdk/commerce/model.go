package commerce

import "github.com/musubi-run/musubi/sdk/abi"

// Modelled is a type whose values are of the shared model. A connector's own
// type is one by embedding a type of the model; the manifest then says so of
// the triggers that announce it, and the host can tell a customer from an
// order without knowing the platform.
type Modelled interface{ SharedModel() abi.Model }

// SharedModel says that it is a customer.
func (Customer) SharedModel() abi.Model { return abi.ModelCustomer }

// SharedModel says that it is an order.
func (Order) SharedModel() abi.Model { return abi.ModelOrder }

// SharedModel says that it is a subscription.
func (Subscription) SharedModel() abi.Model { return abi.ModelSubscription }

// SharedModel says that it is a checkout.
func (Checkout) SharedModel() abi.Model { return abi.ModelCheckout }

// SharedModel says that it is a person at a channel.
func (Contact) SharedModel() abi.Model { return abi.ModelContact }
