//! The talk of a join, over a link and by files, and every way in which it is refused.

mod by_file;
mod machines;
mod pages;

use super::inviter::Inviter;
use super::joiner::Progress;
use super::*;
use crate::coalition::invite::{Invite, Terms, Tries};
use crate::fault::{Class, Result};
use crate::ids::SpaceId;
use crate::keys::{NodeKey, PrekeySecret, RootKey};
use crate::random::Foretold;
use crate::space::control::{Charter, Found, PartnerKind, Purpose};
use crate::space::entry::{Entry, Header, Kind};
use crate::store::{Draft, Memory, View};
use crate::time::{DAY, HOUR, Time};
use proptest::prelude::*;

const NOW: Time = Time(20_000 * DAY);

struct Side {
    key: NodeKey,
    prekey: PrekeySecret,
    party: Party,
    store: Memory,
    random: Foretold,
}

impl Side {
    fn new(seed: u8, name: &str) -> Self {
        let root = RootKey::from_seed([seed; 32]);
        let key = NodeKey::from_seed([seed + 100; 32]);
        let prekey = PrekeySecret::from_seed([seed + 50; 32]);
        let certificate = root.certify(&key, prekey.public(), NOW);
        let card = OrgCard { root: root.public(), name: name.to_owned(), kind: PartnerKind::Other };
        let party = Party { card, certificate };
        Self { key, prekey, party, store: Memory::default(), random: Foretold::new(seed.into()) }
    }

    /// One step: what it wrote is committed, unless it failed.
    fn step<T>(&mut self, step: impl FnOnce(&mut Draft<'_>, &Party, &mut Foretold) -> Result<T>) -> Result<T> {
        let mut draft = Draft::new(&self.store);
        let done = step(&mut draft, &self.party, &mut self.random)?;
        let writes = draft.into_writes();
        self.store.commit(writes);
        Ok(done)
    }
}

/// A coalition of two entries and a member.
struct County {
    space: SpaceId,
    entries: Vec<Vec<u8>>,
    member: OrgId,
    /// Taken out since.
    out: Option<OrgId>,
    /// The inviter itself was taken out.
    left: bool,
    /// How often an entry was asked for.
    read: u32,
}

impl County {
    fn founded_by(side: &Side, more: usize) -> Self {
        let founder = side.party.card.clone();
        let charter = Charter { number: 1, stewards: vec![side.party.org()], threshold: 1 };
        let certificate = side.party.certificate.clone();
        let purpose = Purpose::Coalition { name: "County".to_owned(), charter, founder, certificate };
        let header = Header {
            version: 1,
            space: SpaceId::ZERO,
            author: side.key.id(),
            parents: Vec::new(),
            control: Vec::new(),
            kind: Kind::Found,
            epoch: None,
            time: NOW,
            length: 0,
        };
        let found = Entry::sign(&side.key, header, &codec::encode(&Found { nonce: [4; 32], purpose }));
        let mut entries = vec![found.bytes().to_vec()];
        entries.extend((0..more).map(|number| vec![u8::try_from(number % 251).unwrap(); 100_000]));
        Self { space: found.space(), entries, member: OrgId([77; 32]), out: None, left: false, read: 0 }
    }
}

impl Coalition for County {
    fn name(&self, _: SpaceId) -> Result<String> {
        Ok("County".to_owned())
    }
    fn is_ours(&self, _: SpaceId) -> Result<bool> {
        Ok(!self.left)
    }
    fn is_member(&self, _: SpaceId, org: OrgId) -> Result<bool> {
        Ok(org == self.member)
    }
    fn is_out(&self, _: SpaceId, org: OrgId, _: NodeId) -> Result<bool> {
        Ok(self.out == Some(org))
    }
    fn known_in(&self, org: OrgId) -> Result<Option<SpaceId>> {
        Ok((org == self.member || self.out == Some(org)).then_some(self.space))
    }
    fn control_entry(&mut self, _: &dyn View, _: SpaceId, number: u32) -> Result<Option<Vec<u8>>> {
        self.read += 1;
        Ok(self.entries.get(number as usize).cloned())
    }
    fn addresses(&mut self, _: &dyn View, _: SpaceId) -> Result<Vec<(NodeId, Vec<String>)>> {
        Ok(vec![(NodeId([1; 32]), vec!["/ip4/203.0.113.7/tcp/4001".to_owned()])])
    }
}

fn terms(maker: &Side, county: &County) -> Terms {
    Terms {
        maker: maker.key.id(),
        coalition: county.space,
        hint: None,
        life: DAY,
        addresses: Vec::new(),
        relays: Vec::new(),
    }
}

/// An inviter with an open invite, and a newcomer that holds its code.
struct World {
    inviter: Side,
    newcomer: Side,
    county: County,
    tries: Tries,
    invite: Invite,
}

impl World {
    fn new() -> Self {
        Self::with_entries(0)
    }

    fn with_entries(more: usize) -> Self {
        let mut inviter = Side::new(1, "Harbor Clinic");
        let county = County::founded_by(&inviter, more);
        let terms = terms(&inviter, &county);
        let invite = inviter.step(|draft, _, random| Invite::make(draft, terms, NOW, random)).unwrap();
        Self { inviter, newcomer: Side::new(2, "River Shelter"), county, tries: Tries::default(), invite }
    }

    fn begin(&mut self) -> Join {
        let code = self.invite.code(self.inviter.party.org());
        self.newcomer.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap()
    }

    fn answer_at(&mut self, peer: NodeId, bytes: &[u8], now: Time) -> (Vec<u8>, Option<Refusal>) {
        let (county, tries) = (&mut self.county, &mut self.tries);
        self.inviter
            .step(|draft, me, random| {
                let mut inviter = Inviter { me, coalitions: county, tries };
                inviter.answer(draft, peer, bytes, now, random)
            })
            .map(|(answer, refusal)| (answer.encode(), refusal))
            .unwrap()
    }

    fn answer(&mut self, bytes: &[u8]) -> (Vec<u8>, Option<Refusal>) {
        self.answer_at(self.newcomer.key.id(), bytes, NOW)
    }

    fn hear(&mut self, join: &mut Join, bytes: &[u8]) -> Result<Progress> {
        let peer = self.inviter.key.id();
        self.newcomer.step(|draft, _, _| join.answered(draft, peer, bytes))
    }

    fn reload(&mut self) -> Invite {
        self.invite = Invite::load(&self.inviter.store, self.invite.id()).unwrap().unwrap();
        self.invite.clone()
    }

    fn approve(&mut self) {
        let invite = self.reload();
        let node = self.newcomer.key.id();
        self.inviter.step(|draft, _, _| invite.approve(draft, node, NOW)).unwrap();
    }

    /// The newcomer has claimed and was welcomed.
    fn claimed() -> (Self, Join) {
        let mut world = Self::new();
        let mut join = world.begin();
        let (answer, refusal) = world.answer(&join.request(0).encode());
        assert_eq!(refusal, None);
        world.hear(&mut join, &answer).unwrap();
        (world, join)
    }
}

#[test]
fn both_sides_show_the_same_six_words_and_the_newcomer_gets_the_roster_once_approved() {
    let (mut world, mut join) = World::claimed();
    let claimed = world.reload().claims()[0].clone();
    assert_eq!(Some(claimed.words()), join.words());
    assert_eq!(claimed.words().split(' ').count(), 6);
    assert_eq!(claimed.card.name, "River Shelter");
    assert_eq!(join.offering().unwrap().name, "County");

    let (answer, _) = world.answer(&join.request(0).encode());
    assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Waiting);
    world.approve();
    let (answer, _) = world.answer(&join.request(0).encode());
    let Progress::Approved(page) = world.hear(&mut join, &answer).unwrap() else { panic!("not approved") };
    assert_eq!((page.entries, page.next), (world.county.entries.clone(), None));
    assert_eq!(page.addresses.len(), 1);
    assert_eq!(world.reload().standing(NOW), "used");
    // The last answer may have been lost: who came may ask again.
    let (answer, _) = world.answer(&join.request(0).encode());
    assert!(matches!(world.hear(&mut join, &answer).unwrap(), Progress::Approved(_)));
}

#[test]
fn who_was_taken_out_reads_no_roster_by_the_invite_that_once_let_it_in() {
    let (mut world, mut join) = World::claimed();
    world.approve();
    let (answer, _) = world.answer(&join.request(0).encode());
    assert!(matches!(world.hear(&mut join, &answer).unwrap(), Progress::Approved(_)));
    world.county.out = Some(world.newcomer.party.org());
    let (answer, refusal) = world.answer(&join.request(0).encode());
    assert_eq!(refusal, Some(Refusal::Out));
    // It hears so and keeps its join: let in again it goes on by the words that were compared.
    assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Stopped(Refusal::Out));
    world.county.out = None;
    let (answer, _) = world.answer(&join.request(0).encode());
    assert!(matches!(world.hear(&mut join, &answer).unwrap(), Progress::Approved(_)));
}

#[test]
fn an_inviter_that_was_taken_out_itself_says_so_to_who_holds_the_code_and_lets_nobody_in() {
    let (mut world, mut join) = World::claimed();
    world.approve();
    world.county.left = true;
    let (answer, refusal) = world.answer(&join.request(0).encode());
    assert_eq!(refusal, Some(Refusal::InviterOut));
    assert_eq!(world.hear(&mut join, &answer).unwrap(), Progress::Stopped(Refusal::InviterOut));
    let mut world = World::new();
    world.county.left = true;
    let join = world.begin();
    assert_eq!(world.answer(&join.request(0).encode()).1, Some(Refusal::InviterOut), "nor takes a claim");
}

#[test]
fn a_large_roster_comes_in_pages_that_fit_a_frame() {
    let mut world = World::with_entries(7);
    let mut join = world.begin();
    let (answer, _) = world.answer(&join.request(0).encode());
    world.hear(&mut join, &answer).unwrap();
    world.approve();
    let (mut entries, mut from, mut pages) = (Vec::new(), Some(0), 0);
    while let Some(number) = from {
        let (answer, _) = world.answer(&join.request(number).encode());
        assert!(answer.len() <= crate::limits::FRAME_BYTES);
        let Progress::Approved(page) = world.hear(&mut join, &answer).unwrap() else { panic!("not approved") };
        entries.extend(page.entries);
        from = page.next;
        pages += 1;
    }
    assert_eq!(entries, world.county.entries);
    assert!(pages > 2, "{pages}");
}

#[test]
fn a_claim_repeated_after_a_crash_is_answered_as_before() {
    let mut world = World::new();
    let mut join = world.begin();
    let (first, _) = world.answer(&join.request(0).encode());
    let again = world.begin();
    assert_eq!(again, join, "what was begun is gone on with");
    let (second, refusal) = world.answer(&again.request(0).encode());
    assert_eq!((first, refusal), (second.clone(), None));
    world.hear(&mut join, &second).unwrap();
}

#[test]
fn an_invite_is_redeemed_once() {
    let (mut world, join) = World::claimed();
    let mut other = Side::new(3, "Somebody Else");
    let code = join.code().clone();
    let theirs = other.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap();
    let (answer, refusal) = world.answer_at(other.key.id(), &theirs.request(0).encode(), NOW);
    assert_eq!(refusal, Some(Refusal::Used));
    let mut theirs = theirs;
    let peer = world.inviter.key.id();
    let fault = other.step(|draft, _, _| theirs.answered(draft, peer, &answer)).unwrap_err();
    assert_eq!(fault.class, Class::NotPermitted);
    assert!(fault.message.contains("used already"), "{fault}");
    // Nor by the same node with other random bytes: in the middle it could draw until the words fit.
    let mut forgetful = Side::new(2, "River Shelter");
    forgetful.random = Foretold::new(99);
    let code = join.code().clone();
    let again = forgetful.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap();
    assert_eq!(world.answer(&again.request(0).encode()).1, Some(Refusal::Used));
}

#[test]
fn wrong_expired_and_cancelled_codes_are_refused_on_both_sides() {
    let mut world = World::new();
    let join = world.begin();
    let claim = join.request(0).encode();
    let peer = world.newcomer.key.id();
    let late = world.invite.expires.plus(1);
    let told = |bytes: &[u8]| match Answer::decode(bytes).unwrap() {
        Answer::Refused(code) => Refusal::from_code(code),
        other => panic!("{other:?}"),
    };
    let (answer, refusal) = world.answer_at(peer, &claim, late);
    assert_eq!((told(&answer), refusal), (Refusal::Expired, Some(Refusal::Expired)));

    let unknown = terms(&world.inviter, &world.county);
    let mut elsewhere = Side::new(5, "Elsewhere");
    let stranger = elsewhere.step(|draft, _, random| Invite::make(draft, unknown, NOW, random)).unwrap();
    let code = stranger.code(world.inviter.party.org());
    let lost = world.newcomer.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap();
    assert_eq!(told(&world.answer(&lost.request(0).encode()).0), Refusal::Unknown);

    let Request::Claim(mut forged) = join.request(0) else { panic!("a claim comes first") };
    forged.proof[0] ^= 1;
    assert_eq!(told(&world.answer(&Request::Claim(forged).encode()).0), Refusal::WrongProof);

    let invite = world.reload();
    world.inviter.step(|draft, _, _| invite.cancel(draft, NOW)).unwrap();
    assert_eq!(told(&world.answer(&claim).0), Refusal::Cancelled);
    assert_eq!(told(&world.answer(&[9, 9]).0), Refusal::Version);
    assert_eq!(told(&world.answer(&[]).0), Refusal::Malformed);
    assert_eq!(world.county.read, 0, "for none of them an entry of the coalition was read");
}

#[test]
fn who_waits_for_a_steward_may_ask_as_often_as_it_likes_and_no_entry_is_read_for_it() {
    let mut world = World::with_entries(7);
    let mut join = world.begin();
    let (answer, _) = world.answer(&join.request(0).encode());
    world.hear(&mut join, &answer).unwrap();
    for _ in 0..3 {
        let (answer, _) = world.answer(&join.request(0).encode());
        assert!(matches!(world.hear(&mut join, &answer).unwrap(), Progress::Waiting));
    }
    assert_eq!(world.county.read, 0);
    world.approve();
    world.answer(&join.request(7).encode());
    assert_eq!(world.county.read, 2, "of all, those of the page that is due, and that there are no more");
}

#[test]
fn begin_refuses_an_expired_code_and_our_own() {
    let mut world = World::new();
    let code = world.invite.code(world.inviter.party.org());
    let late = code.expires.plus(1);
    let fault = world.newcomer.step(|d, me, r| Join::begin(d, code.clone(), me, late, r)).unwrap_err();
    assert!(fault.message.contains("expired"), "{fault}");
    let fault = world.inviter.step(|d, me, r| Join::begin(d, code, me, NOW, r)).unwrap_err();
    assert!(fault.message.contains("this organisation itself"), "{fault}");
}

#[test]
fn a_member_a_foreign_certificate_and_a_bad_name_are_refused() {
    let mut world = World::new();
    world.county.member = world.newcomer.party.org();
    let join = world.begin();
    assert_eq!(world.answer(&join.request(0).encode()).1, Some(Refusal::AlreadyMember));
    world.county.member = OrgId::ZERO;
    // The link says that another node speaks than the certificate names.
    assert_eq!(world.answer_at(NodeId([8; 32]), &join.request(0).encode(), NOW).1, Some(Refusal::Certificate));
    let Request::Claim(mut claim) = join.request(0) else { panic!("a claim comes first") };
    claim.claiming.party.card.name = "x\n".to_owned();
    let code = join.code();
    claim.proof = claim_proof(&code.secret, code.node, code.org, &claim.claiming);
    assert_eq!(world.answer(&Request::Claim(claim).encode()).1, Some(Refusal::Card));
}

#[test]
fn too_many_wrong_codes_shut_a_peer_out_even_with_the_right_one() {
    let mut world = World::new();
    let join = world.begin();
    let Request::Claim(mut forged) = join.request(0) else { panic!("a claim comes first") };
    forged.proof[0] ^= 1;
    let forged = Request::Claim(forged).encode();
    for _ in 0..crate::limits::INVITE_TRIES {
        assert_eq!(world.answer(&forged).1, Some(Refusal::WrongProof));
    }
    assert_eq!(world.answer(&join.request(0).encode()).1, Some(Refusal::TooManyTries));
    let peer = world.newcomer.key.id();
    assert_eq!(world.answer_at(peer, &join.request(0).encode(), NOW.plus(HOUR)).1, None);
}

#[test]
fn who_sits_in_the_middle_with_the_code_gives_itself_away_by_other_words() {
    let mut world = World::new();
    let mut join = world.begin();
    // It answers the newcomer in the inviter's place, and claims for itself.
    let mut middle = Side::new(6, "River Shelter");
    let code = join.code().clone();
    let mut own = middle.step(|draft, me, random| Join::begin(draft, code, me, NOW, random)).unwrap();
    let (answer, _) = world.answer_at(middle.key.id(), &own.request(0).encode(), NOW);
    let peer = world.inviter.key.id();
    middle.step(|draft, _, _| own.answered(draft, peer, &answer)).unwrap();
    // What the inviter said to it does not fit the newcomer's claim.
    assert_eq!(world.hear(&mut join, &answer).unwrap_err().class, Class::Misbehaved);
    // And with a proof made anew from the code, the words differ.
    let Answer::Welcome(mut offer) = Answer::decode(&answer).unwrap() else { panic!("welcomed") };
    let Request::Claim(claim) = join.request(0) else { panic!("a claim comes first") };
    offer.proof = offer_proof(&join.code().secret, &transcript(&claim.claiming, &offer.offering));
    world.hear(&mut join, &Answer::Welcome(offer).encode()).unwrap();
    assert_ne!(join.words(), Some(world.reload().claims()[0].words()));
    // The roster goes to who claimed, not to who asks in its name.
    assert_eq!(world.answer(&join.request(0).encode()).1, Some(Refusal::Used));
}

#[test]
fn an_answer_that_is_not_the_inviters_is_refused() {
    let mut world = World::new();
    let mut join = world.begin();
    let (answer, _) = world.answer(&join.request(0).encode());
    let fault = world.newcomer.step(|draft, _, _| join.answered(draft, NodeId([3; 32]), &answer)).unwrap_err();
    assert_eq!(fault.class, Class::Misbehaved);
    // The roster before any welcome, and of another coalition.
    let county = Approved {
        coalition: world.county.space,
        from: 0,
        entries: world.county.entries.clone(),
        next: None,
        addresses: Vec::new(),
    };
    assert!(world.hear(&mut join, &Answer::Approved(county.clone()).encode()).is_err());
    world.hear(&mut join, &answer).unwrap();
    let other = Approved { coalition: SpaceId([5; 32]), ..county.clone() };
    assert!(world.hear(&mut join, &Answer::Approved(other).encode()).is_err());
    let empty = Approved { entries: Vec::new(), ..county.clone() };
    assert!(world.hear(&mut join, &Answer::Approved(empty).encode()).is_err());
    let looping = Approved { next: Some(0), ..county };
    assert!(world.hear(&mut join, &Answer::Approved(looping).encode()).is_err());
}

#[test]
fn nothing_of_a_join_shows_the_secret() {
    let (world, join) = World::claimed();
    let secret = data_encoding::HEXLOWER.encode(world.invite.secret().as_bytes());
    let shown = format!("{join:?} {:?}", world.invite);
    assert!(!shown.contains(&secret) && !shown.contains(&format!("{:?}", world.invite.secret().as_bytes())));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_changed_or_cut_claim_is_refused(position in 0usize..1600, bit in 0u8..8, cut in 0usize..1600) {
        let mut world = World::new();
        let join = world.begin();
        let claim = join.request(0).encode();
        let mut changed = claim.clone();
        if let Some(byte) = changed.get_mut(position) {
            *byte ^= 1 << bit;
            prop_assert!(world.answer(&changed).1.is_some());
        }
        if cut < claim.len() {
            prop_assert!(world.answer(&claim[..cut]).1.is_some());
        }
        prop_assert!(world.reload().is_open(NOW));
    }

    #[test]
    fn a_changed_or_cut_answer_is_refused(position in 0usize..1600, bit in 0u8..8, cut in 0usize..1600) {
        let mut world = World::new();
        let mut join = world.begin();
        let (answer, _) = world.answer(&join.request(0).encode());
        let before = join.clone();
        let mut changed = answer.clone();
        if let Some(byte) = changed.get_mut(position) {
            *byte ^= 1 << bit;
            prop_assert!(matches!(world.hear(&mut join, &changed), Err(_) | Ok(Progress::Waiting | Progress::Stopped(_))));
        }
        if cut < answer.len() {
            prop_assert!(world.hear(&mut join, &answer[..cut]).is_err());
        }
        prop_assert_eq!(join, before);
    }

    #[test]
    fn foreign_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (mut world, mut join) = World::claimed();
        let mut versioned = vec![1];
        versioned.extend(&bytes);
        for bytes in [bytes, versioned] {
            prop_assert!(!matches!(world.answer(&bytes).0.get(1), Some(0 | 2)));
            prop_assert!(!matches!(world.hear(&mut join, &bytes), Ok(Progress::Approved(_))));
        }
    }
}
