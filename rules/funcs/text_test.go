package funcs_test

import "testing"

func TestTextAtItsEdges(t *testing.T) {
	examine(t, map[string]string{
		`{'a': ' x '}.?a.filled().orValue('-')`:   `" x "`,
		`{'a': 'x'}.?b.filled().orValue('-')`:     `"-"`,
		`dyn({'a': 3}).?a.filled().hasValue()`:    `failure: filled() is for texts, and this value is none`,
		`dyn({'a': null}).?a.filled().hasValue()`: `false`,
		`'　'.filled().hasValue()`:                 `false`,
		`''.left(3)`:                              `""`,
		`'ab'.left(-1)`:                           `""`,
		`'ab'.right(9)`:                           `"ab"`,
		`'abc'.limit(3)`:                          `"abc"`,
		`'abc'.limit(0)`:                          `""`,
		`'abc'.padLeft(2, '0')`:                   `"abc"`,
		`'1'.padLeft(99999, '0').size()`:          `1000`,
		`'1'.padLeft(3, 'ab')`:                    `failure: padLeft() fills with one letter, not "ab"`,
		`'a\r\nb'.lines()`:                        `["a","b"]`,
		`'ｶﾞｷﾞ'.narrow()`:                         `"ガギ"`,
		`'𠮷野家'.left(1)`:                           `"𠮷"`,
		`' x '.trim()`:                            `"x"`,
		`'a,b'.split(',')`:                        `["a","b"]`,
		`['a','b'].join('、')`:                     `"a、b"`,
	})
}
