package main

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"
)

// limit is the value of a flag that says how many at the most: one or more.
type limit struct{ n *int }

// atMost makes the flag's value, which begins as usual.
func atMost(n *int, usual int) pflag.Value {
	*n = usual
	return limit{n}
}

// String is the number.
func (l limit) String() string { return strconv.Itoa(*l.n) }

// Set takes the number that was written. What is wrong with it, [fitting] says.
func (l limit) Set(text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return errors.New("less than one")
	}
	*l.n = n
	return nil
}

// Type names the kind of flag.
func (limit) Type() string { return "limit" }
