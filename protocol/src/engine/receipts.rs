//! Receipts: what this node says of a thread that it holds, once that is durable.
//!
//! While full pages follow one another the same threads come again and again, and each receipt costs a signature here and a check at
//! every reader. So they are put off until a page that is not full, or anything else that comes, or a second of silence. Which are put
//! off stands in [`Table::Own`], written with the entries that they speak of: a crash loses none.

use super::settle::{Work, allowed};
use super::{Context, Engine};
use crate::codec;
use crate::fault::Result;
use crate::ids::SpaceId;
use crate::limits;
use crate::space::SpaceKind;
use crate::store::{Draft, Table, View, after_prefix};
use crate::sync::receipt::RECEIPT;

const PUT_OFF: &[u8] = b"receipt due/";

/// Threads whose receipt was put off: at most so many.
fn put_off(view: &dyn View, most: usize) -> Result<Vec<SpaceId>> {
    let rows = view.scan(Table::Own, PUT_OFF, after_prefix(PUT_OFF).as_deref(), most, false)?;
    Ok(rows.iter().filter_map(|(key, _)| key.get(PUT_OFF.len()..).and_then(SpaceId::from_slice)).collect())
}

/// Whether any was.
pub(super) fn are_due(view: &dyn View) -> Result<bool> {
    Ok(!put_off(view, 1)?.is_empty())
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
        let before = put_off(draft, limits::RECEIPTS_PUT_OFF)?;
        if work.got.more && before.len() + due.len() <= limits::RECEIPTS_PUT_OFF {
            due.iter().for_each(|space| draft.put(Table::Own, [PUT_OFF, space.as_bytes()].concat(), []));
            return Ok(());
        }
        for space in before {
            due.insert(space);
            draft.delete(Table::Own, [PUT_OFF, space.as_bytes()].concat());
        }
        for space in due {
            let thread = self.spaces.record(draft, space)?.is_some_and(|r| matches!(r.kind, SpaceKind::Thread { .. }));
            if thread && self.may_write(draft, space)? {
                let heads = self.spaces.heads_said(draft, space)?;
                // The receipt leaves after the commit that holds what it speaks of.
                work.durable = true;
                allowed(self.publish(draft, work, ctx, space, RECEIPT, codec::encode(&heads)))?;
            }
        }
        Ok(())
    }
}
