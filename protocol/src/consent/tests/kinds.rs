//! The decision table goes on: classes, partner kinds, what needs no consent, what a recipient may pass on.

mod left_out;
mod onward;
mod ties;

use super::*;

const COURT: OrgId = OrgId([4; 32]);
const PLAN: OrgId = OrgId([5; 32]);

fn named(org: OrgId, name: &str, kind: PartnerKind) -> Party {
    Party { org, name: name.to_owned(), kind }
}

/// From `from` to the clinic and back, signed.
fn between(from: PartnerKind, to: PartnerKind, purpose: &Purpose) -> Signed {
    let mut draft = Draft::between(
        ConsentId([7; 32]),
        (PersonId([8; 32]), "Zephyrine Quillfeather".into()),
        party(HOSPITAL, from),
        party(CLINIC, to),
        &[Information::Referral, Information::Medication],
        &[Information::Referral],
        purpose,
    );
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    signed_from(draft)
}

fn clause(result: Result<Permit, Refusal>) -> Result<&'static str, &'static str> {
    result.map(|p| p.clause()).map_err(|r| r.clause)
}

fn seal(from: OrgId, to: OrgId, information: Information, purpose: Purpose) -> Ask {
    Ask { from, to, information, purpose, action: Action::Seal }
}

/// A consent of this class, with these ways, not signed.
fn drafted(class: Class, parties: &[Party], flows: Vec<Flow>) -> Draft {
    let mut terms = Terms::of(class, Signer::Person, "Zephyrine Quillfeather".into(), parties, flows);
    terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    terms.proceeding = (class == Class::Proceedings).then(|| "custody hearing 26-118".into());
    Draft { id: ConsentId([7; 32]), version: 1, person: PersonId([8; 32]), terms, upon: Upon::default() }
}

fn flow(from: OrgId, to: OrgId, information: Information, purpose: Purpose) -> Flow {
    Flow { from, to, information, purpose }
}

fn pair() -> [Party; 2] {
    [party(HOSPITAL, PartnerKind::Part2Program), party(CLINIC, PartnerKind::Part2Program)]
}

fn supervised(revocable: Moment, disposition: Moment) -> Draft {
    let parties = [party(CLINIC, PartnerKind::Part2Program), named(COURT, "Drug Court", PartnerKind::CriminalJustice)];
    let flows = vec![flow(CLINIC, COURT, Information::Referral, Purpose::Supervision)];
    let mut draft = drafted(Class::CriminalJustice, &parties, flows);
    draft.terms.supervision = Some(Supervision { matter: "probation of 2026".into(), revocable, disposition });
    draft
}

#[test]
fn each_sender_is_under_the_law_of_its_own_records() {
    let rows = [
        ("a Part 2 program", PartnerKind::Part2Program, Purpose::Treatment, "42 CFR 2.33(a)"),
        ("one that is covered too", PartnerKind::CoveredProgram, Purpose::Treatment, "42 CFR 2.33(a)"),
        ("a hospital, its own record", PartnerKind::CoveredEntity, Purpose::Treatment, "45 CFR 164.506(c)"),
        ("a health plan, to pay", PartnerKind::HealthPlan, Purpose::Payment, "45 CFR 164.506(c)"),
        ("a business associate", PartnerKind::BusinessAssociate, Purpose::Operations, "45 CFR 164.506(c)"),
        ("a hospital, because the person asks", PartnerKind::CoveredEntity, Purpose::AtRequest, "45 CFR 164.508"),
        ("a shelter", PartnerKind::NonCoveredCbo, Purpose::Treatment, "42 CFR 2.12(a)"),
        ("a jail", PartnerKind::CriminalJustice, Purpose::Treatment, "42 CFR 2.12(a)"),
        ("police", PartnerKind::LawEnforcement, Purpose::Treatment, "42 CFR 2.12(a)"),
        ("child welfare", PartnerKind::ChildWelfare, Purpose::Treatment, "42 CFR 2.12(a)"),
    ];
    for (row, kind, purpose, expected) in rows {
        let consent = Consent::Signed(between(kind, PartnerKind::Part2Program, &purpose));
        let ask = seal(HOSPITAL, CLINIC, Information::Referral, purpose);
        assert_eq!(clause(decide(&consent, &ask, NOW)), Ok(expected), "{row}");
        // A thread rests on the consent all the same.
        let late = decide(&consent, &ask, NOW.plus(90 * DAY)).expect_err(row);
        assert_eq!(late.clause, "42 CFR 2.31(c)(1)", "{row}");
        let other_way = late.next.contains("164.506(c)");
        assert_eq!(other_way, expected == "45 CFR 164.506(c)", "{row}: {late}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_may_not_be_combined_is_refused_with_its_clause() {
    use Information as I;
    let to = |information, purpose| flow(HOSPITAL, CLINIC, information, purpose);
    let rows: Vec<(&str, Class, Vec<Flow>, Option<&str>)> = vec![
        ("general", Class::General, vec![to(I::Referral, Purpose::Treatment)], None),
        ("single TPO", Class::Tpo, vec![to(I::Referral, Purpose::Tpo)], None),
        (
            "TPO and another purpose",
            Class::Tpo,
            vec![to(I::Referral, Purpose::Tpo), to(I::Social, Purpose::Other("housing".into()))],
            Some("42 CFR 2.31(a)(5)(ii)"),
        ),
        ("counselling notes alone", Class::Counselling, vec![to(I::Counselling, Purpose::Treatment)], None),
        (
            "counselling notes among others",
            Class::General,
            vec![to(I::Referral, Purpose::Treatment), to(I::Counselling, Purpose::Treatment)],
            Some("42 CFR 2.31(b)"),
        ),
        (
            "others among counselling notes",
            Class::Counselling,
            vec![to(I::Clinical, Purpose::Treatment), to(I::Counselling, Purpose::Treatment)],
            Some("42 CFR 2.31(b)"),
        ),
        (
            "counselling notes by TPO",
            Class::Counselling,
            vec![to(I::Counselling, Purpose::Tpo)],
            Some("42 CFR 2.31(b)"),
        ),
        (
            "counselling notes in a proceeding",
            Class::Proceedings,
            vec![to(I::Clinical, Purpose::Proceedings), to(I::Counselling, Purpose::Proceedings)],
            Some("42 CFR 2.31(b)"),
        ),
        (
            "counselling notes alone in a proceeding",
            Class::Proceedings,
            vec![to(I::Counselling, Purpose::Proceedings)],
            Some("42 CFR 2.31(b)"),
        ),
        ("a proceeding alone", Class::Proceedings, vec![to(I::Clinical, Purpose::Proceedings)], None),
        (
            "a proceeding and treatment",
            Class::Proceedings,
            vec![to(I::Clinical, Purpose::Proceedings), to(I::Referral, Purpose::Treatment)],
            Some("42 CFR 2.31(d)"),
        ),
        (
            "a proceeding in a general consent",
            Class::General,
            vec![to(I::Clinical, Purpose::Proceedings)],
            Some("42 CFR 2.31(d)"),
        ),
        (
            "supervision in a general consent",
            Class::General,
            vec![to(I::Referral, Purpose::Supervision)],
            Some("42 CFR 2.35"),
        ),
        ("an inquiry", Class::General, vec![to(I::Inquiry, Purpose::Treatment)], Some("45 CFR 164.514(b)")),
    ];
    for (row, class, flows, expected) in rows {
        let draft = drafted(class, &pair(), flows);
        assert_eq!(draft.missing().map(|r| r.clause), expected, "{row}");
        let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
        let signed = draft.sign(signature, Some(NOW), by(), NOW);
        assert_eq!(signed.err().map(|r| r.clause), expected, "{row}, when it is signed");
    }
}

#[test]
fn a_consent_for_criminal_justice_says_what_2_35_asks_and_is_revoked_by_its_own_rule() {
    let day = |days| Moment::On(Local::utc(NOW.plus(days * DAY)));
    assert_eq!(supervised(day(30), day(60)).missing(), None);
    assert_eq!(supervised(day(61), day(60)).missing().expect("too late").clause, "42 CFR 2.35(c)");
    let mut draft = supervised(day(30), day(60));
    draft.terms.supervision = None;
    assert_eq!(draft.missing().expect("which matter").clause, "42 CFR 2.35(c)");
    let mut draft = supervised(day(30), day(60));
    draft.terms.expiry = Some(Expiry::Never);
    assert_eq!(draft.missing().expect("how long").element, Some(Element::Expiry));

    let signed = signed_from(supervised(day(30), day(60)));
    let report = seal(CLINIC, COURT, Information::Referral, Purpose::Supervision);
    assert_eq!(clause(decide(&Consent::Signed(signed.clone()), &report, NOW)), Ok("42 CFR 2.33(a)"));
    let early = signed.clone().revoke(Told::Written, by(), NOW).expect_err("not yet");
    assert_eq!(early.clause, "42 CFR 2.35(c)");
    assert!(signed.clone().withdraw(COURT, Told::Spoken, by(), NOW).is_err());
    assert!(signed.revoke(Told::Written, by(), NOW.plus(30 * DAY)).is_ok());
    // By an event, and in any case at the final disposition.
    let mut by_event = signed_from(supervised(Moment::When("I finish level one".into()), day(60)));
    assert!(by_event.revocable(NOW.plus(59 * DAY)).is_err());
    assert!(by_event.revocable(NOW.plus(60 * DAY)).is_ok());
    by_event.revocable = Some(NOW.plus(DAY));
    assert!(by_event.revocable(NOW.plus(DAY)).is_ok());
}

#[test]
fn a_consent_that_is_not_for_criminal_justice_is_revoked_at_any_time() {
    let day = |days| Moment::On(Local::utc(NOW.plus(days * DAY)));
    let late = Some(Supervision { matter: "probation".into(), revocable: day(900), disposition: day(1_300) });
    for class in [Class::General, Class::Tpo, Class::Counselling, Class::Proceedings] {
        let (information, purpose) = match class {
            Class::Tpo => (Information::Referral, Purpose::Tpo),
            Class::Counselling => (Information::Counselling, Purpose::Treatment),
            Class::Proceedings => (Information::Clinical, Purpose::Proceedings),
            Class::General | Class::CriminalJustice => (Information::Referral, Purpose::Treatment),
        };
        let mut draft = drafted(class, &pair(), vec![flow(HOSPITAL, CLINIC, information, purpose)]);
        let whole = draft.clone();
        draft.terms.supervision.clone_from(&late);
        assert_eq!(draft.missing().map(|r| r.clause), Some("42 CFR 2.31(a)(6)"), "{class}");
        // Also where it was signed somewhere that did not ask.
        let mut signed = signed_from(whole);
        signed.terms.supervision.clone_from(&late);
        assert!(signed.clone().withdraw(CLINIC, Told::Spoken, by(), NOW).is_ok(), "{class}");
        assert!(signed.revoke(Told::Spoken, by(), NOW).is_ok(), "{class}");
    }
}

#[test]
fn a_consent_for_a_proceeding_says_which_and_its_recipient_reads_it() {
    let told = vec![flow(HOSPITAL, CLINIC, Information::Clinical, Purpose::Proceedings)];
    let mut draft = drafted(Class::Proceedings, &pair(), told.clone());
    let scope = signed_from(draft.clone()).scope_for(CLINIC).expect("whole");
    assert!(explain(&scope).contains("custody hearing 26-118"), "{}", explain(&scope));
    for none in [None, Some(Personal::from("  "))] {
        draft.terms.proceeding = none;
        assert_eq!(draft.missing().map(|r| r.clause), Some("42 CFR 2.31(d)"));
    }
    // Nor does another consent seem to be for one.
    let mut other =
        drafted(Class::General, &pair(), vec![flow(HOSPITAL, CLINIC, Information::Referral, Purpose::Treatment)]);
    other.terms.proceeding = Some("custody hearing 26-118".into());
    assert_eq!(other.missing().map(|r| r.clause), Some("42 CFR 2.31(d)"));
    let (before, mut after) = (drafted(Class::Proceedings, &pair(), told).terms, other.terms);
    after.proceeding = Some("another one".into());
    assert_eq!(Changes::between(&before, &after).proceeding, after.proceeding, "it is told that it is another");
}

#[test]
fn who_signs_must_fit_the_basis() {
    let sign = |signer, signature: Signature| {
        let mut draft = draft();
        draft.terms.signer = signer;
        draft.sign(signature, Some(NOW), by(), NOW).map(|_| ()).map_err(|r| r.clause)
    };
    let own = || Signature::typed("Zephyrine Quillfeather", Representation::Person);
    let other = || {
        let by = Representation::Representative { name: "Ada Quill".into(), capacity: "guardian".into() };
        Signature::typed("Ada Quill", by)
    };
    let both = || {
        let form = own().form;
        Signature { beside: Some(Beside { form, name: "Ada Quill".into(), capacity: "mother".into() }), ..own() }
    };
    let rows = [
        ("an adult", Signer::Person, own(), Ok(())),
        ("somebody for an adult", Signer::Person, other(), Err("42 CFR 2.31(a)(8)")),
        ("a minor alone", Signer::Minor, own(), Ok(())),
        ("a parent in the place of a minor who may decide", Signer::Minor, other(), Err("42 CFR 2.14(a)")),
        ("a minor where both must sign", Signer::MinorAndParent, own(), Err("42 CFR 2.14(b)")),
        ("both", Signer::MinorAndParent, both(), Ok(())),
        ("a guardian", Signer::Guardian, other(), Ok(())),
        ("a person who can not decide", Signer::Guardian, own(), Err("42 CFR 2.15(a)(1)")),
        ("the director, beyond payment", Signer::Director, other(), Err("42 CFR 2.15(a)(2)")),
        ("an adult, and somebody beside", Signer::Person, both(), Err("42 CFR 2.31(a)(8)")),
        ("a minor alone, and a parent beside", Signer::Minor, both(), Err("42 CFR 2.14(a)")),
        ("an executor", Signer::Representative, other(), Ok(())),
        ("the family", Signer::Family, other(), Ok(())),
    ];
    for (row, signer, signature, expected) in rows {
        assert_eq!(sign(signer, signature), expected, "{row}");
    }
    let parties = [party(CLINIC, PartnerKind::Part2Program), named(PLAN, "County Plan", PartnerKind::HealthPlan)];
    let flows = vec![flow(CLINIC, PLAN, Information::Referral, Purpose::Payment)];
    let mut draft = drafted(Class::General, &parties, flows);
    draft.terms.signer = Signer::Director;
    assert!(draft.clone().sign(other(), Some(NOW), by(), NOW).is_ok(), "so that a health plan pays");
    let parties = [party(CLINIC, PartnerKind::CoveredEntity), named(PLAN, "County Plan", PartnerKind::HealthPlan)];
    draft.terms.follow_flows(&parties);
    let refusal = draft.sign(other(), Some(NOW), by(), NOW).expect_err("no Part 2 program");
    assert_eq!(refusal.clause, "42 CFR 2.15(a)(2)");
}

fn restriction(to: Option<OrgId>, information: &[Information], answer: Answered) -> Restriction {
    let asked = "not to tell them about my tablets".into();
    Restriction {
        asked,
        of: HOSPITAL,
        to,
        information: information.to_vec(),
        paid_in_full: false,
        answer,
        by: by(),
        at: NOW,
    }
}

#[test]
fn a_restriction_that_was_agreed_to_holds_and_one_that_was_not_does_not() {
    let with = |answer| {
        let mut signed = between(PartnerKind::Part2Program, PartnerKind::CoveredEntity, &Purpose::Tpo);
        signed.restricted.push(restriction(Some(CLINIC), &[Information::Medication], answer));
        signed
    };
    let tablets = seal(HOSPITAL, CLINIC, Information::Medication, Purpose::Treatment);
    let agreed = with(Answered::Agreed);
    assert_eq!(clause(decide(&Consent::Signed(agreed.clone()), &tablets, NOW)), Err("42 CFR 2.26"));
    let rest = seal(HOSPITAL, CLINIC, Information::Referral, Purpose::Treatment);
    assert_eq!(clause(decide(&Consent::Signed(agreed.clone()), &rest, NOW)), Ok("42 CFR 2.33(a)"));
    let scope = agreed.scope_for(CLINIC).expect("whole");
    assert!(!scope.opens(HOSPITAL, CLINIC, Information::Medication), "the recipient is not told of it either");
    let refused = with(Answered::Refused("the clinic must know the dose".into()));
    assert_eq!(clause(decide(&Consent::Signed(refused), &tablets, NOW)), Ok("42 CFR 2.33(a)"));
}

#[test]
fn a_restriction_stands_against_whom_it_names_and_of_the_kinds_that_it_names() {
    let out = |to, kinds: &[Information]| restriction(to, kinds, Answered::Agreed);
    let tablets = &[Information::Medication][..];
    let (medication, social) = (Information::Medication, Information::Social);
    let rows = [
        ("whom it names", out(Some(CLINIC), &[]), CLINIC, social, true),
        ("another", out(Some(CLINIC), &[]), SHELTER, social, false),
        ("nobody: the clinic", out(None, &[]), CLINIC, social, true),
        ("nobody, but who was asked", out(None, &[]), HOSPITAL, social, false),
        ("its kind", out(Some(CLINIC), tablets), CLINIC, medication, true),
        ("another kind", out(Some(CLINIC), tablets), CLINIC, social, false),
        ("not agreed to", restriction(None, &[], Answered::Refused("we must".into())), CLINIC, social, false),
    ];
    for (row, restriction, to, information, forbids) in rows {
        assert_eq!(restriction.forbids(to, information), forbids, "{row}");
    }
}

#[test]
fn a_health_plan_is_not_told_of_what_was_paid_in_full_if_the_person_asks() {
    let (clinic, plan) =
        (party(CLINIC, PartnerKind::Part2Program), named(PLAN, "County Plan", PartnerKind::HealthPlan));
    let parties = [&clinic, &plan];
    let no = || Answered::Refused("we always bill".into());
    let paid = |to, answer| Restriction { paid_in_full: true, ..restriction(to, &[], answer) };
    let answerable = |one: &Restriction, parties: &[&Party]| one.answerable(one.spares_a_plan(parties));
    assert_eq!(answerable(&paid(Some(PLAN), no()), &parties).expect_err("must agree").clause, "42 CFR 2.26(a)(6)");
    assert!(answerable(&paid(Some(PLAN), Answered::Agreed), &parties).is_ok());
    assert!(answerable(&paid(Some(CLINIC), no()), &parties).is_ok(), "a clinic is no health plan");
    assert!(answerable(&restriction(Some(PLAN), &[], no()), &parties).is_ok(), "it was not paid in full");
    assert!(answerable(&paid(None, no()), &parties).is_err(), "nobody is to be told, a health plan among them");
    assert!(answerable(&paid(None, no()), &[&clinic]).is_ok(), "the consent names no health plan");
    let silent = restriction(Some(CLINIC), &[], Answered::Refused(" ".into()));
    assert_eq!(answerable(&silent, &parties).expect_err("a reason").clause, "42 CFR 2.26");
}

#[test]
fn an_inquiry_names_nobody_and_needs_no_consent() {
    let ask = |information| seal(HOSPITAL, CLINIC, information, Purpose::Treatment);
    assert_eq!(clause(decide(Basis::Inquiry, &ask(Information::Inquiry), NOW)), Ok("45 CFR 164.514(b)"));
    assert_eq!(clause(decide(Basis::Inquiry, &ask(Information::Identity), NOW)), Err("42 CFR 2.13(a)"));
    assert_eq!(clause(decide(Basis::Inquiry, &ask(Information::Referral), NOW)), Err("42 CFR 2.13(a)"));
    // Nothing that rests on something else goes as one.
    let consent = Consent::Signed(signed());
    let scope = signed().scope_for(CLINIC).expect("whole");
    let onward = Onward { to: party(CLINIC, PartnerKind::CoveredEntity), contract: true, shut: None };
    let bases = [
        Basis::Consent(&consent),
        Basis::Versions(std::slice::from_ref(&consent)),
        Basis::Scope(&scope, &[]),
        Basis::Withdrawn(&scope, Shut::TakenBack(NOW)),
        Basis::Onward(&scope, &onward, &[]),
    ];
    for basis in bases {
        for action in [Action::Grant, Action::Seal, Action::Export, Action::Show, Action::Place] {
            let ask = Ask { action, ..ask(Information::Inquiry) };
            assert_eq!(clause(decide(basis, &ask, NOW)), Err("45 CFR 164.514(b)"), "{basis:?} {action:?}");
        }
    }
}

#[test]
fn an_emergency_takes_its_four_facts_and_opens_what_was_placed() {
    let facts = || Facts {
        personnel: "Dr. Imre Vale".into(),
        facility: party(HOSPITAL, PartnerKind::CoveredEntity),
        discloser: "Nora Quill".into(),
        at: NOW,
        nature: "unresponsive, overdose".into(),
        unobtainable: "unresponsive".into(),
    };
    let parties = [party(CLINIC, PartnerKind::Part2Program), party(HOSPITAL, PartnerKind::CoveredEntity)];
    let flows = vec![flow(CLINIC, HOSPITAL, Information::Crisis, Purpose::Emergency)];
    let consent = signed_from(drafted(Class::General, &parties, flows));
    let scope = consent.scope_for(HOSPITAL).expect("whole");
    let place = Ask { action: Action::Place, ..seal(CLINIC, HOSPITAL, Information::Crisis, Purpose::Emergency) };
    assert_eq!(clause(decide(&Consent::Signed(consent), &place, NOW)), Ok("42 CFR 2.33(a)"), "placed in advance");
    let open = Ask { action: Action::Show, ..place.clone() };
    assert_eq!(clause(decide(Basis::Scope(&scope, &[]), &open, NOW)), Err("42 CFR 2.51"), "not without an emergency");
    let in_need = |facts: &Facts, ask: &Ask| clause(decide(Basis::Emergency(Some(&scope), facts), ask, NOW));
    assert_eq!(in_need(&facts(), &open), Ok("42 CFR 2.51(a)"));
    let without: [(&str, Facts, &str); 5] = [
        ("personnel", Facts { personnel: " ".into(), ..facts() }, "42 CFR 2.51(c)(1)"),
        ("discloser", Facts { discloser: "".into(), ..facts() }, "42 CFR 2.51(c)(2)"),
        ("time", Facts { at: Time(0), ..facts() }, "42 CFR 2.51(c)(3)"),
        ("nature", Facts { nature: "".into(), ..facts() }, "42 CFR 2.51(c)(4)"),
        (
            "no medical personnel",
            Facts { facility: party(HOSPITAL, PartnerKind::LawEnforcement), ..facts() },
            "42 CFR 2.51(a)",
        ),
    ];
    for (row, facts, expected) in without {
        assert_eq!(in_need(&facts, &open), Err(expected), "{row}");
    }
    let more = Ask { information: Information::Social, ..open.clone() };
    assert_eq!(in_need(&facts(), &more), Err("42 CFR 2.51(a)"), "only what is needed");
    let unplaced = Ask { information: Information::Medication, ..open };
    assert_eq!(in_need(&facts(), &unplaced), Err("42 CFR 2.51(a)"), "nothing of that kind was placed");
    let by_telephone = Ask { information: Information::Medication, action: Action::Export, ..place };
    assert_eq!(clause(decide(Basis::Emergency(None, &facts()), &by_telephone, NOW)), Ok("42 CFR 2.51(a)"));
}

#[test]
fn a_second_signature_is_whole_or_none_and_the_refusal_names_the_element() {
    let beside = |change: &dyn Fn(&mut Beside)| {
        let mut draft = draft();
        draft.terms.signer = Signer::MinorAndParent;
        let own = Signature::typed("Zephyrine Quillfeather", Representation::Person);
        let form = SignatureForm::Paper { reference: "folder 7".into() };
        let mut beside = Beside { form, name: "Ada Quill".into(), capacity: "mother".into() };
        change(&mut beside);
        draft.sign(Signature { beside: Some(beside), ..own }, Some(NOW), by(), NOW).map(|_| ()).map_err(|r| r.element)
    };
    assert_eq!(beside(&|_| {}), Ok(()));
    let lacking: [(&str, Change<'_, Beside>); 3] = [
        ("no name", &|b| b.name = " ".into()),
        ("no capacity", &|b| b.capacity = "".into()),
        ("no paper", &|b| b.form = SignatureForm::Paper { reference: "".into() }),
    ];
    for (row, change) in lacking {
        assert_eq!(beside(change), Err(Some(Element::Signature)), "{row}");
    }
    let mut draft = draft();
    draft.terms.signer = Signer::Guardian;
    let own = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    let refusal = draft.sign(own, Some(NOW), by(), NOW).expect_err("a guardian signs");
    assert_eq!(refusal.element, Some(Element::Signature), "whoever fills in the form finds the field");
}

#[test]
fn each_basis_of_signing_is_typed_as_it_is_shown_and_says_who_signs() {
    for signer in Signer::ALL {
        assert_eq!(signer.to_string().parse(), Ok(signer));
        assert_eq!(signer.to_string().to_uppercase().replace('_', "-").parse(), Ok(signer));
    }
    assert_eq!("parent".parse::<Signer>(), Err(NotSigner));
    assert_eq!(Signer::MinorAndParent.name(), "minor_and_parent");
    let words: std::collections::BTreeSet<&str> = Signer::ALL.into_iter().map(Signer::words).collect();
    assert_eq!(words.len(), Signer::ALL.len(), "{words:?}");
    assert_eq!(Signer::Person.words(), "the person");
}
