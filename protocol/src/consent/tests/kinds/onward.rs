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
        let onward = Onward { to: shelter(to), contract, shut: None };
        let ask = seal(CLINIC, SHELTER, Information::Medication, why);
        assert_eq!(clause(decide(Basis::Onward(&scope, &onward, &[]), &ask, NOW)), expected, "{row}");
        let clinical = Ask { information: Information::Clinical, ..ask };
        assert!(decide(Basis::Onward(&scope, &onward, &[]), &clinical, NOW).is_err(), "{row}: what was never told");
    }
}

#[test]
fn who_may_pass_on_and_names_one_that_may_not_hear_is_told_why_that_one_may_not() {
    use PartnerKind as K;
    let scope = between(K::Part2Program, K::CoveredEntity, &Purpose::Tpo).scope_for(CLINIC).expect("whole");
    let why = |to, purpose: Purpose| {
        let onward = Onward { to: named(SHELTER, "Harbor Shelter", to), contract: false, shut: None };
        let ask = seal(CLINIC, SHELTER, Information::Medication, purpose);
        let refusal = decide(Basis::Onward(&scope, &onward, &[]), &ask, NOW).expect_err("may not hear");
        assert_eq!(refusal.clause, "42 CFR 2.33(b)(1)", "{to:?}");
        assert!(!refusal.why.contains("only where it came for all of"), "{to:?}: it did: {}", refusal.why);
        refusal.why
    };
    let rows = [
        (K::HealthPlan, Purpose::Treatment, "treats nobody"),
        (K::BusinessAssociate, Purpose::Payment, "business associate"),
        (K::NonCoveredCbo, Purpose::Treatment, "neither covered nor a program"),
        (K::Other, Purpose::Operations, "neither covered nor a program"),
        (K::LawEnforcement, Purpose::Treatment, "law enforcement"),
        (K::CriminalJustice, Purpose::Payment, "criminal justice"),
        (K::ChildWelfare, Purpose::Treatment, "child welfare"),
    ];
    for (to, purpose, words) in rows {
        let why = why(to, purpose);
        assert!(why.contains(words), "{to:?}: {why}");
    }
}

#[test]
fn what_was_told_for_a_release_serves_official_duties_alone() {
    let scope =
        signed_from(supervised(Moment::On(Local::utc(NOW.plus(DAY))), Moment::On(Local::utc(NOW.plus(60 * DAY)))));
    let scope = scope.scope_for(COURT).expect("whole");
    let pass = |kind, purpose| {
        let onward = Onward { to: named(SHELTER, "Probation Office", kind), contract: false, shut: None };
        let ask = seal(COURT, SHELTER, Information::Referral, purpose);
        clause(decide(Basis::Onward(&scope, &onward, &[]), &ask, NOW))
    };
    assert_eq!(pass(PartnerKind::CriminalJustice, Purpose::Supervision), Ok("42 CFR 2.35(d)"));
    assert_eq!(pass(PartnerKind::CriminalJustice, Purpose::Treatment), Err("42 CFR 2.35(d)"));
    assert_eq!(pass(PartnerKind::LawEnforcement, Purpose::Supervision), Err("42 CFR 2.35(d)"));
}

#[test]
fn what_the_consent_names_comes_first_and_nobody_is_told_by_another_s_name() {
    let consent = between(PartnerKind::CoveredEntity, PartnerKind::Part2Program, &Purpose::Treatment);
    let scope = consent.scope_for(CLINIC).expect("whole");
    let hospital = Onward { to: party(HOSPITAL, PartnerKind::CoveredEntity), contract: false, shut: None };
    let shelter =
        Onward { to: named(SHELTER, "Harbor Shelter", PartnerKind::CoveredEntity), contract: false, shut: None };
    let back = seal(CLINIC, HOSPITAL, Information::Referral, Purpose::Treatment);
    let on = Ask { to: SHELTER, ..back.clone() };
    let tablets = Ask { information: Information::Medication, ..back.clone() };
    let rows = [
        ("a way of the consent", &hospital, back.clone(), Ok("42 CFR 2.33(a)")),
        (
            "for what it does not name",
            &hospital,
            Ask { purpose: Purpose::Payment, ..back.clone() },
            Err("42 CFR 2.33(b)(2)"),
        ),
        ("a kind without that way", &hospital, tablets, Err("42 CFR 2.33(b)(2)")),
        ("whom it does not name", &shelter, on, Err("42 CFR 2.33(b)(2)")),
        ("another than is said", &shelter, back.clone(), Err("42 CFR 2.32(a)")),
        ("shown", &hospital, Ask { action: Action::Show, ..back.clone() }, Err("42 CFR 2.32(a)")),
        ("placed", &hospital, Ask { action: Action::Place, ..back }, Err("42 CFR 2.32(a)")),
    ];
    for (row, onward, ask, expected) in rows {
        assert_eq!(clause(decide(Basis::Onward(&scope, onward, &[]), &ask, NOW)), expected, "{row}");
    }
}

#[test]
fn what_lies_there_for_emergencies_is_no_way_of_the_consent() {
    let flows = vec![
        flow(HOSPITAL, CLINIC, Information::Crisis, Purpose::Treatment),
        flow(CLINIC, HOSPITAL, Information::Crisis, Purpose::Emergency),
    ];
    let parties = [party(HOSPITAL, PartnerKind::CoveredEntity), party(CLINIC, PartnerKind::Part2Program)];
    let scope = signed_from(drafted(Class::General, &parties, flows)).scope_for(CLINIC).expect("whole");
    let onward = Onward { to: party(HOSPITAL, PartnerKind::CoveredEntity), contract: true, shut: None };
    let ask = seal(CLINIC, HOSPITAL, Information::Crisis, Purpose::Emergency);
    assert_eq!(clause(decide(Basis::Onward(&scope, &onward, &[]), &ask, NOW)), Err("42 CFR 2.33(b)(2)"));
}

#[test]
fn counselling_notes_and_what_is_for_a_proceeding_go_to_nobody_whom_the_consent_does_not_name() {
    let onward =
        Onward { to: named(SHELTER, "Mercy Hospital", PartnerKind::CoveredEntity), contract: true, shut: None };
    let parties = [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::CoveredEntity)];
    let rows = [
        ("counselling notes", Class::Counselling, Information::Counselling, Purpose::Treatment, "42 CFR 2.31(b)"),
        ("for a proceeding", Class::Proceedings, Information::Clinical, Purpose::Proceedings, "42 CFR 2.31(d)"),
    ];
    for (row, class, information, purpose, expected) in rows {
        let flows = vec![flow(HOSPITAL, CLINIC, information, purpose)];
        let scope = signed_from(drafted(class, &parties, flows)).scope_for(CLINIC).expect("whole");
        let ask = seal(CLINIC, SHELTER, information, Purpose::Treatment);
        assert_eq!(clause(decide(Basis::Onward(&scope, &onward, &[]), &ask, NOW)), Err(expected), "{row}");
    }
}

#[test]
fn what_may_be_passed_on_is_said_by_what_came_and_each_in_its_own_words() {
    use PartnerKind as K;
    let told = |information, purpose| vec![flow(HOSPITAL, CLINIC, information, purpose)];
    let referral = |purpose| told(Information::Referral, purpose);
    let rows = [
        ("told for all three", Class::Tpo, K::CoveredEntity, referral(Purpose::Tpo), PassingOn::Hipaa),
        ("told to treat", Class::General, K::CoveredEntity, referral(Purpose::Treatment), PassingOn::Nobody),
        (
            "placed alone",
            Class::General,
            K::CoveredEntity,
            told(Information::Crisis, Purpose::Emergency),
            PassingOn::Untold,
        ),
        (
            "another is told",
            Class::General,
            K::CoveredEntity,
            vec![flow(CLINIC, HOSPITAL, Information::Referral, Purpose::Tpo)],
            PassingOn::Untold,
        ),
        (
            "counselling notes among others",
            Class::General,
            K::CoveredEntity,
            told(Information::Counselling, Purpose::Tpo),
            PassingOn::Nobody,
        ),
        ("a class of its own", Class::Proceedings, K::CoveredEntity, referral(Purpose::Tpo), PassingOn::Nobody),
        ("a program", Class::Tpo, K::Part2Program, referral(Purpose::Tpo), PassingOn::Consent),
        ("a program that is covered too", Class::Tpo, K::CoveredProgram, referral(Purpose::Tpo), PassingOn::Hipaa),
        ("the same, to treat", Class::General, K::CoveredProgram, referral(Purpose::Treatment), PassingOn::Consent),
        ("a court", Class::CriminalJustice, K::CriminalJustice, referral(Purpose::Supervision), PassingOn::Justice),
        ("a court, to treat", Class::General, K::CriminalJustice, referral(Purpose::Treatment), PassingOn::Nobody),
        ("a court, to pay", Class::General, K::CriminalJustice, referral(Purpose::Payment), PassingOn::Contractor),
        ("a shelter", Class::General, K::NonCoveredCbo, referral(Purpose::Operations), PassingOn::Contractor),
    ];
    for (row, class, kind, flows, expected) in rows {
        assert_eq!(PassingOn::of(class, &party(CLINIC, kind), &flows), expected, "{row}");
    }
    let clauses = [
        (PassingOn::Hipaa, "2.33(b)(1)"),
        (PassingOn::Consent, "2.33(b)(2)"),
        (PassingOn::Justice, "2.35"),
        (PassingOn::Contractor, "2.33(b)(3)"),
        (PassingOn::Nobody, "may not pass it on without"),
        (PassingOn::Untold, "nothing that it is told"),
    ];
    for (passing, words) in clauses {
        assert!(passing.words().contains(words), "{passing:?}");
    }
}
