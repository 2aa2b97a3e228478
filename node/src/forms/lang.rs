//! The languages that forms are written in.

use super::words::{self, Words};
use serde::{Deserialize, Serialize};

/// A language of forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    #[default]
    En,
    Es,
}

impl Lang {
    pub const ALL: [Self; 2] = [Self::En, Self::Es];

    /// The tag of BCP 47, as it stands in `lang` attributes.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Es => "es",
        }
    }

    /// Its strings.
    #[must_use]
    pub const fn words(self) -> &'static Words {
        match self {
            Self::En => &words::EN,
            Self::Es => &words::ES,
        }
    }
}

/// A word that should be a language is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("forms are written in en (English) and es (Spanish)")]
pub struct NotALanguage;

impl std::str::FromStr for Lang {
    type Err = NotALanguage;

    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let text = text.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|lang| lang.tag() == text).ok_or(NotALanguage)
    }
}
