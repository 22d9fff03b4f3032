package kb

import "strings"

// irregular holds forms that no ending explains, with the form they are searched by.
const irregular = `stole:steal stolen:steal broke:break broken:break took:take taken:take beaten:beat shot:shoot
	threw:throw thrown:throw ran:run fled:flee drove:drive driven:drive burnt:burn caught:catch gave:give given:give
	told:tell fought:fight bitten:bite bought:buy sold:sell died:die dying:die men:man women:woman wives:wife
	children:child thieves:thief knives:knife hung:hang struck:strike paid:pay kept:keep went:go gone:go came:come
	made:make lent:lend hidden:hide hid:hide tore:tear torn:tear swore:swear rode:ride sped:speed said:say got:get
	won:win spat:spit lit:light slit:slit sang:sing left:leave abducted:abduct led:lead`

func irregularForms() map[string]string {
	forms := map[string]string{}
	for _, pair := range strings.Fields(irregular) {
		form, base, _ := strings.Cut(pair, ":")
		forms[form] = base
	}
	return forms
}

// stemEnglish cuts the endings of number, person and tense: snatched, snatches and snatching meet in snatch. It cuts too
// little rather than too much: theft and thief stay apart.
func stemEnglish(word string, forms map[string]string) string {
	if base, found := forms[word]; found {
		word = base
	}
	return squeezeLast(strings.TrimSuffix(cutEnding(word), "e"))
}

func cutEnding(word string) string {
	if rest, found := strings.CutSuffix(word, "ies"); found && len(rest) >= 2 {
		return rest + "y"
	}
	if rest, found := strings.CutSuffix(word, "ied"); found && len(rest) >= 2 {
		return rest + "y"
	}
	for _, ending := range [...]string{"ing", "ed"} {
		rest, found := strings.CutSuffix(word, ending)
		if found && len(rest) >= 3 && strings.ContainsAny(rest, "aeiouy") && !strings.HasSuffix(word, "eed") {
			return rest
		}
	}
	for _, ending := range [...]string{"sses", "shes", "ches", "xes", "zes"} {
		if strings.HasSuffix(word, ending) {
			return strings.TrimSuffix(word, "es")
		}
	}
	if len(word) >= 4 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") && !strings.HasSuffix(word, "us") {
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// squeezeLast writes a doubled last letter once, so that robbed meets rob and killed meets kill.
func squeezeLast(word string) string {
	if n := len(word); n >= 3 && word[n-1] == word[n-2] {
		return word[:n-1]
	}
	return word
}
