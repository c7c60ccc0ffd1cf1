// Package soql reads the query language of Salesforce: the part of it that
// selects fields of one object, with filters, order and paging.
//
// It knows syntax only. Which objects and fields exist, and which literal fits
// which field, is for the caller to say.
package soql

import "time"

// Query is one SELECT statement.
type Query struct {
	// Fields are the selected paths as they were written, such as "Account.Name".
	Fields []string
	// Preset is ALL, STANDARD or CUSTOM when FIELDS(...) was selected.
	Preset string
	// Count says that COUNT() was selected, and nothing else.
	Count bool
	From  string
	// Where is nil when every record is wanted.
	Where   Expr
	OrderBy []Order
	// Limit is negative when there is none.
	Limit  int
	Offset int
}

// Order is one term of ORDER BY.
type Order struct {
	Field      string
	Descending bool
	NullsLast  bool
}

// Expr is a condition: [And], [Or], [Not] or [Compare].
type Expr interface{ condition() }

// And holds when all its terms hold.
type And struct{ Terms []Expr }

// Or holds when one of its terms holds.
type Or struct{ Terms []Expr }

// Not holds when its term does not.
type Not struct{ Term Expr }

// Compare holds when a field stands in the relation Op to its values: one
// value, or for In and NotIn any number of them.
type Compare struct {
	Field  string
	Op     Op
	Values []Literal
}

func (And) condition()     {}
func (Or) condition()      {}
func (Not) condition()     {}
func (Compare) condition() {}

// Op is a comparison.
type Op string

// The comparisons.
const (
	Equal          Op = "="
	NotEqual       Op = "!="
	Less           Op = "<"
	LessOrEqual    Op = "<="
	Greater        Op = ">"
	GreaterOrEqual Op = ">="
	Like           Op = "LIKE"
	In             Op = "IN"
	NotIn          Op = "NOT IN"
)

// LiteralKind says how a literal was written, which decides what fields it fits.
type LiteralKind uint8

// The kinds of literal.
const (
	Null LiteralKind = iota
	String
	Number
	Boolean
	Date
	DateTime
)

// Literal is a constant of a condition.
type Literal struct {
	Kind LiteralKind
	// Text is the decoded string of a String, the date itself of a Date.
	Text   string
	Number float64
	Bool   bool
	Time   time.Time
	// Pattern is set in place of Text on the right of LIKE.
	Pattern Pattern
}

// Error is a fault of syntax: Salesforce's MALFORMED_QUERY.
type Error struct{ Message string }

// Error returns what is wrong and where.
func (e *Error) Error() string { return e.Message }
