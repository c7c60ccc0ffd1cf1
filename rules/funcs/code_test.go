package funcs_test

import "testing"

func TestCodes(t *testing.T) {
	examine(t, map[string]string{
		`''.sha256().size()`:            `64`,
		`'山田'.md5().size()`:             `32`,
		`'{'.parseJson()`:               `failure: this text is not JSON`,
		`json(duration('1h'))`:          `failure: a value of this kind (a duration) cannot be passed on`,
		`base64.encode(b'abc')`:         `"YWJj"`,
		`string(base64.decode('YWJj'))`: `"abc"`,
	})
}
