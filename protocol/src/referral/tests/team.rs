//! The thread of a team: the others of it tell what the consent lets them tell all who read a space, and step nothing.

use super::*;

pub(super) const MEMBER: OrgId = OrgId([6; 32]);

/// What the sender says of the space of a kind: who reads it, and which ways are open there.
fn said(information: Information, team: &[OrgId], shut: Option<(OrgId, OrgId)>) -> Scope {
    let ways = team.iter().flat_map(|from| team.iter().map(move |to| (*from, *to)));
    let flow = |(from, to)| Flow { from, to, information, purpose: Purpose::Treatment };
    let flows = ways.filter(|(from, to)| from != to && Some((*from, *to)) != shut).map(flow).collect();
    let party = |org: &OrgId| Party { org: *org, name: "Somebody".to_owned(), kind: PartnerKind::Part2Program };
    let parties = team.iter().map(party).collect();
    Scope { flows, parties, team: team.to_vec(), ..scope(RECIPIENT_ORG, true) }
}

fn placed(n: u8, parents: &[EntryHash], org: OrgId, body: Body) -> Placed {
    Placed {
        hash: hash(n),
        parents: parents.to_vec(),
        follows: Vec::new(),
        org,
        time: NOW,
        body: Some(body),
        local: false,
    }
}

fn notice_of(n: u8, parents: &[EntryHash], org: OrgId, information: Information, scope: Scope) -> Placed {
    let notice = Notice { thread: THREAD, information, text: "notice".to_owned(), scope, by: by() };
    placed(n, parents, org, Body::Notice(Box::new(notice)))
}

pub(super) fn act_of(n: u8, parents: &[EntryHash], org: OrgId, under: u8, act: Act) -> Placed {
    placed(n, parents, org, Body::Act(Signed { notice: hash(under), by: by(), act }))
}

/// A referral that was sent, with a notice of the member in each of two spaces: 11 for the referral, 12 for the needs, which the recipient
/// does not read.
pub(super) fn begun(shut: Option<(OrgId, OrgId)>) -> Vec<Placed> {
    let all = [SENDER_ORG, RECIPIENT_ORG, MEMBER];
    let (referral, social) =
        (said(Information::Referral, &all, shut), said(Information::Social, &[SENDER_ORG, MEMBER], None));
    vec![
        notice_of(1, &[], SENDER_ORG, Information::Referral, referral.clone()),
        notice_of(2, &[], SENDER_ORG, Information::Social, social.clone()),
        act_of(3, &[hash(1)], SENDER_ORG, 1, send()),
        notice_of(10, &[hash(3)], RECIPIENT_ORG, Information::Referral, referral.clone()),
        notice_of(11, &[hash(3)], MEMBER, Information::Referral, referral),
        notice_of(12, &[hash(2)], MEMBER, Information::Social, social),
    ]
}

pub(super) fn with(shut: Option<(OrgId, OrgId)>, more: Vec<Placed>) -> State {
    let mut entries = begun(shut);
    entries.extend(more);
    let state = fold(THREAD, parties(), &entries);
    entries.reverse();
    assert_eq!(fold(THREAD, parties(), &entries), state, "in whatever order they came");
    state
}

pub(super) fn why(state: &State, n: u8) -> Option<&'static str> {
    state.history.iter().find(|line| line.entry == hash(n)).expect("a line").without_effect
}

#[test]
fn another_of_the_team_tells_what_it_sees_and_steps_nothing() {
    let state = with(
        None,
        vec![
            act_of(20, &[hash(11)], MEMBER, 11, Act::Message { text: "she slept here".into() }),
            act_of(21, &[hash(11)], MEMBER, 11, seen()),
            act_of(22, &[hash(12)], MEMBER, 12, need(1, 1, NeedStatus::Open)),
            act_of(23, &[hash(11)], MEMBER, 11, accept()),
            act_of(24, &[hash(10)], RECIPIENT_ORG, 10, accept()),
        ],
    );
    assert_eq!((why(&state, 20), why(&state, 21), why(&state, 22)), (None, None, None));
    assert!(why(&state, 23).is_some_and(|why| why.starts_with("only who refers")));
    assert_eq!((state.place, state.needs.len()), (Place::Accepted, 1));
    assert!(state.seen.is_some() && state.answer == Answer::Permitted);
}

#[test]
fn who_may_not_tell_all_who_read_a_space_tells_nobody_there() {
    let message = || act_of(20, &[hash(11)], MEMBER, 11, Act::Message { text: "m".into() });
    assert_eq!(why(&with(None, vec![message()]), 20), None);
    let state = with(Some((MEMBER, RECIPIENT_ORG)), vec![message()]);
    assert!(why(&state, 20).expect("without effect").contains("2.31(a)(2)"));
}

#[test]
fn a_kind_is_told_only_in_a_space_that_its_author_reads() {
    // The recipient reads no needs, and claims a notice for them.
    let claimed = said(Information::Social, &[SENDER_ORG, RECIPIENT_ORG, MEMBER], None);
    let state = with(
        None,
        vec![
            notice_of(13, &[hash(2)], RECIPIENT_ORG, Information::Social, claimed),
            act_of(20, &[hash(13)], RECIPIENT_ORG, 13, need(1, 1, NeedStatus::Open)),
        ],
    );
    assert!(why(&state, 20).is_some() && state.needs.is_empty());
}

#[test]
fn who_is_in_no_team_of_the_sender_has_no_part_in_it_whoever_says_so() {
    let claimed = said(Information::Referral, &[SENDER_ORG, RECIPIENT_ORG, STRANGER], None);
    let state = with(
        None,
        vec![
            notice_of(13, &[hash(3)], RECIPIENT_ORG, Information::Referral, claimed.clone()),
            notice_of(14, &[hash(13)], STRANGER, Information::Referral, claimed),
            act_of(20, &[hash(14)], STRANGER, 14, Act::Message { text: "let me in".into() }),
        ],
    );
    assert_eq!(why(&state, 20), Some("its author has no part in this referral"));
}

#[test]
fn who_comes_later_tells_nothing_that_lies_apart_from_the_notice_that_names_it() {
    let (late, all) = (OrgId([7; 32]), [SENDER_ORG, RECIPIENT_ORG, MEMBER]);
    let four = [SENDER_ORG, RECIPIENT_ORG, MEMBER, late];
    let newer = said(Information::Referral, &four, None);
    let message = |n, parent: u8| act_of(n, &[hash(parent)], late, 15, Act::Message { text: "m".into() });
    let state = with(
        None,
        vec![
            notice_of(14, &[hash(3)], SENDER_ORG, Information::Referral, newer.clone()),
            // One that follows it, and one by an author who does not know of it.
            notice_of(15, &[hash(14)], late, Information::Referral, newer),
            message(20, 15),
            notice_of(16, &[hash(3)], late, Information::Referral, said(Information::Referral, &all, None)),
            act_of(21, &[hash(16)], late, 16, Act::Message { text: "m".into() }),
        ],
    );
    assert_eq!(why(&state, 20), None);
    assert!(why(&state, 21).is_some());
}

#[test]
fn the_persons_word_is_heard_by_any_of_the_team() {
    let heard = Act::HeardRevocation { told: Told::Spoken, party: Some(RECIPIENT_ORG) };
    assert_eq!(why(&with(None, vec![act_of(20, &[hash(11)], MEMBER, 11, heard)]), 20), None);
}
