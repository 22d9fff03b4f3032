// What the page says, in English and Hindi. The words of the form come from the server where it sends them; those of
// fields that it has not shown yet stand here.

export const words = {
  app: ['AFIRGen', 'AFIRGen'],
  tagline: ['First Information Report', 'प्रथम सूचना रिपोर्ट'],
  skip: ['Skip to the content', 'सीधे सामग्री पर जाएँ'],
  navNew: ['New complaint', 'नई शिकायत'], navList: ['Reports', 'रिपोर्टें'], navHelp: ['Keys', 'कुंजियाँ'],
  clear: ['Clear this computer', 'इस कंप्यूटर से हटाएँ'],
  clearSure: ['The key, and all text that is not sent yet, are removed from this browser. Go on?', 'कुंजी और वह सारा पाठ जो अभी नहीं भेजा गया है, इस ब्राउज़र से हटा दिया जाएगा। आगे बढ़ें?'],
  cleared: ['Everything is removed from this browser.', 'इस ब्राउज़र से सब कुछ हटा दिया गया।'],
  other: ['हिन्दी', 'English'],
  yes: ['Yes', 'हाँ'], no: ['No', 'नहीं'], close: ['Close', 'बंद करें'], cancel: ['Cancel', 'रद्द करें'], optional: ['optional', 'वैकल्पिक'],
  mandatory: ['mandatory', 'अनिवार्य'], choose: ['– choose –', '– चुनें –'], characters: ['{0} of {1} characters', '{1} में से {0} अक्षर'],
  atLeast: ['{0} of at least {1} characters', 'कम से कम {1} में से {0} अक्षर'],

  keyTitle: ['API key', 'एपीआई कुंजी'],
  keyAsk: ['Enter the key of your station. It stays in this tab until you close it.', 'अपने थाने की कुंजी डालें। यह इस टैब के बंद होने तक ही रहती है।'],
  keyWrong: ['This key was not accepted. Enter it again.', 'यह कुंजी स्वीकार नहीं हुई। फिर से डालें।'],
  keyUse: ['Use this key', 'यह कुंजी लगाएँ'], keyGood: ['The key is accepted.', 'कुंजी स्वीकार हुई।'], keyChecking: ['The key is being checked', 'कुंजी जाँची जा रही है'],

  fileTitle: ['New complaint', 'नई शिकायत'],
  how: ['How does the complaint come?', 'शिकायत किस रूप में है?'],
  typed: ['Type it', 'लिखें'], photo: ['Photograph or PDF', 'फ़ोटो या PDF'], speech: ['Speech', 'बोली हुई'],
  text: ['The complaint, in the informant’s words', 'शिकायत, सूचनाकर्ता के शब्दों में'],
  textHint: ['What happened, where and when. It is kept exactly as it stands here.', 'क्या हुआ, कहाँ और कब। यह ठीक वैसा ही रखा जाता है जैसा यहाँ लिखा है।'],
  photoPick: ['Choose a file', 'फ़ाइल चुनें'], photoTake: ['Take a photograph', 'फ़ोटो खींचें'],
  photoHint: ['JPEG, PNG or PDF, at most 25 MB. You can also drop the file here.', 'JPEG, PNG या PDF, अधिकतम 25 MB। फ़ाइल यहाँ छोड़ी भी जा सकती है।'],
  speechPick: ['Choose a recording', 'रिकॉर्डिंग चुनें'], speechHint: ['WAV or MP3, at most 25 MB. You can also drop the file here.', 'WAV या MP3, अधिकतम 25 MB। फ़ाइल यहाँ छोड़ी भी जा सकती है।'],
  record: ['Record', 'रिकॉर्ड करें'], stop: ['Stop recording', 'रिकॉर्डिंग रोकें'], level: ['Loudness', 'आवाज़ का स्तर'],
  recording: ['Recording: {0} of {1}', 'रिकॉर्डिंग: {1} में से {0}'], recorded: ['Recorded: {0}', 'रिकॉर्ड हुआ: {0}'], quiet: ['Nothing is heard yet.', 'अभी कोई आवाज़ नहीं आ रही है।'],
  recordFull: ['The recording has reached its limit of {0} and was stopped.', 'रिकॉर्डिंग {0} की सीमा पर पहुँचकर रोक दी गई।'],
  noMicrophone: ['The microphone cannot be used. Allow it in the browser’s address bar, connect one, or upload a recording.', 'माइक्रोफ़ोन का उपयोग नहीं हो सका। ब्राउज़र में अनुमति दें, माइक्रोफ़ोन जोड़ें, या रिकॉर्डिंग अपलोड करें।'],
  chosen: ['Chosen: {0} ({1} kB)', 'चुनी गई: {0} ({1} kB)'], remove: ['Remove', 'हटाएँ'],
  photoOf: ['The letter that was chosen', 'चुना हुआ पत्र'], openFile: ['Open the file in a new tab', 'फ़ाइल नए टैब में खोलें'],
  fileLarge: ['The file has more than 25 MB. Make it smaller, or take a photograph of less detail.', 'फ़ाइल 25 MB से बड़ी है। इसे छोटा करें, या कम आकार का फ़ोटो लें।'],
  fileEmpty: ['The file is empty.', 'फ़ाइल खाली है।'], fileType: ['The file is of another type.', 'फ़ाइल दूसरे प्रकार की है।'],
  language: ['Language of the complaint', 'शिकायत की भाषा'], languageAuto: ['Find out', 'स्वयं पहचानें'],
  information: ['Type of information', 'सूचना का प्रकार'], informationLater: ['Say later', 'बाद में बताएँ'],
  fileIt: ['File the complaint', 'शिकायत दर्ज करें'], tooShort: ['At least 10 characters are needed.', 'कम से कम 10 अक्षर चाहिए।'], tooLong: ['At most 50,000 characters are possible.', 'अधिकतम 50,000 अक्षर हो सकते हैं।'],
  nothing: ['Nothing is chosen yet.', 'अभी कुछ नहीं चुना गया है।'],
  filing: ['The complaint is being filed', 'शिकायत दर्ज हो रही है'], readingPhoto: ['The photograph is being read', 'फ़ोटो पढ़ा जा रहा है'], hearing: ['The speech is being written down', 'बोली हुई शिकायत लिखी जा रही है'],

  transcript_review: ['Transcript', 'प्रतिलेख'], summary_review: ['Summary', 'सारांश'], violations_review: ['Sections of law', 'धाराएँ'], fir_narrative_review: ['Narrative', 'विवरण'], final_review: ['Report', 'रिपोर्ट'],
  reviewOf: ['Review {0} of 5: {1}', 'समीक्षा {0}/5: {1}'], stepDone: ['done', 'पूर्ण'], stepsLabel: ['The five reviews', 'पाँच समीक्षाएँ'],
  approve: ['Approve and go on', 'स्वीकृत करें, आगे बढ़ें'], approveLast: ['Approve the report', 'रिपोर्ट स्वीकृत करें'],
  reject: ['Send back', 'लौटाएँ'], regenerate: ['Make anew', 'फिर से बनाएँ'], save: ['Save the changes', 'बदलाव सहेजें'], edit: ['Edit', 'बदलें'],
  noteNext: ['Note for the next step', 'अगले चरण के लिए टिप्पणी'], note: ['What is to be heeded', 'किस बात का ध्यान रखा जाए'],
  rejectTitle: ['Send back with a note', 'टिप्पणी के साथ लौटाएँ'], rejectHint: ['The review stays open. The note is heeded when it is made anew.', 'समीक्षा खुली रहती है। फिर से बनाते समय टिप्पणी का ध्यान रखा जाता है।'],
  rejectAnd: ['Make it anew at once', 'तुरन्त फिर से बनाएँ'],
  regenerateTitle: ['Make anew with a note', 'टिप्पणी के साथ फिर से बनाएँ'], regenerateHint: ['What was made from it is reviewed anew; what you entered stays.', 'इससे बनी बाकी बातों की फिर से समीक्षा होती है; आपका भरा हुआ बना रहता है।'], regenerateWhat: ['What is to be made anew', 'क्या फिर से बनाना है'],
  rejected: ['Sent back; the note is kept. Correct it by hand, or have it made anew.', 'लौटाया गया; टिप्पणी रखी गई है। स्वयं सुधारें, या फिर से बनवाएँ।'], saved: ['The changes are saved.', 'बदलाव सहेज लिए गए।'],
  approving: { transcript_review: ['The summary is being written', 'सारांश लिखा जा रहा है'], summary_review: ['Sections of law are being looked for', 'धाराएँ खोजी जा रही हैं'], violations_review: ['The narrative is being written', 'विवरण लिखा जा रहा है'], fir_narrative_review: ['The report is being made', 'रिपोर्ट बनाई जा रही है'], final_review: ['The report is being completed', 'रिपोर्ट पूरी की जा रही है'] },
  saving: ['The changes are being saved', 'बदलाव सहेजे जा रहे हैं'], rejecting: ['It is being sent back', 'लौटाया जा रहा है'], regenerating: ['It is being made anew', 'फिर से बनाया जा रहा है'], loading: ['It is being read', 'पढ़ा जा रहा है'],
  workingTitle: ['The complaint is being worked on', 'शिकायत पर काम चल रहा है'], workingHint: ['Somebody, or another window, has just decided. The next review appears here by itself.', 'किसी ने, या दूसरी विंडो ने, अभी निर्णय दिया है। अगली समीक्षा यहाँ अपने आप आएगी।'], lookAgain: ['Look again', 'फिर देखें'],
  endedTitle: ['The session ended in an error', 'सत्र त्रुटि में समाप्त हुआ'], endedHint: ['File the complaint again.', 'शिकायत फिर से दर्ज करें।'],
  lastFailed: ['The last work came to nothing ({0}). Approve again, or have it made anew.', 'पिछला काम पूरा नहीं हुआ ({0})। फिर से स्वीकृत करें, या फिर से बनवाएँ।'],
  restored: ['Text that you had not sent is here again.', 'आपका बिना भेजा पाठ यहाँ फिर रख दिया गया है।'], discard: ['Take the server’s instead', 'इसके बदले सर्वर का पाठ लें'],

  transcript: ['Transcript', 'प्रतिलेख'], transcriptHint: ['Correct what the machine has misread. Typed words stay as they were typed.', 'मशीन ने जो गलत पढ़ा है उसे सुधारें। लिखे हुए शब्द वैसे ही रहते हैं।'], source: ['Original', 'मूल'],
  lowTitle: ['The machine is not sure', 'मशीन निश्चित नहीं है'], low: ['Confidence {0} of 100. Compare every word with the original before you approve.', 'विश्वसनीयता 100 में से {0}। स्वीकृत करने से पहले हर शब्द मूल से मिलाएँ।'],
  sure: ['Read by {0}, confidence {1} of 100', '{0} ने पढ़ा, विश्वसनीयता 100 में से {1}'], reading: ['As the machine read it', 'जैसा मशीन ने पढ़ा'],
  noSource: ['The original is not kept in this browser after a reload. Have the letter or the recording at hand, or choose it again to see it here; it is not sent.', 'पुनः लोड करने पर मूल इस ब्राउज़र में नहीं रहता। पत्र या रिकॉर्डिंग पास रखें, या यहाँ देखने के लिए फिर चुनें; यह भेजी नहीं जाती।'],
  zoom: ['Larger', 'बड़ा'], unzoom: ['Smaller', 'छोटा'], typedAsIs: ['Typed words stand as they were typed. If they are wrong, file the complaint again.', 'लिखे हुए शब्द वैसे ही रहते हैं। गलत हों तो शिकायत फिर से दर्ज करें।'],
  summary: ['Summary', 'सारांश'], original: ['The complaint', 'शिकायत'], narrative: ['Narrative of the report', 'रिपोर्ट का विवरण'],

  lawCaption: ['Sections that may be violated', 'सम्भावित धाराएँ'], act: ['Act', 'अधिनियम'], section: ['Section', 'धारा'], subSection: ['Sub-section', 'उपधारा'], title: ['Title', 'शीर्षक'], titleHi: ['Title in Hindi', 'हिन्दी शीर्षक'], klass: ['Class', 'श्रेणी'], bail: ['Bail', 'जमानत'], years: ['Up to', 'अधिकतम दण्ड'], confidence: ['Confidence', 'विश्वसनीयता'], evidence: ['Evidence', 'आधार'], decision: ['Decision', 'निर्णय'],
  cognizable: ['cognizable', 'संज्ञेय'], non_cognizable: ['non-cognizable', 'असंज्ञेय'], conditional: ['conditional', 'सशर्त'], bailable: ['bailable', 'जमानती'], non_bailable: ['non-bailable', 'गैर-जमानती'], high: ['high', 'उच्च'], medium: ['medium', 'मध्यम'], low_: ['low', 'निम्न'], unknown_: ['not known', 'ज्ञात नहीं'],
  monthsN: ['{0} months', '{0} माह'], yearOne: ['1 year', '1 वर्ष'], yearsN: ['{0} years', '{0} वर्ष'], life: ['life', 'आजीवन'], death: ['death', 'मृत्युदण्ड'],
  verify: ['Verify with the First Schedule', 'प्रथम अनुसूची से मिलाएँ'], verifyAll: ['Classification below “high” has to be verified with the First Schedule of the BNSS.', '“उच्च” से नीचे की श्रेणी भा.ना.सु.सं. की प्रथम अनुसूची से मिलानी है।'],
  strike: ['Strike out', 'काटें'], restore: ['Restore', 'वापस लें'], struck: ['struck out', 'कटी हुई'], byClerk: ['entered by hand', 'हाथ से जोड़ी गई'],
  noLaw: ['No section was found. Add those that apply by hand.', 'कोई धारा नहीं मिली। जो लागू हों उन्हें हाथ से जोड़ें।'],
  openTitle: ['{0} checks did not finish', '{0} जाँचें पूरी नहीं हुईं'], openHint: ['{0} failed, {1} took too long. What they would have found is missing below: make them anew, or look the sections up and add them by hand.', '{0} विफल, {1} में बहुत समय लगा। उनसे जो मिलता वह नीचे नहीं है: फिर से बनवाएँ, या धाराएँ स्वयं देखकर जोड़ें।'],
  notices: ['Take note', 'ध्यान दें'], special: ['Other laws of which the complaint speaks, for an officer to read', 'शिकायत से जुड़े अन्य कानून, अधिकारी के देखने के लिए'],
  addTitle: ['Add a section by hand', 'धारा हाथ से जोड़ें'], add: ['Add the section', 'धारा जोड़ें'], otherAct: ['Name of the other act', 'दूसरे अधिनियम का नाम'], anotherAct: ['another act', 'अन्य अधिनियम'], checked: ['I have verified class and bail with the First Schedule', 'मैंने श्रेणी और जमानत प्रथम अनुसूची से मिला ली है'], yearsHint: ['Years, “life” or “death”; empty where it is not known', 'वर्ष, “life” या “death”; ज्ञात न हो तो खाली'],
  needAct: ['Act, section and title are needed.', 'अधिनियम, धारा और शीर्षक आवश्यक हैं।'], marksOf: ['speaks for {0}', '{0} का आधार'], showAll: ['Show the evidence of all', 'सभी का आधार दिखाएँ'],

  form: ['The form', 'प्रपत्र'], missing: ['Still missing: {0}', 'अभी शेष: {0}'], missingNone: ['Nothing is missing.', 'कुछ शेष नहीं है।'], missingHint: ['Choose a line to go to its field.', 'पंक्ति चुनें तो उसके खाने पर पहुँचेंगे।'], item: ['Item {0}', 'मद {0}'],
  row: ['Row {0}', 'पंक्ति {0}'], addAccused: ['Add a person', 'व्यक्ति जोड़ें'], addProperty: ['Add a property', 'सम्पत्ति जोड़ें'], addTranslation: ['Add a translation', 'अनुवाद जोड़ें'], removeRow: ['Remove row {0}', 'पंक्ति {0} हटाएँ'], now: ['Now', 'अभी'], sameAddress: ['Same as the present address', 'वर्तमान पता ही'], outside: ['The place lies in another station’s limits (Zero FIR)', 'घटनास्थल दूसरे थाने की सीमा में है (शून्य प्र.सू.रि.)'], ruling: ['An officer’s ruling on the class of the case', 'प्रकरण की श्रेणी पर अधिकारी का निर्णय'],
  later: ['Filled in when the report is signed or despatched.', 'हस्ताक्षर या प्रेषण के समय भरा जाता है।'], bySystem: ['Filled in by the station’s system.', 'थाने की प्रणाली भरती है।'], calculated: ['Calculated from item 9 when it is saved.', 'सहेजने पर मद 9 से गिना जाता है।'],
  preview: ['Preview and print', 'पूर्वावलोकन और छपाई'], printEn: ['Form in English', 'प्रपत्र अंग्रेज़ी में'], printHi: ['Form in Hindi', 'प्रपत्र हिन्दी में'], printPage: ['Print this view', 'यह रूप छापें'], pdfEn: ['Make the PDF in English', 'अंग्रेज़ी PDF बनाएँ'], pdfHi: ['Make the PDF in Hindi', 'हिन्दी PDF बनाएँ'], pdfOpen: ['Open {0}', '{0} खोलें'], pdfSave: ['Save it', 'सहेजें'], printing: ['The PDF is being made', 'PDF बनाई जा रही है'], pdfReady: ['The PDF is ready.', 'PDF तैयार है।'], pdfLink: ['the PDF in English', 'अंग्रेज़ी PDF'], pdfLinkHi: ['the PDF in Hindi', 'हिन्दी PDF'], unsaved: ['Save the changes first: this shows what the server has.', 'पहले बदलाव सहेजें: यहाँ वही दिखता है जो सर्वर पर है।'],
  signed: ['Signature / thumb impression', 'हस्ताक्षर / अंगूठे का निशान'],

  report: ['Report {0}', 'रिपोर्ट {0}'], status: ['Status', 'स्थिति'], created: ['Made', 'बनी'], registeredAt: ['Registered', 'दर्ज हुई'], finalizedAt: ['Locked', 'लॉक हुई'], receivedAs: ['Registered by the receiving station as', 'प्राप्तकर्ता थाने में दर्ज सं.'], former: ['Former numbers', 'पूर्व संख्याएँ'], finding: ['Finding', 'निष्कर्ष'],
  states: { draft: ['draft', 'मसौदा'], awaiting_signature: ['awaits the signature', 'हस्ताक्षर शेष'], preliminary_enquiry: ['preliminary enquiry', 'प्रारम्भिक जाँच'], registered: ['registered', 'दर्ज'], zero: ['registered as Zero FIR', 'शून्य प्र.सू.रि. दर्ज'], transferred: ['transferred', 'अंतरित'], ncr: ['non-cognizable report', 'असंज्ञेय रिपोर्ट'], lapsed: ['lapsed', 'व्यपगत'], refused: ['refused', 'इनकार'], finalized: ['locked', 'लॉक'] },
  deadlines: ['Deadlines', 'समय-सीमाएँ'], due: ['due {0}', '{0} तक'], leftTime: ['{0} left', '{0} शेष'], overdue: ['overdue by {0}', '{0} से विलम्बित'], duties: ['Duties', 'कर्तव्य'], actions: ['Next steps', 'अगले कदम'], noActions: ['This report does not change any more.', 'यह रिपोर्ट अब नहीं बदलती।'], unsure: ['as we read it; verify', 'हमारी समझ में; मिला लें'],
  review: ['Its review is not completed yet', 'इसकी समीक्षा अभी पूरी नहीं हुई है'], reviewOpen: ['Go to the review', 'समीक्षा पर जाएँ'],
  sign: ['Sign and register', 'हस्ताक्षर और दर्ज'], signDo: ['Register the report', 'रिपोर्ट दर्ज करें'], signKind: ['Kind of signature', 'हस्ताक्षर का प्रकार'], signature: ['signature', 'हस्ताक्षर'], thumb: ['thumb impression', 'अंगूठे का निशान'], electronic: ['electronic', 'इलेक्ट्रॉनिक'], signBy: ['Signed by', 'हस्ताक्षरकर्ता'], readOver: ['Read over to the informant', 'सूचनाकर्ता को पढ़कर सुनाया गया'], admitted: ['Admitted to be correct', 'सही होना माना गया'],
  await_signature: ['Wait for the signature', 'हस्ताक्षर की प्रतीक्षा'], await_signatureHint: ['Electronic information is signed within three days.', 'इलेक्ट्रॉनिक सूचना पर तीन दिन में हस्ताक्षर होते हैं।'],
  enquire: ['Preliminary enquiry', 'प्रारम्भिक जाँच'], enquireHint: ['With prior permission of a Deputy Superintendent, for sections of three to under seven years; fourteen days.', 'पुलिस उपाधीक्षक की पूर्व अनुमति से, तीन से सात वर्ष से कम दण्ड की धाराओं में; चौदह दिन।'], permRef: ['Reference of the permission', 'अनुमति की संदर्भ सं.'], permName: ['Deputy Superintendent', 'पुलिस उपाधीक्षक'], rank: ['Rank', 'पद'], number: ['Number', 'संख्या'], permAt: ['Date and time of the permission', 'अनुमति की दिनांक और समय'],
  conclude_enquiry: ['Conclude the enquiry', 'जाँच समाप्त करें'], primaFacie: ['A prima facie case exists', 'प्रथम दृष्टया प्रकरण बनता है'],
  enter_ncr: ['Enter as non-cognizable report', 'असंज्ञेय रिपोर्ट दर्ज करें'], enter_ncrHint: ['The substance goes into the diary; the informant is referred to the Magistrate.', 'सार रोजनामचे में जाता है; सूचनाकर्ता को मजिस्ट्रेट के पास भेजा जाता है।'],
  transfer: ['Transfer', 'अंतरण'], transferHint: ['To the station that item 13(4) names.', 'मद 13(4) में लिखे थाने को।'], acknowledge: ['Acknowledgement of the receiving station', 'प्राप्तकर्ता थाने की पावती'], acknowledgeNumber: ['Its number', 'उसकी संख्या'],
  renumber: ['Number of the right series', 'सही शृंखला की संख्या'], renumberHint: ['Needed where a correction has changed the class of the case or the station in whose limits the place lies.', 'तब आवश्यक, जब सुधार से प्रकरण की श्रेणी या घटनास्थल का थाना बदल गया हो।'],
  copy: ['Free copy', 'निःशुल्क प्रति'], copyDo: ['The informant has got a copy, free of cost', 'सूचनाकर्ता को निःशुल्क प्रति दी गई'], despatch: ['Despatch to the court', 'न्यायालय में प्रेषण'], despatchAt: ['Date and time of despatch', 'प्रेषण की दिनांक और समय'], despatchOfficer: ['Officer in charge', 'थाना प्रभारी'], despatchDo: ['Enter the despatch', 'प्रेषण दर्ज करें'],
  finalise: ['Lock for good', 'सदा के लिए लॉक करें'], finaliseHint: ['After this nothing can be changed. It needs the officer’s own key.', 'इसके बाद कुछ नहीं बदला जा सकता। इसके लिए अधिकारी की अपनी कुंजी चाहिए।'], finaliseKey: ['Finalisation key', 'लॉक करने की कुंजी'], finaliseDo: ['Lock the report', 'रिपोर्ट लॉक करें'],
  doing: ['The report is being changed', 'रिपोर्ट बदली जा रही है'], done: ['Done: {0}.', 'हो गया: {0}।'], finish: ['Close this complaint', 'यह शिकायत बंद करें'], confirm: ['Do it', 'करें'],

  listTitle: ['Reports', 'रिपोर्टें'], listEmpty: ['There are no reports yet. File a complaint to make one.', 'अभी कोई रिपोर्ट नहीं है। शिकायत दर्ज करें।'], listEmptyFor: ['No report has this status.', 'इस स्थिति की कोई रिपोर्ट नहीं है।'], listAll: ['all', 'सभी'], listCaption: ['{0} reports, the newest first', '{0} रिपोर्टें, नई पहले'], older: ['Older', 'पुरानी'], newer: ['Newer', 'नई'], openNumber: ['Open by number', 'संख्या से खोलें'], openIt: ['Open', 'खोलें'], listNumber: ['Number', 'संख्या'],

  trouble: ['This did not work', 'यह नहीं हो सका'], again: ['Try again', 'फिर कोशिश करें'], againIn: ['Try again in {0} s', '{0} से. बाद फिर कोशिश करें'], dismiss: ['Dismiss', 'हटाएँ'], whatToDo: ['What to do', 'क्या करें'], trace: ['Trace', 'ट्रेस'], request: ['Request', 'अनुरोध'], code: ['Code', 'कोड'],
  online: ['The network is there again.', 'नेटवर्क फिर आ गया है।'], offlineNow: ['This computer has no network. What you type stays here.', 'इस कंप्यूटर पर नेटवर्क नहीं है। आपका लिखा यहीं रहेगा।'],
  cancelled: ['Cancelled. Nothing was sent, or its result is not awaited.', 'रद्द किया गया।'], seconds: ['{0} s', '{0} से.'],
  changed: ['In between it was changed elsewhere; it has been read anew and stands at “{0}”. Text that you had not sent is kept.', 'इस बीच इसे कहीं और बदला गया; फिर से पढ़ लिया गया है और अब “{0}” पर है। आपका बिना भेजा पाठ रखा गया है।'],
  wentThrough: ['The answer was lost, but the server had done it: it stands at “{0}”.', 'उत्तर नहीं मिला, पर सर्वर ने काम कर दिया था: अब “{0}” पर है।'],
  refileText: ['The text of the complaint has been put into the new form.', 'शिकायत का पाठ नए प्रपत्र में रख दिया गया है।'],

  helpTitle: ['Keys', 'कुंजियाँ'], helpOn: ['Single-letter keys are on', 'एक अक्षर वाली कुंजियाँ चालू हैं'], helpHint: ['They work wherever no text is being written.', 'ये तब चलती हैं जब कुछ लिखा न जा रहा हो।'],
  keyA: ['approve', 'स्वीकृत करें'], keyR: ['send back', 'लौटाएँ'], keyG: ['make anew', 'फिर से बनाएँ'], keyE: ['edit', 'बदलें'], keyN: ['new complaint', 'नई शिकायत'], keyL: ['list of reports', 'रिपोर्टों की सूची'], keyHelp: ['this list', 'यह सूची'], keyEnter: ['approve, or file, from within a text', 'पाठ के भीतर से स्वीकृत करें या दर्ज करें'],
};

// advice says what to do, by the server's code or its status.
export const advice = {
  offline: ['There is no network. Connect this computer, then try again; what you typed is still here.', 'नेटवर्क नहीं है। जोड़कर फिर कोशिश करें; आपका लिखा यहीं है।'],
  unreachable: ['The server does not answer. Wait a little and try again; what you typed is still here.', 'सर्वर उत्तर नहीं दे रहा। थोड़ा रुककर फिर कोशिश करें; आपका लिखा यहीं है।'],
  form_incomplete: ['Fill in or mend these fields; each line leads to its field.', 'इन खानों को भरें या सुधारें; हर पंक्ति अपने खाने पर ले जाती है।'],
  session_expired: ['File the complaint again. Its text is put into the form for you.', 'शिकायत फिर से दर्ज करें। उसका पाठ प्रपत्र में रख दिया जाएगा।'],
  not_found: ['Check the number, or look in the list of reports.', 'संख्या जाँचें, या रिपोर्टों की सूची में देखें।'],
  undecodable_image: ['Take the photograph again, or save it as JPEG or PNG.', 'फ़ोटो फिर खींचें, या JPEG या PNG में सहेजें।'],
  undecodable_document: ['Save the PDF anew, or take photographs of its pages.', 'PDF फिर से सहेजें, या पृष्ठों के फ़ोटो लें।'],
  undecodable_audio: ['Record it again, or save it as WAV or MP3.', 'फिर से रिकॉर्ड करें, या WAV या MP3 में सहेजें।'],
  no_text_found: ['No words can be read. Photograph the letter again: straight, near, in good light; or type it.', 'कोई शब्द नहीं पढ़ा गया। पत्र का फ़ोटो फिर लें: सीधा, पास से, अच्छे प्रकाश में; या लिखें।'],
  no_speech_found: ['No speech can be heard. Record it again, nearer to the microphone; or type it.', 'कोई बोली नहीं सुनी गई। माइक्रोफ़ोन के पास से फिर रिकॉर्ड करें; या लिखें।'],
  unknown_language: ['Choose English or Hindi, or let the machine find out.', 'अंग्रेज़ी या हिन्दी चुनें, या मशीन को पहचानने दें।'],
  wrong_auth_key: ['Enter the finalisation key again. It is not the key of the station.', 'लॉक करने की कुंजी फिर से डालें। यह थाने की कुंजी नहीं है।'],
  rate_limited: ['Too many requests came from here. Wait until the count has run down.', 'यहाँ से बहुत अधिक अनुरोध आए। गिनती पूरी होने तक रुकें।'],
  draining: ['The server is being restarted. Try again soon.', 'सर्वर फिर से चालू हो रहा है। थोड़ी देर में फिर कोशिश करें।'],
  unauthorized: ['Enter the key of your station: choose “Try again”.', 'अपने थाने की कुंजी डालें: “फिर कोशिश करें” चुनें।'],
  wrong_step: ['The law or the order of work does not allow this here; the sentence above says why.', 'यहाँ इसकी अनुमति नहीं है; कारण ऊपर के वाक्य में है।'],
  413: ['It is too large. Make it smaller or send it in parts.', 'यह बहुत बड़ा है। छोटा करें या भागों में भेजें।'],
  415: ['Send JPEG, PNG, PDF, WAV or MP3, or type the complaint.', 'JPEG, PNG, PDF, WAV या MP3 भेजें, या शिकायत लिखें।'],
  400: ['Mend what the sentence above says and try again.', 'ऊपर के वाक्य के अनुसार ठीक करके फिर कोशिश करें।'],
  503: ['The server cannot do it just now; nothing is lost. Try again soon.', 'सर्वर अभी यह नहीं कर सकता; कुछ नहीं खोया। थोड़ी देर में फिर कोशिश करें।'],
  504: ['A model took too long. Try again; if it stays so, write the text by hand.', 'मॉडल को बहुत समय लगा। फिर कोशिश करें; ऐसा ही रहे तो पाठ स्वयं लिखें।'],
  500: ['Try again. If it stays so, give trace and request below to whoever runs the server.', 'फिर कोशिश करें। ऐसा ही रहे तो नीचे का ट्रेस और अनुरोध सर्वर चलाने वाले को दें।'],
};

// labels are fields that a form without their rows does not show.
export const labels = {
  'ruling.class': ['Ruling', 'निर्णय'], 'ruling.reason': ['Reason for the ruling', 'निर्णय का कारण'], 'ruling.officer.name': ['Ruling officer', 'निर्णय करने वाले अधिकारी'], 'ruling.officer.rank': ['Rank', 'पद'], 'ruling.officer.number': ['Number', 'संख्या'],
  'place.outside_station.code': ['Code of that station', 'उस थाने का कोड'], 'place.outside_station.name': ['Police station', 'थाना'], 'place.outside_station.district': ['District of that station', 'उस थाने का जिला'], 'place.outside_station.state': ['State of that station', 'उस थाने का राज्य'],
  'accused.kind': ['Known / suspected / unknown', 'ज्ञात / संदिग्ध / अज्ञात'], 'accused.name': ['Name', 'नाम'], 'accused.alias': ['Alias', 'उपनाम'], 'accused.relative_name': ['Relative’s name', 'रिश्तेदार का नाम'], 'accused.address': ['Address', 'पता'], 'accused.physical_features': ['Physical features', 'शारीरिक बनावट'],
  'properties.category': ['Category', 'श्रेणी'], 'properties.type': ['Type', 'प्रकार'], 'properties.description': ['Description', 'विवरण'], 'properties.value_rupees': ['Value (₹)', 'मूल्य (₹)'],
  'translations.language': ['Language of the translation', 'अनुवाद की भाषा'], 'translations.text': ['Translation', 'अनुवाद'],
  'action.reason': ['Reason for the refusal', 'इनकार का कारण'], 'action.transfer_to.code': ['Code of the station', 'थाने का कोड'], 'action.transfer_to.name': ['Transferred to police station', 'थाना, जिसे अंतरित किया'], 'action.transfer_to.district': ['District', 'जिला'], 'action.transfer_to.state': ['State', 'राज्य'],
};

// choices are the closed lists of the form.
export const choices = {
  ruling: [['', ['no ruling', 'कोई निर्णय नहीं']], ['cognizable', words.cognizable], ['non_cognizable', words.non_cognizable]],
  information: [['', words.choose], ['written', ['Written', 'लिखित']], ['oral', ['Oral', 'मौखिक']], ['electronic', ['Electronic', 'इलेक्ट्रॉनिक']]],
  accused: [['', words.choose], ['known', ['known', 'ज्ञात']], ['suspected', ['suspected', 'संदिग्ध']], ['unknown', ['unknown', 'अज्ञात']]],
  action: [['', words.choose], ['registered', ['(1) Registered the case and took up the investigation', '(1) प्रकरण दर्ज किया गया और जाँच के लिए लिया गया']], ['directed', ['(2) Directed an officer to take up the investigation', '(2) जाँच अधिकारी को जाँच हाथ में लेने का निर्देश दिया गया']], ['refused', ['(3) Refused investigation', '(3) जाँच से इनकार किया गया']], ['transferred', ['(4) Transferred on point of jurisdiction', '(4) क्षेत्राधिकार के कारण अंतरित किया गया']]],
  languages: [['', words.languageAuto], ['en', ['English', 'अंग्रेज़ी']], ['hi', ['Hindi', 'हिन्दी']]],
};

const speaking = {language: 'en'};

export const speak = language => { speaking.language = language === 'hi' ? 'hi' : 'en'; };
export const language = () => speaking.language;

// sayIn picks the language of a pair [English, Hindi] or of a label {en, hi}.
export function sayIn(lang, label) {
  if (!label) return '';
  return Array.isArray(label) ? label[lang === 'hi' ? 1 : 0] : (label[lang] || label.en);
}

// say speaks the page's language, and fills {0}, {1} in.
export const say = (label, ...args) => sayIn(speaking.language, label).replace(/\{(\d)\}/g, (_, i) => args[i] ?? '');

export const t = (name, ...args) => say(words[name] ?? [name, name], ...args);
