package jp

import (
	"strings"
	"testing"
	"time"
)

// The fast way reads exactly what the slow one reads.
func TestPlainTimeAgreesWithLayouts(t *testing.T) {
	for _, text := range []string{
		"2025/02/11 21:03:09", "2025-02-11 21:03:09", "2025-12-31 23:59:59", "2024/02/29 00:00:00", "0001-01-01 00:00:00",
		"2025/02/30 00:00:00", "2025/13/01 00:00:00", "2025/00/10 00:00:00", "2025/01/00 00:00:00", "2025/01/01 24:00:00",
		"1988/04/02", "1988-04-02", "2025/02/29", "0000-00-00", "2025/1/02/", "20250102--",
		"2025/01/01 23:60:00", "2025/01/01 23:59:60", "0000-00-00 00:00:00", "2025/02-11 21:03:09", "2025 02/11 21:03:09",
	} {
		layout := "2006-01-02 15:04:05"[:len(text)]
		want, err := time.ParseInLocation(layout, strings.ReplaceAll(text, "/", "-"), Zone)
		got, ok := plainTime(text)
		if ok != (err == nil) || (ok && !got.Equal(want)) {
			t.Errorf("%q: %v, %t; layouts say %v, %v", text, got, ok, want, err)
		}
	}
}
