package config

import (
	"strconv"
	"strings"
	"time"
)

// ParseDuration reads "30s", "15m", "36h", "7d", "2w" and sums such as
// "1d12h": the units of [time.ParseDuration] with days of 24 hours and weeks
// besides. It returns false for anything else.
func ParseDuration(text string) (time.Duration, bool) {
	var sum time.Duration
	rest := text
	for _, unit := range []struct {
		letter string
		length time.Duration
	}{{"w", 7 * day}, {"d", day}} {
		digits, after, found := strings.Cut(rest, unit.letter)
		if !found {
			continue
		}
		number, err := strconv.ParseUint(digits, 10, 16)
		if err != nil {
			return 0, false
		}
		sum, rest = sum+time.Duration(number)*unit.length, after //nolint:gosec // 16 bits
	}
	if rest == "" {
		return sum, text != ""
	}
	tail, err := time.ParseDuration(rest)
	return sum + tail, err == nil && tail >= 0 && sum+tail >= sum
}

const (
	// maxSize is the largest thing that fits into memory, maxDisk the largest that fits onto a disk.
	maxSize = 1 << 30
	maxDisk = 1 << 50
)

// parseSize reads "512KiB", "64MiB", "1GiB", "2TiB" or a number of bytes, above zero and up to most.
func parseSize(text string, most int64) (int64, bool) {
	factor, digits := int64(1), text
	for suffix, f := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40} {
		if number, found := strings.CutSuffix(text, suffix); found {
			factor, digits = f, number
		}
	}
	number, err := strconv.ParseInt(digits, 10, 64)
	return number * factor, err == nil && number > 0 && number <= most/factor
}
