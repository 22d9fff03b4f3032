package kb

import "math"

// The constants of BM25, and what a word counts by the field it stands in.
const (
	bm25K = 1.2
	bm25B = 0.6

	titleWeight = 3.0
	labelWeight = 2.0
	wordWeight  = 1.0
)

// lexicalIndex ranks sections by the words they share with a text, over the fields title, labels and phrases. It orders
// what phrases leave equal and answers a clerk who types three words.
type lexicalIndex struct {
	postings map[term][]posting
	lengths  []float64
	mean     float64
}

type posting struct {
	section int
	weight  float64
}

func newLexicalIndex(l *language, sections []*Section) *lexicalIndex {
	x := &lexicalIndex{postings: map[term][]posting{}, lengths: make([]float64, len(sections))}
	for i, s := range sections {
		for t, weight := range l.wordsOfSection(s) {
			x.postings[t] = append(x.postings[t], posting{i, weight})
			x.lengths[i] += weight
		}
		x.mean += x.lengths[i] / float64(len(sections))
	}
	return x
}

// wordsOfSection weighs the words of a section's fields.
func (l *language) wordsOfSection(s *Section) map[term]float64 {
	bag := map[term]float64{}
	l.addWords(bag, s.Title, titleWeight)
	l.addWords(bag, s.TitleHi, titleWeight)
	for _, need := range s.needs {
		for _, c := range need {
			l.addWords(bag, c.label, labelWeight)
			l.addWords(bag, c.labelHi, labelWeight)
			for _, p := range c.phrases {
				l.addPhraseWords(bag, p)
			}
		}
	}
	return bag
}

func (l *language) addWords(bag map[term]float64, text string, weight float64) {
	list, _ := l.tokens(text)
	for _, t := range list {
		if !l.stop[t.word] {
			bag[l.stem(t.word, scriptOf(t))] += weight
		}
	}
}

// addPhraseWords adds each word of a phrase once, however many phrases have it.
func (l *language) addPhraseWords(bag map[term]float64, p *phrase) {
	list, _ := l.tokens(p.text)
	for _, t := range list {
		if key := l.stem(t.word, p.script); !l.stop[t.word] && bag[key] == 0 {
			bag[key] = wordWeight
		}
	}
}

func scriptOf(t token) Script {
	if t.latin {
		return English
	}
	return Devanagari
}

// alone reports whether the words make a hit without any phrase, as when a clerk types a title.
func (s lexicalScores) alone(section int) bool {
	return s.of[section] >= lexicalFloor && s.known >= knownFloor && s.named[section]
}

// lexicalScores are what a text's words say of each section.
type lexicalScores struct {
	of    []float64 // per section, as a share of what the known words could give: about 0 to 2
	named []bool    // per section: a word of its title or of a label is among them
	known float64   // the share of the text's words that some section has
}

func (x *lexicalIndex) scores(l *language, p *page) lexicalScores {
	s := lexicalScores{of: make([]float64, len(x.lengths)), named: make([]bool, len(x.lengths))}
	total, known := 0.0, 0
	terms := l.queryTerms(p)
	for _, key := range terms {
		list := x.postings[key]
		if len(list) == 0 {
			continue
		}
		known++
		idf := math.Log(1 + (float64(len(x.lengths))-float64(len(list))+0.5)/(float64(len(list))+0.5))
		total += idf
		for _, m := range list {
			long := 1 - bm25B + bm25B*x.lengths[m.section]/x.mean
			s.named[m.section] = s.named[m.section] || m.weight >= labelWeight
			s.of[m.section] += idf * m.weight * (bm25K + 1) / (m.weight + bm25K*long)
		}
	}
	if known == 0 {
		return s
	}
	for i := range s.of {
		s.of[i] /= total
	}
	s.known = float64(known) / float64(len(terms))
	return s
}

// queryTerms returns the terms of a text, each once and in its order, but for small words and denied ones.
func (l *language) queryTerms(p *page) []term {
	var terms []term
	seen := map[term]bool{}
	add := func(t term) {
		if !seen[t] {
			seen[t] = true
			terms = append(terms, t)
		}
	}
	for _, t := range p.tokens {
		if l.stop[t.word] || t.denied >= 0 {
			continue
		}
		if t.latin && p.romanised {
			add(l.stem(t.word, Romanised))
		}
		add(l.stem(t.word, scriptOf(t)))
	}
	return terms
}
