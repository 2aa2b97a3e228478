//! What a signature is: under the form that was read, and given by each who has to give one.

use super::*;
use crate::forms::Lang;
use crate::usecases::attachments::chunks;
use belay_protocol::sensitive::Personal;

fn sign(consent: &str) -> ConsentSign {
    ConsentSign {
        consent: consent.to_owned(),
        typed: "Zephyrine Quillfeather".into(),
        attested: true,
        ..ConsentSign::default()
    }
}

/// Corrects what is on record of the person.
fn on_record(hospital: &mut Office, change: impl FnOnce(&mut PersonEdit)) {
    let mut edit = PersonEdit { person: "Zephyrine Quillfeather".into(), ..PersonEdit::default() };
    change(&mut edit);
    hospital.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
}

/// Writes the next version of this consent, with another end.
fn again(county: &mut County, id: &str, days: u64) -> ConsentView {
    let expiry = Some(ExpiryRequest::On(Time(county.office(HOSPITAL).now.0 + days * DAY)));
    let amend = ConsentAmend { consent: id.to_owned(), expiry, ..ConsentAmend::default() };
    county.office(HOSPITAL).done(&Care::ConsentAmend(amend))
}

#[test]
fn what_was_read_is_what_is_signed() {
    let mut county = county();
    let id = two_parties(&mut county).id.to_string();
    again(&mut county, &id, 200);
    let show = Care::ConsentShow { consent: id.clone(), whole: false };
    let read = county.office(HOSPITAL).done::<ConsentView>(&show).to_sign.expect("a change waits");
    assert_eq!(read.version, 2);
    // While the person reads, somebody writes it anew.
    let newer = again(&mut county, &id, 400);
    let hospital = county.office(HOSPITAL);
    let pinned = |version, terms: Option<&str>| {
        Care::ConsentSign(ConsentSign { version, terms: terms.map(str::to_owned), ..sign(&id) })
    };
    let why = hospital.refused(&pinned(Some(read.version), Some(&read.terms))).1;
    assert!(why.contains("written anew") && why.contains("number 3"), "{why}");
    assert!(hospital.refused(&pinned(Some(2), None)).1.contains("written anew"));
    assert!(
        hospital.refused(&pinned(Some(3), Some(&read.terms))).1.contains("written anew"),
        "nor by its number alone"
    );
    assert!(hospital.refused(&pinned(None, None)).1.contains("more than one form"));
    let now = newer.to_sign.expect("it waits");
    assert_ne!(now.terms, read.terms);
    assert_eq!(hospital.done::<ConsentView>(&pinned(Some(3), Some(&now.terms))).version, 3);
    assert_eq!(hospital.done::<ConsentView>(&show).to_sign, None, "nothing waits any more");
}

/// A form that a minor signs with a parent.
fn for_a_minor(hospital: &mut Office) -> String {
    hospital.person("Zephyrine Quillfeather");
    on_record(hospital, |edit| edit.birth_date = Some("2012-05-06".into()));
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        signer: Signer::MinorAndParent,
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    draft.id.to_string()
}

#[test]
fn a_typed_name_counts_only_where_who_typed_it_was_shown_to_what_it_attests() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = for_a_minor(hospital);
    let both = |typed: &str, attested| ConsentSign { beside: Some(beside(typed, attested)), ..sign(&id) };
    let refused = |hospital: &mut Office, ask: ConsentSign| hospital.refused(&Care::ConsentSign(ask)).1;
    let shown = "I typed my name as my signature";
    let why = refused(hospital, ConsentSign { attested: false, ..both("Ada Quillfeather", true) });
    assert!(why.contains(shown), "{why}");
    // That staff wrote down who the parent is signs nothing.
    assert!(refused(hospital, both("", true)).contains("42 CFR 2.14(b)"));
    assert!(refused(hospital, both("Ada Quillfeather", false)).contains(shown));
    assert!(refused(hospital, both("Ottoline Marsh", true)).contains("unlike that of the parent"));
    let signed: ConsentView = hospital.done(&Care::ConsentSign(both("Ada Quillfeather", true)));
    assert_eq!(signed.state, "signed");
    assert_eq!(signed.form.reveal().matches(shown).count(), 2, "{}", signed.form.reveal());
}

#[test]
fn a_parent_may_draw_beside_a_minor_with_a_hand_of_their_own() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = for_a_minor(hospital);
    let to = AttachTo::Consent { consent: id.clone() };
    let mut drawn = |line: &str| {
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 200\"><polyline points=\"{line}\"/></svg>"
        );
        hospital.attach(&to, "signature.svg", svg.as_bytes()).0.id
    };
    let (minors, parents) = (drawn("1,2 3,4"), drawn("9,8 7,6"));
    let both = |beside_drawn: &str| {
        let beside = BesideSign { drawn: Some(beside_drawn.to_owned()), ..beside("", false) };
        let file = Some(SignedFile { id: minors.clone(), drawn: true });
        let (typed, attested) = ("".into(), false);
        Care::ConsentSign(ConsentSign { typed, attested, file, beside: Some(beside), ..sign(&id) })
    };
    assert!(hospital.refused(&both(&minors)).1.contains("one hand"));
    assert!(hospital.refused(&both(&"0".repeat(64))).1.contains("no such file"));
    let signed: ConsentView = hospital.done(&both(&parents));
    assert_eq!(signed.state, "signed");
    for mark in [&minors[..16], &parents[..16]] {
        assert!(signed.form.reveal().contains(mark), "{}", signed.form.reveal());
    }
    // Both hands stand on the copy that the person takes along, and on the page, as lines that a page without pictures shows.
    for (shape, lang, alt) in [
        (Shape::File, Lang::En, "The signature, as it was drawn"),
        (Shape::Page("/print.css".to_owned()), Lang::Es, "La firma, como se hizo a mano"),
        (Shape::Part, Lang::En, "The signature, as it was drawn"),
    ] {
        let form = Printed::Consent { consent: id.clone() };
        let page: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), shape)));
        let page = page.form.reveal();
        for line in ["1,2 3,4", "9,8 7,6"] {
            let hand = format!(
                "<div class=\"hand\" role=\"img\" aria-label=\"{alt}\"><svg viewBox=\"0 0 600 200\"><polyline points=\"{line}\"/></svg></div>"
            );
            assert!(page.contains(&hand), "{page}");
        }
    }
}

#[test]
fn the_form_names_the_file_of_a_scan_and_says_so_where_it_is_not_on_this_machine() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let id = hospital.done::<ConsentView>(&draft(Signer::Person, hospital)).id.to_string();
    let to = AttachTo::Consent { consent: id.clone() };
    let scan = hospital.attach(&to, "signed.pdf", b"%PDF-1.4\nsigned\n%%EOF\n").0.id;
    let file = Some(SignedFile { id: scan, drawn: false });
    let (typed, attested) = ("".into(), false);
    hospital.done::<ConsentView>(&Care::ConsentSign(ConsentSign { typed, attested, file, ..sign(&id) }));
    let shown: ConsentView = hospital.done(&Care::ConsentShow { consent: id.clone(), whole: false });
    let files: Vec<_> = shown.signed_with.iter().map(|one| (one.file.reveal().as_str(), one.here)).collect();
    assert_eq!(files, [("signed.pdf (PDF, 22 bytes)", true)]);
    let print = |hospital: &mut Office, lang| {
        let form = Printed::Consent { consent: id.clone() };
        let view: PrintView = hospital.done(&Care::Print(Print::new(form, Some(lang), Shape::Part)));
        view.form.reveal().clone()
    };
    let named = print(hospital, Lang::En);
    assert!(
        named.contains("/files/") && named.contains("\">It is this file: signed.pdf (PDF, 22 bytes).</a>"),
        "{named}"
    );
    assert!(!named.contains("<img"), "no page shows a PDF as a picture");
    hospital.step(|step| {
        let (engine, draft) = step.engine();
        let space = engine.private_space(draft).expect("reads").expect("one");
        chunks::forget(draft, space).expect("forgets");
    });
    let without = print(hospital, Lang::Es);
    assert!(without.contains("signed.pdf") && without.contains("no ha llegado a esta computadora"), "{without}");
}

/// A picture of one pixel, which opens.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\x0aIDAT\x78\x9c\x63\xf8\x0f\0\
    \x01\x01\x01\0\x1b\xb6\xee\x56\0\0\0\0IEND\xae\x42\x60\x82";

#[test]
fn a_picture_that_was_signed_with_stands_on_a_page_of_this_node_and_is_named_in_a_file_and_as_text() {
    for drawn in [true, false] {
        let mut county = county();
        let hospital = county.office(HOSPITAL);
        hospital.person("Zephyrine Quillfeather");
        let consent: ConsentView = hospital.done(&draft(Signer::Person, hospital));
        let (id, person) = (consent.id.to_string(), consent.person);
        let picture = hospital.attach(&AttachTo::Consent { consent: id.clone() }, "hand.png", PICTURE).0.id;
        let file = Some(SignedFile { id: picture.clone(), drawn });
        let (typed, attested) = ("".into(), false);
        hospital.done::<ConsentView>(&Care::ConsentSign(ConsentSign { typed, attested, file, ..sign(&id) }));
        let mut print = |shape, lang| {
            let form = Printed::Consent { consent: id.clone() };
            hospital.done::<PrintView>(&Care::Print(Print::new(form, Some(lang), shape)))
        };
        let named = format!("hand.png (PNG, {} bytes)", PICTURE.len());
        let alt = if drawn {
            ["The signature, as it was drawn", "La firma, como se hizo a mano"]
        } else {
            ["The paper that was signed", "La hoja que se firmó"]
        };
        for shape in [Shape::Part, Shape::Page("/print.css".to_owned())] {
            for (lang, alt) in Lang::ALL.into_iter().zip(alt) {
                let page = print(shape.clone(), lang);
                let (form, alt) = (page.form.reveal(), format!(" alt=\"{alt}\""));
                let src = format!("<img src=\"/persons/{person}/signatures/{picture}\"{alt}>");
                assert!(page.pictured && form.contains(&src), "{form}");
                let href = format!("<a href=\"/persons/{person}/files/{picture}\">");
                assert!(form.contains(&href) && form.contains(&named), "{form}");
            }
        }
        for shape in [Shape::File, Shape::Text] {
            let page = print(shape, Lang::En);
            assert!(!page.pictured && page.form.reveal().contains(&named), "{}", page.form.reveal());
            assert!(!page.form.reveal().contains("<img") && !page.form.reveal().contains("/files/"));
        }
        let part = |person: String, file: &str| Care::SignaturePart {
            person: person.as_str().into(),
            file: file.to_owned(),
            from: 0,
        };
        let looks = |hospital: &mut Office| {
            let audit: AuditView = hospital.officer(&Care::Audit { limit: 100 });
            audit.looks.iter().filter(|look| look.looked == "attachment").count()
        };
        let before = looks(hospital);
        let got: AttachmentPart = hospital.done(&part(person.to_string(), &picture));
        assert_eq!(got.chunks, [Personal::new(data_encoding::BASE64.encode(PICTURE))]);
        assert_eq!(looks(hospital), before + 1, "whoever gets it has looked at it");
        let other = hospital.person("Ottoline Marsh").id.to_string();
        let scan = hospital
            .attach(&AttachTo::Consent { consent: id.clone() }, "signed.pdf", b"%PDF-1.4\nsigned\n%%EOF\n")
            .0
            .id;
        let alone = hospital
            .attach(
                &AttachTo::Person { person: person.to_string().as_str().into() },
                "door.png",
                &[PICTURE, b"\n"].concat(),
            )
            .0
            .id;
        for (person, file) in
            [(other, &picture), (person.to_string(), &scan), (person.to_string(), &alone), ("ff".repeat(32), &picture)]
        {
            assert!(hospital.refused(&part(person, file)).1.contains("signed with such a picture"));
        }
    }
}

#[test]
fn a_consent_says_in_which_language_the_person_reads() {
    let mut county = county();
    let id = two_parties(&mut county).id.to_string();
    let hospital = county.office(HOSPITAL);
    let show = Care::ConsentShow { consent: id, whole: false };
    assert_eq!(hospital.done::<ConsentView>(&show).lang, crate::forms::Lang::En, "nothing is known");
    let edit = PersonEdit {
        person: "Zephyrine Quillfeather".into(),
        language: Some("Spanish".into()),
        ..PersonEdit::default()
    };
    hospital.done::<PersonView>(&Care::PersonEdit(Box::new(edit)));
    assert_eq!(hospital.done::<ConsentView>(&show).lang, crate::forms::Lang::Es);
}

fn draft(signer: Signer, hospital: &Office) -> Care {
    Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        signer,
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    })
}

#[test]
fn who_is_on_record_as_having_died_signs_nothing_and_nobody_signs_for_the_estate_of_who_lives() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    for signer in [Signer::Representative, Signer::Family] {
        let why = hospital.refused(&draft(signer, hospital)).1;
        assert!(why.contains("2.15(b)") && why.contains("nobody put on record"), "{why}");
    }
    let before: ConsentView = hospital.done(&draft(Signer::Person, hospital));
    let today = crate::system::date(hospital.now).date();
    on_record(hospital, |edit| edit.died = Some(today.as_str().into()));
    let id = before.id.to_string();
    // The day of death is today: what is signed on it may have been signed before.
    hospital.now = Time(hospital.now.0 + 2 * DAY);
    let why = hospital.refused(&Care::ConsentSign(sign(&id))).1;
    assert!(why.contains("on record as having died") && why.contains("2.15(b)"), "{why}");
    for signer in [Signer::Person, Signer::Guardian] {
        assert!(hospital.refused(&draft(signer, hospital)).1.contains("on record as having died"));
    }
    let paper = |day: u64| {
        let date = Some(Time(crate::system::date(hospital.now).0 - day * DAY));
        let (typed, paper) = ("".into(), Some("Cabinet 4".into()));
        Care::ConsentSign(ConsentSign { typed, attested: false, paper, date, ..sign(&id) })
    };
    let (after, on) = (paper(1), paper(2));
    assert!(hospital.refused(&after).1.contains("on record as having died"));
    assert_eq!(hospital.done::<ConsentView>(&on).state, "signed", "a paper from before it");
    assert_eq!(hospital.done::<ConsentView>(&draft(Signer::Representative, hospital)).state, "draft");
}

#[test]
fn a_form_for_an_adult_is_not_a_minor_s_and_the_other_way_round() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    for signer in [Signer::Minor, Signer::MinorAndParent] {
        assert!(hospital.refused(&draft(signer, hospital)).1.contains("an adult, and this form is for a minor"));
    }
    let adult: ConsentView = hospital.done(&draft(Signer::Person, hospital));
    on_record(hospital, |edit| edit.birth_date = Some("2012".into()));
    let why = hospital.refused(&draft(Signer::Person, hospital)).1;
    assert!(why.contains("a minor, and this form is for an adult"), "{why}");
    assert!(hospital.refused(&Care::ConsentSign(sign(&adult.id.to_string()))).1.contains("for an adult"), "nor signed");
    assert_eq!(hospital.done::<ConsentView>(&draft(Signer::Minor, hospital)).state, "draft");
    on_record(hospital, |edit| edit.birth_date = Some("".into()));
    assert_eq!(hospital.done::<ConsentView>(&draft(Signer::Person, hospital)).state, "draft", "nobody knows the age");
}

#[test]
fn where_the_law_of_a_state_makes_a_minor_an_adult_the_reason_is_put_on_record_and_without_one_it_is_refused() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let because = |ask: Care, why: &str| match ask {
        Care::ConsentDraft(draft) => Care::ConsentDraft(ConsentDraft { age_why: why.into(), ..draft }),
        other => other,
    };
    let early: ConsentView = hospital.done(&draft(Signer::Person, hospital));
    on_record(hospital, |edit| edit.birth_date = Some("2010-05-06".into()));
    assert!(hospital.refused(&because(draft(Signer::Person, hospital), " ")).1.contains("a minor"));
    let drafted: ConsentView = hospital.done(&because(draft(Signer::Person, hospital), "emancipated, order of 3 May"));
    let why = drafted.age_why.expect("on record");
    assert_eq!((why.note.reveal().as_str(), why.staff.reveal().as_str()), ("emancipated, order of 3 May", "nora"));
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentSign(sign(&drafted.id.to_string()))).state, "signed");
    // The date came to be known after it was drafted: the reason comes with the signature.
    let at_signing = ConsentSign { age_why: "married".into(), ..sign(&early.id.to_string()) };
    assert!(hospital.refused(&Care::ConsentSign(sign(&early.id.to_string()))).1.contains("for an adult"));
    let signed: ConsentView = hospital.done(&Care::ConsentSign(at_signing));
    assert_eq!(
        (signed.state.as_str(), signed.age_why.expect("on record").note.reveal().as_str()),
        ("signed", "married")
    );
    let before = hospital.records();
    hospital.rebuild();
    assert_eq!(hospital.records(), before);
}

#[test]
fn an_executor_signs_for_nobody_who_lives() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let id = hospital.done::<ConsentView>(&draft(Signer::Guardian, hospital)).id.to_string();
    let by = |capacity: &str| {
        let representative = Some(("Ada Quillfeather".into(), capacity.into()));
        Care::ConsentSign(ConsentSign { typed: "Ada Quillfeather".into(), representative, ..sign(&id) })
    };
    assert!(hospital.refused(&by("executor of the estate")).1.contains("an executor signs for who has died"));
    assert_eq!(hospital.done::<ConsentView>(&by("guardian")).state, "signed");
}

#[test]
fn a_paper_that_is_dated_tomorrow_is_not_in_force_today() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let id = hospital.done::<ConsentView>(&draft(Signer::Person, hospital)).id.to_string();
    let today = crate::system::date(hospital.now);
    let paper = |date: Time| {
        let (typed, paper) = ("".into(), Some("Cabinet 4".into()));
        Care::ConsentSign(ConsentSign { typed, attested: false, paper, date: Some(date), ..sign(&id) })
    };
    let why = hospital.refused(&paper(today.plus(DAY))).1;
    assert!(why.contains("nothing was signed on") && why.contains(today.date().as_str()), "{why}");
    assert_eq!(hospital.done::<ConsentView>(&paper(today)).state, "signed");
}

#[test]
fn one_name_is_two_signatures_only_where_staff_say_that_both_are_called_so() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    let id = for_a_minor(hospital);
    let who = "Zephyrine Quillfeather";
    let named = |name: &str, typed: &str| BesideSign { name: name.into(), ..beside(typed, true) };
    let with = |beside: BesideSign| ConsentSign { beside: Some(beside), ..sign(&id) };
    for ask in [
        // The minor typed both, the parent typed both, or the parent was written down by the minor's name.
        with(beside("Quillfeather, zephyrine", true)),
        ConsentSign { typed: "Ada Quillfeather".into(), ..with(beside("Ada Quillfeather", true)) },
        with(named(who, who)),
        ConsentSign { paper: Some("cabinet 4".into()), typed: "".into(), ..with(named(who, "")) },
    ] {
        let (class, why) = hospital.refused(&Care::ConsentSign(ask));
        assert!(class == FailureClass::Misuse && why.contains("one name stands for two"), "{why}");
        assert!(!why.contains("feather"), "no name in a refusal: {why}");
    }
    let so = ConsentSign { named_so: true, ..with(named(who, who)) };
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentSign(so)).state, "signed");
}

#[test]
fn who_signs_in_the_persons_place_is_not_the_person_unless_staff_say_that_they_are_called_the_same() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        signer: Signer::Guardian,
        expiry: ExpiryRequest::On(Time(hospital.now.0 + 90 * DAY)),
        ..ConsentDraft::default()
    }));
    let by = |name: &str, typed: &str| ConsentSign {
        consent: draft.id.to_string(),
        typed: typed.into(),
        attested: true,
        representative: Some((name.into(), "guardian".into())),
        ..ConsentSign::default()
    };
    for ask in
        [by("Zephyrine Quillfeather", "Zephyrine Quillfeather"), by("Ada Quillfeather", "Zephyrine Quillfeather")]
    {
        let why = hospital.refused(&Care::ConsentSign(ask)).1;
        assert!(why.contains("one name stands for two"), "{why}");
    }
    let so = ConsentSign { named_so: true, ..by("Zephyrine Quillfeather", "Zephyrine Quillfeather") };
    assert_eq!(hospital.done::<ConsentView>(&Care::ConsentSign(so)).state, "signed");
}
