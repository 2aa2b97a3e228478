//! What went already and is put on record late is judged by the consent as it stood then (2.25, 2.31(c)).

use super::*;

/// At `at`, put on record at `now`: when it is dated, or the clause of the refusal.
fn judged(versions: &[Consent], at: Time, now: Time) -> Result<Option<Time>, &'static str> {
    let ask = Ask { action: Action::Export, ..there() };
    decide(Basis::Then(versions, at), &ask, now).map(|permit| permit.went()).map_err(|refusal| refusal.clause)
}

#[test]
fn each_row_of_what_went_before_holds() {
    let (day, late) = (NOW.plus(10 * DAY), NOW.plus(120 * DAY));
    let revoked = || Consent::Revoked(signed().revoke(Told::Spoken, by(), day).expect("at any time"));
    let with = |change: &dyn Fn(&mut Signed)| {
        let mut consent = signed();
        change(&mut consent);
        Consent::Signed(consent)
    };
    let void =
        |revoked| Consent::Void(Void { signed: signed(), at: day, why: "another signed".into(), by: by(), revoked });
    let gone = with(&|c| c.withdraw(CLINIC, Told::Written, by(), day).expect("named"));
    let event = with(&|c| (c.terms.expiry, c.event) = (Some(Expiry::Event("I move".into())), Some(day)));
    let out = with(&|c| {
        c.restricted.push(Restriction { at: day, ..not_told() });
    });
    let amended = {
        let mut draft = signed().amend();
        draft.terms.flows.retain(|f| f.to != CLINIC);
        let parties = [party(HOSPITAL, PartnerKind::CoveredEntity), party(CLINIC, PartnerKind::Part2Program)];
        draft.terms.follow_flows(&parties);
        let after = Signed { date: Some(day), recorded: day, ..signed_from(draft) };
        [Consent::Signed(signed()), Consent::Signed(after)]
    };
    let rows: Vec<(&str, Vec<Consent>, Time, &str)> = vec![
        ("revoked since", vec![revoked()], day, "42 CFR 2.31(c)(3)"),
        ("taken back for it since", vec![gone], day, "42 CFR 2.31(c)(3)"),
        ("expired since", vec![Consent::Signed(signed())], NOW.plus(90 * DAY), "42 CFR 2.31(c)(1)"),
        ("its event came since", vec![event], day, "42 CFR 2.31(c)(1)"),
        ("left out since", vec![out], day, "42 CFR 2.26"),
        ("known to be false since", vec![void(None)], day, "42 CFR 2.31(c)(4)"),
        (
            "false, and taken back before",
            vec![void(Some((NOW.plus(DAY), Told::Spoken, by())))],
            NOW.plus(DAY),
            "42 CFR 2.31(c)(3)",
        ),
        ("a version since names it no more", amended.to_vec(), day, "42 CFR 2.31(a)(4)"),
    ];
    for (row, versions, ended, clause) in rows {
        let before = Time(ended.0 - 1);
        assert_eq!(judged(&versions, before, late), Ok(Some(before)), "{row}: as it stood then");
        assert_eq!(judged(&versions, ended, late), Err(clause), "{row}: from then on");
    }
    let whole = [Consent::Signed(signed())];
    assert_eq!(judged(&whole, Time(NOW.0 - DAY), late), Err("42 CFR 2.31(a)(8)"), "before it was signed");
    assert_eq!(judged(&whole, late, NOW), Err("42 CFR 2.25"), "what has not gone yet");
    assert_eq!(judged(&[Consent::Draft(draft())], NOW, late), Err("42 CFR 2.31(a)(8)"), "what was never signed");
}

#[test]
fn a_permit_for_what_went_already_is_for_its_record_alone_and_names_who_to_tell_of_a_breach() {
    let whole = [Consent::Signed(signed())];
    for action in [Action::Grant, Action::Seal, Action::Show, Action::Place] {
        let ask = Ask { action, ..there() };
        let refused = decide(Basis::Then(&whole, NOW), &ask, NOW).expect_err("nothing goes by it");
        assert_eq!(refused.clause, "42 CFR 2.25", "{action:?}");
    }
    let today = Ask { action: Action::Export, ..there() };
    let late = decide(Basis::Then(&whole, NOW), &today, NOW.plus(DAY)).expect("permitted");
    assert_eq!((late.went(), late.expires()), (Some(NOW), None), "of what has gone no end is kept");
    let usual = decide(&whole[0], &today, NOW).expect("permitted");
    assert_eq!(usual.went(), None, "what goes now is dated by the clock");
    let other = Ask { information: Information::Crisis, ..today };
    let refused = decide(Basis::Then(&whole, NOW), &other, NOW).expect_err("not opened");
    assert!(refused.next.contains("privacy officer") && refused.why.contains("as the consent stood then"));
}

#[test]
fn a_paper_counts_from_the_day_under_it_and_a_name_given_here_from_when_it_was_recorded() {
    let recorded = NOW.plus(3 * DAY);
    let given = |form| {
        let signature = Some(Signature { form, by: Representation::Person, beside: None });
        [Consent::Signed(Signed { signature, date: Some(NOW), recorded, ..signed() })]
    };
    let paper = given(SignatureForm::Paper { reference: "folder 7".into() });
    let typed = given(Signature::typed("Zephyrine Quillfeather", Representation::Person).form);
    let (day, late) = (NOW.plus(DAY), NOW.plus(10 * DAY));
    assert_eq!(judged(&paper, day, late), Ok(Some(day)));
    assert_eq!(judged(&paper, Time(NOW.0 - 1), late), Err("42 CFR 2.31(a)(8)"));
    assert_eq!(judged(&typed, day, late), Err("42 CFR 2.31(a)(8)"));
    assert_eq!(judged(&typed, recorded, late), Ok(Some(recorded)));
}
