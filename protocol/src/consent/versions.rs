//! All that is on record of one consent, in whatever order it came and however often, written at however many nodes of the
//! organisation apart from each other.
//!
//! A record is a version as somebody left it: a draft, what was signed, and what was said of it since. [`fold`] makes of all of
//! them what holds, as a pure function of the set. Of changes that did not know of each other the stricter holds:
//!
//! - what was said of one version (somebody taken out, something left out, an event, that it is revoked or false) holds for every
//!   later one that was written without knowing of it ([`Upon`]);
//! - versions that were signed apart all stand; [`decide`](super::decide) asks each, and the earliest of their ends holds.

use super::lifetime::{Consent, Draft, Revoked, Signed, Void, Withdrawal};
use super::{Doubt, Restriction, Terms};
use crate::codec;
use crate::ids::OrgId;
use crate::keys::digest::sha256;
use crate::referral::{By, Expiry, Flow, Information, Party, Purpose, Told};
use crate::sensitive::Personal;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// SHA-256 of what was signed, or of one thing that was said of it.
pub type Mark = [u8; 32];

/// What a version was made of: which versions its author knew, and what had been said of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Upon {
    /// The newest that were signed: one, or those that were signed apart. Sorted. None of a first version.
    pub versions: Vec<Mark>,
    /// What had been said of them. Sorted.
    pub said: Vec<Mark>,
}

pub(super) fn mark<T: Serialize>(what: u8, of: &T) -> Mark {
    sha256(b"belay consent mark v1\0", &[&[what], &zeroize::Zeroizing::new(codec::encode(of))])
}

impl Restriction {
    /// Names what was asked, with its answer.
    #[must_use]
    pub fn mark(&self) -> Mark {
        mark(2, self)
    }
}

impl Signed {
    /// Names what was signed, whatever was said of it since.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let terms = (self.id, self.version, self.person, &self.terms, &self.upon);
        mark(0, &(terms, &self.signature, self.date, &self.recorded_by, self.recorded))
    }

    /// The next version, to be changed and signed.
    #[must_use]
    pub fn amend(&self) -> Draft {
        next(self, &[])
    }

    /// What `before`, of which this version was made, let be told as far as its author knew: whoever the person took out of that one
    /// meanwhile, at another node, was in it then.
    pub(super) fn made_of(&self, before: &Self) -> Terms {
        let mut known = before.clone();
        known.withdrawn.retain(|gone| self.upon.said.contains(&mark(1, gone)));
        known.standing()
    }

    /// What was said of it since.
    fn said(&self) -> impl Iterator<Item = Mark> + '_ {
        let withdrawn = self.withdrawn.iter().map(|w| mark(1, w));
        withdrawn.chain(self.restricted.iter().map(Restriction::mark))
    }
}

impl Upon {
    /// What is known when these stand: the newest that were signed.
    #[must_use]
    pub fn these(heads: &[&Signed]) -> Self {
        let mut versions: Vec<Mark> = heads.iter().map(|head| head.mark()).collect();
        let mut said: Vec<Mark> = heads.iter().flat_map(|head| head.said()).collect();
        for list in [&mut versions, &mut said] {
            list.sort_unstable();
            list.dedup();
        }
        Self { versions, said }
    }
}

/// One version that was signed, with all that is on record of it.
struct Version {
    signed: Signed,
    revoked: Option<(Time, Told, By)>,
    void: Option<(Time, Personal<String>, By)>,
}

/// The union of two lists as sets, by time and then by bytes.
fn union<T: Serialize + Clone>(list: &mut Vec<T>, more: &[T], at: impl Fn(&T) -> Time) {
    let all = list.iter().chain(more).map(|one| ((at(one), codec::encode(one)), one.clone()));
    let all: BTreeMap<_, T> = all.collect();
    *list = all.into_values().collect();
}

/// What came first; of equals by bytes.
fn earlier<T: Serialize>(a: Option<T>, b: Option<T>, at: impl Fn(&T) -> Time) -> Option<T> {
    a.into_iter().chain(b).min_by_key(|one| (at(one), codec::encode(one)))
}

fn least(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    a.into_iter().chain(b).min()
}

impl Version {
    fn new(consent: Consent) -> Option<Self> {
        Some(match consent {
            Consent::Draft(_) => return None,
            Consent::Signed(signed) => Self { signed, revoked: None, void: None },
            Consent::Revoked(Revoked { signed, at, told, heard_by }) => {
                Self { signed, revoked: Some((at, told, heard_by)), void: None }
            }
            Consent::Void(Void { signed, at, why, by, revoked }) => Self { signed, revoked, void: Some((at, why, by)) },
        })
    }

    /// Takes up what another record of the same version says.
    fn join(&mut self, other: Self) {
        union(&mut self.signed.withdrawn, &other.signed.withdrawn, |w: &Withdrawal| w.at);
        union(&mut self.signed.restricted, &other.signed.restricted, |r: &Restriction| r.at);
        union(&mut self.signed.doubts, &other.signed.doubts, |doubt: &Doubt| doubt.at);
        self.signed.event = least(self.signed.event, other.signed.event);
        self.signed.revocable = least(self.signed.revocable, other.signed.revocable);
        self.revoked = earlier(self.revoked.take(), other.revoked, |(at, ..)| *at);
        self.void = earlier(self.void.take(), other.void, |(at, ..)| *at);
    }

    fn into_consent(self) -> Consent {
        let Self { signed, revoked, void } = self;
        match (void, revoked) {
            (Some((at, why, by)), revoked) => Consent::Void(Void { signed, at, why, by, revoked }),
            (None, Some((at, told, heard_by))) => Consent::Revoked(Revoked { signed, at, told, heard_by }),
            (None, None) => Consent::Signed(signed),
        }
    }
}

/// What holds, of all records of one consent: drafts of versions that nobody signed, and every version that was signed, with what
/// was said of it. In order of version; what was signed apart under one number, in order of its mark.
#[must_use]
pub fn fold(records: impl IntoIterator<Item = Consent>) -> Vec<Consent> {
    let mut drafts: BTreeMap<(u32, Vec<u8>), Draft> = BTreeMap::new();
    let mut versions: BTreeMap<(u32, Mark), Version> = BTreeMap::new();
    for record in records {
        match record {
            Consent::Draft(draft) => _ = drafts.insert((draft.version, codec::encode(&draft)), draft),
            Consent::Signed(_) | Consent::Revoked(_) | Consent::Void(_) => {
                let Some(version) = Version::new(record) else { continue };
                match versions.entry((version.signed.version, version.signed.mark())) {
                    std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().join(version),
                    std::collections::btree_map::Entry::Vacant(new) => _ = new.insert(version),
                }
            }
        }
    }
    carry(&mut versions);
    drafts.retain(|(number, _), _| !versions.keys().any(|(signed, _)| signed == number));
    let mut all: Vec<((u32, Mark), Consent)> =
        drafts.into_iter().map(|((number, _), draft)| ((number, [0; 32]), Consent::Draft(draft))).collect();
    all.extend(versions.into_iter().map(|(key, version)| (key, version.into_consent())));
    // Drafts of one number keep their order.
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|(_, consent)| consent).collect()
}

/// Carries what was said of each version to every one after it that did not know of it.
fn carry(versions: &mut BTreeMap<(u32, Mark), Version>) {
    let known = known(versions);
    let keys: Vec<(u32, Mark)> = versions.keys().copied().collect();
    for from in &keys {
        let Some(said) = versions.get(from) else { continue };
        let withdrawn: Vec<(Mark, Withdrawal)> =
            said.signed.withdrawn.iter().map(|w| (mark(1, w), w.clone())).collect();
        let restricted: Vec<(Mark, Restriction)> =
            said.signed.restricted.iter().map(|r| (r.mark(), r.clone())).collect();
        let (event, revocable, matter) =
            (said.signed.event, said.signed.revocable, said.signed.terms.supervision.clone());
        let (revoked, void, doubts) = (said.revoked.clone(), said.void.clone(), said.signed.doubts.clone());
        for (to, version) in versions.iter_mut().filter(|(to, _)| *to != from) {
            // A word against the whole is one against all of its versions.
            version.revoked = earlier(version.revoked.take(), revoked.clone(), |(at, ..)| *at);
            union(&mut version.signed.doubts, &doubts, |doubt| doubt.at);
            if to.0 < from.0 {
                continue;
            }
            version.void = earlier(version.void.take(), void.clone(), |(at, ..)| *at);
            let unknown = |mark: &Mark| known.get(to).is_none_or(|known| !known.contains(mark));
            let gone: Vec<Withdrawal> =
                withdrawn.iter().filter(|(mark, _)| unknown(mark)).map(|(_, w)| w.clone()).collect();
            union(&mut version.signed.withdrawn, &gone, |w| w.at);
            let out: Vec<Restriction> =
                restricted.iter().filter(|(mark, _)| unknown(mark)).map(|(_, r)| r.clone()).collect();
            union(&mut version.signed.restricted, &out, |r| r.at);
            version.signed.event = least(version.signed.event, event);
            if version.signed.terms.supervision == matter {
                version.signed.revocable = least(version.signed.revocable, revocable);
            }
        }
    }
}

/// What the author of each version knew to be said: of the versions that it was made of, and of those that they were made of.
fn known(versions: &BTreeMap<(u32, Mark), Version>) -> BTreeMap<(u32, Mark), BTreeSet<Mark>> {
    let mut known: BTreeMap<(u32, Mark), BTreeSet<Mark>> = BTreeMap::new();
    // A version has a higher number than those that it was made of, so that they come first.
    for (key, version) in versions {
        let upon = &version.signed.upon;
        let mut all: BTreeSet<Mark> = upon.said.iter().copied().collect();
        for ((_, mark), said) in &known {
            if upon.versions.contains(mark) {
                all.extend(said);
            }
        }
        known.insert(*key, all);
    }
    known
}

/// Those of `signed` of which no other was made: the newest, and what was signed apart from it.
#[must_use]
pub fn heads(versions: &[Consent]) -> Vec<&Consent> {
    let all: Vec<&Consent> = versions.iter().filter(|c| c.signed().is_some()).collect();
    if all.len() < 2 {
        return all;
    }
    let made_of: BTreeSet<Mark> =
        all.iter().filter_map(|c| c.signed()).flat_map(|s| s.upon.versions.iter().copied()).collect();
    all.into_iter().filter(|c| c.signed().is_some_and(|s| !made_of.contains(&s.mark()))).collect()
}

/// What a thread goes on under that was sent under version `from`: all that was signed, but what that version was made of.
#[must_use]
pub fn since(versions: Vec<Consent>, from: u32) -> Vec<Consent> {
    let signed: Vec<Consent> = versions.into_iter().filter(|c| c.signed().is_some()).collect();
    if signed.len() < 2 || signed.iter().all(|c| c.version() >= from) {
        return signed;
    }
    let marks: BTreeMap<Mark, &Consent> = signed.iter().filter_map(|c| c.signed().map(|s| (s.mark(), c))).collect();
    // Versions under one number may have been made of different ones: what one of them did not know of still counts.
    let mut known_to_all: Option<BTreeSet<Mark>> = None;
    for one in signed.iter().filter(|c| c.version() == from).filter_map(Consent::signed) {
        let mut before = BTreeSet::new();
        let mut open = one.upon.versions.clone();
        while let Some(mark) = open.pop() {
            if before.insert(mark)
                && let Some(older) = marks.get(&mark).and_then(|c| c.signed())
            {
                open.extend(&older.upon.versions);
            }
        }
        known_to_all = Some(match known_to_all {
            None => before,
            Some(known) => known.intersection(&before).copied().collect(),
        });
    }
    let known = known_to_all.unwrap_or_default();
    let keep: Vec<bool> = signed.iter().map(|c| c.signed().is_some_and(|s| !known.contains(&s.mark()))).collect();
    signed.into_iter().zip(keep).filter_map(|(consent, keep)| keep.then_some(consent)).collect()
}

/// What one way of a thread rests on that goes on under `versions`: on all from the first on that opens it, and on what was signed apart from
/// that one. What the version it was sent under left shut rests on the signature under the one that opened it. What was opened once and
/// shut since stays shut, and so does all where either was taken out by the person's word. `placed`: the way by which copies lie for
/// emergencies, which opens no referral and is opened by none.
#[must_use]
pub fn opening(
    versions: &[Consent],
    (from, to): (OrgId, OrgId),
    information: Information,
    placed: bool,
) -> Vec<Consent> {
    let this =
        |f: &Flow| (f.from, f.to, f.information, f.purpose == Purpose::Emergency) == (from, to, information, placed);
    let opens = |c: &Consent| c.terms().flows.iter().any(this);
    let gone = |c: &Consent| {
        c.signed().is_some_and(|signed| signed.withdrawn.iter().any(|w| w.party == from || w.party == to))
    };
    let signed = versions.iter().filter(|c| c.signed().is_some());
    match signed.filter(|c| opens(c)).map(Consent::version).min() {
        Some(first) if !versions.iter().any(gone) => since(versions.to_vec(), first),
        Some(_) | None => versions.to_vec(),
    }
}

/// The next version of those that stand, to be changed and signed: what each of them allows, until the earliest of their ends.
/// Whoever the person took out is out of it, and what was agreed to leave out stays so. `others`: signed apart from the newest.
#[must_use]
pub fn next(newest: &Signed, others: &[&Signed]) -> Draft {
    let mut terms = newest.standing();
    for other in others.iter().map(|head| head.standing()) {
        terms.flows.retain(|flow| covered(&other, flow));
        terms.acquaintances.retain(|known| other.acquaintances.contains(known));
        terms.team.retain(|org| other.team.contains(org));
        for restriction in other.restrictions {
            if !terms.restrictions.contains(&restriction) {
                terms.restrictions.push(restriction);
            }
        }
        terms.expiry = match (terms.expiry, other.expiry) {
            (Some(Expiry::On(a)), Some(Expiry::On(b))) => Some(Expiry::On(a.min(b))),
            (_, Some(end @ Expiry::On(_))) => Some(end),
            (end, _) => end,
        };
    }
    let parties: Vec<Party> = terms.parties().into_iter().cloned().collect();
    terms.follow_flows(&parties);
    let heads: Vec<&Signed> = others.iter().copied().chain([newest]).collect();
    Draft {
        id: newest.id,
        version: newest.version.saturating_add(1),
        person: newest.person,
        terms,
        upon: Upon::these(&heads),
    }
}

fn covered(terms: &Terms, flow: &Flow) -> bool {
    let same = |f: &&Flow| (f.from, f.to, f.information) == (flow.from, flow.to, flow.information);
    terms.flows.iter().filter(same).any(|f| f.purpose.covers(&flow.purpose))
}
