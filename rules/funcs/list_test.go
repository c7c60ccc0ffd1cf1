package funcs_test

import "testing"

func TestListsAtTheirEdges(t *testing.T) {
	examine(t, map[string]string{
		`[1, 2].filter(i, i > 5).sum()`:                   `0`,
		`[1.5, 2.5].sum()`:                                `4`,
		`[9223372036854775807, 1].sum()`:                  `failure: the sum is too large for a number`,
		`dyn([1, 2.5]).sum()`:                             `3.5`,
		`dyn([2.5, 1]).sum()`:                             `3.5`,
		`[1, decimal('2.5')].sum()`:                       `"3.5"`,
		`[].sum(i, decimal('1')) * decimal('2')`:          `"0"`,
		`dyn([1, '2']).sum()`:                             `failure: sum() adds numbers, and an item is none: turn texts into numbers, as in x.sum(i, int(i.price))`,
		`dyn([1.5, null]).sum()`:                          `failure: sum() adds numbers, and an item is none: turn texts into numbers, as in x.sum(i, int(i.price))`,
		`['a'].hasAny([])`:                                `false`,
		`['a'].hasAll([])`:                                `true`,
		`[1, 2, 3].take(9)`:                               `[1,2,3]`,
		`[1, 2, 3].take(-1)`:                              `[]`,
		`[1, 2, 3].chunk(0)`:                              `[[1],[2],[3]]`,
		`['b', 'a', 'b'].distinct()`:                      `["b","a"]`,
		`[3, 1, 2].sort()`:                                `[1,2,3]`,
		`[{'n': 2}, {'n': 1}].sortBy(i, i.n).map(i, i.n)`: `[1,2]`,
		`[1, 2].first().orValue(0)`:                       `1`,
		`['x', 'y', 'x'].groupBy(i, i).map(k, k)`:         `["x","y"]`,
		`{'b': 1, 'a': 2}.map(k, k)`:                      `["a","b"]`,
	})
}

func TestSorting(t *testing.T) {
	examine(t, map[string]string{
		`[{'d': date('2025-02-11')}, {'d': date('2024-02-29')}].sortBy(i, i.d)`: `[{"d":"2024-02-29"},{"d":"2025-02-11"}]`,
		`[date('2025-02-11'), date('2024-02-29')].sort()`:                       `["2024-02-29","2025-02-11"]`,
		`[decimal('1.5'), decimal('-3'), decimal('10')].sortBy(i, i)`:           `["-3","1.5","10"]`,
		`['b', 'a', 'A', '10', '9'].sortBy(i, i)`:                               `["10","9","A","a","b"]`,
		`[{'n': 'b'}, {}].sortBy(i, i.?n.orValue(''))`:                          `[{},{"n":"b"}]`,
		`dyn([1, 'a', null]).sortBy(i, i)`:                                      `failure: this sorts by values of one kind, and one is of another kind or null: turn all into one, as with string(…) or .orValue('')`,
		`[birthday('--04-02')].sortBy(i, i)`:                                    `failure: sortBy() goes by a whole number, a decimal number, true or false, a duration, a time, text, bytes, a date, an exact decimal, not by a birthday.`,
		`['a'].groupBy(i, 1)`:                                                   `failure: groupBy() goes by text, not by a whole number.`,
		`math.greatest([1].filter(i, i > 3))`:                                   `failure: the list is empty, so nothing is the largest or smallest: ask with size() > 0 first`,
		`[1].max()`:                                                             `failure: There is no function "max" here. Write: math.greatest(x)`,
	})
}
