package main

import (
	"time"

	"github.com/musubi-run/musubi/sdk/commerce"
)

// subscription is a subscription order (定期受注) as rules see it.
type subscription struct {
	commerce.Subscription
	HumanState  string     `json:"human_state,omitempty" doc:"State in the console's words" ja:"状態(管理画面の表記)"`
	OrdersCount *int64     `json:"orders_count,omitempty" doc:"The same as order_count, under ecforce's name" ja:"受注回数(ecforceの項目名)"`
	LinkNumber  string     `json:"link_number,omitempty" doc:"External key (link number)" ja:"連携番号"`
	PausedAt    time.Time  `json:"paused_at,omitzero" doc:"When it was paused (停止)" ja:"停止日時"`
	CancelledAt time.Time  `json:"cancelled_at,omitzero" doc:"When it was cancelled" ja:"キャンセル日時"`
	Memo1       string     `json:"memo1,omitempty" doc:"Memo 1" ja:"メモ1"`
	Memo2       string     `json:"memo2,omitempty" doc:"Memo 2" ja:"メモ2"`
	Raw         attributes `json:"raw,omitzero" doc:"Everything that ecforce told, under its own names" ja:"ecforceの項目そのまま"`
}

// statuses are the platform's words for a subscription's state, those of the
// API and those of the console. Only whole words count: 停止予定 is not 停止.
var statuses = commerce.StatusWords{
	"active": commerce.Active, "有効": commerce.Active, "アクティブ": commerce.Active,
	"suspend": commerce.Paused, "停止": commerce.Paused,
	"canceled": commerce.Cancelled, "キャンセル": commerce.Cancelled,
}

func subscriptionOf(r row, own map[string]commerce.Status) subscription {
	s := subscriptionFrom(r.ID, r.Attributes, own)
	if ids := r.related("customer"); len(ids) > 0 && s.CustomerID == "" {
		s.CustomerID = ids[0].ID
	}
	if buyer := r.one("customer"); buyer != nil {
		s.Email = buyer.Attributes.text("email")
	}
	for _, item := range r.many("order_items") {
		s.Items = append(s.Items, itemOf(item.ID, item.Attributes))
	}
	if delivery := r.one("shipping_address"); delivery != nil {
		s.Delivery = addressOf(delivery.Attributes)
	}
	return s
}

// subscriptionFrom makes a subscription of attributes alone. There is no
// customer_id among the platform's own, but a template may have one.
func subscriptionFrom(id string, a attributes, own map[string]commerce.Status) subscription {
	raw := a.first("state", "human_state")
	s := subscription{
		HumanState: a.text("human_state"), OrdersCount: a.integer("orders_count"), LinkNumber: a.text("link_number"),
		PausedAt: a.moment("suspended_at"), CancelledAt: a.moment("canceled_at"), Memo1: a.text("memo01"), Memo2: a.text("memo02"), Raw: a,
	}
	s.Subscription = commerce.Subscription{
		ID: id, Number: a.text("number"), Status: statuses.Status(raw, own), StatusRaw: raw, CustomerID: a.text("customer_id"), CustomerNumber: a.text("customer_number"),
		Total: a.yen("subtotal"), Times: a.number("times"), Orders: a.integer("orders_count"), Interval: a.text("payment_schedule"), PaymentMethod: a.text("payment_method_name"),
		NextDelivery: a.day("scheduled_to_be_delivered_at"), NextShipping: a.day("scheduled_to_be_shipped_at"), Tags: a.words("labels"),
		CreatedAt: a.moment("created_at"), UpdatedAt: a.moment("updated_at"),
	}
	if buyer, ok := a.object("customer"); ok {
		s.CustomerID, s.CustomerNumber, s.Email = buyer.text("id"), firstText(buyer.text("number"), s.CustomerNumber), buyer.text("email")
	}
	s.explain(a)
	return s
}

// explain adds why and since when the status is what it is. A deleted
// subscription, which only some lists show, is a cancelled one.
func (s *subscription) explain(a attributes) {
	if deleted := a.moment("deleted_at"); !deleted.IsZero() {
		s.Status, s.StatusChangedAt = commerce.Cancelled, deleted
		return
	}
	switch s.Status {
	case commerce.Paused:
		s.StatusReason, s.StatusChangedAt = a.text("suspend_reasons"), s.PausedAt
	case commerce.Cancelled:
		s.StatusReason, s.StatusChangedAt = a.text("cancel_reasons"), s.CancelledAt
	case commerce.Active:
	}
}
