//! What holds between two organisations: a fold over all that either wrote, the same in whatever order it came.
//!
//! Of the versions that both have signed, that have begun and that neither has ended, the highest holds; of two with one number, as
//! they come about where both sides draft at once, the one with the lower hash. One that has run out brings back none before it.

use super::body::Body;
use super::terms::{Hours, Terms};
use crate::ids::{AgreementId, OrgId, SpaceId, TermsHash};
use crate::limits;
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A body that counts, with its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    pub org: OrgId,
    /// What the author's clock said.
    pub time: Time,
    pub body: Body,
}

/// A version and who has signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub terms: Terms,
    pub hash: TermsHash,
    /// In the order of `terms.sides`: when, and by whom.
    pub signed: [Option<(Time, String)>; 2],
}

/// All that was said about one agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    pub id: AgreementId,
    /// The highest first; of one number the lower hash first.
    pub versions: Vec<Version>,
    /// That it was ended; the highest that was said.
    pub ended: Option<End>,
}

/// That one side ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// Every version up to this one.
    pub through: u32,
    pub org: OrgId,
    pub at: Time,
    pub reason: String,
    /// Who ended it for that organisation.
    pub by: String,
}

/// How it stands with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// One side has not signed yet, or neither has.
    Proposed,
    /// Signed by both, and not begun yet.
    Coming,
    InForce,
    /// Its time is over.
    Expired,
    /// A later one holds, or held.
    Replaced,
    /// One side has ended it.
    Ended,
}

/// Folds what was written about one agreement. What its author had no right to say is left out.
#[must_use]
pub fn fold(coalition: SpaceId, id: AgreementId, bodies: &[Placed]) -> Agreement {
    let mut versions: BTreeMap<(Reverse<u32>, TermsHash), Version> = BTreeMap::new();
    let mut sides: Option<[OrgId; 2]> = None;
    for placed in bodies {
        let Body::Proposed(terms) = &placed.body else { continue };
        let own = terms.side(placed.org).is_some();
        if own && terms.coalition == coalition && terms.id() == id && terms.check().is_ok() {
            let hash = terms.hash();
            sides = Some([terms.sides[0].org, terms.sides[1].org]);
            let version = || Version { terms: (**terms).clone(), hash, signed: [None, None] };
            versions.entry((Reverse(terms.version), hash)).or_insert_with(version);
        }
    }
    let mut ended: Option<End> = None;
    for placed in bodies {
        let Some(side) = sides.and_then(|sides| sides.iter().position(|org| *org == placed.org)) else { continue };
        match &placed.body {
            Body::Signed { agreement, terms, by } if *agreement == id => {
                let version = versions.values_mut().find(|version| version.hash == *terms);
                if let Some(slot) = version.and_then(|version| version.signed.get_mut(side)) {
                    let signature = (placed.time, by.clone());
                    // Two nodes of one organisation may both have signed.
                    if slot.as_ref().is_none_or(|known| signature < *known) {
                        *slot = Some(signature);
                    }
                }
            }
            Body::Ended { agreement, through, reason, by } if *agreement == id => {
                let (at, org) = (placed.time, placed.org);
                let end = End { through: *through, org, at, reason: reason.clone(), by: by.clone() };
                let key = |end: &End| {
                    (
                        end.through,
                        Reverse(end.at),
                        Reverse(end.org),
                        Reverse(end.reason.clone()),
                        Reverse(end.by.clone()),
                    )
                };
                if ended.as_ref().is_none_or(|known| key(&end) > key(known)) {
                    ended = Some(end);
                }
            }
            _ => {}
        }
    }
    let versions = kept(versions);
    Agreement { id, versions, ended }
}

/// Those that both have signed, and of the others the highest.
fn kept(versions: BTreeMap<(Reverse<u32>, TermsHash), Version>) -> Vec<Version> {
    let (signed, mut open): (Vec<Version>, Vec<Version>) = versions.into_values().partition(Version::is_signed);
    open.truncate(limits::AGREEMENT_PROPOSALS);
    let mut all = signed;
    all.truncate(limits::AGREEMENT_VERSIONS);
    all.append(&mut open);
    all.sort_by_key(|version| (Reverse(version.terms.version), version.hash));
    all
}

impl Version {
    /// Whether both sides have signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed.iter().all(Option::is_some)
    }

    /// Whether this side has.
    #[must_use]
    pub fn signed_by(&self, org: OrgId) -> bool {
        self.terms.sides.iter().zip(&self.signed).any(|(side, signed)| side.org == org && signed.is_some())
    }
}

impl Agreement {
    fn is_ended(&self, version: &Version) -> bool {
        self.ended.as_ref().is_some_and(|end| version.terms.version <= end.through)
    }

    /// The version that holds, or held last, at `now`.
    fn winner(&self, now: Time) -> Option<&Version> {
        self.versions
            .iter()
            .find(|version| version.is_signed() && !self.is_ended(version) && version.terms.from.at <= now)
    }

    /// The version that holds now.
    #[must_use]
    pub fn holds(&self, now: Time) -> Option<&Version> {
        self.winner(now).filter(|version| version.terms.until.is_none_or(|until| now < until.at))
    }

    /// The next moment after `now` at which another version, or none, may hold though nobody did anything.
    #[must_use]
    pub fn next_change(&self, now: Time) -> Option<Time> {
        let moments = self.versions.iter().flat_map(|version| [Some(version.terms.from), version.terms.until]);
        moments.flatten().map(|moment| moment.at).filter(|at| *at > now).min()
    }

    /// How it stands with one of its versions.
    #[must_use]
    pub fn standing(&self, version: &Version, now: Time) -> Standing {
        if self.is_ended(version) {
            return Standing::Ended;
        }
        let replaced = self.winner(now).is_some_and(|winner| {
            winner.hash != version.hash
                && (winner.terms.version, Reverse(winner.hash)) > (version.terms.version, Reverse(version.hash))
        });
        let over = version.terms.until.is_some_and(|until| until.at <= now);
        match (version.is_signed(), version.terms.from.at <= now) {
            _ if replaced => Standing::Replaced,
            (false, _) => Standing::Proposed,
            (true, _) if over => Standing::Expired,
            (true, false) => Standing::Coming,
            (true, true) => Standing::InForce,
        }
    }

    /// The highest number that anybody used.
    #[must_use]
    pub fn highest(&self) -> u32 {
        let ended = self.ended.as_ref().map_or(0, |end| end.through);
        self.versions.iter().map(|version| version.terms.version).max().unwrap_or(0).max(ended)
    }

    /// What the recipient has promised, as of now. `None`: no agreement, or none about referrals to it.
    #[must_use]
    pub fn hours(&self, recipient: OrgId, now: Time) -> Option<Hours> {
        self.holds(now)?.terms.side(recipient)?.intake.as_ref().map(|intake| intake.hours)
    }
}
