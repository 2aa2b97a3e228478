//! Data about a person, as a type that does not show itself.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A value about a person. `Debug` and `Display` print `[personal]`, always; reading it takes [`Personal::reveal`], so that
/// each place that shows it can be found. The bytes are zeroized when a `Personal<String>` is dropped.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Personal<T: zeroize::Zeroize>(T);

impl<T: zeroize::Zeroize> Personal<T> {
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Who calls this answers for where it goes.
    pub const fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: zeroize::Zeroize> Drop for Personal<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: zeroize::Zeroize> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: zeroize::Zeroize> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl From<&str> for Personal<String> {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}
