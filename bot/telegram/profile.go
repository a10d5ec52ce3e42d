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
	for _, scope := range []string{
		tele.CommandScopeDefault, tele.CommandScopeAllPrivateChats, tele.CommandScopeAllGroupChats, tele.CommandScopeAllChatAdmin,
	} {
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
	set := commandSet{Scope: tele.CommandScope{Type: scope}, Lang: lang}
	want := set
	want.Commands = a.commandsOf(p, scope)
	have, err := a.getCommands(ctx, set)
	if err != nil || slices.Equal(have, want.Commands) {
		return err
	}
	if err := a.ask(ctx, "setMyCommands", want, nil); err != nil || a.openly || !slices.ContainsFunc(want.Commands, isSecret) {
		return err
	}
	// A server that does not know of secret commands forgets that they are;
	// the others need not be set anew at each start for that.
	if have, err = a.getCommands(ctx, set); err == nil && !slices.ContainsFunc(have, isSecret) {
		a.openly = true
	}
	return err
}

func (a *Adapter) getCommands(ctx context.Context, set commandSet) (have []botCommand, err error) {
	err = a.ask(ctx, "getMyCommands", set, &have)
	return have, err
}

func isSecret(c botCommand) bool { return c.Secret }

// commandsOf are the commands of a scope. In groups they are between the person
// and the bot, so that nobody else is bothered and nobody sees what is asked;
// but a post is checked for all who have read it.
func (a *Adapter) commandsOf(p bot.Profile, scope string) []botCommand {
	admins := scope == tele.CommandScopeAllChatAdmin
	group := admins || scope == tele.CommandScopeAllGroupChats
	var out []botCommand
	for _, c := range p.Commands {
		if !group || c.Group || admins && c.Admin {
			out = append(out, botCommand{c.Name, clip(clean(c.Description), maxCommandHelp), group && !a.openly && c.Name != "check"})
		}
	}
	return out
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
