package main

import (
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk/jp"
)

// numberMark stands for a number in a pattern of tags, anyMark for any text.
const (
	numberMark = "{n}"
	anyMark    = "*"
)

// fitsTag says whether a tag fits a pattern, in whatever case and width, and
// returns the number in it, 0 if the pattern has none.
func fitsTag(pattern, tag string) (n int64, ok bool) {
	return fitsRest(strings.ToLower(jp.Narrow(pattern)), strings.ToLower(jp.Narrow(tag)))
}

func fitsRest(pattern, rest string) (n int64, ok bool) {
	switch {
	case pattern == "":
		return 0, rest == ""
	case strings.HasPrefix(pattern, numberMark):
		return fitsNumber(pattern[len(numberMark):], rest)
	case strings.HasPrefix(pattern, anyMark):
		for skip := 0; skip <= len(rest); skip++ {
			if n, ok := fitsRest(pattern[len(anyMark):], rest[skip:]); ok {
				return n, true
			}
		}
		return 0, false
	case rest == "" || pattern[0] != rest[0]:
		return 0, false
	}
	return fitsRest(pattern[1:], rest[1:])
}

// fitsNumber takes all the digits that come, and goes on behind them.
func fitsNumber(pattern, rest string) (n int64, ok bool) {
	end := 0
	for end < len(rest) && rest[end] >= '0' && rest[end] <= '9' {
		end++
	}
	n, err := strconv.ParseInt(rest[:end], 10, 64)
	if err != nil {
		return 0, false
	}
	_, ok = fitsRest(pattern, rest[end:])
	return n, ok
}

// orderTags tells whether an order's tags make it a delivery of a subscription,
// and which one; part is nil if they do not say.
func (s settings) orderTags(tags []string) (part *bool, times int64) {
	for _, tag := range tags {
		for _, pattern := range s.CountTags {
			if n, ok := fitsTag(pattern, tag); ok && n > times {
				times = n
			}
		}
		for _, pattern := range s.OrderTags {
			if _, ok := fitsTag(pattern, tag); ok {
				part = new(true)
			}
		}
	}
	if times > 0 {
		part = new(true)
	}
	return part, times
}
