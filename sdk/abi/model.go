package abi

// Model says which type of the shared commerce model an event's data is; empty
// means none. The platform's own fields may stand beside the model's.
type Model string

// The models that the host knows.
const (
	ModelCustomer     Model = "customer"
	ModelOrder        Model = "order"
	ModelSubscription Model = "subscription"
	ModelCheckout     Model = "checkout"
	ModelContact      Model = "contact"
)
