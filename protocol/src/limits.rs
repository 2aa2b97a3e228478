//! Every bound, in one place: value, unit, reason. Those of connections, relays and frames stand in `limits/net.rs`.

mod net;

pub use net::*;

use crate::time::{DAY, HOUR, MINUTE, SECOND};

/// Parents an entry may name. More heads are joined by a `keep` first.
pub const PARENTS: usize = 16;
/// Control heads of the coalition an entry may name.
pub const CONTROL_HEADS: usize = 16;
/// Bytes of one entry. A document's first change of 64 listings of real texts is some 40 KB; a page holds several.
pub const ENTRY_BYTES: usize = 200 * 1024;
/// Bytes that a body may open to: a text of two full entries.
pub const BODY_BYTES: usize = 512 * 1024;
/// How many times its packed length a sealed body may open to. Real text gives three or four, what repeats itself nine; what would give more is sealed as it is.
pub const BODY_RATIO: usize = 16;
/// Bytes of others' bodies that one input opens, and one body more: a page of what packs as well as may be. Ticks open the rest.
pub const OPENED_BYTES: usize = 4 * 1024 * 1024;
/// Bodies that one tick opens of those that were put off, or tries to.
pub const OPENED_LATER: usize = 1_000;
/// Entries that turned (they count now and did not, or count no more) that one input looks at, or a tick, of those that were put off.
pub const TURNED_AT_ONCE: usize = 1_000;
/// Milliseconds between two ticks that do so, and between two that fold documents anew: who makes things turn leaves time for all else.
pub const TURNED_EVERY: u64 = SECOND;
/// Bytes of one register's value.
pub const REGISTER_BYTES: usize = 16 * 1024;
/// Heads that a register of heads holds: 32 bytes each.
pub const HEADS_SAID: usize = (REGISTER_BYTES - 1_024) / 32;
/// Characters of a register's name.
pub const REGISTER_NAME: usize = 64;
/// Bytes of one page of a session.
pub const PAGE_BYTES: usize = 256 * 1024;
/// Bytes of a page's entries from which on another page is expected at once.
pub const PAGE_FULL: usize = PAGE_BYTES / 4 * 3;
/// Threads whose receipts wait until pages are not full any more: what is published at once after that, some 0.1 s of work.
pub const RECEIPTS_PUT_OFF: usize = 1_024;
/// Bytes of one frame on a sync stream: a page and its framing.
pub const FRAME_BYTES: usize = PAGE_BYTES + 16 * 1024;
/// Entries that may wait for missing parents, brought by one organisation; and names of as many beyond that were dropped and are asked for again once what they follow is here.
pub const WAITING_PER_ORG: usize = 1_000;
/// Entries that may wait for missing parents, of one author.
pub const WAITING_PER_AUTHOR: usize = 1_000;
/// How long an entry may wait for what it follows: twice as long as a parcel lives, so that what is on its way by carriers comes before.
pub const WAITING_LIFE: u64 = 2 * PARCEL_LIFE;
/// How seldom what has waited for so long is looked for: who sends one entry a day that follows nothing has bookmarks of its spaces forgotten no more often than this.
pub const WAITING_LOOK: u64 = WAITING_LIFE / 2;
/// Bytes that a node takes of one organisation at once, of the coalition's control entries and of everything else each: a newcomer's
/// first sync with years of a busy partner's referrals. On disk it takes some three times of that at most; an hour of flood fills no disk.
pub const ALLOWANCE: i64 = 1024 * 1024 * 1024;
/// Bytes by which that fills again in a day: two long scans and hundreds of referrals.
pub const ALLOWANCE_A_DAY: i64 = 64 * 1024 * 1024;
/// Less than this is left: people are told who sends so much.
pub const ALLOWANCE_LOW: i64 = ALLOWANCE / 4;
/// What each entry or register costs of it beside its own bytes: rows, indexes, 320 bytes of memory while its space is in use. Tiny ones take 80 MB.
pub const ENTRY_COST: i64 = 4 * 1024;
/// What an entry of a coalition costs beside: its place is in memory for good, in every node. An allowance of tiny ones takes 20 MB, and each day's filling 1.3.
pub const PLACE_COST: i64 = 12 * 1024;
/// What a control entry costs for each that its space has already: each carries its causal past, and folds go over all of them.
pub const CONTROL_COST: i64 = 64;
/// What a further node costs in a coalition: when it is retired, all threads of its organisation mint new epochs before they go on. 256 at once, and then 16 a day.
pub const NODE_COST: i64 = 4 * 1024 * 1024;
/// What a `found` entry costs: the rows of a space, its lists and its place in comparisons.
pub const SPACE_COST: i64 = 8 * 1024;
/// Names of entries that are remembered as to be taken later; what comes above it is told again in another session.
pub const LATE: usize = 10_000;
/// Entries of its own that a peer may have sent too early; above it its pages are not acknowledged, so that it stops sending.
pub const LATE_HELD: usize = 1_000;
/// Registers of one node in one space, those with the lowest names: openings of each listing that a large organisation keeps.
pub const REGISTERS_PER_NODE: u32 = 4_096;
/// Nodes of one organisation that have a place, the first that its root certified: an office has three or four machines. Those of four organisations fit an epoch.
pub const NODES_OF_ORG: usize = WRAPS / 4;
/// Wraps in one epoch or extend: nodes of one space's readers.
pub const WRAPS: usize = 64;
/// Epoch keys in one bundle of earlier keys, extend or ask.
pub const EPOCHS_NAMED: usize = 256;
/// Keys of threads in one record of the private space: 96 bytes each, half an entry.
pub const KEYS_SHARED: usize = 1_000;
/// How long a key that is lacking may come from another node of the same organisation, before the other organisations of the space are asked for it.
pub const ASK_PATIENCE: u64 = 2 * MINUTE;
/// Asks of one node for one key that one organisation may answer so that they have to be asked again, before its answers count as none.
pub const ASKS_ANSWERED: usize = 3;
/// Asks of one node in one space that are not settled and are looked at whenever it changes: its newest.
pub const ASKS_OPEN: usize = 64;
/// Earlier asks of a node for one of the same keys that are looked at for whose answers count as none: its newest.
pub const ASKS_COUNTED: usize = 16;
/// Last words of one author in one space that who hears of its removal saves, half of them the first to come and half the last: an honest one
/// joins its own, and has one or two. A thief with its key pushes out what came before that, or after, and not both.
pub const LAST_WORDS: usize = 16;
/// Words of one organisation in one space that take effect though they come too late to count: an honest one has a few, a hostile one no end.
pub const LATE_WORDS: usize = 32;
/// Entries that a newcomer takes from who lets it in, control entries and what they follow: a coalition of thousands over many years.
pub const JOIN_ENTRIES: usize = 1_000_000;
/// Spaces that one page of heads compares.
pub const COMPARE_SPACES: usize = 2_000;
/// Of these, how many of one link are looked at while one input is handled: each may have to be loaded.
pub const COMPARED_AT_ONCE: usize = 256;
/// Spaces of which the digests are remembered until they change: a hundred bytes each.
pub const DIGESTS: usize = 16_384;
/// Bytes of one file of an import. The largest national list known is 2 MB.
pub const IMPORT_BYTES: u64 = 64 * 1024 * 1024;
/// Rows of one file of an import.
pub const IMPORT_ROWS: usize = 300_000;
/// Cells, or JSON values, of one file of an import: each takes a hundred bytes of memory while it is read.
pub const IMPORT_VALUES: usize = 4_000_000;
/// Columns of one table of an import. HSDS has 30; spreadsheets with a column a question, some hundreds.
pub const IMPORT_COLUMNS: usize = 1_000;
/// Characters of a column's name, or of an id in JSON.
pub const IMPORT_NAME_CHARS: usize = 256;
/// Listings in one document.
pub const LISTINGS_PER_DOCUMENT: usize = 64;
/// Fields of one listing.
pub const LISTING_FIELDS: usize = 200;
/// Characters of one field of a listing.
pub const FIELD_CHARS: usize = 20_000;
/// Bytes of a field's key in a document: a listing's id, a slash, the field's name.
pub const FIELD_NAME_BYTES: usize = 256;
/// What all changes of one document may weigh; its state never takes more. Twice what a writer fills: two that do not hear of each other fit.
pub const DOCUMENT_BYTES: u64 = 8 * 1024 * 1024;
/// From this weight on a document goes on in another: 64 listings, and a nightly change of a few fields of each for half a year.
pub const DOCUMENT_FILLED: u64 = DOCUMENT_BYTES / 2;
/// What a change weighs beside its bytes, each of its operations, each that these name; and a body beside what it opens to, known or not: who folds anew opens each.
pub const CHANGE_COST: usize = 64;
pub const OPERATION_COST: usize = 48;
pub const NAMED_COST: usize = 16;
pub const DOCUMENT_BODY_COST: u64 = 1024;
/// Operations of the changes of one body: each field of a full document, and once more.
pub const CHANGE_OPERATIONS: u64 = 2 * (LISTINGS_PER_DOCUMENT * LISTING_FIELDS) as u64;
/// Actors or dependencies that one change names: nodes of one organisation, and their starts since the last merge.
pub const CHANGE_ACTORS: usize = 256;
/// Bytes of text in one change of our own; what does not fit goes into the next. Even text that does not compress then fits an entry.
pub const CHANGE_TEXT: usize = 96 * 1024;
/// Changes in one body; a node writes one.
pub const CHANGES_IN_BODY: usize = 256;
/// Bytes that the changes in one body may open to: one change of our own and its columns, with room.
pub const CHANGES_BYTES: usize = 256 * 1024;
/// Life of an epoch in use; then a writer mints a new one.
pub const EPOCH_LIFE: u64 = 30 * DAY;
/// Life of a prekey until the next is published.
pub const PREKEY_LIFE: u64 = 30 * DAY;
/// How long the private half of a prekey is held after its successor, at least: what was sealed to it and left with a carrier has arrived or expired by then.
pub const PREKEY_LINGERS: u64 = PARCEL_LIFE + PARCEL_CLOCKS;
/// And at most, whoever has not taken the successor.
pub const PREKEY_KEPT: u64 = 90 * DAY;
/// How long an invite may be redeemed unless its maker says otherwise.
pub const INVITE_LIFE: u64 = 7 * DAY;
/// The longest life an invite may be given.
pub const INVITE_LIFE_MAX: u64 = 30 * DAY;
/// How long after its invite expired a join is waited for without a word to people, and a machine that took its claim and knows nothing of it
/// may still hear of it.
pub const JOIN_GRACE: u64 = 7 * DAY;
/// Milliseconds after which a join is asked for again, at first; each pause is longer by a quarter.
pub const JOIN_ASK_FIRST: u64 = SECOND / 2;
/// And at most, where a machine of the inviter's answers and a steward has yet to approve.
pub const JOIN_ASK_ANSWERED: u64 = 20 * SECOND;
/// And at most, where nobody answers: within this time a machine that comes back is asked.
pub const JOIN_ASK_SILENT: u64 = 10 * MINUTE;
/// Addresses in an invite.
pub const INVITE_ADDRESSES: usize = 3;
/// Characters of one address in an invite.
pub const ADDRESS_CHARS: usize = 160;
/// Characters of an invite code, with whatever a mail program put between them.
pub const INVITE_CODE_CHARS: usize = 4_000;
/// Invites that may be open at a node at once.
pub const INVITES_OPEN: usize = 1_000;
/// Members' nodes in an invite by which a newcomer comes to an inviter that it can not reach: two, so that one may be off.
pub const INVITE_RELAYS: usize = 2;
/// Addresses of each of these: one over QUIC, and one over TCP where UDP does not get out.
pub const INVITE_RELAY_ADDRESSES: usize = 2;
/// Passes that one node publishes at once: invites that are open, more than a region takes in at a time. Some 40 bytes each, and every member keeps them.
pub const PASSES_OF_NODE: usize = 64;
/// Passes of which a relay remembers who showed them first.
pub const PASSES_SHOWN: usize = 1_024;
/// Newcomers that a relay lets through at once. Each is a stranger besides, and counted as one.
pub const PASSAGES: usize = 8;
/// Bytes of one passage, each way: a whole roster, many times over.
pub const PASSAGE_BYTES: u64 = 32 * 1024 * 1024;
/// Peers whose wrong tries are counted at once; the longest quiet is forgotten first.
pub const INVITE_TRIES_PEERS: usize = 1_024;
/// Bytes of an invite, claim or welcome file. A welcome holds the coalition's control entries, 2 KB an organisation.
pub const JOIN_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Bytes of a roster that a talk holds until it is whole; of a larger one these are taken before the rest is there.
pub const JOIN_HELD_BYTES: usize = JOIN_FILE_BYTES;
/// What each entry that waits there counts for beside its bytes.
pub const JOIN_HELD_ENTRY: usize = 64;
/// Bytes of plaintext of a parcel: it is padded to the least of these that it fits. The largest holds any entry, and with all wraps fits a frame.
pub const PARCEL_SIZES: [usize; 4] = [4 * 1024, 16 * 1024, 64 * 1024, 224 * 1024];
/// Bytes of entries, registers and removals in one parcel: what [`PARCEL_WANTS`], [`PARCEL_RECEIPTS`], certificate and signature leave of the largest size.
pub const PARCEL_PAGE: usize = 208 * 1024;
/// Entries that one parcel asks for.
pub const PARCEL_WANTS: usize = 128;
/// Receipts in one parcel.
pub const PARCEL_RECEIPTS: usize = 64;
/// Nodes to which one parcel is sealed.
pub const PARCEL_NODES: usize = 16;
/// Life of a parcel, where no grant ends before. A prekey's private half is held for longer than this after its successor came.
pub const PARCEL_LIFE: u64 = 30 * DAY;
/// How long own words wait for a link before a parcel is made of them: what comes together goes together.
pub const PARCEL_AFTER: u64 = 5 * MINUTE;
/// And a random time of up to this, so that the moment of a deposit does not tell that of an act.
pub const PARCEL_JITTER: u64 = 5 * MINUTE;
/// Organisations with whom one parcel is left: one that goes off for good does not matter.
pub const PARCEL_CARRIERS: usize = 3;
/// Parcels on their way to one recipient; above it new words wait until some have arrived. A part of what a carrier keeps for us, so that
/// one that is off for a month leaves room for others.
pub const PARCELS_OUT: usize = CARRIED_COUNT as usize / PARCEL_SHARES;
/// Bytes of these.
pub const PARCELS_OUT_BYTES: u64 = CARRIED_BYTES / PARCEL_SHARES as u64;
/// Recipients that have a part of their own of what a carrier keeps for us.
pub const PARCEL_SHARES: usize = 4;
/// How often in a day an organisation whose nodes change is told all again by parcels: a lost machine and its successor, and once more.
pub const ANEW_A_DAY: u32 = 4;
/// Parcels that wait here for something they follow.
pub const PARCELS_HELD: usize = 64;
/// Bytes of these.
pub const PARCELS_HELD_BYTES: usize = 16 * 1024 * 1024;
/// And what of both one sender may have: with four who flood there is room for nobody, and they are named.
pub const PARCELS_HELD_OF: usize = PARCELS_HELD / 4;
pub const PARCELS_HELD_BYTES_OF: usize = PARCELS_HELD_BYTES / 4;
/// Of what a parcel waits for, as many are remembered: it is tried again when one of them is here.
pub const PARCEL_WAITS: usize = 32;
/// After how long a parcel of which nothing could be kept is fetched again over a link that stays: an empty account has room for the largest after five minutes.
pub const PARCEL_AGAIN: u64 = HOUR;
/// How often that time doubles: who floods is not to fill the line of who takes nothing of it.
pub const PARCEL_AGAIN_TWICE: u32 = 4;
/// How much longer than [`PARCEL_LIFE`] a parcel may say that it lives: clocks differ.
pub const PARCEL_CLOCKS: u64 = 2 * DAY;
/// Of what arrived last, as much is looked through to count what waits for one organisation; a count that goes on above it says no more.
pub const UNDER_WAY_LOOKED: u64 = 1_000;
/// Names in one frame about parcels.
pub const PARCELS_NAMED: usize = 256;
/// Parcels that are fetched at once over one link, and that are left and not answered.
pub const PARCELS_IN_FLIGHT: usize = 4;
/// Receipts that are remembered of one sender's parcels: a parcel that comes again gets its receipt again.
pub const PARCELS_TAKEN: usize = 1_024;
/// Parcels that a carrier keeps for one depositor.
pub const CARRIED_COUNT: u32 = 256;
/// Bytes of these: a month of a busy partner's referrals without scans.
pub const CARRIED_BYTES: u64 = 16 * 1024 * 1024;
/// Parcels of one depositor of which a carrier remembers anything: also those whose receipt waits for it.
pub const CARRIED_RECEIPTS: u32 = 4 * CARRIED_COUNT;
/// Bytes that a carrier keeps in all.
pub const CARRIED_TOTAL: u64 = 1024 * 1024 * 1024;
/// Carriers to which a node goes for what lies there for its organisation.
pub const CARRIERS: usize = 8;
/// Entries known as delivered of one space to one organisation, the newest that no other follows.
pub const DELIVERED_HEADS: usize = 16;
/// Bytes of parcels in one text of a bundle: in base64 it fits a request on the control socket.
pub const BUNDLE_BYTES: usize = 2 * 1024 * 1024;
/// Bytes of parcels in one bundle's file: a partner's year of referrals, or a first directory.
pub const BUNDLE_FILE_BYTES: usize = 32 * 1024 * 1024;
/// Organisations with whom a node leaves its private space: one that burns down and one that leaves do not matter.
pub const BACKUP_PARTNERS: usize = 3;
/// What a package of a private space may have as plaintext, in bytes: it is padded to the least of these that it fits. The largest holds any entry.
pub const BACKUP_SIZES: [usize; 4] = [4 * 1024, 16 * 1024, 64 * 1024, 224 * 1024];
/// How long own records wait for others to go along, and up to as long again at random: the time of a package is not that of an act.
pub const BACKUP_EVERY: u64 = 10 * MINUTE;
/// How long a partner may owe an answer about a package before another gets its place.
pub const BACKUP_ANSWER: u64 = 10 * MINUTE;
/// How long a partner that has no room is not asked again.
pub const BACKUP_REFUSED: u64 = DAY;
/// How often a node that stays linked is asked whether what was left there lies there still; and how long after it did not before it may be given everything anew once more.
pub const BACKUP_LOOK: u64 = DAY;
/// A partner that for so long took nothing, and did not say that it holds all, has no fresh backup any more: others are chosen, and staff are told.
pub const BACKUP_FRESH: u64 = 7 * DAY;
/// Bytes that a node keeps for one other organisation: years of records, and some scans.
pub const KEPT_BYTES: u64 = 128 * 1024 * 1024;
/// Nodes of one organisation that leave something of it: those that have a place, and of each three that came before it.
pub const KEPT_NODES: usize = 4 * NODES_OF_ORG;
/// What each package costs of that beside its own bytes: its rows, and their places in the indexes.
pub const KEPT_COST: u64 = 1024;
/// Bytes of its own records that a node lays by which partners gave back, until the phrase opens them: of three who keep all, and a file.
pub const LAID_BY_BYTES: u64 = 4 * KEPT_BYTES;
/// Of these, how many packages are opened in one step: a second's work, while nobody else is served.
pub const OPENED_AT_ONCE: usize = 16;
/// Organisations that a node goes to at once because they may keep what it lost, beside its neighbours; with more, each in its turn.
pub const LOOKED_FOR_AT_ONCE: usize = 16;
/// How long a partner may be looked for in vain before people are told: who is off for a holiday is back by then.
pub const LOOKED_FOR_LONG: u64 = 14 * DAY;
/// How long a recovery goes on taking what partners give, at most: who gives more slowly gives the rest to the machine that stands.
pub const RECOVERY_GIVING: u64 = HOUR / 2;
/// Bytes that it keeps for all of them.
pub const KEPT_TOTAL: u64 = 2 * 1024 * 1024 * 1024;
/// How long packages of an organisation that is in no coalition any more are kept: who is let in again finds them.
pub const KEPT_LINGERS: u64 = 90 * DAY;
/// Coalitions that one node is in.
pub const COALITIONS: usize = 64;
/// Wrong tries of an invite code, by one peer, before its connections are refused for an hour.
pub const INVITE_TRIES: usize = 5;
/// How far a clock may stand from what two connected organisations say.
pub const CLOCK_SKEW: u64 = 10 * MINUTE;
/// How far ahead of ours an entry's claimed time may be before `doctor` speaks of it.
pub const CLOCK_DOUBT: u64 = 48 * HOUR;
/// Minutes by which a clock on a wall may be ahead of UTC or behind it: less than a day, as RFC 3339 writes it.
pub const OFFSET_MINUTES: u32 = 24 * 60;
/// Characters of a message or note about a person.
pub const TEXT_CHARS: usize = 8_000;
/// Characters of a name (organisation, person, staff).
pub const NAME_CHARS: usize = 200;
/// Wrong secrets for one name, one after the other, of which everybody is to hear.
pub const WRONG_SECRETS: u32 = 10;
/// How long everybody who signs in is told that a privacy officer was named at the machine without the secret of one before.
pub const RESCUE_SHOWN: u64 = 30 * DAY;
/// Lines of a list of which a look names each; a longer one, as that of everybody, is on record as a list alone.
pub const SHOWN_AT_ONCE: usize = 500;
/// Tries in an hour, of one staff member, to open what is placed for emergencies that found nothing, before no more are answered.
pub const EMERGENCY_MISSES: usize = 10;
/// Organisations listed with their telephone where nothing was found to open.
pub const EMERGENCY_PHONES: usize = 100;
/// Bytes of a request on the control socket.
pub const REQUEST_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one attachment: a scan of a whole file of papers, and nothing like a film.
pub const ATTACHMENT_BYTES: u64 = 25_000_000;
/// Bytes of one chunk of an attachment: two fit a page of a session even where they do not compress.
pub const CHUNK_BYTES: usize = 120 * 1024;
/// Chunks written in one transaction: a megabyte, so that nobody waits long.
pub const CHUNKS_AT_ONCE: usize = 8;
/// Bytes of all attachments of one thread that this organisation sends.
pub const THREAD_ATTACHMENT_BYTES: u64 = 100_000_000;
/// Bytes by which the type of a file is told.
pub const SNIFF_BYTES: usize = 512;
/// Bytes at the end of a PDF in which the mark of its end stands.
pub const PDF_TAIL_BYTES: usize = 1_024;
/// Bytes of a signature drawn as lines.
pub const DRAWING_BYTES: u64 = 64 * 1024;
/// Bytes of the picture of a signature.
pub const SIGNATURE_BYTES: u64 = 1_000_000;
/// Bytes of a picture of a signature, or of the paper that was signed, that a form on a page shows: a photograph of a sheet. A larger one is named.
pub const SHOWN_PICTURE_BYTES: u64 = 8_000_000;
/// Bytes of bodies that are read at once when a space is folded again.
pub const BODIES_AT_ONCE: usize = 8 * 1024 * 1024;
/// Spaces whose graphs are held in memory at once: those of some hundred threads, which a night's entries are spread over. What comes
/// for more of them in turn is taken with each graph loaded anew, at ten times the cost.
pub const GRAPHS_IN_MEMORY: usize = 1_024;
/// Bytes that they may take, but for those of coalitions: a space that somebody filled is loaded again instead.
pub const GRAPHS_BYTES: usize = 48 * 1024 * 1024;
/// Bytes that documents of the directory may take in memory, those that were opened last: some 500 of 40 listings; another is opened out of the store.
pub const DOCUMENTS_BYTES: usize = 8 * 1024 * 1024;
/// Bytes of documents' changes that are opened of one frame before its turn: twice what a page of real texts opens to.
pub const AHEAD_BYTES: usize = 1024 * 1024;
/// Bodies of a document until its state is written again: opening it out of the store folds so many at most.
pub const BODIES_UNFOLDED: u32 = 16;
/// Organisations that one consent names, as disclosers and recipients together.
pub const CONSENT_PARTIES: usize = 64;
/// Permissions in one consent: parties by kinds of information, both ways.
pub const CONSENT_FLOWS: usize = 512;
/// Organisations that a consent lets work together on one thread, who sends among them. Each pair of them has ways of its own for each kind,
/// so that eight fill most of [`CONSENT_FLOWS`].
pub const TEAM_MEMBERS: usize = 8;
/// Days from an agency's statement by word of mouth for which what it was told is left out of an accounting (45 CFR 164.528(a)(2)(ii)(C)).
pub const WITHHELD_SPOKEN_DAYS: u64 = 30;
/// Statements of agencies by which something is left out of one accounting: no house has as many at once.
pub const WITHHELD_AT_ONCE: usize = 64;
/// Records of one telling that are struck at once: one for each kind of information.
pub const STRUCK_AT_ONCE: usize = 8;
/// Restrictions that a person asked for under one consent.
pub const CONSENT_RESTRICTIONS: usize = 64;
/// Listings that a search showed the person, before a referral.
pub const OPTIONS_SHOWN: usize = 200;
/// Years that nobody alive is older than: a year of birth before is a slip of the pen.
pub const OLDEST: i16 = 130;
/// Other names, telephones or needs of one person.
pub const PERSON_VALUES: usize = 32;
/// Bytes of entries that may wait, brought by one organisation.
pub const WAITING_BYTES_PER_ORG: usize = 8 * 1024 * 1024;
/// Bytes of entries that may wait at all.
pub const WAITING_BYTES: usize = 64 * 1024 * 1024;
/// Names of refused entries that are remembered, so that what depends on them need not wait.
pub const REFUSED: usize = 4_096;
/// Membership folds of one space that are kept in memory.
pub const FOLDS_IN_MEMORY: usize = 64;
/// Bytes of a bookmark token: some 60, with room for another version's.
pub const TOKEN_BYTES: usize = 128;
/// Entries asked for in one frame, and not answered yet on one link.
pub const WANTS: usize = 2_000;
/// Entries that one link may have announced and that are not here yet; above it the link is closed and starts anew.
pub const ANNOUNCED: usize = 100_000;
/// Of these, how many over all links of one organisation: two of its nodes bring all that is new here. Some 150 bytes each.
pub const ANNOUNCED_BY_ORG: usize = 2 * ANNOUNCED;
/// Milliseconds that a peer has for one entry it was asked for, where another announced it too; half as long for each that it let lapse, down to an eighth.
pub const ASK_LIFE: u64 = MINUTE;
/// Milliseconds that a peer has for all of a space that is compared with it, before another is; halved as [`ASK_LIFE`] is.
pub const COMPARE_LIFE: u64 = 5 * MINUTE;
/// Entries that a peer may want and not have been sent: twice what an honest one asks for, since entries cross their asks.
pub const WANTS_OPEN: usize = 2 * WANTS;
/// Hashes in one sample of a space: heads, then exponentially back.
pub const SAMPLE: usize = 128;
/// Bytes of the registers listed in one comparison, with their names; those above are sent again. With the sample it fits a frame.
pub const REGISTERS_COMPARED: usize = PAGE_BYTES - 33 * SAMPLE;
/// Spaces being compared at once over one link.
pub const COMPARING: usize = 16;
/// Pages in flight on one link: enough to fill it, little enough to hold in memory.
pub const PAGES_IN_FLIGHT: usize = 4;
/// Arrivals that concern a peer in nothing, before it gets a new bookmark all the same.
pub const ARRIVALS_SKIPPED: u64 = 256;
/// Hashes that a session remembers as known to its peer; only spares announcing twice.
pub const KNOWN_TO_PEER: usize = 20_000;
/// Stewards of one charter.
pub const STEWARDS: usize = 64;
/// Stewards that a coalition should have at least: of two, the loss of one stops every change; one alone can do and lose all.
pub const STEWARDS_ADVISED: usize = 3;
/// Registers of one link that wait for the entries of their space.
pub const EARLY_REGISTERS: usize = 1_000;
/// Bytes of these, over all links of one organisation.
pub const EARLY_BYTES: usize = 4 * 1024 * 1024;
/// Nodes of one organisation that others showed to be its own, before the coalition's entries do.
pub const VOUCHED: usize = 16;
/// Entries that took an organisation out of one space and that it is told; of more, the last to come. Who removes at the same time is one or two.
pub const REMOVALS_TOLD: usize = 8;
/// Bytes of what one notice of a removal holds: the removal, and of the charters up to the one under which it was approved the newest whose approvals fit.
pub const NOTICE_BYTES: usize = 40 * 1024;
/// Charters that are shown to who was taken out and that it keeps: more than a coalition adopts in a decade.
pub const CHARTERS_SHOWN: usize = 64;
/// How long a notice that we were taken out is believed against the word of who governs the space: its entry comes to them within days,
/// unless whoever told us made it up, or lost it with its machine.
pub const NOTICE_STANDS: u64 = 7 * DAY;
/// Names of such notices that a node remembers to have been void, of one space: who lies more often than that is looked into by people.
pub const NOTICES_VOID: usize = 64;
/// Notices of removal of one link that wait for the certificate of their author. Later ones come with the next link.
pub const EARLY_REMOVALS: usize = 64;
/// Acts of one organisation in one thread that count, the first in canonical order. A referral has some dozens.
pub const THREAD_ACTS: usize = 2_000;
/// Notices of one organisation in one thread that count: one for each kind of information and version of the consent.
pub const THREAD_NOTICES: usize = 256;
/// Bytes that the acts and notices of one organisation in one thread may open to, the first in canonical order: thousands of usual ones.
pub const THREAD_BYTES: usize = 4 * 1024 * 1024;
/// What each act or notice counts of that beside its bytes: what it takes in memory.
pub const THREAD_BODY_COST: usize = 256;
/// Bytes of a thread's body that is kept opened, which [`ENTRY_COST`] pays for; a longer one is opened anew out of its entry.
pub const THREAD_BODY_KEPT: usize = 4 * 1024;
/// Crossing acts that are named beside one act, for people to look at.
pub const CROSSED: usize = 16;
/// Hours that an agreement may allow for anything: a quarter of a year.
pub const AGREED_HOURS: u16 = 92 * 24;
/// Criteria, things to bring, contacts or steps of one side of an agreement.
pub const AGREED_LINES: usize = 32;
/// Characters of one criterion.
pub const CRITERION_CHARS: usize = 500;
/// Bytes of a form that is attached to an agreement. Every member of the coalition keeps it.
pub const FORM_BYTES: usize = 160 * 1024;
/// Bytes of a form that stands in the terms themselves: a text of two pages.
pub const FORM_TEXT_BYTES: usize = 4 * 1024;
/// Bytes of the terms of an agreement; they travel in one entry.
pub const TERMS_BYTES: usize = 128 * 1024;
/// Forms of one agreement.
pub const AGREEMENT_FORMS: usize = 8;
/// Versions of one agreement that both have signed, the highest: one a month for years.
pub const AGREEMENT_VERSIONS: usize = 64;
/// Versions of one agreement that wait for a signature, the highest.
pub const AGREEMENT_PROPOSALS: usize = 16;
/// An appointment or a day of leaving lies at most so far ahead: a year that was mistyped would never be due.
pub const PLANNED_AHEAD: u64 = 366 * DAY;
/// What was done for the person in a referral lies at most so long before it was sent: a visit of another year is another visit.
pub const DONE_BEFORE: u64 = 7 * DAY;
/// Where the person was, and since when nobody reached the person, may be told of so long before: time in custody or in hospital.
pub const TOLD_BEFORE: u64 = 2 * 366 * DAY;
/// Rows of one page of the list of referrals, where nothing else is asked for: what fits a screen ten times.
pub const LIST_PAGE: usize = 100;
/// The most rows of one page: a page is made while all else waits, and costs some milliseconds.
pub const LIST_PAGE_MAX: usize = 500;
/// Records that are joined as one person's: more is a mistake.
pub const PERSON_RECORDS: usize = 16;
/// Persons on record who look like another and are shown as such: more than staff would compare.
pub const ALIKE: usize = 10;
/// Persons or consents that are read where one is looked for by the beginning of an id, a name, a day of birth or a telephone number:
/// more than share any of these by chance in a county, and few enough to read while all else waits.
pub const FOUND_AT_ONCE: usize = 1_000;
/// Inquiries of one organisation that are kept here, the newest: three a day for a year. Who asks more pushes out its own.
pub const INQUIRIES_OF_ORG: usize = 1_000;
/// Questions, answers or copies for emergencies that are kept of one space, of each kind the newest; only the last of them is ever read.
pub const KEPT_OF_SPACE: usize = 16;
/// Rows of the list of referrals that are made anew in one go by the node itself, so that nobody waits long for it.
pub const LIST_FRESHENED: usize = 64;
/// Between two notices that something waits: a burst of referrals is one notice, and a mailbox stays readable.
pub const NOTICE_EVERY: u64 = 10 * MINUTE;
/// Milliseconds that the command of a notice has: a mailer that only queues needs one second.
pub const NOTICE_MILLIS: u64 = 20_000;
/// Characters of the address that notices are mailed to (RFC 5321, 4.5.3.1.3).
pub const MAIL_ADDRESS_CHARS: usize = 254;
/// Forms of one session of the pages of which it is remembered that they were sent, so that none is done twice: more than staff send in a day.
pub const FORMS_REMEMBERED: usize = 256;
/// Bytes of the pages with which forms of one session were answered: the last few, for who pressed a button twice.
pub const FORM_PAGES_BYTES: usize = 128 * 1024;
