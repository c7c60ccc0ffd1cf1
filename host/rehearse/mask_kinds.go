package rehearse

import (
	"regexp"
	"strings"
	"unicode"
)

// kind is a sort of value that may tell who a person is.
type kind string

const (
	kindOther    kind = ""
	kindEmail    kind = "email"
	kindPhone    kind = "phone"
	kindName     kind = "name"
	kindPostcode kind = "postcode"
	kindAddress  kind = "address"
	kindBirthday kind = "birthday"
	kindFree     kind = "free"
	kindSecret   kind = "secret"
	kindID       kind = "id"
)

var (
	emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	phoneForm = regexp.MustCompile(`^(\+81|0)[0-9() -]{8,14}$`)
	dateForm  = regexp.MustCompile(`^\d{4}[-/]\d{1,2}[-/]\d{1,2}`)
)

// byField tells the kind by the field's name, in lower case without marks; the first that fits counts.
var byField = []struct {
	form *regexp.Regexp
	kind kind
}{
	{regexp.MustCompile(`password|secret|token|credit|cardn`), kindSecret},
	{regexp.MustCompile(`mail(address)?\d?c?$|メール`), kindEmail},
	{regexp.MustCompile(`tel(no)?\d*$|phone|mobile|fax|電話`), kindPhone},
	{regexp.MustCompile(`zip|postal|postcode|郵便`), kindPostcode},
	{regexp.MustCompile(`birth|生年月日|誕生`), kindBirthday},
	{regexp.MustCompile(`pref(ecture)?(id|code|name)?$|country|都道府県`), kindOther},
	{regexp.MustCompile(`addr|^line\d$|street|city|town|building|住所|番地|建物`), kindAddress},
	{regexp.MustCompile(`note|memo|comment|message|body|remark|備考|メモ`), kindFree},
	{regexp.MustCompile(`(first|last|full|given|family|nick|customer|user|contact|billing|shipping|person)name|^name\d*$|kana|^sei|^mei|氏名|お名前|姓|カナ`), kindName},
	{regexp.MustCompile(`ids?$|numbers?$|^no$|番号`), kindID},
}

// kindOf tells what a value is by its field and its form.
func kindOf(field, text string) kind {
	name := strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "", "__c", "").Replace(strings.TrimSuffix(field, "__c")))
	found := kindOther
	for _, by := range byField {
		if by.form.MatchString(name) {
			found = by.kind
			break
		}
	}
	switch {
	case emailForm.MatchString(text):
		return kindEmail
	case found == kindEmail || (found == kindBirthday && !dateForm.MatchString(text)):
		return kindOther
	case found == kindOther && phoneForm.MatchString(text) && len(digits(text)) >= 10:
		return kindPhone
	default:
		return found
	}
}

// digits returns the digits of a text.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

// plain is what equal values of a kind have in common, however they are written.
func plain(k kind, text string) string {
	switch k {
	case kindPhone, kindPostcode:
		return digits(text)
	case kindEmail:
		return strings.ToLower(text)
	default:
		return text
	}
}

// script tells in which letters a name is written.
func script(name string) *unicode.RangeTable {
	for _, r := range name {
		for _, table := range []*unicode.RangeTable{unicode.Katakana, unicode.Hiragana, unicode.Latin} {
			if unicode.Is(table, r) {
				return table
			}
		}
	}
	return unicode.Han
}
