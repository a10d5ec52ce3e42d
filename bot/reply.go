package bot

import "optoutbot/kb"

// Reply is what the bot says. Nothing in it comes from what the person typed.
type Reply struct {
	Outcome Outcome
	Lang    string
	Entry   string // the entry that is shown, or empty
	Claim   string // the claim whose verdict is shown, or empty

	Title        string
	Blocks       []Block  // what is said, the short answer first
	Links        []Link   // what may be opened, the most useful first
	Sources      []Source // where the answer comes from
	SourcesLabel string   // the word above them
	Checked      string   // the sentence that says when it was checked
	Rows         []Row    // what may be pressed
	Files        []File   // what may be kept
	Private      bool     // for the asker alone, where the platform can do that
	Again        string   // a button's data that gives this reply once more, in the language of who presses; or empty
}

// Block, Item and Span are the knowledge base's; adapters need not know it.
type (
	Block = kb.Block
	Item  = kb.Item
	Span  = kb.Span
)

// The kinds of blocks.
const (
	Paragraph = kb.Paragraph
	Bullets   = kb.Bullets
	Numbers   = kb.Numbers
	Verbatim  = kb.Verbatim
)

// Link is a link as a person sees it: the label and the host say where it goes.
type Link struct {
	ID    string
	URL   string
	Label string
	Host  string
	Note  string // what to know before opening it
}

// Source is where a statement comes from.
type Source struct {
	Name string // publisher, with the date where it is known
	URL  string // the publisher's own page, or empty
}

// File is a small file that the bot made for the person, in memory.
type File struct {
	Name string // ASCII, with its ending
	Type string // media type
	Data []byte // at most [MaxFile] bytes
}

// MaxFile is the most bytes that a file has; platforms take far more.
const MaxFile = 64 << 10

// Row is a group of buttons with the words above them.
type Row struct {
	Label   string
	Buttons []Button
}

// Button is something to press. Data is the whole state, at most
// [MaxData] bytes; give it back to [Bot.Press].
type Button struct {
	Label string
	Data  string
}

// MaxData is the most bytes that a button's data has: Telegram Bot API,
// InlineKeyboardButton, callback_data.
const MaxData = 64

// note adds a small paragraph at the end.
func (r *Reply) note(text string) {
	r.Blocks = append(r.Blocks, paragraph(text))
}

func paragraph(text string) Block {
	return Block{Kind: Paragraph, Items: []Item{{{Text: text}}}}
}

// Short returns the short answer.
func (r *Reply) Short() string { return kb.Body(r.Blocks).Short() }
