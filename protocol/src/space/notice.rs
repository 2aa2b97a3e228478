//! What an organisation that was taken out is told, and believes, apart from the graph.

use super::control::{Control, Revoke};
use super::entry::{Entry, Kind};
use super::graph::What;
use super::load;
use super::record::SpaceKind;
use super::rows;
use super::shown;
use super::spaces::Spaces;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::limits;
use crate::planted::{self, Bug};
use crate::store::{Draft, Table, View, after_prefix};
use crate::time::Time;
use std::collections::BTreeSet;

/// Nodes that somebody showed us to be another organisation's, in [`Table::Own`]: coalition and node -> organisation.
const VOUCHED: &[u8] = b"vouched/";
/// Organisations that a custodian's grant showed to have been let into a thread, in [`Table::Own`]: thread and organisation.
const SEATED: &[u8] = b"seated/";

/// Names of notices that were void here, in [`Table::Own`]: space -> the last [`limits::NOTICES_VOID`], see [`Spaces::doubt_heard`].
const VOID: &[u8] = b"void/";

/// The removals of this organisation from a space that it was told of, apart from the graph: first those by nodes that were not in force,
/// and of either oldest first.
///
/// # Errors
/// `Store`.
pub fn heard(view: &dyn View, space: SpaceId) -> Result<Vec<Entry>> {
    Ok(heard_since(view, space)?.into_iter().map(|heard| heard.entry).collect())
}

/// All that this organisation was told of so, in whatever space.
///
/// # Errors
/// `Store`.
pub fn heard_anywhere(view: &dyn View) -> Result<Vec<Entry>> {
    let mut all = Vec::new();
    for (space, _) in view.scan(Table::Removed, &[], None, usize::MAX, false)? {
        let space =
            SpaceId::from_slice(&space).ok_or_else(|| Fault::store("removal notices: a key of another length"))?;
        all.extend(heard(view, space)?);
    }
    Ok(all)
}

/// A notice that was believed.
struct Heard {
    /// Since when, by this node's clock.
    since: Time,
    entry: Entry,
}

fn heard_since(view: &dyn View, space: SpaceId) -> Result<Vec<Heard>> {
    let Some(row) = view.get(Table::Removed, space.as_bytes())? else { return Ok(Vec::new()) };
    let store = |fault: Fault| Fault::store(fault.message);
    let notices: Vec<(Time, Vec<u8>)> = codec::decode("removal notices", &row).map_err(store)?;
    let parse = |(since, bytes)| Ok(Heard { since, entry: Entry::parse(bytes).map_err(store)? });
    notices.into_iter().map(parse).collect()
}

/// Of more than [`limits::REMOVALS_TOLD`] the first, those that are not sound before the others, so that they go first: whoever holds the
/// key of a node that was retired can write any number, and they keep no place from what comes after them.
fn best(notices: Vec<Heard>, sound: impl Fn(&Heard) -> bool) -> Vec<Heard> {
    let (mut sound, mut doubtful): (Vec<Heard>, Vec<Heard>) = notices.into_iter().partition(sound);
    sound.truncate(limits::REMOVALS_TOLD);
    doubtful.truncate(limits::REMOVALS_TOLD - sound.len());
    doubtful.append(&mut sound);
    doubtful
}

/// Names of notices that were void, the last to become so last.
fn voided(view: &dyn View, space: SpaceId) -> Result<Vec<EntryHash>> {
    let row = view.get(Table::Own, &[VOID, space.as_bytes()].concat())?;
    let names = row.map(|row| codec::decode("void notices", &row)).transpose();
    Ok(names.map_err(|fault| Fault::store(fault.message))?.unwrap_or_default())
}

/// Puts down what it was told.
fn hear(draft: &mut Draft<'_>, space: SpaceId, notices: &[Heard]) {
    if notices.is_empty() {
        draft.delete(Table::Removed, *space.as_bytes());
        return;
    }
    let rows: Vec<(Time, &[u8])> = notices.iter().map(|heard| (heard.since, heard.entry.bytes())).collect();
    draft.put(Table::Removed, *space.as_bytes(), codec::encode(&rows));
}

impl Spaces {
    /// Forgets what this organisation was told of, as far as it lies in the space's graph by now: then the fold knows whether a grant
    /// follows. Of several removals that were written apart each is forgotten by itself. After the last, what could not be written
    /// meanwhile is due: keys that lack are asked for, in all threads of ours where the space is the coalition.
    ///
    /// # Errors
    /// `Store`.
    pub fn forget_heard(&mut self, draft: &mut Draft<'_>, space: SpaceId, own: OrgId) -> Result<()> {
        let heard = heard_since(draft, space)?;
        let before = heard.len();
        let mut left = Vec::new();
        for notice in heard {
            if !self.has(draft, &notice.entry.hash())? {
                left.push(notice);
            }
        }
        if left.len() < before { self.hear_less(draft, space, own, &left) } else { Ok(()) }
    }

    /// A node of organisation `by` shows us the space as it does to members. Where that organisation governs it (the custodian of a
    /// thread, a steward of a coalition), and we are in by what is here, what we were told apart from the graph
    /// [`limits::NOTICE_STANDS`] ago or earlier is void: its entry, if somebody ever wrote it, never came to who would have to know
    /// of it. Whether something was void.
    ///
    /// What was void another machine of ours may still believe, until that is shown the space: by its word it is not believed here again
    /// ([`Spaces::is_void`]). Else machines that seldom meet would tell each other for ever what each had heard to be void.
    ///
    /// # Errors
    /// `Store`.
    pub fn doubt_heard(
        &mut self,
        draft: &mut Draft<'_>,
        space: SpaceId,
        by: OrgId,
        own: OrgId,
        now: Time,
    ) -> Result<bool> {
        let mut heard = heard_since(draft, space)?;
        let Some(record) = self.record(draft, space)?.filter(|_| !heard.is_empty()) else { return Ok(false) };
        let governs = match record.kind {
            SpaceKind::Coalition { .. } => self.roster(draft, space)?.is_steward(&by),
            SpaceKind::Thread { .. } => record.custodian == by,
            SpaceKind::Private => false,
        };
        if !governs || by == own || !self.fold(draft, space)?.members.contains_key(&own) {
            return Ok(false);
        }
        // What a clock that was ahead dated later than now was heard now.
        let ahead = heard.iter_mut().filter(|notice| notice.since > now).map(|notice| notice.since = now).count();
        let (void, heard): (Vec<Heard>, Vec<Heard>) =
            heard.into_iter().partition(|notice| now.since(notice.since) >= limits::NOTICE_STANDS);
        if ahead > 0 || !void.is_empty() {
            self.hear_less(draft, space, own, &heard)?;
        }
        if !void.is_empty() {
            let mut names = voided(draft, space)?;
            names.extend(void.iter().map(|notice| notice.entry.hash()));
            names.drain(..names.len().saturating_sub(limits::NOTICES_VOID));
            draft.put(Table::Own, [VOID, space.as_bytes()].concat(), codec::encode(&names));
        }
        Ok(!void.is_empty())
    }

    /// Whether this notice was void here, and nobody but our own machines has told us of it since.
    ///
    /// # Errors
    /// `Store`.
    pub fn is_void(&self, view: &dyn View, space: SpaceId, notice: &EntryHash) -> Result<bool> {
        Ok(voided(view, space)?.contains(notice))
    }

    /// Of what was heard this is left. After the last, what could not be written meanwhile is due.
    fn hear_less(&mut self, draft: &mut Draft<'_>, space: SpaceId, own: OrgId, left: &[Heard]) -> Result<()> {
        hear(draft, space, left);
        if left.is_empty() {
            shown::forget(draft, space)?;
            self.tend.insert(space);
            for (thread, _) in rows::seats_of(draft, own)? {
                // In a thread nothing else was held up; in a coalition all its threads were.
                let kind = self.record(draft, thread)?.map(|record| record.kind);
                if matches!(kind, Some(SpaceKind::Thread { coalition, .. }) if coalition == space) {
                    self.tend.insert(thread);
                }
            }
        }
        Ok(())
    }

    /// Those of these entries whose authors are not in force: retired, without a place, or of who is out.
    ///
    /// # Errors
    /// `Store`.
    pub fn doubtful(&mut self, view: &dyn View, removals: &[EntryHash]) -> Result<BTreeSet<EntryHash>> {
        let mut doubtful = BTreeSet::new();
        for hash in removals {
            let Some(entry) = load::entry(view, hash)? else { continue };
            let Some(coalition) = self.coalition_of(view, entry.space())? else { continue };
            if !self.fold(view, coalition)?.nodes.contains_key(&entry.header().author) {
                doubtful.insert(*hash);
            }
        }
        Ok(doubtful)
    }

    /// A removal for whom it takes out, as received. Before it stand, where there are some, the entry that certified its author's
    /// node, and in a thread the grant that let the author's organisation in, behind the entry that certified the node of that; in a
    /// coalition the entries that certified the nodes of who approved it, and what shows the charter under which they did, as much of its end as
    /// fits [`limits::NOTICE_BYTES`]. Who was out for long may know nothing of it.
    ///
    /// # Errors
    /// `Store`.
    pub fn notice(&mut self, view: &dyn View, removal: &EntryHash) -> Result<Vec<Vec<u8>>> {
        let Some(entry) = load::entry(view, removal)? else {
            // What was only heard goes to our own machines, which take our word for it.
            let heard = heard_anywhere(view)?.into_iter().find(|heard| heard.hash() == *removal);
            return Ok(heard.map(|heard| heard.bytes().to_vec()).into_iter().collect());
        };
        let mut notice: Vec<Entry> = Vec::new();
        if let Some(coalition) = self.coalition_of(view, entry.space())? {
            let by = self.holder(view, coalition, &entry.header().author)?;
            let seated = if entry.space() == coalition { None } else { by };
            if let Some(org) = seated
                && let Some(grant) = self.seating(view, entry.space(), &org)?
            {
                notice.extend(self.certifying(view, coalition, &grant.header().author)?);
                notice.push(grant);
            }
            notice.extend(self.certifying(view, coalition, &entry.header().author)?);
            if entry.space() == coalition {
                for node in approving(&entry)? {
                    notice.extend(self.certifying(view, coalition, &node)?);
                }
                let mut size: usize = notice.iter().map(|entry| entry.bytes().len()).sum();
                let shown = if planted::is(Bug::CharterUnshown) {
                    Vec::new()
                } else {
                    self.succession(view, coalition, removal)?
                };
                for group in shown.into_iter().rev() {
                    size += group.iter().map(|entry| entry.bytes().len()).sum::<usize>();
                    if size > limits::NOTICE_BYTES {
                        break;
                    }
                    notice.splice(0..0, group);
                }
            }
        }
        notice.push(entry);
        let mut known = BTreeSet::new();
        notice.retain(|entry| known.insert(entry.hash()));
        Ok(notice.iter().map(|entry| entry.bytes().to_vec()).collect())
    }

    /// The first grant of a thread to an organisation.
    fn seating(&mut self, view: &dyn View, thread: SpaceId, org: &OrgId) -> Result<Option<Entry>> {
        let (graph, _) = self.opened(view, thread)?;
        for c in 0..graph.controls() {
            if matches!(&graph.fact(c)?.what, What::Grant { org: to, .. } if to == org) {
                return load::entry(view, &graph.control_node(c)?.hash);
            }
        }
        Ok(None)
    }

    pub(super) fn coalition_of(&self, view: &dyn View, space: SpaceId) -> Result<Option<SpaceId>> {
        Ok(self.record(view, space)?.and_then(|record| match record.kind {
            SpaceKind::Coalition { .. } => Some(space),
            SpaceKind::Thread { coalition, .. } => Some(coalition),
            SpaceKind::Private => None,
        }))
    }

    /// The first entry that certified a node in a coalition; none for its founder's.
    pub(super) fn certifying(&mut self, view: &dyn View, coalition: SpaceId, node: &NodeId) -> Result<Option<Entry>> {
        let (graph, _) = self.opened(view, coalition)?;
        for c in 0..graph.controls() {
            let found = match &graph.fact(c)?.what {
                What::Certify { certificate, .. } => certificate.node == *node,
                What::Grant { admits: Some(admits), .. } => admits.1.node == *node,
                _ => false,
            };
            if found {
                return load::entry(view, &graph.control_node(c)?.hash);
            }
        }
        Ok(None)
    }

    /// Remembers whose a node is, as a certificate of its organisation's root shows, though the entry's ancestors are not here. Of
    /// organisations that are known here alone, and of [`limits::VOUCHED`] nodes of each at most. In a thread: whom its custodian let
    /// in, as many at most.
    ///
    /// # Errors
    /// `Misbehaved` for a certificate that is not signed; `Store`.
    pub fn vouch(&mut self, draft: &mut Draft<'_>, entry: &Entry) -> Result<()> {
        let (card, certificate) = match Control::decode(entry.header().kind, entry.body())? {
            Some(Control::Certify(certificate)) => (None, certificate),
            Some(Control::Grant(grant)) => match grant.admits {
                Some((card, certificate)) => (Some(card), certificate),
                None => return self.seat(draft, entry, grant.org),
            },
            _ => return Ok(()),
        };
        let org = certificate.verify()?;
        let space = entry.space();
        if self.coalition_of(draft, space)? != Some(space) {
            return Ok(());
        }
        let roster = self.roster(draft, space)?;
        let prefix = [VOUCHED, space.as_bytes()].concat();
        let kept = draft.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), usize::MAX, false)?;
        // Each organisation has room of its own, so that none takes it from the others.
        let of = kept.iter().filter(|(_, whose)| whose == org.as_bytes()).count();
        let let_in = roster.orgs.contains_key(&org);
        let known = let_in || self.steward_shown(draft, space, &org)?;
        if !let_in
            && known
            && let Some(card) = card.filter(|card| card.root == certificate.root)
        {
            Self::keep_name(draft, space, org, &card.name);
        }
        // Of whom the roster knows whose it is, retired or not, nothing is to be remembered.
        let new = self.holder(draft, space, &certificate.node)?.is_none();
        if known && new && of < limits::VOUCHED {
            draft.put(Table::Own, [&prefix[..], certificate.node.as_bytes()].concat(), *org.as_bytes());
        }
        Ok(())
    }

    fn seat(&mut self, draft: &mut Draft<'_>, grant: &Entry, org: OrgId) -> Result<()> {
        let Some(record) = self.record(draft, grant.space())? else { return Ok(()) };
        let SpaceKind::Thread { coalition, .. } = record.kind else { return Ok(()) };
        if self.holder(draft, coalition, &grant.header().author)? != Some(record.custodian) {
            return Ok(());
        }
        let prefix = [SEATED, record.space.as_bytes()].concat();
        let kept = draft.scan(Table::Own, &prefix, after_prefix(&prefix).as_deref(), limits::VOUCHED, false)?;
        if kept.len() < limits::VOUCHED {
            draft.put(Table::Own, [&prefix[..], org.as_bytes()].concat(), []);
        }
        Ok(())
    }

    /// Whether an organisation can have written a removal in a thread: it is the custodian, or was let in once, by what is here or was
    /// shown to us.
    fn had_place(&mut self, view: &dyn View, thread: SpaceId, org: &OrgId) -> Result<bool> {
        let (graph, k) = self.opened(view, thread)?;
        let in_here = graph.ever_in(&graph.whole(k).own)?.contains(org);
        Ok(in_here || view.get(Table::Own, &[SEATED, thread.as_bytes(), org.as_bytes()].concat())?.is_some())
    }

    /// Whose a node is or was, by the roster or by what was shown to us.
    pub(super) fn holder(&mut self, view: &dyn View, coalition: SpaceId, node: &NodeId) -> Result<Option<OrgId>> {
        let roster = self.roster(view, coalition)?;
        if let Some((org, _)) = roster.orgs.iter().find(|(_, member)| member.nodes.contains_key(node)) {
            return Ok(Some(*org));
        }
        let row = view.get(Table::Own, &[VOUCHED, coalition.as_bytes(), node.as_bytes()].concat())?;
        Ok(row.and_then(|row| OrgId::from_slice(&row)))
    }

    /// What an entry says that takes organisation `own` out of a space, though its ancestors are not here: believed on its
    /// signature, if its author is a node of the roster, now or once, and in a thread of an organisation that has or had a place
    /// there. Recorded in `Table::Removed` under the space. `None`: its author is nobody of whom is known here that it ever was in the
    /// coalition, or in the thread, or fewer stewards approve than the charter asks for that is known here, and any that was shown to
    /// follow it; what makes up for that may still come.
    ///
    /// # Errors
    /// `Misbehaved` if it is no such entry, as one that takes out the custodian, which no thread ever takes.
    pub fn believe_removal(
        &mut self,
        draft: &mut Draft<'_>,
        entry: &Entry,
        own: OrgId,
        now: Time,
    ) -> Result<Option<SpaceId>> {
        let space = entry.space();
        let (revoke, coalition) = self.check_notice(draft, entry, own)?;
        let Some(by) = self.holder(draft, coalition, &entry.header().author)? else { return Ok(None) };
        if space != coalition && !self.had_place(draft, space, &by)? {
            return Ok(None);
        }
        if space == coalition && by != own && self.removed_under(draft, &revoke, space, by)?.is_none() {
            return Ok(None);
        }
        self.keep_notice(draft, entry, coalition, now)?;
        Ok(Some(space))
    }

    /// The same by the word of another machine of this organisation, which was told: who wrote it is its affair. It could take the
    /// organisation out itself, so that it is believed in this as well.
    ///
    /// # Errors
    /// As [`Spaces::believe_removal`].
    pub fn believe_own(&mut self, draft: &mut Draft<'_>, entry: &Entry, own: OrgId, now: Time) -> Result<SpaceId> {
        let (_, coalition) = self.check_notice(draft, entry, own)?;
        self.keep_notice(draft, entry, coalition, now)?;
        Ok(entry.space())
    }

    /// What takes this organisation out, by an entry of a space that is here, with that space's coalition.
    fn check_notice(&self, view: &dyn View, entry: &Entry, own: OrgId) -> Result<(Revoke, SpaceId)> {
        let space = entry.space();
        let no = |why: &str| Err(Fault::misbehaved(format!("removal notice: {why}")));
        let Some(Control::Revoke(revoke)) = Control::decode(entry.header().kind, entry.body())? else {
            return no("is no revoke");
        };
        if entry.header().kind != Kind::Revoke || revoke.org != own {
            return no("takes out somebody else");
        }
        let Some(record) = self.record(view, space)? else { return no("of a space that is not here") };
        let Some(coalition) = self.coalition_of(view, space)? else { return no("of a private space") };
        if space != coalition && record.custodian == own {
            return no("takes the custodian out of its thread");
        }
        Ok((revoke, coalition))
    }

    /// What was void is believed anew.
    fn keep_notice(&mut self, draft: &mut Draft<'_>, entry: &Entry, coalition: SpaceId, now: Time) -> Result<()> {
        let mut names = voided(draft, entry.space())?;
        if names.contains(&entry.hash()) {
            names.retain(|name| *name != entry.hash());
            draft.put(Table::Own, [VOID, entry.space().as_bytes()].concat(), codec::encode(&names));
        }
        let mut notices = heard_since(draft, entry.space())?;
        notices.push(Heard { since: now, entry: entry.clone() });
        let fold = self.fold(draft, coalition)?;
        let notices = best(notices, |notice| fold.nodes.contains_key(&notice.entry.header().author));
        hear(draft, entry.space(), &notices);
        Ok(())
    }

    /// Who took this organisation out of a coalition by an entry, and the number of the charter under which it could.
    ///
    /// # Errors
    /// `Store`.
    pub fn removed_by(
        &mut self,
        view: &dyn View,
        coalition: SpaceId,
        entry: &Entry,
    ) -> Result<(Option<OrgId>, Option<u32>)> {
        let Some(by) = self.holder(view, coalition, &entry.header().author)? else { return Ok((None, None)) };
        let Some(Control::Revoke(revoke)) = Control::decode(entry.header().kind, entry.body())? else {
            return Ok((Some(by), None));
        };
        let under = if by == revoke.org { None } else { self.removed_under(view, &revoke, coalition, by)? };
        Ok((Some(by), under))
    }
}

/// The nodes whose approvals a removal holds.
fn approving(entry: &Entry) -> Result<Vec<NodeId>> {
    Ok(match Control::decode(entry.header().kind, entry.body())? {
        Some(Control::Revoke(revoke)) => revoke.approvals.iter().map(|approval| approval.node).collect(),
        _ => Vec::new(),
    })
}
