//! The entries of a thread with what they say, for the fold.

use super::row::Row;
use super::{ENTRY, Thread, damaged, key};
use crate::usecases::outside;
use crate::usecases::records::{self, Kind};
use belay_protocol::disclosure::PrivateBody;
use belay_protocol::engine::Step;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId, SpaceId};
use belay_protocol::limits;
use belay_protocol::referral::{Body, Head, Placed, Signed, follow_kept, opened};
use belay_protocol::store::{Table, View, after_prefix};
use belay_protocol::time::Time;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Rows read at once.
const PAGE: usize = 256;

/// Rows of a thread by entry: where each stands, and the row itself of as many as may be held at once.
#[derive(Default)]
struct Rows {
    heads: BTreeMap<EntryHash, Head>,
    authors: BTreeMap<EntryHash, (OrgId, Time, SpaceId)>,
    rows: BTreeMap<EntryHash, Zeroizing<Vec<u8>>>,
    held: usize,
}

impl Rows {
    fn read(&mut self, view: &dyn View, space: SpaceId) -> Result<()> {
        let prefix = key(ENTRY, &[&space.0]);
        let end = after_prefix(&prefix);
        let mut from = prefix.clone();
        loop {
            let page = view.scan(Table::Record, &from, end.as_deref(), PAGE, false)?;
            let more = page.len() == PAGE;
            for (key, row) in page {
                let row = Zeroizing::new(row);
                let hash = key.get(prefix.len()..).and_then(EntryHash::from_slice).ok_or_else(damaged)?;
                let Row { org, time, head, .. } = Row::decode(&row)?;
                self.heads.insert(hash, head);
                self.authors.insert(hash, (org, time, space));
                if self.held < limits::THREAD_BYTES {
                    self.held += row.len();
                    self.rows.insert(hash, row);
                }
                from = [key.as_slice(), &[0]].concat();
            }
            if !more {
                return Ok(());
            }
        }
    }

    fn open(&mut self, view: &dyn View, hash: &EntryHash) -> Result<Option<Body>> {
        let Some((_, _, space)) = self.authors.get(hash) else { return Ok(None) };
        let row = match self.rows.remove(hash) {
            Some(row) => row,
            None => Zeroizing::new(view.get(Table::Record, &key(ENTRY, &[&space.0, &hash.0]))?.ok_or_else(damaged)?),
        };
        Row::decode(&row)?.open(view, hash).map(Some)
    }
}

/// Entries, acts and local acts of a thread, with what each follows. Of each organisation as much is opened as
/// [`limits::THREAD_BYTES`] allows.
///
/// # Errors
/// `Store`.
pub fn placed(step: &mut Step<'_>, own: OrgId, thread: &Thread) -> Result<Vec<Placed>> {
    let (mut placed, mut rows) = (Vec::new(), Rows::default());
    let (engine, draft) = step.engine();
    for (_, space) in &thread.spaces {
        rows.read(draft, *space)?;
        for (hash, parents) in engine.spaces().in_order(draft, *space, usize::MAX)? {
            // What holds no words of the thread, such as a part of a file, stands for order only.
            let author = rows.authors.get(&hash).map(|(org, time, _)| (*org, *time));
            let (org, time) = author.unwrap_or((OrgId::ZERO, Time::default()));
            placed.push(Placed { hash, parents, follows: Vec::new(), org, time, body: None, local: false });
        }
    }
    let opened = opened(&placed, &rows.heads);
    for entry in placed.iter_mut().filter(|entry| opened.contains(&entry.hash)) {
        entry.body = rows.open(draft, &entry.hash)?;
    }
    if outside::off_network(thread) {
        placed.extend(outside::placed(step.draft(), own, thread)?);
    }
    for record in records::all(step.draft(), Kind::LocalAct, &thread.thread.0)? {
        let PrivateBody::LocalAct(local) = record.body else { continue };
        let act = Signed { notice: EntryHash::ZERO, by: local.by, act: local.act };
        let body = Some(Body::Act(act));
        let (hash, parents, time) = (record.hash, local.after, local.at);
        placed.push(Placed { hash, parents, follows: Vec::new(), org: own, time, body, local: true });
    }
    follow_kept(own, &mut placed);
    Ok(placed)
}
