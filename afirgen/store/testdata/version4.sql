PRAGMA application_id = 1095125330;

PRAGMA user_version = 2;

CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);

INSERT INTO goose_db_version VALUES (1, 0, 1, '2026-11-29 17:02:07');

INSERT INTO goose_db_version VALUES (2, 1, 1, '2026-11-29 17:02:07');

INSERT INTO goose_db_version VALUES (3, 2, 1, '2026-11-29 17:02:07');

INSERT INTO goose_db_version VALUES (4, 3, 1, '2026-11-29 17:02:07');

INSERT INTO goose_db_version VALUES (5, 4, 1, '2026-11-29 17:02:07');

CREATE TABLE sessions (
  id            VARCHAR(64) NOT NULL,
  status        VARCHAR(32) NOT NULL,
  step          VARCHAR(32) NOT NULL,
  trace_id      VARCHAR(64) NOT NULL,
  created_at    BIGINT      NOT NULL,
  last_activity BIGINT      NOT NULL,
  version       BIGINT      NOT NULL,
  body          LONGTEXT    NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT sessions_by_activity UNIQUE (status, last_activity, id)
);

INSERT INTO sessions VALUES ('waits', 'awaiting_validation', 'transcript_review', '1-65d0a1b2-0123456789abcdef01234567', 1771137000123456, 1771137000123456, 1, '{"session_id":"waits","status":"awaiting_validation","current_step":"transcript_review","steps":[],"transcript":"मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\nमेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्‍ष\"</b> & it''s 100% \\ gone; -- ''x''","summary":"","violations":[],"checks":{"checks_failed":0,"checks_timed_out":0},"fir_narrative":"","details":{"language":"hi","header":{"station":{"code":"HZG","name":"हज़रतगंज","district":"लखनऊ","state":"उत्तर प्रदेश"},"fir_number":"","zero_fir_number":""},"charges":[],"ruling":{"reason":"","officer":{"name":"","rank":"","number":""}},"occurrence":{"date_from":"","date_to":"","time_period":"","time_from":"","time_to":"","received_at":"2026-02-15T12:00:00.123456789+05:30","diary_entry":"","diary_time":""},"information_type":"written","place":{"direction_distance":"","beat_number":"","address":"","outside_station":{"code":"","name":"","district":"","state":""}},"complainant":{"name":"","relative_name":"","date_of_birth":"","nationality":"","uid_number":"","passport_number":"","passport_issue_date":"","passport_issue_place":"","other_id":"","occupation":"","present_address":"","permanent_address":"","phone":""},"accused":[],"delay_reasons":"","properties":[],"inquest":"","contents":{"narrative":"","summary":"","statement":""},"action":{"kind":"","officer":{"name":"","rank":"","number":""},"reason":"","transfer_to":{"code":"","name":"","district":"","state":""}},"read_over":{"read_over":false,"admitted_correct":false,"copy_given":false},"signature":{"kind":"","by":""},"despatch":{"officer":{"name":"","rank":"","number":""}}},"notes":[],"validation_history":[],"trace_id":"1-65d0a1b2-0123456789abcdef01234567","created_at":"2026-02-15T12:00:00.123456789+05:30","last_activity":"2026-02-15T12:00:00.123456789+05:30","version":1}');

INSERT INTO sessions VALUES ('a', 'awaiting_validation', 'final_review', '1-65d0a1b2-0123456789abcdef01234567', 1771137000123456, 1771137008123456, 10, '{"session_id":"a","status":"awaiting_validation","current_step":"final_review","steps":["summary_done","violations_done","narrative_done","draft_done"],"transcript":"मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\nमेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्‍ष\"</b> & it''s 100% \\ gone; -- ''x''","summary":"मोटरसाइकिल चोरी।","violations":[{"act":"BNS","section":"303","sub_section":"(2)","title":{"en":"Theft","hi":"चोरी"},"cognizable":"cognizable","bailable":"non_bailable","max_years":3,"confidence":"high","source":"reference","origin":"model"}],"checks":{"checks_failed":0,"checks_timed_out":0},"fir_narrative":"शिकायतकर्ता की मोटरसाइकिल चोरी हुई।","details":{"language":"hi","header":{"station":{"code":"HZG","name":"हज़रतगंज","district":"लखनऊ","state":"उत्तर प्रदेश"},"fir_number":"HZG/0001/2026","reported_at":"2026-02-15T12:00:00.123456789+05:30","zero_fir_number":""},"charges":[],"ruling":{"reason":"","officer":{"name":"","rank":"","number":""}},"occurrence":{"date_from":"2026-02-14","date_to":"","time_period":"","time_from":"19:00","time_to":"","received_at":"2026-02-15T12:00:00.123456789+05:30","diary_entry":"17","diary_time":"12:05"},"information_type":"written","place":{"direction_distance":"उत्तर, 2 कि.मी.","beat_number":"","address":"हज़रतगंज बाज़ार, लखनऊ","outside_station":{"code":"","name":"","district":"","state":""}},"complainant":{"name":"रमेश कुमार","relative_name":"","date_of_birth":"","nationality":"","uid_number":"","passport_number":"","passport_issue_date":"","passport_issue_place":"","other_id":"","occupation":"","present_address":"12, नरही, लखनऊ","permanent_address":"12, नरही, लखनऊ","phone":"9415000000"},"accused":[{"kind":"unknown","name":"","alias":"","relative_name":"","address":"","physical_features":""}],"delay_reasons":"","properties":[{"category":"वाहन","type":"मोटरसाइकिल","description":"काली","value_rupees":65000}],"inquest":"","contents":{"narrative":"","summary":"","statement":""},"action":{"kind":"registered","officer":{"name":"","rank":"","number":""},"reason":"","transfer_to":{"code":"","name":"","district":"","state":""}},"read_over":{"read_over":false,"admitted_correct":false,"copy_given":false},"signature":{"kind":"","by":""},"despatch":{"officer":{"name":"","rank":"","number":""}}},"notes":[],"validation_history":[{"step":"transcript_review","decision":"approved","timestamp":"2026-02-15T12:00:01.123456789+05:30"},{"step":"summary_review","decision":"approved","timestamp":"2026-02-15T12:00:03.123456789+05:30"},{"step":"violations_review","decision":"approved","timestamp":"2026-02-15T12:00:05.123456789+05:30"},{"step":"fir_narrative_review","decision":"corrected","fields":["action","occurrence","place","complainant","accused","properties"],"timestamp":"2026-02-15T12:00:07.123456789+05:30"},{"step":"fir_narrative_review","decision":"approved","timestamp":"2026-02-15T12:00:08.123456789+05:30"}],"trace_id":"1-65d0a1b2-0123456789abcdef01234567","created_at":"2026-02-15T12:00:00.123456789+05:30","last_activity":"2026-02-15T12:00:08.123456789+05:30","version":10}');

INSERT INTO sessions VALUES ('b', 'completed', 'final_review', '1-65d0a1b2-0123456789abcdef01234567', 1771137000123456, 1771137009123456, 11, '{"session_id":"b","status":"completed","current_step":"final_review","steps":["summary_done","violations_done","narrative_done","draft_done"],"transcript":"मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\nमेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्‍ष\"</b> & it''s 100% \\ gone; -- ''x''","summary":"मोटरसाइकिल चोरी।","violations":[{"act":"BNS","section":"292","title":{"en":"Theft","hi":"चोरी"},"cognizable":"non_cognizable","bailable":"bailable","max_years":null,"confidence":"high","source":"reference","origin":"model"}],"checks":{"checks_failed":0,"checks_timed_out":0},"fir_narrative":"शिकायतकर्ता की मोटरसाइकिल चोरी हुई।","details":{"language":"hi","header":{"station":{"code":"HZG","name":"हज़रतगंज","district":"लखनऊ","state":"उत्तर प्रदेश"},"fir_number":"HZG/NCR-0001/2026","reported_at":"2026-02-15T12:00:00.123456789+05:30","zero_fir_number":""},"charges":[],"ruling":{"reason":"","officer":{"name":"","rank":"","number":""}},"occurrence":{"date_from":"2026-02-14","date_to":"","time_period":"","time_from":"19:00","time_to":"","received_at":"2026-02-15T12:00:00.123456789+05:30","diary_entry":"17","diary_time":"12:05"},"information_type":"written","place":{"direction_distance":"उत्तर, 2 कि.मी.","beat_number":"","address":"हज़रतगंज बाज़ार, लखनऊ","outside_station":{"code":"","name":"","district":"","state":""}},"complainant":{"name":"रमेश कुमार","relative_name":"","date_of_birth":"","nationality":"","uid_number":"","passport_number":"","passport_issue_date":"","passport_issue_place":"","other_id":"","occupation":"","present_address":"12, नरही, लखनऊ","permanent_address":"12, नरही, लखनऊ","phone":"9415000000"},"accused":[{"kind":"unknown","name":"","alias":"","relative_name":"","address":"","physical_features":""}],"delay_reasons":"","properties":[{"category":"वाहन","type":"मोटरसाइकिल","description":"काली","value_rupees":65000}],"inquest":"","contents":{"narrative":"","summary":"","statement":""},"action":{"kind":"registered","officer":{"name":"","rank":"","number":""},"reason":"","transfer_to":{"code":"","name":"","district":"","state":""}},"read_over":{"read_over":false,"admitted_correct":false,"copy_given":false},"signature":{"kind":"","by":""},"despatch":{"officer":{"name":"","rank":"","number":""}}},"notes":[],"validation_history":[{"step":"transcript_review","decision":"approved","timestamp":"2026-02-15T12:00:01.123456789+05:30"},{"step":"summary_review","decision":"approved","timestamp":"2026-02-15T12:00:03.123456789+05:30"},{"step":"violations_review","decision":"approved","timestamp":"2026-02-15T12:00:05.123456789+05:30"},{"step":"fir_narrative_review","decision":"corrected","fields":["action","occurrence","place","complainant","accused","properties"],"timestamp":"2026-02-15T12:00:07.123456789+05:30"},{"step":"fir_narrative_review","decision":"approved","timestamp":"2026-02-15T12:00:08.123456789+05:30"},{"step":"final_review","decision":"approved","timestamp":"2026-02-15T12:00:09.123456789+05:30"}],"trace_id":"1-65d0a1b2-0123456789abcdef01234567","created_at":"2026-02-15T12:00:00.123456789+05:30","last_activity":"2026-02-15T12:00:09.123456789+05:30","version":11}');

CREATE TABLE reports (
  id            INTEGER     NOT NULL PRIMARY KEY /*! AUTO_INCREMENT */,
  session_id    VARCHAR(64) NOT NULL,
  fir_number    VARCHAR(64) NOT NULL,
  station       VARCHAR(32) NOT NULL,
  series        VARCHAR(16) NOT NULL,
  year          INTEGER     NOT NULL,
  seq           BIGINT      NOT NULL,
  state         VARCHAR(32) NOT NULL,
  trace_id      VARCHAR(64) NOT NULL,
  created_at    BIGINT      NOT NULL,
  updated_at    BIGINT      NOT NULL,
  registered_at BIGINT      NULL,
  finalized_at  BIGINT      NULL,
  signature_due BIGINT      NULL,
  version       BIGINT      NOT NULL,
  body          LONGTEXT    NOT NULL,
  CONSTRAINT reports_by_session UNIQUE (session_id),
  CONSTRAINT reports_by_number UNIQUE (fir_number),
  CONSTRAINT reports_by_creation UNIQUE (created_at, id),
  CONSTRAINT reports_by_state UNIQUE (state, created_at, id),
  CONSTRAINT reports_by_station UNIQUE (station, created_at, id),
  CONSTRAINT reports_by_station_and_state UNIQUE (station, state, created_at, id),
  CONSTRAINT reports_by_due UNIQUE (state, signature_due, id),
  CONSTRAINT reports_by_registration UNIQUE (registered_at, id)
);

INSERT INTO reports VALUES (1, 'a', 'HZG/0001/2026', 'HZG', 'fir', 2026, 1, 'draft', '1-65d0a1b2-0123456789abcdef01234567', 1771137000123456, 1771137000123456, NULL, NULL, NULL, 1, '{"session_id":"a","status":"draft","document":{"language":"hi","header":{"station":{"code":"HZG","name":"हज़रतगंज","district":"लखनऊ","state":"उत्तर प्रदेश"},"fir_number":"HZG/0001/2026","reported_at":"2026-02-15T12:00:00.123456789+05:30","zero_fir_number":""},"charges":[{"act":"BNS","section":"303","sub_section":"(2)","title":{"en":"Theft","hi":"चोरी"},"cognizable":"cognizable","bailable":"non_bailable","max_years":3,"confidence":"high","source":"reference","origin":"model"}],"ruling":{"reason":"","officer":{"name":"","rank":"","number":""}},"occurrence":{"date_from":"2026-02-14","date_to":"","time_period":"","time_from":"19:00","time_to":"","received_at":"2026-02-15T12:00:00.123456789+05:30","diary_entry":"17","diary_time":"12:05"},"information_type":"written","place":{"direction_distance":"उत्तर, 2 कि.मी.","beat_number":"","address":"हज़रतगंज बाज़ार, लखनऊ","outside_station":{"code":"","name":"","district":"","state":""}},"complainant":{"name":"रमेश कुमार","relative_name":"","date_of_birth":"","nationality":"","uid_number":"","passport_number":"","passport_issue_date":"","passport_issue_place":"","other_id":"","occupation":"","present_address":"12, नरही, लखनऊ","permanent_address":"12, नरही, लखनऊ","phone":"9415000000"},"accused":[{"kind":"unknown","name":"","alias":"","relative_name":"","address":"","physical_features":""}],"delay_reasons":"","properties":[{"category":"वाहन","type":"मोटरसाइकिल","description":"काली","value_rupees":65000}],"inquest":"","contents":{"narrative":"शिकायतकर्ता की मोटरसाइकिल चोरी हुई।","summary":"मोटरसाइकिल चोरी।","statement":"मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\nमेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्‍ष\"</b> & it''s 100% \\ gone; -- ''x''"},"action":{"kind":"registered","officer":{"name":"","rank":"","number":""},"reason":"","transfer_to":{"code":"","name":"","district":"","state":""}},"read_over":{"read_over":false,"admitted_correct":false,"copy_given":false},"signature":{"kind":"","by":""},"despatch":{"officer":{"name":"","rank":"","number":""}}},"checks":{"checks_failed":0,"checks_timed_out":0},"received_as":"","trace_id":"1-65d0a1b2-0123456789abcdef01234567","created_at":"2026-02-15T12:00:00.123456789+05:30","updated_at":"2026-02-15T12:00:00.123456789+05:30","version":1}');

INSERT INTO reports VALUES (2, 'b', 'HZG/0002/2026', 'HZG', 'fir', 2026, 2, 'registered', '1-65d0a1b2-0123456789abcdef01234567', 1771137000123456, 1771140600123456, 1771140600123456, NULL, NULL, 5, '{"session_id":"b","status":"registered","document":{"language":"hi","header":{"station":{"code":"HZG","name":"हज़रतगंज","district":"लखनऊ","state":"उत्तर प्रदेश"},"fir_number":"HZG/0002/2026","reported_at":"2026-02-15T12:00:00.123456789+05:30","zero_fir_number":""},"charges":[{"act":"BNS","section":"292","title":{"en":"Theft","hi":"चोरी"},"cognizable":"non_cognizable","bailable":"bailable","max_years":null,"confidence":"high","source":"reference","origin":"model"},{"act":"BNS","section":"303","sub_section":"(2)","title":{"en":"Theft","hi":"चोरी"},"cognizable":"cognizable","bailable":"non_bailable","max_years":3,"confidence":"high","source":"reference","origin":"clerk"}],"ruling":{"reason":"","officer":{"name":"","rank":"","number":""}},"occurrence":{"date_from":"2026-02-14","date_to":"","time_period":"","time_from":"19:00","time_to":"","received_at":"2026-02-15T12:00:00.123456789+05:30","diary_entry":"17","diary_time":"12:05"},"information_type":"written","place":{"direction_distance":"उत्तर, 2 कि.मी.","beat_number":"","address":"हज़रतगंज बाज़ार, लखनऊ","outside_station":{"code":"","name":"","district":"","state":""}},"complainant":{"name":"रमेश कुमार","relative_name":"","date_of_birth":"","nationality":"","uid_number":"","passport_number":"","passport_issue_date":"","passport_issue_place":"","other_id":"","occupation":"","present_address":"12, नरही, लखनऊ","permanent_address":"12, नरही, लखनऊ","phone":"9415000000"},"accused":[{"kind":"unknown","name":"","alias":"","relative_name":"","address":"","physical_features":""}],"delay_reasons":"","properties":[{"category":"वाहन","type":"मोटरसाइकिल","description":"काली","value_rupees":65000}],"inquest":"","contents":{"narrative":"शिकायतकर्ता की मोटरसाइकिल चोरी हुई।","summary":"मोटरसाइकिल चोरी।","statement":"मैं रमेश कुमार, 14 फ़रवरी की शाम हज़रतगंज बाज़ार से लौट रहा था।\nमेरी मोटरसाइकिल (क़ीमत ₹65,000) किसी ने चुरा ली 🏍️😢 𑂍 <b>\"क्‍ष\"</b> & it''s 100% \\ gone; -- ''x''"},"action":{"kind":"registered","officer":{"name":"","rank":"","number":""},"reason":"","transfer_to":{"code":"","name":"","district":"","state":""}},"read_over":{"read_over":true,"admitted_correct":true,"copy_given":false},"signature":{"kind":"signature","by":"रमेश कुमार","at":"2026-02-15T13:00:00.123456789+05:30"},"despatch":{"officer":{"name":"","rank":"","number":""}}},"checks":{"checks_failed":0,"checks_timed_out":0},"received_as":"","former_numbers":["HZG/NCR-0001/2026"],"reviewed_at":"2026-02-15T12:00:00.123456789+05:30","registered_at":"2026-02-15T13:00:00.123456789+05:30","trace_id":"1-65d0a1b2-0123456789abcdef01234567","created_at":"2026-02-15T12:00:00.123456789+05:30","updated_at":"2026-02-15T13:00:00.123456789+05:30","version":5}');

CREATE TABLE former_numbers (
  fir_number VARCHAR(64) NOT NULL,
  session_id VARCHAR(64) NOT NULL,
  PRIMARY KEY (fir_number),
  CONSTRAINT former_numbers_by_session UNIQUE (session_id, fir_number)
);

INSERT INTO former_numbers VALUES ('HZG/NCR-0001/2026', 'b');

CREATE TABLE counters (
  station VARCHAR(32) NOT NULL,
  series  VARCHAR(16) NOT NULL,
  year    INTEGER     NOT NULL,
  seq     BIGINT      NOT NULL,
  PRIMARY KEY (station, series)
);

INSERT INTO counters VALUES ('HZG', 'fir', 2026, 2);

INSERT INTO counters VALUES ('HZG', 'ncr', 2026, 1);
