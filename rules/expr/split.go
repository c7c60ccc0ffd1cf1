package expr

// Part is a piece of a value: literal text, or an expression that stood in ${ }.
type Part struct {
	Literal string
	Expr    string
	// IsExpr tells an empty expression from no expression. From is where the
	// expression begins in the value, in runes.
	IsExpr bool
	From   int
}

// Split takes a value apart at its ${ }. `$${` stands for `${` as text. The
// fault is a ${ that is never closed.
func Split(text string) ([]Part, *Fault) {
	runes := []rune(text)
	var parts []Part
	var literal []rune
	flush := func() {
		if len(literal) > 0 {
			parts = append(parts, Part{Literal: string(literal)})
			literal = nil
		}
	}
	for i := 0; i < len(runes); {
		switch {
		case hasAt(runes, i, "$${"):
			literal = append(literal, '$', '{')
			i += 3
		case hasAt(runes, i, "${"):
			end := closing(runes, i+2)
			if end < 0 {
				f := faultAt(i, len(runes), openTemplate)
				return nil, &f
			}
			flush()
			parts = append(parts, Part{Expr: string(runes[i+2 : end]), IsExpr: true, From: i + 2})
			i = end + 1
		default:
			literal = append(literal, runes[i])
			i++
		}
	}
	flush()
	return parts, nil
}

func hasAt(runes []rune, i int, want string) bool {
	for _, r := range want {
		if i >= len(runes) || runes[i] != r {
			return false
		}
		i++
	}
	return true
}

// closing returns where the } stands that closes the ${ before from, or -1.
func closing(runes []rune, from int) int {
	depth := 0
	for _, t := range scan(string(runes[from:])) {
		switch {
		case t.is("{"), t.is("${"):
			depth++
		case t.is("}") && depth == 0:
			return from + t.from
		case t.is("}"):
			depth--
		}
	}
	return -1
}
