package rules

import "time"

// Condition is a checked expression that is true or false.
type Condition struct{ expr *Expr }

// Holds evaluates the condition.
func (c *Condition) Holds(s *Scope) (bool, error) { return false, nil }

// Expr is a checked expression.
type Expr struct{}

// String evaluates to text; a number becomes its decimal digits.
func (e *Expr) String(s *Scope) (string, error) { return "", nil }

// Items evaluates to a list and returns the JSON of each item.
func (e *Expr) Items(s *Scope) ([][]byte, error) { return nil, nil }

// Duration evaluates to a duration.
func (e *Expr) Duration(s *Scope) (time.Duration, error) { return 0, nil }

// Time evaluates to a timestamp.
func (e *Expr) Time(s *Scope) (time.Time, error) { return time.Time{}, nil }
