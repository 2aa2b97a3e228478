use super::*;
use crate::random::Foretold;
use crate::store::Memory;
use crate::time::{DAY, HOUR};

fn terms() -> Terms {
    let maker = NodeId([1; 32]);
    let hint = Some("Harbor Clinic".to_owned());
    Terms { maker, coalition: SpaceId([9; 32]), hint, life: DAY, addresses: Vec::new(), relays: Vec::new() }
}

/// An address of so many characters.
fn address(chars: usize) -> String {
    format!("/dns/{}", "a".repeat(chars - 5))
}

fn relay(addresses: usize) -> Relay {
    Relay { node: NodeId([2; 32]), addresses: vec![address(limits::ADDRESS_CHARS); addresses] }
}

fn make(terms: Terms) -> Result<(Invite, Memory)> {
    let mut store = Memory::default();
    let mut draft = Draft::new(&store);
    let invite = Invite::make(&mut draft, terms, Time(5 * DAY + 1), &mut Foretold::new(1))?;
    let writes = draft.into_writes();
    store.commit(writes);
    Ok((invite, store))
}

#[test]
fn an_invite_is_kept_under_the_hash_of_its_secret_and_found_by_the_start_of_its_id() {
    let (invite, store) = make(terms()).unwrap();
    assert_eq!(Invite::load(&store, invite.id()).unwrap().as_ref(), Some(&invite));
    assert_eq!(Invite::find(&store, &invite.id().short()).unwrap(), invite);
    assert!(Invite::find(&store, "zz").is_err());
    assert!(Invite::find(&store, "").is_err());
    assert_eq!(invite.expires.0 % MINUTE, 0);
    assert_eq!(invite.code(OrgId([2; 32])).expires, invite.expires);
}

#[test]
fn bad_terms_are_refused_with_a_sentence() {
    for (terms, expected) in [
        (Terms { life: 0, ..terms() }, "at least a minute"),
        (Terms { life: limits::INVITE_LIFE_MAX + 1, ..terms() }, "at most 30 days"),
        (Terms { hint: Some("\u{7}".to_owned()), ..terms() }, "control characters"),
        (Terms { hint: Some("  ".to_owned()), ..terms() }, "empty"),
        (Terms { addresses: vec!["/ip4/1.2.3.4/tcp/1".to_owned(); 4], ..terms() }, "at most 3 addresses"),
        (Terms { addresses: vec!["example.org:4001".to_owned()], ..terms() }, "expected a multiaddr"),
        (Terms { addresses: vec![address(limits::ADDRESS_CHARS + 1)], ..terms() }, "expected a multiaddr"),
        (Terms { relays: vec![relay(1); limits::INVITE_RELAYS + 1], ..terms() }, "at most 2 members' nodes"),
        (Terms { relays: vec![relay(limits::INVITE_RELAY_ADDRESSES + 1)], ..terms() }, "at most 2 addresses"),
    ] {
        let fault = make(terms).map(|(invite, _)| invite).unwrap_err();
        assert!(fault.message.contains(expected), "{expected}: {fault}");
    }
}

#[test]
fn an_invite_that_fills_every_bound_is_made() {
    let addresses = vec![address(limits::ADDRESS_CHARS); limits::INVITE_ADDRESSES];
    let relays = vec![relay(limits::INVITE_RELAY_ADDRESSES); limits::INVITE_RELAYS];
    make(Terms { life: limits::INVITE_LIFE_MAX, addresses, relays, ..terms() }).unwrap();
}

#[test]
fn of_open_invites_there_are_so_many_at_once_and_a_cancelled_one_makes_room() {
    let (invite, mut store) = make(terms()).unwrap();
    let mut draft = Draft::new(&store);
    let kept = draft.get(Table::Invite, invite.id().as_bytes()).unwrap().unwrap();
    for n in 1..limits::INVITES_OPEN {
        draft.put(Table::Invite, n.to_be_bytes(), kept.clone());
    }
    let writes = draft.into_writes();
    store.commit(writes);
    let again = |draft: &mut Draft<'_>| Invite::make(draft, terms(), Time(5 * DAY + 1), &mut Foretold::new(2));
    let mut draft = Draft::new(&store);
    assert!(again(&mut draft).unwrap_err().message.contains("are open"));
    invite.cancel(&mut draft, Time(5 * DAY + 1)).unwrap();
    again(&mut draft).unwrap();
}

#[test]
fn only_who_came_can_be_approved_and_who_is_in_can_not_be_cancelled() {
    let (invite, store) = make(terms()).unwrap();
    let mut draft = Draft::new(&store);
    let node = NodeId([3; 32]);
    assert!(invite.clone().approve(&mut draft, node, Time(1)).is_err());
    let cancelled = invite.cancel(&mut draft, Time(1)).unwrap();
    assert_eq!(cancelled.standing(Time(0)), "cancelled");
    assert!(cancelled.approve(&mut draft, node, Time(1)).is_err());
}

#[test]
fn an_invite_ends_with_its_time() {
    let (invite, _) = make(terms()).unwrap();
    assert!(invite.is_open(invite.expires));
    assert!(!invite.is_open(invite.expires.plus(1)));
    assert_eq!(invite.standing(invite.expires.plus(1)), "expired");
}

#[test]
fn five_wrong_tries_shut_a_peer_out_for_an_hour_and_the_table_stays_small() {
    let mut tries = Tries::default();
    let peer = NodeId([1; 32]);
    for _ in 0..limits::INVITE_TRIES {
        assert!(!tries.refuses(peer, Time(0)));
        tries.note(peer, Some(Refusal::WrongProof), Time(0));
    }
    assert!(tries.refuses(peer, Time(HOUR - 1)));
    assert!(!tries.refuses(peer, Time(HOUR)));
    assert!(!tries.refuses(NodeId([2; 32]), Time(0)));
    tries.note(peer, None, Time(1));
    assert!(!tries.refuses(peer, Time(1)));
    for number in 0..3_000u32 {
        let mut id = [0; 32];
        id[..4].copy_from_slice(&number.to_be_bytes());
        tries.note(NodeId(id), Some(Refusal::Unknown), Time(u64::from(number)));
    }
    assert!(format!("{tries:?}").matches("NodeId").count() <= limits::INVITE_TRIES_PEERS);
}

#[test]
fn refusals_keep_their_numbers() {
    for code in 0..=255 {
        assert_eq!(Refusal::from_code(code).code(), code);
        assert!(!Refusal::from_code(code).to_newcomer().is_empty());
        assert!(!Refusal::from_code(code).to_inviter().is_empty());
    }
    assert_eq!(Refusal::from_code(11), Refusal::Malformed);
    assert_eq!(Refusal::from_code(13), Refusal::Out);
    assert_eq!(Refusal::from_code(14), Refusal::InviterOut);
    assert_eq!(Refusal::from_code(15), Refusal::Other(15));
}
