//! What needs no consent between the two that an agreement ties (2.12(c)(3), (4)).

use super::*;
use crate::ids::TermsHash;

/// The clinic bills for the hospital, for a day from now.
fn tie(kind: TieKind, change: Change<'_, Tie>) -> Tie {
    let mut tie = Tie {
        parties: [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::BusinessAssociate)],
        kind,
        program: HOSPITAL,
        services: "billing".to_owned(),
        agreement: Some((1, TermsHash([3; 32]))),
        information: vec![Information::Referral],
        since: Local::utc(NOW),
        until: Some(Local::utc(NOW.plus(DAY))),
        withheld: Vec::new(),
    };
    change(&mut tie);
    tie
}

/// What the person asked not to be told, and this organisation does not leave out.
fn refused() -> Restriction {
    Restriction { answer: Answered::Refused("it is billed".into()), ..not_told() }
}

fn other_kind() -> Restriction {
    Restriction { information: vec![Information::Identity], ..not_told() }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn the_same_program_and_who_serves_it_need_no_consent_for_what_they_do() {
    let ask = |information, purpose| seal(HOSPITAL, CLINIC, information, purpose);
    let (keep, service, same) = (|_: &mut Tie| {}, TieKind::Service, TieKind::SameProgram);
    let bill = || ask(Information::Referral, Purpose::Payment);
    type Row = (&'static str, Tie, Ask, Time, Result<&'static str, &'static str>);
    let rows: Vec<Row> = vec![
        ("it bills", tie(service, &keep), bill(), NOW, Ok("42 CFR 2.12(c)(4)")),
        (
            "it is part of us",
            tie(same, &keep),
            ask(Information::Referral, Purpose::Treatment),
            NOW,
            Ok("42 CFR 2.12(c)(3)"),
        ),
        ("no written agreement", tie(service, &|t| t.agreement = None), bill(), NOW, Err("42 CFR 2.12(c)(4)")),
        (
            "the agreement has begun",
            tie(service, &|t| t.since = Local::utc(Time(NOW.0 - DAY))),
            bill(),
            NOW,
            Ok("42 CFR 2.12(c)(4)"),
        ),
        (
            "the agreement is to begin",
            tie(service, &|t| t.since = Local::utc(Time(NOW.0 + 1))),
            bill(),
            NOW,
            Err("42 CFR 2.12(c)(4)"),
        ),
        ("the agreement ended", tie(service, &keep), bill(), NOW.plus(DAY), Err("42 CFR 2.12(c)(4)")),
        (
            "more than it needs",
            tie(service, &keep),
            ask(Information::Clinical, Purpose::Payment),
            NOW,
            Err("42 CFR 2.12(c)(4)"),
        ),
        (
            "to treat",
            tie(service, &keep),
            ask(Information::Referral, Purpose::Treatment),
            NOW,
            Err("42 CFR 2.12(c)(4)"),
        ),
        (
            "another",
            tie(same, &keep),
            seal(HOSPITAL, SHELTER, Information::Referral, Purpose::Treatment),
            NOW,
            Err("42 CFR 2.12(c)(3)"),
        ),
        (
            "back from who serves it",
            tie(service, &keep),
            seal(CLINIC, HOSPITAL, Information::Referral, Purpose::Operations),
            NOW,
            Ok("42 CFR 2.12(c)(4)"),
        ),
        (
            "from a third",
            tie(service, &keep),
            seal(SHELTER, CLINIC, Information::Referral, Purpose::Payment),
            NOW,
            Err("42 CFR 2.12(c)(4)"),
        ),
        (
            "neither is a part 2 program",
            tie(service, &|t| t.parties[0].kind = PartnerKind::CoveredEntity),
            bill(),
            NOW,
            Err("42 CFR 2.12(c)(4)"),
        ),
        ("the person asked not to", tie(service, &|t| t.withheld = vec![not_told()]), bill(), NOW, Err("42 CFR 2.26")),
        (
            "nor inside one program",
            tie(same, &|t| t.withheld = vec![not_told()]),
            ask(Information::Referral, Purpose::Treatment),
            NOW,
            Err("42 CFR 2.26"),
        ),
        (
            "the person asked, and it was not agreed to",
            tie(service, &|t| t.withheld = vec![refused()]),
            bill(),
            NOW,
            Ok("42 CFR 2.12(c)(4)"),
        ),
        (
            "what was asked is of another kind",
            tie(service, &|t| t.withheld = vec![other_kind()]),
            bill(),
            NOW,
            Ok("42 CFR 2.12(c)(4)"),
        ),
        (
            "counselling notes",
            tie(same, &keep),
            ask(Information::Counselling, Purpose::Treatment),
            NOW,
            Err("42 CFR 2.31(b)"),
        ),
    ];
    for (row, tie, ask, now, expected) in rows {
        let decided = decide(Basis::Tie(&tie), &ask, now);
        if let Ok(permit) = &decided {
            assert_eq!(
                (permit.consent(), permit.expires()),
                (ConsentId::ZERO, tie.until.map(|until| until.at)),
                "{row}"
            );
        }
        assert_eq!(clause(decided), expected, "{row}");
    }
}

#[test]
fn what_came_under_a_tie_is_read_here_and_goes_to_nobody_else() {
    let parties = [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::CoveredEntity)];
    let tie = Tie {
        parties,
        kind: TieKind::Service,
        program: HOSPITAL,
        services: "billing".to_owned(),
        agreement: Some((1, TermsHash([3; 32]))),
        information: vec![Information::Referral],
        since: Local::utc(NOW),
        until: None,
        withheld: Vec::new(),
    };
    let scope = tie.scope_for(CLINIC).expect("in force");
    scope.check().expect("well made");
    assert_eq!((scope.version, &scope.expiry), (1, &Expiry::Never));
    let described: Vec<&str> = scope.information.iter().map(|d| d.description.as_str()).collect();
    assert_eq!(described, [Information::Referral.description()]);
    assert_eq!(scope.statements, ["billing", TieKind::Service.statement()]);
    let day = Local::utc(NOW.plus(DAY));
    let until = Tie { until: Some(day), ..tie.clone() }.scope_for(CLINIC).expect("in force");
    assert_eq!(until.expiry, Expiry::On(day));
    let show = Ask { action: Action::Show, ..seal(HOSPITAL, CLINIC, Information::Referral, Purpose::Operations) };
    assert_eq!(clause(decide(Basis::Scope(&scope, &[]), &show, NOW)), Ok("42 CFR 2.12(c)(4)"));
    let back = seal(CLINIC, HOSPITAL, Information::Referral, Purpose::Operations);
    assert_eq!(
        clause(decide(Basis::Scope(&scope, &[]), &back, NOW)),
        Err("42 CFR 2.12(c)(4)"),
        "a notice alone lets nothing out"
    );
    let onward = Onward { to: party(SHELTER, PartnerKind::CoveredEntity), contract: true, shut: None };
    let on = Ask { action: Action::Export, ..seal(CLINIC, SHELTER, Information::Referral, Purpose::Operations) };
    assert_eq!(clause(decide(Basis::Onward(&scope, &onward, &[]), &on, NOW)), Err("42 CFR 2.12(c)(4)"));
    let ended = Tie { agreement: None, ..tie };
    assert_eq!(ended.scope_for(CLINIC).expect_err("ended").clause, "42 CFR 2.12(c)(4)");
    let both = Scope { consent: ConsentId([7; 32]), ..scope };
    assert!(both.check().is_err(), "a consent and a tie at once");
}

#[test]
fn police_and_courts_are_tied_to_no_program_and_nothing_is_placed_by_a_tie() {
    let rows = [
        ("the police serve it", TieKind::Service, PartnerKind::LawEnforcement, Err("42 CFR 2.11")),
        ("the court serves it", TieKind::Service, PartnerKind::CriminalJustice, Err("42 CFR 2.11")),
        ("the jail is part of it", TieKind::SameProgram, PartnerKind::CriminalJustice, Err("42 CFR 2.11")),
        ("a shelter serves it", TieKind::Service, PartnerKind::NonCoveredCbo, Ok("42 CFR 2.12(c)(4)")),
    ];
    for (row, kind, other, expected) in rows {
        let tie = Tie {
            parties: [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, other)],
            kind,
            program: HOSPITAL,
            services: "drives people to appointments".to_owned(),
            agreement: Some((1, TermsHash([3; 32]))),
            information: vec![Information::Referral],
            since: Local::utc(NOW),
            until: None,
            withheld: Vec::new(),
        };
        for (from, to) in [(HOSPITAL, CLINIC), (CLINIC, HOSPITAL)] {
            let ask = seal(from, to, Information::Referral, tie.purpose());
            assert_eq!(clause(decide(Basis::Tie(&tie), &ask, NOW)), expected, "{row}");
            let place = Ask { action: Action::Place, ..ask };
            assert!(decide(Basis::Tie(&tie), &place, NOW).is_err(), "{row}");
        }
    }
}

#[test]
fn a_tie_is_as_both_signed_it_and_one_that_holds_no_more_is_known_to() {
    use crate::agreement::{Agreement, Side, Terms, TieTerms, Version};
    let side = |org| Side { org, name: "one of the two".to_owned(), contacts: Vec::new(), intake: None };
    let tie = |services: &str| TieTerms {
        kind: TieKind::Service,
        program: HOSPITAL,
        services: services.to_owned(),
        information: vec![Information::Referral],
        statement: TieKind::Service.statement().to_owned(),
    };
    let version = |number: u8, tie: Option<TieTerms>, both: bool| Version {
        terms: Terms {
            coalition: crate::ids::SpaceId([9; 32]),
            version: u32::from(number),
            sides: [side(HOSPITAL), side(CLINIC)],
            from: Local::utc(NOW),
            until: Some(Local::utc(NOW.plus(DAY))),
            note: String::new(),
            tie,
        },
        hash: TermsHash([number; 32]),
        signed: [Some((NOW, "the director".to_owned())), both.then(|| (NOW, "the other director".to_owned()))],
    };
    let of = |versions: Vec<Version>, now| {
        let agreement = Agreement { id: crate::ids::AgreementId([8; 32]), versions, ended: None };
        let parties = [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::BusinessAssociate)];
        Tie::of(&agreement, parties, now).map(|tie| (tie.services, tie.agreement))
    };
    let (billing, driving) = (|| Some(tie("billing")), || Some(tie("driving")));
    let holds = |number| Some((u32::from(number), TermsHash([number; 32])));
    let rows = [
        ("in force", vec![version(1, billing(), true)], NOW, Some(("billing".to_owned(), holds(1)))),
        ("over", vec![version(1, billing(), true)], NOW.plus(DAY), Some(("billing".to_owned(), None))),
        ("signed by one", vec![version(1, billing(), false)], NOW, None),
        ("without a tie", vec![version(1, None, true)], NOW, None),
        (
            "the newer is signed by one",
            vec![version(2, driving(), false), version(1, billing(), true)],
            NOW,
            Some(("billing".to_owned(), holds(1))),
        ),
        (
            "the newer was signed by one, and the older is over",
            vec![version(2, driving(), false), version(1, billing(), true)],
            NOW.plus(DAY),
            Some(("billing".to_owned(), None)),
        ),
        (
            "the newer ties no more",
            vec![version(2, None, true), version(1, billing(), true)],
            NOW,
            Some(("billing".to_owned(), None)),
        ),
    ];
    for (row, versions, now, expected) in rows {
        assert_eq!(of(versions, now), expected, "{row}");
    }
}
