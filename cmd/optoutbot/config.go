package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newConfig(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the settings in force, and where each comes from",
		Long: `config shows every setting with its value and where that comes from: a flag, the
environment, the file of settings (--config), or the default. Secrets are shown
as ***. The name of a flag is that of the setting with hyphens, and the key in
the file is the name in small letters:

  data: /var/lib/optoutbot
  telegram_token_file: /etc/optoutbot/telegram.token`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, values, err := a.readSettings(cmd.Flags())
			w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "SETTING\tVALUE\tFROM\tMEANING")
			for _, o := range a.options() {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", o.env(), shown(o, values[o.name].text), values[o.name].from, o.help)
			}
			if flushErr := w.Flush(); flushErr != nil {
				return fmt.Errorf("write: %w", flushErr)
			}
			return err
		},
	}
	a.addOptions(cmd.Flags())
	return cmd
}

// shown is a value as it may be seen.
func shown(o option, text string) string {
	switch {
	case text == "":
		return "-"
	case o.secret:
		return secret(text).String()
	}
	return address(text).String()
}
