package funcs_test

import "testing"

func TestListsAtTheirEdges(t *testing.T) {
	examine(t, map[string]string{
		`[1, 2].filter(i, i > 5).sum()`:                   `0`,
		`[1.5, 2.5].sum()`:                                `4`,
		`[9223372036854775807, 1].sum()`:                  `failure: the sum is too large for a number`,
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
