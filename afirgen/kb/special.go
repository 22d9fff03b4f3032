package kb

// SpecialAct is a special law that is often joined to sections of the BNS. Its sections are numbers only: the source
// gives neither their titles nor their punishments, so an officer has to read the Act.
type SpecialAct struct {
	ID         string // it, ndps, pocso, arms, sc-st, motor, dowry
	Title      string
	TitleHi    string
	Sections   []string
	Confidence Confidence
	Sources    []Source

	needs []ingredient
	at    position
}
