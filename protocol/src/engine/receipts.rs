//! Receipts: what this node says of a thread that it holds, once that is durable.
//!
//! While full pages follow one another the same threads come again and again, and each receipt costs a signature here and a check at
//! every reader. So they are put off until a page that is not full, or anything else that comes, or a second of silence. Which are put
//! off stands in [`Table::Own`], written with the entries that they speak of: a crash loses none. So do those that a node owes which holds
//! itself for removed: it says nothing until it hears that it is not.

use super::settle::{Work, allowed};
use super::{Context, Engine};
use crate::codec;
use crate::fault::Result;
use crate::ids::SpaceId;
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::receipt::RECEIPT;

const PUT_OFF: &[u8] = b"receipt due/";
const SILENT: &[u8] = b"receipt unsaid/";

/// Threads that have a row of this kind: at most so many.
fn threads(view: &dyn View, kind: &[u8], most: usize) -> Result<Vec<SpaceId>> {
    let rows = view.scan(Table::Own, kind, after_prefix(kind).as_deref(), most, false)?;
    Ok(rows.iter().filter_map(|(key, _)| key.get(kind.len()..).and_then(SpaceId::from_slice)).collect())
}

fn row(kind: &[u8], space: SpaceId) -> Vec<u8> {
    [kind, space.as_bytes()].concat()
}

/// Whether any receipt was put off.
pub(super) fn are_due(view: &dyn View) -> Result<bool> {
    Ok(!threads(view, PUT_OFF, 1)?.is_empty())
}

impl Engine {
    /// Publishes what is due, or puts it off.
    pub(super) fn give_receipts(
        &mut self,
        draft: &mut Draft<'_>,
        work: &mut Work,
        ctx: &mut Context<'_>,
    ) -> Result<()> {
        let mut due = std::mem::take(&mut work.receipts);
        if due.is_empty() && work.got.more {
            return Ok(());
        }
        let before = threads(draft, PUT_OFF, limits::RECEIPTS_PUT_OFF)?;
        if work.got.more && before.len() + due.len() <= limits::RECEIPTS_PUT_OFF {
            due.iter().for_each(|space| draft.put(Table::Own, row(PUT_OFF, *space), []));
            return Ok(());
        }
        before.iter().for_each(|space| draft.delete(Table::Own, row(PUT_OFF, *space)));
        due.extend(before);
        for space in due {
            if !self.spaces.is_thread(draft, space)? {
                continue;
            }
            if self.may_write(draft, space)? {
                let heads = self.spaces.heads_said(draft, space)?;
                // The receipt leaves after the commit that holds what it speaks of.
                work.durable = true;
                allowed(self.publish(draft, work, ctx, space, RECEIPT, codec::encode(&heads)))?;
            } else if self.is_told_out(draft, space)? {
                draft.put(Table::Own, row(SILENT, space), []);
            }
        }
        Ok(())
    }

    /// Where this node no longer holds itself for removed, the receipts that it owes are due.
    pub(super) fn speak_again(&mut self, draft: &mut Draft<'_>) -> Result<()> {
        for space in threads(draft, SILENT, usize::MAX)? {
            if !self.is_told_out(draft, space)? {
                draft.delete(Table::Own, row(SILENT, space));
                draft.put(Table::Own, row(PUT_OFF, space), []);
            }
        }
        Ok(())
    }
}
