//! Partners who are not on the network: kept by name, referred to on paper, followed up in the same work list.
//!
//! Parts: `partners` (who they are); `send` (a referral with its letter); `letter` (printing it again); `act` (what was heard);
//! `files` (letters and files: how each went); `late` (what went before, put on record afterwards); `joined` (partners that are on the
//! network, and who is bound to us).

mod act;
mod files;
mod joined;
mod late;
mod letter;
mod paper;
mod partners;
mod send;

pub(super) use act::{act, choose};
pub use files::{back, cover, went};
pub(super) use files::{first_told, is_letter, letter_words, shown as file_words, taken_back as papers_taken_back};
pub use joined::{affiliated, joined};
pub use late::{back as went_back, letter_back, record as record_went};
pub use letter::letter;
pub use partners::{add, edit, emergency_phone, find, from_listing, get, list, listed_phone, our_office, told_apart};
pub use send::{beside, send, whom};

use super::records::{self, Kind};
use super::threads::Thread;
use crate::api::care::{LineView, PartnerView};
use belay_protocol::disclosure::{Outside, PrivateBody};
use belay_protocol::fault::Result;
use belay_protocol::ids::OrgId;
use belay_protocol::referral::{Body, Placed, is_outside};
use belay_protocol::store::View;

/// Whether a referral goes to a partner who is not on the network.
#[must_use]
pub fn off_network(thread: &Thread) -> bool {
    is_outside(thread.other.org)
}

/// The records of one kind whose key begins with `prefix`, in order of key.
///
/// # Errors
/// `Store`.
pub(super) fn all(
    view: &dyn View,
    variant: u8,
    prefix: &[u8],
) -> Result<Vec<(belay_protocol::ids::EntryHash, Outside)>> {
    let mut key = vec![variant];
    key.extend_from_slice(prefix);
    let records = records::all(view, Kind::Outside, &key)?;
    Ok(records
        .into_iter()
        .filter_map(|record| match record.body {
            PrivateBody::Outside(outside) => Some((record.hash, *outside)),
            _ => None,
        })
        .collect())
}

/// What was written about a referral off the network, in the form in which threads are folded.
///
/// # Errors
/// `Store`.
pub fn placed(view: &dyn View, own: OrgId, thread: &Thread) -> Result<Vec<Placed>> {
    let acts = all(view, Outside::ACT, &thread.thread.0)?;
    Ok(acts
        .into_iter()
        .filter_map(|(hash, record)| {
            let Outside::Act(act) = record else { return None };
            let org = if act.heard.is_some() { thread.other.org } else { own };
            let (parents, time) = (act.after.clone(), act.at);
            let body: Option<Body> = Some(act.placed(&thread.other.name));
            Some(Placed { hash, parents, follows: Vec::new(), org, time, body, local: true })
        })
        .collect())
}

/// Whom to phone about a referral off the network.
///
/// # Errors
/// `Store`.
pub fn contact(view: &dyn View, thread: &Thread) -> Result<Option<PartnerView>> {
    if !off_network(thread) {
        return Ok(None);
    }
    Ok(get(view, thread.other.org)?.as_ref().map(partners::shown))
}

/// A line of such a referral as any other's: that it stands in our own records says nothing about the consent here.
#[must_use]
pub fn as_thread(mut line: LineView, thread: &Thread) -> LineView {
    line.local &= !off_network(thread);
    line
}
