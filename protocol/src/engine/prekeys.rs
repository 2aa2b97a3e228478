//! Encryption keys of this node: a new one every month, and the end of the old ones.
//!
//! The private half of an old one goes once everybody who could still wrap to it has taken a newer one, and what was wrapped before
//! has arrived or expired; at the latest after three months. What comes wrapped to it later does not open, and is asked for again
//! (`ask`, which names the newest).

use super::settle::{Work, allowed};
use super::{Context, Engine, identity};
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{NodeId, PrekeyId, SpaceId};
use crate::keys::PrekeySecret;
use crate::limits;
use crate::space::SpaceKind;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::arrivals;
use crate::time::{HOUR, Time};

/// The register in which a node publishes its newest encryption key: the encoded public half.
pub(super) const PREKEY: &str = "prekey";
/// The newest prekey and the arrival by which it was published, in `Table::Own`.
const PUBLISHED: &[u8] = b"prekey published";
/// Under it, by node: the newest of our prekeys that this node has taken.
const TAKEN: &[u8] = b"prekey taken/";

fn taken_key(node: NodeId) -> Vec<u8> {
    [TAKEN, node.as_bytes()].concat()
}

fn published(view: &dyn View) -> Result<Option<(PrekeyId, u64)>> {
    view.get(Table::Own, PUBLISHED)?
        .map(|row| codec::decode("prekey published", &row).map_err(|fault| Fault::store(fault.message)))
        .transpose()
}

/// When the key after the one of this time is due. One that was made far in the future, by a clock that was wrong, has had its time.
pub(super) fn prekey_due(made: Time, now: Time) -> Time {
    if made > now.plus(limits::CLOCK_SKEW) { now } else { made.plus(limits::PREKEY_LIFE) }
}

impl Engine {
    /// A new encryption key every [`limits::PREKEY_LIFE`].
    pub(super) fn rotate_prekey(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
    ) -> Result<()> {
        if ctx.now < prekey_due(identity::prekey_made(draft)?, ctx.now) {
            return Ok(());
        }
        self.new_prekey(draft, work, ctx)
    }

    /// Makes a new encryption key and publishes it wherever this node is.
    pub(super) fn new_prekey(&mut self, draft: &mut Draft<'_>, work: &mut Work, ctx: &mut Context<'_>) -> Result<()> {
        let secret = PrekeySecret::generate(ctx.random);
        self.spaces.date_prekeys_before(draft, ctx.now)?;
        self.spaces.hold_prekey(draft, &secret, ctx.now);
        identity::prekey_made_at(draft, ctx.now);
        let value = codec::encode(&secret.public());
        for record in self.spaces.no_threads(draft)? {
            if self.is_at_home(&record) && self.may_write(draft, record.space)? {
                allowed(self.publish(draft, work, ctx, record.space, PREKEY, value.clone()))?;
            }
        }
        self.note_published(draft, secret.id())?;
        work.durable = true;
        Ok(())
    }

    /// Says which key is the newest in a space that this node came into since it was made.
    pub(super) fn publish_prekey(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
        space: SpaceId,
    ) -> Result<()> {
        let certified = self.identity.certificate().prekey.id();
        let newest = match self.spaces.newest_prekey_of_ours(draft)? {
            Some(newest) if newest.id() != certified => newest,
            Some(_) | None => return Ok(()),
        };
        let home = self.spaces.record(draft, space)?.is_some_and(|record| self.is_at_home(&record));
        if home && self.may_write(draft, space)? {
            allowed(self.publish(draft, work, ctx, space, PREKEY, codec::encode(&newest)))?;
            self.note_published(draft, newest.id())?;
        }
        Ok(())
    }

    /// Where a node speaks of itself.
    fn is_at_home(&self, record: &crate::space::SpaceRecord) -> bool {
        match record.kind {
            SpaceKind::Coalition { .. } => true,
            SpaceKind::Private => record.custodian == self.identity.org(),
            SpaceKind::Thread { .. } => false,
        }
    }

    fn note_published(&self, draft: &mut Draft<'_>, newest: PrekeyId) -> Result<()> {
        let (number, _) = arrivals::last(draft)?;
        draft.put(Table::Own, PUBLISHED, codec::encode(&(newest, number)));
        Ok(())
    }

    /// Notes which peers hold all that arrived here up to some number, and so our newest prekey.
    pub(super) fn note_taken(&mut self, draft: &mut Draft<'_>, work: &mut Work) -> Result<()> {
        let taken = std::mem::take(&mut work.got.taken);
        if taken.is_empty() {
            return Ok(());
        }
        let Some((newest, number)) = published(draft)? else { return Ok(()) };
        for (node, upto) in taken {
            let key = taken_key(node);
            let news = upto >= number && draft.get(Table::Own, &key)?.as_deref() != Some(newest.as_bytes());
            if news && self.spaces.is_in_force(draft, node)? {
                draft.put(Table::Own, key, newest.0);
            }
        }
        Ok(())
    }

    /// Destroys the private halves whose time is over.
    pub(super) fn destroy_prekeys(&mut self, draft: &mut Draft<'_>, work: &mut Work, now: Time) -> Result<()> {
        if now >= self.looked && now.since(self.looked) < HOUR {
            return Ok(());
        }
        self.looked = now;
        self.forget_nodes(draft)?;
        self.spaces.date_accounts_before(draft, now)?;
        let mut held = self.spaces.prekeys(draft)?;
        held.sort_unstable();
        let mut everybody = None;
        for pair in held.windows(2) {
            let [(_, old), (succeeded, _)] = pair else { continue };
            let age = now.since(*succeeded);
            if age < limits::PREKEY_LINGERS {
                continue;
            }
            if age < limits::PREKEY_KEPT {
                let taken = match everybody {
                    Some(taken) => taken,
                    None => self.everybody_has_taken(draft)?,
                };
                everybody = Some(taken);
                if !taken {
                    continue;
                }
            }
            self.spaces.drop_prekey(draft, old);
            work.durable = true;
        }
        Ok(())
    }

    /// Forgets what is remembered of nodes that are in force no more: their bookmarks, and which of our prekeys they have taken.
    fn forget_nodes(&mut self, draft: &mut Draft<'_>) -> Result<()> {
        for (table, prefix) in [(Table::Bookmark, &[][..]), (Table::Own, TAKEN)] {
            for (key, _) in draft.scan(table, prefix, after_prefix(prefix).as_deref(), usize::MAX, false)? {
                let node = key.get(prefix.len()..).and_then(NodeId::from_slice);
                if let Some(node) = node
                    && !self.spaces.is_in_force(draft, node)?
                {
                    draft.delete(table, key);
                }
            }
        }
        Ok(())
    }

    /// Whether every node with which this one shares a thread or the private space has our newest prekey.
    fn everybody_has_taken(&mut self, view: &dyn View) -> Result<bool> {
        let Some((newest, _)) = published(view)? else { return Ok(false) };
        let me = self.identity.node();
        let mut sharing = self.spaces.sharing(view)?;
        sharing.insert(self.identity.org());
        let records = self.spaces.no_threads(view)?;
        for record in records.iter().filter(|record| matches!(record.kind, SpaceKind::Coalition { .. })) {
            let fold = self.spaces.fold(view, record.space)?;
            for (node, org) in &fold.nodes {
                if *node != me
                    && sharing.contains(org)
                    && view.get(Table::Own, &taken_key(*node))?.as_deref() != Some(newest.as_bytes())
                {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
