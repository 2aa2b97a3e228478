//! The work list: what waits in which referral, read a page at a time however many there are.
//!
//! The design stands on [`Kept`]. Parts: `kept` (what is kept of a thread, and what time alone changes in it), `ending` (how the consent ends), `due` (deadlines in
//! words), [`standing`] (for whom it waits), `index` (the order in which it is read, the counts, and what was touched), `fresh`
//! (makes anew what was), `page` (reads).

mod due;
mod ending;
mod fresh;
mod index;
mod kept;
mod page;
pub mod standing;

pub use due::{Agreed, telephone};
pub use ending::{Ending, Over, Word};
pub use fresh::{freshen, watch};
pub use index::{agreed, all_fold, all_time, planned, stale, touched};
pub use kept::{Kept, Waiting};
pub use page::{left_by, list, of_person, waiting};

#[cfg(test)]
pub use index::everything;
