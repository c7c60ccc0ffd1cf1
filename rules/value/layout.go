package value

import (
	"regexp"
	"strings"
	"time"
)

// layoutWord is a run of one of the letters that people write for parts of a time.
var layoutWord = regexp.MustCompile(`y+|Y+|M+|d+|D+|H+|h+|m+|s+|E+`)

var weekdays = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// FormatTime writes a time with yyyy MM dd HH mm ss M d H E; everything else
// stays as it is. unknown is the first run of such letters that means nothing.
func FormatTime(t time.Time, layout string) (text, unknown string) {
	text = layoutWord.ReplaceAllStringFunc(layout, func(word string) string {
		written := writtenAs(t, word)
		if written == "" && unknown == "" {
			unknown = word
		}
		return written
	})
	return text, unknown
}

func writtenAs(t time.Time, word string) string {
	switch word {
	case "yyyy":
		return t.Format("2006")
	case "MM":
		return t.Format("01")
	case "dd":
		return t.Format("02")
	case "HH":
		return t.Format("15")
	case "mm":
		return t.Format("04")
	case "ss":
		return t.Format("05")
	case "M":
		return t.Format("1")
	case "d":
		return t.Format("2")
	case "H":
		return strings.TrimPrefix(t.Format("15"), "0")
	case "E":
		return weekdays[t.Weekday()]
	default:
		return ""
	}
}

// MeantLayout replaces the letters that other systems use by those that FormatTime knows.
func MeantLayout(layout string) string {
	meant := map[string]string{"YYYY": "yyyy", "DD": "dd", "D": "d", "hh": "HH", "h": "H", "EE": "E", "EEE": "E"}
	return layoutWord.ReplaceAllStringFunc(layout, func(word string) string {
		if right := meant[word]; right != "" {
			return right
		}
		return word
	})
}
