//! What may not stand together is found at the gate too, whatever somebody wrote into the form; and what a class asks besides.

use super::*;
use Information as I;

const COURT: OrgId = OrgId([4; 32]);
const POLICE: OrgId = OrgId([5; 32]);

fn parties() -> Vec<Party> {
    let named = |org, name: &str, kind| Party { org, name: name.to_owned(), kind };
    vec![
        party(HOSPITAL, PartnerKind::Part2Program),
        party(CLINIC, PartnerKind::Part2Program),
        named(COURT, "Drug Court", PartnerKind::CriminalJustice),
        named(POLICE, "County Sheriff", PartnerKind::LawEnforcement),
    ]
}

fn way(from: OrgId, to: OrgId, information: Information, purpose: &Purpose) -> Flow {
    Flow { from, to, information, purpose: purpose.clone() }
}

fn drafted(class: Class, flows: Vec<Flow>) -> Draft {
    let mut terms = Terms::of(class, Signer::Person, "Zephyrine Quillfeather".into(), &parties(), flows);
    terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    Draft { id: ConsentId([7; 32]), version: 1, person: PersonId([8; 32]), terms, upon: Upon::default() }
}

/// For the court, under which nothing can be revoked for thirty days.
fn justice(flows: Vec<Flow>) -> Draft {
    let day = |days| Moment::On(Local::utc(NOW.plus(days * DAY)));
    let mut draft = drafted(Class::CriminalJustice, flows);
    draft.terms.supervision =
        Some(Supervision { matter: "probation of 2026".into(), revocable: day(30), disposition: day(60) });
    draft
}

fn refused(draft: &Draft) -> Option<&'static str> {
    draft.missing().map(|refusal| refusal.clause)
}

#[test]
fn counselling_notes_are_found_in_the_ways_and_in_the_descriptions_alike() {
    let treat = Purpose::Treatment;
    let general = || drafted(Class::General, vec![way(HOSPITAL, CLINIC, I::Referral, &treat)]);
    let notes = || drafted(Class::Counselling, vec![way(HOSPITAL, CLINIC, I::Counselling, &treat)]);
    let describe = |draft: &mut Draft, information| {
        draft.terms.information.push(Described { information, description: "as said".to_owned() });
    };
    let tell = |draft: &mut Draft, information| draft.terms.flows.push(way(HOSPITAL, CLINIC, information, &treat));
    assert_eq!((refused(&general()), refused(&notes())), (None, None));
    type Row<'r> = (&'r str, Draft, &'r dyn Fn(&mut Draft, Information), Information);
    let rows: [Row<'_>; 4] = [
        ("described in a general consent", general(), &describe, I::Counselling),
        ("told in a general consent", general(), &tell, I::Counselling),
        ("others described among notes", notes(), &describe, I::Clinical),
        ("others told among notes", notes(), &tell, I::Clinical),
    ];
    for (row, mut draft, write, information) in rows {
        write(&mut draft, information);
        assert_eq!(refused(&draft), Some("42 CFR 2.31(b)"), "{row}");
    }
}

#[test]
fn each_row_of_a_consent_for_criminal_justice_holds() {
    let serve = &Purpose::Supervision;
    let report = || way(CLINIC, COURT, I::Referral, serve);
    let also = |purposes: Vec<Purpose>| {
        let mut draft = justice(vec![report()]);
        draft.terms.purposes = purposes;
        draft
    };
    let mut notes = justice(vec![report()]);
    notes.terms.information.push(Described { information: I::Counselling, description: "notes".to_owned() });
    let rows = [
        ("a report to the court", justice(vec![report()]), None),
        ("and its answer", justice(vec![report(), way(COURT, CLINIC, I::Referral, serve)]), None),
        ("because the person asks", also(vec![Purpose::AtRequest]), Some("42 CFR 2.35")),
        ("because the person asks, besides", also(vec![Purpose::Supervision, Purpose::AtRequest]), Some("42 CFR 2.35")),
        ("with counselling notes", notes, Some("42 CFR 2.35")),
        (
            "with a way that is no part of it",
            justice(vec![report(), way(CLINIC, HOSPITAL, I::Referral, serve)]),
            Some("42 CFR 2.35(a)"),
        ),
        (
            "from the court to police",
            justice(vec![report(), way(COURT, POLICE, I::Referral, serve)]),
            Some("42 CFR 2.35(a)(1)"),
        ),
    ];
    for (row, draft, expected) in rows {
        assert_eq!(refused(&draft), expected, "{row}");
    }
}

#[test]
fn police_hear_under_no_consent_for_criminal_justice_how_treatment_goes() {
    let serve = Purpose::Supervision;
    let draft = justice(vec![way(COURT, POLICE, I::Referral, &serve)]);
    let consent = Consent::Signed(signed_from(draft));
    let ask = Ask { from: COURT, to: POLICE, information: I::Referral, purpose: serve, action: Action::Seal };
    assert_eq!(decide(&consent, &ask, NOW).expect_err("refused").clause, "42 CFR 2.35(a)(1)");
}

#[test]
fn the_matter_and_both_moments_are_in_words_and_the_first_is_no_later_than_the_last() {
    let draft = |change: &dyn Fn(&mut Supervision)| {
        let mut draft = justice(vec![way(CLINIC, COURT, I::Referral, &Purpose::Supervision)]);
        draft.terms.supervision.as_mut().map(change).expect("there");
        draft
    };
    let on = |days| Moment::On(Local::utc(NOW.plus(days * DAY)));
    let when = |words: &str| Moment::When(words.into());
    let whole: [(&str, Change<'_, Supervision>); 3] = [
        ("as it is", &|_| {}),
        ("both in words", &|s| (s.revocable, s.disposition) = (when("level one is done"), when("the case is closed"))),
        ("both on one day", &|s| (s.revocable, s.disposition) = (on(60), on(60))),
    ];
    for (row, change) in whole {
        assert_eq!(refused(&draft(change)), None, "{row}");
    }
    let lacking: [(&str, Change<'_, Supervision>); 4] = [
        ("no matter", &|s| s.matter = " ".into()),
        ("no event to revoke from", &|s| s.revocable = when(" ")),
        ("no event of disposition", &|s| s.disposition = when("")),
        ("too late", &|s| (s.revocable, s.disposition) = (on(61), on(60))),
    ];
    for (row, change) in lacking {
        assert_eq!(refused(&draft(change)), Some("42 CFR 2.35(c)"), "{row}");
    }
}

#[test]
fn the_form_says_from_when_on_it_can_be_revoked_and_who_may_revoke_always_is_told_so() {
    let on = Local::utc(Time(NOW.0 - NOW.0 % DAY));
    let from =
        |revocable| Supervision { matter: "probation".into(), revocable, disposition: Moment::On(on) }.from_words();
    assert_eq!(from(Moment::On(on)), format!("{} on", on.at.date()));
    assert_eq!(from(Moment::When("level one is done".into())), "when this has come about: level one is done");
    let words = |class| drafted(class, Vec::new()).terms.revoke;
    assert_eq!(words(Class::CriminalJustice), words::REVOKE_LATER);
    for class in [Class::General, Class::Tpo, Class::Counselling, Class::Proceedings] {
        assert_eq!(words(class), words::REVOKE, "{class}");
    }
}
