package codec

import (
	"encoding/json"
	"testing"
	"time"
)

// customer is shaped like the customers that connectors return.
type customer struct {
	ID        string    `json:"id"`
	Number    string    `json:"number,omitempty"`
	State     string    `json:"state,omitempty"`
	Email     string    `json:"email,omitempty"`
	Phone     string    `json:"phone,omitempty"`
	FullName  string    `json:"full_name,omitempty"`
	LastName  string    `json:"last_name,omitempty"`
	FirstName string    `json:"first_name,omitempty"`
	Kana      string    `json:"kana,omitempty"`
	Birthday  string    `json:"birthday,omitempty"`
	Address   *address  `json:"address,omitempty"`
	Tags      []string  `json:"tags,omitempty"`
	OptIn     *bool     `json:"opt_in,omitempty"`
	Orders    int64     `json:"order_count,omitempty"`
	Spent     *money    `json:"spent,omitempty"`
	LineID    string    `json:"line_id,omitempty"`
	Note      string    `json:"note,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

type address struct {
	FullName     string `json:"full_name,omitempty"`
	Phone        string `json:"phone,omitempty"`
	Postcode     string `json:"postcode,omitempty"`
	Country      string `json:"country,omitempty"`
	Prefecture   string `json:"prefecture,omitempty"`
	PrefectureID int64  `json:"prefecture_id,omitempty"`
	City         string `json:"city,omitempty"`
	Line1        string `json:"line1,omitempty"`
	Line2        string `json:"line2,omitempty"`
	Full         string `json:"full,omitempty"`
}

type money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// customerText is 1.2 KB of a customer.
const customerText = `{"id":"30511","number":"7ac01be9f2","state":"member","email":"hanako@example.com","phone":"09011112222",` +
	`"full_name":"山田 花子","last_name":"山田","first_name":"花子","kana":"ヤマダ ハナコ","birthday":"1988-04-02",` +
	`"address":{"full_name":"山田 花子","phone":"09011112222","postcode":"1500001","country":"JP","prefecture":"東京都","prefecture_id":13,` +
	`"city":"渋谷区神宮前","line1":"1-2-3","line2":"サンプルマンション 101","full":"東京都渋谷区神宮前1-2-3 サンプルマンション 101"},` +
	`"tags":["VIP","定期","春生まれ"],"opt_in":true,"order_count":3,"spent":{"amount":11940,"currency":"JPY"},` +
	`"line_id":"U0123456789abcdef0123456789abcdef","note":"電話は夕方以降にお願いします。留守のときは宅配ボックスへ。",` +
	`"created_at":"2024-01-10T09:12:40+09:00","updated_at":"2025-02-11T21:03:10+09:00"}`

func BenchmarkDecode(b *testing.B) {
	benchmarkDecode[customer](b, Unmarshal)
}

func BenchmarkDecodeStandard(b *testing.B) {
	benchmarkDecode[customer](b, json.Unmarshal)
}

func BenchmarkDecodeAny(b *testing.B) {
	benchmarkDecode[any](b, Unmarshal)
}

func BenchmarkDecodeAnyStandard(b *testing.B) {
	benchmarkDecode[any](b, json.Unmarshal)
}

func benchmarkDecode[T any](b *testing.B, decode func([]byte, any) error) {
	b.ReportAllocs()
	text := []byte(customerText)
	for b.Loop() {
		var v T
		if err := decode(text, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) { benchmarkEncode[customer](b, Marshal) }

func BenchmarkEncodeStandard(b *testing.B) { benchmarkEncode[customer](b, json.Marshal) }

func BenchmarkEncodeAny(b *testing.B) { benchmarkEncode[any](b, Marshal) }

func benchmarkEncode[T any](b *testing.B, encode func(any) ([]byte, error)) {
	b.ReportAllocs()
	var v T
	if err := Unmarshal([]byte(customerText), &v); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := encode(v); err != nil {
			b.Fatal(err)
		}
	}
}
