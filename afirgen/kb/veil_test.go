package kb

import "testing"

func TestWhatDidNotHappenIsNotFound(t *testing.T) {
	b := builtinBase(t)
	for _, c := range []struct {
		title, text, number string
		found               bool
	}{
		{"a beating", "He beat my brother with his fists.", "115(2)", true},
		{"nobody was beaten", "Nobody was beaten.", "115(2)", false},
		{"a denial by no one", "There was an argument but no one was slapped.", "115(2)", false},
		{"a list under one denial", "No one was slapped, beaten or kicked.", "115(2)", false},
		{"a denial ends with its clause", "He did not speak to us but slapped my son.", "115(2)", true},
		{"a denial ends with its sentence", "I did not say anything. He slapped me.", "115(2)", true},
		{"not only is no denial", "He not only slapped me, he kicked me.", "115(2)", true},
		{"the no. of a number is no denial", "In bus no. 543 somebody stole my purse.", "303(2)", true},
		{"a theft that did not take place", "The theft did not take place.", "303(2)", false},
		{"a denial that belongs to the phrase", "He blocked the gate and did not let us pass.", "126(2)", true},
		{"nothing was stolen", "The almirah was open, but nothing was stolen.", "305", false},
		{"a killing that was threatened is no murder", "He threatened that they would have killed my son.", "103(1)", false},
		{"but it is a threat", "He threatened to kill my son.", "351(3)", true},
		{"a fire that was threatened is no arson", "He threatened to set fire to my house.", "326(g)", false},
		{"a fire", "He set fire to my house.", "326(g)", true},

		{"मारपीट हुई", "उसने मेरे भाई के साथ मारपीट की।", "115(2)", true},
		{"मारपीट नहीं हुई", "हमारे बीच कोई मारपीट नहीं हुई।", "115(2)", false},
		{"चोरी नहीं हुई", "ताला टूटा था लेकिन कुछ चोरी नहीं हुआ।", "303(2)", false},
		{"इनकार वाक्यांश तक", "मैंने पैसे नहीं दिए तो उसने मुझे थप्पड़ मारा।", "115(2)", true},
		{"जलाने की धमकी", "उसने मेरा घर जला देने की धमकी दी।", "326(g)", false},
		{"घर जला दिया", "उसने मेरा घर जला दिया।", "326(g)", true},
		{"जान से मार दूँगा", "बोला कि तुझे जान से मार दूँगा।", "351(3)", true},
		{"मारने की धमकी हत्या नहीं", "बोला कि तुझे जान से मार दूँगा।", "103(1)", false},

		{"maarpeet hui", "Usne mere bhai ke saath maarpeet ki hai.", "115(2)", true},
		{"maarpeet nahi hui", "Hamare beech koi maarpeet nahi hui hai, sirf baat ki.", "115(2)", false},
		{"chori nahi hui", "Ghar ka darwaza khula tha par kuch chori nahi hua hai.", "303(2)", false},
	} {
		t.Run(c.title, func(t *testing.T) {
			if got := complete(b.Search(Query{Text: c.text, Limit: 200}), c.number); got != c.found {
				t.Errorf("%q: section %s complete is %v, want %v", c.text, c.number, got, c.found)
			}
		})
	}
}

func complete(r Result, number string) bool {
	for _, h := range r.Hits {
		if h.Section.Number == number {
			return h.Complete
		}
	}
	return false
}
