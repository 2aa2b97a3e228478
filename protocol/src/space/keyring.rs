//! The keys of epochs: how they come to this node, and how they go to others.

use super::control::{Ask, Control, Epoch, Extend};
use super::graph::{Graph, What};
use super::load;
use super::record::Offered;
use super::rows;
use super::spaces::Spaces;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, PrekeyId, SpaceId};
use crate::keys::seal::{self, Packed};
use crate::keys::{EpochKey, PrekeyPublic, PrekeySecret, Wrap, wrap};
use crate::limits;
use crate::planted::{self, Bug};
use crate::random::Random;
use crate::store::{Draft, Table, View};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use zeroize::Zeroizing;

const EPOCH: &[u8] = b"epoch v1";
const EXTEND: &[u8] = b"extend v1";
const RECOVERY: &[u8] = b"recovery v1";

/// Bytes of a row of `Table::Prekey`.
const PREKEY_ROW: usize = 1 + 32 + 8;

/// Where a wrap of an epoch's key belongs.
fn epoch_place(space: SpaceId, commitment: &[u8; 32], node: Option<NodeId>) -> Vec<u8> {
    codec::encode(&(space, commitment, node))
}

fn extend_place(space: SpaceId, epochs: &[EntryHash], node: NodeId) -> Vec<u8> {
    codec::encode(&(space, epochs, node))
}

fn bundle_place(space: SpaceId, commitment: &[u8; 32], earlier: &[EntryHash]) -> Vec<u8> {
    codec::encode(&("belay bundle v1", space, commitment, earlier))
}

/// The key of an epoch, if this node holds it.
pub(super) fn held(view: &dyn View, epoch: &EntryHash) -> Result<Option<EpochKey>> {
    let Some(bytes) = view.get(Table::EpochKey, epoch.as_bytes())? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    EpochKey::from_slice(&bytes)
        .map(Some)
        .ok_or_else(|| Fault::store("the store is damaged: an epoch key has another length"))
}

pub(super) fn hold(draft: &mut Draft<'_>, epoch: &EntryHash, key: &EpochKey) {
    draft.put(Table::EpochKey, epoch.0, key.as_bytes().as_slice());
}

/// Keeps the private half of a prekey: `suite byte, 32 bytes, time (u64 big endian)`.
pub(super) fn hold_prekey(draft: &mut Draft<'_>, secret: &PrekeySecret, now: Time) {
    let mut bytes = Vec::with_capacity(PREKEY_ROW);
    bytes.push(secret.suite());
    bytes.extend_from_slice(secret.seed().as_slice());
    bytes.extend_from_slice(&now.0.to_be_bytes());
    draft.put(Table::Prekey, secret.id().0, bytes);
}

pub(super) fn prekey(view: &dyn View, id: &PrekeyId) -> Result<Option<PrekeySecret>> {
    let Some(bytes) = view.get(Table::Prekey, id.as_bytes())? else { return Ok(None) };
    let (secret, _) = read_prekey(&Zeroizing::new(bytes))?;
    Ok(Some(secret))
}

fn read_prekey(bytes: &[u8]) -> Result<(PrekeySecret, Time)> {
    let damaged = || Fault::store("the store is damaged: a prekey has another length");
    let (suite, rest) = bytes.split_first().ok_or_else(damaged)?;
    let (seed, time) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
    let time = u64::from_be_bytes(time.try_into().map_err(|_| damaged())?);
    Ok((PrekeySecret::of_suite(*suite, *seed)?, Time(time)))
}

/// Every prekey whose private half is here, with when it was made.
fn held_prekeys(view: &dyn View) -> Result<Vec<(Time, PrekeySecret)>> {
    let mut all = Vec::new();
    for (_, bytes) in view.scan(Table::Prekey, &[], None, usize::MAX, false)? {
        let (secret, time) = read_prekey(&Zeroizing::new(bytes))?;
        all.push((time, secret));
    }
    Ok(all)
}

/// Their names.
pub(super) fn prekeys(view: &dyn View) -> Result<Vec<(Time, PrekeyId)>> {
    Ok(held_prekeys(view)?.into_iter().map(|(time, secret)| (time, secret.id())).collect())
}

/// The newest prekey whose private half is here.
pub(super) fn newest_own_prekey(view: &dyn View) -> Result<Option<PrekeyPublic>> {
    let newest = held_prekeys(view)?.into_iter().max_by_key(|(time, secret)| (*time, secret.id()));
    Ok(newest.map(|(_, secret)| secret.public()))
}

/// Dates those that were made later than `now` the moment before it.
pub(super) fn date_prekeys_before(draft: &mut Draft<'_>, now: Time) -> Result<()> {
    for (_, secret) in held_prekeys(draft)?.into_iter().filter(|(time, _)| *time > now) {
        hold_prekey(draft, &secret, Time(now.0.saturating_sub(1)));
    }
    Ok(())
}

impl Graph {
    fn commitment(&self, epoch: &EntryHash) -> Option<[u8; 32]> {
        let fact = self.facts.get(self.control_number(epoch)? as usize)?;
        match &fact.what {
            What::Epoch { commitment, .. } => Some(*commitment),
            What::Found
            | What::Grant { .. }
            | What::Revoke { .. }
            | What::Certify { .. }
            | What::Retire { .. }
            | What::Keep
            | What::Extend { .. }
            | What::Ask { .. }
            | What::Approve { .. } => None,
        }
    }
}

impl Spaces {
    /// Takes the keys that an accepted entry brings us. A wrap that does not open, or opens to a key that its epoch's commitment does
    /// not bind, is as good as none.
    pub(super) fn take_keys(
        &mut self,
        draft: &mut Draft<'_>,
        space: SpaceId,
        hash: EntryHash,
        control: &Control,
        out: &mut Offered,
    ) -> Result<()> {
        match control {
            Control::Epoch(epoch) => {
                if held(draft, &hash)?.is_some() {
                    return Ok(());
                }
                let ours =
                    epoch.wraps.iter().find(|(node, _)| *node == self.me).map(|(node, wrap)| (Some(*node), wrap));
                for (node, wrap) in ours.into_iter().chain(epoch.recovery.iter().map(|wrap| (None, wrap))) {
                    let info = if node.is_some() { EPOCH } else { RECOVERY };
                    if let Some(opened) = unwrap(draft, wrap, info, &epoch_place(space, &epoch.commitment, node))?
                        && let Some(key) = EpochKey::from_slice(&opened)
                    {
                        self.learn(draft, space, hash, key, out)?;
                    }
                }
                for key in rows::given(draft, space, &hash)? {
                    rows::forget_given(draft, space, &hash, &key);
                    self.learn(draft, space, hash, key, out)?;
                }
            }
            Control::Extend(extend) => {
                let me = self.me;
                for (node, wrap) in extend.wraps.iter().filter(|(node, _)| *node == me) {
                    let place = extend_place(space, &extend.epochs, *node);
                    let Some(opened) = unwrap(draft, wrap, EXTEND, &place)? else { continue };
                    for (epoch, key) in extend.epochs.iter().zip(opened.chunks(32)) {
                        if let Some(key) = EpochKey::from_slice(key) {
                            self.learn(draft, space, *epoch, key, out)?;
                        }
                    }
                }
            }
            Control::Found(_)
            | Control::Grant(_)
            | Control::Revoke(_)
            | Control::Certify(_)
            | Control::Retire(_)
            | Control::Keep(_)
            | Control::Ask(_)
            | Control::Approve(_) => {}
        }
        Ok(())
    }

    /// Tries again the wraps of every epoch whose key is not held: a prekey came to hand. Gives the epochs that open now.
    ///
    /// # Errors
    /// `Misuse` if the space is not here; `Store`.
    pub fn take_epochs(&mut self, draft: &mut Draft<'_>, space: SpaceId) -> Result<Vec<(SpaceId, EntryHash)>> {
        let mut out = Offered::default();
        let (graph, _) = self.opened(draft, space)?;
        let mut epochs = Vec::new();
        for (fact, c) in graph.facts.iter().zip(0u32..) {
            if matches!(fact.what, What::Epoch { .. }) {
                epochs.push(graph.control_node(c)?.hash);
            }
        }
        for epoch in epochs {
            if held(draft, &epoch)?.is_none()
                && let Some(entry) = load::entry(draft, &epoch)?
                && let Some(control) = Control::decode(entry.header().kind, entry.body())?
            {
                self.take_keys(draft, space, epoch, &control, &mut out)?;
            }
        }
        Ok(out.keys)
    }

    /// Takes an epoch's key that came by another way than a wrap; kept until the epoch is here. Gives the epochs that open now.
    ///
    /// # Errors
    /// `Store`.
    pub fn take_key(
        &mut self,
        draft: &mut Draft<'_>,
        space: SpaceId,
        epoch: EntryHash,
        key: &EpochKey,
    ) -> Result<Vec<(SpaceId, EntryHash)>> {
        let mut out = Offered::default();
        if held(draft, &epoch)?.is_some() {
            return Ok(out.keys);
        }
        if self.has(draft, &epoch)? && self.ensure(draft, space)? {
            self.learn(draft, space, epoch, key.clone(), &mut out)?;
        } else {
            rows::put_given(draft, space, &epoch, key);
        }
        Ok(out.keys)
    }

    /// The key of an epoch, if it is held.
    ///
    /// # Errors
    /// `Store`.
    pub fn epoch_key(&self, view: &dyn View, epoch: &EntryHash) -> Result<Option<EpochKey>> {
        held(view, epoch)
    }

    /// Keeps a key that its accepted epoch binds, and what lies sealed under it, and so on.
    fn learn(
        &mut self,
        draft: &mut Draft<'_>,
        space: SpaceId,
        epoch: EntryHash,
        key: EpochKey,
        out: &mut Offered,
    ) -> Result<()> {
        let mut todo = vec![(epoch, key)];
        while let Some((epoch, key)) = todo.pop() {
            let (graph, _) = self.pair(space)?;
            let bound = graph.commitment(&epoch).is_some_and(|commitment| key.matches(&commitment))
                || planted::is(Bug::CommitmentUnchecked);
            if !bound || held(draft, &epoch)?.is_some() {
                continue;
            }
            hold(draft, &epoch, &key);
            out.keys.push((space, epoch));
            let entry =
                load::entry(draft, &epoch)?.ok_or_else(|| Fault::bug("keys: an accepted epoch is not stored"))?;
            let Some(Control::Epoch(body)) = Control::decode(entry.header().kind, entry.body())? else { continue };
            let place = bundle_place(space, &body.commitment, &body.earlier);
            if let Ok(keys) = seal::open(&key, &place, &body.bundle) {
                for (earlier, key) in body.earlier.iter().zip(keys.chunks(32)) {
                    todo.extend(EpochKey::from_slice(key).map(|key| (*earlier, key)));
                }
            }
        }
        Ok(())
    }

    /// The newest prekey of a node that is known here: its register in the space or its coalition, else its certificate's.
    pub(super) fn newest_prekey(&self, view: &dyn View, space: SpaceId, node: NodeId) -> Result<Option<PrekeyPublic>> {
        let (graph, coalition) = self.pair(space)?;
        let mut newest = None;
        for place in [Some(space), graph.coalition()].into_iter().flatten() {
            if let Some(register) = super::register::stored(view, place, node, "prekey")?
                && let Ok(prekey) = codec::decode::<PrekeyPublic>("prekey", &register.value)
                && prekey.check().is_ok()
                && newest.as_ref().is_none_or(|(order, _)| *order < register.order())
            {
                newest = Some((register.order(), prekey));
            }
        }
        Ok(newest.map(|(_, prekey)| prekey).or_else(|| coalition.unwrap_or(graph).certified_prekey(&node)))
    }

    /// A new epoch for exactly these nodes, and its key. `earlier`: the epochs whose keys go into its bundle, sorted.
    pub(super) fn mint(
        &self,
        view: &dyn View,
        random: &mut dyn Random,
        space: SpaceId,
        readers: &BTreeSet<NodeId>,
        earlier: Vec<EntryHash>,
    ) -> Result<(Epoch, EpochKey)> {
        let key = EpochKey::generate(random);
        let commitment = key.commitment();
        let wraps = self.wrap_to(view, random, space, readers, EPOCH, key.as_bytes(), |node| {
            epoch_place(space, &commitment, Some(node))
        })?;
        let recovery = match &self.pair(space)?.0.recovery {
            Some(to) => {
                let place = epoch_place(space, &commitment, None);
                let garbled = [7; 32];
                let secret = if planted::is(Bug::RecoveryGarbled) { &garbled } else { key.as_bytes() };
                Some(wrap::wrap(to, RECOVERY, &place, secret, random)?)
            }
            None => None,
        };
        let bundle = if earlier.is_empty() {
            Vec::new()
        } else {
            let keys = keys_of(view, &earlier)?;
            seal::seal(&key, &bundle_place(space, &commitment, &earlier), &Packed::new(&keys)?, random)?
        };
        Ok((Epoch { commitment, wraps, recovery, earlier, bundle }, key))
    }

    /// The keys of these epochs (sorted), for these nodes.
    pub(super) fn extend(
        &self,
        view: &dyn View,
        random: &mut dyn Random,
        space: SpaceId,
        readers: &BTreeSet<NodeId>,
        epochs: Vec<EntryHash>,
    ) -> Result<Extend> {
        let keys = keys_of(view, &epochs)?;
        let wraps =
            self.wrap_to(view, random, space, readers, EXTEND, &keys, |node| extend_place(space, &epochs, node))?;
        Ok(Extend { epochs, wraps })
    }

    /// The keys of these epochs (sorted), for who asked.
    pub(super) fn answer(
        view: &dyn View,
        random: &mut dyn Random,
        space: SpaceId,
        node: NodeId,
        ask: &Ask,
        epochs: Vec<EntryHash>,
    ) -> Result<Extend> {
        let mut keys = keys_of(view, &epochs)?;
        if planted::is(Bug::GarbageWrapped) {
            keys.fill(7);
        }
        let wrap = wrap::wrap(&ask.prekey, EXTEND, &extend_place(space, &epochs, node), &keys, random)?;
        Ok(Extend { epochs, wraps: vec![(node, wrap)] })
    }

    #[expect(clippy::too_many_arguments, reason = "one place that wraps, for epochs and extends")]
    fn wrap_to(
        &self,
        view: &dyn View,
        random: &mut dyn Random,
        space: SpaceId,
        readers: &BTreeSet<NodeId>,
        info: &[u8],
        secret: &[u8],
        place: impl Fn(NodeId) -> Vec<u8>,
    ) -> Result<Vec<(NodeId, Wrap)>> {
        if readers.len() > limits::WRAPS {
            return Err(Fault::not_permitted(format!(
                "this space has {} nodes that read, at most {} can be reached; retire nodes that are not used",
                readers.len(),
                limits::WRAPS
            )));
        }
        let garbage = vec![7; secret.len()];
        let mut wraps = Vec::with_capacity(readers.len());
        for node in readers {
            let to = self
                .newest_prekey(view, space, *node)?
                .ok_or_else(|| Fault::bug("keys: a certified node without a prekey"))?;
            let odd = node.as_bytes().first().is_some_and(|byte| byte % 2 == 1);
            let secret = if odd && planted::is(Bug::GarbageWrapped) { &garbage[..] } else { secret };
            wraps.push((*node, wrap::wrap(&to, info, &place(*node), secret, random)?));
        }
        Ok(wraps)
    }

    /// The epochs among these control entries whose keys are held, the newest [`limits::EPOCHS_NAMED`] of them, sorted.
    /// With `compact`, without those that another's bundle already holds.
    pub(super) fn held_epochs(
        &self,
        view: &dyn View,
        space: SpaceId,
        own: &super::bits::Bits,
        compact: bool,
    ) -> Result<Vec<EntryHash>> {
        let (graph, _) = self.pair(space)?;
        let mut ranked = BTreeMap::new();
        let mut bundled = BTreeSet::new();
        for c in own.iter() {
            let What::Epoch { earlier, .. } = &graph.fact(c)?.what else { continue };
            let hash = graph.control_node(c)?.hash;
            if held(view, &hash)?.is_some() {
                ranked.insert((graph.past_of(c)?.own.len(), hash), ());
                bundled.extend(earlier.iter().copied());
            }
        }
        let mut epochs: Vec<EntryHash> = ranked
            .into_keys()
            .rev()
            .map(|(_, hash)| hash)
            .filter(|hash| !compact || !bundled.contains(hash))
            .take(limits::EPOCHS_NAMED)
            .collect();
        epochs.sort_unstable();
        Ok(epochs)
    }
}

/// Opens a wrap with whichever prekey it names, if that is here.
fn unwrap(view: &dyn View, sealed: &Wrap, info: &[u8], place: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(secret) = prekey(view, &sealed.prekey)? else { return Ok(None) };
    Ok(wrap::open(&secret, sealed, info, place).ok())
}

fn keys_of(view: &dyn View, epochs: &[EntryHash]) -> Result<Zeroizing<Vec<u8>>> {
    let mut keys = Zeroizing::new(Vec::with_capacity(32 * epochs.len()));
    for epoch in epochs {
        let key = held(view, epoch)?.ok_or_else(|| Fault::bug("keys: an epoch that is not held is to be passed on"))?;
        keys.extend_from_slice(key.as_bytes());
    }
    Ok(keys)
}
