package gguf

// The lists are in lower case; English first, then Hindi.

// stopWordList holds words that say nothing of what a text is about.
const stopWordList = `a about after again all also an and any are as at be because been before being but by can could did do
	does for from had has have he her here hers him his how i if in into is it its itself just me more most my myself no
	nor not now of off on once only or other our out over own same she should so some such than that the their them then
	there these they this those through to too under until up upon us very was we were what when where which while who
	whom why will with would you your sir madam please kindly
	और का की के को में से है हैं था थी थे हो ही भी पर तो ने यह वह ये वे इस उस एक कि जो मैं मेरा मेरी मेरे हम मुझे अपने अपनी अपना
	तक कर करके किया गया गई गये लिए साथ बाद नहीं कुछ कोई जब तब फिर वाले वाली वाला`

// cueList holds words of offences, of their means and of loss.
const cueList = `abducted abuse abused accident acid assault assaulted attack attacked beat beaten blackmail bleeding
	blood bomb bribe broke broken burglary burnt cheated cheating chain cyber demanded dowry extorted extortion fight
	fired forged fraud gun harassed harassment hit hurt injured injury killed kidnapped kidnapping knife looted lost
	missing mobile molested murder murdered otp punched purse pushed raped rob robbed robbery scam scooter shot
	slapped snatched snatching stabbed stalking stole stolen stealing theft thief thieves threat threatened
	threatening threats trespass vehicle wallet weapon
	चोरी चोर चुरा चुराया लूट लूटा डकैती मारपीट मारा पीटा धमकी धमकाया हमला चाकू घायल चोट ठगी धोखा धोखाधड़ी अपहरण हत्या छीन छीना
	छेड़छाड़ गुम लापता दहेज बलात्कार मोबाइल पर्स रुपये`

// formulaList holds what letters say for form's sake, separated by bars.
const formulaList = `respected sir|respected madam|dear sir|dear madam|yours faithfully|yours sincerely|yours truly|` +
	`thanking you|subject:|i request you|it is requested|i therefore request|i shall be grateful|the station house officer|` +
	`सेवा में|महोदय|महोदया|भवदीय|प्रार्थी|धन्यवाद|निवेदन है|विषय`
