//! Registers of one link that may not be taken yet, by what they wait for.

use crate::ids::SpaceId;
use crate::limits;
use crate::space::{Account, Register};
use std::collections::{BTreeMap, BTreeSet};

/// Of two with one space, node and name, the one that is read. Their signatures hold.
#[derive(Debug, Default)]
pub struct Early {
    /// By space, node and name. With an account: taken later, when that has filled; without: the entries of the space, or of its
    /// coalition, are to say first whose node this is.
    registers: BTreeMap<Vec<u8>, (Register, Option<Account>)>,
    bytes: usize,
}

impl Early {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.registers.is_empty()
    }

    /// Bytes that they take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps one while all take at most `room` bytes. False: it is not kept, nor another of its name that is read before it.
    pub fn keep(&mut self, register: Register, account: Option<Account>, room: usize) -> bool {
        let key = register.key();
        match self.registers.get(&key) {
            Some((old, _)) if old.order() > register.order() => return true,
            Some(_) => {}
            None if self.registers.len() >= limits::EARLY_REGISTERS => return false,
            None => {}
        }
        let bytes = size(&register);
        if self.bytes + bytes > room {
            return false;
        }
        self.bytes += bytes;
        if let Some((old, _)) = self.registers.insert(key, (register, account)) {
            self.bytes -= size(&old);
        }
        true
    }

    /// Whose registers are taken later.
    #[must_use]
    pub fn late(&self) -> BTreeSet<Account> {
        self.registers.values().filter_map(|(_, account)| *account).collect()
    }

    /// Takes out those that are to be taken later.
    pub fn take_late(&mut self) -> Vec<Register> {
        self.take(|_, account| account.is_some())
    }

    /// Takes out those that wait for the entries of these spaces (`None`: of whatever space).
    pub fn take_stirred(&mut self, spaces: Option<&BTreeSet<SpaceId>>) -> Vec<Register> {
        let Some(spaces) = spaces else { return self.take(|_, account| account.is_none()) };
        if self.is_empty() || !spaces.iter().any(|space| self.waits_in(*space)) {
            return Vec::new();
        }
        self.take(|register, account| account.is_none() && spaces.contains(&register.space))
    }

    fn waits_in(&self, space: SpaceId) -> bool {
        let first = self.registers.range(space.as_bytes().to_vec()..).next();
        first.is_some_and(|(_, (register, _))| register.space == space)
    }

    fn take(&mut self, which: impl Fn(&Register, &Option<Account>) -> bool) -> Vec<Register> {
        let taken: Vec<Register> = self
            .registers
            .extract_if(.., |_, (register, account)| which(register, account))
            .map(|(_, (register, _))| register)
            .collect();
        self.bytes -= taken.iter().map(size).sum::<usize>();
        taken
    }
}

/// What one takes in memory: its value, its name twice, and its fixed parts.
fn size(register: &Register) -> usize {
    register.value.len() + 2 * register.name.len() + 32 * register.control.len() + 320
}
