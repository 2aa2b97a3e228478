//! Opening bodies, and saying why one does not open.

use super::entry::Kind;
use super::spaces::Spaces;
use super::{keyring, load};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId};
use crate::keys::seal;
use crate::store::View;
use zeroize::Zeroizing;

/// Why a body can not be opened, here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unopened {
    /// This node is not among the readers of the space.
    NotAReader,
    /// The epoch's key has not come (yet): no wrap for us, a garbled one, or one with a wrong commitment. [`Spaces::tend`] asks.
    EpochMissing,
    /// Sealed under an epoch that its own causal past does not allow: minted before a removal that it knew, or reaching others
    /// than the readers. Readers do not apply it, whether they could open it or not.
    Revoked,
    /// The key is here, the bytes do not open under it.
    Corrupt,
    /// The entry does not count.
    Quarantined,
}

/// The plaintext of a sealed body that opened here before, as the store has it: that it counts, and was sealed as it had to be, was asked then.
/// `None` for what never opened.
///
/// # Errors
/// `Store`.
pub fn reopen(view: &dyn View, hash: &EntryHash) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let Some(entry) = load::entry(view, hash)? else { return Ok(None) };
    let Some(epoch) = entry.header().epoch else { return Ok(None) };
    let Some(key) = keyring::held(view, &epoch)? else { return Ok(None) };
    Ok(seal::open(&key, entry.header_bytes(), entry.body()).ok())
}

/// Who wrote an accepted entry whose body is in clear, and the body. `None` for one that is not here.
///
/// # Errors
/// `Store`.
pub fn in_clear(view: &dyn View, hash: &EntryHash) -> Result<Option<(NodeId, Vec<u8>)>> {
    let entry = load::entry(view, hash)?.filter(|entry| entry.header().epoch.is_none());
    Ok(entry.map(|entry| (entry.header().author, entry.body().to_vec())))
}

impl Spaces {
    /// The plaintext of an accepted data entry, or why there is none. The coalition's own bodies come as they are.
    ///
    /// # Errors
    /// `Misuse` for an entry that is not here or no data; `Store`.
    pub fn open_body(
        &mut self,
        view: &dyn View,
        hash: &EntryHash,
    ) -> Result<std::result::Result<Zeroizing<Vec<u8>>, Unopened>> {
        let (space, i) = self.place(view, hash)?;
        if self.counted(view, space)?.0.counts(i) { self.open_late(view, hash) } else { Ok(Err(Unopened::Quarantined)) }
    }

    /// As [`Spaces::open_body`], whether the entry counts or not: what its own causal past allows.
    ///
    /// # Errors
    /// As there.
    pub fn open_late(
        &mut self,
        view: &dyn View,
        hash: &EntryHash,
    ) -> Result<std::result::Result<Zeroizing<Vec<u8>>, Unopened>> {
        let (space, i) = self.place(view, hash)?;
        let (graph, coalition) = self.pair(space)?;
        let node = graph.node(i)?;
        if node.kind != Kind::Data {
            return Err(Fault::misuse("this entry is a control entry; it has no body to open"));
        }
        let entry = self.entry(view, hash)?.ok_or_else(|| Fault::bug("open: an accepted entry is not stored"))?;
        if graph.is_coalition() {
            return Ok(Ok(Zeroizing::new(entry.body().to_vec())));
        }
        if graph.body_error(coalition, i)?.is_some() {
            return Ok(Err(Unopened::Revoked));
        }
        let epoch = entry.header().epoch.ok_or_else(|| Fault::bug("open: a sealed entry without an epoch"))?;
        let Some(key) = keyring::held(view, &epoch)? else {
            let past = graph.past(node.past)?;
            let reads = graph.fold_now(coalition)?.readers.contains(&self.me)
                || graph.fold_at(coalition, past)?.readers.contains(&self.me);
            return Ok(Err(if reads { Unopened::EpochMissing } else { Unopened::NotAReader }));
        };
        Ok(seal::open(&key, entry.header_bytes(), entry.body()).map_err(|_| Unopened::Corrupt))
    }
}
