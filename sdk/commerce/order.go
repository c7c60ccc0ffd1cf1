package commerce

import "time"

// Order is what a customer bought at one time.
type Order struct {
	ID             string      `json:"id" doc:"The order's id at the platform" ja:"受注ID"`
	Number         string      `json:"number,omitempty" doc:"The number that customer and staff see" ja:"受注番号"`
	Status         OrderStatus `json:"status,omitempty" doc:"open, shipped, delivered or cancelled; missing if the platform's word is not known" ja:"状況(open=未発送、shipped=発送済、delivered=配達済、cancelled=キャンセル、不明なら無し)"`
	IsPurchase     *bool       `json:"is_purchase,omitempty" doc:"False where nothing was bought, or not yet: a test, an order that is not complete or whose payment failed; missing if unknown" ja:"購入として数えるか(テスト・未完了・決済失敗の注文はfalse、不明なら無し)"`
	State          string      `json:"state,omitempty" doc:"The platform's own word for the order's state" ja:"対応状況(プラットフォームの表記)"`
	PaymentState   string      `json:"payment_state,omitempty" doc:"The platform's own word for the payment's state" ja:"決済状況(プラットフォームの表記)"`
	PaymentMethod  string      `json:"payment_method,omitempty" doc:"How it is paid" ja:"決済方法"`
	CustomerID     string      `json:"customer_id,omitempty" doc:"Id of the customer; empty for a guest" ja:"顧客ID(ゲストは空)"`
	Email          string      `json:"email,omitempty" doc:"The buyer's e-mail address" ja:"メールアドレス"`
	Phone          string      `json:"phone,omitempty" doc:"The buyer's telephone number, digits only" ja:"電話番号(数字のみ)"`
	SubscriptionID string      `json:"subscription_id,omitempty" doc:"The subscription it belongs to" ja:"定期受注ID"`
	IsSubscription *bool       `json:"is_subscription,omitempty" doc:"Whether it is a delivery of a subscription; missing if unknown" ja:"定期の受注か(不明なら無し)"`
	Times          int64       `json:"times,omitempty" doc:"Which delivery of the subscription it is, from 1" ja:"定期回数"`
	Items          []OrderItem `json:"items,omitempty" doc:"What was bought" ja:"明細"`
	Subtotal       *Money      `json:"subtotal,omitempty" doc:"The items together" ja:"小計"`
	Discount       *Money      `json:"discount,omitempty" doc:"Reductions together, positive" ja:"値引き"`
	Shipping       *Money      `json:"shipping,omitempty" doc:"Cost of delivery" ja:"送料"`
	Fee            *Money      `json:"fee,omitempty" doc:"Fees of the way of payment" ja:"手数料"`
	Tax            *Money      `json:"tax,omitempty" doc:"Tax in it" ja:"消費税"`
	Total          *Money      `json:"total,omitempty" doc:"What is to be paid" ja:"合計"`
	Refunded       *Money      `json:"refunded,omitempty" doc:"What was paid back" ja:"返金額"`
	Coupons        []string    `json:"coupons,omitempty" doc:"Coupon codes that were used" ja:"クーポン"`
	Billing        *Address    `json:"billing,omitempty" doc:"Who pays" ja:"請求先"`
	Delivery       *Address    `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Carrier        string      `json:"carrier,omitempty" doc:"Who delivers" ja:"配送業者"`
	Tracking       string      `json:"tracking_number,omitempty" doc:"The carrier's number for the parcel" ja:"送り状番号"`
	TrackingURL    string      `json:"tracking_url,omitempty" doc:"Where to follow the parcel" ja:"追跡URL"`
	DeliverOn      Date        `json:"deliver_on,omitempty" doc:"Planned day of delivery" ja:"お届け予定日"`
	AdminURL       string      `json:"admin_url,omitempty" doc:"Its page in the platform's console" ja:"管理画面のURL"`
	Source         string      `json:"source,omitempty" doc:"Where the order came from: a page, a campaign" ja:"流入元"`
	Note           string      `json:"note,omitempty" doc:"What the buyer or staff wrote" ja:"備考"`
	Tags           []string    `json:"tags,omitempty" doc:"Labels" ja:"タグ"`
	OrderedAt      time.Time   `json:"ordered_at,omitzero" doc:"When it was placed" ja:"注文日時"`
	PaidAt         time.Time   `json:"paid_at,omitzero" doc:"When it was paid" ja:"入金日時"`
	ShippedAt      time.Time   `json:"shipped_at,omitzero" doc:"When it left" ja:"発送完了日時"`
	DeliveredAt    time.Time   `json:"delivered_at,omitzero" doc:"When it arrived" ja:"配送完了日時"`
	CancelledAt    time.Time   `json:"cancelled_at,omitzero" doc:"When it was cancelled" ja:"キャンセル日時"`
	CreatedAt      time.Time   `json:"created_at,omitzero" doc:"When it was created" ja:"作成日時"`
	UpdatedAt      time.Time   `json:"updated_at,omitzero" doc:"When it was last changed" ja:"更新日時"`
}

// OrderItem is one line of an order, a subscription or a cart.
type OrderItem struct {
	ID        string `json:"id,omitempty" doc:"The line's id at the platform" ja:"明細ID"`
	ProductID string `json:"product_id,omitempty" doc:"Id of the product" ja:"商品ID"`
	VariantID string `json:"variant_id,omitempty" doc:"Id of the variant" ja:"バリエーションID"`
	SKU       string `json:"sku,omitempty" doc:"Stock keeping unit" ja:"SKU"`
	Number    string `json:"number,omitempty" doc:"Product code that staff see: the product number or, where there is none, the SKU" ja:"商品番号(無い場合はSKU)"`
	Name      string `json:"name,omitempty" doc:"Name at the time of buying" ja:"商品名"`
	Variant   string `json:"variant,omitempty" doc:"Name of the variant" ja:"バリエーション名"`
	Quantity  int64  `json:"quantity" doc:"How many" ja:"数量"`
	Price     *Money `json:"price,omitempty" doc:"Price of one" ja:"単価"`
	Total     *Money `json:"total,omitempty" doc:"Price of the line" ja:"金額"`
	TaxRate   string `json:"tax_rate,omitempty" doc:"Tax rate in percent, as 8 or 10" ja:"税率(%)"`
	Image     string `json:"image,omitempty" doc:"Address of its picture" ja:"画像のURL"`
	URL       string `json:"url,omitempty" doc:"Its page in the shop" ja:"商品ページのURL"`
	// The subscription facts are the line's own: one order may hold both sorts.
	IsSubscription *bool  `json:"is_subscription,omitempty" doc:"Whether the line is a delivery of a subscription; missing if unknown" ja:"定期の明細か(不明なら無し)"`
	Times          int64  `json:"times,omitempty" doc:"Which delivery of its subscription it is, from 1" ja:"定期回数"`
	Plan           string `json:"plan,omitempty" doc:"Name of the subscription's plan" ja:"定期プラン名"`
}

// Subscription is an agreement to deliver again and again.
type Subscription struct {
	ID              string      `json:"id" doc:"The subscription's id at the platform" ja:"定期受注ID"`
	Number          string      `json:"number,omitempty" doc:"The number that customer and staff see" ja:"定期受注番号"`
	Status          Status      `json:"status,omitempty" doc:"active, paused or cancelled; missing if the platform's word is not known" ja:"状態(active=継続、paused=停止、cancelled=解約、不明なら無し)"`
	StatusRaw       string      `json:"status_raw,omitempty" doc:"The platform's own word" ja:"状態(プラットフォームの表記)"`
	StatusReason    string      `json:"status_reason,omitempty" doc:"Why it is paused or cancelled" ja:"停止・解約の理由"`
	StatusChangedAt time.Time   `json:"status_changed_at,omitzero" doc:"When the status became what it is" ja:"状態が変わった日時"`
	CustomerID      string      `json:"customer_id,omitempty" doc:"Id of the customer" ja:"顧客ID"`
	CustomerNumber  string      `json:"customer_number,omitempty" doc:"Number of the customer that staff see" ja:"顧客番号"`
	Email           string      `json:"email,omitempty" doc:"The customer's e-mail address" ja:"メールアドレス"`
	Items           []OrderItem `json:"items,omitempty" doc:"What is delivered each time" ja:"明細"`
	Total           *Money      `json:"total,omitempty" doc:"What each delivery costs" ja:"毎回の金額"`
	Times           int64       `json:"times,omitempty" doc:"Number of the next delivery, from 1" ja:"回数"`
	Orders          *int64      `json:"order_count,omitempty" doc:"How many orders it has had so far" ja:"受注回数"`
	Skips           *int64      `json:"skip_count,omitempty" doc:"How many deliveries were skipped" ja:"スキップ回数"`
	Plan            string      `json:"plan,omitempty" doc:"Name of its plan" ja:"定期プラン名"`
	Interval        string      `json:"interval,omitempty" doc:"How often, in the platform's words" ja:"お届け周期"`
	PaymentMethod   string      `json:"payment_method,omitempty" doc:"How it is paid" ja:"決済方法"`
	NextDelivery    Date        `json:"next_delivery_on,omitempty" doc:"Day of the next delivery" ja:"次回お届け日"`
	NextShipping    Date        `json:"next_shipping_on,omitempty" doc:"Day on which the next delivery leaves" ja:"次回発送日"`
	Delivery        *Address    `json:"delivery,omitempty" doc:"Where it goes" ja:"お届け先"`
	Note            string      `json:"note,omitempty" doc:"Note" ja:"備考"`
	Tags            []string    `json:"tags,omitempty" doc:"Labels" ja:"タグ"`
	CreatedAt       time.Time   `json:"created_at,omitzero" doc:"When it began" ja:"作成日時"`
	UpdatedAt       time.Time   `json:"updated_at,omitzero" doc:"When it was last changed" ja:"更新日時"`
}

// Checkout is a cart on its way to an order, or abandoned on it.
type Checkout struct {
	ID         string      `json:"id" doc:"The checkout's id at the platform" ja:"カートID"`
	Number     string      `json:"number,omitempty" doc:"The number that staff see" ja:"カート番号"`
	CustomerID string      `json:"customer_id,omitempty" doc:"Id of the customer; empty for a guest" ja:"顧客ID(ゲストは空)"`
	Email      string      `json:"email,omitempty" doc:"E-mail address" ja:"メールアドレス"`
	FullName   string      `json:"full_name,omitempty" doc:"The buyer's name" ja:"氏名"`
	Phone      string      `json:"phone,omitempty" doc:"Telephone number, digits only" ja:"電話番号(数字のみ)"`
	LineID     string      `json:"line_id,omitempty" doc:"LINE user id linked to the buyer" ja:"LINEユーザーID"`
	Items      []OrderItem `json:"items,omitempty" doc:"What lies in the cart" ja:"明細"`
	Subtotal   *Money      `json:"subtotal,omitempty" doc:"The items together" ja:"小計"`
	Total      *Money      `json:"total,omitempty" doc:"What is to be paid" ja:"合計"`
	Coupons    []string    `json:"coupons,omitempty" doc:"Coupon codes that were entered" ja:"クーポン"`
	Note       string      `json:"note,omitempty" doc:"What the buyer wrote" ja:"備考"`
	URL        string      `json:"url,omitempty" doc:"Where the buyer can go on" ja:"カートに戻るURL"`
	CreatedAt  time.Time   `json:"created_at,omitzero" doc:"When it began" ja:"作成日時"`
	UpdatedAt  time.Time   `json:"updated_at,omitzero" doc:"When it last changed" ja:"更新日時"`
	OrderedAt  time.Time   `json:"ordered_at,omitzero" doc:"When it became an order; missing while it is none" ja:"注文日時"`
}
