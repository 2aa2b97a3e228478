//! The first bytes of keys in [`Table::Record`](belay_protocol::store::Table) under which something else stands than a private body.
//! They are one list, so that no two of them can be the same number: what one part forgets is never another's.

/// What stands under such a key; the part that keeps it says more. From 32 on: below are the kinds of private bodies
/// ([`Kind`](super::Kind)).
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
pub(in crate::usecases) enum Prefix {
    /// Spaces of a thread.
    Spaces = 32,
    /// The thread of a space.
    OfSpace = 33,
    /// Entries of a thread.
    Entry = 34,
    /// Spaces that we were taken out of.
    Gone = 35,
    /// What came too late to a thread.
    Late = 36,
    /// Revocations that another organisation heard.
    Heard = 37,
    /// Consents whose change is to be followed.
    Follow = 38,
    /// What was heard of and waits.
    Waiting = 39,
    /// Bodies of agreements.
    Agreement = 40,
    /// Forms of agreements.
    Form = 41,
    /// Revocations that were heard here.
    HeardHere = 43,
    /// Agreements that changed.
    TieChanged = 46,
    /// Threads that were sent under an agreement.
    TieSent = 47,
    /// Chunks of files.
    Chunk = 48,
    /// Questions.
    Asked = 56,
    /// Answers.
    Replied = 57,
    /// Spaces of which more is there than is kept.
    More = 58,
    /// Questions by who asks.
    Asker = 59,
    /// Persons by sign.
    Sign = 60,
    /// Consents by person.
    OfPerson = 61,
    /// Placed copies.
    Copy = 64,
    /// Openings of copies.
    Opened = 65,
    /// Openings that came too late to count.
    OpenedLate = 66,
    /// What left on paper or by telephone.
    Exported = 67,
    /// Threads by consent.
    SentUnder = 68,
    /// Consents by partner off the network.
    Named = 69,
    /// Calls.
    Call = 70,
    /// Persons in order of name.
    ByName = 71,
    /// Threads by the thread that they lift a need of.
    Lifts = 72,
    /// Calls by consent.
    CallOfConsent = 73,
    /// That somebody has to look who was not reached.
    LookUnreached = 74,
    /// What that look found.
    Unreached = 75,
    /// Records that staff said something of beside another, by either.
    Joined = 76,
    /// Disclosures by opening what was placed, of somebody who was not on record.
    OpenedFor = 77,
    /// What notices say of a space.
    SaidOf = 78,
    /// Consents that are known to be false, and whom something was told under them.
    Falsely = 79,
    /// Notices that name a thread which their author never began.
    Claimed = 80,
    /// What was told, by recipient.
    ToldTo = 81,
    /// To whom something was told, by consent.
    ToldUnder = 82,
    /// What was told, by person.
    ToldOf = 83,
    /// What was told of nobody on record, by entry.
    ToldOfNobody = 84,
    /// What was told, by thread.
    ToldIn = 85,
    /// Incoming threads by the person whom staff linked.
    LinkedTo = 86,
    /// Names of recipients.
    ToldName = 87,
    /// Incoming threads by consent.
    CameUnder = 88,
    /// Files that stay in the house, by person.
    FileOf = 89,
    /// Records that are of one human being, by either.
    Together = 90,
    /// Persons of whom something may end by itself.
    MayEnd = 95,
    /// Persons of whom another node of ours wrote what referrals by an agreement have still to follow.
    FollowPerson = 96,
}
