//! What a recipient may pass on of what came to it (2.33, 2.35(d)), by its kind and the kind of who shall hear it.

use super::*;

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_a_recipient_may_pass_on_is_decided_by_its_kind() {
    use PartnerKind as K;
    let shelter = |kind| named(SHELTER, "Harbor Shelter", kind);
    // Us, what it was told for, to whom, why, under contract.
    type Row = (&'static str, K, Purpose, K, Purpose, bool, Result<&'static str, &'static str>);
    let rows: Vec<Row> = vec![
        (
            "a hospital, to treat",
            K::CoveredEntity,
            Purpose::Tpo,
            K::CoveredEntity,
            Purpose::Treatment,
            false,
            Ok("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to police",
            K::CoveredEntity,
            Purpose::Tpo,
            K::LawEnforcement,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, told to treat, for its operations",
            K::CoveredEntity,
            Purpose::Treatment,
            K::CoveredEntity,
            Purpose::Operations,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to a shelter",
            K::CoveredEntity,
            Purpose::Tpo,
            K::NonCoveredCbo,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to a shelter under contract",
            K::CoveredEntity,
            Purpose::Tpo,
            K::NonCoveredCbo,
            Purpose::Treatment,
            true,
            Ok("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to somebody who is nothing of all this",
            K::CoveredEntity,
            Purpose::Tpo,
            K::Other,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to who bills for it, without a contract",
            K::CoveredEntity,
            Purpose::Tpo,
            K::BusinessAssociate,
            Purpose::Payment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to a court under contract",
            K::CoveredEntity,
            Purpose::Tpo,
            K::CriminalJustice,
            Purpose::Treatment,
            true,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to a health plan",
            K::CoveredEntity,
            Purpose::Tpo,
            K::HealthPlan,
            Purpose::Payment,
            false,
            Ok("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, to a health plan, to treat",
            K::CoveredEntity,
            Purpose::Tpo,
            K::HealthPlan,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a hospital, told to treat alone",
            K::CoveredEntity,
            Purpose::Treatment,
            K::CoveredEntity,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a shelter told for payment, for operations",
            K::NonCoveredCbo,
            Purpose::Payment,
            K::Other,
            Purpose::Operations,
            true,
            Err("42 CFR 2.33(b)(3)"),
        ),
        (
            "a hospital, for a trial",
            K::CoveredEntity,
            Purpose::Tpo,
            K::Other,
            Purpose::Proceedings,
            false,
            Err("42 CFR 2.31(a)(4)(i)"),
        ),
        (
            "a hospital, told at request",
            K::CoveredEntity,
            Purpose::AtRequest,
            K::CoveredEntity,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(1)"),
        ),
        (
            "a program",
            K::Part2Program,
            Purpose::Tpo,
            K::CoveredEntity,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(2)"),
        ),
        (
            "a shelter",
            K::NonCoveredCbo,
            Purpose::Treatment,
            K::NonCoveredCbo,
            Purpose::Treatment,
            false,
            Err("42 CFR 2.33(b)(3)"),
        ),
        (
            "a shelter, to its contractor",
            K::NonCoveredCbo,
            Purpose::Payment,
            K::Other,
            Purpose::Payment,
            true,
            Ok("42 CFR 2.33(b)(3)"),
        ),
        (
            "without a contract",
            K::NonCoveredCbo,
            Purpose::Payment,
            K::Other,
            Purpose::Payment,
            false,
            Err("42 CFR 2.33(b)(3)"),
        ),
        ("police", K::LawEnforcement, Purpose::AtRequest, K::Other, Purpose::Payment, true, Err("42 CFR 2.33(b)(3)")),
        (
            "child welfare",
            K::ChildWelfare,
            Purpose::AtRequest,
            K::Other,
            Purpose::AtRequest,
            false,
            Err("42 CFR 2.33(b)(3)"),
        ),
    ];
    for (row, us, told_for, to, why, contract, expected) in rows {
        let scope = between(K::Part2Program, us, &told_for).scope_for(CLINIC).expect("whole");
        let onward = Onward { to: shelter(to), contract };
        let ask = seal(CLINIC, SHELTER, Information::Medication, why);
        assert_eq!(clause(decide(Basis::Onward(&scope, &onward), &ask, NOW)), expected, "{row}");
        let clinical = Ask { information: Information::Clinical, ..ask };
        assert!(decide(Basis::Onward(&scope, &onward), &clinical, NOW).is_err(), "{row}: what was never told");
    }
}

#[test]
fn what_was_told_for_a_release_serves_official_duties_alone() {
    let scope =
        signed_from(supervised(Moment::On(Local::utc(NOW.plus(DAY))), Moment::On(Local::utc(NOW.plus(60 * DAY)))));
    let scope = scope.scope_for(COURT).expect("whole");
    let pass = |kind, purpose| {
        let onward = Onward { to: named(SHELTER, "Probation Office", kind), contract: false };
        let ask = seal(COURT, SHELTER, Information::Referral, purpose);
        clause(decide(Basis::Onward(&scope, &onward), &ask, NOW))
    };
    assert_eq!(pass(PartnerKind::CriminalJustice, Purpose::Supervision), Ok("42 CFR 2.35(d)"));
    assert_eq!(pass(PartnerKind::CriminalJustice, Purpose::Treatment), Err("42 CFR 2.35(d)"));
    assert_eq!(pass(PartnerKind::LawEnforcement, Purpose::Supervision), Err("42 CFR 2.35(d)"));
}
