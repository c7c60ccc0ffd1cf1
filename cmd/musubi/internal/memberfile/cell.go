package memberfile

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

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
		"id": asID, "number": asText, "full_name": asText, "last_name": asText, "first_name": asText,
		"kana": asText, "last_kana": asText, "first_kana": asText, "email": asText, "phone": asPhone,
		"birthday": asBirthday, "sex": asText, "line_id": asText, "updated_at": asMoment, "created_at": asMoment,
	},
	abi.ModelOrder: with(item, map[string]cell{
		"id": asID, "number": asText, "customer_id": asID, "email": asText, "phone": asPhone, "status": asText,
		"subscription_id": asID, "times": asNumber, "total": asMoney, "ordered_at": asMoment, "shipped_at": asMoment,
		"cancelled_at": asMoment, "updated_at": asMoment,
	}),
	abi.ModelSubscription: with(item, map[string]cell{
		"id": asID, "customer_id": asID, "status": asText, "times": asNumber, "updated_at": asMoment, "created_at": asMoment,
	}),
	abi.ModelContact: {
		"user_id": asID, "display_name": asText, "phone": asPhone, "email": asText, "birthday": asBirthday, "following": asYes,
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

// shortened is how spreadsheets write a long number in a narrow column, 8.19012E+11,
// and save it: many ids become the same one.
var shortened = regexp.MustCompile(`^[0-9](\.[0-9]+)?[Ee]\+[0-9]+$`)

func asID(text, _ string) (any, *Fault) {
	if shortened.MatchString(jp.Narrow(text)) {
		return nil, wrong("%q is a number whose digits a spreadsheet left out: export the column as text", "「%s」は表計算ソフトが桁を省いた数です。列を文字列にして書き出してください", text)
	}
	return text, nil
}

// amount is a telephone number of Japan that a spreadsheet took for an amount: it
// has lost its first zero, or the plus before the country.
var amount = regexp.MustCompile(`^(?:([1-9][0-9]{8}|[25-9]0[0-9]{8})|(81[1-9][0-9]{8,9}))$`)

func asPhone(text, currency string) (any, *Fault) {
	number := amount.FindStringSubmatch(jp.Narrow(text))
	switch {
	case number == nil:
		return asID(text, currency)
	case number[1] != "":
		return "0" + number[1], nil
	default:
		return "+" + number[2], nil
	}
}

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

// asBirthday reads a date, or a day of the year such as 4/2 or 04-02.
func asBirthday(text, _ string) (any, *Fault) {
	if at, err := jp.ParseTime(text); err == nil {
		return commerce.DateOf(at), nil
	}
	month, day, found := strings.Cut(strings.ReplaceAll(strings.TrimLeft(jp.Narrow(text), "-"), "/", "-"), "-")
	m, monthErr := strconv.Atoi(month)
	d, dayErr := strconv.Atoi(day)
	const leapYear = 2000
	_, noDay := time.Parse(time.DateOnly, fmt.Sprintf("%d-%02d-%02d", leapYear, m, d))
	if !found || monthErr != nil || dayErr != nil || noDay != nil {
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
