package main

import (
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
	"github.com/musubi-run/musubi/sdk/page"
)

const (
	// pollInterval is how often polls run unless the connection says otherwise.
	pollInterval = 10 * time.Minute
	// pollOverlap is how far each round of a poll goes back before the last one's end.
	pollOverlap = 5 * time.Minute
	// shippedLate is how long after its shipping an order is still announced as
	// shipped. Staff enter shipping late; but who edits an old order next year ships nothing.
	shippedLate = 31 * 24 * time.Hour
)

func triggers() []sdk.Trigger {
	return slices.Concat(customerTriggers(), orderTriggers(), subscriptionTriggers(), productTriggers(), []sdk.Trigger{
		sdk.Announce[other](otherEvent, text("Any other event of ecforce; its name is in the data", "その他のecforceイベント(名前はデータ内)")),
	})
}

func customerTriggers() []sdk.Trigger {
	created, updated := text("Customer created", "顧客が登録された"), text("Customer updated", "顧客が更新された")
	linked := text("LINE linked to the customer", "顧客にLINEが連携された")
	return append(announce[customer](
		named{"customer.created", created}, named{"customer.updated", updated},
		named{"customer.deleted", text("Customer deleted", "顧客が削除された")},
		named{"customer.joined", text("Customer became a member", "顧客が会員になった")},
		named{"customer.withdrawn", text("Customer withdrew", "顧客が退会した")},
	),
		sdk.Poll[customer]("customer.created", created, pollInterval, customerSource("customer.created", byCreation).Poll()),
		sdk.Poll[customer]("customer.updated", updated, pollInterval, customerSource("customer.updated", byChange).Poll()),
		sdk.Poll[customer]("customer.line_linked", linked, pollInterval, lineLinkedSource().Poll()),
	)
}

func orderTriggers() []sdk.Trigger {
	created, updated := text("Order created; it may still be incomplete", "受注が作成された(未完成の場合あり)"), text("Order updated", "受注が更新された")
	shipped := text("Order shipped", "受注が発送完了になった")
	return append(announce[order](
		named{"order.created", created}, named{"order.updated", updated}, named{"order.shipped", shipped},
		named{"order.completed", text("Order built completely (order_completed)", "受注の構築が完了した(order_completed)")},
		named{"order.confirmed", text("Order entered the state 注文確定 (order_complete)", "対応状況が注文確定になった(order_complete)")},
		named{"order.delivered", text("Order delivered", "受注が配送完了になった")},
		named{"order.cancelled", text("Order cancelled", "受注がキャンセルされた")},
	),
		sdk.Poll[order]("order.created", created, pollInterval, orderSource("order.created", byCreation).Poll()),
		sdk.Poll[order]("order.updated", updated, pollInterval, orderSource("order.updated", byChange).Poll()),
		sdk.Poll[order]("order.shipped", shipped, pollInterval, shippedSource().Poll()),
	)
}

func subscriptionTriggers() []sdk.Trigger {
	updated := text("Subscription order updated", "定期受注が更新された")
	return append(announce[subscription](
		named{"subscription.updated", updated},
		named{"subscription.created", text("Subscription order created", "定期受注が作成された")},
		named{"subscription.activated", text("Subscription order became active", "定期受注が有効になった")},
		named{"subscription.paused", text("Subscription order was paused", "定期受注が停止された")},
		named{"subscription.cancelled", text("Subscription order was cancelled", "定期受注がキャンセルされた")},
	),
		sdk.Poll[subscription]("subscription.updated", updated, pollInterval, subscriptionSource().Poll()),
	)
}

func productTriggers() []sdk.Trigger {
	created, updated := text("Product registered", "商品が登録された"), text("Product updated", "商品が更新された")
	return append(announce[product](
		named{"product.created", created}, named{"product.updated", updated},
		named{"product.deleted", text("Product deleted", "商品が削除された")},
	),
		sdk.Poll[product]("product.created", created, pollInterval, productSource("product.created", byCreation).Poll()),
		sdk.Poll[product]("product.updated", updated, pollInterval, productSource("product.updated", byChange).Poll()),
	)
}

// named is a trigger's name with its title.
type named struct {
	name  string
	title abi.Text
}

// announce declares triggers that come by webhook.
func announce[T any](all ...named) []sdk.Trigger {
	declared := make([]sdk.Trigger, 0, len(all))
	for _, n := range all {
		declared = append(declared, sdk.Announce[T](n.name, n.title))
	}
	return declared
}

func text(en, ja string) abi.Text { return abi.Text{EN: en, JA: ja} }

// The times of change that lists can be followed by.
const (
	byChange   = "updated_at"
	byCreation = "created_at"
)

// changes is the list of path, followed by the attribute stamp. event makes the
// event of a row; include is asked for with every page.
func changes(path, stamp string, include func(settings) string, event func(settings, row) (abi.Event, error)) page.Source[row] {
	return page.Source[row]{
		Overlap: pollOverlap,
		PerPage: maxPer,
		Fetch: func(call *sdk.Call, window page.Window) (page.Batch[row], error) {
			s := shopOf(call)
			q := query{path: path, include: include(s.settings), sort: stamp + ",id", filters: since(stamp, window.From)}
			rows, _, more, err := q.page(s, window.Page, window.PerPage)
			return page.Batch[row]{Rows: rows, More: more}, err
		},
		Row: func(r row) (string, time.Time) { return r.ID, r.Attributes.moment(stamp) },
		Event: func(call *sdk.Call, r row) (abi.Event, error) {
			return event(shopOf(call).settings, r)
		},
	}
}

func since(attribute string, from time.Time) []filter {
	if from.IsZero() {
		return nil
	}
	return []filter{{"q[" + attribute + "_gteq]", jp.FormatTime(from)}}
}

// dedupeOf is the Dedupe of a polled event: the same as its webhook has. Empty
// leaves it to package page, which writes id and time as webhooks do.
func dedupeOf(id, stamp string) string {
	if stamp == byCreation {
		return id
	}
	return ""
}

func customerSource(trigger, stamp string) page.Source[row] {
	include := func(settings) string { return "billing_address" }
	return changes("customers", stamp, include, func(s settings, r row) (abi.Event, error) {
		return sdk.NewEvent(trigger, r.ID, dedupeOf(r.ID, stamp), r.Attributes.moment(stamp), customerOf(r, s.LineIDField))
	})
}

func orderSource(trigger, stamp string) page.Source[row] {
	return changes("orders", stamp, func(s settings) string { return s.OrderInclude }, func(s settings, r row) (abi.Event, error) {
		return sdk.NewEvent(trigger, r.ID, dedupeOf(r.ID, stamp), r.Attributes.moment(stamp), orderOf(r, &s))
	})
}

// shippedSource follows changed orders and announces those that have been
// shipped. It does not filter by shipped_at: staff and warehouses enter times
// that have passed, and a window over shipped_at would never see those.
func shippedSource() page.Source[row] {
	return changes("orders", byChange, func(s settings) string { return s.OrderInclude }, func(s settings, r row) (abi.Event, error) {
		shipped, updated := r.Attributes.moment("shipped_at"), r.Attributes.moment(byChange)
		if shipped.IsZero() || updated.Sub(shipped) > shippedLate {
			return abi.Event{}, nil
		}
		return sdk.NewEvent("order.shipped", r.ID, r.ID, shipped, orderOf(r, &s))
	})
}

func subscriptionSource() page.Source[row] {
	return changes("subs_orders", byChange, func(s settings) string { return s.SubsInclude }, func(s settings, r row) (abi.Event, error) {
		return sdk.NewEvent("subscription.updated", r.ID, "", r.Attributes.moment(byChange), subscriptionOf(r, s.Statuses))
	})
}

func productSource(trigger, stamp string) page.Source[row] {
	return changes("products", stamp, func(s settings) string { return s.ProductInclude }, func(_ settings, r row) (abi.Event, error) {
		return sdk.NewEvent(trigger, r.ID, dedupeOf(r.ID, stamp), r.Attributes.moment(stamp), productOf(r))
	})
}
