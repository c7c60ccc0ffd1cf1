package sdk

import (
	"strings"
	"unicode/utf8"

	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/jp"
)

// Text returns the body as text, without the mark of its byte order. It is read in the charset that the delivery's
// Content-Type names, else in the one given here, else as UTF-8; Shift_JIS is
// that of Windows, CP932. A body that is not what it should be, or in a charset
// that is none of these, is an error of kind Invalid.
func (d Delivery) Text(charset string) (string, error) {
	text, err := d.decode(d.Body, charset)
	return strings.TrimPrefix(text, "\ufeff"), err
}

// Form returns the fields of the form that is the body: of each name its
// values, in their order. Its characters are read as [Delivery.Text] does.
func (d Delivery) Form(charset string) (map[string][]string, error) {
	form := map[string][]string{}
	for pair := range strings.SplitSeq(string(d.Body), "&") {
		if pair == "" {
			continue
		}
		escapedName, escapedValue, _ := strings.Cut(pair, "=")
		name, err := d.field(escapedName, charset)
		if err != nil {
			return nil, err
		}
		value, err := d.field(escapedValue, charset)
		if err != nil {
			return nil, err
		}
		form[name] = append(form[name], value)
	}
	return form, nil
}

// field reads a name or a value of a form.
func (d Delivery) field(escaped, charset string) (string, error) {
	plain, ok := unescape(escaped)
	if !ok {
		return "", Errorf(abi.Invalid, "the form is broken: a %% without two hexadecimal digits")
	}
	return d.decode(plain, charset)
}

func (d Delivery) decode(text []byte, charset string) (string, error) {
	if named := charsetOf(d.Header("Content-Type")); named != "" {
		charset = named
	}
	switch strings.ToLower(charset) {
	case "shift_jis", "shift-jis", "x-sjis", "sjis", "ms_kanji", "windows-31j", "cp932", "ms932":
		return jp.FromCP932(text), nil
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return "", Errorf(abi.Invalid, "the delivery is written in %q, and only UTF-8 and Shift_JIS can be read", charset)
	}
	if !utf8.Valid(text) {
		return "", Errorf(abi.Invalid, "the delivery is not UTF-8, and its Content-Type names no other charset")
	}
	return string(text), nil
}

// charsetOf returns the parameter charset of a Content-Type, "" if it has none.
func charsetOf(contentType string) string {
	_, params, _ := strings.Cut(contentType, ";")
	for param := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(param, "="); strings.EqualFold(strings.TrimSpace(name), "charset") {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// unescape undoes what a form does to its names and values. net/url, which can do it, is too big for a plugin.
func unescape(escaped string) (plain []byte, ok bool) {
	plain = make([]byte, 0, len(escaped))
	for i := 0; i < len(escaped); i++ {
		switch c := escaped[i]; c {
		case '+':
			plain = append(plain, ' ')
		case '%':
			if len(escaped) < i+3 {
				return nil, false
			}
			high, low := hexDigit(escaped[i+1]), hexDigit(escaped[i+2])
			if high < 0 || low < 0 {
				return nil, false
			}
			plain = append(plain, byte(high<<4|low))
			i += 2
		default:
			plain = append(plain, c)
		}
	}
	return plain, true
}

// hexDigit returns the value of a hexadecimal digit, -1 for what is none.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}
