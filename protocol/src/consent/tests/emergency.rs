//! Decisions in a medical emergency (2.51), row by row.

use super::*;

fn facts() -> Facts {
    Facts {
        personnel: "Dr Ana Reyes".into(),
        facility: party(HOSPITAL, PartnerKind::CoveredEntity),
        discloser: "Nora Quill".into(),
        at: NOW,
        nature: "found unconscious, breathing slowly".into(),
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
    draft.terms.expiry = Some(Expiry::On(NOW.plus(90 * DAY)));
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
fn without_one_of_the_four_facts_nothing_is_opened() {
    type Change = fn(&mut Facts);
    let missing: [(Change, &str); 5] = [
        (|f| f.personnel = "  ".into(), "42 CFR 2.51(c)(1)"),
        (|f| f.facility.name = String::new(), "42 CFR 2.51(c)(1)"),
        (|f| f.discloser = "".into(), "42 CFR 2.51(c)(2)"),
        (|f| f.at = Time(0), "42 CFR 2.51(c)(3)"),
        (|f| f.nature = "".into(), "42 CFR 2.51(c)(4)"),
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
    let refusal = decide(&placed(), &ask, NOW).expect_err("refused");
    assert_eq!(refusal.clause, "42 CFR 2.51");
    assert!(refusal.next.contains("belay emergency open"), "{}", refusal.next);
}
