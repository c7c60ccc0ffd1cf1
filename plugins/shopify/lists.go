package main

import (
	"strings"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
)

// search is what a list is asked for.
type search struct {
	// query is in the platform's search syntax; empty means everything.
	query string
	// sort is a sort key of the list, ascending unless reverse is set.
	sort    string
	reverse bool
	first   int64
	after   string
}

func (q search) vars() variables {
	return variables{"q": orNull(q.query), "sort": q.sort, "reverse": q.reverse, "first": q.first, "after": orNull(q.after)}
}

// found is a page of a list.
type found[T any] struct {
	rows []T
	page pageInfo
}

// maxCost is what a query may cost at the most.
const maxCost = 1000

// most is how many records of that price fit into one query.
func most(cost int64) int64 { return min(maxCost/cost, 250) }

const customersQuery = `query Customers($q: String, $sort: CustomerSortKeys, $reverse: Boolean, $first: Int, $after: String, ` + customerVariables + `) {
  customers(query: $q, sortKey: $sort, reverse: $reverse, first: $first, after: $after) {
    nodes {` + customerFields + `}
    pageInfo { hasNextPage endCursor }
  }
}`

func (s shop) customers(q search) (found[customer], error) {
	var data struct {
		Customers connection `json:"customers"`
	}
	withheld, err := s.read(customersQuery, customerCost*q.first, s.customerVars(q.vars()), &data)
	if err != nil {
		return found[customer]{}, err
	}
	return rowsOf(data.Customers, withheld, func(text []byte) (customer, error) { return s.customerFrom(text, withheld) })
}

func (s shop) ordersQuery() string {
	return `query Orders($q: String, $sort: OrderSortKeys, $reverse: Boolean, $first: Int, $after: String, $lines: Int) {
  orders(query: $q, sortKey: $sort, reverse: $reverse, first: $first, after: $after) {
    nodes {` + s.orderFields() + orderLines + `}
    pageInfo { hasNextPage endCursor }
  }
}`
}

func (s shop) orders(q search) (found[order], error) {
	vars := q.vars()
	vars["lines"] = linesPerOrder
	var data struct {
		Orders connection `json:"orders"`
	}
	withheld, err := s.read(s.ordersQuery(), orderCost(linesPerOrder)*q.first, vars, &data)
	if err != nil {
		return found[order]{}, err
	}
	return rowsOf(data.Orders, withheld, func(text []byte) (order, error) {
		o, err := s.orderFrom(text, withheld)
		if err != nil {
			return o, err
		}
		err = s.addLines(&o)
		return o, err
	})
}

const linesQuery = `query Lines($id: ID!, $first: Int, $after: String) {
  order(id: $id) { lineItems(first: $first, after: $after) { nodes {` + lineFields + `} pageInfo { hasNextPage endCursor } } }
}`

// addLines fetches the lines that did not come with the order.
func (s shop) addLines(o *order) error {
	if !o.rest.More {
		return nil
	}
	for o.rest.More {
		var data struct {
			Order struct {
				Lines linesNode `json:"lineItems"`
			} `json:"order"`
		}
		vars := variables{"id": gidPrefix + kindOrder + "/" + o.ID, "first": linesAtOnce, "after": o.rest.End}
		withheld, err := s.read(linesQuery, 1+linesAtOnce*lineCost, vars, &data)
		if err == nil {
			err = listed(data.Order.Lines.Nodes != nil, withheld)
		}
		if err != nil {
			return err
		}
		for i := range data.Order.Lines.Nodes {
			o.add(data.Order.Lines.Nodes[i].item(), data.Order.Lines.Nodes[i].Left)
		}
		o.rest = data.Order.Lines.Page
	}
	o.settle(s.settings)
	return nil
}

const productsQuery = `query Products($q: String, $sort: ProductSortKeys, $reverse: Boolean, $first: Int, $after: String, $variants: Int) {
  shop { currencyCode }
  products(query: $q, sortKey: $sort, reverse: $reverse, first: $first, after: $after) {
    nodes {` + productFields + productVariants + `}
    pageInfo { hasNextPage endCursor }
  }
}`

func (s shop) products(q search) (found[product], error) {
	vars := q.vars()
	vars["variants"] = variantsPerProduct
	var data struct {
		Shop     shopNode   `json:"shop"`
		Products connection `json:"products"`
	}
	withheld, err := s.read(productsQuery, 1+productCost(variantsPerProduct)*q.first, vars, &data)
	if err != nil {
		return found[product]{}, err
	}
	return rowsOf(data.Products, withheld, func(text []byte) (product, error) {
		p, err := productFrom(text, data.Shop.Currency)
		if err != nil {
			return p, err
		}
		err = s.addVariants(&p, data.Shop.Currency)
		return p, err
	})
}

const variantsQuery = `query Variants($id: ID!, $first: Int, $after: String) {
  product(id: $id) { variants(first: $first, after: $after) { nodes {` + variantFields + `} pageInfo { hasNextPage endCursor } } }
}`

// addVariants fetches the variants that did not come with the product.
func (s shop) addVariants(p *product, currency string) error {
	for p.rest.More {
		var data struct {
			Product struct {
				Variants variantsNode `json:"variants"`
			} `json:"product"`
		}
		vars := variables{"id": gidPrefix + kindProduct + "/" + p.ID, "first": variantsAtOnce, "after": p.rest.End}
		withheld, err := s.read(variantsQuery, 1+variantsAtOnce*variantCost, vars, &data)
		if err == nil {
			err = listed(data.Product.Variants.Nodes != nil, withheld)
		}
		if err != nil {
			return err
		}
		for i := range data.Product.Variants.Nodes {
			p.Variants = append(p.Variants, data.Product.Variants.Nodes[i].variant(currency).Variant)
		}
		p.rest = data.Product.Variants.Page
	}
	return nil
}

const checkoutsQuery = `query Checkouts($q: String, $reverse: Boolean, $first: Int, $after: String, $lines: Int) {
  abandonedCheckouts(query: $q, sortKey: CREATED_AT, reverse: $reverse, first: $first, after: $after) {
    nodes {` + checkoutFields + `}
    pageInfo { hasNextPage endCursor }
  }
}`

func (s shop) checkouts(q search) (found[checkout], error) {
	vars := q.vars()
	delete(vars, "sort")
	vars["lines"] = checkoutLines
	var data struct {
		Checkouts connection `json:"abandonedCheckouts"`
	}
	withheld, err := s.read(checkoutsQuery, checkoutCost*q.first, vars, &data)
	if err != nil {
		return found[checkout]{}, err
	}
	return rowsOf(data.Checkouts, withheld, checkoutFrom)
}

// rowsOf reads the nodes of a page.
func rowsOf[T any](c connection, withheld []string, read func([]byte) (T, error)) (found[T], error) {
	if err := listed(c.Nodes != nil, withheld); err != nil {
		return found[T]{}, err
	}
	rows := make([]T, 0, len(c.Nodes))
	for _, node := range c.Nodes {
		row, err := read(node)
		if err != nil {
			return found[T]{}, err
		}
		rows = append(rows, row)
	}
	return found[T]{rows: rows, page: c.Page}, nil
}

// filter is one term of the search syntax; quotes and backslashes are escaped.
func filter(field, comparator, value string) string {
	value = strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `"`, `\"`)
	return field + ":" + comparator + `"` + value + `"`
}

// since is a filter on a time; empty for the zero time.
func since(field string, from time.Time) string {
	if from.IsZero() {
		return ""
	}
	return field + ":>='" + from.UTC().Format(time.RFC3339) + "'"
}

// each calls visit for the rows of all pages until it has had enough or limit
// rows were looked at, and at least leastLooked: rows that do not fit come, too,
// and before the one that does.
func each[T any](limit, cost int64, q search, list func(search) (found[T], error), visit func(T) (enough bool)) error {
	q.first = min(limit, most(cost))
	for left := max(limit, leastLooked); left > 0; {
		page, err := list(q)
		if err != nil {
			return err
		}
		for _, row := range page.rows {
			if visit(row) {
				return nil
			}
		}
		left -= q.first
		q.first = min(left, most(cost))
		if q.after = page.page.next(); q.after == "" {
			return nil
		}
	}
	return nil
}

// leastLooked is how many rows of a search are looked at before nothing is said to be found.
const leastLooked = 100

// checkTime demands a time that the platform reads as we do.
func checkTime(name, text string) error {
	if text == "" {
		return nil
	}
	if _, err := time.Parse(time.RFC3339, text); err != nil {
		return sdk.Errorf(abi.Invalid, "%s is %q, not a time such as 2026-11-02T10:00:00+09:00", name, text)
	}
	return nil
}
