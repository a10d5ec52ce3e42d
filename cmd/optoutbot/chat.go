package main

import (
	"bufio"
	"fmt"
	"io"
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
button, or a command such as /topics. An empty line or Ctrl-D ends it.`,
		Example: "  optoutbot chat\n  optoutbot chat --lang en",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b, _, ix, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { _ = ix.Close() }() // nothing was written
			p := newPrinter(a.out, a.getenv)
			p.press = true
			start, err := b.Ask(cmd.Context(), bot.Question{Text: "/start", Lang: a.lang})
			if err != nil {
				return err
			}
			buttons := p.reply(start)
			in := bufio.NewReader(a.in)
			for cmd.Context().Err() == nil {
				fmt.Fprint(a.out, "\n> ")
				line, long, err := readLine(in)
				text := strings.TrimSpace(string(line))
				if err == io.EOF || err == nil && text == "" && !long {
					fmt.Fprintln(a.out)
					return nil
				}
				if err != nil {
					return fmt.Errorf("read: %w", err)
				}
				fmt.Fprintln(a.out)
				if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(buttons) {
					r, err := b.Press(cmd.Context(), bot.Press{Data: buttons[n-1], Lang: a.lang})
					buttons = p.reply(r)
					if err != nil {
						fmt.Fprintln(a.err, "optoutbot:", err)
					}
					continue
				}
				r, err := b.Ask(cmd.Context(), bot.Question{Text: text, Lang: a.lang})
				buttons = p.reply(r)
				if err != nil {
					fmt.Fprintln(a.err, "optoutbot:", err)
				}
			}
			return nil
		},
	}
}
