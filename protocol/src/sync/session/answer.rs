//! What the peer asked for by name, or by a `Have`.

use super::serve::{Filling, fill_removal};
use super::{Answer, Session};
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId};
use crate::limits;
use crate::sync::tools::{Access, Tools};
use crate::sync::wire::Have;
use std::collections::{BTreeSet, VecDeque};

impl Session {
    /// The peer wants these entries.
    pub(super) fn wanted(&mut self, hashes: Vec<EntryHash>) -> Result<()> {
        if self.out.wanted + hashes.len() > limits::WANTS_OPEN {
            return Err(Fault::misbehaved("more entries were wanted than were taken"));
        }
        self.out.wanted += hashes.len();
        self.out.answers.extend(hashes.into_iter().map(Answer::Wanted));
        Ok(())
    }

    /// The peer told what it has of a space: it gets what follows. Once for each space that was compared, since each costs a look
    /// through all of it.
    pub(super) fn take_have(&mut self, have: Have) -> Result<()> {
        if !self.out.compared.remove(&have.space) {
            return Err(Fault::misbehaved("a have for a space that is not being compared, or for the second time"));
        }
        let open = |answer: &&Answer| matches!(answer, Answer::Have(_) | Answer::Done(_));
        if self.out.answers.iter().filter(open).count() >= limits::COMPARING {
            return Err(Fault::misbehaved("more spaces compared at once than agreed"));
        }
        self.out.answers.push_back(Answer::Have(Box::new(have)));
        Ok(())
    }

    /// Puts what follows a `Have` before all other answers. Only when its turn has come: one space's names are in memory at a time.
    fn unfold(&mut self, have: &Have, t: &mut Tools<'_, '_>) -> Result<()> {
        let mut answers = VecDeque::new();
        if self.allowed(have.space, t)? {
            answers.extend(t.since(have.space, &have.sample)?.into_iter().map(Answer::Entry));
            let known: BTreeSet<(NodeId, &str, [u8; 8])> =
                have.registers.iter().map(|(node, name, hash)| (*node, name.as_str(), *hash)).collect();
            for (node, name, hash) in t.registers(have.space)? {
                let short = hash.first_chunk::<8>().copied().unwrap_or_default();
                if !known.contains(&(node, name.as_str(), short)) {
                    answers.push_back(Answer::Register(have.space, node, name));
                }
            }
        }
        answers.push_back(Answer::Done(have.space));
        answers.append(&mut self.out.answers);
        self.out.answers = answers;
        Ok(())
    }

    /// Moves answers into the page while it has room. Who lost its right in between gets nothing.
    pub(super) fn fill_answers(&mut self, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<()> {
        while let Some(answer) = self.out.answers.pop_front() {
            if let Answer::Have(have) = &answer {
                self.unfold(have, t)?;
                continue;
            }
            let room = match &answer {
                Answer::Have(_) => true,
                Answer::Entry(hash) => self.fill_entry(*hash, filling, t)?,
                Answer::Wanted(hash) => {
                    let room = self.fill_entry(*hash, filling, t)?;
                    self.out.wanted -= usize::from(room);
                    room
                }
                Answer::Register(space, node, name) => match t.register(*space, *node, name)? {
                    Some(bytes) if self.allowed(*space, t)? && !self.shows_an_end(*space, t)? => {
                        let room = filling.take(bytes.len());
                        if room {
                            filling.page.registers.push(bytes);
                        }
                        room
                    }
                    Some(_) | None => true,
                },
                Answer::Removal(hash) => fill_removal(hash, filling, t)?,
                Answer::Done(space) => {
                    let room = filling.take(32);
                    if room {
                        filling.page.done.push(*space);
                    }
                    room
                }
            };
            if !room {
                self.out.answers.push_front(answer);
                break;
            }
        }
        Ok(())
    }

    fn fill_entry(&mut self, hash: EntryHash, filling: &mut Filling, t: &mut Tools<'_, '_>) -> Result<bool> {
        let entry = match t.entry(&hash)? {
            Some(entry)
                if t.access(entry.space(), self.org)? == Access::Open && !self.shows_an_end(entry.space(), t)? =>
            {
                entry
            }
            Some(_) | None => {
                let room = filling.take(32);
                if room {
                    filling.page.gone.push(hash);
                    self.out.announced.remove(&hash);
                }
                return Ok(room);
            }
        };
        let room = filling.take(entry.bytes().len());
        if room {
            filling.page.entries.push(entry.bytes().to_vec());
            self.out.announced.remove(&hash);
        }
        Ok(room)
    }
}
