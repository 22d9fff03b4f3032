package kb

import (
	"strconv"
	"strings"
)

// The lists are in lower case and, in Devanagari, in the spelling of foldDevanagari. English first, then Hindi, then
// romanised Hindi.

// stopWordList holds words that say nothing of what a text is about.
const stopWordList = `a about after again all also an and any are as at be because been before being but by can could did do
	does for from had has have he her here hers him his how i if in into is it its itself just me more most my myself no
	nor not now of off on once only or other our out over own same she should so some such than that the their them then
	there these they this those through to too under until up upon us very was we were what when where which while who
	whom why will with would you your sir madam please kindly
	और का की के को में से है हैं था थी थे हो ही भी पर तो ने यह वह ये वे इस उस एक कि जो मैं मेरा मेरी मेरे हम मुझे अपने अपनी अपना
	तक कर करके किया गया गई गए लिए साथ बाद नहीं कुछ कोई जब तब फिर वाले वाली वाला`

// romanList holds the small words by which a text in Latin letters is known to be Hindi.
const romanList = `hai hain mein ki ka ke ko se ne aur tha thi mera mere meri kar kiya gaya gayi par nahi nahin kya mujhe
	unhone usne woh wo yeh raha rahe rahi kal hoon hum apni apna apne liye bhi`

// forwardNoList holds words that deny what follows them in their clause.
const forwardNoList = `no not never nobody none nothing nor neither without cannot didnt dont doesnt wasnt werent isnt arent
	havent hasnt hadnt couldnt wouldnt wont cant
	बिना बगैर | bina bagair`

// backwardNoList holds words that deny what stands before them in their clause, as Hindi does.
const backwardNoList = `नहीं नही न ना मत | nahi nahin nhi nahee na mat`

// forwardMaybeList holds words after which something is threatened, feared or supposed, not told as having happened.
const forwardMaybeList = `threat threats threaten threatens threatened threatening warned warning warns if unless will shall
	ill hell might lest afraid fear fearing otherwise
	अगर यदि वरना अन्यथा | agar yadi warna varna`

// backwardMaybeList holds words before which something is threatened: मारने की धमकी.
const backwardMaybeList = `धमकी धमकियां धमकाया धमका | dhamki dhamkee dhamkiyan`

// futureEndingList holds the endings of the Hindi future, by which a verb tells what is to come.
const (
	futureEndingList      = `ूंगा ूंगी ेंगे ेंगी ेगा ेगी`
	romanFutureEndingList = `unga oonga ungi enge engi dega degi lega legi`
)

// breakList holds words that begin a clause, beyond which a denial does not reach.
const breakList = `but and then when while because so who whom which that after before although though yet instead until
	लेकिन परंतु मगर किंतु और तथा एवं तो फिर जब क्योंकि जिससे कि ताकि जिसमें तभी तब
	| lekin magar aur to phir fir jab kyunki kyonki tab jisse`

// abbreviationList holds words whose full stop does not end a sentence.
const abbreviationList = `mr mrs ms dr prof sh shri smt km st no nos rs approx mob tel ph dt addl insp dept distt vs sec s`

// happenList holds verbs that, denied, deny what stands before them: "theft did not take place".
const happenList = `take took happen happened occur occurred place`

// numeralList holds numbers by their words.
const numeralList = `one:1 two:2 three:3 four:4 five:5 six:6 seven:7 eight:8 nine:9 ten:10 eleven:11 twelve:12 thirteen:13
	fourteen:14 fifteen:15 sixteen:16 seventeen:17 eighteen:18 twenty:20 thirty:30 forty:40 fifty:50 dozen:12
	दो:2 तीन:3 चार:4 पांच:5 छह:6 छः:6 छ:6 सात:7 आठ:8 नौ:9 दस:10 ग्यारह:11 बारह:12 तेरह:13 चौदह:14 पंद्रह:15 सोलह:16 सत्रह:17
	अठारह:18 बीस:20 पच्चीस:25 तीस:30 पैंतीस:35 चालीस:40 पैंतालीस:45 पचास:50 साठ:60 सत्तर:70 पचहत्तर:75 अस्सी:80 नब्बे:90
	| teen:3 char:4 chaar:4 paanch:5 panch:5 chhah:6 saat:7 aath:8 das:10 gyarah:11 barah:12 terah:13 chaudah:14
	pandrah:15 bees:20 pachees:25 tees:30 chalis:40 pachas:50`

// multiplierList holds words that multiply the number before them.
const multiplierList = `hundred:100 thousand:1000 lakh:100000 lakhs:100000 lac:100000 crore:10000000 crores:10000000
	सौ:100 हजार:1000 लाख:100000 करोड:10000000 | sau:100 hazar:1000 hajar:1000 hazaar:1000`

// words is a list of words. Those behind a bar count only in romanised Hindi, for they are English words too: to, mat.
type words struct{ always, roman map[string]bool }

func wordsOf(list string) words {
	always, roman, _ := strings.Cut(list, "|")
	return words{setOf(always), setOf(roman)}
}

func (w words) has(word string, romanised bool) bool {
	return w.always[word] || romanised && w.roman[word]
}

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(list) {
		set[word] = true
	}
	return set
}

// values is a list of words that stand for numbers, with the same bar.
type values struct{ always, roman map[string]float64 }

func valuesOf(list string) values {
	always, roman, _ := strings.Cut(list, "|")
	return values{numbersOf(always), numbersOf(roman)}
}

func (v values) of(word string, romanised bool) (float64, bool) {
	n, found := v.always[word]
	if !found && romanised {
		n, found = v.roman[word]
	}
	return n, found
}

// numbersOf reads "five:5 ten:10". The lists are constants, and a test holds that each of them reads.
func numbersOf(list string) map[string]float64 {
	numbers := map[string]float64{}
	for _, pair := range strings.Fields(list) {
		word, number, _ := strings.Cut(pair, ":")
		numbers[word], _ = strconv.ParseFloat(number, 64)
	}
	return numbers
}
