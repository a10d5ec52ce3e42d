package telegram

import (
	"context"
	"errors"
	"slices"

	tele "gopkg.in/telebot.v3"

	"optoutbot/bot"
)

// Limits of the profile in UTF-16 units: Telegram Bot API, setMyName,
// setMyDescription, setMyShortDescription, setMyCommands.
const (
	maxName        = 64
	maxDescription = 512
	maxShort       = 120
	maxCommandHelp = 256
)

// present gives the server the bot's commands, name and descriptions in every
// language. It changes only what differs, since the server allows few changes,
// and what fails is tried at the next start.
func (a *Adapter) present(ctx context.Context) {
	for i, p := range a.profiles {
		langs := []string{p.Lang}
		if i == 0 {
			langs = []string{"", p.Lang} // without a language: for all that have none of their own
		}
		for _, lang := range langs {
			if err := a.presentIn(ctx, p, lang); err != nil && ctx.Err() == nil {
				a.log.Warn("telegram profile not set", "lang", lang, "err", err)
			}
		}
	}
}

// presentIn sets the profile in a language.
func (a *Adapter) presentIn(ctx context.Context, p bot.Profile, lang string) error {
	var errs []error
	for _, scope := range []string{tele.CommandScopeDefault, tele.CommandScopeAllPrivateChats, tele.CommandScopeAllGroupChats} {
		errs = append(errs, a.setCommands(ctx, p, scope, lang))
	}
	return errors.Join(append(errs,
		setText(ctx, a, "MyName", profileName{Lang: lang}, profileName{clip(clean(p.Name), maxName), lang}),
		setText(ctx, a, "MyDescription", profileDescription{Lang: lang}, profileDescription{clip(clean(p.Description), maxDescription), lang}),
		setText(ctx, a, "MyShortDescription", profileShort{Lang: lang}, profileShort{clip(clean(p.Short), maxShort), lang}),
	)...)
}

// setCommands sets the commands of a scope if they differ.
func (a *Adapter) setCommands(ctx context.Context, p bot.Profile, scope, lang string) error {
	want := commandSet{Scope: tele.CommandScope{Type: scope}, Lang: lang}
	var have []tele.Command
	if err := a.ask(ctx, "getMyCommands", want, &have); err != nil {
		return err
	}
	for _, c := range p.Commands {
		if c.Group || scope != tele.CommandScopeAllGroupChats {
			want.Commands = append(want.Commands, tele.Command{Text: c.Name, Description: clip(clean(c.Description), maxCommandHelp)})
		}
	}
	if slices.Equal(have, want.Commands) {
		return nil
	}
	return a.ask(ctx, "setMyCommands", want, nil)
}

// setText sets a text of the profile if it differs. Empty is the form of the
// text with its language and no value.
func setText[T comparable](ctx context.Context, a *Adapter, what string, empty, want T) error {
	have := empty
	if err := a.ask(ctx, "get"+what, empty, &have); err != nil || have == want {
		return err
	}
	return a.ask(ctx, "set"+what, want, nil)
}

// ask makes a call of the profile.
func (a *Adapter) ask(ctx context.Context, method string, params, out any) error {
	return a.direct(ctx, func(ctx context.Context) error { return a.api.call(ctx, method, params, out) })
}
