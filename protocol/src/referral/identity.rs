//! Who a person is, for whoever must reach and recognise them. Every field may be empty: people without papers, telephone or
//! address fit as well.

use crate::fault::{Fault, Result};
use crate::limits;
use crate::sensitive::Personal;
use serde::{Deserialize, Serialize};

/// What the `identity` space of a thread tells, and what an organisation keeps of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Identity {
    /// Full name, as the person says it.
    pub name: Personal<String>,
    /// Other names the person goes by or went by.
    pub other_names: Vec<Personal<String>>,
    /// `YYYY-MM-DD`; or `YYYY`, or empty.
    pub birth_date: Personal<String>,
    pub phones: Vec<Personal<String>>,
    /// Street, or where the person can be found.
    pub address: Personal<String>,
    /// How to reach the person safely, and how not to.
    pub contact: Personal<String>,
    /// Languages, interpreter.
    pub language: Personal<String>,
}

impl Identity {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        let names = self.other_names.iter().chain([&self.name, &self.birth_date, &self.language]).chain(&self.phones);
        super::act::bounded(names, limits::NAME_CHARS)?;
        super::act::bounded([&self.address, &self.contact], limits::TEXT_CHARS)?;
        if self.other_names.len().max(self.phones.len()) > limits::PERSON_VALUES {
            return Err(Fault::malformed("person: too many names or telephones"));
        }
        Ok(())
    }
}
