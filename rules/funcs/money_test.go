package funcs_test

import "testing"

func TestMoneyIsExact(t *testing.T) {
	examine(t, map[string]string{
		`(-1999).tax(10, 'down')`:                 `-199`,
		`(-1999).tax(10, 'up')`:                   `-200`,
		`1995.tax(10, 'half')`:                    `200`,
		`1994.tax(10, 'half')`:                    `199`,
		`1000.tax(10, 'up')`:                      `100`,
		`1000.tax(10, 'floor')`:                   `failure: "floor" is not a way to round: write 'down', 'up' or 'half'`,
		`1000.tax(101, 'up')`:                     `failure: a tax rate is 0 to 100 percent, not 101`,
		`9223372036854775807.plusTax(10, 'down')`: `failure: the amount is too large`,
		`922337203685477580.tax(10, 'down')`:      `92233720368547758`,
		`'1,234.5'.minor('USD')`:                  `123450`,
		`'1980.00'.minor('JPY')`:                  `1980`,
		`'1980.50'.minor('JPY')`:                  `failure: "1980.50" is not an amount in JPY`,
		`'-0.05'.minor('USD')`:                    `-5`,
		`'.50'.minor('USD')`:                      `failure: ".50" is not an amount in USD`,
		`'1.-5'.minor('USD')`:                     `failure: "1.-5" is not an amount in USD`,
		`'5'.minor('ZZZ')`:                        `failure: "ZZZ" is not a known currency`,
		`5.major('USD')`:                          `"0.05"`,
		`(-1250).major('USD')`:                    `"-12.50"`,
		`1980.major('JPY')`:                       `"1980"`,
		`(-1234).comma()`:                         `"-1,234"`,
		`999.comma()`:                             `"999"`,
		`0.yen()`:                                 `"0円"`,
		`450789469 + 1`:                           `450789470`,
		`string(9007199254740993)`:                `"9007199254740993"`,
	})
}
