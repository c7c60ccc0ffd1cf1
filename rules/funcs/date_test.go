package funcs_test

import "testing"

func TestDatesAtTheirEdges(t *testing.T) {
	examine(t, map[string]string{
		`date('2025-02-' + '30')`:                                                    `failure: "2025-02-30" is not a date like 2025-02-11`,
		`date(2025, 2, 30)`:                                                          `failure: there is no day 2025-2-30`,
		`date('9999-12-31').plusDays(1)`:                                             `failure: the result is outside of the years 1 to 9999`,
		`date('2025-01-01').plusDays(9223372036854775807)`:                           `failure: the result is outside of the years 1 to 9999`,
		`date('2024-02-29').plusMonths(12)`:                                          `"2025-02-28"`,
		`date('2025-03-31').plusMonths(-1)`:                                          `"2025-02-28"`,
		`date('2025-12-24').inSeason('12-01', '02-28')`:                              `true`,
		`date('2025-06-01').inSeason('12-01', '02-28')`:                              `false`,
		`date('2025-06-01').inSeason('2025-01-01', '02-28')`:                         `failure: "2025-01-01" is not a day of the year like 03-01`,
		`date('2025-02-16').weekday()`:                                               `7`,
		`date('2000-02-29').age(date('2025-02-28'))`:                                 `24`,
		`date('2025-02-11') == date(2025, 2, 11)`:                                    `true`,
		`date('2025-02-11') >= date('2025-02-12')`:                                   `false`,
		`string(date('2025-02-11'))`:                                                 `"2025-02-11"`,
		`'25-02-11x'.parseDate()`:                                                    `failure: "25-02-11x" is not a date or time`,
		`''.parseDate()`:                                                             `failure: "" is not a date or time`,
		`[date('2025-03-01'), date('2025-02-01')].exists(d, d < date('2025-02-15'))`: `true`,
	})
}
