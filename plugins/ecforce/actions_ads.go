package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/musubi-run/musubi/sdk"
	"github.com/musubi-run/musubi/sdk/abi"
	"github.com/musubi-run/musubi/sdk/commerce"
	"github.com/musubi-run/musubi/sdk/jp"
)

// maxAdURLs is how many ad URLs one count is asked for: counting is expensive for the shop.
const maxAdURLs = 20

func adActions() []sdk.Action {
	return []sdk.Action{
		sdk.Read("ad_url.get", text("Fetch one ad URL", "広告URLを1件取得する"), getAdURL),
		sdk.Read("ad_url.search", text("List ad URLs", "広告URLを一覧する"), searchAdURLs),
		sdk.Read("ad_url.count", text("Count accesses of ad URLs in a period", "広告URLのアクセス数を期間で集計する"), countAccesses),
		sdk.Read("ad_url.report", text("Accesses, orders, sales and cost of ad URLs in a period", "広告URLの集計(アクセス・受注・売上・費用)"), reportAds),
	}
}

type adURL struct {
	ID         string     `json:"id" doc:"The ad URL's id" ja:"広告URLのid"`
	BaseURL    string     `json:"base_url,omitempty" doc:"The URL" ja:"URL"`
	Group      string     `json:"url_group_name,omitempty" doc:"Its group" ja:"広告URLグループ"`
	Advertiser string     `json:"advertiser_name,omitempty" doc:"Advertiser" ja:"広告主"`
	Purchases  *int64     `json:"purchase_count,omitempty" doc:"Orders that came by it" ja:"購入数"`
	Cost       *int64     `json:"cost,omitempty" doc:"Cost in yen" ja:"費用(円)"`
	Raw        attributes `json:"raw,omitzero" doc:"Everything that ecforce told" ja:"ecforceの項目そのまま"`
}

func adURLOf(r row) adURL {
	a := r.Attributes
	return adURL{
		ID: r.ID, BaseURL: a.text("base_url"), Group: a.text("url_group_name"), Advertiser: a.text("advertiser_name"),
		Purchases: a.integer("purchase_count"), Cost: a.integer("cost"), Raw: a,
	}
}

func getAdURL(call *sdk.Call, in byID) (adURL, error) {
	s := shopOf(call)
	doc, err := readOne(s, "urls", in.ID, "")
	if err != nil {
		return adURL{}, fmt.Errorf("fetching ad URL %s: %w", in.ID, err)
	}
	return adURLOf(doc.row()), nil
}

type searchAdURLsInput struct {
	IDs   []string `json:"ids,omitempty" doc:"Only these" ja:"広告URLのid"`
	Limit int64    `json:"limit,omitempty" doc:"How many at the most; 0 means 100" ja:"最大件数(0は100件)"`
}

type adURLList struct {
	TotalSize int64   `json:"total_size" doc:"How many match" ja:"一致した件数"`
	URLs      []adURL `json:"urls" doc:"The ad URLs" ja:"広告URL"`
}

func searchAdURLs(call *sdk.Call, in searchAdURLsInput) (adURLList, error) {
	s := shopOf(call)
	q := query{path: "urls", sort: "id", filters: among("id", in.IDs)}
	rows, total, err := q.fetch(s, limitOf(in.Limit))
	found := adURLList{TotalSize: total, URLs: []adURL{}}
	for _, r := range rows {
		found.URLs = append(found.URLs, adURLOf(r))
	}
	return found, err
}

// period is a half-open span of time.
type period struct {
	URLIDs []string `json:"url_ids" doc:"Ad URLs, 20 at the most" ja:"広告URLのid(最大20件)"`
	From   string   `json:"from,omitempty" doc:"Beginning; 7 days before today if missing" ja:"開始日時(省略時は7日前)"`
	Until  string   `json:"until,omitempty" doc:"End, exclusive; the end of today if missing" ja:"終了日時(その時刻は含まない。省略時は今日の終わり)"`
}

// span returns the period's ends with the defaults filled in, which are the platform's.
func (p *period) span(now time.Time) (from, until time.Time, err error) {
	if len(p.URLIDs) == 0 || len(p.URLIDs) > maxAdURLs {
		return from, until, sdk.Errorf(abi.Invalid, "url_ids must hold 1 to %d ids, not %d", maxAdURLs, len(p.URLIDs))
	}
	day := now.In(jp.Zone)
	midnight := time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, jp.Zone)
	from, until = midnight.AddDate(0, 0, -7), midnight.AddDate(0, 0, 1)
	if from, err = timeOr(p.From, from); err != nil {
		return from, until, err
	}
	if until, err = timeOr(p.Until, until); err != nil {
		return from, until, err
	}
	if !from.Before(until) {
		return from, until, &abi.Error{Kind: abi.Invalid, Fields: []string{"until"}, Message: fmt.Sprintf(
			"until (%s) is not after from (%s): for one day it is the day after (untilにはfromより後の日時を指定してください。1日分なら翌日です)",
			jp.FormatTime(until), jp.FormatTime(from),
		)}
	}
	return from, until, nil
}

// timeOr reads a time; other is what an empty text means.
func timeOr(text string, other time.Time) (time.Time, error) {
	at, err := jp.ParseTime(text)
	switch {
	case err != nil:
		return at, sdk.Errorf(abi.Invalid, "%w", err)
	case at.IsZero():
		return other, nil
	}
	return at, nil
}

type accessCount struct {
	ID      string `json:"id" doc:"The ad URL's id" ja:"広告URLのid"`
	BaseURL string `json:"base_url,omitempty" doc:"The URL" ja:"URL"`
	Total   int64  `json:"total" doc:"Accesses" ja:"アクセス数"`
	PC      int64  `json:"pc" doc:"From computers" ja:"PC"`
	SP      int64  `json:"sp" doc:"From smartphones" ja:"スマートフォン"`
	Other   int64  `json:"other" doc:"From elsewhere" ja:"その他"`
}

type accessCounts struct {
	Counts []accessCount `json:"counts" doc:"Accesses by ad URL" ja:"広告URLごとのアクセス数"`
	From   string        `json:"from" format:"date-time" doc:"Beginning" ja:"開始日時"`
	Until  string        `json:"until" format:"date-time" doc:"End, exclusive" ja:"終了日時"`
}

func countAccesses(call *sdk.Call, in period) (accessCounts, error) {
	s := shopOf(call)
	from, until, err := in.span(s.Now())
	if err != nil {
		return accessCounts{}, err
	}
	request := s.admin("GET", "/advertisements")
	for _, f := range among("url_id", in.URLIDs) {
		request.Query(f.name, f.value)
	}
	request.Query("q[created_at_gteq]", jp.FormatTime(from)).Query("q[created_at_lt]", jp.FormatTime(until))
	var answer struct {
		Data struct {
			Counts []attributes `json:"access_count"`
		} `json:"data"`
	}
	if err := request.Into(&answer); err != nil {
		return accessCounts{}, fmt.Errorf("counting accesses: %w", err)
	}
	out := accessCounts{Counts: []accessCount{}, From: from.Format(time.RFC3339), Until: until.Format(time.RFC3339)}
	for _, a := range answer.Data.Counts {
		out.Counts = append(out.Counts, accessCount{
			ID: a.text("id"), BaseURL: a.text("base_url"), Total: a.number("total"), PC: a.number("pc"), SP: a.number("sp"), Other: a.number("other"),
		})
	}
	return out, nil
}

type adResult struct {
	accessCount
	Orders int64  `json:"orders" doc:"Orders, without cancelled ones and those that bought nothing, such as by a failed payment" ja:"受注数(キャンセルと、決済失敗など購入にならなかったものを除く)"`
	Sales  int64  `json:"sales" doc:"What they charged, in yen" ja:"売上(円)"`
	Cost   *int64 `json:"cost,omitempty" doc:"Cost of the ad URL in yen, over its whole life" ja:"費用(円、広告URLの通算)"`
}

type adReport struct {
	Results []adResult `json:"results" doc:"By ad URL" ja:"広告URLごとの集計"`
	From    string     `json:"from" format:"date-time" doc:"Beginning" ja:"開始日時"`
	Until   string     `json:"until" format:"date-time" doc:"End, exclusive" ja:"終了日時"`
}

// reportAds counts orders and sales itself: the API offers accesses only.
func reportAds(call *sdk.Call, in period) (adReport, error) {
	s := shopOf(call)
	counts, err := countAccesses(s.Call, in)
	if err != nil {
		return adReport{}, err
	}
	costs, err := searchAdURLs(s.Call, searchAdURLsInput{IDs: in.URLIDs})
	if err != nil {
		return adReport{}, err
	}
	found, err := ordersBy(s, in)
	if err != nil {
		return adReport{}, err
	}
	report := adReport{Results: []adResult{}, From: counts.From, Until: counts.Until}
	for _, count := range counts.and(costs.URLs) {
		result := adResult{accessCount: count}
		for _, u := range costs.URLs {
			if u.ID == count.ID {
				result.Cost = u.Cost
			}
		}
		result.add(found)
		report.Results = append(report.Results, result)
	}
	return report, nil
}

// and returns the counts, and those of ad URLs that have none: orders of the
// period may have come by an access before it, and whether the platform lists
// an ad URL without accesses is not public.
func (c *accessCounts) and(all []adURL) []accessCount {
	counts := c.Counts
	for _, u := range all {
		if !slices.ContainsFunc(c.Counts, func(count accessCount) bool { return count.ID == u.ID }) {
			counts = append(counts, accessCount{ID: u.ID, BaseURL: u.BaseURL})
		}
	}
	return counts
}

// ordersBy returns the orders that came by the ad URLs, with all attributes: which
// of them the lighter mode leaves out is not public, and what is missing would
// count as nothing. More than fit into one
// call is an error, because a sum over some of them would be wrong.
func ordersBy(s shop, in period) ([]order, error) {
	from, until, err := in.span(s.Now())
	if err != nil {
		return nil, err
	}
	q := query{path: "orders", sort: "created_at,id", filters: append(among("url_id", in.URLIDs), since(byCreation, from)...)}
	q.filters = append(q.filters, filter{"q[created_at_lt]", jp.FormatTime(until)})
	rows, total, err := q.fetch(s, maxPer*maxPages)
	if err != nil {
		return nil, fmt.Errorf("reading the orders of the ad URLs: %w", err)
	}
	if total > int64(len(rows)) {
		return nil, sdk.Errorf(abi.Invalid, "%d orders are too many for one report: take a shorter period or fewer ad URLs", total)
	}
	list := make([]order, 0, len(rows))
	for _, r := range rows {
		list = append(list, orderOf(r, &s.settings))
	}
	return list, nil
}

// add counts the orders that came by this ad URL, were not cancelled, and bought something.
func (r *adResult) add(list []order) {
	for _, o := range list {
		unbought := o.IsPurchase != nil && !*o.IsPurchase
		if o.URLID != r.ID || o.Status == commerce.OrderCancelled || unbought {
			continue
		}
		r.Orders++
		if o.PaymentTotal != nil {
			r.Sales += *o.PaymentTotal
		}
	}
}
