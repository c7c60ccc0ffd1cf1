package funcs_test

import "testing"

func TestPhonesOfEveryKind(t *testing.T) {
	examine(t, map[string]string{
		`'0120-111-222'.phoneParts()`:     `["0120","111","222"]`,
		`'045-123-4567'.formatPhone()`:    `"045-123-4567"`,
		`''.formatPhone()`:                `""`,
		`'+1 555 0100'.phone()`:           `"+15550100"`,
		`'12345'.e164()`:                  `failure: "12345" is not a Japanese telephone number`,
		`'03-1234-5678'.isMobile()`:       `false`,
		`'0800-123-4567'.isMobile()`:      `false`,
		`'+1 415 555 0100'.formatPhone()`: `"+14155550100"`,
		`'070-1234-5678'.isMobile()`:      `true`,
	})
}
