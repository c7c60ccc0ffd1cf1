package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/musubi-run/musubi/host/app"
	"github.com/musubi-run/musubi/host/web/api"
	"github.com/musubi-run/musubi/rules/diag"
	"github.com/musubi-run/musubi/rules/library"
	"github.com/musubi-run/musubi/sdk/abi"
)

func (p *program) libraryCopy() *cobra.Command {
	var to string
	var tests bool
	cmd := p.command(about{
		use:   "copy NAME...",
		short: abi.Text{EN: "Copy flows of the library into the rules", JA: "フローをルールのフォルダーにコピーする"},
		long: abi.Text{
			EN: "Copy flows of the library into the rules folder, each as NAME.yaml, with its tables, or as a folder NAME if it\nhas further files, say what to change in it, and check the rules. A file that is there already is never overwritten.",
			JA: "フローを NAME.yaml として(表があれば表も)、ほかのファイルもあればフォルダー NAME として、ルールのフォルダーに\nコピーし、変えるところを示してから、ルールを調べます。既にあるファイルは上書きしません。",
		},
		example: "  musubi library copy ecforce-customer-to-salesforce-upsert --tests",
	}, func(_ *cobra.Command, args []string) error { return p.copyFlows(args, to, tests) })
	cmd.ValidArgs, cmd.ValidArgsFunction = library.Names(), nil
	cmd.Flags().StringVar(&to, "to", "", p.say("copy to this `folder` instead of the configured one", "設定とは別のフォルダー(`folder`)にコピーする"))
	cmd.Flags().BoolVar(&tests, "tests", false, p.say("make a folder NAME with the flow, its tests and README", "フロー・テスト・READMEを入れたフォルダー NAME を作る"))
	return cmd
}

// copied is what library copy prints as JSON of one flow.
type copied struct {
	File  string `json:"file"`
	Guide guide  `json:"guide"`

	files []newFile
}

func (p *program) copyFlows(names []string, to string, tests bool) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	flows, err := p.copies(names, cmp.Or(to, c.Rules), tests)
	if err != nil {
		return err
	}
	for _, flow := range flows {
		for _, f := range flow.files {
			if err := f.write(); err != nil {
				return err
			}
		}
	}
	folder, err := app.OpenRulesFolder(c)
	if err != nil {
		return err
	}
	folder.Dir = cmp.Or(to, folder.Dir)
	_, wrong := folder.Load()
	if p.json {
		problems, err := problemsIn(wrong)
		return errors.Join(p.printJSON(map[string]any{"flows": flows, "ok": wrong == nil, "problems": problems}), err)
	}
	return p.show(nil, func(w *page) { p.showCopied(w, flows, wrong) })
}

// problemsIn are what JSON says of rules that files were added to. That they
// cannot be used yet is no failure of adding; any other error is returned.
func problemsIn(wrong error) ([]api.RuleProblem, error) {
	problems, known := errors.AsType[diag.Problems](wrong)
	if !known {
		return []api.RuleProblem{}, wrong
	}
	return api.RuleProblems(problems), nil
}

// copies are the flows as they go into dir. Nothing is written unless all of them can be.
func (p *program) copies(names []string, dir string, tests bool) ([]copied, error) {
	var flows []copied
	for _, name := range names {
		g, err := p.guide(name)
		if err != nil {
			return nil, err
		}
		files, err := librarySources(name, dir, tests)
		if err != nil {
			return nil, err
		}
		flows = append(flows, copied{files[0].path, g, files})
	}
	return flows, nil
}

func (p *program) showCopied(w *page, flows []copied, wrong error) {
	for _, flow := range flows {
		for _, f := range flow.files {
			w.line(p.say("Written: %s", "作成しました: %s"), f.path)
		}
		p.showNeeds(w, flow.Guide.Needs)
		if flow.Guide.Change != "" {
			w.line("\n%s\n%s", p.say("What to change in it:", "変えるところ:"), flow.Guide.Change)
		}
		w.line("")
	}
	problems, known := errors.AsType[diag.Problems](wrong)
	switch {
	case wrong == nil:
		w.line("%s", p.say("The rules are all right with it.", "コピーしたフローを含め、ルールに問題はありません。"))
	case known:
		w.line("%s", p.say("The rules cannot be used yet, because:", "ルールは、次の点を直すと使えるようになります:"))
		w.WriteString(p.rendered(problems))
	default:
		w.line("%s", p.explain(wrong))
	}
}

// newFile is a file to be made where none is.
type newFile struct {
	path string
	data []byte
}

// librarySources are the files of a flow as they go into a rules folder; the flow is the first.
func librarySources(name, dir string, tests bool) ([]newFile, error) {
	paths := map[string]string{"flow.yaml": filepath.Join(dir, name+".yaml")}
	parts := library.Parts(name)
	order := append([]string{"flow.yaml"}, parts...)
	for _, part := range parts {
		paths[part] = filepath.Join(dir, part)
	}
	if tests {
		order = append(order, "tests.yaml", "README.md")
	}
	if tests || slices.ContainsFunc(parts, func(part string) bool { return filepath.Ext(part) != ".csv" }) {
		for _, file := range order {
			paths[file] = filepath.Join(dir, name, file)
		}
	}
	var files []newFile
	for _, file := range order {
		data, err := fs.ReadFile(library.Files(), name+"/"+file)
		if err != nil {
			return nil, fmt.Errorf("reading %s of the library: %w", file, err)
		}
		if _, err := os.Lstat(paths[file]); err == nil {
			return nil, alreadyThere(paths[file])
		}
		files = append(files, newFile{paths[file], data})
	}
	return files, nil
}

// write makes the file and its folder, and overwrites nothing.
func (f newFile) write() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return fmt.Errorf("making the folder: %w", err)
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return alreadyThere(f.path)
	}
	if err != nil {
		return fmt.Errorf("making the file: %w", err)
	}
	_, err = file.Write(f.data)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", f.path, err)
	}
	return nil
}

func alreadyThere(path string) error {
	return fault(nil,
		path+" is there already and is not overwritten: move it away or give another folder with --to",
		path+" は既にあるため、上書きしません。移動するか、--to で別のフォルダーを指定してください")
}
