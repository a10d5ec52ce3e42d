package discord

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
)

// setupPrefix begins the ids of what /setup shows; what is to be done follows.
const setupPrefix = "setup:"

// What can be done.
const (
	setPublic   = "public"
	setPrivate  = "private"
	setLanguage = "lang:" // the language follows, or nothing for the server's own
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

// setup shows what is set for the server, after it has done what was pressed.
func (a *Adapter) setup(ctx context.Context, i *interaction, pressed string) said {
	words := a.profile(i.Locale).Words
	if !i.mayManage() {
		return a.tell(i, sentence(words["discord_setup_only"]), true)
	}
	at := server(i.Guild)
	lost := false
	if change := a.change(pressed); change != nil {
		err := a.bot.Choose(ctx, at, change)
		a.errorOf("choice not kept", err)
		have := a.choices(ctx, at)
		want := have
		change(&want)
		lost = err != nil || want != have
	}
	s := a.tell(i, a.setupReply(words, a.choices(ctx, at), lost), true)
	if pressed != "" {
		s.answer.Type = discordgo.InteractionResponseUpdateMessage
	}
	return s
}

// change is what a press changes, nil for nothing.
func (a *Adapter) change(pressed string) func(*bot.Choices) {
	lang, isLang := strings.CutPrefix(pressed, setLanguage)
	switch {
	case pressed == setPublic, pressed == setPrivate:
		return func(c *bot.Choices) { c.Public = pressed == setPublic }
	case isLang && (lang == "" || a.speaks(lang)):
		return func(c *bot.Choices) { c.Lang = lang }
	}
	return nil
}

func (a *Adapter) speaks(lang string) bool {
	return slices.ContainsFunc(a.profiles, func(p bot.Profile) bool { return p.Lang == lang })
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
	all := []bot.Button{{Label: tongue, Data: setupPrefix + setLanguage}}
	for _, p := range a.profiles {
		all = append(all, bot.Button{Label: p.Tongue, Data: setupPrefix + setLanguage + p.Lang})
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
