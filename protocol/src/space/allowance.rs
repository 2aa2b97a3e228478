//! How much of each organisation's words a node takes at once. What is more waits where it is, and is taken later: this says when,
//! never whether, so acceptance stays a matter of the entry and its past alone.
//!
//! Each organisation has two accounts here: one for what it says to the whole coalition about members and nodes, which others build
//! on, and one for all else, so that a flood in one thread holds nobody up in the coalition. An account holds at most
//! [`limits::ALLOWANCE`] bytes and fills by [`limits::ALLOWANCE_A_DAY`] by this node's clock. Taking an entry costs what keeping it
//! costs. What others wait for, and what takes somebody out, may overdraw by a day's filling: else one organisation could hold up what
//! others wrote, and a revocation would wait behind the flood that it ends.

use super::entry::{Entry, Kind};
use super::rows;
use crate::codec;
use crate::fault::Result;
use crate::ids::{OrgId, SpaceId};
use crate::limits;
use crate::planted;
use crate::store::{Draft, Table, View};
use crate::time::{DAY, Time};
use serde::{Deserialize, Serialize};

/// Whose words, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    pub org: OrgId,
    /// The control entries of this coalition; `None`: everything else.
    pub coalition: Option<SpaceId>,
}

/// An entry that was not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    pub account: Account,
    pub cost: i64,
    /// Something here waits for it, or it takes somebody out: it may overdraw.
    pub urgent: bool,
}

/// What is left, as of when. An account without a row is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Row {
    left: i64,
    at: Time,
}

/// Bytes that an account holds at most, and by which it fills in a day.
fn bounds() -> (i64, i64) {
    planted::accounts().unwrap_or((limits::ALLOWANCE, limits::ALLOWANCE_A_DAY))
}

impl Row {
    fn full(now: Time) -> Self {
        Self { left: bounds().0, at: now }
    }

    /// As of now. A clock that went back refills nothing, and goes on from where it is.
    fn at(self, now: Time) -> Self {
        let (most, a_day) = bounds();
        let grown = i128::from(now.since(self.at)) * i128::from(a_day) / i128::from(DAY);
        let left = (i128::from(self.left) + grown).min(i128::from(most));
        Self { left: i64::try_from(left).unwrap_or(most), at: now }
    }
}

impl Account {
    fn key(&self) -> Vec<u8> {
        rows::allowance_key(self.org, self.coalition)
    }

    fn row(&self, view: &dyn View, now: Time) -> Result<Row> {
        let row = view.get(Table::Fold, &self.key())?.map(|row| rows::read::<Row>("allowance", &row)).transpose()?;
        Ok(row.map_or_else(|| Row::full(now), |row| row.at(now)))
    }

    /// Bytes that may be taken now. Negative where it was overdrawn.
    ///
    /// # Errors
    /// `Store`.
    pub fn left(&self, view: &dyn View, now: Time) -> Result<i64> {
        Ok(self.row(view, now)?.left)
    }

    /// Puts what was taken on the account, whatever is left there.
    ///
    /// # Errors
    /// `Store`.
    pub(super) fn charge(&self, draft: &mut Draft<'_>, cost: i64, now: Time) -> Result<()> {
        let row = self.row(draft, now)?;
        let row = Row { left: row.left.saturating_sub(cost), ..row };
        draft.put(Table::Fold, self.key(), codec::encode(&row));
        Ok(())
    }
}

impl Late {
    /// Whether it may be taken where so much is left.
    #[must_use]
    pub fn fits(&self, left: i64) -> bool {
        left >= self.needs()
    }

    pub(super) fn needs(&self) -> i64 {
        if self.urgent { 1 - bounds().1 } else { self.cost }
    }

    /// From when on it may be taken, if so much is left now.
    #[must_use]
    pub fn due(&self, left: i64, now: Time) -> Time {
        due(self.needs(), left, now)
    }
}

/// From when on something may be taken that needs so much, if so much is left now.
pub(super) fn due(needs: i64, left: i64, now: Time) -> Time {
    let lacks = u128::from(needs.saturating_sub(left).max(0).unsigned_abs());
    let millis = (lacks * u128::from(DAY)).div_ceil(u128::from(bounds().1.unsigned_abs()));
    now.plus(u64::try_from(millis).unwrap_or(u64::MAX))
}

/// What keeping an entry costs, in bytes: its own, what its body opens to in clear (`opened`), its rows, for a control entry its place in the folds of a space that has so many of
/// them already, for a `found` entry the space. `coalition`: of one, whose graph stays in memory; and what is certified there may be retired,
/// which ends the epochs of all threads. The certificate pays for that, since nothing may hold a retirement up.
pub(crate) fn cost(entry: &Entry, controls: u32, coalition: bool, opened: usize) -> i64 {
    let kind = entry.header().kind;
    let bytes = entry.bytes().len().saturating_add(opened);
    let mut cost = i64::try_from(bytes).unwrap_or(i64::MAX / 2) + limits::ENTRY_COST;
    if kind.is_control() {
        cost += limits::CONTROL_COST * i64::from(controls);
    }
    if kind == Kind::Found {
        cost += limits::SPACE_COST;
    }
    if coalition {
        cost += limits::PLACE_COST;
        if kind == Kind::Certify {
            cost += limits::NODE_COST;
        }
    }
    cost
}

/// Accounts that a clock which was wrong dated later than `now` are as of now: else nothing would fill them until that time comes.
///
/// # Errors
/// `Store`.
pub(super) fn date_before(draft: &mut Draft<'_>, now: Time) -> Result<()> {
    let mut ahead = Vec::new();
    rows::each_allowance(draft, |org, coalition, row| {
        let row = rows::read::<Row>("allowance", row)?;
        if row.at > now {
            ahead.push((Account { org, coalition }, Row { at: now, ..row }));
        }
        Ok(())
    })?;
    for (account, row) in ahead {
        draft.put(Table::Fold, account.key(), codec::encode(&row));
    }
    Ok(())
}

/// The accounts of a node of which less than this is left, with what is left.
///
/// # Errors
/// `Store`.
pub(super) fn below(view: &dyn View, bytes: i64, now: Time) -> Result<Vec<(Account, i64)>> {
    let mut low = Vec::new();
    rows::each_allowance(view, |org, coalition, row| {
        let left = rows::read::<Row>("allowance", row)?.at(now).left;
        if left < bytes {
            low.push((Account { org, coalition }, left));
        }
        Ok(())
    })?;
    Ok(low)
}
