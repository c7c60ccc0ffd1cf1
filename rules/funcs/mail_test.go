package funcs_test

import "testing"

func TestMailAddressesThatAreNone(t *testing.T) {
	examine(t, map[string]string{
		`'hanako'.isEmail()`:                 `false`,
		`'Hanako <h@example.com>'.isEmail()`: `false`,
		`'h@localhost'.isEmail()`:            `false`,
		`''.isEmail()`:                       `false`,
		`'h@x@example.com'.emailDomain()`:    `"example.com"`,
		`'h@Example.com '.emailDomain()`:     `"example.com"`,
		`'none'.emailDomain()`:               `""`,
	})
}
