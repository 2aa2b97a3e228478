//! For whom a consent of ours ended, or came to let less be told, and when: what somebody has to hear whom no node tells.

use super::{Consent, Expiry, Signed, Terms, heads};
use crate::ids::OrgId;
use crate::referral::Information;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// That a consent ended for a party, or lets less be told between it and us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ending {
    pub party: OrgId,
    /// The version that was signed so; of a word, the lowest against which it stands.
    pub version: u32,
    /// By that version, and not by a word of the person against one that stands.
    pub by_version: bool,
    pub at: Time,
}

/// What is told less than some version let be told that came before, between us and one party.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Less {
    /// What we tell it no more.
    pub told: BTreeSet<Information>,
    /// What it may tell us no more.
    pub heard: BTreeSet<Information>,
    /// When it ends now, where that was otherwise and not sooner.
    pub ends: Option<Expiry>,
}

impl Less {
    /// Nothing is less.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.told.is_empty() && self.heard.is_empty() && self.ends.is_none()
    }

    fn and(mut self, other: Self) -> Self {
        self.told.extend(other.told);
        self.heard.extend(other.heard);
        self.ends = self.ends.or(other.ends);
        self
    }
}

fn ways(terms: &Terms, from: OrgId, to: OrgId) -> BTreeSet<Information> {
    terms.flows.iter().filter(|flow| (flow.from, flow.to) == (from, to)).map(|flow| flow.information).collect()
}

fn between(before: &Terms, after: &Terms, own: OrgId, party: OrgId) -> Less {
    let gone = |from, to| ways(before, from, to).difference(&ways(after, from, to)).copied().collect();
    let (told, heard): (BTreeSet<Information>, BTreeSet<Information>) = (gone(own, party), gone(party, own));
    let named = !ways(after, own, party).is_empty() || !ways(after, party, own).is_empty();
    let ends = after.expiry.clone().filter(|now| named && sooner(before.expiry.as_ref(), now));
    Less { told, heard, ends }
}

/// Whether an end may come sooner than the one before it: of two of which nobody can know, it may.
fn sooner(before: Option<&Expiry>, now: &Expiry) -> bool {
    match (before, now) {
        (None, _) | (_, Expiry::Never) => false,
        (Some(Expiry::On(before)), Expiry::On(now)) => now.at < before.at,
        (Some(before), now) => before != now,
    }
}

/// What the newest versions let be told less than any that came before, or that one of those signed apart lets and another does not.
#[must_use]
pub fn less(versions: &[Consent], own: OrgId, party: OrgId) -> Less {
    let all = versions.iter().filter_map(Consent::signed);
    let newest: Vec<&Signed> = heads(versions).into_iter().filter_map(Consent::signed).collect();
    let pairs = all.flat_map(|before| newest.iter().map(move |after| (before, after)));
    pairs.fold(Less::default(), |less, (before, after)| less.and(between(&before.terms, &after.standing(), own, party)))
}

/// Every end of a consent for somebody besides `own`, by the person's word or by a version that lets less be told than one it was made
/// of. Each once, and the same in whatever order the records came: a word is that of the lowest version against which it stands, and a
/// version is held against what was known to who made it.
#[must_use]
pub fn endings(versions: &[Consent], own: OrgId) -> BTreeSet<Ending> {
    let mut words: BTreeMap<(OrgId, Time), u32> = BTreeMap::new();
    let mut all = BTreeSet::new();
    for consent in versions {
        let Some(signed) = consent.signed() else { continue };
        let (revoked, until) = match consent {
            Consent::Revoked(revoked) => (Some(revoked.at), None),
            Consent::Void(void) => (void.revoked.as_ref().map(|(at, ..)| *at), Some(void.at)),
            Consent::Signed(_) | Consent::Draft(_) => (None, None),
        };
        // What was taken back only after it was known to be false, ended for nobody.
        let counts = |at: &Time| until.is_none_or(|until| *at <= until);
        let whole = revoked.into_iter().flat_map(|at| signed.terms.parties().into_iter().map(move |p| (p.org, at)));
        let apart = signed.withdrawn.iter().map(|gone| (gone.party, gone.at));
        for word in whole.chain(apart).filter(|(party, at)| *party != own && counts(at)) {
            words.entry(word).or_insert(signed.version);
        }
        for before in versions.iter().filter_map(Consent::signed) {
            if !signed.upon.versions.contains(&before.mark()) {
                continue;
            }
            let before = signed.made_of(before);
            let parties = before.parties().into_iter().map(|party| party.org).filter(|party| *party != own);
            all.extend(
                parties
                    .filter(|party| !between(&before, &signed.terms, own, *party).is_nothing())
                    .map(|party| Ending { party, version: signed.version, by_version: true, at: signed.recorded }),
            );
        }
    }
    let word = |((party, at), version)| Ending { party, version, by_version: false, at };
    all.extend(words.into_iter().map(word));
    all
}
