//! What is looked at before somebody types words at a terminal: whether the secret is right, and whether what the words are for would be done.
//! Who is refused then has typed nothing in vain. Where words come from files the act itself says what is wrong.

use super::Context;
use crate::args::StaffArgs;
use crate::confirm;
use crate::output::Show;
use crate::trouble::{Result, Trouble};
use crate::words::Words;
use belay_node::api::care::Care;
use belay_node::api::{Request, StaffLogin};
use belay_protocol::sensitive::Personal;
use serde::{Serialize, de::DeserializeOwned};

/// Stands in a request for words that nobody has typed yet.
pub fn stand_in() -> Personal<String> {
    Personal::from("…")
}

/// Whether this was refused since the same stands there already: if whoever sits at the terminal says so, it goes beside it.
pub(super) fn is_double(refused: &Trouble) -> bool {
    refused.next.as_ref().is_some_and(|next| next.contains("--again"))
}

impl Context {
    /// Who acts; where words are `typed`, only once the node says that this would be done, with [`stand_in`] in their place.
    pub fn before(&self, staff: &StaffArgs, typed: bool, act: impl FnOnce() -> Care) -> Result<StaffLogin> {
        let login = self.login(staff)?;
        if typed && confirm::attended() {
            match self.get::<()>(&Request::May { login: login.clone(), ask: Box::new(act()) }) {
                // That is asked once it is whole.
                Err(refused) if is_double(&refused) => {}
                answer => answer?,
            }
        }
        Ok(login)
    }

    /// Who acts, with the right secret where anything is `typed` after it.
    pub fn checked(&self, staff: &StaffArgs, typed: bool) -> Result<StaffLogin> {
        self.before(staff, typed, || Care::PartnerList)
    }

    /// Does what needs one text, which is asked for where none was `given`, and prints the view that comes back. `asked`: the prompt, and the way for
    /// scripts.
    pub fn worded<V: DeserializeOwned + Serialize + Show>(
        &self,
        staff: &StaffArgs,
        given: Option<Words>,
        asked: (&str, &str),
        act: impl Fn(Personal<String>) -> Care,
    ) -> Result<()> {
        self.show(&self.get_worded::<V>(staff, given, asked, act)?)
    }

    /// The same for a view that is not printed as it is.
    pub fn get_worded<V: DeserializeOwned>(
        &self,
        staff: &StaffArgs,
        given: Option<Words>,
        (prompt, option): (&str, &str),
        act: impl Fn(Personal<String>) -> Care,
    ) -> Result<V> {
        let (login, text) = self.text(staff, given, (prompt, option), &act)?;
        self.care_as(&login, act(text))
    }

    /// Who acts, and the text for it.
    pub fn text(
        &self,
        staff: &StaffArgs,
        given: Option<Words>,
        (prompt, option): (&str, &str),
        act: impl FnOnce(Personal<String>) -> Care,
    ) -> Result<(StaffLogin, Personal<String>)> {
        let typed = given.is_none();
        if typed && !confirm::attended() {
            // Nobody is there to type it: said before anybody is asked for a secret.
            Words::or_ask(None, prompt, option)?;
        }
        let login = self.before(staff, typed, || act(stand_in()))?;
        Ok((login, Words::or_ask(given, prompt, option)?))
    }
}
