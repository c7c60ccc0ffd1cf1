package main

import (
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

const (
	// pollInterval is how often polls run unless the connection says otherwise.
	pollInterval = 10 * time.Minute
	// pollOverlap is how far each round of a poll goes back: searches find
	// changes seconds late, up to a minute.
	pollOverlap = 5 * time.Minute
)

func triggers() []sdk.Trigger {
	return slices.Concat(customerTriggers(), orderTriggers(), productTriggers(), checkoutTriggers(), subscriptionTriggers(), shopTriggers())
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

func customerTriggers() []sdk.Trigger {
	created, updated := text("Customer created", "顧客が作成された"), text("Customer updated", "顧客が更新された")
	return slices.Concat(announce[customer](
		named{"customer.created", created}, named{"customer.updated", updated},
		named{"customer.enabled", text("Customer's account enabled", "顧客アカウントが有効になった")},
		named{"customer.disabled", text("Customer's account disabled", "顧客アカウントが無効になった")},
		named{"customer.deleted", text("Customer deleted", "顧客が削除された")},
	), announce[tagChange](
		named{"customer.tagged", text("Tags added to a customer", "顧客にタグが付いた")},
		named{"customer.untagged", text("Tags removed from a customer", "顧客のタグが外れた")},
	), announce[merge](
		named{"customer.merged", text("Two customers merged", "顧客が統合された")},
	), []sdk.Trigger{
		sdk.Poll[customer]("customer.created", created, pollInterval, customerSource("customer.created", byCreation).poll()),
		sdk.Poll[customer]("customer.updated", updated, pollInterval, customerSource("customer.updated", byChange).poll()),
	})
}

func orderTriggers() []sdk.Trigger {
	created, updated := text("Order created", "注文が作成された"), text("Order updated", "注文が更新された")
	shipped := text("Order shipped completely", "注文がすべて発送された")
	return slices.Concat(announce[order](
		named{"order.created", created}, named{"order.updated", updated}, named{"order.shipped", shipped},
		named{"order.paid", text("Order paid", "注文が支払われた")},
		named{"order.partially_shipped", text("Part of an order shipped", "注文の一部が発送された")},
		named{"order.cancelled", text("Order cancelled", "注文がキャンセルされた")},
		named{"order.deleted", text("Order deleted", "注文が削除された")},
	), announce[orderFact](
		named{"order.edited", text("Order's lines edited; read it again", "注文の明細が編集された(再取得が必要)")},
		named{"order.refunded", text("Money paid back", "返金された")},
	), announce[parcel](
		named{"fulfillment.created", text("Parcel sent", "配送(フルフィルメント)が作成された")},
		named{"fulfillment.updated", text("Parcel's state changed", "配送(フルフィルメント)が更新された")},
	), []sdk.Trigger{
		sdk.Poll[order]("order.created", created, pollInterval, orderSource("order.created", byCreation).poll()),
		sdk.Poll[order]("order.updated", updated, pollInterval, orderSource("order.updated", byChange).poll()),
		sdk.Poll[order]("order.shipped", shipped, pollInterval, shippedSource().poll()),
	})
}

func productTriggers() []sdk.Trigger {
	created, updated := text("Product created", "商品が作成された"), text("Product updated; sales change its stock, so this comes often", "商品が更新された(販売による在庫変動でも発生)")
	return slices.Concat(announce[product](
		named{"product.created", created}, named{"product.updated", updated},
	), announce[deleted](
		named{"product.deleted", text("Product deleted", "商品が削除された")},
	), announce[variant](
		named{"variant.sold_out", text("Variant sold out", "バリエーションが在庫切れになった")},
		named{"variant.restocked", text("Variant in stock again", "バリエーションが再入荷した")},
	), announce[stockLevel](
		named{"stock.updated", text("Stock changed at a location", "拠点の在庫数が変わった")},
		named{"stock.connected", text("Item stocked at a location from now on", "拠点での在庫管理が始まった")},
		named{"stock.disconnected", text("Item no longer stocked at a location", "拠点での在庫管理が終わった")},
	), []sdk.Trigger{
		sdk.Poll[product]("product.created", created, pollInterval, productSource("product.created", byCreation).poll()),
		sdk.Poll[product]("product.updated", updated, pollInterval, productSource("product.updated", byChange).poll()),
	})
}

func checkoutTriggers() []sdk.Trigger {
	return append(announce[checkout](
		named{"checkout.created", text("Checkout begun", "チェックアウトが始まった")},
		named{"checkout.updated", text("Checkout changed, or completed", "チェックアウトが更新・完了した")},
		named{"checkout.deleted", text("Checkout deleted", "チェックアウトが削除された")},
	), sdk.Poll[checkout]("checkout.abandoned", text("Checkout left unfinished; once for each", "チェックアウトが離脱された(1件につき1回)"), pollInterval, pollAbandoned))
}

func subscriptionTriggers() []sdk.Trigger {
	return announce[contract](
		named{"subscription.created", text("Subscription began", "定期が始まった")},
		named{"subscription.updated", text("Subscription changed: a delivery was skipped, for one", "定期が変更された(スキップなど)")},
		named{"subscription.paused", text("Subscription paused", "定期が停止された")},
		named{"subscription.resumed", text("Subscription goes on", "定期が再開された")},
		named{"subscription.cancelled", text("Subscription ended", "定期が解約された")},
	)
}

func shopTriggers() []sdk.Trigger {
	return slices.Concat(announce[privacyRequest](
		named{"privacy.data_requested", text("A customer wants to see stored data: answer within 30 days", "顧客が保存データの開示を求めた(30日以内に対応)")},
		named{"privacy.customer_redacted", text("A customer's data must be erased within 30 days", "顧客データの消去が求められた(30日以内に対応)")},
		named{"privacy.shop_redacted", text("The shop's data must be erased within 30 days", "ショップのデータの消去が求められた(30日以内に対応)")},
	), announce[bulkDone](
		named{"bulk.finished", text("Bulk export or import finished", "一括エクスポート・一括インポートが終わった")},
	), announce[other](
		named{"app.uninstalled", text("App uninstalled: the token is dead", "アプリがアンインストールされた(トークンは無効)")},
		named{otherEvent, text("Any other event of Shopify; its topic is in the data", "その他のShopifyイベント(トピックはデータ内)")},
	))
}
