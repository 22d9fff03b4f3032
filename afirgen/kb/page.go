package kb

// newPage makes a text ready. Text that is no UTF-8 is read around: its bytes belong to no word.
func (b *Base) newPage(text string) *page {
	p := &page{text: text}
	p.tokens, p.romanised = b.language.tokens(text)
	p.ids, p.filler = make([][]int32, len(p.tokens)), make([]bool, len(p.tokens))
	for i, t := range p.tokens {
		p.ids[i] = b.termIDs(t, p.romanised)
		p.filler[i] = b.language.stop[t.word] && !b.language.forwardNo.has(t.word, p.romanised) &&
			!b.language.backwardNo.has(t.word, p.romanised) && !b.language.breaks.has(t.word, p.romanised)
		if i == 0 || t.sentence != p.tokens[i-1].sentence {
			p.from = append(p.from, i)
		}
	}
	p.from = append(p.from, len(p.tokens))
	return p
}

// termIDs returns the terms of phrases that the token is a form of; a word that no phrase has is none.
func (b *Base) termIDs(t token, romanised bool) []int32 {
	scripts := [...]Script{Devanagari, Romanised}
	list := scripts[:1]
	if t.latin || t.counts {
		list = append([]Script{English}, scripts[1:]...)
		if !romanised {
			list = list[:1]
		}
	}
	if t.counts && !t.latin {
		list = append(list, Devanagari)
	}
	var ids []int32
	for _, script := range list {
		for _, key := range [...]term{b.language.stem(t.word, script), b.language.exact(t.word, script)} {
			if id, known := b.terms[key]; known {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// evidence finds where the text tells each concept, in the order of the text, at most maxFound places per phrase.
func (b *Base) evidence(p *page) [][]Evidence {
	met := make([][]Evidence, len(b.concepts))
	kept := map[*phrase]int{}
	for at := range p.tokens {
		for _, id := range p.ids[at] {
			b.try(p, at, b.starts[id], met, kept)
		}
		if p.tokens[at].counts {
			b.try(p, at, b.counts, met, kept)
		}
	}
	return met
}

// try holds the phrases that can begin at the token against the text.
func (b *Base) try(p *page, at int, starts []start, met [][]Evidence, kept map[*phrase]int) {
	for _, s := range starts {
		if kept[s.phrase] >= maxFound {
			continue
		}
		if spans, ok := p.phraseMatches(s.phrase, at, b.concepts[s.concept].supposed); ok {
			kept[s.phrase]++
			met[s.concept] = append(met[s.concept], p.show(s.phrase, spans))
		}
	}
}

func (p *page) show(ph *phrase, spans found) Evidence {
	e := Evidence{Phrase: ph.text, Script: ph.script}
	for _, s := range spans {
		e.Spans = append(e.Spans, Span{p.tokens[s[0]].start, p.tokens[s[1]].end})
	}
	return e
}
