package bot

import "optoutbot/kb"

// Outcome says what the bot does with a question.
type Outcome string

// The outcomes.
const (
	Answer Outcome = "answer" // it gives the answer
	Choose Outcome = "choose" // it offers two or three
	None   Outcome = "none"   // it has no answer and says so
)

// Decision is what the bot makes of what was found.
type Decision struct {
	Outcome  Outcome
	Answers  []Match // at most three, best first: the answer, the choice or the nearest topics
	Declined string  // the decline entry that fits, with outcome none
	Claim    string  // the claim that the question repeats
}

// Thresholds on the chance that an entry is the right one. They were chosen on
// the development questions (kb/content/golden/en.dev.jsonl), not on those that
// are reported.
const (
	answerFrom = 0.50 // the best answer is given
	chooseFrom = 0.25 // the best three answers together are offered
	maxAnswers = 3
)

// Decide chooses between answering, offering a choice and saying that there is
// no answer.
func (b *Bot) Decide(f Found) Decision {
	d := Decision{Outcome: None, Claim: f.Claim}
	sum, declined := 0.0, 0.0
	for _, m := range f.Matches {
		e := b.base.Entry(m.ID)
		switch {
		case e == nil:
		case e.Kind == kb.Decline:
			if d.Declined == "" {
				d.Declined = m.ID
			}
			declined += m.Confidence
		case len(d.Answers) < maxAnswers:
			d.Answers = append(d.Answers, m)
			sum += m.Confidence
		}
	}
	if len(d.Answers) == 0 {
		return d
	}
	switch {
	case d.Answers[0].Confidence >= answerFrom:
		d.Outcome, d.Declined = Answer, ""
	case sum >= chooseFrom:
		d.Outcome, d.Declined = Choose, ""
	case declined <= sum:
		d.Declined = ""
	}
	if f.Foreign { // what fits may be chance: nothing is answered or declined for sure
		d.Declined = ""
		if d.Outcome == Answer {
			d.Outcome = Choose
		}
	}
	return d
}
