//! Who may hear by telephone that the person took a consent back, row by row.

use super::*;

const END: &str = "42 CFR 2.31(a)(6)";

fn word(to: OrgId, information: Information) -> Ask {
    Ask { from: HOSPITAL, to, information, purpose: Purpose::AtRequest, action: Action::Export }
}

fn revoked() -> Consent {
    Consent::Revoked(signed().revoke(Told::Spoken, by(), NOW.plus(DAY)).expect("at any time"))
}

fn withdrawn() -> Consent {
    let mut consent = signed();
    consent.withdraw(CLINIC, Told::Spoken, by(), NOW.plus(DAY)).expect("named");
    Consent::Signed(consent)
}

/// A second version that names the shelter in the place of the clinic.
pub(super) fn replaced() -> Vec<Consent> {
    let first = signed();
    let mut draft = first.amend();
    for flow in &mut draft.terms.flows {
        for org in [&mut flow.from, &mut flow.to] {
            if *org == CLINIC {
                *org = SHELTER;
            }
        }
    }
    let parties = [party(HOSPITAL, PartnerKind::CoveredEntity), party(SHELTER, PartnerKind::Part2Program)];
    draft.terms.follow_flows(&parties);
    let second = signed_from(draft);
    vec![Consent::Signed(first), Consent::Signed(second)]
}

#[test]
fn each_row_about_a_consent_that_we_keep_holds() {
    let found = Void { signed: signed(), at: NOW, why: "another person signed".into(), by: by(), revoked: None };
    let void = Consent::Void(found.clone());
    let after = |days: u64, withdrawn: bool| {
        let mut void = Void { at: NOW.plus(days * DAY), ..found.clone() };
        if withdrawn {
            void.signed.withdraw(CLINIC, Told::Spoken, by(), NOW.plus(2 * DAY)).expect("named");
        } else {
            void.revoked = Some((NOW.plus(2 * DAY), Told::Spoken, by()));
        }
        vec![Consent::Void(void)]
    };
    let mut unnamed = draft();
    unnamed.terms.flows.retain(|f| f.information != Information::Identity);
    let nameless = signed_from(unnamed).revoke(Told::Spoken, by(), NOW.plus(DAY)).expect("at any time");
    let nameless = vec![Consent::Revoked(nameless)];
    let rows: Vec<(&str, Vec<Consent>, Ask, bool)> = vec![
        ("revoked", vec![revoked()], word(CLINIC, Information::Referral), true),
        ("with a name that might be told", vec![revoked()], word(CLINIC, Information::Identity), true),
        ("with a name that was never told", nameless, word(CLINIC, Information::Identity), false),
        ("no other kind", vec![revoked()], word(CLINIC, Information::Clinical), false),
        ("revoked for the one", vec![withdrawn()], word(CLINIC, Information::Referral), true),
        ("named no more", replaced(), word(CLINIC, Information::Referral), true),
        ("named instead", replaced(), word(SHELTER, Information::Referral), false),
        ("never named", vec![revoked()], word(SHELTER, Information::Referral), false),
        ("it stands", vec![Consent::Signed(signed())], word(CLINIC, Information::Referral), false),
        ("false, and not taken back", vec![void], word(CLINIC, Information::Referral), false),
        ("taken back, and found to be false after", after(3, false), word(CLINIC, Information::Referral), true),
        ("taken back for the one, and false after", after(3, true), word(CLINIC, Information::Referral), true),
        ("false first", after(1, false), word(CLINIC, Information::Referral), false),
        ("false first, and then taken back for the one", after(1, true), word(CLINIC, Information::Referral), false),
        ("a draft", vec![Consent::Draft(draft())], word(CLINIC, Information::Referral), false),
        ("none", Vec::new(), word(CLINIC, Information::Referral), false),
        (
            "for treatment",
            vec![revoked()],
            Ask { purpose: Purpose::Treatment, ..word(CLINIC, Information::Referral) },
            false,
        ),
        ("in a thread", vec![revoked()], Ask { action: Action::Seal, ..word(CLINIC, Information::Referral) }, false),
    ];
    for (row, versions, ask, may) in rows {
        let decided = decide(Basis::Ended(Ended::Kept(&versions)), &ask, NOW.plus(2 * DAY));
        assert_eq!(decided.is_ok(), may, "{row}: {decided:?}");
        let clause = decided.map_or_else(|refusal| refusal.clause, |permit| permit.clause());
        assert_eq!(clause, END, "{row}");
    }
}

#[test]
fn who_was_told_under_a_consent_tells_its_sender_by_number_and_names_nobody() {
    let scope = Consent::Signed(signed()).scope_for(CLINIC).expect("named");
    let ask = |to, information| Ask { from: CLINIC, ..word(to, information) };
    let may = |ask: &Ask| decide(Basis::Ended(Ended::Came(&scope)), ask, NOW).is_ok();
    assert!(may(&ask(HOSPITAL, Information::Referral)));
    assert!(!may(&ask(HOSPITAL, Information::Identity)), "no name");
    assert!(!may(&ask(SHELTER, Information::Referral)), "nobody else");
    assert!(!may(&word(CLINIC, Information::Referral)), "not the sender to us by our own part");
}

#[test]
fn who_knows_only_who_keeps_it_tells_that_one_and_names_nobody() {
    let may = |keeper, ask: &Ask| decide(Basis::Ended(Ended::Elsewhere(keeper)), ask, NOW).is_ok();
    assert!(may(CLINIC, &word(CLINIC, Information::Referral)));
    assert!(!may(CLINIC, &word(CLINIC, Information::Identity)));
    assert!(!may(CLINIC, &word(SHELTER, Information::Referral)));
}
