//! Why a newcomer is sent away. On the wire a byte; the sentences are made on each side.

/// Why an invite does not help. The numbers are the wire's and never change meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No such invite at that node.
    Unknown,
    Expired,
    /// Somebody else came with it before.
    Used,
    Cancelled,
    /// The proof does not fit the code.
    WrongProof,
    /// This node came with too many wrong codes.
    TooManyTries,
    /// The message was of another version.
    Version,
    /// The certificate is not signed by the root, or is another node's.
    Certificate,
    /// The organisation's card is unusable: its name is empty or too long.
    Card,
    /// The organisation is a member already, or is the inviter itself.
    AlreadyMember,
    /// The message was not one of this talk.
    Malformed,
    /// A node came back by its certificate, and its organisation stands in no roster here.
    Stranger,
    /// A node came, back or with an invite by which it was let in once, whose organisation was removed, or that was retired.
    Out,
    /// The inviter's organisation was itself taken out of the coalition: its word lets nobody in any more.
    InviterOut,
    /// A reason that this version does not know.
    Other(u8),
}

impl Refusal {
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Unknown => 1,
            Self::Expired => 2,
            Self::Used => 3,
            Self::Cancelled => 4,
            Self::WrongProof => 5,
            Self::TooManyTries => 6,
            Self::Version => 7,
            Self::Certificate => 8,
            Self::Card => 9,
            Self::AlreadyMember => 10,
            Self::Malformed => 11,
            Self::Stranger => 12,
            Self::Out => 13,
            Self::InviterOut => 14,
            Self::Other(code) => code,
        }
    }

    #[must_use]
    pub const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Unknown,
            2 => Self::Expired,
            3 => Self::Used,
            4 => Self::Cancelled,
            5 => Self::WrongProof,
            6 => Self::TooManyTries,
            7 => Self::Version,
            8 => Self::Certificate,
            9 => Self::Card,
            10 => Self::AlreadyMember,
            11 => Self::Malformed,
            12 => Self::Stranger,
            13 => Self::Out,
            14 => Self::InviterOut,
            other => Self::Other(other),
        }
    }

    /// What the newcomer is told, with what to do next.
    #[must_use]
    pub fn to_newcomer(self) -> String {
        match self {
            Self::Unknown => "the inviter's node does not know this invite; ask for a new one".to_owned(),
            Self::Expired => "this invite has expired; ask for a new one".to_owned(),
            Self::Used => "this invite was used already, by another node; if that was not you, tell the inviter at once, and ask for a new one".to_owned(),
            Self::Cancelled => "the inviter has cancelled this invite; ask for a new one".to_owned(),
            Self::WrongProof => "this code does not fit the invite; copy it again, or ask for a new one".to_owned(),
            Self::TooManyTries => "too many wrong codes came from this machine; try again in an hour".to_owned(),
            Self::Version => "the inviter's node speaks another version of the protocol; bring both to the newest version".to_owned(),
            Self::Certificate => "the inviter's node does not accept this node's certificate; `belay doctor` looks at it".to_owned(),
            Self::Card => "the inviter's node can not use this organisation's name; it must not be empty or over 200 characters".to_owned(),
            Self::AlreadyMember => "this organisation is a member of that coalition already; `belay recover` brings a lost node back".to_owned(),
            Self::Malformed => "the inviter's node did not understand us; bring both to the newest version".to_owned(),
            Self::Stranger => "the organisation of this phrase is in no coalition of the node at that address; look at the address, or ask another member for theirs".to_owned(),
            Self::Out => "this organisation was removed from the coalition, or has left it, or has retired this node; a steward can let it in again".to_owned(),
            Self::InviterOut => "the inviter was itself taken out of the coalition, so that it lets nobody in; ask another member for an invite".to_owned(),
            Self::Other(code) => format!("the inviter's node refused, for a reason that this version does not know (code {code}); bring both to the newest version"),
        }
    }

    /// What the inviter is told.
    #[must_use]
    pub fn to_inviter(self) -> String {
        match self {
            Self::Unknown => "a node came with an invite that is not known here".to_owned(),
            Self::Expired => "a node came with an invite that has expired; make a new one with `belay invite`".to_owned(),
            Self::Used => "a second node came with an invite that was used already; if the code went astray, cancel it and make a new one".to_owned(),
            Self::Cancelled => "a node came with an invite that was cancelled".to_owned(),
            Self::WrongProof => "a node came with an invite and a proof that does not fit it".to_owned(),
            Self::TooManyTries => "a node came with too many wrong codes; it is refused for an hour".to_owned(),
            Self::Version => "a node came that speaks another version of the protocol".to_owned(),
            Self::Certificate => "a node came with an invite, but its certificate is not its own or not signed by its root".to_owned(),
            Self::Card => "a node came with an invite, but its organisation's name can not be used".to_owned(),
            Self::AlreadyMember => "a node came with an invite, but its organisation is a member already".to_owned(),
            Self::Malformed => "a node came that does not speak as one with an invite does".to_owned(),
            Self::Stranger => "a node came back by a recovery phrase of an organisation that is not in the coalition".to_owned(),
            Self::Out => "a node came whose organisation was removed, or that its organisation has retired".to_owned(),
            Self::InviterOut => "a node came with an invite to a coalition that this organisation was taken out of; it was told to ask another member".to_owned(),
            Self::Other(code) => format!("a node with an invite was refused (code {code})"),
        }
    }

    /// Whether it counts as a wrong try of a code.
    #[must_use]
    pub const fn is_wrong_try(self) -> bool {
        matches!(self, Self::Unknown | Self::WrongProof | Self::Malformed | Self::Certificate)
    }
}
