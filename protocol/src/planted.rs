//! Bugs that a test may plant on purpose, to show that the simulator would find them.
//!
//! Without the feature `planted` (the program is built without it) [`is`] is `false` and nothing else of this is there. With it,
//! a thread that never calls `plant` runs the code as it stands.

/// One broken rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Every page is taken for a full one, which another follows. Nothing may break by it.
    EveryPageFull,
    /// A bookmark is kept before what it covers is here.
    TokenTooEarly,
    /// A node is never told its own words, though another run of it, since rolled back, wrote them.
    RunIgnored,
    /// A bookmark fits by its number alone, on a disk that was rolled back or copied.
    ChainIgnored,
    /// Who was taken out of a space still gets its entries.
    SentToTheRemoved,
    /// Who was taken out is not told.
    RemovalUnsaid,
    /// Nothing of a thread is ever sent to another organisation.
    ThreadsWithheld,
    /// A space that is opened to somebody is no arrival.
    OpenedUnsaid,
    /// What a node has promised to keep is not synced.
    PromiseUnsynced,
    /// What a carrier or a keeper has promised to keep for somebody is not synced.
    KeptUnsynced,
    /// Missing keys are not asked for, and no ask is answered.
    Untended,
    /// A register that comes before its space is dropped.
    EarlyRegisterDropped,
    /// What came too early is given up though a space is still to be compared.
    EarlyGivenUp,
    /// The same, though what would permit it lies here and waits for its account.
    OwedGivenUp,
    /// A bookmark covers what is still to be sent of a space that was opened.
    OpenedUnfinished,
    /// An epoch minted before a removal is sealed under all the same, and opened.
    StaleEpochUsed,
    /// Nobody looks whether an entry is signed by its author.
    SignatureSkipped,
    /// A retired node goes on being one.
    RetirementIgnored,
    /// Of an organisation's nodes the last have places, and a further one pushes out the first.
    NewestNodes,
    /// A retired node is still let in at the door.
    RetiredAdmitted,
    /// A revocation kills no grant.
    RevocationIgnored,
    /// A grant lives on if it follows one revocation, though there are others.
    OneRevocationEnough,
    /// Who comes back to the coalition has its seats in threads again without a new grant.
    ReadmittedSeated,
    /// Bodies are sealed for a reader whose time has passed.
    ExpiryIgnored,
    /// The end that a grant names is read as none.
    EndForgotten,
    /// A writer follows what it knew when the space was half as old.
    Backdated,
    /// Wraps hold another key than the epoch's: those to every second node, so that some can open what others can not.
    GarbageWrapped,
    /// A key is used without regard to what its epoch committed to.
    CommitmentUnchecked,
    /// An arrival is passed over, and the bookmark says that it was sent.
    BookmarkSkips,
    /// Spaces whose registers agree are taken to agree.
    DigestBlind,
    /// Of two registers of one name the lower number is read.
    RegisterLowerWins,
    /// What waited for a parent is dropped when that comes. (Dropped sooner it would only be sent again: the session looks into the
    /// store, and keeps no bookmark over what is not there.)
    WaitingDropped,
    /// A notice of removal is not believed.
    RemovalDeaf,
    /// A notice of removal is believed for ever, whatever those say who govern the space.
    NoticeUndoubted,
    /// Private spaces are shown to every peer.
    PrivateShared,
    /// After a commit that failed the engine goes on from what it holds in memory.
    ForgetSkipped,
    /// What once counted goes on counting.
    CountsSticky,
    /// Epochs reach every node of the coalition, and nobody objects.
    WidenedReach,
    /// Entries of threads name the coalition's last admission instead of its control heads.
    ControlHeadsStale,
    /// Every run of a node has the same id.
    RunRepeated,
    /// What was approved under a charter that another has followed counts for ever, though the new stewards never saw it.
    OldCharterLives,
    /// Of two charters that follow the same one, the first to come is in force.
    RivalByArrival,
    /// One steward's word is enough for a removal, whatever the threshold.
    LoneSteward,
    /// A parcel is sealed to every node of the coalition.
    ParcelForAll,
    /// A parcel stays with its carriers though its recipient was taken out.
    ParcelLeftStanding,
    /// A receipt for a parcel is believed without its signature.
    ReceiptUnchecked,
    /// A parcel that a wrong clock takes for one whose time is over is refused for good.
    ClockForGood,
    /// A withdrawal goes only to carriers that have said that they keep the parcel.
    SentForgotten,
    /// What was announced to a peer is taken for told before it has asked for it.
    AnnouncedIsTold,
    /// A carrier keeps whatever is left with it.
    QuotaIgnored,
    /// Some entries never get into the packages that partners keep, which are said to go up to there.
    BackupSkips,
    /// What lies with a keeper beyond what this disk knows of is passed over in silence.
    LaterStateIgnored,
    /// A keeper is believed that it holds more than this disk ever left, though it shows no signature for it.
    ClaimUnsigned,
    /// Epochs of private spaces are wrapped to the recovery key with another key in it.
    RecoveryGarbled,
    /// A private space is founded by whoever shows the root's word for another one.
    FoundingUnchecked,
    /// One member may fill the room in which entries wait for others.
    WaitingUnshared,

    /// A pass leads on though a machine of the inviter's says that it is done with.
    PassOutlives,
    /// A pass leads also to who may not let anybody in.
    AnybodyInvites,
    /// A relay lets through whoever shows a pass, and not only who showed it first.
    PassUnbound,
    /// What becomes of an invite stays at the machine where it did.
    InviteUntold,
    /// That an invite was cancelled is forgotten where what two machines know of it comes together.
    InviteUncancelled,
    /// A yes to one of those who came with an invite is one to all of them.
    InviteForAll,
    /// Who was taken out reads the roster by the invite that once let it in.
    InviteOutlives,
    /// Who was taken out is not shown the charter under which that was done.
    CharterUnshown,
    /// A charter that is shown is believed on one approval.
    CharterUnchecked,

    /// Copies are placed for one person under the consent of another.
    PersonUnchecked,
    /// A recipient is named the other parties of a consent.
    OthersNamed,
    /// Who is in a team reads every space of its thread, whatever kind of information it holds.
    TeamReadsAll,
    /// What has expired permits as before.
    ExpiredPermits,
    /// A consent to tell one kind of information lets every kind be told.
    KindOutsideScope,
    /// A consent to tell somebody lets it tell back.
    WayBackUnasked,
    /// An amendment holds before it is signed.
    AmendmentUnsigned,
    /// What an amendment takes away is told on in referrals that were sent before.
    NarrowingIgnored,
    /// What was agreed to leave out is told (2.26).
    RestrictionIgnored,
    /// What was revoked as a whole permits as before.
    RevokedPermits,
    /// What a partner heard is put on record and not carried out.
    RevocationUnheard,
    /// What a partner heard before it heard that it was taken out is not carried out, nor is what it opened told.
    LateUnheard,
    /// A revocation for one party revokes nothing.
    PartyForgotten,
    /// A revocation closes no space.
    SpacesLeftOpen,
    /// Glass is broken without the four facts.
    FactsUnasked,
    /// Glass is broken by who has no medical personnel.
    AnybodyBreaksGlass,
    /// A copy is opened, and nobody is told.
    OpeningUnwritten,
    /// A disclosure is not put on record.
    DisclosureUnrecorded,
    /// The record of a disclosure does not say who made it.
    DisclosureWithoutStaff,
    /// A consent for criminal justice can be taken back at any time (2.35(c)).
    RevocableAnyTime,
    /// What must stand alone in a consent stands beside anything.
    ClassesMixed,
    /// What a letter tells is not put on record.
    LetterUnrecorded,
    /// All who are asked share one inquiry.
    InquiryShared,
    /// A file goes where the referral itself goes, whatever kind of information it holds.
    FileKindIgnored,
    /// A program passes on what it was told, as a hospital may (2.33(b)).
    OnwardUnasked,
    /// Who the person is, is said on the telephone to whom nobody ever told it.
    CallNamesAnybody,
    /// A partner off the network is not due to be called when a consent ends for it.
    CallForgotten,
    /// A call that told nothing of anybody is on record as a disclosure.
    DisclosureInvented,
    /// What the person agreed to for emergencies is told in referrals.
    PlacedTold,
    /// What was agreed under one consent to leave out is told under another.
    RestrictionOfOne,
    /// What a person asked a recipient to leave out is answered and passed on all the same (2.26).
    AnswersUnasked,
    /// Of two records that were joined neither is bound by what was said under the other.
    JoinBindsNothing,
    /// Records that were taken apart are one person's all the same.
    ApartUnheard,
    /// What a person said too early is put on record and never takes effect (2.35(c)).
    EarlyWordForgotten,
    /// A word that was said too early takes effect though the person took it back.
    UnsaidIgnored,
    /// Of a team all are told, for whatever purpose the consent names each.
    TeamPurposeIgnored,
    /// A list of medication or a plan that was a mistake goes on being what is known of the person.
    StruckSentOn,
    /// An appointment that was struck keeps its deadline.
    StruckKeepsDeadline,
    /// What stood in a referral before somebody came to its team is not put on record when it opens.
    NewcomerUnrecorded,
    /// What is suspended because it may be false permits as before.
    SuspendedPermits,
    /// What was written before a consent was suspended, and was not fetched, is sent on.
    SuspendedSent,
    /// Under a consent that staff of a recipient doubt it answers and passes on as before.
    DoubtIgnored,
}

#[cfg(feature = "planted")]
thread_local! {
    static PLANTED: std::cell::Cell<Option<Bug>> = const { std::cell::Cell::new(None) };
}

#[cfg(feature = "planted")]
thread_local! {
    static ACCOUNTS: std::cell::Cell<Option<(i64, i64)>> = const { std::cell::Cell::new(None) };
}

/// In this thread accounts hold so many bytes, and fill by so many in a day; `None`: as [`crate::limits`] says. No bug: what a year of
/// real traffic does to an account of its size, some hundred entries do to a small one.
#[cfg(feature = "planted")]
pub fn small_accounts(bounds: Option<(i64, i64)>) {
    ACCOUNTS.set(bounds);
}

/// What accounts hold in this thread, if it is not what the limits say.
#[cfg(feature = "planted")]
#[must_use]
pub fn accounts() -> Option<(i64, i64)> {
    ACCOUNTS.get()
}

/// What accounts hold, if it is not what the limits say: never, in the program.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn accounts() -> Option<(i64, i64)> {
    None
}

/// Plants a bug in this thread, or pulls it out again.
#[cfg(feature = "planted")]
pub fn plant(bug: Option<Bug>) {
    PLANTED.set(bug);
}

/// What is planted in this thread now.
#[cfg(feature = "planted")]
#[must_use]
pub fn planted() -> Option<Bug> {
    PLANTED.get()
}

/// Whether this bug is planted.
#[cfg(feature = "planted")]
#[must_use]
pub fn is(bug: Bug) -> bool {
    PLANTED.get() == Some(bug)
}

/// Whether this bug is planted: never, in the program.
#[cfg(not(feature = "planted"))]
#[must_use]
pub const fn is(_: Bug) -> bool {
    false
}
