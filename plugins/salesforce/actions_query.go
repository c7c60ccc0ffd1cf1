package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/rest"
)

func queryActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("query.run", abi.Text{EN: "Run a SOQL query", JA: "SOQLクエリを実行する"}, runQuery).Pages("records"),
	}
}

// maxAddress is how long a query's address may get; the platform reads 16 KiB
// with its headers. A longer one goes inside a composite request.
const maxAddress = 10_000

// queryPage is one page of a query.
type queryPage struct {
	TotalSize int64    `json:"totalSize"`
	Done      bool     `json:"done"`
	Next      string   `json:"nextRecordsUrl"`
	Records   []record `json:"records"`
}

// page fetches the first page of a query. resource is query or queryAll.
func (o *org) page(resource, soql string) (*queryPage, error) {
	p := new(queryPage)
	if len(soql) > maxAddress/3 && len(rest.Escape(soql)) > maxAddress {
		return p, o.longPage(resource, soql, p)
	}
	return p, o.intoPage(o.sized(o.request("GET", "/"+resource)).Query("q", soql), p)
}

// longPage sends a query that does not fit into an address.
func (o *org) longPage(resource, soql string, p *queryPage) error {
	call := compositeCall{Parts: []compositePart{{
		Method: "GET", Reference: "query",
		URL: "/services/data/v" + o.settings.APIVersion + "/" + resource + "?q=" + rest.Escape(soql),
	}}}
	var answer compositeAnswer
	if err := o.into(o.request("POST", "/composite").Safe().JSON(call), &answer); err != nil {
		return err
	}
	if len(answer.Parts) != 1 {
		return sdk.Errorf(abi.Internal, "the platform answered %d parts for one", len(answer.Parts))
	}
	if refused := answer.Parts[0].refusal(); refused != nil {
		return refused
	}
	if err := sdk.Decode(answer.Parts[0].Body, p); err != nil {
		return err
	}
	return p.check()
}

// intoPage sends a request for a page of a query.
func (o *org) intoPage(r *rest.Request, p *queryPage) error {
	if err := o.into(r, p); err != nil {
		return err
	}
	return p.check()
}

// check demands that the page says where it goes on: what does not is no page,
// and its records must not be taken for none.
func (p *queryPage) check() error { return told(p.Done || p.Next != "", abi.Unavailable) }

// next fetches a further page by the address that the platform gave.
func (o *org) next(address string) (*queryPage, error) {
	if !strings.HasPrefix(address, "/services/data/v") || strings.Contains(address, "..") {
		return nil, sdk.Errorf(abi.Invalid, "%q is not the next page of a query", address)
	}
	p := new(queryPage)
	return p, o.intoPage(o.sized(o.call.Request("GET", address)), p)
}

// What the platform takes as the size of a page of a query.
const batchLeast, batchMost = 200, 2000

// sized asks for pages no longer than is wanted; the platform takes it for a hint.
func (o *org) sized(r *rest.Request) *rest.Request {
	if o.batch <= 0 || o.batch >= batchMost {
		return r
	}
	return r.Header("Sforce-Query-Options", "batchSize="+strconv.FormatInt(max(o.batch, batchLeast), 10))
}

// query returns the records of a query that has its own LIMIT, all pages of it.
func (o *org) query(soql string) ([]record, error) {
	p, err := o.page("query", soql)
	if err != nil {
		return nil, err
	}
	records := p.Records
	for !p.Done && p.Next != "" {
		if p, err = o.next(p.Next); err != nil {
			return nil, err
		}
		records = append(records, p.Records...)
	}
	return records, nil
}

func (o *org) count(soql string) (int64, error) {
	p, err := o.page("query", soql)
	if err != nil {
		return 0, err
	}
	return p.TotalSize, nil
}

type queryInput struct {
	SOQL           string `json:"soql,omitempty" doc:"The query. Values from outside belong into literals, escaped: prefer record.search" ja:"クエリ。外部の値を埋め込むときは必ずエスケープする(record.searchを推奨)"`
	Next           string `json:"next,omitempty" doc:"next of an earlier answer; then soql is not needed" ja:"前回の出力のnext(あればsoqlは不要)"`
	IncludeDeleted bool   `json:"include_deleted,omitempty" doc:"Deleted and archived records too" ja:"削除済み・アーカイブ済みも含める"`
	MaxRecords     int64  `json:"max_records" default:"2000" doc:"Fetch pages until so many records are there" ja:"この件数に達するまでページを取得する"`
}

type queryOutput struct {
	TotalSize int64            `json:"total_size" doc:"How many records match" ja:"一致した件数"`
	Records   []map[string]any `json:"records" doc:"Records with the selected fields" ja:"選択した項目を持つレコード"`
	Next      string           `json:"next" doc:"Where to go on; empty at the end" ja:"続きの位置(最後は空)"`
}

func runQuery(call *sdk.Call, in queryInput) (queryOutput, error) {
	o, err := open(call)
	if err != nil {
		return queryOutput{}, err
	}
	if in.SOQL == "" && in.Next == "" {
		return queryOutput{}, sdk.Errorf(abi.Invalid, "either soql or next is needed")
	}
	p, err := o.firstPage(in)
	if err != nil {
		return queryOutput{}, fmt.Errorf("running the query: %w", err)
	}
	out := queryOutput{TotalSize: p.TotalSize, Records: []map[string]any{}}
	for {
		for _, r := range p.Records {
			tidy(map[string]any(r))
			out.Records = append(out.Records, r)
		}
		if out.Next = p.Next; out.Next == "" || int64(len(out.Records)) >= in.MaxRecords {
			return out, nil
		}
		if p, err = o.next(p.Next); err != nil {
			return out, fmt.Errorf("fetching the next page: %w", err)
		}
	}
}

func (o *org) firstPage(in queryInput) (*queryPage, error) {
	o.batch = in.MaxRecords
	switch {
	case in.Next != "":
		return o.next(in.Next)
	case in.IncludeDeleted:
		return o.page("queryAll", in.SOQL)
	}
	return o.page("query", in.SOQL)
}
