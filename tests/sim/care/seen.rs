//! What came where: to disks, to screens, and within the reach of whose keys.

use super::model::Org;
use super::words::{self, Word};
use belay_protocol::ids::{ConsentId, EntryHash, NodeId, OrgId, SpaceId};
use belay_protocol::referral::Information;
use belay_protocol::store::Table;
use std::collections::{BTreeMap, BTreeSet};

/// Kind byte of the records that hold bodies of threads, behind organisation, time, rank and length.
const BODIES: u8 = 34;
const BEFORE_BODY: usize = 45;

/// Author, space, recipient, consent, version, kind.
pub type LetIn = (Org, SpaceId, Org, ConsentId, u32, Information);

#[derive(Default)]
pub struct Seen {
    /// Whether machines may fail now.
    pub weather: bool,
    /// Consents for teams are drafted.
    pub teams: bool,
    /// Records are joined, words come too early, and teams get newcomers.
    pub records: bool,
    /// Words that came too early are taken back, and teams are told for one of several purposes.
    pub words: bool,
    /// Consents end by time and are taken back then, referrals are settled, and those of a team have appointments of their own.
    pub after: bool,
    /// Plans are written with persons and struck, steps are struck, and appointments are by the clock of another place.
    pub plans: bool,
    /// Consents are suspended because they may be false, and stand again.
    pub doubts: bool,
    /// Persons ask recipients to leave something out.
    pub answers: bool,
    /// How often what happens, by name, where it is not as often as usual.
    pub weights: BTreeMap<String, usize>,
    /// Plans that were written with persons and that nobody struck.
    pub written: Vec<super::plans::Written>,
    /// Who was let into a space of a team's referral after it was founded, with a record of that.
    pub came: BTreeSet<(SpaceId, Org)>,
    /// Keys that somebody has since the last check.
    pub learnt: Vec<(EntryHash, NodeId)>,
    /// How many sealed entries of an epoch were tried with a node's key.
    pub tried: BTreeMap<(EntryHash, NodeId), usize>,
    /// Every entry that was ever written, and which of them are data.
    pub entries: BTreeSet<EntryHash>,
    pub data: BTreeSet<EntryHash>,
    /// Who was ever let into a space.
    pub audience: BTreeMap<SpaceId, BTreeSet<Org>>,
    /// Spaces in which a copy for emergencies lies.
    pub copies: BTreeSet<SpaceId>,
    /// What its notice says of a space: thread and kind.
    pub spaces: BTreeMap<SpaceId, (String, Information)>,
    /// What an organisation's keys open of another's entries.
    pub opens: BTreeMap<(EntryHash, Org), BTreeSet<Word>>,
    /// Who wrote an entry for others, and in which space.
    pub places: BTreeMap<EntryHash, (Org, SpaceId)>,
    /// What was told of whose person, in which entry, to whom.
    pub accounts: Vec<(Org, String, EntryHash, OrgId)>,
    /// Referrals of which something left on paper or by telephone.
    pub left: BTreeSet<String>,
    /// Which organisation has put on record that it told which entry to whom.
    pub disclosed: BTreeSet<(Org, EntryHash, Org)>,
    /// Who told whom in which space, under which version of which consent and of which kind, as it might.
    pub let_in: BTreeSet<LetIn>,
    /// What was shown to an organisation's staff since the last check.
    pub shown: Vec<(Org, BTreeSet<Word>)>,
    /// What lies in clear on an organisation's disk since the last check.
    pub rest: Vec<(Org, BTreeSet<Word>)>,
    /// All of that.
    pub holds: BTreeMap<Org, BTreeSet<Word>>,
}

impl Seen {
    pub fn at_rest(&mut self, org: Org, table: Table, key: &[u8], value: &[u8]) {
        let mut found = words::found(value);
        found.extend(words::found(key));
        if table == Table::Record
            && key.first() == Some(&BODIES)
            && let Some(body) = value.get(BEFORE_BODY..)
        {
            found.extend(words::said(body).1);
        }
        if !found.is_empty() {
            self.holds.entry(org).or_default().extend(found.iter().copied());
            self.rest.push((org, found));
        }
    }
}
