//! The decision table, row by row, each with its clause.

use super::*;

/// `Ok(expiry)` or the clause of the refusal.
type Verdict = Result<Option<Time>, &'static str>;

fn verdict(basis: &Consent, ask: &Ask, now: Time) -> Verdict {
    decide(basis, ask, now).map(|p| p.expires()).map_err(|r| r.clause)
}

fn with(change: impl FnOnce(&mut Signed)) -> Consent {
    let mut consent = signed();
    change(&mut consent);
    Consent::Signed(consent)
}

fn asked(change: impl FnOnce(&mut Ask)) -> Ask {
    let mut ask = there();
    change(&mut ask);
    ask
}

fn revoked() -> Consent {
    Consent::Revoked(signed().revoke(Told::Spoken, by(), NOW.plus(DAY)).expect("at any time"))
}

fn void() -> Consent {
    Consent::Void(Void { signed: signed(), at: NOW, why: "another person signed".into(), by: by(), revoked: None })
}

/// To an organisation of this kind, for this purpose, with a way back that it opens.
fn to_kind(kind: PartnerKind, purpose: &Purpose, expiry: Expiry) -> Consent {
    let mut draft = Draft::between(
        ConsentId([7; 32]),
        (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
        party(HOSPITAL, PartnerKind::CoveredEntity),
        party(CLINIC, kind),
        &[Information::Referral],
        &[],
        purpose,
    );
    draft.terms.expiry = Some(expiry);
    Consent::Signed(signed_from(draft))
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn each_row_of_the_table_holds() {
    let whole = Consent::Signed(signed());
    let end = NOW.plus(90 * DAY);
    let later = NOW.plus(2 * DAY);
    let show = |from, to| asked(|a| (a.from, a.to, a.action) = (from, to, Action::Show));
    let rows: Vec<(&str, Consent, Ask, Time, Verdict)> = vec![
        // What a whole consent permits.
        ("seal to the named recipient", whole.clone(), there(), NOW, Ok(Some(end))),
        ("grant to it", whole.clone(), asked(|a| a.action = Action::Grant), NOW, Ok(Some(end))),
        ("export for it", whole.clone(), asked(|a| a.action = Action::Export), NOW, Ok(Some(end))),
        ("the way back", whole.clone(), ask(CLINIC, HOSPITAL, Information::Referral), NOW, Ok(Some(end))),
        ("identity there", whole.clone(), ask(HOSPITAL, CLINIC, Information::Identity), NOW, Ok(Some(end))),
        ("one of three purposes", whole.clone(), asked(|a| a.purpose = Purpose::Payment), NOW, Ok(Some(end))),
        ("no end", with(|c| c.terms.expiry = Some(Expiry::Never)), there(), NOW, Ok(None)),
        ("the last moment", whole.clone(), there(), Time(end.0 - 1), Ok(Some(end))),
        // Who, what and why (2.31(a)).
        (
            "identity has no way back",
            whole.clone(),
            ask(CLINIC, HOSPITAL, Information::Identity),
            NOW,
            Err("42 CFR 2.31(a)(3)"),
        ),
        (
            "a kind it does not speak of",
            whole.clone(),
            ask(HOSPITAL, CLINIC, Information::Crisis),
            NOW,
            Err("42 CFR 2.31(a)(3)"),
        ),
        (
            "a third recipient",
            whole.clone(),
            ask(HOSPITAL, SHELTER, Information::Referral),
            NOW,
            Err("42 CFR 2.31(a)(4)"),
        ),
        (
            "a third discloser",
            whole.clone(),
            ask(SHELTER, CLINIC, Information::Referral),
            NOW,
            Err("42 CFR 2.31(a)(2)"),
        ),
        ("another purpose", whole.clone(), asked(|a| a.purpose = Purpose::AtRequest), NOW, Err("42 CFR 2.31(a)(5)")),
        // No disclosure on it (2.31(c)).
        ("expired to the moment", whole.clone(), there(), end, Err("42 CFR 2.31(c)(1)")),
        (
            "the event came about",
            with(|c| (c.terms.expiry, c.event) = (Some(Expiry::Event("I move".into())), Some(NOW))),
            there(),
            NOW,
            Err("42 CFR 2.31(c)(1)"),
        ),
        (
            "the event is yet to come",
            with(|c| c.terms.expiry = Some(Expiry::Event("I move".into()))),
            there(),
            NOW,
            Ok(None),
        ),
        (
            "a kind that a way names and the form does not describe",
            with(|c| c.terms.information.retain(|d| d.information != Information::Identity)),
            ask(HOSPITAL, CLINIC, Information::Identity),
            NOW,
            Err("42 CFR 2.31(a)(3)"),
        ),
        ("a draft", Consent::Draft(draft()), there(), NOW, Err("42 CFR 2.31(a)(8)")),
        (
            "dated a day ahead, where the day began before ours",
            with(|c| c.date = Some(NOW.plus(DAY))),
            there(),
            NOW,
            Ok(Some(end)),
        ),
        ("unsigned", with(|c| c.signature = None), there(), NOW, Err("42 CFR 2.31(a)(8)")),
        ("dated in the future", with(|c| c.date = Some(NOW.plus(3 * DAY))), there(), NOW, Err("42 CFR 2.31(a)(9)")),
        ("revoked", revoked(), there(), later, Err("42 CFR 2.31(c)(3)")),
        (
            "revoked for the recipient",
            with(|c| c.withdraw(CLINIC, Told::Written, by(), NOW).expect("named")),
            there(),
            later,
            Err("42 CFR 2.31(c)(3)"),
        ),
        ("known to be false", void(), there(), NOW, Err("42 CFR 2.31(c)(4)")),
        // Showing what was told before is use by the recipient; the record of it does not go away (2.31(a)(6)).
        ("show what was told", whole.clone(), show(CLINIC, HOSPITAL), NOW, Ok(None)),
        ("show it after revocation", revoked(), show(CLINIC, HOSPITAL), later, Ok(None)),
        ("show it after expiry", whole.clone(), show(CLINIC, HOSPITAL), end, Ok(None)),
        ("show what rests on a falsehood", void(), show(CLINIC, HOSPITAL), NOW, Err("42 CFR 2.31(c)(4)")),
        ("show one's own", whole.clone(), show(HOSPITAL, HOSPITAL), NOW, Ok(None)),
        (
            "export to oneself",
            whole,
            asked(|a| (a.to, a.action) = (HOSPITAL, Action::Export)),
            NOW,
            Err("42 CFR 2.12(c)(3)"),
        ),
        // Kinds of recipient.
        (
            "police, for treatment",
            to_kind(PartnerKind::LawEnforcement, &Purpose::Treatment, Expiry::On(Local::utc(end))),
            there(),
            NOW,
            Err("42 CFR 2.31(a)(5)"),
        ),
        (
            "police, because the person asks",
            to_kind(PartnerKind::LawEnforcement, &Purpose::AtRequest, Expiry::On(Local::utc(end))),
            asked(|a| a.purpose = Purpose::AtRequest),
            NOW,
            Ok(Some(end)),
        ),
        (
            "jail, by the single consent",
            to_kind(PartnerKind::CriminalJustice, &Purpose::Tpo, Expiry::On(Local::utc(end))),
            there(),
            NOW,
            Err("42 CFR 2.31(a)(4)(i)"),
        ),
        (
            "jail, for treatment, with an end",
            to_kind(PartnerKind::CriminalJustice, &Purpose::Treatment, Expiry::On(Local::utc(end))),
            there(),
            NOW,
            Ok(Some(end)),
        ),
        (
            "jail, without an end",
            to_kind(PartnerKind::CriminalJustice, &Purpose::Treatment, Expiry::Never),
            there(),
            NOW,
            Err("42 CFR 2.35(b)"),
        ),
        (
            "a shelter, named",
            to_kind(PartnerKind::NonCoveredCbo, &Purpose::AtRequest, Expiry::On(Local::utc(end))),
            asked(|a| a.purpose = Purpose::AtRequest),
            NOW,
            Ok(Some(end)),
        ),
    ];
    for (row, consent, ask, now, expected) in rows {
        assert_eq!(verdict(&consent, &ask, now), expected, "{row}");
    }
}

#[test]
fn a_permit_says_what_was_asked_and_on_what_it_rests() {
    let permit = decide(&Consent::Signed(signed()), &there(), NOW).expect("permitted");
    assert_eq!((permit.from(), permit.to(), permit.information()), (HOSPITAL, CLINIC, Information::Referral));
    assert_eq!((permit.consent(), permit.version()), (ConsentId([7; 32]), 1));
    assert_eq!((permit.purpose(), permit.action()), (&Purpose::Treatment, Action::Seal));
    // The hospital is no Part 2 program: its own record is under HIPAA.
    assert_eq!(permit.clause(), "45 CFR 164.506(c)");
}

#[test]
fn police_and_jail_hear_nothing_back_unless_the_consent_opens_it() {
    for (kind, clause) in
        [(PartnerKind::LawEnforcement, "42 CFR 2.31(a)(4)"), (PartnerKind::CriminalJustice, "42 CFR 2.35")]
    {
        assert!(Draft::usual_way_back(kind).is_empty());
        let mut draft = Draft::between(
            ConsentId([7; 32]),
            (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
            party(HOSPITAL, kind),
            party(CLINIC, PartnerKind::Part2Program),
            &[Information::Referral],
            Draft::usual_way_back(kind),
            &Purpose::Treatment,
        );
        draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(DAY))));
        let consent = signed_from(draft);
        let scope = consent.scope_for(CLINIC).expect("whole");
        let back = ask(CLINIC, HOSPITAL, Information::Referral);
        for refusal in [decide(&Consent::Signed(consent), &back, NOW), decide(Basis::Scope(&scope, &[]), &back, NOW)] {
            let refusal = refusal.expect_err("no way back");
            assert_eq!(refusal.clause, clause);
            assert!(refusal.why.contains("hears nothing back"), "{refusal}");
        }
    }
    assert_eq!(Draft::usual_way_back(PartnerKind::CoveredEntity), [Information::Referral]);
}

#[test]
fn every_refusal_names_the_next_lawful_step() {
    let end = NOW.plus(90 * DAY);
    for (consent, now) in
        [(Consent::Draft(draft()), NOW), (revoked(), end), (void(), NOW), (Consent::Signed(signed()), end)]
    {
        let refusal = decide(&consent, &there(), now).expect_err("refused");
        assert!(refusal.next.ends_with('.') && !refusal.why.is_empty(), "{refusal}");
        let fault = crate::fault::Fault::from(refusal);
        assert_eq!(fault.class, crate::fault::Class::NotPermitted);
    }
}

#[test]
fn a_consent_holds_through_the_day_that_its_signer_meant_and_every_node_calls_it_by_that_day() {
    // Midnight after 31 December where clocks are six hours behind UTC.
    let midnight = Time::parse("2027-01-01T06:00:00Z").expect("a time");
    let end = Local { at: midnight, offset_minutes: -360 };
    let mut signed = signed();
    signed.terms.expiry = Some(Expiry::On(end));
    let scope = signed.scope_for(CLINIC).expect("whole");
    let consent = Consent::Signed(signed);
    let last = Time(midnight.0 - 1);
    for basis in [Basis::Consent(&consent), Basis::Scope(&scope, &[])] {
        assert_eq!(decide(basis, &there(), last).expect("the day counts").expires(), Some(midnight));
        let over = decide(basis, &there(), midnight).expect_err("the day is over");
        assert_eq!(
            (over.clause, over.why.as_str()),
            ("42 CFR 2.31(c)(1)", "the consent expired with the end of 2026-12-31")
        );
    }
    assert!(explain(&scope).contains("Lasts until the end of 2026-12-31."), "{}", explain(&scope));
    let within = Scope { expiry: Expiry::On(Local { at: last, ..end }), ..scope.clone() };
    assert!(explain(&within).contains("Ends at 2026-12-31 23:59 -06:00."), "{}", explain(&within));
    let nowhere = Scope { expiry: Expiry::On(Local { offset_minutes: 1_440, ..end }), ..scope };
    assert!(nowhere.check().is_err(), "no clock is a day ahead");
}

#[test]
fn a_refusal_says_when_the_consent_expired_and_no_other_time() {
    let day = NOW.plus(DAY);
    let midnight = Local::utc(Time(day.0 - day.0 % DAY));
    let noon = Local::utc(midnight.at.plus(DAY / 2));
    let before = Time(midnight.at.0 - 3 * DAY);
    let (last, came) = (Time(midnight.at.0 - 1).date(), before.date());
    let event = || Expiry::Event("I move".into());
    let rows = [
        ("with a day", Expiry::On(midnight), None, format!("the consent expired with the end of {last}")),
        ("within a day", Expiry::On(noon), None, format!("the consent expired at {}", noon.exactly())),
        ("by an event before its day", Expiry::On(midnight), Some(before), format!("the consent expired on {came}")),
        ("by an event before its hour", Expiry::On(noon), Some(before), format!("the consent expired on {came}")),
        ("by its event", event(), Some(before), format!("the consent expired on {came}")),
    ];
    for (row, expiry, event, why) in rows {
        let consent = with(|c| (c.terms.expiry, c.event) = (Some(expiry), event));
        let over = decide(&consent, &there(), noon.at).expect_err("over");
        assert_eq!((over.clause, over.why), ("42 CFR 2.31(c)(1)", why), "{row}");
    }
}

#[test]
fn what_is_shown_of_a_part_has_no_end() {
    let scope = signed().scope_for(CLINIC).expect("whole");
    let sealed = decide(Basis::Scope(&scope, &[]), &there(), NOW).expect("permitted");
    assert_eq!(sealed.expires(), Some(NOW.plus(90 * DAY)));
    let shown = decide(Basis::Scope(&scope, &[]), &asked(|a| a.action = Action::Show), NOW).expect("permitted");
    assert_eq!(shown.expires(), None);
}

#[test]
fn of_versions_that_were_signed_apart_the_earliest_end_goes_with_the_permit_in_either_order() {
    for days in [[60, 300], [300, 60]] {
        let first = signed();
        let apart = days.map(|days| {
            let mut draft = first.amend();
            draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(days * DAY))));
            Consent::Signed(signed_from(draft))
        });
        let permit = decide(Basis::Versions(&apart), &there(), NOW).expect("both stand");
        assert_eq!(permit.expires(), Some(NOW.plus(60 * DAY)), "{days:?}");
    }
}

#[test]
fn a_consent_is_called_by_where_it_stands() {
    let end = NOW.plus(90 * DAY);
    let rows = [
        (Consent::Draft(draft()), NOW, "draft"),
        (Consent::Signed(signed()), Time(end.0 - 1), "signed"),
        (Consent::Signed(signed()), end, "expired"),
        (revoked(), end, "revoked"),
        (void(), end, "void"),
    ];
    for (consent, now, word) in rows {
        assert_eq!(consent.state(now), word);
    }
}
