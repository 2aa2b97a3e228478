//! Keys of threads that the nodes of one organisation have in common.
//!
//! Whoever learns the key of a thread's epoch writes it down in the private space, sealed as everything there. So a further node,
//! and one that came back from the phrase, reads what the organisation may read without asking the other organisations of each
//! thread, and also where nobody else may pass the keys on. Entries of a thread still come only to who is in it.

use super::settle::{Work, allowed};
use super::{Context, Engine};
use crate::disclosure::PrivateBody;
use crate::disclosure::private::{SharedKey, VERSION};
use crate::fault::Result;
use crate::ids::{EntryHash, SpaceId};
use crate::keys::EpochKey;
use crate::keys::digest::sha256;
use crate::limits;
use crate::space::{By, SpaceKind};
use crate::store::{Draft, Table, View};

/// Epochs of which a key stands in the private space, in `Table::Own`, with the hash of that key: one that is none of the epoch's keeps
/// nobody from writing down the true one.
const SHARED: &[u8] = b"shared/";
/// How an encoded record of keys begins: the version, and the number of its variant.
const KEYS: [u8; 2] = [VERSION, 15];

fn name(key: &EpochKey) -> [u8; 32] {
    sha256(b"belay shared key v1\0", &[key.as_bytes()])
}

fn key(epoch: &EntryHash) -> Vec<u8> {
    [SHARED, epoch.as_bytes()].concat()
}

impl Engine {
    /// Writes down the keys that came and do not stand there yet.
    pub(super) fn share_keys(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let learnt = std::mem::take(&mut work.learnt);
        if learnt.is_empty() {
            return Ok(());
        }
        let Some(private) = self.private_space(draft)? else { return Ok(()) };
        if !self.may_write(draft, private)? {
            return Ok(());
        }
        let mut keys = Vec::new();
        for (space, epoch) in learnt {
            if self.spaces.is_thread(draft, space)?
                && let Some(secret) = self.spaces.epoch_key(draft, &epoch)?
                && draft.get(Table::Own, &key(&epoch))?.is_none_or(|stands| stands != name(&secret))
            {
                keys.push(SharedKey { space, epoch, key: secret.into() });
            }
        }
        for keys in keys.chunks(limits::KEYS_SHARED) {
            let body = PrivateBody::Keys(keys.to_vec()).encode();
            let mut by = By { key: self.identity.key(), now: ctx.now, random: ctx.random };
            let Some(written) = allowed(self.spaces.write(draft, &mut by, private, &body))? else { return Ok(()) };
            work.got.wrote(written.offered);
            for shared in keys {
                draft.put(Table::Own, key(&shared.epoch), name(&shared.key.clone().into()));
            }
        }
        Ok(())
    }

    /// Takes what another node of this organisation wrote down.
    pub(super) fn take_shared(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        space: SpaceId,
        body: &[u8],
    ) -> Result<()> {
        if !body.starts_with(&KEYS) {
            return Ok(());
        }
        let own = self.identity.org();
        let private =
            self.spaces.record(draft, space)?.is_some_and(|r| r.kind == SpaceKind::Private && r.custodian == own);
        if !private {
            return Ok(());
        }
        let Ok(PrivateBody::Keys(keys)) = PrivateBody::decode(body) else { return Ok(()) };
        for shared in keys {
            let (space, epoch) = (shared.space, shared.epoch);
            let secret: EpochKey = shared.key.into();
            let said = name(&secret);
            let opened = self.spaces.take_key(draft, space, epoch, &secret)?;
            work.got.keys.extend(opened);
            if self.spaces.epoch_key(draft, &epoch)?.is_none_or(|held| name(&held) == said) {
                draft.put(Table::Own, key(&epoch), said);
            }
        }
        Ok(())
    }
}
