//! Where a token does not fit: spaces by digest of heads and registers, then by heads, then what follows them.

use super::{Answer, Comparison, Phase, Session};
use crate::fault::{Fault, Result};
use crate::ids::SpaceId;
use crate::limits;
use crate::planted::{self, Bug};
use crate::sync::arrivals;
use crate::sync::rights::Access;
use crate::sync::sessions::Shared;
use crate::sync::tools::Tools;
use crate::sync::wire::{Frame, Have, Summary};
use std::collections::VecDeque;

impl Session {
    /// Our side: every space that the peer may have, coalitions first. What arrives meanwhile is listed afterwards.
    pub(super) fn start_compare(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        self.out.next = arrivals::last(t.draft)?.0 + 1;
        self.out.owes_token = true;
        let left = t.shared_with(self.org)?;
        if !planted::is(Bug::RemovalUnsaid) {
            self.out.answers.extend(t.removals_of(self.org)?.into_iter().map(Answer::Removal));
        }
        self.out.phase =
            if left.is_empty() { Phase::Listing } else { Phase::Comparing { left, page: Vec::new(), waiting: false } };
        Ok(())
    }

    /// Sends the next page of digests, once the last is settled; a large one is made over several inputs.
    pub(super) fn offer_compare(&mut self, t: &mut Tools<'_, '_>) -> Result<()> {
        let Phase::Comparing { left, page, waiting } = &mut self.out.phase else { return Ok(()) };
        if *waiting {
            return Ok(());
        }
        while page.len() < limits::COMPARE_SPACES
            && let Some(space) = left.front()
        {
            if self.looks >= limits::COMPARED_AT_ONCE {
                self.goes_on = true;
                return Ok(());
            }
            self.looks += 1;
            page.push(t.summary(*space)?);
            left.pop_front();
        }
        if page.is_empty() {
            self.out.phase = Phase::Listing;
        } else {
            *waiting = true;
            let summaries = std::mem::take(page);
            self.out.compared = summaries.iter().map(|summary| summary.space).collect();
            t.send(self.link, &Frame::Compare(summaries));
        }
        Ok(())
    }

    /// The peer has settled our last page of digests.
    pub(super) fn take_compared(&mut self) -> Result<()> {
        match &mut self.out.phase {
            Phase::Comparing { waiting, .. } if *waiting => {
                *waiting = false;
                self.out.compared.clear();
                Ok(())
            }
            Phase::Comparing { .. } | Phase::Silent | Phase::Listing => {
                Err(Fault::misbehaved("compared, without a comparison"))
            }
        }
    }

    /// The peer's side: its digests. Over all pages of a session the spaces ascend, but for where its coalitions end: so none is looked at
    /// over and over, and what was compared need not be remembered.
    pub(super) fn take_compare(&mut self, summaries: Vec<Summary>) -> Result<()> {
        if self.inn.compare.is_some() {
            return Err(Fault::misbehaved("a comparison inside another"));
        }
        for Summary { space, .. } in &summaries {
            let before = self.inn.compared_to.replace(*space);
            if before.is_some_and(|before| *space <= before) {
                if self.inn.coalitions_ended || before == Some(*space) {
                    return Err(Fault::misbehaved("spaces are compared out of order, or again"));
                }
                self.inn.coalitions_ended = true;
            }
        }
        self.inn.compare =
            Some(Comparison { left: VecDeque::from(summaries), asked: std::collections::BTreeSet::new() });
        Ok(())
    }

    /// Asks for what differs, each space over one link at a time.
    pub(in crate::sync) fn work_compare(&mut self, shared: &mut Shared, t: &mut Tools<'_, '_>) -> Result<()> {
        let Some(mut comparison) = self.inn.compare.take() else { return Ok(()) };
        let mut blocked = VecDeque::new();
        while comparison.asked.len() < limits::COMPARING
            && let Some(summary) = comparison.left.pop_front()
        {
            if self.looks >= limits::COMPARED_AT_ONCE {
                self.goes_on = true;
                comparison.left.push_front(summary);
                break;
            }
            self.looks += 1;
            if shared.comparing.contains_key(&summary.space) {
                blocked.push_back(summary);
                if blocked.len() >= limits::COMPARING {
                    break;
                }
                continue;
            }
            // To who may not have the space, it is not here: neither what we hold of it nor that we do. What the peer has of it
            // may still come: a grant that we have not heard of may be among it.
            let space = summary.space;
            self.tell_removal(space, t)?;
            t.shown(space, self.org)?;
            let open = t.access(space, self.org)? == Access::Open;
            let ours = if open { t.summary(space)? } else { Summary { space, heads: [0; 16], registers: [0; 16] } };
            if ours == summary || (planted::is(Bug::DigestBlind) && ours.registers == summary.registers) {
                continue;
            }
            let nothing = || Have { space, sample: Vec::new(), registers: Vec::new() };
            let have = if open { t.have(space)? } else { nothing() };
            shared.comparing.insert(summary.space, (self.link, t.now));
            comparison.asked.insert(summary.space);
            t.send(self.link, &Frame::Have(have));
        }
        while let Some(summary) = blocked.pop_back() {
            comparison.left.push_front(summary);
        }
        if comparison.left.is_empty() && comparison.asked.is_empty() {
            t.send(self.link, &Frame::Compared);
        } else {
            self.inn.compare = Some(comparison);
        }
        Ok(())
    }

    /// The peer has sent all that followed our `Have`.
    pub(super) fn done(&mut self, space: SpaceId, shared: &mut Shared) -> Result<()> {
        let asked = self.inn.compare.as_mut().is_some_and(|comparison| comparison.asked.remove(&space));
        if !asked {
            return Err(Fault::misbehaved("done with a space that was not asked for"));
        }
        if shared.comparing.get(&space).is_some_and(|(link, _)| *link == self.link) {
            shared.comparing.remove(&space);
        }
        Ok(())
    }
}

impl Tools<'_, '_> {
    /// What we have of a space, for the peer to see what is missing.
    ///
    /// # Errors
    /// `Store`.
    pub fn have(&mut self, space: SpaceId) -> Result<Have> {
        let sample = self.sample(space)?;
        let (mut registers, mut room) = (Vec::new(), limits::REGISTERS_COMPARED);
        for (node, name, hash) in self.registers(space)? {
            // Node, length and text of the name, and so much of the hash.
            let Some(left) = room.checked_sub(32 + 1 + name.len() + 8) else { break };
            room = left;
            registers.push((node, name, hash.first_chunk::<8>().copied().unwrap_or_default()));
        }
        Ok(Have { space, sample, registers })
    }
}
