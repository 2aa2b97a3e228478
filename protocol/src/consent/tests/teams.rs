//! Who of a team gets a place in the space of which kind: whom the consent names for it, and nobody else.

use super::*;
use crate::referral::outside_id;
use proptest::prelude::*;

const ALL: [OrgId; 3] = [HOSPITAL, CLINIC, SHELTER];
const PEERS: OrgId = OrgId([4; 32]);

fn flow(from: OrgId, to: OrgId, information: Information) -> Flow {
    Flow { from, to, information, purpose: Purpose::Treatment }
}

fn kind_of(org: OrgId) -> PartnerKind {
    match org {
        HOSPITAL => PartnerKind::CoveredEntity,
        CLINIC => PartnerKind::Part2Program,
        _ => PartnerKind::NonCoveredCbo,
    }
}

/// Hospital, clinic and shelter: all share the referral and who the person is; the clinic the medication, the shelter the needs.
fn shared() -> Vec<Flow> {
    let pairs = |kind: Information, among: &[OrgId]| {
        let ways = among.iter().flat_map(|from| among.iter().map(move |to| (*from, *to)));
        ways.filter(|(from, to)| from != to).map(|(from, to)| flow(from, to, kind)).collect::<Vec<_>>()
    };
    [
        pairs(Information::Referral, &ALL),
        pairs(Information::Identity, &ALL),
        pairs(Information::Medication, &[HOSPITAL, CLINIC]),
        pairs(Information::Social, &[HOSPITAL, SHELTER]),
    ]
    .concat()
}

fn draft_of(flows: Vec<Flow>) -> Draft {
    let mut draft = draft();
    let parties: Vec<Party> = [HOSPITAL, CLINIC, SHELTER, PEERS].map(|org| party(org, kind_of(org))).to_vec();
    let person = draft.terms.person.clone();
    draft.terms = Terms::of(Class::General, Signer::Person, person, &parties, flows);
    draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(90 * DAY))));
    draft.terms.team = ALL.to_vec();
    draft
}

fn team() -> Signed {
    signed_from(draft_of(shared()))
}

fn seated(consent: &Signed, information: Information) -> Vec<(OrgId, bool)> {
    let versions = [Consent::Signed(consent.clone())];
    let seats = seats(&versions, (HOSPITAL, None), information, Action::Grant, NOW);
    seats.iter().map(|seat| (seat.permit.to(), seat.write)).collect()
}

#[test]
fn whom_the_consent_names_for_a_kind_reads_its_space_and_nobody_else_does() {
    let consent = team();
    assert_eq!(seated(&consent, Information::Referral), [(CLINIC, true), (SHELTER, true)]);
    assert_eq!(seated(&consent, Information::Medication), [(CLINIC, true)]);
    assert_eq!(seated(&consent, Information::Social), [(SHELTER, true)]);
    assert_eq!(seated(&consent, Information::Crisis), []);
    let versions = [Consent::Signed(consent)];
    let by_clinic = seats(&versions, (CLINIC, None), Information::Medication, Action::Grant, NOW);
    assert_eq!(by_clinic.iter().map(|seat| seat.permit.to()).collect::<Vec<_>>(), [HOSPITAL], "whoever sends");
    assert!(seats(&versions, (PEERS, None), Information::Referral, Action::Grant, NOW).is_empty(), "not of the team");
}

#[test]
fn who_would_read_is_asked_of_a_draft_as_after_its_signature_and_the_form_names_who_is_in_already() {
    let before = team();
    let mut draft = before.amend();
    draft.terms.flows.extend([flow(HOSPITAL, SHELTER, Information::Medication)]);
    draft.terms.flows.extend([flow(CLINIC, SHELTER, Information::Crisis)]);
    for org in ALL {
        draft.terms.flows.extend([flow(org, PEERS, Information::Referral), flow(PEERS, org, Information::Referral)]);
    }
    draft.terms.flows.push(flow(HOSPITAL, PEERS, Information::Social));
    draft.terms.team.push(PEERS);
    draft.terms.follow_flows(&[HOSPITAL, CLINIC, SHELTER, PEERS].map(|org| party(org, kind_of(org))));
    let versions = [Consent::Signed(before.clone())];
    let would = |kind| would_read(&versions, &draft, (HOSPITAL, None), kind, NOW);
    assert_eq!(would(Information::Medication), [CLINIC, SHELTER]);
    assert_eq!(would(Information::Social), [SHELTER, PEERS]);
    assert_eq!(would(Information::Crisis), [], "the sender shares none, so that there is no space of it (2.31(a)(2))");
    let late = NOW.plus(91 * DAY);
    assert!(would_read(&versions, &draft, (HOSPITAL, None), Information::Referral, late).is_empty(), "2.31(c)(1)");
    let newly = newly_read(&before.standing(), &draft.terms, HOSPITAL);
    assert_eq!(newly, [(SHELTER, vec![Information::Medication])], "the peers come: the form says that apart");
}

#[test]
fn a_kind_of_which_the_sender_tells_nobody_has_no_space_and_is_named() {
    let mut draft = draft_of(shared());
    assert!(unshared(&draft.terms, HOSPITAL).is_empty());
    draft
        .terms
        .flows
        .extend([flow(CLINIC, SHELTER, Information::Crisis), flow(SHELTER, HOSPITAL, Information::Clinical)]);
    draft.terms.flows.push(flow(CLINIC, PEERS, Information::Medication));
    assert_eq!(unshared(&draft.terms, HOSPITAL), [Information::Clinical, Information::Crisis]);
    draft.terms.follow_flows(&[HOSPITAL, CLINIC, SHELTER, PEERS].map(|org| party(org, kind_of(org))));
    let consent = signed_from(draft.clone());
    assert_eq!(seated(&consent, Information::Medication), [(CLINIC, true)]);
    for kind in unshared(&draft.terms, HOSPITAL) {
        assert_eq!(seated(&consent, kind), [], "{kind:?}: 42 CFR 2.31(a)(2), by the sender");
    }
    let only = |from, to, purpose| {
        let mut draft = draft_of(shared());
        draft.terms.flows.push(Flow { purpose, ..flow(from, to, Information::Crisis) });
        unshared(&draft.terms, HOSPITAL)
    };
    assert_eq!(only(CLINIC, SHELTER, Purpose::Treatment), [Information::Crisis]);
    assert_eq!(only(CLINIC, PEERS, Purpose::Treatment), [], "out of the team");
    assert_eq!(only(PEERS, CLINIC, Purpose::Treatment), [], "from out of the team");
    assert_eq!(only(CLINIC, SHELTER, Purpose::Emergency), [], "what is placed is not told");
    draft.terms.team.clear();
    assert!(unshared(&draft.terms, HOSPITAL).is_empty(), "without a team each is a referral of its own");
}

#[test]
fn for_a_purpose_that_staff_chose_those_alone_are_told_whom_the_consent_names_for_it() {
    let payment = |to| Flow { purpose: Purpose::Payment, ..flow(HOSPITAL, to, Information::Referral) };
    let consent = signed_from(draft_of([shared(), vec![payment(CLINIC)]].concat()));
    let versions = [Consent::Signed(consent)];
    let told = |why: &Purpose| {
        let seats = seats(&versions, (HOSPITAL, Some(why)), Information::Referral, Action::Seal, NOW);
        seats.iter().map(|seat| (seat.permit.to(), seat.permit.purpose().clone())).collect::<Vec<_>>()
    };
    let treatment = Purpose::Treatment;
    assert_eq!(told(&treatment), [(CLINIC, treatment.clone()), (SHELTER, treatment.clone())]);
    assert_eq!(told(&Purpose::Payment), [(CLINIC, Purpose::Payment)], "42 CFR 2.31(a)(5)");
    assert_eq!(told(&Purpose::Operations), []);
    let identity = seats(&versions, (HOSPITAL, Some(&Purpose::Payment)), Information::Identity, Action::Seal, NOW);
    assert!(identity.is_empty(), "for payment nobody is told who the person is");
}

#[test]
fn a_team_has_as_many_members_as_may_be_and_no_more() {
    let of = |members: usize| {
        let mut draft = draft_of(shared());
        draft.terms.team = (0..members).map(|n| OrgId([10 + u8::try_from(n).unwrap(); 32])).collect();
        draft.terms.check()
    };
    of(crate::limits::TEAM_MEMBERS).unwrap();
    assert!(of(crate::limits::TEAM_MEMBERS + 1).is_err());
}

#[test]
fn who_is_taken_out_loses_every_place_and_the_others_keep_theirs() {
    let mut consent = team();
    consent.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    assert_eq!(seated(&consent, Information::Referral), [(SHELTER, true)]);
    assert_eq!(seated(&consent, Information::Medication), []);
    assert_eq!(consent.standing().team, [HOSPITAL, SHELTER]);
    let late = NOW.plus(91 * DAY);
    let versions = [Consent::Signed(team())];
    assert!(
        seats(&versions, (HOSPITAL, None), Information::Referral, Action::Grant, late).is_empty(),
        "it has run out"
    );
}

#[test]
fn who_may_not_tell_all_who_read_a_space_reads_there_and_does_not_write() {
    let mut flows = shared();
    flows.retain(|f| (f.from, f.to, f.information) != (SHELTER, CLINIC, Information::Identity));
    let consent = signed_from(draft_of(flows));
    assert_eq!(seated(&consent, Information::Identity), [(CLINIC, true), (SHELTER, false)]);
}

#[test]
fn what_the_person_asked_to_leave_out_takes_a_place_away() {
    let mut consent = team();
    consent.restricted.push(Restriction {
        asked: "not to the shelter who I am".into(),
        of: HOSPITAL,
        to: Some(SHELTER),
        information: vec![Information::Identity],
        paid_in_full: false,
        answer: Answered::Agreed,
        by: by(),
        at: NOW,
    });
    assert_eq!(seated(&consent, Information::Identity), [(CLINIC, true)]);
    assert_eq!(seated(&consent, Information::Referral), [(CLINIC, true), (SHELTER, true)]);
}

#[test]
fn who_is_not_to_be_told_of_the_referral_reads_no_other_kind_in_its_thread() {
    let mut consent = team();
    consent.restricted.push(Restriction {
        asked: "not to the shelter where I go".into(),
        of: HOSPITAL,
        to: Some(SHELTER),
        information: vec![Information::Referral],
        paid_in_full: false,
        answer: Answered::Agreed,
        by: by(),
        at: NOW,
    });
    assert_eq!(seated(&consent, Information::Referral), [(CLINIC, true)]);
    assert_eq!(seated(&consent, Information::Social), [], "its notice names who was referred to");
}

#[test]
fn a_team_is_refused_that_nobody_may_be_in() {
    type Change = fn(&mut Draft);
    let rows: [(&str, Change, &str); 7] = [
        ("whole", |_| {}, ""),
        ("police", |d| rekind(d, PartnerKind::LawEnforcement), "42 CFR 2.31(a)(4)"),
        ("jail", |d| rekind(d, PartnerKind::CriminalJustice), "42 CFR 2.35"),
        ("no party", |d| d.terms.team.push(PEERS), "42 CFR 2.31(a)(4)"),
        ("one way only", |d| d.terms.flows.retain(|f| (f.from, f.to) != (SHELTER, CLINIC)), "42 CFR 2.31(a)(4)"),
        ("off the network", outside, "42 CFR 2.31(a)(4)"),
        (
            "class",
            |d| {
                (d.terms.class, d.terms.purposes) = (Class::Proceedings, vec![Purpose::Proceedings]);
                d.terms.proceeding = Some("custody hearing".into());
            },
            "42 CFR 2.31(d)",
        ),
    ];
    for (name, change, clause) in rows {
        let mut draft = draft_of(shared());
        change(&mut draft);
        assert_eq!(draft.missing().map_or("", |refusal| refusal.clause), clause, "{name}");
    }
}

fn rekind(draft: &mut Draft, kind: PartnerKind) {
    let terms = &mut draft.terms;
    terms.disclosers.iter_mut().chain(&mut terms.recipients).filter(|p| p.org == SHELTER).for_each(|p| p.kind = kind);
}

fn outside(draft: &mut Draft) {
    let away = outside_id([7; 32]);
    let terms = &mut draft.terms;
    terms.disclosers.iter_mut().chain(&mut terms.recipients).filter(|p| p.org == SHELTER).for_each(|p| p.org = away);
    terms.flows.iter_mut().for_each(|f| {
        for end in [&mut f.from, &mut f.to] {
            if *end == SHELTER {
                *end = away;
            }
        }
    });
    terms.team = vec![HOSPITAL, CLINIC, away];
}

#[test]
fn what_all_who_read_a_space_are_told_speaks_of_that_kind_and_of_them() {
    let mut flows = shared();
    flows.push(flow(HOSPITAL, PEERS, Information::Social));
    let consent = signed_from(draft_of(flows));
    let versions = [Consent::Signed(consent.clone())];
    let medication =
        team_part(&versions, (HOSPITAL, CLINIC, None), Information::Medication, NOW).expect("the clinic's");
    assert_eq!(medication.team, [HOSPITAL, CLINIC]);
    assert!(medication.flows.iter().all(|f| f.information == Information::Medication));
    assert!(medication.party(SHELTER).is_none(), "the shelter has no part in it");
    assert!(medication.tells_team(CLINIC, Information::Medication) && medication.check().is_ok());
    let social = team_part(&versions, (HOSPITAL, CLINIC, None), Information::Social, NOW).expect("the shelter's");
    assert!(social.party(PEERS).is_none(), "who is not in the team is not named to it");
    assert!(social.party(CLINIC).is_some(), "who was referred to is known to all");
    assert!(!social.tells_team(CLINIC, Information::Social));
    assert!(medication.consent == social.consent && medication.consent != part_id(consent.id, CLINIC));
    let refused = team_part(&versions, (HOSPITAL, CLINIC, None), Information::Crisis, NOW).expect_err("nobody's");
    assert_eq!(refused.clause, "42 CFR 2.31(a)(4)");
}

#[test]
fn a_scope_that_speaks_of_others_than_the_readers_of_its_space_is_refused() {
    let versions = [Consent::Signed(team())];
    let whole = team_part(&versions, (HOSPITAL, CLINIC, None), Information::Medication, NOW).expect("whole");
    let with = |change: fn(&mut Scope)| {
        let mut scope = whole.clone();
        change(&mut scope);
        scope.check()
    };
    assert!(with(|_| {}).is_ok());
    assert!(with(|s| s.flows.push(flow(HOSPITAL, SHELTER, Information::Medication))).is_err());
    assert!(with(|s| s.parties.push(party(SHELTER, PartnerKind::NonCoveredCbo))).is_err());
    assert!(with(|s| s.team.reverse()).is_err());
    assert!(with(|s| s.team.push(CLINIC)).is_err());
}

#[test]
fn an_amendment_says_who_comes_to_the_team_and_who_leaves_it() {
    let before = team();
    let mut after = before.standing();
    after.flows.retain(|f| f.from != SHELTER && f.to != SHELTER);
    after.follow_flows(&before.terms.parties().into_iter().cloned().collect::<Vec<_>>());
    assert_eq!(after.team, [HOSPITAL, CLINIC], "who is named no more is in no team");
    let changes = Changes::between(&before.terms, &after);
    assert!(changes.parted == [SHELTER] && changes.teamed.is_empty() && changes.narrows());
    assert_eq!(changes.applied(&before.terms).team, after.team);
    let back = Changes::between(&after, &before.terms);
    assert_eq!((back.teamed.as_slice(), back.applied(&after).team), ([SHELTER].as_slice(), ALL.to_vec()));
}

#[test]
fn what_was_shut_for_one_of_a_team_stays_shut_in_the_thread() {
    let first = team();
    let mut second = first.amend();
    second.terms.flows.retain(|f| (f.to, f.information) != (SHELTER, Information::Identity));
    second.terms.follow_flows(&first.terms.parties().into_iter().cloned().collect::<Vec<_>>());
    let second = signed_from(second);
    let mut third = second.amend();
    third.terms.flows = first.terms.flows.clone();
    let third = signed_from(third);
    let versions = [first, second, third].map(Consent::Signed);
    let seats = seats(&versions, (HOSPITAL, None), Information::Identity, Action::Grant, NOW);
    assert_eq!(seats.iter().map(|seat| seat.permit.to()).collect::<Vec<_>>(), [CLINIC]);
}

proptest! {
    #[test]
    fn no_space_of_a_team_opens_for_who_is_not_named_for_its_kind(
        dropped in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
        gone in prop::option::of(prop::sample::select(vec![CLINIC, SHELTER])),
        out in prop::option::of(prop::sample::select(vec![CLINIC, SHELTER])),
    ) {
        let mut flows = shared();
        for index in dropped {
            // The ways by which they are a team stay.
            let at = index.index(flows.len());
            if flows.get(at).is_some_and(|f| f.information != Information::Referral) {
                flows.remove(at);
            }
        }
        let mut consent = signed_from(draft_of(flows.clone()));
        if let Some(gone) = gone {
            consent.withdraw(gone, Told::Written, by(), NOW).expect("named");
        }
        if let Some(to) = out {
            consent.restricted.push(Restriction {
                asked: "not that".into(), of: HOSPITAL, to: Some(to), information: vec![Information::Social],
                paid_in_full: false, answer: Answered::Agreed, by: by(), at: NOW,
            });
        }
        let may = |from: OrgId, to: OrgId, kind: Information| {
            flows.contains(&flow(from, to, kind))
                && gone != Some(from) && gone != Some(to)
                && !(out == Some(to) && kind == Information::Social)
        };
        for kind in Information::ALL {
            let seats = seated(&consent, kind);
            let readers: Vec<OrgId> = seats.iter().map(|(org, _)| *org).collect();
            for org in [CLINIC, SHELTER] {
                prop_assert_eq!(readers.contains(&org), may(HOSPITAL, org, kind), "{:?} {}", org, kind);
            }
            for (org, write) in &seats {
                let all = readers.iter().chain([&HOSPITAL]).filter(|to| *to != org);
                prop_assert_eq!(*write, all.clone().all(|to| may(*org, *to, kind)));
            }
            let versions = [Consent::Signed(consent.clone())];
            if let Ok(part) = team_part(&versions, (HOSPITAL, CLINIC, None), kind, NOW) {
                prop_assert!(part.check().is_ok());
                prop_assert!(part.flows.iter().all(|f| may(f.from, f.to, f.information) && f.information == kind));
            } else {
                prop_assert!(readers.is_empty());
            }
        }
    }
}

#[test]
fn who_is_not_of_the_team_has_no_place_whatever_it_may_be_told_and_who_sends_has_none_beside_itself() {
    let mut draft = draft_of(shared());
    draft
        .terms
        .flows
        .extend([flow(PEERS, HOSPITAL, Information::Referral), flow(HOSPITAL, PEERS, Information::Referral)]);
    draft.terms.follow_flows(&[HOSPITAL, CLINIC, SHELTER, PEERS].map(|org| party(org, kind_of(org))));
    let versions = [Consent::Signed(signed_from(draft))];
    let seated = |sender, action| {
        let seats = seats(&versions, (sender, None), Information::Referral, action, NOW);
        seats.iter().map(|seat| seat.permit.to()).collect::<Vec<_>>()
    };
    assert_eq!(seated(PEERS, Action::Grant), [], "it sends under that consent, and not to the team");
    assert_eq!(seated(HOSPITAL, Action::Grant), [CLINIC, SHELTER]);
    assert_eq!(seated(HOSPITAL, Action::Show), [CLINIC, SHELTER]);
    assert!(seats(&[], (HOSPITAL, None), Information::Referral, Action::Grant, NOW).is_empty(), "no consent");
}

#[test]
fn of_versions_that_were_signed_apart_all_must_have_it_in_the_team() {
    let first = team();
    let apart = |change: &dyn Fn(&mut Terms)| {
        let mut draft = first.amend();
        change(&mut draft.terms);
        signed_from(draft)
    };
    let smaller = apart(&|terms| terms.team.retain(|org| *org != SHELTER));
    let later = apart(&|terms| terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(80 * DAY)))));
    for pair in [[smaller.clone(), later.clone()], [later, smaller]] {
        let versions = pair.map(Consent::Signed);
        let seats = seats(&versions, (HOSPITAL, None), Information::Referral, Action::Grant, NOW);
        assert_eq!(seats.iter().map(|seat| seat.permit.to()).collect::<Vec<_>>(), [CLINIC]);
    }
}

#[test]
fn who_is_let_in_by_the_version_that_opens_the_way_would_read_though_it_was_to_be_left_out_before() {
    let mut before = team();
    before.restricted.push(Restriction { to: Some(SHELTER), information: vec![Information::Medication], ..not_told() });
    let mut draft = before.amend();
    draft.terms.flows.push(flow(HOSPITAL, SHELTER, Information::Medication));
    draft.terms.follow_flows(&ALL.map(|org| party(org, kind_of(org))));
    let would = |draft: &Draft| {
        let versions = [Consent::Signed(before.clone())];
        would_read(&versions, draft, (HOSPITAL, None), Information::Medication, NOW)
    };
    assert_eq!(would(&draft), [CLINIC], "it was agreed to");
    draft.terms.restrictions.clear();
    assert_eq!(would(&draft), [CLINIC, SHELTER], "this form lets it in again");
}
