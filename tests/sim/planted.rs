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
    (Bug::TokenTooEarly, Links, 119, None),
    (Bug::RunIgnored, Links, 1, None),
    (Bug::ChainIgnored, Links, 18, None),
    (Bug::SentToTheRemoved, Links, 1, None),
    (Bug::RemovalUnsaid, Links, 16, None),
    (Bug::OpenedUnsaid, Links, 220, None),
    (Bug::PromiseUnsynced, Links, 1, None),
    (Bug::KeptUnsynced, Whole, 1, None),
    (Bug::Untended, Links, 4, None),
    (Bug::EarlyRegisterDropped, Links, 5, None),
    (Bug::EarlyGivenUp, Whole, 21_043, None),
    (Bug::OwedGivenUp, Whole, 38, None),
    (Bug::OpenedUnfinished, Whole, 800_621, None),
    (Bug::StaleEpochUsed, Links, 11, None),
    (Bug::SignatureSkipped, Links, 22, Some(Hostile::Meddle(Meddle::Garble))),
    (Bug::RetirementIgnored, Links, 5, None),
    (Bug::NewestNodes, Links, 6, None),
    (Bug::RetiredAdmitted, Links, 5, None),
    (Bug::RevocationIgnored, Links, 2, None),
    (Bug::OneRevocationEnough, Links, 40, None),
    (Bug::ReadmittedSeated, Links, 45, None),
    (Bug::ExpiryIgnored, Links, 20, None),
    (Bug::EndForgotten, Links, 20, None),
    (Bug::ThreadsWithheld, Links, 1, None),
    (Bug::Backdated, Links, 7, None),
    (Bug::CommitmentUnchecked, Links, 70, Some(Hostile::Rule(Bug::GarbageWrapped))),
    (Bug::BookmarkSkips, Links, 1, None),
    (Bug::DigestBlind, Links, 1, None),
    (Bug::RegisterLowerWins, Links, 1, None),
    (Bug::WaitingDropped, Links, 1, None),
    (Bug::RemovalDeaf, Links, 2, None),
    (Bug::NoticeUndoubted, Links, 70, None),
    (Bug::PrivateShared, Links, 1, None),
    (Bug::ForgetSkipped, Links, 8, None),
    (Bug::CountsSticky, Links, 3, None),
    (Bug::WidenedReach, Links, 1, None),
    (Bug::ControlHeadsStale, Links, 3, None),
    (Bug::RunRepeated, Links, 1, None),
    (Bug::OldCharterLives, Whole, 95, None),
    (Bug::RivalByArrival, Whole, 28, None),
    (Bug::LoneSteward, Whole, 2, None),
    (Bug::ParcelForAll, Whole, 1, None),
    (Bug::ParcelLeftStanding, Whole, 15, None),
    (Bug::ReceiptUnchecked, Whole, 5, Some(Hostile::Meddle(Meddle::Carry))),
    (Bug::QuotaIgnored, Whole, 30, None),
    (Bug::BackupSkips, Whole, 88, None),
    (Bug::RecoveryGarbled, Whole, 57, None),
    (Bug::FoundingUnchecked, All, 1, None),
    (Bug::WaitingUnshared, All, 12, None),
    (Bug::PassUnbound, All, 5, None),
    (Bug::InviteUntold, All, 1, None),
    (Bug::InviteUncancelled, All, 15, None),
    (Bug::InviteOutlives, All, 151, None),
    (Bug::CharterUnchecked, All, 2, None),
    (Bug::ClockForGood, All, 11, None),
    (Bug::SentForgotten, All, 3, None),
    (Bug::AnnouncedIsTold, All, 27, None),
    (Bug::LaterStateIgnored, All, 3, None),
    (Bug::PassOutlives, All, 4, None),
    (Bug::AnybodyInvites, All, 4, None),
    (Bug::InviteForAll, All, 4, None),
    (Bug::CharterUnshown, All, 4, None),
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
