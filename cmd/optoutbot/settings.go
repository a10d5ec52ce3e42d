package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"optoutbot/bot/store"
	"optoutbot/bot/telegram"
)

// value is what an option is set to, and by what.
type value struct {
	text string
	from string // flag, environment, file, default
}

// origins are the places that settings come from; a flag goes before the
// environment, and that before the file.
type origins struct {
	flags  *pflag.FlagSet
	getenv func(string) string
	file   map[string]yaml.Node // by key
	name   string               // of the file
}

// addOptions gives a command the flags of all options.
func (a *app) addOptions(flags *pflag.FlagSet) {
	flags.String("config", "", "YAML file with settings (or OPTOUTBOT_CONFIG)")
	for _, o := range a.options() {
		if o.secret {
			flags.String(o.name+"-file", "", "file with "+o.help)
			continue
		}
		help := o.help
		if o.def != "" {
			help += " (default " + o.def + ")"
		}
		flags.String(o.name, "", help)
	}
}

// readSettings reads all settings. Its error names everything that is wrong,
// each with what to do.
func (a *app) readSettings(flags *pflag.FlagSet) (settings, map[string]value, error) {
	var s settings
	l := origins{flags: flags, getenv: a.getenv}
	all := a.options()
	errs := l.readFile(all)
	values := map[string]value{}
	for _, o := range all {
		v, err := l.value(o)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		values[o.name] = v
		if err := o.set(&s, v.text); err != nil {
			shown := fmt.Sprintf("%q", v.text)
			if o.secret || strings.Contains(v.text, "://") {
				shown = "what is set" // it may hold a password
			}
			errs = append(errs, fmt.Errorf("%s (from the %s): %s will not do; %w", o.env(), v.from, shown, err))
		}
	}
	errs = append(errs, s.together(values)...)
	s.Telegram.Journal = a.journal(s.Telegram)
	return s, values, errors.Join(errs...)
}

// together checks what only settings together can have wrong.
func (s *settings) together(values map[string]value) []error {
	var errs []error
	if telegramToken.MatchString(string(s.Discord.Token)) {
		errs = append(errs, errors.New("DISCORD_TOKEN: that has the form of a Telegram token; are the two swapped?"))
	}
	if t := string(s.Telegram.Token); t != "" && !telegramToken.MatchString(t) {
		errs = append(errs, errors.New("TELEGRAM_TOKEN: it has the form NUMBER:LETTERS that @BotFather gives; is it another platform's?"))
	}
	if values["shard-id"].text != "" && s.Discord.Shards == 0 {
		errs = append(errs, errors.New("SHARD_ID is set and SHARD_COUNT is not; set both or neither"))
	}
	if s.Store.hasPassword() && values["store"].from != "environment" {
		errs = append(errs, errors.New("STORE: the address holds a password, which others can read in a flag or a file of settings; set it in the environment, or leave it out and use PGPASSFILE"))
	}
	if s.Store != "" && len(s.StoreKey) < 32 {
		errs = append(errs, errors.New("STORE_KEY: a PostgreSQL store needs a secret of 32 characters and more that all replicas share; make one with: openssl rand -hex 32"))
	}
	if s.Keep > 0 && s.Data == "" && s.Store == "" {
		errs = append(errs, errors.New("KEEP_UNANSWERED: nothing can be kept while DATA is off; set a folder, or leave KEEP_UNANSWERED out"))
	}
	return errs
}

// telegramToken is the form of a token that @BotFather gives.
var telegramToken = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// readFile reads the file of settings, if there is one.
func (l *origins) readFile(all []option) []error {
	l.name = l.getenv("OPTOUTBOT_CONFIG")
	if f := l.flags.Lookup("config"); f != nil && f.Changed {
		l.name = f.Value.String()
	}
	if l.name == "" {
		return nil
	}
	data, err := os.ReadFile(l.name)
	if err != nil {
		return []error{fmt.Errorf("the file of settings: %w", err)}
	}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return []error{fmt.Errorf("%s: %w", l.name, err)}
	}
	if len(root.Content) == 0 { // nothing but comments
		return nil
	}
	m := root.Content[0]
	if m.Kind != yaml.MappingNode {
		return []error{fmt.Errorf("%s:%d: settings stand one a line, as in data: /var/lib/optoutbot", l.name, m.Line)}
	}
	known := map[string]option{}
	for _, o := range all {
		known[o.key()] = o
		if o.secret {
			known[o.key()+"_file"] = option{name: o.name + "-file"}
		}
	}
	l.file = map[string]yaml.Node{}
	var errs []error
	for i := 0; i+1 < len(m.Content); i += 2 {
		key, node := m.Content[i], m.Content[i+1]
		o, ok := known[key.Value]
		_, twice := l.file[key.Value]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s:%d: there is no setting %q; optoutbot config lists all", l.name, key.Line, key.Value))
		case o.secret:
			errs = append(errs, fmt.Errorf("%s:%d: %s is a secret and may not stand here; name the file that holds it: %s_file", l.name, key.Line, key.Value, key.Value))
		case node.Kind != yaml.ScalarNode:
			errs = append(errs, fmt.Errorf("%s:%d: %s has one value", l.name, node.Line, key.Value))
		case twice:
			errs = append(errs, fmt.Errorf("%s:%d: %s stands twice", l.name, key.Line, key.Value))
		default:
			l.file[key.Value] = *node
		}
	}
	return errs
}

// value finds what an option is set to.
func (l *origins) value(o option) (value, error) {
	if o.secret {
		return l.secret(o)
	}
	if v, ok := l.lookup(o); ok {
		return v, nil
	}
	return value{o.def, "default"}, nil
}

// lookup looks for a value in each layer. An empty one counts as not set.
func (l *origins) lookup(o option) (value, bool) {
	if f := l.flags.Lookup(o.name); f != nil && f.Changed {
		return value{strings.TrimSpace(f.Value.String()), "flag"}, true
	}
	if v := strings.TrimSpace(l.getenv(o.env())); v != "" {
		return value{v, "environment"}, true
	}
	if n, ok := l.file[o.key()]; ok && n.Value != "" && n.Tag != "!!null" {
		return value{strings.TrimSpace(n.Value), "file"}, true
	}
	return value{}, false
}

// maxSecret is how long a file with a secret may be.
const maxSecret = 4096

// secret reads NAME, or the file that NAME_FILE names.
func (l *origins) secret(o option) (value, error) {
	v := value{strings.TrimSpace(l.getenv(o.env())), "environment"}
	file, named := l.lookup(option{name: o.name + "-file"})
	switch {
	case v.text != "" && named:
		return v, fmt.Errorf("%s and %s_FILE are both set; set one", o.env(), o.env())
	case v.text != "":
		return v, nil
	case !named:
		return value{"", "default"}, nil
	}
	data, err := os.ReadFile(file.text)
	v = value{strings.TrimSpace(string(data)), file.from}
	switch {
	case err != nil:
		return v, fmt.Errorf("%s_FILE: %w", o.env(), err)
	case v.text == "":
		return v, fmt.Errorf("%s_FILE: %s is empty; write the secret into it", o.env(), file.text)
	case len(data) > maxSecret:
		return v, fmt.Errorf("%s_FILE: %s has %d bytes, which is no secret; is it the right file?", o.env(), file.text, len(data))
	}
	return v, nil
}

// storeConfig says where the store is; false when nothing is to be kept.
func (s *settings) storeConfig() (store.Config, bool) {
	where := s.Data
	if s.Store != "" {
		where = string(s.Store)
	}
	return store.Config{Where: where, Key: []byte(s.StoreKey)}, where != ""
}

// id is the part of the token before the colon: the bot's public id. Two bots on
// one machine count their updates apart.
func (t telegramSettings) id() string {
	id, _, _ := strings.Cut(string(t.Token), ":")
	return id
}

// journal is the file for the numbers of answered updates; empty when there is
// none.
func (a *app) journal(t telegramSettings) string {
	switch {
	case t.Journal == off || t.Token == "":
		return ""
	case t.Journal != "":
		return t.Journal
	}
	return filepath.Join(a.cacheDir(), "telegram-"+filepath.Base(t.id())+".updates")
}

// config is what the adapter needs. With a webhook it listens already, so that
// an address in use is an error at the start.
func (t telegramSettings) config() (telegram.Config, error) {
	c := telegram.Config{Token: string(t.Token), URL: t.URL, Journal: t.Journal, Limits: t.Limits}
	if t.HookURL == "" {
		return c, nil
	}
	l, err := net.Listen("tcp", t.Listen)
	if err != nil {
		return c, fmt.Errorf("TELEGRAM_WEBHOOK_LISTEN: %w", err)
	}
	c.Webhook = &telegram.Webhook{URL: t.HookURL, Secret: string(t.HookKey), Listener: l}
	return c, nil
}
