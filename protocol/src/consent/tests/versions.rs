//! What is written apart: any order and any duplication of the records give one answer, and of two changes the stricter holds.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// One thing that staff do at one of two nodes, or that the two hear of each other.
#[derive(Debug, Clone)]
enum Did {
    Withdraw(usize, OrgId),
    LeaveOut(usize, Information),
    Amend(usize, Change),
    Event(usize),
    Revoke(usize),
    False(usize),
    Hear(usize),
}

#[derive(Debug, Clone, Copy)]
enum Change {
    Close(Information),
    /// The clinic again, with all it had.
    Again,
    Ends(u64),
}

fn did() -> impl Strategy<Value = Did> {
    let kinds = prop::sample::select(vec![Information::Referral, Information::Identity]);
    let change =
        prop_oneof![kinds.clone().prop_map(Change::Close), Just(Change::Again), (50..400_u64).prop_map(Change::Ends)];
    prop_oneof![
        2 => (0..2_usize, prop::sample::select(vec![CLINIC, SHELTER])).prop_map(|(n, org)| Did::Withdraw(n, org)),
        2 => (0..2_usize, kinds).prop_map(|(n, kind)| Did::LeaveOut(n, kind)),
        4 => (0..2_usize, change).prop_map(|(n, change)| Did::Amend(n, change)),
        1 => (0..2_usize).prop_map(Did::Event),
        1 => (0..2_usize).prop_map(Did::Revoke),
        1 => (0..2_usize).prop_map(Did::False),
        2 => (0..2_usize).prop_map(Did::Hear),
    ]
}

fn first() -> Signed {
    let mut draft = draft();
    let shelter = party(SHELTER, PartnerKind::NonCoveredCbo);
    let parties: Vec<Party> = draft.terms.parties().into_iter().cloned().chain([shelter]).collect();
    draft.terms.flows.push(Flow {
        from: HOSPITAL,
        to: SHELTER,
        information: Information::Referral,
        purpose: Purpose::Tpo,
    });
    draft.terms.follow_flows(&parties);
    signed_from(draft)
}

fn restriction(information: Information, at: Time) -> Restriction {
    Restriction {
        asked: "leave that out".into(),
        of: HOSPITAL,
        to: Some(CLINIC),
        information: vec![information],
        paid_in_full: false,
        answer: Answered::Agreed,
        by: by(),
        at,
    }
}

/// The newest version as a node knows it, if it stands.
fn standing(records: &[Consent]) -> Option<Signed> {
    match fold(records.to_vec()).pop()? {
        Consent::Signed(signed) => Some(signed),
        Consent::Draft(_) | Consent::Revoked(_) | Consent::Void(_) => None,
    }
}

fn amended(records: &[Consent], change: Change, at: Time) -> Option<Consent> {
    let all = fold(records.to_vec());
    let heads: Vec<&Signed> = heads(&all).into_iter().filter_map(Consent::signed).collect();
    let (newest, apart) = heads.split_last()?;
    let mut draft = next(newest, apart);
    match change {
        Change::Close(kind) => draft.terms.flows.retain(|f| f.information != kind),
        Change::Again => draft.terms.flows = first().terms.flows,
        Change::Ends(days) => draft.terms.expiry = Some(Expiry::On(Local::utc(NOW.plus(days * DAY)))),
    }
    let parties: Vec<Party> = first().terms.parties().into_iter().cloned().collect();
    draft.terms.follow_flows(&parties);
    let signature = Signature::typed("Zephyrine Quillfeather", Representation::Person);
    draft.sign(signature, Some(at), by(), at).ok().map(Consent::Signed)
}

/// The records that each of the two nodes has in the end.
fn histories(all: &[Did]) -> [Vec<Consent>; 2] {
    let start = Consent::Signed(first());
    let mut nodes = [vec![start.clone()], vec![start]];
    for (second, did) in (1..).zip(all) {
        let at = NOW.plus(second);
        let said = |node: usize, say: &dyn Fn(Signed) -> Option<Consent>| standing(&nodes[node]).and_then(say);
        let (node, record) = match did {
            Did::Withdraw(node, org) => (
                *node,
                said(*node, &|mut signed| {
                    signed.withdraw(*org, Told::Spoken, by(), at).ok()?;
                    Some(Consent::Signed(signed))
                }),
            ),
            Did::LeaveOut(node, kind) => (
                *node,
                said(*node, &|mut signed| {
                    signed.restricted.push(restriction(*kind, at));
                    Some(Consent::Signed(signed))
                }),
            ),
            Did::Event(node) => (
                *node,
                said(*node, &|mut signed| {
                    signed.event = Some(at);
                    Some(Consent::Signed(signed))
                }),
            ),
            Did::Revoke(node) => {
                (*node, said(*node, &|signed| signed.revoke(Told::Spoken, by(), at).ok().map(Consent::Revoked)))
            }
            Did::False(node) => {
                let void = |signed| {
                    Some(Consent::Void(Void { signed, at, why: "not her hand".into(), by: by(), revoked: None }))
                };
                (*node, said(*node, &void))
            }
            Did::Amend(node, change) => {
                let stands = standing(&nodes[*node]).is_some_and(|s| s.expired(at).is_none());
                (*node, if stands { amended(&nodes[*node], *change, at) } else { None })
            }
            Did::Hear(node) => {
                let theirs = nodes[1 - *node].clone();
                nodes[*node].extend(theirs);
                continue;
            }
        };
        nodes[node].extend(record);
    }
    nodes
}

fn asks() -> Vec<Ask> {
    let ways = [(HOSPITAL, CLINIC), (CLINIC, HOSPITAL), (HOSPITAL, SHELTER)];
    let kinds = [Information::Referral, Information::Identity];
    ways.iter().flat_map(|(from, to)| kinds.map(|kind| ask(*from, *to, kind))).collect()
}

fn opened(consent: &Consent, ask: &Ask) -> bool {
    let way = |f: &Flow| (f.from, f.to, f.information) == (ask.from, ask.to, ask.information);
    consent.terms().flows.iter().any(way)
}

fn permitted(records: &[Consent], from: u32, ask: &Ask) -> bool {
    let versions = since(fold(records.to_vec()), from);
    decide(Basis::Versions(&versions), ask, NOW.plus(DAY)).is_ok()
}

proptest! {
    #[test]
    fn any_order_and_any_duplication_give_one_answer(
        all in prop::collection::vec(did(), 1..14),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..60),
    ) {
        let [mine, theirs] = histories(&all);
        let union: Vec<Consent> = mine.into_iter().chain(theirs).collect();
        let once = fold(union.clone());
        let mut shuffled = union;
        for (i, other) in order.iter().enumerate() {
            let (a, b) = (i % shuffled.len(), other.index(shuffled.len()));
            shuffled.swap(a, b);
            shuffled.push(shuffled[b].clone());
        }
        prop_assert_eq!(&fold(shuffled), &once);
        prop_assert_eq!(&fold(once.clone()), &once, "what holds is on record as it is");
    }

    #[test]
    fn what_two_nodes_wrote_apart_permits_no_more_than_either_alone_but_what_was_signed_over_all_of_it(
        all in prop::collection::vec(did(), 1..14),
    ) {
        let nodes = histories(&all);
        let union: Vec<Consent> = nodes.iter().flatten().cloned().collect();
        for node in &nodes {
            for from in node.iter().map(Consent::version) {
                let known = since(fold(node.clone()), from);
                for ask in asks().into_iter().filter(|ask| permitted(&union, from, ask)) {
                    let way = (ask.from, ask.to);
                    let opens = |c: &Consent| opened(c, &ask);
                    // A version that this node has not heard of opens it for the first time, and knew of all that this node has.
                    let rests_on = opening(&since(fold(union.clone()), from), way, ask.information, false);
                    let marks = |all: &[Consent]| -> Vec<Mark> { all.iter().filter_map(Consent::signed).map(Signed::mark).collect() };
                    let anew = !known.iter().any(opens) && !marks(&rests_on).iter().any(|mark| marks(&known).contains(mark));
                    prop_assert!(permitted(node, from, &ask) || anew, "version {}, {:?}", from, ask);
                }
            }
        }
    }
}

#[test]
fn a_revocation_beside_the_signing_of_the_next_version_ends_both() {
    let one = first();
    let two = amended(&[Consent::Signed(one.clone())], Change::Ends(300), NOW).expect("signed");
    let revoked = Consent::Revoked(one.clone().revoke(Told::Written, by(), NOW).expect("at any time"));
    let records = [Consent::Signed(one), two, revoked];
    for from in [1, 2] {
        assert!(!permitted(&records, from, &there()), "a thread of version {from}");
    }
    assert!(fold(records).iter().all(|c| c.state(NOW) == "revoked"));
}

#[test]
fn a_withdrawal_and_a_restriction_that_crossed_both_hold() {
    let one = first();
    let (mut out, mut less) = (one.clone(), one);
    out.withdraw(SHELTER, Told::Spoken, by(), NOW).expect("named");
    less.restricted.push(restriction(Information::Identity, NOW));
    for records in [[out.clone(), less.clone()], [less, out]] {
        let records = records.map(Consent::Signed);
        assert!(!permitted(&records, 1, &ask(HOSPITAL, SHELTER, Information::Referral)));
        assert!(!permitted(&records, 1, &ask(HOSPITAL, CLINIC, Information::Identity)));
        assert!(permitted(&records, 1, &there()), "the rest goes on");
    }
}

#[test]
fn who_was_taken_out_comes_back_only_by_a_version_that_knew_of_it() {
    let one = first();
    let mut out = one.clone();
    out.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let apart = amended(&[Consent::Signed(one)], Change::Ends(300), NOW).expect("signed");
    assert!(!permitted(&[Consent::Signed(out.clone()), apart], 2, &there()), "it did not know");
    let known = [Consent::Signed(out)];
    let again = amended(&known, Change::Again, NOW).expect("signed");
    assert!(permitted(&[known[0].clone(), again], 2, &there()), "one signature over what is new");
}

#[test]
fn versions_that_were_signed_apart_end_together_until_one_is_made_of_both() {
    let one = Consent::Signed(first());
    let (soon, late) = (Change::Ends(60), Change::Ends(300));
    let known = std::slice::from_ref(&one);
    let apart = [amended(known, soon, NOW), amended(known, late, NOW)].map(|c| c.expect("signed"));
    let records: Vec<Consent> = [one].into_iter().chain(apart).collect();
    let ends = |records: &[Consent], from: u32| {
        let versions = since(fold(records.to_vec()), from);
        decide(Basis::Versions(&versions), &there(), NOW).expect("stands").expires()
    };
    assert_eq!([1, 2].map(|from| ends(&records, from)), [Some(NOW.plus(60 * DAY)); 2]);
    let both = amended(&records, Change::Ends(200), NOW).expect("signed");
    let records: Vec<Consent> = records.into_iter().chain([both]).collect();
    assert_eq!(heads(&fold(records.clone())).len(), 1);
    assert_eq!([1, 2, 3].map(|from| ends(&records, from)), [Some(NOW.plus(200 * DAY)); 3]);
}

#[test]
fn who_was_taken_out_stays_out_of_what_goes_on_whatever_a_later_version_opens() {
    let mut one = first();
    one.terms.flows.retain(|f| f.information != Information::Identity);
    let mut out = one.clone();
    out.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let identity = ask(HOSPITAL, CLINIC, Information::Identity);
    for (before, goes_on) in [(one, true), (out, false)] {
        let known = [Consent::Signed(before)];
        let again = amended(&known, Change::Again, NOW).expect("signed");
        let records = [known[0].clone(), again];
        assert_eq!(permitted(&records, 1, &identity), goes_on, "under the first version");
        assert!(permitted(&records, 2, &identity), "a new referral");
    }
}

#[test]
fn a_draft_that_was_signed_is_no_draft_any_more_and_the_next_one_is() {
    let one = first();
    let next = one.amend();
    let records = [Consent::Draft(draft()), Consent::Signed(one.clone()), Consent::Draft(next.clone())];
    let all = fold(records);
    assert_eq!(all, [Consent::Signed(one), Consent::Draft(next)]);
}

#[test]
fn of_an_event_that_came_about_the_first_word_holds_for_its_version_and_for_those_after_it() {
    let one = first();
    let two = amended(&[Consent::Signed(one.clone())], Change::Ends(300), NOW).expect("signed");
    let came = |days| Consent::Signed(Signed { event: Some(NOW.plus(days * DAY)), ..one.clone() });
    let silent = || Consent::Signed(one.clone());
    for records in [vec![came(5), silent(), came(3), two.clone()], vec![two, came(3), came(5), silent()]] {
        let events: Vec<_> = fold(records).iter().filter_map(Consent::signed).map(|signed| signed.event).collect();
        assert_eq!(events, [Some(NOW.plus(3 * DAY)); 2]);
    }
}

#[test]
fn that_it_can_be_revoked_holds_for_later_versions_of_the_same_matter_alone() {
    let matter = |words: &str| {
        let day = Moment::On(Local::utc(NOW.plus(90 * DAY)));
        Some(Supervision { matter: words.into(), revocable: day.clone(), disposition: day })
    };
    for (second, holds) in [("probation of 2026", true), ("parole", false)] {
        let mut one = first();
        one.terms.supervision = matter("probation of 2026");
        let draft = one.amend();
        let mut two = signed();
        (two.version, two.upon, two.terms) = (draft.version, draft.upon, draft.terms);
        two.terms.supervision = matter(second);
        one.revocable = Some(NOW);
        let all = fold([one, two].map(Consent::Signed));
        let revocable: Vec<_> = all.iter().filter_map(Consent::signed).map(|signed| signed.revocable).collect();
        assert_eq!(revocable, [Some(NOW), holds.then_some(NOW)], "{second}");
    }
}

#[test]
fn what_was_said_of_one_of_two_that_were_signed_apart_holds_for_the_other() {
    let one = [Consent::Signed(first())];
    let pair = [60, 300].map(|days| amended(&one, Change::Ends(days), NOW).expect("signed"));
    for said in 0..2 {
        let mut records = pair.clone();
        let Consent::Signed(of) = &mut records[said] else { panic!("signed") };
        of.withdraw(SHELTER, Told::Spoken, by(), NOW).expect("named");
        let gone = |c: &Consent| c.signed().is_some_and(|s| s.withdrawn.iter().any(|w| w.party == SHELTER));
        assert!(fold(records).iter().all(gone), "said of number {said}");
    }
}

#[test]
fn a_version_knows_what_those_knew_that_it_was_made_of_and_nothing_that_was_written_apart() {
    let one = first();
    let mut out = one.clone();
    out.withdraw(CLINIC, Told::Spoken, by(), NOW).expect("named");
    let known = vec![Consent::Signed(out.clone())];
    let two = amended(&known, Change::Again, NOW).expect("signed");
    let three = amended(&[known[0].clone(), two.clone()], Change::Ends(200), NOW).expect("signed");
    let apart = amended(&[Consent::Signed(one)], Change::Ends(100), NOW).expect("signed");
    let further = amended(std::slice::from_ref(&apart), Change::Ends(70), NOW).expect("signed");
    let all = fold([Consent::Signed(out), two, three, apart, further]);
    let gone = |c: &&Consent| c.signed().is_some_and(|s| s.withdrawn.iter().any(|w| w.party == CLINIC));
    let out: Vec<u32> = all.iter().filter(gone).map(Consent::version).collect();
    assert_eq!(out, [1, 2, 3], "the first, and the two that were written without knowing of it");
}

#[test]
fn the_next_version_of_two_that_were_signed_apart_has_what_both_let_and_leaves_out_what_either_did() {
    let first = first();
    let one = [Consent::Signed(first.clone())];
    let signed = |change| match amended(&one, change, NOW) {
        Some(Consent::Signed(signed)) => signed,
        other => panic!("{other:?}"),
    };
    let (mut newest, mut other) = (signed(Change::Ends(60)), signed(Change::Close(Information::Identity)));
    let (both, theirs) = (restriction(Information::Crisis, NOW), restriction(Information::Social, NOW));
    newest.restricted = vec![both.clone()];
    other.restricted = vec![both.clone(), theirs.clone()];
    let draft = next(&newest, &[&other]);
    assert!(!draft.terms.flows.iter().any(|f| f.information == Information::Identity), "one of them closed it");
    assert_eq!(draft.terms.flows.len(), first.terms.flows.len() - 1);
    assert_eq!(draft.terms.restrictions, [both, theirs], "each once");
    assert_eq!(draft.version, 3);
}

#[test]
fn whoever_else_was_taken_out_stands_in_no_way_that_a_later_version_opens() {
    let mut one = first();
    one.terms.flows.retain(|f| f.information != Information::Identity);
    one.withdraw(SHELTER, Told::Spoken, by(), NOW).expect("named");
    let records = [Consent::Signed(one.clone()), amended(&[Consent::Signed(one)], Change::Again, NOW).expect("signed")];
    assert!(permitted(&records, 1, &ask(HOSPITAL, CLINIC, Information::Identity)), "opened for the clinic");
    assert!(!permitted(&records, 1, &ask(HOSPITAL, SHELTER, Information::Referral)), "the shelter stays out");
}

#[test]
fn an_event_that_was_struck_counts_in_no_record_and_another_day_does() {
    let came = |at: Option<Time>| {
        let mut one = signed();
        (one.terms.expiry, one.event) = (Some(Expiry::Event("I move".into())), at);
        Consent::Signed(one)
    };
    let (wrong, right) = (NOW.plus(DAY), NOW.plus(3 * DAY));
    let records = [came(None), came(Some(wrong)), came(Some(right))];
    let end = |records: &[Consent], struck: &BTreeSet<Event>| {
        let all = fold(records.iter().cloned().map(|record| record.without(struck)));
        all.iter().filter_map(Consent::signed).find_map(Signed::ends)
    };
    let struck = |revocable| BTreeSet::from([Event { revocable, at: wrong }]);
    assert_eq!(end(&records, &BTreeSet::new()), Some(wrong), "of two the first holds");
    assert_eq!(end(&records, &struck(false)), Some(right));
    assert_eq!(end(&records[..2], &struck(false)), None, "it goes on");
    assert_eq!(end(&records, &struck(true)), Some(wrong), "that is another event");
}
