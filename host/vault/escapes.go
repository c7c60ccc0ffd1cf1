package vault

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// escapable says whether some platform writes r in another way. Most tokens
// hold no such character.
func escapable(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	return !letter && (r < '0' || r > '9') && !strings.ContainsRune("-_.~", r)
}

// rewrite puts for every character that is not plain everywhere what escape makes of it.
func rewrite(value string, escape func(r rune) string) string {
	var b strings.Builder
	b.Grow(2 * len(value))
	for _, r := range value {
		if escapable(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// distinct returns what the sets have in common with value, each once.
func distinct(sets []string, value string) (all []string) {
	for _, set := range sets {
		common := strings.Map(func(r rune) rune {
			if strings.ContainsRune(value, r) {
				return r
			}
			return -1
		}, set)
		if !slices.Contains(all, common) {
			all = append(all, common)
		}
	}
	return all
}

// jsonEscaped are the characters that languages write as \u00XX without need.
var jsonEscaped = []string{
	"",         // JavaScript, PHP, Python
	"<>&",      // Ruby, Java
	"<>&'\"",   // PHP, if it is asked to
	"<>&'=",    // Gson
	"<>&'\"+`", // .NET
	"/",
	"<>&'\"=`;\\", // templates within a script
	"<>&'\"+=",
	"<>&'\"+=/",
	"!\"#$%&'()*+,/:;<=>?@[\\]^`{|}", // with the greatest
}

// jsonForms are value within a JSON string, as written by more languages than Go.
func jsonForms(value string) (forms []string) {
	sets := distinct(jsonEscaped, value)
	for _, unit := range []string{`\u%04x`, `\u%04X`} {
		for _, slash := range []string{"/", `\/`} {
			for _, ascii := range []bool{false, true} {
				for _, set := range sets {
					forms = append(forms, rewrite(value, func(r rune) string {
						if strings.ContainsRune(set, r) || ascii && r > '~' {
							return units(unit, r)
						}
						return jsonPlain(unit, slash, r)
					}))
				}
			}
		}
	}
	return forms
}

func units(format string, r rune) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune{r}) {
		fmt.Fprintf(&b, format, u)
	}
	return b.String()
}

var jsonShort = map[rune]string{'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`}

func jsonPlain(unit, slash string, r rune) string {
	if short, ok := jsonShort[r]; ok {
		return short
	}
	switch {
	case r == '/':
		return slash
	case r < ' ':
		return units(unit, r)
	default:
		return string(r)
	}
}

// percentPlain are the characters that are left as they are in addresses,
// besides those that are left everywhere.
var percentPlain = []string{
	"",                 // a query
	"/",                // Python
	"!'()*",            // JavaScript, a part
	"!'()*;/?:@&=+$,#", // JavaScript, a whole address
	"$&+=:@",           // Go, a path's part
	"!$&'()*+,;=:@",    // a path's part
	"!$&'()*+,;=:@/",   // a path
}

// percentForms are value within an address.
func percentForms(value string) (forms []string) {
	sets := distinct(percentPlain, value)
	for _, octet := range []string{"%%%02x", "%%%02X"} {
		for _, space := range []string{"+", "%20"} {
			for _, plain := range sets {
				forms = append(forms, percent(value, octet, space, plain))
			}
		}
	}
	return forms
}

func percent(value, octet, space, plain string) string {
	var b strings.Builder
	for _, c := range []byte(value) {
		switch {
		case c == ' ':
			b.WriteString(space)
		case c < 0x80 && (!escapable(rune(c)) || strings.IndexByte(plain, c) >= 0):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, octet, c)
		}
	}
	return b.String()
}

// htmlNamed are ways to write the characters that HTML cannot hold as they are.
var htmlNamed = []map[rune]string{
	{'&': "&amp;", '<': "&lt;", '>': "&gt;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&#34;", '\'': "&#39;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\'': "&#39;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\'': "&#039;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\'': "&#x27;"},
	{'&': "&amp;", '<': "&lt;", '>': "&gt;", '"': "&quot;", '\'': "&apos;"},
	{},
}

// htmlNumbered are further characters that are written by their number.
var htmlNumbered = []string{"", "+", "/", "=", "/`=", "+/=", "\"'&<>", "!\"#$%&'()*+,/:;<=>?@[\\]^`{|}"}

// htmlForms are value within a page.
func htmlForms(value string) (forms []string) {
	sets, names := distinct(htmlNumbered, value), htmlNamed
	if !strings.ContainsAny(value, `&<>"'`) {
		names = names[:1]
	}
	for _, number := range []string{"&#%d;", "&#x%x;", "&#x%X;"} {
		for _, named := range names {
			for _, set := range sets {
				forms = append(forms, rewrite(value, func(r rune) string {
					if name, ok := named[r]; ok {
						return name
					}
					if strings.ContainsRune(set, r) {
						return fmt.Sprintf(number, r)
					}
					return string(r)
				}))
			}
		}
	}
	return forms
}
