//! The join by three files.

use super::super::files::{claim_file, take_invite_file, take_welcome_file};
use super::*;

#[test]
fn three_files_do_what_the_link_does() {
    let mut world = World::with_entries(30);
    let (county, tries) = (&mut world.county, &mut world.tries);
    let invite = world.invite.clone();
    let first = world
        .inviter
        .step(|draft, me, random| Inviter { me, coalitions: county, tries }.invite_file(draft, invite, random))
        .unwrap();
    let join = world.newcomer.step(|draft, me, random| take_invite_file(draft, &first, me, NOW, random)).unwrap();
    assert_eq!(join.offering().unwrap().name, "County");
    let second = claim_file(&join, &world.newcomer.key).replace('\n', "\r\n");
    let invite = world
        .inviter
        .step(|draft, me, random| {
            Inviter { me, coalitions: county, tries }.take_claim_file(draft, &second, NOW, random)
        })
        .unwrap();
    assert_eq!(join.words(), invite.claims().first().map(|claimed| claimed.words()));
    let key = &world.inviter.key;
    let mut draft = Draft::new(&world.inviter.store);
    let me = &world.inviter.party;
    let mut inviter = Inviter { me, coalitions: county, tries };
    let fault = inviter.welcome_file(&mut draft, invite.clone(), key, NOW, &mut Foretold::new(8)).unwrap_err();
    assert!(fault.message.contains("approve"), "{fault}");
    let invite = invite.approve(&mut draft, world.newcomer.key.id(), NOW).unwrap();
    let forged = inviter
        .welcome_file(&mut draft, invite.clone(), &NodeKey::from_seed([66; 32]), NOW, &mut Foretold::new(8))
        .unwrap();
    let third = inviter.welcome_file(&mut draft, invite, key, NOW, &mut Foretold::new(8)).unwrap();
    assert!(!third.contains("County"));

    let prekey = world.newcomer.prekey.clone();
    let (done, approved) = world.newcomer.step(|draft, _, _| take_welcome_file(draft, &third, &prekey)).unwrap();
    assert_eq!(approved.entries, county.entries);
    assert_eq!(done, join);
    // Who holds the code, but is not the inviter's node, can not welcome anybody.
    let fault = world.newcomer.step(|draft, _, _| take_welcome_file(draft, &forged, &prekey)).unwrap_err();
    assert_eq!(fault.class, Class::Misbehaved);
    // Nobody else can open it, nor is it taken where nobody waits for it.
    let other = PrekeySecret::from_seed([9; 32]);
    assert!(world.newcomer.step(|draft, _, _| take_welcome_file(draft, &third, &other)).is_err());
    let mut stranger = Side::new(7, "Stranger");
    let fault = stranger.step(|draft, _, _| take_welcome_file(draft, &third, &prekey)).unwrap_err();
    assert!(fault.message.contains("another node"), "{fault}");
}

#[test]
fn a_claim_file_of_an_unknown_or_expired_invite_says_so() {
    let mut world = World::new();
    let join = world.begin();
    let text = claim_file(&join, &world.newcomer.key);
    let (county, tries) = (&mut world.county, &mut world.tries);
    let mut take = |side: &mut Side, text: &str, now: Time| {
        side.step(|draft, me, random| {
            Inviter { me, coalitions: county, tries }.take_claim_file(draft, text, now, random)
        })
        .unwrap_err()
    };
    let mut other = Side::new(4, "Other");
    assert!(take(&mut other, &text, NOW).message.contains("does not know"));
    let late = world.invite.expires.plus(1);
    assert!(take(&mut world.inviter, &text, late).message.contains("expired"));
    let unsigned = claim_file(&join, &world.inviter.key);
    assert!(take(&mut world.inviter, &unsigned, NOW).message.contains("not signed"));
}
