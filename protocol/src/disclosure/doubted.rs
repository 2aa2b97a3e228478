//! That the consent behind a referral that came here may be false (42 CFR 2.31(c)(4)), as the recipient's staff say.

use crate::consent::Doubt;
use crate::fault::{Fault, Result};
use crate::ids::{ConsentId, OrgId};
use crate::limits;
use crate::referral::bounded;
use serde::{Deserialize, Serialize};

/// One word about it. All words about one part together say whether it is doubted ([`crate::consent::open_doubts`]): it holds for every
/// referral that came under that part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubted {
    /// Who keeps the consent: another may use the same id.
    pub keeper: OrgId,
    /// The part that came with the referral.
    pub part: ConsentId,
    pub word: Doubt,
}

impl Doubted {
    /// Lengths.
    ///
    /// # Errors
    /// `Malformed`.
    pub fn check(&self) -> Result<()> {
        if self.word.ends.len() > limits::LIST_PAGE {
            return Err(Fault::malformed("a doubt: it ends too many at once"));
        }
        bounded([&self.word.why, &self.word.by.name], limits::TEXT_CHARS)
    }
}
