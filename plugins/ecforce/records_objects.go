package main

import (
	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// object is a kind of record that upserts and links work on. Its fields are
// named as in the outputs and inputs of its actions, and each function takes
// the input of one, as JSON.
type object struct {
	// search returns how many records match, and those that were asked for.
	search func(call *sdk.Call, match []byte) (total int64, records any, err error)
	create func(call *sdk.Call, draft []byte) (id string, err error)
	update func(call *sdk.Call, changes []byte) (id string, err error)
}

func objects() map[string]object {
	return map[string]object{
		"customer":     {search: matchCustomers, create: draftCustomer, update: alterCustomer},
		"order":        {search: matchOrders, update: alterOrder},
		"subscription": {search: matchSubscriptions, update: alterSubscription},
		"product":      {search: matchProducts, update: alterProduct},
	}
}

func matchCustomers(call *sdk.Call, match []byte) (int64, any, error) {
	var in searchCustomersInput
	if err := readFields(match, &in); err != nil {
		return 0, nil, err
	}
	found, err := searchCustomers(call, in)
	return found.TotalSize, found.Customers, err
}

func draftCustomer(call *sdk.Call, draft []byte) (string, error) {
	var in createCustomerInput
	if err := readFields(draft, &in); err != nil {
		return "", err
	}
	c, err := createCustomer(call, in)
	return c.ID, err
}

func alterCustomer(call *sdk.Call, changes []byte) (string, error) {
	var in updateCustomerInput
	if err := readFields(changes, &in); err != nil {
		return "", err
	}
	c, err := updateCustomer(call, in)
	return c.ID, err
}

func matchOrders(call *sdk.Call, match []byte) (int64, any, error) {
	var in searchOrdersInput
	if err := readFields(match, &in); err != nil {
		return 0, nil, err
	}
	found, err := searchOrders(call, in)
	return found.TotalSize, found.Orders, err
}

func alterOrder(call *sdk.Call, changes []byte) (string, error) {
	var in updateOrderInput
	if err := readFields(changes, &in); err != nil {
		return "", err
	}
	o, err := updateOrder(call, in)
	return o.ID, err
}

func matchSubscriptions(call *sdk.Call, match []byte) (int64, any, error) {
	var in searchSubscriptionsInput
	if err := readFields(match, &in); err != nil {
		return 0, nil, err
	}
	found, err := searchSubscriptions(call, in)
	return found.TotalSize, found.Subscriptions, err
}

func alterSubscription(call *sdk.Call, changes []byte) (string, error) {
	var in updateSubscriptionInput
	if err := readFields(changes, &in); err != nil {
		return "", err
	}
	s, err := updateSubscription(call, in)
	return s.ID, err
}

func matchProducts(call *sdk.Call, match []byte) (int64, any, error) {
	var in searchProductsInput
	if err := readFields(match, &in); err != nil {
		return 0, nil, err
	}
	found, err := searchProducts(call, in)
	return found.TotalSize, found.Products, err
}

func alterProduct(call *sdk.Call, changes []byte) (string, error) {
	var in updateProductInput
	if err := readFields(changes, &in); err != nil {
		return "", err
	}
	p, err := updateProduct(call, in)
	return p.ID, err
}

func objectNamed(name string) (object, error) {
	all := objects()
	found, ok := all[name]
	if !ok {
		return object{}, sdk.Errorf(abi.Invalid, "ecforce has no records of kind %q; there are customer, order, subscription and product", name)
	}
	return found, nil
}
