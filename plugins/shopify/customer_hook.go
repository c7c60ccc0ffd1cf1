package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// customerHook is a customer as deliveries have it: without tags, totals and
// consent, which only the API tells.
type customerHook struct {
	ID        scalar       `json:"id"`
	Email     string       `json:"email"`
	FirstName string       `json:"first_name"`
	LastName  string       `json:"last_name"`
	Phone     string       `json:"phone"`
	Note      string       `json:"note"`
	State     string       `json:"state"`
	Tags      string       `json:"tags"`
	CreatedAt time.Time    `json:"created_at"`
	UpdatedAt time.Time    `json:"updated_at"`
	Address   *addressHook `json:"default_address"`
}

func (h *customerHook) customer(s shop, body []byte) customer {
	c := customer{Raw: raw(body)}
	c.Customer = commerce.Customer{
		ID: string(h.ID), State: strings.ToUpper(h.State), Email: h.Email, Phone: jp.Phone(h.Phone), LastName: h.LastName, FirstName: h.FirstName,
		FullName: joined(" ", h.LastName, h.FirstName), Address: h.Address.address(), Tags: splitTags(h.Tags), Note: h.Note,
		AdminURL: s.adminURL("customers", string(h.ID)), CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
	}
	c.finish(s)
	return c
}
