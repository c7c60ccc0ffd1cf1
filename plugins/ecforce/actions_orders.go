package main

import (
	"fmt"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

func orderActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("order.get", text("Fetch one order", "受注を1件取得する"), getOrder),
		sdk.Read("order.search", text("Search orders", "受注を検索する"), searchOrders).Pages("orders"),
		sdk.Do("order.update", text("Update an order; what is not named stays", "受注を更新する(指定した項目のみ)"), updateOrder).Idempotent(),
		sdk.Do("order.bulk_update", text("Update many orders", "受注を一括更新する"), bulkUpdate("orders")).Idempotent(),
		sdk.Do("order.ship", text("Enter shipping results", "出荷結果を登録する"), shipOrders).Idempotent(),
		sdk.Do("order.change_payment", text("Void or re-authorise the payment of an order", "受注の決済を取消・再与信する"), changePayment).Confirm(confirmPayment),
		sdk.Do("order.bulk_change_payment", text("Change the payment of many orders later (asynchronous)", "受注の決済を一括変更する(非同期)"), changePayments),
	}
}

func getOrder(call *sdk.Call, in byID) (order, error) {
	s := shopOf(call)
	doc, err := readOne(s, "orders", in.ID, s.OrderInclude)
	if err != nil {
		return order{}, fmt.Errorf("fetching order %s: %w", in.ID, err)
	}
	return orderOf(doc.row(), &s.settings), nil
}

type searchOrdersInput struct {
	ID             string   `json:"id,omitempty" doc:"Order id" ja:"受注ID"`
	Number         string   `json:"number,omitempty" doc:"Order number" ja:"受注番号"`
	CustomerID     string   `json:"customer_id,omitempty" doc:"Orders of this customer" ja:"顧客ID"`
	SubscriptionID string   `json:"subscription_id,omitempty" doc:"Orders of this subscription order" ja:"定期受注ID"`
	Email          string   `json:"email,omitempty" doc:"E-mail address of the buyer" ja:"メールアドレス"`
	State          string   `json:"state,omitempty" doc:"State, such as shipped" ja:"対応状況(shippedなど)"`
	PaymentStates  []string `json:"payment_states,omitempty" doc:"Payment states, any of them" ja:"決済状況(いずれか)"`
	URLIDs         []string `json:"url_ids,omitempty" doc:"Ad URLs, any of them" ja:"広告URLのid(いずれか)"`
	From           string   `json:"created_from,omitempty" doc:"Created at or after" ja:"作成日時(以降)"`
	Until          string   `json:"created_until,omitempty" doc:"Created before" ja:"作成日時(より前)"`
	Limit          int64    `json:"limit,omitempty" doc:"How many orders at the most; 0 means 100" ja:"最大件数(0は100件)"`
	Newest         bool     `json:"newest_first,omitempty" doc:"Newest first" ja:"新しい順"`
	Next           string   `json:"next,omitempty" doc:"next of an earlier answer: goes on behind it" ja:"前回の出力のnext(続きを取得)"`
}

type orderList struct {
	TotalSize int64   `json:"total_size" doc:"How many orders match; behind next, how many of these are left" ja:"一致した件数(nextの続きでは残りの件数)"`
	Orders    []order `json:"orders" doc:"The orders" ja:"受注"`
	Next      string  `json:"next" doc:"Where to go on; empty at the end" ja:"続きの位置(最後は空)"`
}

func searchOrders(call *sdk.Call, in searchOrdersInput) (orderList, error) {
	s := shopOf(call)
	q := query{path: "orders", include: s.OrderInclude}
	for _, f := range []filter{
		{"id", in.ID}, {"number", in.Number}, {"customer_id", in.CustomerID}, {"subs_order_id", in.SubscriptionID}, {"email", in.Email}, {"state", in.State},
	} {
		if f.value != "" {
			q.filters = append(q.filters, equal(f.name, f.value))
		}
	}
	q.filters = append(q.filters, among("payment_state", in.PaymentStates)...)
	q.filters = append(q.filters, among("url_id", in.URLIDs)...)
	if err := q.between(byCreation, in.From, in.Until); err != nil {
		return orderList{}, err
	}
	if len(q.filters) == 0 {
		return orderList{}, sdk.Errorf(abi.Invalid, "a search for orders needs at least one condition")
	}
	if err := q.behind(in.Next, in.Newest); err != nil {
		return orderList{}, err
	}
	rows, total, err := q.fetch(s, limitOf(in.Limit))
	found := orderList{TotalSize: total, Orders: []order{}, Next: nextOf(rows, total)}
	for _, r := range rows {
		found.Orders = append(found.Orders, orderOf(r, &s.settings))
	}
	return found, err
}

type shipOrdersInput struct {
	Orders []shipment `json:"orders" doc:"Shipping results" ja:"出荷結果"`
	Sale   bool       `json:"with_sale,omitempty" doc:"Whether the payment is captured too" ja:"売上処理も行うか"`
}

type shipment struct {
	ID        string `json:"id" doc:"Order id" ja:"受注ID"`
	Tracking  string `json:"tracking_number" doc:"The carrier's number for the parcel" ja:"送り状番号"`
	CarrierID *int64 `json:"shipping_carrier_id,omitempty" doc:"Carrier" ja:"配送業者ID"`
	ShippedAt string `json:"shipped_at,omitempty" doc:"When it left" ja:"発送日時"`
	AddressID string `json:"shipping_address_id,omitempty" doc:"Which delivery address, if the order has several" ja:"配送先ID(複数の場合)"`
}

// shipOrders enters shipping results at once (with_async 0), so that the answer says what was refused.
func shipOrders(call *sdk.Call, in shipOrdersInput) (bulkOutput, error) {
	s := shopOf(call)
	var results []fields
	for _, s := range in.Orders {
		ids, err := numbers([]string{s.ID})
		if err != nil {
			return bulkOutput{}, err
		}
		result := fields{"id": ids[0], "shipping_slip": s.Tracking}
		result.set("shipping_carrier_id", s.CarrierID)
		if s.AddressID != "" {
			result["shipping_address_id"] = countOf(s.AddressID)
		}
		if s.ShippedAt != "" {
			if err := result.setTime("shipped_at", &s.ShippedAt); err != nil {
				return bulkOutput{}, err
			}
		}
		results = append(results, result)
	}
	return sendBulk(s, "PUT", "/orders/shipping", fields{"orders": results, "with_async": 0, "with_sale": flagOf(in.Sale)})
}

type changePaymentInput struct {
	byID
	Method      string `json:"method" enum:"void,reauth" doc:"void cancels the payment, reauth authorises it again" ja:"void=取消、reauth=再与信"`
	Decrement   bool   `json:"decrement_subs_order_times,omitempty" doc:"Whether the subscription's counter goes back" ja:"定期回数を戻すか"`
	Recalculate bool   `json:"recalculate_subs_order,omitempty" doc:"Whether the subscription is computed again" ja:"定期受注を再計算するか"`
	Email       bool   `json:"need_to_send_email,omitempty" doc:"Whether ecforce mails the customer" ja:"メールを送るか"`
}

// changePayment always sends both subscription flags: without them a void moves
// the subscription's counter.
func changePayment(call *sdk.Call, in changePaymentInput) (order, error) {
	s := shopOf(call)
	if err := checkID(in.ID); err != nil {
		return order{}, err
	}
	body := fields{
		"method": in.Method, "decrement_subs_order_times": flagOf(in.Decrement), "recalculate_subs_order": flagOf(in.Recalculate),
		"need_to_send_email": flagOf(in.Email),
	}
	if err := s.admin("POST", "/orders/%s/payment_status", in.ID).JSON(body).Send(); err != nil {
		return order{}, fmt.Errorf("changing the payment of order %s: %w", in.ID, err)
	}
	o, err := getOrder(s.Call, in.byID)
	return o, looked(err)
}

// confirmPayment can tell a void only: an authorisation looks the same before and after.
func confirmPayment(call *sdk.Call, in changePaymentInput) (order, bool, error) {
	s := shopOf(call)
	o, err := getOrder(s.Call, in.byID)
	if err != nil {
		return order{}, false, err
	}
	if in.Method == "void" {
		return o, strings.HasPrefix(o.PaymentState, "void"), nil
	}
	authed := o.Raw.moment("payment_authed_at")
	return o, !authed.Before(attemptBegan(s)), nil
}

type changePaymentsInput struct {
	IDs         []string `json:"ids" doc:"Orders" ja:"受注ID"`
	Method      string   `json:"method" enum:"void,sales,reauth,force_void" doc:"What to do" ja:"処理(取消・売上・再与信・強制取消)"`
	Decrement   bool     `json:"decrement_subs_order_times,omitempty" doc:"Whether the subscriptions' counters go back" ja:"定期回数を戻すか"`
	Recalculate bool     `json:"recalculate_subs_order,omitempty" doc:"Whether the subscriptions are computed again" ja:"定期受注を再計算するか"`
}

func changePayments(call *sdk.Call, in changePaymentsInput) (job, error) {
	s := shopOf(call)
	ids, err := numbers(in.IDs)
	if err != nil {
		return job{}, err
	}
	return sendJob(s, "/orders/payment_status/bulk_update", fields{
		"method": in.Method, "order_ids": ids, "decrement_subs_order_times": flagOf(in.Decrement), "recalculate_subs_order": flagOf(in.Recalculate),
	})
}
