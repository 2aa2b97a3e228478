//! Bugs that are planted on purpose, and where each of them shows.

use super::hostile::{Hostile, Meddle};
use super::play::play;
use super::world::Repertoire::{self, All, Links, Whole};
use belay_protocol::planted::{self, Bug};
use std::panic;

/// A bug, what may happen in the histories that show it, a seed near which it shows, and what one member has to do wrong for it to show.
pub type Planted = (Bug, Repertoire, u64, Option<Hostile>);

/// `GarbageWrapped` is what a hostile member does; where every node does it, nobody is left who could heal what it breaks.
pub const PLANTED: &[Planted] = &[
    (Bug::TokenTooEarly, Links, 182, None),
    (Bug::RunIgnored, Links, 1, None),
    (Bug::ChainIgnored, Links, 9, None),
    (Bug::SentToTheRemoved, Links, 1, None),
    (Bug::RemovalUnsaid, Links, 10, None),
    (Bug::OpenedUnsaid, Links, 3, None),
    (Bug::PromiseUnsynced, Links, 1, None),
    (Bug::KeptUnsynced, Whole, 6, None),
    (Bug::Untended, Links, 4, None),
    (Bug::EarlyRegisterDropped, Links, 1, None),
    (Bug::EarlyGivenUp, All, 14, None),
    (Bug::OwedGivenUp, Whole, 358, None),
    (Bug::OpenedUnfinished, All, 22, None),
    (Bug::StaleEpochUsed, Links, 1, None),
    (Bug::SignatureSkipped, Links, 43, Some(Hostile::Meddle(Meddle::Garble))),
    (Bug::RetirementIgnored, Links, 1, None),
    (Bug::NewestNodes, Links, 22, None),
    (Bug::RetiredAdmitted, Links, 1, None),
    (Bug::RevocationIgnored, Links, 1, None),
    (Bug::OneRevocationEnough, Links, 2, None),
    (Bug::ReadmittedSeated, Links, 8, None),
    (Bug::ExpiryIgnored, Links, 1, None),
    (Bug::EndForgotten, Links, 1, None),
    (Bug::ThreadsWithheld, Links, 1, None),
    (Bug::Backdated, Links, 1, None),
    (Bug::CommitmentUnchecked, Links, 184, Some(Hostile::Rule(Bug::GarbageWrapped))),
    (Bug::BookmarkSkips, Links, 1, None),
    (Bug::DigestBlind, Links, 6, None),
    (Bug::RegisterLowerWins, Links, 1, None),
    (Bug::WaitingDropped, Links, 1, None),
    (Bug::RemovalDeaf, Links, 8, None),
    (Bug::NoticeUndoubted, Links, 12, None),
    (Bug::PrivateShared, Links, 1, None),
    (Bug::ForgetSkipped, Links, 1, None),
    (Bug::CountsSticky, Links, 1, None),
    (Bug::WidenedReach, Links, 1, None),
    (Bug::ControlHeadsStale, Links, 11, None),
    (Bug::RunRepeated, Links, 1, None),
    (Bug::OldCharterLives, Whole, 51, None),
    (Bug::RivalByArrival, Whole, 5, None),
    (Bug::LoneSteward, Whole, 2, None),
    (Bug::ParcelForAll, Whole, 1, None),
    (Bug::ParcelLeftStanding, Whole, 2, None),
    (Bug::ReceiptUnchecked, Whole, 141, Some(Hostile::Meddle(Meddle::Carry))),
    (Bug::QuotaIgnored, Whole, 53, None),
    (Bug::BackupSkips, Whole, 88, None),
    (Bug::RecoveryGarbled, Whole, 49, None),
    (Bug::FoundingUnchecked, All, 1, None),
    (Bug::WaitingUnshared, All, 5, None),
    (Bug::PassUnbound, All, 160, None),
    (Bug::InviteUntold, All, 2, None),
    (Bug::InviteUncancelled, All, 28, None),
    (Bug::InviteOutlives, All, 28, None),
    (Bug::CharterUnchecked, All, 1, None),
    (Bug::ClockForGood, All, 11, None),
    (Bug::SentForgotten, All, 11, None),
    (Bug::AnnouncedIsTold, All, 91, None),
    (Bug::LaterStateIgnored, All, 19, None),
    (Bug::ClaimUnsigned, Links, 2, Some(Hostile::Meddle(Meddle::Claim))),
    (Bug::PassOutlives, All, 4, None),
    (Bug::AnybodyInvites, All, 5, None),
    (Bug::InviteForAll, All, 4, None),
    (Bug::CharterUnshown, All, 16, None),
];

/// Why the history of this seed breaks with a bug planted, if it does. A panic of the code is one way.
pub fn shows((bug, repertoire, _, turned): Planted, seed: u64) -> Option<String> {
    planted::plant(Some(bug));
    let played = panic::catch_unwind(|| play(seed, repertoire, turned).broken);
    planted::plant(None);
    planted::small_accounts(None);
    played.unwrap_or_else(|_| Some("6: it panicked".to_owned()))
}

/// The first of so many seeds in which a planted bug shows, and how.
pub fn first(planted: Planted, from: u64, runs: u64) -> Option<(u64, String)> {
    (from..from + runs).find_map(|seed| Some((seed, shows(planted, seed)?)))
}
