package commerce

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk/abi"
)

// Date is a calendar day without a time zone, 2006-01-02; empty means unknown.
type Date string

// DateOf returns the day that t falls on in its own zone; the zero time gives the empty Date.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return ""
	}
	return Date(t.Format(time.DateOnly))
}

// Schema says that a Date is a string of format "date".
func (Date) Schema() *abi.Schema { return &abi.Schema{Type: abi.TypeString, Format: "date"} }

// Money is an amount in a currency's smallest unit: yen, cents. It is never a float.
type Money struct {
	Amount   int64  `json:"amount" doc:"Amount in the smallest unit of the currency (yen, cents)" ja:"金額(最小通貨単位。円ならそのまま)"`
	Currency string `json:"currency" doc:"ISO 4217 code, such as JPY" ja:"通貨コード(JPYなど)"`
}

// Yen returns an amount of Japanese yen.
func Yen(amount int64) *Money { return &Money{Amount: amount, Currency: "JPY"} }

// ParseMoney reads a decimal such as "1200", "1200.00" or "-12.5" exactly. More
// places than the currency has are an error, unless they are zeros.
func ParseMoney(text, currency string) (*Money, error) {
	currency = strings.ToUpper(currency)
	whole, fraction, _ := strings.Cut(strings.TrimSpace(text), ".")
	places := decimals(currency)
	if trimmed := strings.TrimRight(fraction, "0"); len(trimmed) > places {
		return nil, fmt.Errorf("%q has more than the %d decimals of %s", text, places, currency)
	}
	fraction = (fraction + "0000")[:places]
	if !digits(strings.TrimLeft(whole, "+-")) || (fraction != "" && !digits(fraction)) {
		return nil, fmt.Errorf("%q is not an amount", text)
	}
	amount, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not an amount", text)
	}
	return &Money{Amount: amount, Currency: currency}, nil
}

// Decimal returns the amount the way people write it: "1200" for yen, "12.50" for dollars.
func (m Money) Decimal() string {
	places := decimals(m.Currency)
	text := strconv.FormatInt(m.Amount, 10)
	if places == 0 {
		return text
	}
	sign := ""
	if m.Amount < 0 {
		sign, text = "-", text[1:]
	}
	for len(text) <= places {
		text = "0" + text
	}
	return sign + text[:len(text)-places] + "." + text[len(text)-places:]
}

// decimals returns how many decimals the currency has (ISO 4217).
func decimals(currency string) int {
	switch strings.ToUpper(currency) {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
