package rehearse

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// Made-up people. What is beyond the list gets a number.
var (
	hanNames      = []string{"山田", "花子", "佐藤", "太郎", "鈴木", "次郎", "高橋", "桜"}
	katakanaNames = []string{"ヤマダ", "ハナコ", "サトウ", "タロウ", "スズキ", "ジロウ", "タカハシ", "サクラ"}
	hiraganaNames = []string{"やまだ", "はなこ", "さとう", "たろう", "すずき", "じろう", "たかはし", "さくら"}
	latinNames    = []string{"Yamada", "Hanako", "Sato", "Taro", "Suzuki", "Jiro", "Takahashi", "Sakura"}
	mailboxes     = []string{"hanako", "taro", "jiro", "sakura"}
)

// prefectureForm finds the prefecture at the beginning of an address: rules may ask for it.
var prefectureForm = regexp.MustCompile(`^(東京都|北海道|京都府|大阪府|\p{Han}{2,3}県)`)

// makeUp makes up the n-th value of a kind, in the form of the text.
func (m *Mask) makeUp(k kind, text string, n int) string {
	switch k {
	case kindEmail:
		return m.address(text, n)
	case kindPhone, kindPostcode:
		return counted(text, n)
	case kindAddress:
		return prefectureForm.FindString(text) + "見本町1-2-" + strconv.Itoa(n)
	case kindBirthday:
		return dateForm.ReplaceAllString(text, text[:4]+text[4:5]+"01"+text[4:5]+"01")
	case kindFree:
		return "見本の文 " + strconv.Itoa(n)
	case kindSecret:
		return "masked-" + strconv.Itoa(n)
	case kindID:
		return counted(text, n)
	default:
		return text
	}
}

func (m *Mask) address(text string, n int) string {
	domain := "example.com"
	if _, own, ok := strings.Cut(strings.ToLower(text), "@"); ok && strings.Contains(strings.ToLower(m.Rules), own) {
		domain = own
	}
	return pick(mailboxes, n, "person") + "@" + domain
}

// name replaces a name part by part, so that first and last names fit the full one.
func (m *Mask) name(text string) string {
	return nameParts.ReplaceAllStringFunc(text, func(part string) string {
		key := string(kindName) + "\x00" + part
		if _, known := m.known[key]; !known {
			names := map[*unicode.RangeTable][]string{
				unicode.Katakana: katakanaNames, unicode.Hiragana: hiraganaNames, unicode.Latin: latinNames, unicode.Han: hanNames,
			}[script(part)]
			of := kindName + kind(names[0])
			m.counts[of]++
			m.known[key] = pick(names, m.counts[of], names[0])
		}
		return m.known[key]
	})
}

// nameParts are the parts of a name, whichever blanks are between them.
var nameParts = regexp.MustCompile(`[^\s\x{3000}\x{00a0}]+`)

func pick(list []string, n int, otherwise string) string {
	if n <= len(list) {
		return list[n-1]
	}
	return otherwise + strconv.Itoa(n)
}

// counted writes n into the last letters and digits of an id or number, over
// zeros: what it begins with tells its sort, and stays.
func counted(text string, n int) string {
	const head = 3
	number := strconv.Itoa(n)
	length := len(text)
	if length <= head {
		return fmt.Sprintf("%0*d", length, n)
	}
	if length < head+len(number) {
		return text[:1] + fmt.Sprintf("%0*d", length-1, n)
	}
	made := []byte(text)
	for i := head; i < length; i++ {
		c := rune(text[i])
		switch at := i - (length - len(number)); {
		case at >= 0:
			made[i] = number[at]
		case c < unicode.MaxASCII && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			made[i] = '0'
		}
	}
	return strings.ToValidUTF8(string(made), "")
}

// likeness writes digits with the marks of a text.
func likeness(text, digits string) string {
	i := 0
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' || i >= len(digits) {
			return r
		}
		i++
		return rune(digits[i-1])
	}, text)
}
