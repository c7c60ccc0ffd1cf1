// Package commerce is the model that carts share, so that a rule written for
// one reads the same for another. A connector fills in what its platform knows
// and leaves the rest out; what is left out is unknown, never empty or zero on
// purpose. Ids are strings, times carry an offset, money is integer minor units.
//
// A connector that has more to say embeds these types in its own.
package commerce

import "time"

// Customer is a person or company that buys.
type Customer struct {
	ID           string    `json:"id" doc:"The customer's id at the platform" ja:"顧客ID"`
	Number       string    `json:"number,omitempty" doc:"The number that staff see, where it differs from the id" ja:"顧客番号"`
	State        string    `json:"state,omitempty" doc:"The platform's own word for the customer's state" ja:"顧客の状態(プラットフォームの表記)"`
	Deleted      bool      `json:"deleted,omitempty" doc:"True where the customer is no longer there: deleted, or merged into another" ja:"削除・統合されて、もういない顧客ならtrue"`
	MergedInto   string    `json:"merged_into,omitempty" doc:"Id of the customer whom a deleted one became" ja:"統合先の顧客ID"`
	Email        string    `json:"email" doc:"E-mail address; empty if unknown" ja:"メールアドレス(不明なら空)"`
	Phone        string    `json:"phone,omitempty" doc:"Telephone number, digits only" ja:"電話番号(数字のみ)"`
	FullName     string    `json:"full_name" doc:"Family name and given name, a blank between; empty if unknown" ja:"氏名(不明なら空)"`
	LastName     string    `json:"last_name,omitempty" doc:"Family name" ja:"姓"`
	FirstName    string    `json:"first_name,omitempty" doc:"Given name" ja:"名"`
	Kana         string    `json:"kana,omitempty" doc:"Reading of the full name, in katakana" ja:"氏名(カナ)"`
	LastKana     string    `json:"last_kana,omitempty" doc:"Reading of the family name" ja:"姓(カナ)"`
	FirstKana    string    `json:"first_kana,omitempty" doc:"Reading of the given name" ja:"名(カナ)"`
	Company      string    `json:"company,omitempty" doc:"Company name" ja:"会社名"`
	Birthday     Date      `json:"birthday,omitempty" doc:"Date of birth" ja:"生年月日"`
	Sex          string    `json:"sex,omitempty" enum:"male,female,other" doc:"Sex, if the customer said so" ja:"性別"`
	Address      *Address  `json:"address,omitempty" doc:"Billing or main address" ja:"住所"`
	Tags         []string  `json:"tags,omitempty" doc:"Labels that staff or rules gave" ja:"タグ"`
	OptIn        *bool     `json:"opt_in,omitempty" doc:"Whether the customer agreed to receive news" ja:"メール配信の同意"`
	Orders       *int64    `json:"order_count,omitempty" doc:"How many orders the customer placed" ja:"購入回数"`
	Spent        *Money    `json:"spent,omitempty" doc:"What the customer spent in total" ja:"累計購入金額"`
	Points       *int64    `json:"points,omitempty" doc:"Balance of points" ja:"保有ポイント"`
	Rank         string    `json:"rank,omitempty" doc:"Customer rank" ja:"会員ランク"`
	LineID       string    `json:"line_id,omitempty" doc:"LINE user id linked to the customer" ja:"LINEユーザーID"`
	Cleared      []string  `json:"cleared,omitempty" doc:"Which of phone, email and line_id the platform says are empty, as against those that it left out" ja:"phone・email・line_idのうち、プラットフォームで空であることが分かっているもの(省略されただけのものは含まない)"`
	Note         string    `json:"note,omitempty" doc:"Staff's note" ja:"メモ"`
	AdminURL     string    `json:"admin_url,omitempty" doc:"The customer's page in the platform's console" ja:"管理画面のURL"`
	FirstOrderAt time.Time `json:"first_order_at,omitzero" doc:"When the first order was placed" ja:"初回注文日時"`
	LastOrderAt  time.Time `json:"last_order_at,omitzero" doc:"When the last order was placed" ja:"最終注文日時"`
	// Subscriptions and their status belong to carts that tell them with the customer.
	Subscriptions      []Subscription `json:"subscriptions,omitempty" doc:"The customer's subscriptions, where the platform tells them with the customer" ja:"定期(プラットフォームが顧客と共に示す場合)"`
	SubscriptionStatus Status         `json:"subscription_status,omitempty" doc:"active if any subscription is, else paused if any is, else cancelled; missing if there is none or nobody knows" ja:"定期の状態(1件でも継続ならactive、次にpaused、cancelled。無い・不明なら無し)"`
	CreatedAt          time.Time      `json:"created_at,omitzero" doc:"When the customer was created" ja:"作成日時"`
	UpdatedAt          time.Time      `json:"updated_at,omitzero" doc:"When the customer was last changed" ja:"更新日時"`
}

// Address is a postal address.
type Address struct {
	FullName     string `json:"full_name,omitempty" doc:"Addressee" ja:"宛名"`
	LastName     string `json:"last_name,omitempty" doc:"Addressee's family name" ja:"姓"`
	FirstName    string `json:"first_name,omitempty" doc:"Addressee's given name" ja:"名"`
	Company      string `json:"company,omitempty" doc:"Company" ja:"会社名"`
	Phone        string `json:"phone,omitempty" doc:"Telephone number, digits only" ja:"電話番号(数字のみ)"`
	Postcode     string `json:"postcode,omitempty" doc:"Postcode; Japanese ones are seven digits" ja:"郵便番号"`
	Country      string `json:"country,omitempty" doc:"ISO 3166 code of two letters" ja:"国コード"`
	Prefecture   string `json:"prefecture,omitempty" doc:"Prefecture or state" ja:"都道府県"`
	PrefectureID int64  `json:"prefecture_id,omitempty" doc:"JIS number of the prefecture, 1 to 47" ja:"都道府県コード(1〜47)"`
	City         string `json:"city,omitempty" doc:"City, ward, town" ja:"市区町村"`
	Line1        string `json:"line1,omitempty" doc:"Street and number" ja:"番地"`
	Line2        string `json:"line2,omitempty" doc:"Building and room" ja:"建物名・部屋番号"`
	Full         string `json:"full,omitempty" doc:"The whole address in one line" ja:"住所(全体)"`
}

// Product is something that is sold, in one or more variants.
type Product struct {
	ID        string    `json:"id" doc:"The product's id at the platform" ja:"商品ID"`
	Number    string    `json:"number,omitempty" doc:"Product number that staff see" ja:"商品番号"`
	Name      string    `json:"name,omitempty" doc:"Name" ja:"商品名"`
	State     string    `json:"state,omitempty" doc:"The platform's own word for its state" ja:"状態(プラットフォームの表記)"`
	OnSale    *bool     `json:"on_sale,omitempty" doc:"Whether it can be bought now" ja:"販売中か"`
	Text      string    `json:"description,omitempty" doc:"Description, as the platform has it" ja:"説明"`
	URL       string    `json:"url,omitempty" doc:"Page in the shop" ja:"商品ページのURL"`
	Images    []string  `json:"images,omitempty" doc:"Addresses of its pictures" ja:"画像のURL"`
	Category  []string  `json:"categories,omitempty" doc:"Categories" ja:"カテゴリ"`
	Tags      []string  `json:"tags,omitempty" doc:"Labels" ja:"タグ"`
	Variants  []Variant `json:"variants,omitempty" doc:"What can be put into a cart" ja:"バリエーション"`
	CreatedAt time.Time `json:"created_at,omitzero" doc:"When it was created" ja:"作成日時"`
	UpdatedAt time.Time `json:"updated_at,omitzero" doc:"When it was last changed" ja:"更新日時"`
}

// Variant is one form of a product: a size, a colour.
type Variant struct {
	ID        string            `json:"id" doc:"The variant's id at the platform" ja:"バリエーションID"`
	ProductID string            `json:"product_id,omitempty" doc:"Id of its product" ja:"商品ID"`
	SKU       string            `json:"sku,omitempty" doc:"Stock keeping unit" ja:"SKU"`
	Name      string            `json:"name,omitempty" doc:"Name" ja:"名称"`
	Barcode   string            `json:"barcode,omitempty" doc:"JAN, EAN or UPC" ja:"JANコード"`
	Price     *Money            `json:"price,omitempty" doc:"What it costs now" ja:"販売価格"`
	ListPrice *Money            `json:"list_price,omitempty" doc:"What it costs without a reduction" ja:"定価"`
	Options   map[string]string `json:"options,omitempty" doc:"What tells it from its siblings" ja:"オプション"`
	Stock     *int64            `json:"stock,omitempty" doc:"Pieces in stock, all places together" ja:"在庫数"`
}

// StockLevel is how many pieces of one variant lie in one place.
type StockLevel struct {
	SKU       string    `json:"sku" doc:"Stock keeping unit" ja:"SKU"`
	VariantID string    `json:"variant_id,omitempty" doc:"The variant's id at the platform" ja:"バリエーションID"`
	ProductID string    `json:"product_id,omitempty" doc:"The product's id at the platform" ja:"商品ID"`
	Location  string    `json:"location,omitempty" doc:"Code or id of the place" ja:"在庫拠点"`
	Stock     int64     `json:"stock" doc:"Pieces that can be sold" ja:"在庫数"`
	Unlimited bool      `json:"unlimited,omitempty" doc:"Whether stock is not counted" ja:"在庫無制限か"`
	UpdatedAt time.Time `json:"updated_at,omitzero" doc:"When it last changed" ja:"更新日時"`
}
