//! What is kept of one body of a thread.

use super::damaged;
use belay_protocol::fault::Result;
use belay_protocol::ids::{EntryHash, OrgId};
use belay_protocol::limits;
use belay_protocol::referral::{Body, Head};
use belay_protocol::space::reopen;
use belay_protocol::store::View;
use belay_protocol::time::Time;
use zeroize::Zeroizing;

/// A row: organisation, time, rank, bytes that it opens to, and the body itself where it is short.
pub(super) struct Row<'b> {
    pub org: OrgId,
    pub time: Time,
    pub head: Head,
    /// Empty where it is opened out of its entry.
    pub body: &'b [u8],
}

impl<'b> Row<'b> {
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let body = if self.body.len() > limits::THREAD_BODY_KEPT { &[] } else { self.body };
        // Its room is set at once: a vector that grows leaves a copy behind.
        let mut row = Zeroizing::new(Vec::with_capacity(45 + body.len()));
        row.extend_from_slice(&self.org.0);
        row.extend_from_slice(&self.time.0.to_be_bytes());
        row.push(self.head.rank);
        row.extend_from_slice(&self.head.size.to_be_bytes());
        row.extend_from_slice(body);
        row
    }

    /// # Errors
    /// `Store` for what [`Row::encode`] never gave.
    pub fn decode(row: &'b [u8]) -> Result<Self> {
        let (org, rest) = row.split_at_checked(32).ok_or_else(damaged)?;
        let (time, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (rank, rest) = rest.split_first().ok_or_else(damaged)?;
        let (size, body) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        Ok(Self {
            org: OrgId::from_slice(org).ok_or_else(damaged)?,
            time: Time(u64::from_be_bytes(*time)),
            head: Head { rank: *rank, size: u32::from_be_bytes(*size) },
            body,
        })
    }

    /// What it says. `hash`: of the entry that it was in.
    ///
    /// # Errors
    /// `Store`.
    pub fn open(&self, view: &dyn View, hash: &EntryHash) -> Result<Body> {
        if !self.body.is_empty() {
            return Body::decode(self.body).map_err(|_| damaged());
        }
        let body = reopen(view, hash)?.ok_or_else(damaged)?;
        Body::decode(&body).map_err(|_| damaged())
    }
}
