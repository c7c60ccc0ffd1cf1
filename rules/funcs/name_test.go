package funcs_test

import "testing"

func TestNamesWithoutABlank(t *testing.T) {
	examine(t, map[string]string{
		`'山田花子'.lastName()`:       `"山田花子"`,
		`'山田花子'.firstName()`:      `""`,
		`'山田  花 子'.firstName()`:   `"花 子"`,
		`''.honorific()`:          `"お客様"`,
		`'山田 花子 様'.honorific()`:   `"山田 花子 様"`,
		`'株式会社結び 御中'.honorific()`: `"株式会社結び 御中"`,
	})
}
