package jp

import (
	"fmt"
	"strings"
)

// Phone returns a telephone number as its national digits: "+81 90-1111-2222",
// "(+81) 90-1111-2222" and "０９０（１１１１）２２２２" all give "09011112222".
// Numbers of other countries keep their plus sign. Text without digits gives "".
func Phone(text string) string {
	folded := Narrow(text)
	digits := Digits(folded)
	if plus := strings.IndexByte(folded, '+'); plus < 0 || plus > strings.IndexAny(folded, "0123456789") {
		return digits
	}
	national, ok := strings.CutPrefix(digits, "81")
	if !ok {
		return "+" + digits
	}
	return "0" + strings.TrimPrefix(national, "0")
}

// E164 returns a Japanese number as "+819011112222". Text that is not one is an error.
func E164(text string) (string, error) {
	phone := Phone(text)
	if strings.HasPrefix(phone, "+") {
		return phone, nil
	}
	if len(phone) < 10 || len(phone) > 11 || phone[0] != '0' || phone[1] == '0' {
		return "", fmt.Errorf("%q is not a Japanese telephone number", text)
	}
	return "+81" + phone[1:], nil
}

// SplitPhone splits a Japanese number into the three parts that forms ask for,
// by the numbering plan: 090-1111-2222, 03-1111-2222, 0120-111-222. A number of
// a length that the plan does not have is split after three digits and before
// the last four.
func SplitPhone(text string) (first, second, third string) {
	phone := Phone(text)
	area, last := phoneParts(phone)
	if len(phone) <= area {
		return phone, "", ""
	}
	if len(phone) <= area+last {
		return phone[:area], phone[area:], ""
	}
	return phone[:area], phone[area : len(phone)-last], phone[len(phone)-last:]
}

// phoneParts returns how long the first and the last part of a number are.
func phoneParts(phone string) (first, last int) {
	switch {
	case isService(phone) && len(phone) == 10:
		return 4, 3
	case isService(phone) && len(phone) == 11:
		return 4, 4
	case len(phone) == 10:
		return landline(phone), 4
	default:
		return 3, 4
	}
}
