//! One invite at several machines of the organisation that made it.

use super::*;
use crate::limits;

/// Another machine of the inviter's organisation, whose root has seed 1.
fn second() -> Side {
    let root = RootKey::from_seed([1; 32]);
    let key = NodeKey::from_seed([150; 32]);
    let prekey = PrekeySecret::from_seed([151; 32]);
    let certificate = root.certify(&key, prekey.public(), NOW);
    let card = OrgCard { root: root.public(), name: "Harbor Clinic".to_owned(), kind: PartnerKind::Other };
    Side { key, prekey, party: Party { card, certificate }, store: Memory::default(), random: Foretold::new(50) }
}

/// What one knows of the invite comes to the other, as by the private space.
fn tell(from: &Side, to: &mut Side, world: &Invite) {
    let invite = Invite::load(&from.store, world.id()).unwrap().unwrap();
    invite.check().unwrap();
    to.step(|draft, _, _| invite.keep(draft)).unwrap();
}

fn both(a: &mut Side, b: &mut Side, invite: &Invite) {
    tell(a, b, invite);
    tell(b, a, invite);
    let at = |side: &Side| Invite::load(&side.store, invite.id()).unwrap();
    assert_eq!(at(a), at(b), "both know the same");
}

fn answer(side: &mut Side, county: &mut County, peer: NodeId, bytes: &[u8]) -> (Vec<u8>, Option<Refusal>) {
    let mut tries = Tries::default();
    side.step(|draft, me, random| {
        Inviter { me, coalitions: county, tries: &mut tries }.answer(draft, peer, bytes, NOW, random)
    })
    .map(|(answer, refusal)| (answer.encode(), refusal))
    .unwrap()
}

/// A newcomer talks with a machine until there is nothing to say at once.
fn talk(newcomer: &mut Side, join: &mut Join, machine: &mut Side, county: &mut County) -> Result<Progress> {
    let (peer, node) = (newcomer.key.id(), machine.key.id());
    loop {
        let (bytes, _) = answer(machine, county, peer, &join.request_to(node, 0).encode());
        match newcomer.step(|draft, _, _| join.answered(draft, node, &bytes))? {
            Progress::Known => {}
            told => return Ok(told),
        }
    }
}

fn approve(side: &mut Side, invite: &Invite, node: NodeId) {
    let invite = Invite::load(&side.store, invite.id()).unwrap().unwrap();
    side.step(|draft, _, _| invite.approve(draft, node, NOW)).unwrap();
}

struct House {
    one: Side,
    two: Side,
    county: County,
    invite: Invite,
}

fn house() -> House {
    let World { inviter: one, county, invite, .. } = World::new();
    let mut two = second();
    tell(&one, &mut two, &invite);
    House { one, two, county, invite }
}

fn newcomer(house: &House, seed: u8, name: &str) -> (Side, Join) {
    let mut side = Side::new(seed, name);
    let code = house.invite.code(house.one.party.org());
    let join = side.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap();
    (side, join)
}

#[test]
fn who_claimed_at_one_machine_is_approved_at_another_and_has_the_roster_from_either() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    let node = side.key.id();
    assert_eq!(talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap(), Progress::Waiting);
    // The other machine has not heard of the claim: it sends nobody away for that.
    assert_eq!(talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap(), Progress::Waiting);
    both(&mut house.one, &mut house.two, &house.invite);
    let shown = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    assert_eq!(shown.waiting().first().map(|claimed| claimed.words()), join.words(), "the same words at each");
    approve(&mut house.two, &house.invite, node);
    assert!(matches!(
        talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap(),
        Progress::Approved(page) if page.entries == house.county.entries
    ));
    both(&mut house.one, &mut house.two, &house.invite);
    let used = Invite::load(&house.one.store, house.invite.id()).unwrap().unwrap();
    assert_eq!(used.standing(NOW), "used");
    assert!(matches!(talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap(), Progress::Approved(_)));
}

#[test]
fn a_machine_that_took_the_claim_and_knows_nothing_of_it_any_more_ends_no_join() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    let node = side.key.id();
    talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap();
    both(&mut house.one, &mut house.two, &house.invite);
    // Its disk is put back to before it made the invite, or a copy of its folder from then answers.
    house.one.store = Memory::default();
    assert_eq!(
        talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap(),
        Progress::Stopped(Refusal::Unknown)
    );
    assert_eq!(Join::load(&side.store, house.invite.id()).unwrap().as_ref(), Some(&join), "it goes on");
    approve(&mut house.two, &house.invite, node);
    assert!(matches!(talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap(), Progress::Approved(_)));
    tell(&house.two, &mut house.one, &house.invite);
    assert!(matches!(talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap(), Progress::Approved(_)));
}

#[test]
fn who_asks_on_where_its_invite_is_not_known_any_more_guesses_no_code_and_who_was_asked_too_often_ends_no_join() {
    let (mut world, mut join) = World::claimed();
    let lost = std::mem::take(&mut world.inviter.store);
    for _ in 0..2 * limits::INVITE_TRIES {
        let (answer, refusal) = world.answer(&join.request(0).encode());
        assert_eq!(refusal, Some(Refusal::Unknown));
        assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Stopped(Refusal::Unknown));
    }
    assert!(
        !join.is_overdue(world.invite.expires.plus(limits::JOIN_GRACE))
            && join.is_overdue(world.invite.expires.plus(limits::JOIN_GRACE + 1))
    );
    world.inviter.store = lost;
    let (answer, _) = world.answer(&join.request(0).encode());
    assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Waiting);
    for _ in 0..limits::INVITE_TRIES {
        assert_eq!(world.answer(&[]).1, Some(Refusal::Malformed));
    }
    let (answer, refusal) = world.answer(&join.request(0).encode());
    assert_eq!(refusal, Some(Refusal::TooManyTries));
    assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Stopped(Refusal::TooManyTries));
}

#[test]
fn who_claimed_in_time_comes_in_however_long_after_the_invite_expired_its_machine_is_there_again() {
    let (mut world, mut join) = World::claimed();
    let peer = world.newcomer.key.id();
    let late = world.invite.expires.plus(limits::JOIN_GRACE + 1);
    let (answer, refusal) = world.answer_at(peer, &join.request(0).encode(), late);
    assert_eq!((world.hear(&mut join, &answer).unwrap(), refusal), (Progress::Waiting, None));
    world.approve();
    let (answer, _) = world.answer_at(peer, &join.request(0).encode(), late);
    assert!(join.is_overdue(late) && matches!(world.hear(&mut join, &answer).unwrap(), Progress::Approved(_)));
}

#[test]
fn a_machine_that_the_code_does_not_name_takes_the_claim_and_shows_first_whose_it_is() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    assert!(matches!(join.request_to(house.two.key.id(), 0), Request::Who(_)));
    assert_eq!(talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap(), Progress::Waiting);
    let shown = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    assert_eq!(shown.waiting().first().map(|claimed| claimed.words()), join.words());
    assert_eq!(shown.waiting().first().map(|claimed| claimed.by), Some(house.two.key.id()));
}

#[test]
fn whose_machine_it_is_learns_nobody_without_the_code_and_nobody_else_passes_for_one() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    let (two, node) = (house.two.key.id(), side.key.id());
    let Request::Who(mut who) = join.request_to(two, 0) else { panic!("it asks who that is") };
    // A proof for another machine, or of another newcomer, is none here.
    assert_eq!(
        answer(&mut house.two, &mut house.county, NodeId([9; 32]), &Request::Who(who).encode()).1,
        Some(Refusal::WrongProof)
    );
    who.proof[0] ^= 1;
    assert_eq!(
        answer(&mut house.two, &mut house.county, node, &Request::Who(who).encode()).1,
        Some(Refusal::WrongProof)
    );
    // A stranger with a certificate of its own, and one that shows the machine's.
    let stranger = Side::new(8, "Stranger");
    for (peer, certificate) in [
        (stranger.key.id(), stranger.party.certificate.clone()),
        (stranger.key.id(), house.two.party.certificate.clone()),
    ] {
        let here = Answer::Here(Box::new(certificate)).encode();
        let fault = side.step(|draft, _, _| join.answered(draft, peer, &here)).unwrap_err();
        assert_eq!(fault.class, Class::Misbehaved);
        // Nor does it end the join by a refusal.
        let no = Answer::Refused(Refusal::Cancelled.code()).encode();
        let fault = side.step(|draft, _, _| join.answered(draft, peer, &no)).unwrap_err();
        assert_eq!(fault.class, Class::Misuse, "{fault}");
    }
}

#[test]
fn two_newcomers_with_one_invite_at_two_machines_both_wait_until_one_is_approved() {
    let mut house = house();
    let (mut a, mut join_a) = newcomer(&house, 2, "River Shelter");
    let (mut b, mut join_b) = newcomer(&house, 3, "Somebody Else");
    talk(&mut a, &mut join_a, &mut house.one, &mut house.county).unwrap();
    talk(&mut b, &mut join_b, &mut house.two, &mut house.county).unwrap();
    both(&mut house.one, &mut house.two, &house.invite);
    let shown = Invite::load(&house.one.store, house.invite.id()).unwrap().unwrap();
    assert_eq!(shown.waiting().len(), 2, "people see both, each with its words");
    // A third is refused wherever it comes.
    let (mut c, mut join_c) = newcomer(&house, 4, "A Third");
    assert!(talk(&mut c, &mut join_c, &mut house.one, &mut house.county).is_err());
    approve(&mut house.one, &house.invite, a.key.id());
    both(&mut house.one, &mut house.two, &house.invite);
    let refused = talk(&mut b, &mut join_b, &mut house.two, &mut house.county).unwrap_err();
    assert!(refused.message.contains("used already"), "{refused}");
    assert!(matches!(talk(&mut a, &mut join_a, &mut house.two, &mut house.county).unwrap(), Progress::Approved(_)));
}

#[test]
fn two_that_were_approved_apart_are_both_in_and_a_yes_beats_a_cancel_that_had_not_heard_of_it() {
    let mut house = house();
    let (mut a, mut join_a) = newcomer(&house, 2, "River Shelter");
    let (mut b, mut join_b) = newcomer(&house, 3, "Somebody Else");
    talk(&mut a, &mut join_a, &mut house.one, &mut house.county).unwrap();
    talk(&mut b, &mut join_b, &mut house.two, &mut house.county).unwrap();
    approve(&mut house.one, &house.invite, a.key.id());
    approve(&mut house.two, &house.invite, b.key.id());
    both(&mut house.one, &mut house.two, &house.invite);
    for (side, join) in [(&mut a, &mut join_a), (&mut b, &mut join_b)] {
        assert!(matches!(talk(side, join, &mut house.one, &mut house.county).unwrap(), Progress::Approved(_)));
    }
    let mut house = self::house();
    let (mut a, mut join_a) = newcomer(&house, 2, "River Shelter");
    talk(&mut a, &mut join_a, &mut house.one, &mut house.county).unwrap();
    approve(&mut house.one, &house.invite, a.key.id());
    let invite = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    house.two.step(|draft, _, _| invite.cancel(draft, NOW)).unwrap();
    both(&mut house.one, &mut house.two, &house.invite);
    let shown = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    assert_eq!(shown.standing(NOW), "approved");
}

#[test]
fn a_machine_that_did_not_hear_of_the_claim_ends_no_join_by_having_cancelled_the_invite() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap();
    approve(&mut house.one, &house.invite, side.key.id());
    let invite = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    house.two.step(|draft, _, _| invite.cancel(draft, NOW)).unwrap();
    assert_eq!(talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap(), Progress::Waiting);
    assert!(matches!(talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap(), Progress::Approved(_)));
}

#[test]
fn a_machine_that_heard_of_the_claim_ends_the_join_by_a_cancellation_where_the_one_that_took_it_is_lost() {
    let mut house = house();
    let (mut side, mut join) = newcomer(&house, 2, "River Shelter");
    talk(&mut side, &mut join, &mut house.one, &mut house.county).unwrap();
    both(&mut house.one, &mut house.two, &house.invite);
    let invite = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    house.two.step(|draft, _, _| invite.cancel(draft, NOW)).unwrap();
    // Whoever asks with another proof, or is another, reads nothing of it.
    let Request::Ask(mut ask) = join.request_to(house.one.key.id(), 0) else { panic!("it asks") };
    let (two, node) = (house.two.key.id(), side.key.id());
    assert_eq!(answer(&mut house.two, &mut house.county, two, &Request::Ask(ask).encode()).1, None);
    ask.proof[0] ^= 1;
    assert_eq!(answer(&mut house.two, &mut house.county, node, &Request::Ask(ask).encode()).1, None);
    let told = talk(&mut side, &mut join, &mut house.two, &mut house.county).unwrap_err();
    assert_eq!(told.class, Class::NotPermitted, "{told}");
    assert!(told.message.contains("cancelled"), "{told}");
}

#[test]
fn an_invite_that_was_cancelled_at_one_machine_is_worth_nothing_at_another() {
    let mut house = house();
    let (mut a, mut join_a) = newcomer(&house, 2, "River Shelter");
    let invite = Invite::load(&house.two.store, house.invite.id()).unwrap().unwrap();
    house.two.step(|draft, _, _| invite.cancel(draft, NOW)).unwrap();
    both(&mut house.one, &mut house.two, &house.invite);
    let refused = talk(&mut a, &mut join_a, &mut house.one, &mut house.county).unwrap_err();
    assert!(refused.message.contains("cancelled"), "{refused}");
}

#[cfg(feature = "planted")]
#[test]
fn a_yes_to_all_who_came_would_show() {
    use crate::planted::{Bug, plant};
    plant(Some(Bug::InviteForAll));
    let outcome =
        std::panic::catch_unwind(two_newcomers_with_one_invite_at_two_machines_both_wait_until_one_is_approved);
    plant(None);
    assert!(outcome.is_err(), "it shows nowhere");
}
