package main

import (
	"math/big"
	"strings"
)

// currency is the shop's.
const currency = "JPY"

// sum adds decimal amounts, exactly. What is no amount counts nothing.
func sum(amounts ...string) string {
	total := new(big.Rat)
	for _, amount := range amounts {
		if r, ok := new(big.Rat).SetString(amount); ok {
			total.Add(total, r)
		}
	}
	return decimal(total)
}

// times multiplies a decimal amount.
func times(amount string, n int64) string {
	r, ok := new(big.Rat).SetString(amount)
	if !ok {
		return "0"
	}
	return decimal(r.Mul(r, new(big.Rat).SetInt64(n)))
}

// over divides a decimal amount, whose text is one of this file's.
func over(amount string, n int64) string {
	r, ok := new(big.Rat).SetString(amount)
	if !ok || n == 0 {
		return "0"
	}
	return decimal(r.Quo(r, new(big.Rat).SetInt64(n)))
}

func negative(amount string) string { return times(amount, -1) }

// decimal writes an amount without zeros at its end.
func decimal(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(4), "0")
}

// money is a MoneyV2 and a MoneyBag.
func money(amount string) object { return object{"amount": amount, "currencyCode": currency} }

func bag(amount string) object {
	return object{"shopMoney": money(amount), "presentmentMoney": money(amount)}
}

// bagAmount returns the shop's amount of a MoneyBagInput.
func bagAmount(v any) string {
	set, _ := v.(map[string]any)                  //nolint:errcheck // absent: nothing
	inner, _ := set["shopMoney"].(map[string]any) //nolint:errcheck // the schema says so
	return sum(asText(inner["amount"]))
}
