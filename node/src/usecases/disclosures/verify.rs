//! Whether the record of looks and disclosures is whole, as far as this machine can tell: each entry of the private space is as it was signed
//! and follows what is here, opens and reads; the tables hold what the entries say and nothing else; the times stand in order; and what this
//! organisation wrote into referrals that others can read is on record.
//!
//! It proves nothing of what was never written, nor of newest entries that were cut off before anybody else held them: who has this machine's
//! key can write a shorter record and sign it. A copy with a partner, or at another machine of this organisation, shows that.

use crate::api::Outcome;
use crate::api::care::{AuditCheckView, FindingView};
use crate::usecases::attachments::chunks;
use crate::usecases::records::{self, Kind};
use crate::usecases::staff::{self, StaffSession};
use crate::usecases::{people, threads};
use belay_protocol::disclosure::{Looked, PrivateBody};
use belay_protocol::engine::{Applied, Step, Unopened};
use belay_protocol::fault::{Fault, Result};
use belay_protocol::ids::{EntryHash, NodeId, SpaceId};
use belay_protocol::limits::{CLOCK_SKEW, LIST_PAGE};
use belay_protocol::space::control::Control;
use belay_protocol::space::entry::{Entry, Kind as EntryKind};
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Entries looked at together.
const PART: usize = 1_000;

/// What was looked at, and what is wrong with it.
#[derive(Default)]
struct Check {
    view: AuditCheckView,
    /// What the entries of the private space say: the body of each look and disclosure.
    said: BTreeMap<EntryHash, Vec<u8>>,
    /// The entries of referrals that are on record as told.
    told: BTreeSet<(SpaceId, EntryHash)>,
}

impl Check {
    fn find(&mut self, what: impl Into<String>, entry: EntryHash, at: Option<Time>) {
        self.view.wrong = self.view.wrong.saturating_add(1);
        if self.view.findings.len() < LIST_PAGE {
            self.view.findings.push(FindingView { what: what.into(), entry, at });
        }
    }
}

/// Looks through all of it.
///
/// # Errors
/// Not a privacy officer; `Store`.
pub fn verify(step: &mut Step<'_>, session: &StaffSession) -> Outcome<AuditCheckView> {
    staff::privacy_officer(step.draft(), session, "to verify the record of looks and disclosures")?;
    let mut check = Check::default();
    let (engine, draft) = step.engine();
    let private = engine.private_space(draft)?;
    let private = private.ok_or_else(|| Fault::misuse("this organisation has no private space here yet"))?;
    signed(step, private, &mut check)?;
    bodies(step, private, &mut check)?;
    tables(step, &mut check)?;
    referrals(step, private, &mut check)?;
    people::look(step, session, Looked::Audit, None, None)?;
    Ok(check.view)
}

/// Each entry is as it was signed, follows what is here, and is not of before what its machine wrote before it.
fn signed(step: &mut Step<'_>, space: SpaceId, check: &mut Check) -> Result<()> {
    let (latest, mut from) = (step.context().now.plus(CLOCK_SKEW), 0_u32);
    loop {
        let (engine, draft) = step.engine();
        let part = engine.spaces().order(draft, space, from, PART)?;
        for hash in &part {
            check.view.entries = check.view.entries.saturating_add(1);
            let Some(entry) = engine.spaces().entry(draft, hash)? else {
                check.find("an entry is missing", *hash, None);
                continue;
            };
            let (time, author) = (entry.header().time, entry.header().author);
            match Entry::verify(entry.bytes().to_vec()) {
                Ok(again) if again.hash() == *hash => {}
                Ok(_) => check.find("an entry is not the one that its name stands for", *hash, Some(time)),
                Err(fault) => check.find(format!("an entry was changed: {fault}"), *hash, Some(time)),
            }
            // What counts no more is held to be of whoever had the key.
            let counts = engine.spaces().counts(draft, hash)?;
            if counts && time > latest {
                check.find("an entry is of a time to come: was the clock ahead?", *hash, Some(time));
            }
            for parent in &entry.header().parents {
                let Some(before) = engine.spaces().entry(draft, parent)? else {
                    check.find(format!("what it follows is missing: {}", parent.short()), *hash, Some(time));
                    continue;
                };
                let was = before.header().time;
                if counts && before.header().author == author && was > time.plus(CLOCK_SKEW) {
                    let set = format!("the clock was set back: what was written before it says {}", was.rfc3339());
                    check.find(set, *hash, Some(time));
                }
            }
        }
        if part.len() < PART {
            return Ok(());
        }
        from = from.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
    }
}

/// Each body opens and reads, and says the time at which it was written.
fn bodies(step: &mut Step<'_>, space: SpaceId, check: &mut Check) -> Result<()> {
    let mut from = Some(0);
    while let Some(start) = from {
        let (engine, draft) = step.engine();
        let part = engine.bodies(draft, space, start, PART)?;
        for (hash, why) in part.unopened {
            match why {
                // Of a machine that was retired, or of who wrote what a later word undid: kept, and without effect.
                Unopened::Quarantined => check.view.apart = check.view.apart.saturating_add(1),
                why => check.find(format!("an entry does not open: {why:?}"), hash, None),
            }
        }
        for Applied { hash, time, body, .. } in part.applied {
            let read = PrivateBody::decode(&body);
            let said = match read {
                Ok(PrivateBody::Audit(look)) => {
                    check.view.looks = check.view.looks.saturating_add(1);
                    look.at
                }
                Ok(PrivateBody::Disclosure(told)) => {
                    check.view.disclosures = check.view.disclosures.saturating_add(1);
                    check.told.insert((told.space, told.entry));
                    told.recorded
                }
                Ok(_) => continue,
                Err(fault) => {
                    check.find(format!("an entry does not read: {fault}"), hash, Some(time));
                    continue;
                }
            };
            if said != time {
                check.find(format!("it says that it was written at {}", said.rfc3339()), hash, Some(time));
            }
            check.said.insert(hash, body.to_vec());
        }
        from = part.next;
    }
    Ok(())
}

/// What is shown is what the entries say, all of it and nothing else.
fn tables(step: &mut Step<'_>, check: &mut Check) -> Result<()> {
    let mut said = std::mem::take(&mut check.said);
    for kind in [Kind::Audit, Kind::Disclosure] {
        for record in records::all(step.draft(), kind, &[])? {
            let same = said.remove(&record.hash).map(|body| body == *record.body.encode());
            match same {
                Some(true) => {}
                Some(false) => check.find("the list says otherwise than the entry", record.hash, None),
                None => check.find("the list has what no entry says", record.hash, None),
            }
        }
    }
    for hash in said.into_keys() {
        check.find("the list lacks it (belay doctor --rebuild makes the lists again)", hash, None);
    }
    Ok(())
}

/// What this organisation wrote into referrals, sealed so that another can open it, is on record as told.
fn referrals(step: &mut Step<'_>, private: SpaceId, check: &mut Check) -> Result<()> {
    let (engine, draft) = step.engine();
    let spaces = engine.space_records(draft)?;
    let mut ours = Ours { private, known: BTreeMap::new() };
    for space in spaces.into_iter().map(|record| record.space) {
        if threads::of_space(step.draft(), space)?.is_none() {
            continue;
        }
        let mut from = Some(0);
        while let Some(start) = from {
            let (engine, draft) = step.engine();
            let own = engine.org();
            let part = engine.bodies(draft, space, start, PART)?;
            // The parts of a file are told as one, by what puts them together.
            let acts = part.applied.into_iter().filter(|one| one.org == own && chunks::in_thread(&one.body).is_none());
            let acts: Vec<Applied> = acts.collect();
            for one in acts {
                let (engine, draft) = step.engine();
                let sealed = engine.spaces().entry(draft, &one.hash)?.and_then(|entry| entry.header().epoch);
                let Some(epoch) = sealed else { continue };
                check.view.told = check.view.told.saturating_add(1);
                if !check.told.contains(&(space, one.hash)) && ours.others_open(step, epoch)? {
                    check.find("it went into a referral and is not on record as told", one.hash, Some(one.time));
                }
            }
            from = part.next;
        }
    }
    Ok(())
}

/// Whose nodes are this organisation's.
struct Ours {
    private: SpaceId,
    known: BTreeMap<NodeId, bool>,
}

impl Ours {
    /// Whether the key of an epoch was made for a node of somebody else as well.
    fn others_open(&mut self, step: &mut Step<'_>, epoch: EntryHash) -> Result<bool> {
        let (engine, draft) = step.engine();
        let Some(minted) = engine.spaces().entry(draft, &epoch)? else { return Ok(false) };
        let Ok(Some(Control::Epoch(minted))) = Control::decode(EntryKind::Epoch, minted.body()) else {
            return Ok(false);
        };
        for (node, _) in &minted.wraps {
            let ours = match self.known.get(node) {
                Some(ours) => *ours,
                None => engine.spaces().certificate(draft, self.private, node)?.is_some(),
            };
            self.known.insert(*node, ours);
            if !ours {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
