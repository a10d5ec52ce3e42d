package bot

// Profile is how the bot presents itself in one language, where the platform
// has places for that.
type Profile struct {
	Lang        string // ISO 639-1, as Telegram names it
	Locale      string // Discord's name of the language; empty where it has none
	Tongue      string // the language's own name
	Name        string
	Short       string // a line: what it is for
	Description string // what a person reads before writing to it
	Commands    []Command
	Busy        string // said when a chat asks more than the bot may answer
	Sorry       string // said when something went wrong
	More        string // a button that opens the whole answer
	Copy        string // a button that copies a text
	AdminsOnly  string // said to a member of a group who wants to change its language

	Words map[string]string // what only some platforms have a place for, by key
}

// Command is a command that a person may type after a slash.
type Command struct {
	Name        string
	Local       string // the name in the language, where the platform can show it; may be empty
	Description string
	Group       bool   // useful in groups too
	Text        string // what it calls the text that it needs; empty if it needs none
	Admin       bool   // useful in groups to those who run them
}

// Profiles gives the profile in every language, English first.
func (b *Bot) Profiles() []Profile {
	out := make([]Profile, len(b.base.Languages))
	for i, l := range b.base.Languages {
		out[i] = Profile{
			Lang: l.Code, Locale: l.Locale, Tongue: l.Name, Words: l.Words, Name: l.Words["name"], Short: l.Words["about_short"], Description: l.Words["about"],
			Busy: l.Words["busy"], Sorry: l.Words["sorry"], More: l.Words["more"],
		}
		out[i].Copy, out[i].AdminsOnly = l.Words["copy"], l.Words["language_admins"]
		for _, c := range commands {
			c.Description, c.Local = l.Words["command_"+c.Name], l.Words["command_name_"+c.Name]
			out[i].Commands = append(out[i].Commands, c)
		}
	}
	return out
}

// commands are those that [Bot.Ask] knows, in the order in which menus show
// them.
var commands = [...]Command{
	{Name: "ask", Group: true, Text: "question"},
	{Name: "object", Group: true},
	{Name: "status", Group: true},
	{Name: "letter"},
	{Name: "remind"},
	{Name: "authority", Group: true},
	{Name: "topics", Group: true},
	{Name: "deadline", Group: true},
	{Name: "check", Group: true, Text: "claim"},
	{Name: "language", Admin: true},
	{Name: "privacy", Group: true},
	{Name: "forget", Admin: true},
	{Name: "help", Group: true},
	{Name: "start"},
}

// Kept is something that the program keeps as it runs; /privacy tells of it.
type Kept string

// What may be kept.
const (
	KeptCounts     Kept = "counts"     // how often things happened
	KeptChoices    Kept = "choices"    // what places have chosen
	KeptUpdates    Kept = "updates"    // numbers of updates that were answered, so that none is answered twice
	KeptUnanswered Kept = "unanswered" // words of questions that found nothing
)

// Keeps says what the program keeps, and for how many days it keeps
// [KeptUnanswered]. Call it before the bot is used.
func (b *Bot) Keeps(days int, what ...Kept) { b.keeps, b.keptDays = what, days }
