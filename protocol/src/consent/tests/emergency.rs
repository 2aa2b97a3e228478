//! Decisions in a medical emergency (2.51), row by row.

use super::*;

fn facts() -> Facts {
    Facts {
        personnel: "Dr Ana Reyes".into(),
        facility: party(HOSPITAL, PartnerKind::CoveredEntity),
        discloser: "Nora Quill".into(),
        at: NOW,
        nature: "found unconscious, breathing slowly".into(),
        unobtainable: "unconscious, alone".into(),
    }
}

/// What the clinic placed with the hospital: the crisis plan, in an emergency only.
fn placed() -> Scope {
    let mut draft = Draft::between(
        ConsentId([7; 32]),
        (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
        party(CLINIC, PartnerKind::Part2Program),
        party(HOSPITAL, PartnerKind::CoveredEntity),
        &[Information::Crisis],
        &[],
        &Purpose::Emergency,
    );
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    signed_from(draft).scope_for(HOSPITAL).expect("whole")
}

fn emergency(from: OrgId, to: OrgId, information: Information, action: Action) -> Ask {
    Ask { from, to, information, purpose: Purpose::Emergency, action }
}

#[test]
fn each_row_of_the_emergency_table_holds() {
    use Action::{Export, Grant, Seal, Show};
    use Information::{Counselling, Crisis, Medication, Social};
    let (scope, whole) = (placed(), facts());
    let without = |change: fn(&mut Facts)| {
        let mut facts = facts();
        change(&mut facts);
        facts
    };
    let shelter = without(|f| f.facility = party(SHELTER, PartnerKind::NonCoveredCbo));
    let biller = without(|f| f.facility = party(SHELTER, PartnerKind::BusinessAssociate));
    let show = |information| emergency(CLINIC, HOSPITAL, information, Show);
    let back = |to, information, action| emergency(HOSPITAL, to, information, action);
    let (some, none) = (Some(&scope), None);
    let treat = Ask { purpose: Purpose::Treatment, ..emergency(CLINIC, HOSPITAL, Crisis, Export) };
    let rows = [
        ("opened where it was placed", some, &whole, show(Crisis), Ok("42 CFR 2.51(a)")),
        ("another kind than was placed", some, &whole, show(Medication), Err("42 CFR 2.51(a)")),
        ("nothing was placed", none, &whole, show(Crisis), Err("42 CFR 2.51(a)")),
        ("told by telephone", none, &whole, emergency(CLINIC, HOSPITAL, Medication, Export), Ok("42 CFR 2.51(a)")),
        (
            "to whom the facts do not name",
            none,
            &whole,
            emergency(CLINIC, SHELTER, Crisis, Export),
            Err("42 CFR 2.51(a)"),
        ),
        ("to no medical personnel", none, &shelter, emergency(CLINIC, SHELTER, Crisis, Export), Err("42 CFR 2.51(a)")),
        ("to a business associate", none, &biller, emergency(CLINIC, SHELTER, Crisis, Export), Err("42 CFR 2.51(a)")),
        ("more than is needed", none, &whole, emergency(CLINIC, HOSPITAL, Social, Export), Err("42 CFR 2.51(a)")),
        ("to treat", none, &whole, treat, Err("42 CFR 2.51(a)")),
        ("placed", none, &whole, emergency(CLINIC, HOSPITAL, Crisis, Action::Place), Err("42 CFR 2.51(a)")),
        ("counselling notes", none, &whole, emergency(CLINIC, HOSPITAL, Counselling, Export), Err("42 CFR 2.51(a)")),
        ("that it was opened, to who placed it", some, &whole, back(CLINIC, Crisis, Seal), Ok("42 CFR 2.51(c)")),
        ("the same, to somebody else", some, &whole, back(SHELTER, Crisis, Seal), Err("42 CFR 2.51(a)")),
        ("the same, of what was not placed", some, &whole, back(CLINIC, Medication, Seal), Err("42 CFR 2.51(a)")),
        ("letting who placed it in", some, &whole, back(CLINIC, Crisis, Grant), Err("42 CFR 2.51(a)")),
    ];
    for (row, placed, facts, ask, expected) in rows {
        let decided = decide(Basis::Emergency(placed, facts), &ask, NOW);
        assert_eq!(decided.as_ref().map(Permit::clause).map_err(|r| r.clause), expected, "{row}");
        if let Ok(permit) = decided {
            assert_eq!(permit.facts(), Some(facts), "{row}: the facts go with the permit");
        }
    }
}

#[test]
fn without_the_four_facts_and_that_nobody_could_consent_nothing_is_opened() {
    type Change = fn(&mut Facts);
    let missing: [(Change, &str); 6] = [
        (|f| f.personnel = "  ".into(), "42 CFR 2.51(c)(1)"),
        (|f| f.facility.name = String::new(), "42 CFR 2.51(c)(1)"),
        (|f| f.discloser = "".into(), "42 CFR 2.51(c)(2)"),
        (|f| f.at = Time(0), "42 CFR 2.51(c)(3)"),
        (|f| f.nature = "".into(), "42 CFR 2.51(c)(4)"),
        (|f| f.unobtainable = " ".into(), "42 CFR 2.51(a)(1)"),
    ];
    let scope = placed();
    for (change, clause) in missing {
        let mut facts = facts();
        change(&mut facts);
        for ask in [
            emergency(CLINIC, HOSPITAL, Information::Crisis, Action::Show),
            emergency(HOSPITAL, CLINIC, Information::Crisis, Action::Seal),
        ] {
            let refusal = decide(Basis::Emergency(Some(&scope), &facts), &ask, NOW).expect_err("refused");
            assert_eq!(refusal.clause, clause);
        }
    }
}

#[test]
fn what_was_placed_is_not_shown_without_the_facts() {
    let ask = emergency(CLINIC, HOSPITAL, Information::Crisis, Action::Show);
    let refusal = decide(Basis::Scope(&placed(), &[]), &ask, NOW).expect_err("refused");
    assert_eq!(refusal.clause, "42 CFR 2.51");
    assert!(refusal.next.contains("belay emergency open"), "{}", refusal.next);
}

/// The clinic tells the hospital of the referral for treatment; of crisis and medication copies may lie there; and somebody had more signed
/// than can be placed.
fn mixed() -> Signed {
    let way = |information, purpose| Flow { from: CLINIC, to: HOSPITAL, information, purpose };
    let flows = vec![
        way(Information::Referral, Purpose::Treatment),
        way(Information::Crisis, Purpose::Emergency),
        way(Information::Medication, Purpose::Emergency),
        way(Information::Clinical, Purpose::Emergency),
    ];
    let parties = [party(CLINIC, PartnerKind::Part2Program), party(HOSPITAL, PartnerKind::CoveredEntity)];
    let person: Personal<String> = "Zephyrine Quillfeather".into();
    let mut terms = Terms::of(Class::General, Signer::Person, person, &parties, flows);
    terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    signed_from(Draft { id: ConsentId([7; 32]), version: 1, person: PersonId([8; 32]), terms, upon: Upon::default() })
}

#[test]
fn what_the_person_agreed_to_for_emergencies_is_placed_and_nothing_else_is_done_with_it() {
    use Action::{Export, Grant, Place, Seal, Show};
    use Information::{Clinical, Crisis, Medication, Referral};
    let signed = mixed();
    let scope = signed.scope_for(HOSPITAL).expect("whole");
    let consent = Consent::Signed(signed);
    let treatment = |action| Ask { action, ..ask(CLINIC, HOSPITAL, Referral) };
    let placing = |information, action| emergency(CLINIC, HOSPITAL, information, action);
    let rows = [
        ("the crisis plan is placed", placing(Crisis, Place), Ok("42 CFR 2.33(a)")),
        ("and the medication", placing(Medication, Place), Ok("42 CFR 2.33(a)")),
        ("but nothing else, whatever was signed", placing(Clinical, Place), Err("42 CFR 2.51")),
        ("it is not sealed into a referral", placing(Medication, Seal), Err("42 CFR 2.51")),
        ("nobody is let into one for it", placing(Medication, Grant), Err("42 CFR 2.51")),
        ("it goes into no letter", placing(Crisis, Export), Err("42 CFR 2.51")),
        ("and onto no screen", placing(Crisis, Show), Err("42 CFR 2.51")),
        (
            "it is no way for treatment",
            Ask { purpose: Purpose::Treatment, ..placing(Crisis, Seal) },
            Err("42 CFR 2.31(a)(5)"),
        ),
        ("what is told is told", treatment(Seal), Ok("42 CFR 2.33(a)")),
        ("and not placed", treatment(Place), Err("42 CFR 2.51")),
    ];
    for (row, ask, expected) in rows {
        let whole = decide(&consent, &ask, NOW);
        assert_eq!(whole.as_ref().map(Permit::clause).map_err(|r| r.clause), expected, "{row}");
        let versions = decide(Basis::Versions(std::slice::from_ref(&consent)), &ask, NOW);
        assert_eq!(versions.map(|p| p.clause()).map_err(|r| r.clause), expected, "{row}, by versions");
        let part = decide(Basis::Scope(&scope, &[]), &ask, NOW);
        assert_eq!(part.map(|p| p.clause()).map_err(|r| r.clause), expected, "{row}, by its part");
    }
    let refusal = decide(&consent, &placing(Medication, Seal), NOW).expect_err("refused");
    assert!(refusal.next.contains("belay emergency place"), "{refusal}");
    for information in [Crisis, Medication] {
        let back = Onward { to: party(SHELTER, PartnerKind::CoveredEntity), contract: true, shut: None };
        let on = Ask { from: HOSPITAL, to: SHELTER, ..placing(information, Export) };
        assert!(decide(Basis::Onward(&scope, &back, &[]), &on, NOW).is_err(), "what lies there is passed on to nobody");
    }
}

#[test]
fn a_form_promises_no_copy_that_can_not_lie_there_and_nothing_that_is_never_told() {
    use Information::{Clinical, Crisis, Medication, Referral};
    let outside = crate::referral::outside_id([6; 32]);
    let emergency = Purpose::Emergency;
    let rows = [
        ("both kinds", HOSPITAL, PartnerKind::CoveredEntity, vec![Crisis, Medication], &emergency, None),
        ("the referral", HOSPITAL, PartnerKind::CoveredEntity, vec![Crisis, Referral], &emergency, Some("42 CFR 2.51")),
        ("the record", HOSPITAL, PartnerKind::CoveredEntity, vec![Clinical], &emergency, Some("42 CFR 2.51")),
        ("off the network", outside, PartnerKind::CoveredEntity, vec![Crisis], &emergency, Some("42 CFR 2.51")),
        ("a shelter", SHELTER, PartnerKind::NonCoveredCbo, vec![Crisis], &emergency, Some("42 CFR 2.51(a)")),
        (
            "police, to treat",
            SHELTER,
            PartnerKind::LawEnforcement,
            vec![Referral],
            &Purpose::Treatment,
            Some("42 CFR 2.31(a)(5)"),
        ),
        ("police, as asked", SHELTER, PartnerKind::LawEnforcement, vec![Referral], &Purpose::AtRequest, None),
        (
            "a court, for everything",
            SHELTER,
            PartnerKind::CriminalJustice,
            vec![Referral],
            &Purpose::Tpo,
            Some("42 CFR 2.31(a)(4)(i)"),
        ),
    ];
    for (row, to, kind, tell, purpose, expected) in rows {
        let mut draft = Draft::between(
            ConsentId([7; 32]),
            (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
            party(CLINIC, PartnerKind::Part2Program),
            party(to, kind),
            &tell,
            &[],
            purpose,
        );
        draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
        assert_eq!(draft.missing().map(|r| r.clause), expected, "{row}");
    }
}
