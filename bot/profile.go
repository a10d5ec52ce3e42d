package bot

// Profile is how the bot presents itself in one language, where the platform
// has places for that.
type Profile struct {
	Lang        string // ISO 639-1, as Telegram names it
	Locale      string // Discord's name of the language; empty where it has none
	Name        string
	Short       string // a line: what it is for
	Description string // what a person reads before writing to it
	Commands    []Command
	Busy        string // said when a chat asks more than the bot may answer
	Sorry       string // said when something went wrong
	More        string // a button that opens the whole answer
}

// Command is a command that a person may type after a slash.
type Command struct {
	Name        string
	Description string
	Group       bool // useful in groups too
}

// Profiles gives the profile in every language, English first.
func (b *Bot) Profiles() []Profile {
	out := make([]Profile, len(b.base.Languages))
	for i, l := range b.base.Languages {
		out[i] = Profile{
			Lang: l.Code, Locale: l.Locale, Name: l.Words["name"], Short: l.Words["about_short"], Description: l.Words["about"],
			Busy: l.Words["busy"], Sorry: l.Words["sorry"], More: l.Words["more"],
		}
		for _, c := range commands {
			c.Description = l.Words["command_"+c.Name]
			out[i].Commands = append(out[i].Commands, c)
		}
	}
	return out
}

// commands are those that [Bot.Ask] knows, in the order in which menus show
// them.
var commands = [...]Command{
	{Name: "ask", Group: true},
	{Name: "topics", Group: true},
	{Name: "deadline", Group: true},
	{Name: "check", Group: true},
	{Name: "language"},
	{Name: "privacy", Group: true},
	{Name: "help", Group: true},
	{Name: "start"},
}

// Kept is something that the program keeps as it runs; /privacy tells of it.
type Kept string

// What may be kept.
const (
	KeptUpdates Kept = "updates" // numbers of updates that were answered, so that none is answered twice
)

// Keeps says what the program keeps. Call it before the bot is used.
func (b *Bot) Keeps(what ...Kept) { b.keeps = what }
