package rules

// Template is a checked value of a rules file: literals, with expressions in ${ }.
type Template struct{}

// JSON evaluates to JSON. Keys are sorted, so equal values give equal bytes.
func (t *Template) JSON(s *Scope) ([]byte, error) { return nil, nil }

// String evaluates to text.
func (t *Template) String(s *Scope) (string, error) { return "", nil }
