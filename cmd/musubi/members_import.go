package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/cmd/musubi/internal/memberfile"
	"github.com/musubi-run/musubi/cmd/musubi/internal/spreadsheet"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/host/web/client"
	"github.com/musubi-run/musubi/sdk/abi"
)

// importChoice is what the flags of members import say.
type importChoice struct {
	mapping, report  string
	announce, dryRun bool
}

func (p *program) membersImport() *cobra.Command {
	var choice importChoice
	cmd := p.command(about{
		use:   "import FILE",
		short: abi.Text{EN: "Import customers, orders, subscriptions or contacts from CSV", JA: "顧客・注文・定期・友だちをCSVから取り込む"},
		long: abi.Text{
			EN: "Read a CSV file, UTF-8 or CP932, by a mapping file that says which column is what:\n\n" + mappingExample +
				"\nkind is customer, order, subscription or contact (somebody on a channel). Lines of one order follow each\nother. Importing a file twice counts nothing twice. Flows hear nothing of it unless --announce is\ngiven. Lines that are refused are written to --report with the reason. An order is known to be cancelled by its status\n(or cancelled_at): statuses that neither are the model's nor translated by values are told at the end.",
			JA: "CSVファイル(UTF-8またはCP932)を、列の意味を書いた対応表ファイルに従って取り込みます。\n\n" + mappingExample +
				"\nkind は customer(顧客)、order(注文)、subscription(定期)、contact(チャネルの友だち)のどれかです。\n1つの注文の明細は続いた行に書かれているものとします。同じファイルを2回取り込んでも二重に数えません。\n--announce を付けない限りフローは動きません。取り込めなかった行は理由とともに --report に書き出します。\nキャンセルは status(または cancelled_at)で判断します。values で変換されない status は最後に件数を表示します。",
		},
		example: "  musubi members import customers.csv --map customers.map.yaml --report refused.csv",
	}, func(cmd *cobra.Command, args []string) error { return p.importMembers(cmd.Context(), args[0], choice) })
	cmd.Flags().StringVar(&choice.mapping, "map", "", p.say("mapping `file`, required", "対応表のファイル(`file`)。必須"))
	cmd.Flags().StringVar(&choice.report, "report", "", p.say("write refused lines to this CSV `file`", "取り込めなかった行を書き出すCSVファイル(`file`)"))
	cmd.Flags().BoolVar(&choice.announce, "announce", false, p.say("have flows hear of new links and tags", "連携やタグの変化でフローを動かす"))
	cmd.Flags().BoolVar(&choice.dryRun, "dry-run", false, p.say("only read the file", "ファイルを読むだけで取り込まない"))
	return cmd
}

const mappingExample = `  connection: shop
  kind: order
  columns:
    id: 受注番号
    customer_id: 顧客番号
    phone: 電話番号
    total: お支払い合計
    ordered_at: [受注日, 受注時刻]
    item.number: 商品番号
    item.quantity: 数量
  values:
    status: {キャンセル済: cancelled}
`

// imported is what became of an import.
type imported struct {
	Lines   int `json:"lines"`
	Facts   int `json:"facts"`
	Refused int `json:"refused"`
	// Unknown counts rows by their status, where the mapping translates it into none of the model's.
	Unknown map[string]int `json:"unknown_status,omitempty"`
}

func (p *program) importMembers(ctx context.Context, file string, choice importChoice) (err error) {
	if choice.mapping == "" {
		return usage("--map is missing: a file that says which column is what; see --help", "--map に対応表のファイルを指定してください(書き方は --help)")
	}
	source, err := openMapped(file, choice.mapping)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	im := &importer{program: p, choice: choice, source: source.File, name: filepath.Base(file)}
	if !choice.dryRun {
		if im.client, err = p.host(ctx); err != nil {
			return err
		}
	}
	if err := im.openReport(); err != nil {
		return err
	}
	ran := im.run(ctx)
	im.done.Unknown = im.source.Unknown()
	if err := errors.Join(ran, im.closeReport()); err != nil {
		return err
	}
	if err := p.show(im.done, im.summary); err != nil || im.done.Refused == 0 {
		return err
	}
	return errSilent
}

// mapped is a CSV file with the mapping by which it is read.
type mapped struct {
	*memberfile.File

	close func() error
}

func openMapped(file, mapping string) (*mapped, error) {
	text, err := os.ReadFile(mapping)
	if err != nil {
		return nil, err
	}
	m, err := memberfile.ReadMapping(text)
	if err != nil {
		return nil, ofFile(mapping, err)
	}
	from, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	f, err := memberfile.Open(from, m)
	if err != nil {
		return nil, errors.Join(ofFile(file, err), from.Close())
	}
	return &mapped{f, from.Close}, nil
}

// ofFile says which file an error is about.
func ofFile(file string, err error) error {
	text := abi.Text{EN: err.Error(), JA: err.Error()}
	if known, ok := errors.AsType[speaker](err); ok {
		text = known.Text()
	}
	return fault(err, file+": "+text.EN, file+": "+text.JA)
}

// importer brings a file's rows to the host, batch by batch.
type importer struct {
	*program

	choice importChoice
	source *memberfile.File
	client *client.Client
	name   string
	done   imported

	begun  bool
	report *spreadsheet.Writer
	file   *os.File
	told   int
}

// Sizes of an import's requests, and of what it tells. The more a request tells,
// the faster it is taken in; the host reads 1 MB.
const (
	importBatch    = 2_000
	importBytes    = 512 << 10
	progressEvery  = 10_000
	refusalsShown  = 20
	reportFileMode = 0o600
)

func (im *importer) run(ctx context.Context) error {
	var rows []memberfile.Row
	size := 0
	for row := range im.source.Rows() {
		im.done.Lines++
		if row.Err != nil {
			im.refuse(&row, im.explain(row.Err))
			continue
		}
		rows, size = append(rows, row), size+len(row.Fact.Data)
		if len(rows) == importBatch || size >= importBytes {
			if err := im.send(ctx, rows); err != nil {
				return err
			}
			rows, size = rows[:0], 0
		}
		if im.done.Lines%progressEvery == 0 {
			im.note("%d records …", "%d件 …", im.done.Lines)
		}
	}
	return im.send(ctx, rows)
}

func (im *importer) send(ctx context.Context, rows []memberfile.Row) error {
	im.done.Facts += len(rows)
	if im.choice.dryRun || len(rows) == 0 {
		return nil
	}
	in := api.MemberImport{Announce: im.choice.announce, Source: im.name, Begins: !im.begun}
	im.begun = true
	for i := range rows {
		in.Facts = append(in.Facts, rows[i].Fact)
	}
	out, err := im.client.ImportMembers(ctx, in)
	for _, r := range out.Refused {
		im.done.Facts--
		im.refuse(&rows[r.Index], im.lang.Pick(r.Why))
	}
	return err
}

// refuse tells of a row that is not taken in.
func (im *importer) refuse(row *memberfile.Row, why string) {
	im.done.Refused++
	if im.file != nil {
		_ = im.report.Write(append([]string{strconv.Itoa(row.Line), why}, row.Cells...)) //nolint:errcheck // Flush tells
	}
	if im.told++; im.told <= refusalsShown {
		im.note("line %d: %s", "%d行目: %s", row.Line, why)
	}
}

func (im *importer) openReport() (err error) {
	if im.choice.report == "" {
		return nil
	}
	if im.file, err = os.OpenFile(im.choice.report, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, reportFileMode); err != nil {
		return fmt.Errorf("opening the report: %w", err)
	}
	im.report = spreadsheet.NewWriter(im.file)
	return im.report.Write(append([]string{"line", "reason"}, im.source.Header...))
}

func (im *importer) closeReport() error {
	if im.file == nil {
		return nil
	}
	return errors.Join(im.report.Flush(), im.file.Close())
}

func (im *importer) summary(w *page) {
	taken := im.say("taken in: %d", "取り込み: %d件")
	if im.choice.dryRun {
		taken = im.say("would be taken in: %d", "取り込み可能: %d件")
	}
	w.line(taken+"   "+im.say("refused: %d", "拒否: %d件"), im.done.Facts, im.done.Refused)
	im.unknownStatuses(w)
}

// statusesShown is how many words that nothing translates are told.
const statusesShown = 20

// unknownStatuses tells of statuses that nothing translates: what is cancelled
// is known by its status alone.
func (im *importer) unknownStatuses(w *page) {
	if len(im.done.Unknown) == 0 {
		return
	}
	words, rows := make([]string, 0, len(im.done.Unknown)), 0
	for _, word := range slices.Sorted(maps.Keys(im.done.Unknown)) {
		if len(words) < statusesShown {
			words = append(words, fmt.Sprintf("%s (%d)", word, im.done.Unknown[word]))
		} else if len(words) == statusesShown {
			words = append(words, "…")
		}
		rows += im.done.Unknown[word]
	}
	w.line(im.say("status not translated: %d rows: %s", "変換されない status: %d件: %s"), rows, strings.Join(words, ", "))
	means := im.say("These count as purchases, cancelled ones too.", "キャンセルを含め、すべて購入として数えます。")
	if im.source.Kind() == abi.ModelSubscription {
		means = im.say("The status of these subscriptions is not known.", "これらの定期の状態は不明になります。")
	}
	w.line("%s "+im.say("Translate them in the mapping, values: {status: {…}}, into: %s", "対応表の values: {status: {…}} で次の値に変換してください: %s"),
		means, strings.Join(memberfile.Statuses(im.source.Kind()), ", "))
}
