//! A form promises what the gate holds, offers what can still be done, and says who signed.

use super::samples::{self, NOW};
use crate::forms::words::{EN, ES, element};
use crate::forms::{Block, Lang, Sheet, amendment, consent, letter, plan, revocation};
use belay_protocol::consent::words::TPO_REFUSING;
use belay_protocol::ids::OrgId;

const US: OrgId = OrgId([1; 32]);

fn flat(sheet: &Sheet) -> String {
    sheet.text().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The block after the heading in these words.
fn under<'s>(sheet: &'s Sheet, words: &str) -> Vec<&'s Block> {
    let heading = |block: &&Block| matches!(block, Block::Heading { text, .. } if text == words);
    let after = sheet.blocks.iter().skip_while(|block| !heading(block)).skip(1);
    after.take_while(|block| !matches!(block, Block::Heading { .. })).collect()
}

#[test]
fn the_law_s_words_on_passing_on_are_explained_as_the_gate_holds_them() {
    let law =
        [(Lang::En, "as the health privacy law (HIPAA) allows"), (Lang::Es, "como lo deja la ley de salud (HIPAA)")];
    for (lang, allows) in law {
        let words = lang.words();
        let said = |sheet: &Sheet| match under(sheet, words.consent_redisclosure).first() {
            Some(Block::Prose(text)) => text.clone(),
            _ => panic!("no explanation"),
        };
        // For all of treatment, payment and operations: the hospital may, and nobody else.
        let whole = said(&consent::sheet(&samples::consent(false), NOW, lang));
        assert!(whole.contains(allows) && whole.contains("County Hospital"), "{whole}");
        assert!(!whole.contains("Hill Clinic"), "a program passes on by consent alone: {whole}");
        // For treatment alone nobody may (2.33(b)(1) as the gate reads it), and the form says so beside each name.
        let sheet = consent::sheet(&samples::treated(), NOW, lang);
        let strict = said(&sheet);
        assert_eq!(strict, words.consent_redisclosure_strict);
        // What the law's own words mean is said there, and nowhere that anybody may do so here.
        assert!(!flat(&sheet).replace(&strict, "").contains(allows), "{strict}");
        assert!(flat(&sheet).contains(words.next_none));
        assert!(flat(&sheet).contains(words.consent_tpo_strict), "{}", flat(&sheet));
        assert!(!flat(&sheet).contains(words.consent_tpo_text));
        let notes = said(&consent::sheet(&samples::counselled(), NOW, lang));
        assert_eq!(notes, words.consent_redisclosure_notes);
    }
}

/// 45 CFR 164.506(c): who is no program tells what HIPAA lets it tell, signed or not.
#[test]
fn what_happens_unsigned_is_said_of_the_program_alone() {
    let text = flat(&consent::sheet(&samples::consent(false), NOW, Lang::En)).replace(" | ", " ");
    assert!(text.contains("a treatment program named here can not tell the others about me"), "{text}");
    assert!(
        text.contains("A hospital or other covered entity may still tell what the HIPAA regulations let it tell"),
        "{text}"
    );
    assert!(TPO_REFUSING.contains("covered entity may still tell"));
    let text = flat(&consent::sheet(&samples::consent(false), NOW, Lang::Es));
    assert!(text.contains("todavía puede dar lo que la ley HIPAA le deja dar"), "{text}");
    assert!(element(TPO_REFUSING).is_some_and(|text| text.contains("Un hospital") && text.contains("HIPAA")));
}

/// The law words the notice of 2.32 alone: what a consent has to say it leaves to who writes the form (2.31(a)(6), (10)).
#[test]
fn what_happens_unsigned_and_how_to_revoke_stand_once_in_the_language_of_the_form() {
    for (lang, revoke, unsigned) in
        [(Lang::En, "I may revoke this consent", "If I do not sign"), (Lang::Es, "Puedo retirar", "Si no firmo")]
    {
        let text = flat(&consent::sheet(&samples::consent(false), NOW, lang));
        for said in [revoke, unsigned] {
            assert_eq!(text.matches(said).count(), 1, "{said}: {text}");
        }
        assert!(!text.contains("La ley pide") && !text.contains("The law asks for"), "{text}");
        let other = if lang == Lang::Es { "I may revoke this consent" } else { "Puedo retirar" };
        assert!(!text.contains(other), "{text}");
    }
}

#[test]
fn what_was_asked_and_refused_stands_apart_from_what_is_kept() {
    for (lang, no) in [(Lang::En, "They said no"), (Lang::Es, "Dijeron que no")] {
        let words = lang.words();
        for (kept, refused) in [(1, 1), (1, 0), (0, 1)] {
            let sheet = consent::sheet(&samples::asked(kept, refused), NOW, lang);
            let listed = |heading: &str| match under(&sheet, heading).as_slice() {
                [] => Vec::new(),
                [Block::Prose(_), Block::List(items)] => items.clone(),
                other => panic!("{} blocks under {heading}", other.len()),
            };
            let (left_out, left_in) = (listed(words.consent_left_out), listed(words.consent_left_in));
            assert_eq!((left_out.len(), left_in.len()), (kept, refused), "{lang:?}");
            assert!(left_out.iter().all(|line| !line.contains(no)) && left_in.iter().all(|line| line.contains(no)));
            let promised = flat(&sheet).contains(words.consent_left_out_all);
            assert_eq!(promised, kept > 0, "{lang:?}: they keep to what they agreed to");
        }
    }
}

/// 2.14(b), 2.31(a)(8).
#[test]
fn a_minor_and_a_parent_each_have_lines_to_sign_on_and_one_signer_has_one() {
    let lines = |sheet: &Sheet| {
        let of = |block: &Block| if let Block::Lines(labels) = block { Some(labels.clone()) } else { None };
        sheet.blocks.iter().filter_map(of).collect::<Vec<_>>()
    };
    for lang in Lang::ALL {
        let words = lang.words();
        let (before, after) = samples::by_both();
        for sheet in
            [consent::sheet(&samples::supervised(), NOW, lang), amendment::sheet(&before, &after, US, NOW, lang)]
        {
            let [minor, parent] = lines(&sheet).try_into().expect("lines for each");
            for block in [&minor, &parent] {
                for line in [words.line_signature, words.line_name, words.line_date] {
                    assert!(block.iter().any(|label| label == line), "{lang:?}: {line} in {block:?}");
                }
            }
            assert!(parent.iter().any(|label| label == words.line_capacity));
            assert!(flat(&sheet).contains(words.sign_parent));
        }
        assert_eq!(lines(&consent::sheet(&samples::consent(false), NOW, lang)).len(), 1);
    }
}

#[test]
fn a_consent_that_is_void_offers_nothing_to_take_back_or_sign() {
    for (lang, since) in [(Lang::En, "This form does not count"), (Lang::Es, "Esta hoja no vale")] {
        let sheet = revocation::sheet(&samples::void(), US, lang);
        assert!(flat(&sheet).contains(since), "{}", flat(&sheet));
        assert!(flat(&sheet).contains(lang.words().revocation_void));
        let offers = |block: &Block| matches!(block, Block::Boxes(_) | Block::Lines(_));
        assert!(!sheet.blocks.iter().any(offers), "{}", flat(&sheet));
    }
}

/// 2.14, 2.15: somebody else signed.
#[test]
fn where_somebody_signed_for_the_person_no_paper_says_that_the_person_did() {
    let written = letter::Scope { represented: true, ..samples::letter().scope };
    let written = letter::Letter { scope: written, ..samples::letter() };
    let own = [
        (Lang::En, ["The person signed a form", "What the person said yes to", "I signed a form"]),
        (Lang::Es, ["La persona firmó una hoja", "A qué dijo que sí la persona", "firmé una hoja"]),
    ];
    for (lang, own) in own {
        let guarded = samples::guarded();
        let after = belay_protocol::consent::Consent::Draft(guarded.amend());
        let taken = belay_protocol::consent::Consent::Signed(guarded.clone());
        let sheets = [
            letter::sheet(&written, lang),
            revocation::sheet(&taken, US, lang),
            amendment::sheet(&guarded, &after, US, NOW, lang),
        ];
        for sheet in &sheets {
            let text = flat(sheet);
            for words in own {
                assert!(!text.to_lowercase().contains(&words.to_lowercase()), "{words} in {text}");
            }
        }
        assert!(flat(&sheets[0]).contains(lang.words().letter_hello_for));
        // And where the person did, they still do.
        assert!(flat(&letter::sheet(&samples::letter(), lang)).contains(own[0]));
        assert!(flat(&revocation::sheet(&samples::consent(true), US, lang)).contains(own[2]));
    }
    assert!(EN.letter_scope_text_for.contains("for the person") && ES.letter_scope_text_for.contains("por la persona"));
}

#[test]
fn a_plan_of_which_nothing_is_on_record_says_nothing_for_the_person_and_has_lines_to_write_it() {
    for (lang, never) in
        [(Lang::En, ["I have none", "not named", "I made this"]), (Lang::Es, ["no tengo", "no he puesto", "Hice este"])]
    {
        let (words, sheet) = (lang.words(), plan::sheet(&samples::empty_plan(), lang));
        let text = flat(&sheet);
        for never in never {
            assert!(!text.contains(never), "{text}");
        }
        let lines = |heading: &str| under(&sheet, heading).into_iter().any(|block| matches!(block, Block::Lines(_)));
        let parts = [words.plan_signs, words.plan_helps, words.plan_avoid, words.plan_people, words.plan_naloxone];
        for heading in parts.into_iter().chain([words.plan_medicine, words.plan_wishes]) {
            assert!(lines(heading), "no line under {heading}");
        }
        assert!(text.contains(&format!("{}: ____", words.line_date)), "{text}");
        let known = flat(&plan::sheet(&samples::plan(), lang));
        assert!(!known.contains(words.no_phone), "{known}");
        assert!(known.contains(&format!("Jo at Hill Clinic, {}: ____", words.line_phone)), "{known}");
    }
}
