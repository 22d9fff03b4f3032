package kb

import "time"

// Act is the short name of the law that every Section belongs to.
const Act = "BNS"

// Section is one section of the Bharatiya Nyaya Sanhita as the data files hold it.
type Section struct {
	Number               string // 303(2), 61(2)(a), 303(2) proviso
	Title                string // English: the title or the gist of it
	TitleHi              string // Hindi: our translation, not the wording of the Gazette
	Kind                 Kind
	Old                  string // the section of the Indian Penal Code before it: 379; 336-338; 443, 445; new
	Penalty              string // the punishment as the source abridges it: y years, L life, D death, RI rigorous imprisonment
	Longest              Term   // the longest imprisonment at a first conviction
	Court                string // empty: the source does not say
	Cognizable, Bailable Answer
	Confidence           Confidence // in Cognizable and Bailable
	Sources              []Source
	Effective            time.Time // the day from which the section applies, UTC midnight; zero if it is not in force
	Notes                []string
	Includes             []string // sections that add nothing once this one is complete: an order of listing, not a rule of law

	needs  []ingredient // each of them has to be met
	may    []ingredient // they only raise the score
	unless []ingredient // one of them met rules the section out
	at     position
}

// InForce reports whether the section may be used at all. Section 106(2) may not.
func (s *Section) InForce() bool { return !s.Effective.IsZero() }

// AppliesOn reports whether the section was in force on the day of the occurrence.
func (s *Section) AppliesOn(day time.Time) bool { return s.InForce() && !day.Before(s.Effective) }

// Kind says what a section is for.
type Kind string

// The kinds.
const (
	Offence    Kind = "offence"
	Joined     Kind = "joined"     // no offence by itself: joined to one, like common intention
	Definition Kind = "definition" // says what a word means; not charged by itself
)

// Source says where a part of a section comes from.
type Source struct {
	Name string // act, checked, settled, carried, differ, joined, translation
	Kind string // act: number, title, punishment; classification: cognizable, bailable; translation: Hindi title
	Text string

	at position
}
