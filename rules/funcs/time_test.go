package funcs_test

import "testing"

func TestTimesAcrossZones(t *testing.T) {
	examine(t, map[string]string{
		`timestamp('2025-07-01T00:00:00Z').at('09:00', 'America/New_York')`:                                     `"2025-06-30T09:00:00-04:00"`,
		`timestamp('2025-07-01T00:00:00Z').at('9 o clock')`:                                                     `failure: "9 o clock" is not a time of day like 18:00`,
		`timestamp('2025-07-01T00:00:00Z').at('09:00', 'Mars')`:                                                 `failure: "Mars" is not a time zone like Asia/Tokyo`,
		`timestamp('2025-07-01T00:00:00Z').date('Local')`:                                                       `failure: "Local" is not a time zone like Asia/Tokyo`,
		`timestamp('2025-06-30T16:00:00Z').date()`:                                                              `"2025-07-01"`,
		`date('2025-07-01').at('18:00')`:                                                                        `"2025-07-01T18:00:00+09:00"`,
		`timestamp('2025-01-31T10:00:00+09:00').plusMonths(1)`:                                                  `"2025-02-28T10:00:00+09:00"`,
		`timestamp('2025-01-31T10:00:00+09:00').plusMinutes(90)`:                                                `"2025-01-31T11:30:00+09:00"`,
		`timestamp('2025-01-31T10:00:00Z').plusHours(-9223372036854775807) < timestamp('2025-01-01T00:00:00Z')`: `true`,
		`timestamp('2025-02-11T00:05:00Z').format('M/d H:mm')`:                                                  `"2/11 9:05"`,
		`timestamp('2025-03-31T20:00:00Z').format('第1回 M月d日 18:00まで')`:                                          `"第1回 4月1日 18:00まで"`,
		`timestamp('2025-03-31T20:00:00Z').format('2006 Jan Z07:00')`:                                           `"2006 Jan Z07:00"`,
		`timestamp('2025-03-31T15:00:00Z').format('yyyy-MM-ddTHH:mm:ss H')`:                                     `"2025-04-01T00:00:00 0"`,
		`timestamp('2025-03-31T20:00:00Z').format(['YYYY-MM-DD'][0])`:                                           `failure: format() does not know "YYYY": it writes yyyy MM dd HH mm ss M d H E`,
		`timestamp('2025-01-30T20:00:00Z').plusMonths(1).format('M/d H:mm')`:                                    `"2/28 5:00"`,
		`date('2025-02-11').format('yyyy/MM/dd')`:                                                               `"2025/02/11"`,
		`timestamp('2025-02-11T12:00:00Z') - timestamp('2025-02-11T11:00:00Z') == duration('1h')`:               `true`,
		`'2025-02-11'.parseTime()`:                                                                              `"2025-02-11T00:00:00+09:00"`,
		`'next week'.parseTime()`:                                                                               `failure: "next week" is not a date or time`,
	})
}
