package funcs_test

import "testing"

func TestDecimalsAreExact(t *testing.T) {
	examine(t, map[string]string{
		`decimal('0.1') + decimal('0.2')`:                 `"0.3"`,
		`decimal('0.1') * 3`:                              `"0.3"`,
		`3 * decimal('0.1') == decimal('0.30')`:           `true`,
		`10 - decimal('0.01')`:                            `"9.99"`,
		`-decimal('1.50')`:                                `"-1.50"`,
		`1 < decimal('1.01') && decimal('1.01') < 2`:      `true`,
		`2 >= decimal('2.00')`:                            `true`,
		`decimal('９，８０００')`:                               `failure: "９，８０００" is not a number like 1234.50`,
		`decimal('￥9,800円')`:                              `"9800"`,
		`decimal('12,50')`:                                `failure: "12,50" is not a number like 1234.50`,
		`decimal('')`:                                     `failure: "" is not a number like 1234.50`,
		`decimal(1250, 'USD')`:                            `"12.50"`,
		`decimal(1250, 'ZZZ')`:                            `failure: "ZZZ" is not a known currency`,
		`decimal('1').divide(8, 2, 'half')`:               `"0.13"`,
		`decimal('-1').divide(8, 2, 'down')`:              `"-0.12"`,
		`decimal('1').divide(decimal('0.00'), 2, 'half')`: `failure: this divides by zero`,
		`decimal('1').divide(3, 21, 'half')`:              `failure: a decimal has 0 to 20 digits behind the point, not 21`,
		`decimal('1').round(0, 'floor')`:                  `failure: "floor" is not a way to round: write 'down', 'up' or 'half'`,
		`decimal('1980.00').minor('JPY')`:                 `1980`,
		`decimal('1980.50').minor('JPY')`:                 `failure: 1980.50 is finer than JPY: say how to round, as in minor("JPY", 'half')`,
		`decimal('1980.50').minor('JPY', 'down')`:         `1980`,
		`decimal('1980.50').minor('JPY', 'floor')`:        `failure: "floor" is not a way to round: write 'down', 'up' or 'half'`,
		`decimal('1').minor('ZZZ')`:                       `failure: "ZZZ" is not a known currency`,
		`decimal('99999999999999999999').minor('JPY')`:    `failure: the amount is too large`,
		`decimal('99999999999999999999').comma()`:         `"99,999,999,999,999,999,999"`,
		`decimal('-1234.5').comma()`:                      `"-1,234.5"`,
		`int(decimal('2.5'))`:                             `failure: 2.5 is not a whole number: round it first, as in round(0, 'half')`,
		`double(decimal('2.5'))`:                          `2.5`,
		`string(decimal('2.50')) + '!'`:                   `"2.50!"`,
		`[decimal('1.5'), decimal('2.25')].sum()`:         `"3.75"`,
		`[1, 2].sum(i, decimal(i) * decimal('0.5'))`:      `"1.5"`,
		`[decimal('1.5'), decimal('1.50')].distinct()`:    `["1.5"]`,
		`decimal('1.5') in [decimal('1.50')]`:             `true`,
		`'12,50'.minor('EUR')`:                            `failure: "12,50" is not an amount in EUR`,
	})
}
