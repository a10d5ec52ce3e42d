package discord

import (
	"encoding/json"
	"testing"

	"github.com/bwmarrin/discordgo"

	"optoutbot/bot"
	"optoutbot/bot/bottest"
	"optoutbot/bot/discord/dctest"
)

// tongues is a bot that speaks what a test wants.
type tongues struct {
	*bot.Bot
	langs []string
}

func (b tongues) Profiles() []bot.Profile {
	var out []bot.Profile
	for _, lang := range b.langs {
		p := b.Bot.Profiles()[0]
		p.Commands = append([]bot.Command(nil), p.Commands...)
		p.Lang, p.Locale = lang, localeOf(lang)
		for i := range p.Commands {
			p.Commands[i].Local = "x-" + lang
			if p.Commands[i].Name == "topics" {
				p.Commands[i].Local = "Not A Name" // a translator's slip costs the name, not the commands
			}
		}
		out = append(out, p)
	}
	return out
}

// everyLocale is what Discord has of the languages of Europe.
var everyLocale = map[string]string{
	"da": "da", "de": "de", "en-US": "en", "en-GB": "en", "es-ES": "es", "fr": "fr", "hr": "hr", "it": "it", "lt": "lt",
	"hu": "hu", "nl": "nl", "no": "nb", "pl": "pl", "pt-BR": "pt", "ro": "ro", "fi": "fi", "sv-SE": "sv", "tr": "tr", "cs": "cs",
	"el": "el", "bg": "bg", "uk": "uk",
}

// localeOf is what the table of languages says of a language.
func localeOf(lang string) string {
	for locale, l := range everyLocale {
		if l == lang && locale != "en-US" {
			return locale
		}
	}
	return ""
}

func TestCommandsInEveryLocale(t *testing.T) {
	langs := []string{"en", "sk", "sl", "et", "lv", "ga", "mt"} // the last six Discord does not have
	for _, l := range everyLocale {
		if l != "en" {
			langs = append(langs, l)
		}
	}
	r := newRig(t, tongues{bottest.New(t), langs}, dctest.Options{}, nil).run(t)
	r.calls(t, dctest.Put, 1)
	for _, c := range r.a.commands() {
		names := *c.NameLocalizations
		for locale, lang := range everyLocale {
			want := "x-" + lang
			switch {
			case c.Name == "topics" || c.Name == setupCommand:
				want = ""
			case c.Type == discordgo.MessageApplicationCommand:
				want = c.Name
			}
			if got := names[discordgo.Locale(locale)]; got != want {
				t.Errorf("%s in %s: got %q, want %q", c.Name, locale, got, want)
			}
			if c.Type == discordgo.ChatApplicationCommand && (*c.DescriptionLocalizations)[discordgo.Locale(locale)] == "" {
				t.Errorf("%s in %s has no description", c.Name, locale)
			}
		}
		for locale := range names {
			if locale == "sk" || locale == "mt" {
				t.Errorf("%s has a name in %s, which Discord does not know", c.Name, locale)
			}
		}
	}
	if got := r.a.lang("no"); got != "nb" {
		t.Errorf("Norwegian is %q", got)
	}
}

// Commands are overwritten when they differ from what Discord has, and only
// then.
func TestCommandsOnce(t *testing.T) {
	r := start(t, bottest.New(t))
	r.calls(t, dctest.Put, 1)
	r.calls(t, dctest.PatchApp, 1)
	again := newRig(t, bottest.New(t), dctest.Options{}, func(_ *rig, c *Config) { c.API = r.URL }).run(t)
	before := len(r.calls(t, dctest.App, 1))
	r.waitGateway(t, func(c dctest.GatewayCounts) bool { return c.Identified == 2 })
	r.calls(t, dctest.App, before+1) // it comes after the commands
	if err := again.stop(); err != nil {
		t.Error(err)
	}
	if n := len(r.Calls(dctest.Put)); n != 1 {
		t.Errorf("the same commands were set %d times", n)
	}
	if n := len(r.Calls(dctest.PatchApp)); n != 1 {
		t.Errorf("the installation was set %d times", n)
	}
}

func TestHash(t *testing.T) {
	a := newRig(t, bottest.New(t), dctest.Options{}, nil).a
	list := a.commands()
	raw := func() []byte {
		out, err := json.Marshal(list)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first := hash(raw())
	list[0], list[1] = list[1], list[0]
	if hash(raw()) != first {
		t.Error("the order counts")
	}
	list[1].Options[0].Description += "!"
	if hash(raw()) == first {
		t.Error("a description of an option does not count")
	}
	if hash([]byte("x")) == first {
		t.Error("what is no JSON is like the commands")
	}
}

// Where each command can be used is said in full.
func TestContexts(t *testing.T) {
	a := newRig(t, bottest.New(t), dctest.Options{}, nil).a
	for _, c := range a.commands() {
		contexts, types := 3, 2
		if c.Name == setupCommand {
			contexts, types = 1, 1
			if c.DefaultMemberPermissions == nil || *c.DefaultMemberPermissions != discordgo.PermissionManageGuild {
				t.Error("/setup is there for all")
			}
		}
		if len(*c.Contexts) != contexts || len(*c.IntegrationTypes) != types {
			t.Errorf("%s: contexts %v, installed %v", c.Name, *c.Contexts, *c.IntegrationTypes)
		}
	}
}
