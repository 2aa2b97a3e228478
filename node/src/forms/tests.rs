//! What holds for every form, in both languages, filled in and empty.

mod held;
mod readability;
mod samples;
mod told;

use super::words::{EN, ES, fill};
use super::{Block, Lang, STYLE, Styled};
use belay_protocol::ids::OrgId;
use samples::{Sample, all};
use std::collections::BTreeSet;

fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_have_every_string_and_the_same_places_to_fill_in() {
    for ((name, english), (same, spanish)) in EN.all().into_iter().zip(ES.all()) {
        assert_eq!(name, same);
        assert!(!english.trim().is_empty() && !spanish.trim().is_empty(), "{name} is empty");
        assert_eq!(places(english), places(spanish), "{name}: the places differ");
        for text in [english, spanish] {
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{name}: a brace is open");
            assert!(!text.contains("  "), "{name}: two spaces");
        }
        // Words that are the same in both languages are few, and known.
        let same = ["none_given", "and_then", "card_dose", "accounting_where"].contains(&name);
        assert!(same || english != spanish, "{name} is not translated");
    }
    assert_eq!(EN.months.split(' ').count(), 12);
    assert_eq!(ES.months.split(' ').count(), 12);
}

#[test]
fn no_string_calls_a_person_by_a_word_that_hurts() {
    let hurtful = ["addic", "abus", "junk", "patien", "clien", "adict", "pacien", "limpio"];
    for (name, text) in EN.all().into_iter().chain(ES.all()) {
        let lower = text.to_lowercase();
        for word in hurtful {
            assert!(!lower.contains(word), "{name} says {word:?}");
        }
    }
}

#[test]
fn what_is_filled_in_is_never_read_as_a_place() {
    assert_eq!(fill("{one}, {two}", &[("one", "{two}"), ("two", "b")]), "{two}, b");
}

#[test]
fn every_form_fits_eighty_columns_and_says_its_language() {
    for Sample { name, make } in all() {
        for lang in Lang::ALL {
            let sheet = make(lang);
            for line in sheet.text().lines() {
                assert!(line.chars().count() <= 80, "{name} {lang:?}: {line:?}");
            }
            let html = sheet.html(Styled::Inline);
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())), "{name}");
            assert!(html.ends_with("</html>") || html.ends_with("</html>\n"), "{name}: cut off");
            assert!(!html.contains("<script") && !html.contains("http:") && !html.contains("https:"), "{name}");
        }
    }
}

#[test]
fn the_law_s_own_words_are_marked_as_english_on_every_form() {
    let mut seen = 0;
    for Sample { name, make } in all() {
        let sheet = make(Lang::Es);
        let laws = sheet.blocks.iter().filter(|b| matches!(b, Block::Law { .. })).count();
        assert_eq!(sheet.html(Styled::Inline).matches("<blockquote lang=\"en\">").count(), laws, "{name}");
        for (block, before) in sheet.blocks.iter().skip(1).zip(&sheet.blocks) {
            let explained = matches!(before, Block::Prose(_) | Block::Law { .. });
            let stated = matches!(before, Block::List(_));
            assert!(!matches!(block, Block::Law { .. }) || explained || stated, "{name}: no explanation before it");
        }
        seen += laws;
    }
    assert!(seen > 8, "{seen}");
}

#[test]
fn the_letter_carries_the_notice_to_the_byte_in_both_languages() {
    for lang in Lang::ALL {
        let sheet = super::letter::sheet(&samples::letter(), lang);
        let notice = belay_protocol::consent::notice::STATEMENT_1.trim_end();
        assert!(sheet.blocks.iter().any(|b| matches!(b, Block::Law { text, .. } if text == notice)));
    }
}

#[test]
fn a_hostile_name_stays_text_on_screen_and_on_paper() {
    let mut card = samples::card();
    card.name = "</style><script>alert(1)</script>\u{1b}[31m\u{202e}".into();
    let sheet = super::card::sheet(&card, Lang::En);
    let html = sheet.html(Styled::Linked("/assets/print-0.css"));
    assert!(!html.contains("<script") && html.contains("&#60;script") && !html.contains("<style"));
    let text = sheet.text();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'));
}

#[test]
fn a_page_in_a_file_allows_its_own_style_and_nothing_else() {
    let html = super::card::sheet(&samples::card(), Lang::En).html(Styled::Inline);
    let style = html.split_once("<style>").and_then(|(_, rest)| rest.split_once("</style>")).expect("a style").0;
    assert_eq!(style, STYLE);
    let hash = data_encoding::BASE64.encode(ring::digest::digest(&ring::digest::SHA256, style.as_bytes()).as_ref());
    assert!(html.contains(&format!("default-src 'none'; style-src 'sha256-{hash}'")));
    assert!(!style.contains("url(") && !style.contains("@import") && !style.contains('<'));
}

#[test]
fn somebody_without_papers_phone_or_address_fits_every_form() {
    for Sample { name, make } in all().into_iter().filter(|sample| sample.name.ends_with("empty")) {
        for lang in Lang::ALL {
            let sheet = make(lang);
            for block in &sheet.blocks {
                let blank = match block {
                    Block::Prose(text) | Block::Said(text) => text.trim().is_empty(),
                    Block::Facts(facts) => facts.iter().any(|(_, value)| value.trim().is_empty()),
                    Block::List(items) => items.is_empty() || items.iter().any(|item| item.trim().is_empty()),
                    _ => false,
                };
                assert!(!blank, "{name} {lang:?} leaves something blank");
            }
        }
    }
    let text = super::letter::sheet(&samples::empty_letter(), Lang::En).text();
    for words in ["Phone: no phone", "Address: no address", "Born: not known, or not given"] {
        assert!(text.contains(words), "{words}");
    }
}

#[test]
fn a_letter_has_lines_for_what_is_not_on_record_of_the_house_that_is_to_be_called_or_written_to() {
    for lang in Lang::ALL {
        let words = lang.words();
        let lines = |letter: &super::letter::Letter| {
            let sheet = super::letter::sheet(letter, lang);
            let open = sheet.blocks.iter().filter_map(|block| match block {
                Block::Lines(lines) => Some(lines.clone()),
                _ => None,
            });
            open.flatten().collect::<Vec<String>>()
        };
        let mut letter = samples::empty_letter();
        (letter.from.address, letter.from.phone) = (String::new(), " ".to_owned());
        assert_eq!(lines(&letter), [words.letter_our_address, words.letter_our_phone]);
        letter.from.address = "9 Chapel Lane".to_owned();
        assert_eq!(lines(&letter), [words.letter_our_phone]);
        letter.from.phone = "606-555-0177".to_owned();
        assert!(lines(&letter).is_empty());
        let text = super::letter::sheet(&letter, lang).text();
        assert!(text.contains("9 Chapel Lane") && text.contains("606-555-0177"), "{}", *text);
    }
}

#[test]
fn debug_of_a_form_shows_nothing_of_it() {
    let sheet = super::card::sheet(&samples::card(), Lang::En);
    let shown = format!("{sheet:?} {:?} {:?}", sheet.blocks, samples::card());
    assert!(!shown.contains("Wick") && !shown.contains("methadone"), "{shown}");
}

#[test]
fn the_accounting_prints_the_four_facts_of_an_emergency() {
    for sample in samples::all().into_iter().filter(|sample| sample.name == "accounting") {
        for lang in [Lang::En, Lang::Es] {
            let text = (sample.make)(lang).html(Styled::Inline);
            for fact in ["Dr Ana Reyes", "County Hospital", "Nora Hill", "2026-11-20 03:10", "found without breath"] {
                assert!(text.contains(fact), "{fact}: {}", *text);
            }
        }
    }
}

#[test]
fn what_lies_sealed_has_a_part_of_its_own_and_no_english_stands_in_the_spanish_list() {
    for sample in samples::all().into_iter().filter(|sample| sample.name == "accounting") {
        for lang in Lang::ALL {
            let sheet = (sample.make)(lang);
            let tables: Vec<usize> = sheet
                .blocks
                .iter()
                .filter_map(|block| if let Block::Table { rows, .. } = block { Some(rows.len()) } else { None })
                .collect();
            assert_eq!(tables, [4, 1, 1], "{lang:?}");
            let text = sheet.text();
            assert!(lang == Lang::En || !text.contains("opened"), "{}", *text);
        }
    }
}

#[test]
fn what_a_form_says_of_passing_on_is_what_the_gate_permits() {
    use belay_protocol::consent::{Action, Ask, Basis, Class, Onward, Purpose, decide};
    use belay_protocol::ids::{ConsentId, OrgId};
    use belay_protocol::referral::{Flow, Party};
    use belay_protocol::space::control::PartnerKind as Kind;
    let samples::Recipient { party: hospital, flows } = samples::recipient();
    let to = |kind| Party { org: OrgId([6; 32]), name: "Elm Office".to_owned(), kind };
    let purposes = [
        Purpose::Treatment,
        Purpose::Payment,
        Purpose::Operations,
        Purpose::Tpo,
        Purpose::AtRequest,
        Purpose::Other("to find a home".into()),
        Purpose::Emergency,
        Purpose::Supervision,
        Purpose::Proceedings,
        Purpose::Fundraising,
    ];
    let kinds = [
        Kind::Part2Program,
        Kind::CoveredProgram,
        Kind::CoveredEntity,
        Kind::BusinessAssociate,
        Kind::NonCoveredCbo,
        Kind::CriminalJustice,
        Kind::LawEnforcement,
        Kind::ChildWelfare,
        Kind::HealthPlan,
        Kind::Other,
    ];
    let mut seen = BTreeSet::new();
    for class in [Class::General, Class::Tpo, Class::Counselling, Class::Proceedings, Class::CriminalJustice] {
        for (kind, told_for) in kinds.into_iter().flat_map(|kind| purposes.iter().map(move |why| (kind, why))) {
            let us = Party { kind, ..hospital.clone() };
            let flows: Vec<_> = flows.iter().map(|f| Flow { purpose: told_for.clone(), ..f.clone() }).collect();
            let words = super::consent::next(class, &us, &flows, &EN);
            let mut scope = belay_protocol::consent::Scope::nothing(ConsentId([7; 32]), 1, us.org, samples::NOW);
            (scope.class, scope.flows, scope.parties) = (class, flows, vec![us.clone()]);
            scope.expiry = belay_protocol::referral::Expiry::Never;
            // Who hears of it, under a contract or not, whom no way of the consent names.
            let permits = |contract: bool| {
                let asks = kinds.into_iter().flat_map(|kind| purposes.iter().map(move |why| (kind, why.clone())));
                asks.filter(|(kind, purpose)| {
                    let onward = Onward { to: to(*kind), contract, shut: None };
                    let (information, purpose) = (belay_protocol::referral::Information::Referral, purpose.clone());
                    let ask = Ask { from: us.org, to: onward.to.org, information, purpose, action: Action::Export };
                    decide(Basis::Onward(&scope, &onward, &[]), &ask, samples::NOW).is_ok()
                })
                .map(|(_, purpose)| purpose)
                .collect::<BTreeSet<Purpose>>()
            };
            let (openly, by_contract) = (permits(false), permits(true));
            let expected = if openly == [Purpose::Supervision].into() {
                EN.next_justice
            } else if !openly.is_empty() {
                EN.next_hipaa
            } else if !by_contract.is_empty() {
                assert!(!by_contract.contains(&Purpose::Treatment), "{kind:?}");
                EN.next_contractor
            } else if kind.is_program() && *told_for != Purpose::Emergency {
                EN.next_program
            } else {
                EN.next_none
            };
            assert_eq!(words, expected, "{class:?} {kind:?} told for {told_for:?}");
            seen.insert(words);
        }
    }
    assert_eq!(seen.len(), 5, "each sentence stands somewhere: {seen:?}");
}

#[test]
fn a_letter_says_how_the_consent_ends_from_when_on_it_can_be_taken_back_and_what_lies_sealed() {
    use belay_protocol::referral::{Expiry, Flow, Moment};
    let samples::Recipient { party, flows } = samples::recipient();
    let mut scope =
        belay_protocol::consent::Scope::nothing(belay_protocol::ids::ConsentId([7; 32]), 1, party.org, samples::NOW);
    scope.expiry = Expiry::Event("the trial is over.".into());
    scope.revocable = vec![Moment::When("the hearing was held".into())];
    scope.flows =
        flows.into_iter().map(|flow| Flow { purpose: belay_protocol::consent::Purpose::Emergency, ..flow }).collect();
    scope.parties = vec![party];
    let ends = super::letter::ends(&scope, Lang::En);
    assert_eq!(
        ends,
        [
            "The OK ends when this happens: the trial is over.",
            "It can be taken back once this happens: the hearing was held."
        ]
    );
    assert!(super::letter::ways(&scope, Lang::En)[0].contains("kept sealed"));
}

#[test]
fn an_element_that_is_signed_in_english_stands_in_spanish_on_the_spanish_form() {
    let text = super::consent::sheet(&samples::consent(true), samples::NOW, Lang::Es).text();
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("menos en lo que alguien ya hizo"), "{flat}");
}

#[test]
fn an_amendment_shows_only_what_is_new() {
    let (before, after) = samples::amended();
    let text = super::amendment::sheet(&before, &after, OrgId([1; 32]), samples::NOW, Lang::En).text();
    assert!(text.contains("Hope House (community group)") && text.contains("Hill Clinic may tell Hope House"));
    assert!(!text.contains("County Hospital"), "{}", *text);
    let same = belay_protocol::consent::Consent::Draft(before.amend());
    assert!(
        super::amendment::sheet(&before, &same, OrgId([1; 32]), samples::NOW, Lang::En)
            .text()
            .contains("Nothing is new")
    );
}

#[test]
fn an_amendment_that_was_taken_back_or_has_ended_does_not_say_that_it_counts() {
    let (before, after) = samples::taken_back();
    let sheet = |lang| super::amendment::sheet(&before, &after, OrgId([1; 32]), samples::NOW, lang).text();
    assert!(sheet(Lang::En).contains("This form no longer counts."));
    assert!(sheet(Lang::Es).contains("Esta hoja ya no vale."));
    for (lang, counts) in [(Lang::En, "still counts"), (Lang::Es, "Todavía vale")] {
        assert!(!sheet(lang).contains(counts), "{}", *sheet(lang));
    }
}

#[test]
fn the_consent_form_shows_all_ten_elements_with_their_clauses() {
    use belay_protocol::consent::Element;
    let text = super::consent::sheet(&samples::consent(true), samples::NOW, Lang::Es).text();
    for element in Element::ALL {
        assert!(text.contains(&format!("({})", element.clause())), "{element:?} is not on the form");
    }
    assert!(!text.contains(ES.consent_missing));
}

/// 45 CFR 164.528(b)(2)(iii): a brief description of what went, and not of all that might have gone.
#[test]
fn each_thing_that_was_told_has_words_of_its_own_in_the_accounting_and_says_no_more_than_went() {
    use crate::forms::accounting::{self, Accounting, Item, Told, What};
    use crate::forms::consent;
    use belay_protocol::disclosure::Brief;
    use belay_protocol::referral::Information;
    let sample = samples::told();
    let line = |what: What, lang: Lang| {
        let told = Told { what, facts: None, ..sample.told[0].clone() };
        let accounting = Accounting { told: vec![told], placed: Vec::new(), over: Vec::new(), ..sample.clone() };
        let sheet = accounting::sheet(&accounting, lang);
        let rows = |block: &Block| if let Block::Table { rows, .. } = block { Some(rows[0][2].clone()) } else { None };
        sheet.blocks.iter().find_map(rows).expect("one row")
    };
    let referral = [
        Brief::Notice,
        Brief::File,
        Brief::Copy,
        Brief::Opened,
        Brief::Before,
        Brief::TakenBack,
        Brief::Ended,
        Brief::Less,
        Brief::Asked,
        Brief::Identity,
        Brief::Answer,
        Brief::Visit,
        Brief::Message,
        Brief::Withdrawn,
        Brief::Closed,
        Brief::Handoff,
        Brief::Need,
        Brief::Leaving,
        Brief::Seen,
        Brief::CheckIn,
        Brief::Tried,
        Brief::Crisis,
        Brief::Medication,
        Brief::Summary,
        Brief::Mistake,
        Brief::Urgency,
    ];
    let kind = Information::Referral;
    let items = referral.map(|brief| Item::Told(brief, kind)).into_iter();
    let items: Vec<Item> = items.chain([Item::Opened(kind), Item::OpenedLate(kind)]).collect();
    for lang in Lang::ALL {
        let said: BTreeSet<String> = items.iter().map(|item| line(What::Items(vec![*item]), lang)).collect();
        assert_eq!(said.len(), items.len(), "{lang:?}: two things in the same words: {said:?}");
        let all = consent::kind_of_information(kind, lang.words());
        for text in &said {
            assert!(!text.contains(all) && !text.contains("naloxon") && text.len() < 120, "{text}");
        }
    }
    let often = What::Items(vec![items[0], items[8], items[8], items[8]]);
    let [notice, asked] = [&items[0], &items[8]].map(|one| line(What::Items(vec![*one]), Lang::En));
    assert_eq!(line(often, Lang::En), format!("{notice}; {asked} (3 times)"), "each time");
    let of = |kind| Item::Told(Brief::Message, kind);
    let notes = What::Items(vec![of(Information::Referral), of(Information::Clinical), of(Information::Clinical)]);
    assert_eq!(line(notes, Lang::En), "a note about me (3 times)", "of whatever kinds");
    // What staff put in words of their own stands in them, with its kinds in few.
    let report = What::Written(vec![Information::Identity, Information::Clinical], "name and address".into());
    assert_eq!(line(report.clone(), Lang::En), "who I am; my care: name and address");
    assert_eq!(line(report, Lang::Es), "quién soy; mi cuidado: name and address");
    // Three words that are told by telephone, of which none says more than was said.
    let [back, ended, less] = [Brief::TakenBack, Brief::Ended, Brief::Less]
        .map(|brief| line(What::Items(vec![Item::Told(brief, kind)]), Lang::En));
    assert!(back.contains("took back") && !ended.contains("took back") && !less.contains("took back"), "{less}");
}

#[test]
fn a_revocation_promises_what_it_does_and_a_day_is_the_same_in_both_languages() {
    let promises = [
        (&EN, "nothing more under this form. Other forms", "about me"),
        (&ES, "con esta hoja. Otras hojas", "sobre mí"),
    ];
    for (words, says, too_much) in promises {
        let told = words.revocation_does_told;
        assert!(told.contains(says) && !told.contains(too_much), "{told}");
    }
    assert!(EN.letter_answer_by.contains("by {date}") && ES.letter_answer_by.contains("a más tardar el {date}"));
}
