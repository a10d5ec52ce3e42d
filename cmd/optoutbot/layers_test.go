package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path in go.mod, plus "/".
const module = "optoutbot/"

// layers says which of our packages each of our packages may import.
var layers = map[string][]string{
	"kb":                  nil,
	"index":               {"kb"},
	"bot":                 {"kb"},
	"bot/discord":         {"bot"},
	"bot/discord/dctest":  nil,
	"bot/telegram":        {"bot"},
	"bot/telegram/tgtest": nil,
	"bot/bottest":         {"bot", "kb"},
	"bot/store":           {"bot"},
	"cmd/optoutbot":       {"kb", "index", "bot", "bot/discord", "bot/store", "bot/telegram"},
}

// only names the one package that may import each of these libraries.
var only = map[string]string{
	"github.com/blevesearch/bleve/": "index",
	"github.com/bwmarrin/discordgo": "bot/discord",
	"gopkg.in/telebot.v3":           "bot/telegram",
}

func TestLayers(t *testing.T) {
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && name != "." {
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
				return fs.SkipDir // a module of its own, which no package of ours can import
			}
		}
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := path.Dir(name)
		allowed, ok := layers[pkg]
		if !ok {
			t.Errorf("%s: package %s is not in the layer table", name, pkg)
		}
		for _, spec := range f.Imports {
			imp, _ := strconv.Unquote(spec.Path.Value)
			if dep, ours := strings.CutPrefix(imp, module); ours && !slices.Contains(allowed, dep) {
				t.Errorf("%s imports %s; package %s may import only %v", name, dep, pkg, allowed)
			}
			for lib, owner := range only {
				if strings.HasPrefix(imp, lib) && pkg != owner {
					t.Errorf("%s imports %s, which belongs to package %s alone", name, imp, owner)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
