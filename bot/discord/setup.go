package discord

import (
	"context"
	"strconv"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// setupPrefix begins the ids of what /setup shows; what is to be done follows.
const setupPrefix = "setup:"

// What can be done.
const (
	setPublic   = "public"
	setPrivate  = "private"
	setLanguage = "lang" // a number follows; the language is the menu's value
	ownLanguage = "own"
)

// mayManage reports whether the person may manage the server: Discord shows
// /setup to no one else, unless a server says otherwise.
func (i *interaction) mayManage() bool {
	if i.Guild == "" || i.Member == nil {
		return false
	}
	p, err := strconv.ParseInt(i.Member.Permissions, 10, 64)
	return err == nil && p&(discordgo.PermissionManageServer|discordgo.PermissionAdministrator) != 0
}

// setup shows what is set for the server, after it has done what was pressed:
// an action and its values.
func (a *Adapter) setup(ctx context.Context, i *interaction, pressed []string) said {
	words := a.profile(i.Locale).Words
	if !i.mayManage() {
		return a.tell(i, sentence(words["discord_setup_only"]), true)
	}
	at := server(i.Guild)
	lost := false
	if change := a.change(pressed); change != nil {
		err := a.bot.Choose(ctx, at, change)
		a.errorOf("choice not kept", err)
		want := a.choices(ctx, at)
		have := want
		change(&want)
		lost = err != nil || want != have
	}
	s := a.tell(i, a.setupReply(words, a.choices(ctx, at), lost), true)
	if pressed != nil {
		s.answer.Type = discordgo.InteractionResponseUpdateMessage
	}
	return s
}

// change is what a press changes, nil for nothing.
func (a *Adapter) change(pressed []string) func(*bot.Choices) {
	if len(pressed) == 0 {
		return nil
	}
	switch pressed[0] {
	case setPublic, setPrivate:
		return func(c *bot.Choices) { c.Public = pressed[0] == setPublic }
	}
	if len(pressed) < 2 || len(pressed[0]) < len(setLanguage) || pressed[0][:len(setLanguage)] != setLanguage {
		return nil
	}
	if pressed[1] == ownLanguage {
		return func(c *bot.Choices) { c.Lang = "" }
	}
	for _, p := range a.profiles {
		if p.Lang == pressed[1] {
			return func(c *bot.Choices) { c.Lang = p.Lang }
		}
	}
	return nil
}

// setupReply shows what is set, with what can be changed.
func (a *Adapter) setupReply(words map[string]string, c bot.Choices, lost bool) bot.Reply {
	now := words["discord_setup_private"]
	if c.Public {
		now = words["discord_setup_public"]
	}
	r := sentence(now)
	r.Outcome = bot.Answer // the menus' words stand in them
	if lost {
		r.Blocks = append(sentence(words["discord_setup_lost"]).Blocks, r.Blocks...)
	}
	tongue := words["discord_setup_own"]
	all := []bot.Button{{Label: tongue, Data: ownLanguage}}
	for _, p := range a.profiles {
		all = append(all, bot.Button{Label: p.Tongue, Data: p.Lang})
		if p.Lang == c.Lang {
			tongue = p.Tongue
		}
	}
	label := words["discord_setup_language"] + ": " + tongue
	r.Blocks = append(r.Blocks, sentence(label).Blocks...)
	r.Rows = []bot.Row{{Buttons: []bot.Button{
		{Label: words["discord_setup_be_private"], Data: setupPrefix + setPrivate},
		{Label: words["discord_setup_be_public"], Data: setupPrefix + setPublic},
	}}, {Label: label, Buttons: all}}
	return r
}
