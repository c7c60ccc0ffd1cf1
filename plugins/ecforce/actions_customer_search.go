package main

import (
	"fmt"
	"slices"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

type searchCustomersInput struct {
	ID         string `json:"id,omitempty" doc:"Customer id" ja:"顧客ID"`
	Email      string `json:"email,omitempty" doc:"E-mail address, exactly" ja:"メールアドレス(完全一致)"`
	Phone      string `json:"phone,omitempty" doc:"Telephone number in any form" ja:"電話番号(表記は自由)"`
	Number     string `json:"number,omitempty" doc:"Customer number" ja:"顧客番号"`
	LinkNumber string `json:"link_number,omitempty" doc:"Link number, exactly" ja:"連携番号(完全一致)"`
	Limit      int64  `json:"limit,omitempty" doc:"How many customers at the most; 0 means 100" ja:"最大件数(0は100件)"`
}

type customerList struct {
	TotalSize int64      `json:"total_size" doc:"How many customers match" ja:"一致した件数"`
	Customers []customer `json:"customers" doc:"The customers" ja:"顧客"`
}

// searchCustomers demands at least one condition: an empty one, from a field
// that happens to be empty, would otherwise match everybody.
func searchCustomers(call *sdk.Call, in searchCustomersInput) (customerList, error) {
	s := shopOf(call)
	var filters []filter
	for _, f := range []filter{{"id", in.ID}, {"email", in.Email}, {"number", in.Number}, {"link_number", in.LinkNumber}} {
		if f.value != "" {
			filters = append(filters, equal(f.name, f.value))
		}
	}
	if in.Phone != "" {
		return searchByPhone(s, filters, in)
	}
	if len(filters) == 0 {
		return customerList{}, sdk.Errorf(abi.Invalid, "a search for customers needs a value for id, email, phone, number or link_number")
	}
	return findCustomers(s, filters, in.Limit)
}

func findCustomers(s shop, filters []filter, limit int64) (customerList, error) {
	q := query{path: "customers", include: customerInclude, sort: "id", filters: filters}
	rows, total, err := q.fetch(s, limitOf(limit))
	if err != nil {
		return customerList{}, fmt.Errorf("searching customers: %w", err)
	}
	found := customerList{TotalSize: total, Customers: []customer{}}
	for _, r := range rows {
		found.Customers = append(found.Customers, customerOf(r, s.LineIDField))
	}
	return found, nil
}

// searchByPhone tries the forms in which a shop may have stored the number, the
// likeliest first. The last matches only the end of it, so it is checked again here.
func searchByPhone(s shop, filters []filter, in searchCustomersInput) (customerList, error) {
	phone := jp.Phone(in.Phone)
	if len(phone) < 8 {
		return customerList{}, sdk.Errorf(abi.Invalid, "%q is too short for a telephone number", in.Phone)
	}
	first, second, third := jp.SplitPhone(phone)
	const attribute = "billing_address_s_full_tel"
	forms := []filter{
		equal(attribute, phone),
		equal(attribute, joined("-", first, second, third)),
		{"q[" + attribute + "_cont]", phone[len(phone)-8:]},
	}
	var found customerList
	for _, form := range forms {
		var err error
		found, err = findCustomers(s, append(slices.Clone(filters), form), in.Limit)
		if err != nil {
			return customerList{}, err
		}
		found.keepPhone(phone)
		if found.TotalSize > 0 {
			break
		}
	}
	return found, nil
}

// keepPhone drops customers with another number.
func (l *customerList) keepPhone(phone string) {
	all := len(l.Customers)
	l.Customers = slices.DeleteFunc(l.Customers, func(c customer) bool { return c.Phone != phone })
	l.TotalSize -= int64(all - len(l.Customers))
}
