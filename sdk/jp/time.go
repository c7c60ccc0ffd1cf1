// Package jp reads and writes data the way Japanese shops have it: times in
// Japan without a zone, full-width digits, katakana of half width, telephone
// numbers and postcodes in parts, prefectures by number.
//
// It carries its own tables: plugins have no time zone database, and need no
// module but the SDK, which needs the standard library alone.
package jp

import (
	"fmt"
	"strings"
	"time"
)

// Zone is Japan Standard Time. Japan has had no summer time since 1951.
var Zone = time.FixedZone("JST", 9*60*60)

// layouts are the ways in which platforms write a time, after normalisation:
// hyphens between the parts of the date, one blank before the time.
var layouts = []string{
	"2006-1-2 15:4:5.999999999",
	"2006-1-2 15:4:5.999999999Z07:00",
	"2006-1-2 15:4:5.999999999-0700",
	"2006-1-2 15:4:5.999999999 -0700",
	"2006-1-2 15:4:5.999999999 Z07:00",
	"2006-1-2 15:4",
	"2006-1-2 15:4Z07:00",
	"2006-1-2 15",
	"2006-1-2",
	"20060102150405",
	"20060102",
}

// ParseTime reads a time such as "2025/02/11 21:03:09", "2025-02-11T21:03:09Z",
// "2025-2-11 21:03", "2025年2月11日" or "20250211". Without an offset it is
// Japan's; a date alone is its midnight. Empty text, and MySQL's
// "0000-00-00 00:00:00", are the zero time.
func ParseTime(text string) (time.Time, error) {
	if t, ok := plainTime(text); ok {
		return t, nil
	}
	s := normalizeTime(text)
	if s == "" || strings.HasPrefix(s, "0000-00-00") {
		return time.Time{}, nil
	}
	for _, layout := range layouts {
		if t, err := time.ParseInLocation(layout, s, Zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date or time", text)
}

// plainTime reads "2006/01/02 15:04:05", "2006-01-02 15:04:05" and the like
// without a time of day, which nearly all times are, twenty times as fast as layouts do in the sandbox. What is
// not exactly that, or no such time, is left to the others.
func plainTime(text string) (time.Time, bool) {
	const full = "0000-00-00 00:00:00"
	form := full
	switch len(text) {
	case len(full):
	case len(time.DateOnly):
		form = full[:len(time.DateOnly)]
	default:
		return time.Time{}, false
	}
	var numbers [6]int
	part := 0
	for i := range len(form) {
		c := text[i]
		switch {
		case form[i] == '0' && '0' <= c && c <= '9':
			numbers[part] = numbers[part]*10 + int(c-'0')
		case c == form[i] && c != '0', c == '/' && form[i] == '-':
			part++
		default:
			return time.Time{}, false
		}
	}
	t := time.Date(numbers[0], time.Month(numbers[1]), numbers[2], numbers[3], numbers[4], numbers[5], 0, Zone)
	asWritten := int(t.Month()) == numbers[1] && t.Day() == numbers[2] && t.Hour() == numbers[3] && t.Minute() == numbers[4] && t.Second() == numbers[5]
	return t, asWritten
}

// normalizeTime brings the separators of text into one form.
func normalizeTime(text string) string {
	s := strings.Map(timeMark, Narrow(text))
	s = strings.Join(strings.Fields(s), " ")
	return strings.TrimRight(s, ":")
}

// timeMark is what the layouts have for a separator; -1 is nothing. A strings.Replacer
// would be 35 KB in every plugin.
func timeMark(r rune) rune {
	switch r {
	case '/', '年', '月':
		return '-'
	case 'T', '日':
		return ' '
	case '時', '分':
		return ':'
	case '秒':
		return -1
	}
	return r
}

// FormatTime returns t in Japan as "2006-01-02 15:04:05"; the zero time is "".
func FormatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Zone).Format(time.DateTime)
}

// FormatDate returns t's day in Japan as "2006-01-02"; the zero time is "".
func FormatDate(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(Zone).Format(time.DateOnly)
}
