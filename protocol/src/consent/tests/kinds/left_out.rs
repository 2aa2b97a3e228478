//! What the person asked the recipient of a referral to leave out (2.26), row by row: of its answers, and of what it passes on.

use super::*;
use crate::disclosure::{LeftOutWord, agreed_to_leave_out};

const ALL: [Action; 3] = [Action::Seal, Action::Grant, Action::Export];

/// What the clinic agreed with the person, to which the hospital referred.
fn agreed(to: Option<OrgId>, information: &[Information]) -> Restriction {
    Restriction { of: CLINIC, ..restriction(to, information, Answered::Agreed) }
}

/// The clinic's part of a consent under which the hospital, the clinic and the shelter work on one referral. Each may tell the two others.
fn part() -> Scope {
    let parties = [
        party(HOSPITAL, PartnerKind::CoveredEntity),
        party(CLINIC, PartnerKind::CoveredProgram),
        party(SHELTER, PartnerKind::CoveredEntity),
    ];
    let kinds = [Information::Referral, Information::Medication];
    let ways = [(HOSPITAL, CLINIC), (CLINIC, HOSPITAL), (CLINIC, SHELTER)];
    let flows = ways.iter().flat_map(|way| kinds.map(|kind| flow(way.0, way.1, kind, Purpose::Tpo)));
    let mut scope = signed_from(drafted(Class::Tpo, &parties, flows.collect())).scope_for(CLINIC).expect("whole");
    scope.team = vec![HOSPITAL, CLINIC, SHELTER];
    scope
}

fn answer(to: OrgId, information: Information) -> Ask {
    seal(CLINIC, to, information, Purpose::Treatment)
}

#[test]
fn each_row_about_what_a_recipient_answers_holds() {
    use Information::{Medication, Referral};
    let (scope, tablets) = (part(), &[Medication][..]);
    let asked = agreed(Some(HOSPITAL), &[]);
    let let_in = LeftOutWord::LetIn { asked: asked.mark(), told: Told::Spoken, by: by(), at: NOW };
    let again = agreed_to_leave_out(&[LeftOutWord::Asked(asked.clone()), let_in]);
    let refused = Restriction { answer: Answered::Refused("we treat together".into()), ..asked.clone() };
    let others = Restriction { of: HOSPITAL, ..agreed(Some(HOSPITAL), &[]) };
    type Row = (&'static str, Vec<Restriction>, Ask, Result<&'static str, &'static str>);
    let (may, may_not) = (Ok("42 CFR 2.33(a)"), Err("42 CFR 2.26"));
    let rows: Vec<Row> = vec![
        ("nothing, or nobody said yet who the person is", Vec::new(), answer(HOSPITAL, Referral), may),
        ("the sender", vec![asked.clone()], answer(HOSPITAL, Referral), may_not),
        ("the sender, every kind", vec![asked.clone()], answer(HOSPITAL, Medication), may_not),
        ("the sender, not the rest of the team", vec![asked.clone()], answer(SHELTER, Referral), may),
        ("another of the team", vec![agreed(Some(SHELTER), &[])], answer(SHELTER, Referral), may_not),
        ("another of the team, not the sender", vec![agreed(Some(SHELTER), &[])], answer(HOSPITAL, Referral), may),
        ("everybody", vec![agreed(None, &[])], answer(SHELTER, Referral), may_not),
        ("a kind", vec![agreed(Some(HOSPITAL), tablets)], answer(HOSPITAL, Medication), may_not),
        ("a kind, not the rest", vec![agreed(Some(HOSPITAL), tablets)], answer(HOSPITAL, Referral), may),
        ("a kind to everybody", vec![agreed(None, tablets)], answer(HOSPITAL, Medication), may_not),
        ("the second of two", vec![agreed(Some(SHELTER), &[]), asked], answer(HOSPITAL, Referral), may_not),
        ("let in again", again, answer(HOSPITAL, Referral), may),
        ("asked for and not agreed to", vec![refused], answer(HOSPITAL, Referral), may),
        ("what the sender itself promised binds the sender", vec![others], answer(HOSPITAL, Referral), may),
    ];
    for (row, left_out, ask, expected) in rows {
        for action in ALL {
            let ask = Ask { action, ..ask.clone() };
            assert_eq!(clause(decide(Basis::Scope(&scope, &left_out), &ask, NOW)), expected, "{row}: {action:?}");
        }
        let show = Ask { action: Action::Show, ..ask };
        assert_eq!(clause(decide(Basis::Scope(&scope, &left_out), &show, NOW)), may, "{row}: shown here");
    }
}

#[test]
fn what_ended_or_needs_no_consent_is_not_asked_for_what_was_left_out() {
    let (scope, left_out) = (part(), [agreed(None, &[])]);
    let ask = answer(HOSPITAL, Information::Referral);
    let end = NOW.plus(90 * DAY);
    let over = decide(Basis::Scope(&scope, &left_out), &ask, end).expect_err("over");
    assert_eq!(over.clause, "42 CFR 2.31(c)(1)", "what it rests on is said first");
    let back = decide(Basis::Withdrawn(&scope, Shut::TakenBack(NOW)), &ask, NOW).expect_err("taken back");
    assert_eq!(back.clause, "42 CFR 2.31(c)(3)");
    // The word that the person took it back is the person's own, and newer.
    let word = Ask { purpose: Purpose::AtRequest, action: Action::Export, ..ask };
    assert!(decide(Basis::Ended(Ended::Came(&scope)), &word, NOW).is_ok());
    let facts = Facts {
        personnel: "Dr Ana Reyes".into(),
        facility: party(HOSPITAL, PartnerKind::CoveredEntity),
        discloser: "Nora Quill".into(),
        at: NOW,
        nature: "found unconscious, breathing slowly".into(),
        unobtainable: "unconscious, alone".into(),
    };
    let emergency =
        Ask { purpose: Purpose::Emergency, action: Action::Export, ..answer(HOSPITAL, Information::Medication) };
    assert_eq!(clause(decide(Basis::Emergency(None, &facts), &emergency, NOW)), Ok("42 CFR 2.51(a)"), "2.26(a)(3)");
}

#[test]
fn who_answers_by_an_agreement_leaves_out_what_it_promised_and_not_what_the_other_did() {
    let tie = |of| Tie {
        parties: [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::CoveredEntity)],
        kind: TieKind::SameProgram,
        program: HOSPITAL,
        services: "one team under two roofs".to_owned(),
        agreement: Some((1, crate::ids::TermsHash([3; 32]))),
        information: vec![Information::Referral],
        since: Local::utc(NOW),
        until: None,
        withheld: vec![Restriction { of, ..agreed(Some(HOSPITAL), &[]) }],
    };
    let ask = answer(HOSPITAL, Information::Referral);
    assert_eq!(clause(decide(Basis::Tie(&tie(CLINIC)), &ask, NOW)), Err("42 CFR 2.26"));
    assert_eq!(clause(decide(Basis::Tie(&tie(HOSPITAL)), &ask, NOW)), Ok("42 CFR 2.12(c)(3)"));
    let show = Ask { action: Action::Show, ..ask };
    assert_eq!(clause(decide(Basis::Tie(&tie(CLINIC)), &show, NOW)), Ok("42 CFR 2.12(c)(3)"), "shown here");
}

#[test]
fn what_was_left_out_is_passed_on_to_nobody() {
    use Information::{Medication, Referral};
    let scope = part();
    let others = OrgId([6; 32]);
    let rows = [
        ("nothing", Vec::new(), Referral, Ok("42 CFR 2.33(b)(1)")),
        ("whom it would go to", vec![agreed(Some(others), &[])], Referral, Err("42 CFR 2.26")),
        ("the sender", vec![agreed(Some(HOSPITAL), &[])], Referral, Ok("42 CFR 2.33(b)(1)")),
        ("everybody", vec![agreed(None, &[])], Referral, Err("42 CFR 2.26")),
        ("the kind", vec![agreed(None, &[Medication])], Medication, Err("42 CFR 2.26")),
        ("another kind", vec![agreed(None, &[Medication])], Referral, Ok("42 CFR 2.33(b)(1)")),
    ];
    for (row, left_out, information, expected) in rows {
        let onward = Onward { to: named(others, "County ER", PartnerKind::CoveredEntity), contract: false, shut: None };
        for action in ALL {
            let ask = Ask { action, ..answer(others, information) };
            let decided = decide(Basis::Onward(&scope, &onward, &left_out), &ask, NOW);
            assert_eq!(clause(decided), expected, "{row}: {action:?}");
        }
    }
    // Also where the consent itself names who would hear it (2.33(a)).
    let named = Onward { to: party(SHELTER, PartnerKind::CoveredEntity), contract: false, shut: None };
    let ask = Ask { action: Action::Export, ..answer(SHELTER, Referral) };
    let decided = |left_out: &[Restriction]| clause(decide(Basis::Onward(&scope, &named, left_out), &ask, NOW));
    assert_eq!(decided(&[]), Ok("42 CFR 2.33(a)"));
    assert_eq!(decided(&[agreed(Some(SHELTER), &[])]), Err("42 CFR 2.26"));
}

#[test]
fn who_is_refused_for_it_reads_what_may_be_done_instead() {
    let (scope, left_out) = (part(), [agreed(None, &[])]);
    let ask = answer(HOSPITAL, Information::Referral);
    let refusal = decide(Basis::Scope(&scope, &left_out), &ask, NOW).expect_err("refused");
    assert!(refusal.why.contains("agreed on") && refusal.next.contains("Write it down here"), "{refusal}");
    assert!(refusal.next.contains("belay person let-in") && !refusal.next.contains("referral send"), "{refusal}");
    let onward = Onward { to: party(SHELTER, PartnerKind::CoveredEntity), contract: false, shut: None };
    let on = Ask { action: Action::Export, ..answer(SHELTER, Information::Referral) };
    let refusal = decide(Basis::Onward(&scope, &onward, &left_out), &on, NOW).expect_err("refused");
    assert!(refusal.next.contains("Keep it here") && refusal.next.contains("belay person let-in"), "{refusal}");
}
