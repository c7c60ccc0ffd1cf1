package jp

import "strings"

// prefectures in the order of JIS X 0401, number 1 first.
var prefectures = [...]string{
	"北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
	"埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県",
	"岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
	"鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
	"佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
}

// Prefecture returns the name of the prefecture with that JIS number, 1 to 47, or "".
func Prefecture(number int) string {
	if number < 1 || number > len(prefectures) {
		return ""
	}
	return prefectures[number-1]
}

// PrefectureNumber returns the JIS number of a prefecture, 0 if there is none
// of that name. 東京 is understood as well as 東京都.
func PrefectureNumber(name string) int {
	name = Narrow(name)
	for i, full := range prefectures {
		if name == full || (name != "" && name == short(full)) {
			return i + 1
		}
	}
	return 0
}

// SplitAddress cuts the prefecture off the front of an address; number is 0 if it has none.
func SplitAddress(address string) (number int, rest string) {
	address = strings.TrimSpace(address)
	for i, full := range prefectures {
		if after, ok := strings.CutPrefix(address, full); ok {
			return i + 1, strings.TrimSpace(after)
		}
	}
	return 0, address
}

// short returns a prefecture's name without 都, 府 or 県; 北海道 stays whole.
func short(full string) string {
	if full == "北海道" {
		return full
	}
	for _, suffix := range []string{"都", "府", "県"} {
		if name, ok := strings.CutSuffix(full, suffix); ok {
			return name
		}
	}
	return full
}
