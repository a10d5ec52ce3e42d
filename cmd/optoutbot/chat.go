package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"optoutbot/bot"
)

func newChat(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "chat",
		Short: "Talk to the bot in the terminal; no token needed",
		Long: `chat is the whole bot in the terminal: type a question, or the number of a
button, or a command such as /object. When the bot has made a file, save keeps
it in the current folder. An empty line or Ctrl-D ends it.`,
		Example: "  optoutbot chat\n  optoutbot chat --lang en",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, _, ix, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			t := &talk{app: a, bot: b, printer: newPrinter(a.out, a.getenv)}
			t.printer.press = true
			return t.run(cmd.Context())
		},
	}
}

// talk is a conversation in the terminal.
type talk struct {
	*app
	bot     *bot.Bot
	printer *printer
	buttons []string   // data of what can be pressed
	files   []bot.File // what can be saved
}

func (t *talk) run(ctx context.Context) error {
	start, err := t.bot.Ask(ctx, bot.Question{Text: "/start", Lang: t.lang})
	if err != nil {
		return err
	}
	t.show(start, nil)
	in := bufio.NewReader(t.in)
	for ctx.Err() == nil {
		fmt.Fprint(t.out, "\n> ")
		line, long, err := readLine(in)
		text := strings.TrimSpace(string(line))
		if err == io.EOF || err == nil && text == "" && !long {
			fmt.Fprintln(t.out)
			return nil
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		fmt.Fprintln(t.out)
		t.say(ctx, text)
	}
	return nil
}

// say answers a line: the number of a button, save, or a question.
func (t *talk) say(ctx context.Context, text string) {
	if text == "save" && len(t.files) > 0 {
		t.save()
		return
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(t.buttons) {
		t.show(t.bot.Press(ctx, bot.Press{Data: t.buttons[n-1], Lang: t.lang}))
		return
	}
	t.show(t.bot.Ask(ctx, bot.Question{Text: text, Lang: t.lang}))
}

func (t *talk) show(r bot.Reply, err error) {
	t.buttons, t.files = t.printer.reply(r), r.Files
	if err != nil {
		fmt.Fprintln(t.err, "optoutbot:", err)
	}
}

// save writes the files of the last reply into the current folder. It writes
// over nothing.
func (t *talk) save() {
	for _, f := range t.files {
		name, err := saveNew(f)
		if err != nil {
			fmt.Fprintln(t.err, "optoutbot:", err)
			continue
		}
		fmt.Fprintf(t.out, "Saved as %s\n", name)
	}
}

// saveNew writes a file under its name, or with a number before the ending when
// there is one already.
func saveNew(f bot.File) (string, error) {
	ending := filepath.Ext(f.Name)
	for n := 1; n < 100; n++ {
		name := filepath.Base(f.Name)
		if n > 1 {
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ending), n, ending)
		}
		out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("save: %w", err)
		}
		_, err = out.Write(f.Data)
		if err := errors.Join(err, out.Close()); err != nil {
			return "", fmt.Errorf("save: %w", err)
		}
		return name, nil
	}
	return "", fmt.Errorf("save: there are many files named %s already", f.Name)
}
