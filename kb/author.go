package kb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// File is a file of a knowledge base that is to be written.
type File struct {
	Name string // with slashes, from the folder of the knowledge base
	Data []byte
}

// LayOut gives the files that a language lacks, each with the English text and
// its hash in place, and the list of languages with the language in it.
func LayOut(fsys fs.FS, lang string) ([]File, error) {
	tag, err := language.ParseBase(lang)
	if err != nil || len(lang) != 2 || tag.String() != lang || lang == English {
		return nil, fmt.Errorf("%q is no code of another language: give two small letters of ISO 639-1", lang)
	}
	list, err := fs.ReadFile(fsys, languageFile)
	if err != nil {
		return nil, err
	}
	var out []File
	if !bytes.Contains(list, []byte("code: "+lang+"\n")) {
		out = append(out, File{languageFile, append(bytes.TrimRight(list, "\n"), languageLine(lang)...)})
	}
	err = eachEnglish(fsys, func(name string, data []byte) {
		target := translated(name, lang)
		if _, err := fs.Stat(fsys, target); !errors.Is(err, fs.ErrNotExist) {
			return
		}
		switch path.Ext(name) {
		case ".txt":
			data = []byte("# How people ask this in their own words, a question a line; 60 and more. Not a translation of the English ones.\n")
		default:
			data = signed(data, hashText(data))
		}
		out = append(out, File{target, data})
	})
	return out, err
}

// languageLine is a new language's line in the table, as far as it can be
// known.
func languageLine(code string) []byte {
	tag := language.Make(code)
	script, _ := tag.Script()
	name := []rune(display.Self.Name(tag))
	name[0] = unicode.ToUpper(name[0])
	var b bytes.Buffer
	fmt.Fprintf(&b, "\n- code: %s\n  name: %s\n  script: %s\n  stem: %s\n", code, string(name), display.English.Scripts().Name(script), StemFor(code))
	if i := slices.IndexFunc(locales, func(l string) bool { return l == code || strings.HasPrefix(l, code+"-") }); i >= 0 {
		fmt.Fprintf(&b, "  discord: %s\n", locales[i])
	}
	fmt.Fprintf(&b, "  fallback: %s\n", English)
	return b.Bytes()
}

// StemFor is how words of a language are cut to their stems, by its code: with
// the stemmer that has the language's name, or after the first five letters.
func StemFor(code string) string {
	name, _, _ := strings.Cut(strings.ToLower(display.English.Languages().Name(language.Make(code))), " ")
	if slices.Contains(Stems, name) {
		return name
	}
	if slices.Contains(changeAtStart, code) {
		return "none"
	}
	return "first-5"
}

// changeAtStart are the languages whose words change at their beginnings, Irish
// and Maltese: letter runs find them better than first letters.
var changeAtStart = []string{"ga", "mt"}

// Sign gives the files of a language, or of some of its entries, with the hash
// of the present English text in place. Files that have it are left out.
func Sign(fsys fs.FS, lang string, entries []string) ([]File, error) {
	for _, id := range entries {
		if _, err := fs.Stat(fsys, entryFileOf(id)); err != nil {
			return nil, fmt.Errorf("there is no entry %q", id)
		}
	}
	var out []File
	found := false
	err := eachEnglish(fsys, func(name string, english []byte) {
		if len(entries) > 0 && !(strings.HasPrefix(name, "entries/") && slices.Contains(entries, path.Base(path.Dir(name)))) || path.Ext(name) == ".txt" {
			return
		}
		data, err := fs.ReadFile(fsys, translated(name, lang))
		if err != nil || lang == English {
			return
		}
		found = true
		if now := signed(plainEnds(data), hashText(english)); !bytes.Equal(now, plainEnds(data)) {
			out = append(out, File{translated(name, lang), now})
		}
	})
	if err == nil && !found {
		return nil, fmt.Errorf("there are no files of a language %q to sign", lang)
	}
	return out, err
}

// eachEnglish visits the English files from which translations are made.
func eachEnglish(fsys fs.FS, each func(name string, data []byte)) error {
	for _, folder := range []string{"entries", "texts"} {
		err := fs.WalkDir(fsys, folder, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasPrefix(d.Name(), English+".") {
				return err
			}
			data, err := fs.ReadFile(fsys, name)
			if err == nil {
				each(name, plainEnds(data))
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// translated is the name of the file that a language has for an English one.
func translated(name, lang string) string {
	return path.Join(path.Dir(name), lang+strings.TrimPrefix(path.Base(name), English))
}

// plainEnds gives a file without a mark of its encoding, its lines ended by \n.
func plainEnds(data []byte) []byte {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(data, []byte("\r"), []byte("\n"))
}

// hashText is the hash by which a translation names its English text.
func hashText(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// signed puts the hash of the English text into a file: into the front matter of
// an answer, or at the top of a file of texts.
func signed(data []byte, hash string) []byte {
	head, rest, ok := bytes.Cut(data, []byte("\n---\n"))
	if bytes.HasPrefix(data, []byte("---\n")) && ok {
		return slices.Concat(replaceLine(head, "of: ", "of: "+hash, false), []byte("\n---\n"), rest)
	}
	return replaceLine(data, ofMark, ofMark+hash, true)
}

// replaceLine puts a line in the place of the one that begins with start, or at
// the end or the top.
func replaceLine(data []byte, start, line string, top bool) []byte {
	lines := strings.Split(string(data), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, start) })
	switch {
	case at >= 0:
		lines[at] = line
	case top:
		lines = append([]string{line}, lines...)
	default:
		lines = append(lines, line)
	}
	return []byte(strings.Join(lines, "\n"))
}
