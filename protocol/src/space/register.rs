//! Registers: a signed value that replaces the one before it. They have no history.

use super::allowance::Account;
use super::record::SpaceKind;
use super::rows;
use super::spaces::Spaces;
use crate::codec;
use crate::fault::{Fault, Result};
use crate::ids::{EntryHash, NodeId, OrgId, SpaceId};
use crate::keys::node::{NodeKey, Purpose, Signature, verify};
use crate::limits;
use crate::store::{Draft, Table, View, after_prefix};
use serde::{Deserialize, Serialize};

/// One node's value under one name in one space. Of two, the one with the higher `(number, hash)` is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    pub space: SpaceId,
    pub node: NodeId,
    /// At most [`limits::REGISTER_NAME`] bytes: `addresses`, `prekey`, `receipt`, `openings/<listing>`.
    pub name: String,
    pub number: u64,
    /// The coalition's control heads that the node knew, sorted.
    pub control: Vec<EntryHash>,
    /// At most [`limits::REGISTER_BYTES`].
    pub value: Vec<u8>,
    pub signature: Signature,
}

/// What became of an offered register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterTaken {
    /// It is stored now: newer than what was here.
    Newer,
    /// It is ours, newer than what we wrote: a rolled back disk or a copy of this folder. It is stored; publish anew.
    OwnNewer,
    /// What is here is the same or newer, or its node has registers enough with lower names.
    Older,
    /// Its node's organisation has said more than is taken at once: to be offered again when this account has filled.
    Late(Account),
}

impl Register {
    /// Signs a register.
    ///
    /// # Errors
    /// `Misuse` for a name or value over its bound.
    pub fn sign(
        key: &NodeKey,
        space: SpaceId,
        name: &str,
        number: u64,
        control: Vec<EntryHash>,
        value: Vec<u8>,
    ) -> Result<Self> {
        let mut register = Self {
            space,
            node: key.id(),
            name: name.to_owned(),
            number,
            control,
            value,
            signature: Signature([0; 64]),
        };
        register.check_shape().map_err(|fault| Fault::misuse(fault.message))?;
        register.signature = key.sign(Purpose::Register, &[&register.signed()]);
        Ok(register)
    }

    /// Reads and checks bytes that came from anywhere.
    ///
    /// # Errors
    /// `Malformed` for bytes that are no register, `Misbehaved` for a wrong signature.
    pub fn verify(bytes: &[u8]) -> Result<Self> {
        let register: Self = codec::decode("register", bytes)?;
        register.check_shape()?;
        if verify(&register.node.0, Purpose::Register, &[&register.signed()], &register.signature) {
            Ok(register)
        } else {
            Err(Fault::misbehaved("register: not signed by the node that it names"))
        }
    }

    /// As stored and sent.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// What decides between two: the number, then SHA-256 over a domain tag and all its bytes.
    #[must_use]
    pub fn order(&self) -> (u64, [u8; 32]) {
        (self.number, crate::keys::digest::sha256(b"belay register v1\0", &[&self.bytes()]))
    }

    /// The key under which the store keeps it: space, node, name.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        key(&self.space, &self.node, &self.name)
    }

    fn signed(&self) -> Vec<u8> {
        codec::encode(&(self.space, self.node, &self.name, self.number, &self.control, &self.value))
    }

    fn check_shape(&self) -> Result<()> {
        if self.name.is_empty() || self.name.len() > limits::REGISTER_NAME || self.value.len() > limits::REGISTER_BYTES
        {
            return Err(Fault::malformed(format!(
                "register: its name must have 1 to {} bytes and its value at most {}",
                limits::REGISTER_NAME,
                limits::REGISTER_BYTES
            )));
        }
        let sorted = self.control.windows(2).all(|w| matches!(w, [a, b] if a < b));
        if !sorted || self.control.len() > limits::CONTROL_HEADS {
            return Err(Fault::malformed("register: its control heads are too many, not sorted, or repeat"));
        }
        Ok(())
    }
}

pub(crate) fn key(space: &SpaceId, node: &NodeId, name: &str) -> Vec<u8> {
    [space.as_bytes().as_slice(), node.as_bytes(), name.as_bytes()].concat()
}

/// What the store holds, whoever its node is now.
pub(super) fn stored(view: &dyn View, space: SpaceId, node: NodeId, name: &str) -> Result<Option<Register>> {
    let row = view.get(Table::Register, &key(&space, &node, name))?;
    row.map(|bytes| rows::read("register", &bytes)).transpose()
}

impl Spaces {
    /// The registers of this name of an organisation's nodes: of who was taken out of a thread the last that
    /// came, which is its word about what it held.
    ///
    /// # Errors
    /// `Store`.
    pub fn registers_of(&mut self, view: &dyn View, space: SpaceId, org: OrgId, name: &str) -> Result<Vec<Register>> {
        if !self.ensure(view, space)? {
            return Ok(Vec::new());
        }
        let fold = self.fold(view, space)?;
        let mut nodes: Vec<NodeId> = fold.nodes.iter().filter(|(_, of)| **of == org).map(|(node, _)| *node).collect();
        if !fold.members.contains_key(&org)
            && let Some(SpaceKind::Thread { coalition, .. }) = self.record(view, space)?.map(|record| record.kind)
        {
            let roster = self.roster(view, coalition)?;
            nodes.extend(roster.orgs.get(&org).into_iter().flat_map(|member| member.nodes.keys()));
        }
        let found = nodes.into_iter().map(|node| stored(view, space, node, name));
        found.filter_map(Result::transpose).collect()
    }
}

/// Stores a register. Of more than [`limits::REGISTERS_PER_NODE`] those with the lowest names stay: the same ones in whatever order
/// they came. False: it is not among them. `known`: one of its name is here.
pub(super) fn put(draft: &mut Draft<'_>, register: &Register, known: bool) -> Result<bool> {
    let (space, node) = (register.space, register.node);
    if !known {
        let count = rows::registers_of(draft, space, node)?;
        if count < limits::REGISTERS_PER_NODE {
            rows::put_registers_of(draft, space, node, count + 1);
        } else {
            let all = key(&space, &node, "");
            let highest = draft.scan(Table::Register, &all, after_prefix(&all).as_deref(), 1, true)?.pop();
            match highest {
                Some((highest, _)) if highest > register.key() => draft.delete(Table::Register, highest),
                Some(_) | None => return Ok(false),
            }
        }
    }
    draft.put(Table::Register, register.key(), register.bytes());
    Ok(true)
}
