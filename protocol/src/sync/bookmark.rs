//! Bookmarks: where a peer has got to in our arrivals, in a token that only we can read and that tells it nothing.
//!
//! Token: 12 random bytes, then AES-256-GCM of (instance 8 bytes, arrival number, its chained hash) under a key of this store
//! alone, with the peer's node id as associated data.

use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::NodeId;
use crate::planted::{self, Bug};
use crate::random::{self, Random};
use crate::store::{Draft, Table, View};
use crate::sync::arrivals;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use zeroize::Zeroizing;

const INSTANCE: &[u8] = b"sync instance";

/// What tokens of this store are made with. Drawn with the first token; two copies of a folder share it.
struct Seal {
    instance: [u8; 8],
    key: LessSafeKey,
}

impl Seal {
    fn read(bytes: &[u8]) -> Result<Self> {
        let wrong = || Fault::store("sync instance: not 40 bytes");
        let (instance, key) = bytes.split_at_checked(8).ok_or_else(wrong)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| wrong())?);
        Ok(Self { instance: instance.try_into().map_err(|_| wrong())?, key })
    }

    fn load(view: &dyn View) -> Result<Option<Self>> {
        view.get(Table::Own, INSTANCE)?.map(|bytes| Self::read(&Zeroizing::new(bytes))).transpose()
    }

    fn make(draft: &mut Draft<'_>, random: &mut dyn Random) -> Result<Self> {
        if let Some(seal) = Self::load(draft)? {
            return Ok(seal);
        }
        let bytes = Zeroizing::new(random::array::<40>(random));
        draft.put(Table::Own, INSTANCE, bytes.as_slice());
        Self::read(bytes.as_slice())
    }
}

/// A token for `peer`: it has, or has been shown, all arrivals up to `number`.
///
/// # Errors
/// `Store`; `Bug` if there is no such arrival.
pub fn issue(draft: &mut Draft<'_>, random: &mut dyn Random, peer: NodeId, number: u64) -> Result<Vec<u8>> {
    let seal = Seal::make(draft, random)?;
    let chain = arrivals::chain(draft, number)?.ok_or_else(|| Fault::bug("a bookmark for no arrival"))?;
    let mut sealed = codec::encode(&(seal.instance, number, chain));
    let nonce = random::array::<12>(random);
    seal.key
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(peer.as_bytes()), &mut sealed)
        .map_err(|_| Fault::bug("a bookmark could not be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

/// The arrival number that a token of `peer` names; `None` if it does not fit: not ours, not this peer's, from before a
/// rollback, or from another copy of this store.
///
/// # Errors
/// `Store`.
pub fn fits(view: &dyn View, peer: NodeId, token: &[u8]) -> Result<Option<u64>> {
    let (Some(seal), Some((nonce, sealed))) = (Seal::load(view)?, token.split_at_checked(12)) else {
        return Ok(None);
    };
    let Ok(nonce) = Nonce::try_assume_unique_for_key(nonce) else { return Ok(None) };
    let mut sealed = sealed.to_vec();
    let Ok(opened) = seal.key.open_in_place(nonce, Aad::from(peer.as_bytes()), &mut sealed) else {
        return Ok(None);
    };
    let Ok((instance, number, chain)) = codec::decode::<([u8; 8], u64, [u8; 16])>("bookmark", opened) else {
        return Ok(None);
    };
    let chained = arrivals::chain(view, number)? == Some(chain) || planted::is(Bug::ChainIgnored);
    Ok((instance == seal.instance && chained).then_some(number))
}

/// The token that `peer` gave us last.
///
/// # Errors
/// `Store`.
pub fn held(view: &dyn View, peer: NodeId) -> Result<Option<Vec<u8>>> {
    view.get(Table::Bookmark, peer.as_bytes())
}

/// Forgets it: what is between us is compared, and all that is not here asked for anew.
pub fn forget(draft: &mut Draft<'_>, peer: NodeId) {
    draft.delete(Table::Bookmark, *peer.as_bytes());
}

/// Keeps a token that `peer` gave us. The same transaction holds all that it covers.
pub fn keep(draft: &mut Draft<'_>, peer: NodeId, token: Vec<u8>) {
    draft.put(Table::Bookmark, *peer.as_bytes(), token);
}
