//! By force: entries are handed to whoever holds some keys, and every key is tried on every wrap and every body, whatever the rules
//! of the protocol say about who may.

use super::{Opened, PART};
use crate::system::System;
use anyhow::{Context as _, Result};
use belay_protocol::codec;
use belay_protocol::engine::Identity;
use belay_protocol::fault::{Fault, Result as Protocol};
use belay_protocol::ids::{EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::keys::{EpochKey, PrekeySecret, Wrap, seal, wrap};
use belay_protocol::referral::Body;
use belay_protocol::space::control::Control;
use belay_protocol::space::entry::{Entry, Kind};
use belay_protocol::space::{By, Spaces};
use belay_protocol::store::{Draft, Table, View};
use belay_protocol::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// The entries of a space as a store holds them, in order.
///
/// # Errors
/// The store can not be read.
pub fn entries(of: &Opened, space: SpaceId) -> Result<Vec<Entry>> {
    Ok(of.reader.at_once(|view| collect(&Spaces::new(of.node), view, space))?)
}

fn collect(spaces: &Spaces, view: &dyn View, space: SpaceId) -> Protocol<Vec<Entry>> {
    let (mut all, mut from) = (Vec::new(), 0);
    loop {
        let part = spaces.order(view, space, from, PART)?;
        for hash in &part {
            all.push(spaces.entry(view, hash)?.ok_or_else(|| Fault::store("an entry in order is missing"))?);
        }
        if part.len() < PART {
            return Ok(all);
        }
        from = from.saturating_add(u32::try_from(PART).unwrap_or(u32::MAX));
    }
}

/// Tries all keys in the store of `who` on these entries. Gives the names of the bodies that opened.
///
/// # Errors
/// The store can not be read.
pub fn open_all(who: &Opened, handed: &[Entry]) -> Result<BTreeSet<EntryHash>> {
    Ok(bodies(who, handed)?.into_keys().collect())
}

/// As [`open_all`], with what is in them: what was packed for the thread, unpacked.
pub fn bodies(who: &Opened, handed: &[Entry]) -> Result<BTreeMap<EntryHash, Vec<u8>>> {
    let view = &who.reader;
    let secrets: Vec<PrekeySecret> = view
        .scan(Table::Prekey, &[], None, usize::MAX, false)?
        .iter()
        .filter_map(|(_, value)| {
            let (suite, rest) = value.split_first()?;
            PrekeySecret::of_suite(*suite, *rest.first_chunk::<32>()?).ok()
        })
        .collect();
    anyhow::ensure!(!secrets.is_empty(), "a node holds at least one key to unwrap with");
    let mut keys: Vec<EpochKey> = view
        .scan(Table::EpochKey, &[], None, usize::MAX, false)?
        .iter()
        .filter_map(|(_, value)| EpochKey::from_slice(value))
        .collect();
    for entry in handed {
        for secret in &secrets {
            keys.extend(unwrapped(secret, entry));
        }
    }
    let sealed = handed.iter().filter(|e| e.header().kind == Kind::Data && e.header().epoch.is_some());
    Ok(sealed
        .filter_map(|e| {
            let body = keys.iter().find_map(|key| seal::open(key, e.header_bytes(), e.body()).ok())?;
            let plain = Body::decode(&body).map_or_else(|_| body.to_vec(), |body| codec::encode(&body));
            Some((e.hash(), plain))
        })
        .collect())
}

/// Every key that this secret gets out of the wraps of one entry, made for whomever.
fn unwrapped(secret: &PrekeySecret, entry: &Entry) -> Vec<EpochKey> {
    let space = entry.space();
    let open = |sealed: &Wrap, info: &[u8], place: &[u8]| {
        // As if it had been made for this very prekey.
        let ours = Wrap { prekey: secret.id(), ..sealed.clone() };
        wrap::open(secret, &ours, info, place).ok()
    };
    let mut keys = Vec::new();
    match Control::decode(entry.header().kind, entry.body()) {
        Ok(Some(Control::Epoch(epoch))) => {
            for (node, sealed) in &epoch.wraps {
                let place = codec::encode(&(space, &epoch.commitment, Some::<NodeId>(*node)));
                keys.extend(open(sealed, b"epoch v1", &place).and_then(|key| EpochKey::from_slice(&key)));
            }
        }
        Ok(Some(Control::Extend(extend))) => {
            for (node, sealed) in &extend.wraps {
                let place = codec::encode(&(space, extend.epochs.as_slice(), *node));
                if let Some(several) = open(sealed, b"extend v1", &place) {
                    keys.extend(several.chunks(32).filter_map(EpochKey::from_slice));
                }
            }
        }
        _ => {}
    }
    keys
}

/// What became of sealing something more.
#[derive(Debug)]
pub enum Sealed {
    /// All entries of the space, those that were written for it at the end; the last one is the body.
    Entries(Vec<Entry>),
    /// The node's own rules refuse to.
    Refused(String),
}

/// Lets the writer's own code and keys seal a further body into a space, at a time of our choosing, over its store and without
/// keeping anything of it. `first`: takes this organisation out before.
///
/// # Errors
/// The store can not be read.
pub fn seal_more(writer: &Opened, space: SpaceId, now: Time, first: Option<OrgId>) -> Result<Sealed> {
    let view = &writer.reader;
    let identity = Identity::load(view)?;
    let mut spaces = Spaces::new(writer.node);
    let mut draft = Draft::new(view);
    let mut random = System;
    let mut by = By { key: identity.key(), now, random: &mut random };
    if let Some(org) = first {
        spaces.revoke(&mut draft, &mut by, space, org).context("taking the organisation out")?;
    }
    match spaces.write(&mut draft, &mut by, space, b"sealed afterwards") {
        Ok(written) => {
            let mut all = collect(&spaces, &draft, space)?;
            all.retain(|entry| entry.hash() != written.hash);
            all.extend(spaces.entry(&draft, &written.hash)?);
            Ok(Sealed::Entries(all))
        }
        Err(fault) => Ok(Sealed::Refused(fault.message)),
    }
}
