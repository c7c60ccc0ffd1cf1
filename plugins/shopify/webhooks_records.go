package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
)

//go:noinline
func customerTopic(trigger string, once bool) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook customerHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		return d.event(trigger, string(hook.ID), once, hook.UpdatedAt, hook.customer(d.shop, d.body))
	}
}

//go:noinline
func orderTopic(trigger string, once bool) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook orderHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		return d.event(trigger, string(hook.ID), once, hook.UpdatedAt, hook.order(d.shop, d.body))
	}
}

//go:noinline
func productTopic(trigger string, once bool) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook productHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		return d.event(trigger, string(hook.ID), once, hook.UpdatedAt, hook.product(d.body))
	}
}

//go:noinline
func variantTopic(trigger string) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook variantHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		return d.event(trigger, string(hook.ID), false, time.Time{}, hook.variant())
	}
}

//go:noinline
func checkoutTopic(trigger string, once bool) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook checkoutHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		c := hook.checkout(d.body)
		return d.event(trigger, c.ID, once, hook.UpdatedAt, c)
	}
}

// deleted is a record that is gone.
type deleted struct {
	ID string `json:"id" doc:"Id of the record that is gone" ja:"削除されたレコードのID"`
}

//go:noinline
func deletedTopic(trigger string) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook struct {
			ID scalar `json:"id"`
		}
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		return d.event(trigger, string(hook.ID), true, time.Time{}, deleted{ID: string(hook.ID)})
	}
}

func (d delivery) customerDeleted() ([]abi.Event, error) {
	var hook struct {
		ID scalar `json:"id"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	var c customer
	c.ID, c.Deleted = string(hook.ID), true
	return d.event("customer.deleted", c.ID, true, time.Time{}, c)
}

// orderDeleted tells of an order that is gone: nothing was bought by it, whatever is told late.
func (d delivery) orderDeleted() ([]abi.Event, error) {
	var hook struct {
		ID scalar `json:"id"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	var o order
	o.ID, o.IsPurchase, o.UpdatedAt = string(hook.ID), new(bool), d.at
	return d.event("order.deleted", o.ID, true, time.Time{}, o)
}

// merge is two customers that became one; the record is of the one that is
// gone. Nobody is gone by a merge that failed or is under way.
type merge struct {
	commerce.Customer
	KeptID    string `json:"kept_id" doc:"Id of the customer that stays" ja:"残る顧客のID"`
	DeletedID string `json:"deleted_id,omitempty" doc:"Id of the customer that is gone" ja:"なくなった顧客のID"`
	Raw       raw    `json:"raw" doc:"The body" ja:"本文"`
}

func (d delivery) merged() ([]abi.Event, error) {
	var hook struct {
		Kept    string `json:"admin_graphql_api_customer_kept_id"`
		Deleted string `json:"admin_graphql_api_customer_deleted_id"`
		Status  string `json:"status"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	m := merge{KeptID: number(hook.Kept), DeletedID: number(hook.Deleted), Raw: raw(d.body)}
	m.ID, m.State = firstText(m.DeletedID, m.KeptID), hook.Status
	if m.DeletedID != "" && m.KeptID != "" && strings.EqualFold(hook.Status, "completed") {
		m.Deleted, m.MergedInto = true, m.KeptID
	}
	return d.event("customer.merged", m.KeptID, false, time.Time{}, m)
}

// orderFact is something about an order that tells little of it.
type orderFact struct {
	OrderID string          `json:"order_id" doc:"Id of the order" ja:"受注ID"`
	Amount  *commerce.Money `json:"amount,omitempty" doc:"What was paid back" ja:"返金額"`
	Raw     raw             `json:"raw" doc:"The body" ja:"本文"`
}

func (d delivery) edited() ([]abi.Event, error) {
	var hook struct {
		Edit struct {
			OrderID scalar `json:"order_id"`
		} `json:"order_edit"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	id := string(hook.Edit.OrderID)
	return d.event("order.edited", id, false, time.Time{}, orderFact{OrderID: id, Raw: raw(d.body)})
}

func (d delivery) refunded() ([]abi.Event, error) {
	var hook struct {
		ID           scalar            `json:"id"`
		OrderID      scalar            `json:"order_id"`
		Transactions []transactionHook `json:"transactions"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	fact := orderFact{OrderID: string(hook.OrderID), Raw: raw(d.body)}
	for _, t := range hook.Transactions {
		if part := money(t.Amount, t.Currency); part != nil && t.paidBack() {
			if fact.Amount == nil {
				fact.Amount = &commerce.Money{Currency: part.Currency}
			}
			fact.Amount.Amount += part.Amount
		}
	}
	events, err := d.event("order.refunded", fact.OrderID, false, time.Time{}, fact)
	if err == nil && hook.ID != "" {
		events[0].Dedupe = string(hook.ID)
	}
	return events, err
}

// parcel is what is sent of an order at once.
type parcel struct {
	ID          string               `json:"id" doc:"Id of the parcel (fulfillment)" ja:"フルフィルメントID"`
	OrderID     string               `json:"order_id" doc:"Id of the order" ja:"受注ID"`
	Number      string               `json:"number,omitempty" doc:"Its number, such as #1042.1" ja:"番号(例 #1042.1)"`
	State       string               `json:"state,omitempty" doc:"PENDING, OPEN, SUCCESS, CANCELLED, ERROR or FAILURE" ja:"状態"`
	Shipment    string               `json:"shipment_state,omitempty" doc:"How far it has come, such as IN_TRANSIT or DELIVERED" ja:"配送状況"`
	Carrier     string               `json:"carrier,omitempty" doc:"Who delivers" ja:"配送業者"`
	Tracking    string               `json:"tracking_number,omitempty" doc:"The carrier's number for it" ja:"送り状番号"`
	TrackingURL string               `json:"tracking_url,omitempty" doc:"Where to follow it" ja:"追跡URL"`
	Items       []commerce.OrderItem `json:"items,omitempty" doc:"What is in it" ja:"明細"`
	ShippedAt   time.Time            `json:"shipped_at,omitzero" doc:"When it was made" ja:"発送日時"`
	DeliveredAt time.Time            `json:"delivered_at,omitzero" doc:"When it arrived" ja:"配達日時"`
	UpdatedAt   time.Time            `json:"updated_at,omitzero" doc:"When it was last changed" ja:"更新日時"`
}

//go:noinline
func parcelTopic(trigger string, once bool) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook fulfillmentHook
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		node := hook.node()
		p := parcel{
			ID: string(hook.ID), OrderID: string(hook.OrderID), Number: hook.Name, State: node.Status, Shipment: node.Display,
			Carrier: hook.TrackingCompany, Tracking: hook.TrackingNumber, TrackingURL: hook.TrackingURL,
			ShippedAt: hook.CreatedAt, DeliveredAt: node.DeliveredAt, UpdatedAt: hook.UpdatedAt,
		}
		for i := range hook.Lines {
			p.Items = append(p.Items, hook.Lines[i].item(""))
		}
		return d.event(trigger, p.ID, once, hook.UpdatedAt, p)
	}
}

// stockLevel is the stock of one item at one location.
type stockLevel struct {
	ItemID     string    `json:"inventory_item_id" doc:"Id that the stock is kept by; stock.get tells the variant" ja:"在庫アイテムID(バリエーションはstock.getで取得)"`
	LocationID string    `json:"location_id" doc:"Id of the location" ja:"拠点ID"`
	Available  *int64    `json:"available,omitempty" doc:"Pieces that can be sold; missing if not counted" ja:"販売可能数(管理しない場合は無し)"`
	UpdatedAt  time.Time `json:"updated_at,omitzero" doc:"When it changed" ja:"更新日時"`
}

//go:noinline
func levelTopic(trigger string) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook struct {
			Item      scalar    `json:"inventory_item_id"`
			Location  scalar    `json:"location_id"`
			Available *int64    `json:"available"`
			UpdatedAt time.Time `json:"updated_at"`
		}
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		if hook.Item == "" || hook.Location == "" {
			return d.event(trigger, "", false, time.Time{}, nil)
		}
		level := stockLevel{ItemID: string(hook.Item), LocationID: string(hook.Location), Available: hook.Available, UpdatedAt: hook.UpdatedAt}
		return d.event(trigger, level.ItemID+"-"+level.LocationID, false, hook.UpdatedAt, level)
	}
}

// privacyRequest is one of the three requests that law makes the platform pass on.
type privacyRequest struct {
	ShopDomain string   `json:"shop_domain" doc:"The shop" ja:"ショップ"`
	CustomerID string   `json:"customer_id,omitempty" doc:"Id of the customer whom it is about" ja:"対象の顧客ID"`
	Email      string   `json:"email,omitempty" doc:"The customer's e-mail address" ja:"メールアドレス"`
	Phone      string   `json:"phone,omitempty" doc:"The customer's telephone number" ja:"電話番号"`
	OrderIDs   []string `json:"order_ids,omitempty" doc:"Ids of the orders that it is about" ja:"対象の受注ID"`
	RequestID  string   `json:"request_id,omitempty" doc:"Number of the request" ja:"請求の番号"`
}

//go:noinline
func privacyTopic(trigger string) reader {
	return func(d delivery) ([]abi.Event, error) {
		var hook struct {
			ShopID    scalar   `json:"shop_id"`
			Domain    string   `json:"shop_domain"`
			Requested []scalar `json:"orders_requested"`
			Redact    []scalar `json:"orders_to_redact"`
			Customer  struct {
				ID    scalar `json:"id"`
				Email string `json:"email"`
				Phone string `json:"phone"`
			} `json:"customer"`
			Request struct {
				ID scalar `json:"id"`
			} `json:"data_request"`
		}
		if err := d.decode(&hook); err != nil {
			return nil, err
		}
		request := privacyRequest{
			ShopDomain: hook.Domain, CustomerID: string(hook.Customer.ID), Email: hook.Customer.Email, Phone: hook.Customer.Phone, RequestID: string(hook.Request.ID),
		}
		for _, id := range append(hook.Requested, hook.Redact...) {
			request.OrderIDs = append(request.OrderIDs, string(id))
		}
		if hook.ShopID == "" && hook.Domain == "" {
			return d.event(trigger, "", false, time.Time{}, nil)
		}
		return d.event(trigger, firstText(request.CustomerID, hook.Domain), false, time.Time{}, request)
	}
}

// bulkDone is a bulk export or import that has ended, well or not.
type bulkDone struct {
	ID    string `json:"id" doc:"Id of the operation" ja:"一括処理のID"`
	Kind  string `json:"kind" enum:"export,import" doc:"What it was" ja:"種類(export=エクスポート、import=インポート)"`
	State string `json:"state" doc:"COMPLETED, FAILED, CANCELED or EXPIRED" ja:"状態"`
	Error string `json:"error,omitempty" doc:"Code of what went wrong" ja:"エラーコード"`
}

func (d delivery) exported() ([]abi.Event, error) {
	var hook struct {
		ID     string `json:"admin_graphql_api_id"`
		Type   string `json:"type"`
		Status string `json:"status"`
		Error  string `json:"error_code"`
	}
	if err := d.decode(&hook); err != nil {
		return nil, err
	}
	kind, _ := (&bulkOperation{Type: strings.ToUpper(hook.Type)}).kind()
	done := bulkDone{ID: number(hook.ID), Kind: kind, State: strings.ToUpper(hook.Status), Error: strings.ToUpper(hook.Error)}
	return d.event("bulk.finished", done.ID, true, time.Time{}, done)
}
