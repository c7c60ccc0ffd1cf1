package funcs_test

import "testing"

func TestAddressesThatAreNone(t *testing.T) {
	examine(t, map[string]string{
		`'123'.postcode()`:                       `failure: "123" is not a Japanese postcode of seven digits`,
		`'123'.postcodeParts()`:                  `failure: "123" is not a Japanese postcode of seven digits`,
		`prefecture(48)`:                         `failure: 48 is not the number of a prefecture (1 to 47)`,
		`'ロンドン'.prefectureNumber().hasValue()`:   `false`,
		`'ロンドン1-1'.prefectureOf().orValue('なし')`: `"なし"`,
		`'ロンドン1-1'.withoutPrefecture()`:          `"ロンドン1-1"`,
		`[1, 13, 47].map(n, prefecture(n))`:      `["北海道","東京都","沖縄県"]`,
		`'沖縄県'.prefectureNumber()`:               `47`,
	})
}
