package memberfile

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// cell is how the text of a field is read.
type cell func(text, currency string) (any, *Fault)

// itemPrefix begins the fields of an order's lines.
const itemPrefix = "item."

var item = map[string]cell{
	"item.number": asText, "item.sku": asText, "item.product_id": asText, "item.name": asText,
	"item.quantity": asNumber, "item.price": asMoney, "item.times": asNumber,
}

// kinds are the fields that a file can have of each kind.
var kinds = map[abi.Model]map[string]cell{
	abi.ModelCustomer: {
		"id": asText, "number": asText, "full_name": asText, "last_name": asText, "first_name": asText,
		"kana": asText, "last_kana": asText, "first_kana": asText, "email": asText, "phone": asText,
		"birthday": asDay, "sex": asText, "line_id": asText, "updated_at": asMoment, "created_at": asMoment,
	},
	abi.ModelOrder: with(item, map[string]cell{
		"id": asText, "number": asText, "customer_id": asText, "email": asText, "phone": asText, "status": asText,
		"subscription_id": asText, "times": asNumber, "total": asMoney, "ordered_at": asMoment, "shipped_at": asMoment,
		"cancelled_at": asMoment, "updated_at": asMoment,
	}),
	abi.ModelSubscription: with(item, map[string]cell{
		"id": asText, "customer_id": asText, "status": asText, "times": asNumber, "updated_at": asMoment, "created_at": asMoment,
	}),
	abi.ModelContact: {
		"user_id": asText, "display_name": asText, "phone": asText, "email": asText, "birthday": asBirthday, "following": asYes,
	},
}

func with(some, more map[string]cell) map[string]cell {
	all := make(map[string]cell, len(some)+len(more))
	for _, fields := range []map[string]cell{some, more} {
		for name, read := range fields {
			all[name] = read
		}
	}
	return all
}

func asText(text, _ string) (any, *Fault) { return text, nil }

// plainNumber takes what people write around numbers off: 1,200円, ￥1200, ３個.
// The yen sign of CP932 reads as a backslash.
func plainNumber(text string) string {
	return strings.Trim(strings.ReplaceAll(jp.Narrow(text), ",", ""), "円¥\\個回 ")
}

func asNumber(text, _ string) (any, *Fault) {
	n, err := strconv.ParseInt(plainNumber(text), 10, 64)
	if err != nil {
		return nil, wrong("%q is no whole number", "「%s」は整数ではありません", text)
	}
	return n, nil
}

func asMoney(text, currency string) (any, *Fault) {
	amount, err := commerce.ParseMoney(plainNumber(text), currency)
	if err != nil {
		return nil, wrong("%q is no amount of %s", "「%s」は金額(%s)として読めません", text, currency)
	}
	return amount, nil
}

func asMoment(text, _ string) (any, *Fault) {
	at, err := jp.ParseTime(text)
	if err != nil {
		return nil, wrong("%q is no date or time", "「%s」は日時として読めません", text)
	}
	return at, nil
}

func asDay(text, _ string) (any, *Fault) {
	at, err := jp.ParseTime(text)
	if err != nil {
		return nil, wrong("%q is no date", "「%s」は日付として読めません", text)
	}
	return commerce.DateOf(at), nil
}

// asBirthday reads a date, or a day of the year such as 4/2 or 04-02.
func asBirthday(text, _ string) (any, *Fault) {
	if at, err := jp.ParseTime(text); err == nil {
		return commerce.DateOf(at), nil
	}
	month, day, found := strings.Cut(strings.ReplaceAll(strings.TrimLeft(jp.Narrow(text), "-"), "/", "-"), "-")
	m, monthErr := strconv.Atoi(month)
	d, dayErr := strconv.Atoi(day)
	if !found || monthErr != nil || dayErr != nil || m < 1 || m > 12 || d < 1 || d > 31 {
		return nil, wrong("%q is no birthday", "「%s」は誕生日として読めません", text)
	}
	return fmt.Sprintf("--%02d-%02d", m, d), nil
}

func asYes(text, _ string) (any, *Fault) {
	switch strings.ToLower(jp.Narrow(text)) {
	case "1", "true", "yes", "on", "はい", "有効", "有":
		return true, nil
	case "0", "false", "no", "off", "いいえ", "無効", "無", "ブロック":
		return false, nil
	default:
		return nil, wrong("%q is neither yes nor no", "「%s」は、はい・いいえのどちらでもありません", text)
	}
}
