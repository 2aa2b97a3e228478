//! A form as a list of blocks, whatever it is shown on.

use super::Lang;
use belay_protocol::referral::attachment::FileHash;
use zeroize::Zeroize;

/// A form that is filled in. Holds names and more: it does not show itself in `Debug` and is wiped when dropped.
pub struct Sheet {
    pub lang: Lang,
    pub title: String,
    /// A card for the wallet: small, with an edge to cut along.
    pub card: bool,
    pub blocks: Vec<Block>,
}

/// One part of a form.
pub enum Block {
    /// A heading, and the clause that asks for what stands under it (empty: none).
    Heading { text: String, clause: &'static str },
    /// Sentences.
    Prose(String),
    /// What somebody wrote or is called: not words of ours, and not counted as such.
    Said(String),
    /// A sentence or an item each.
    List(Vec<String>),
    /// Labels and what they are.
    Facts(Vec<(String, String)>),
    /// A table; `none` is said where it has no rows.
    Table { heads: Vec<String>, rows: Vec<Vec<String>>, none: String },
    /// Words that the law gives: in English on every form, and not counted as ours.
    Law { clause: &'static str, text: String },
    /// Lines to write on, by hand.
    Lines(Vec<String>),
    /// Boxes to tick, by hand.
    Boxes(Vec<String>),
    /// What somebody signed with, which lies in a file: `alt` for who does not see it. What it looks like is put in by who has the file.
    Hand { file: FileHash, alt: String, seen: Seen },
}

/// What a form shows of a file that somebody signed with.
#[derive(Default)]
pub enum Seen {
    /// Nothing: nobody asked for the file.
    #[default]
    Unasked,
    /// Lines, as the markup of a drawing that holds nothing else. It stands in the page itself, also in a file, which loads no picture.
    Lines(String),
    /// The picture, at this address of a page of ours, and the sentence that names the file, with where that is taken out.
    Picture { src: String, text: String, href: String },
    /// The file by its name, in a sentence, and where a page of ours has it; or why it is not there.
    Named { text: String, href: Option<String> },
}

impl Sheet {
    #[must_use]
    pub fn new(lang: Lang, title: impl Into<String>) -> Self {
        Self { lang, title: title.into(), card: false, blocks: Vec::new() }
    }

    pub fn heading(&mut self, text: impl Into<String>, clause: &'static str) -> &mut Self {
        self.block(Block::Heading { text: text.into(), clause })
    }

    pub fn prose(&mut self, text: impl Into<String>) -> &mut Self {
        self.block(Block::Prose(text.into()))
    }

    pub fn said(&mut self, text: impl Into<String>) -> &mut Self {
        self.block(Block::Said(text.into()))
    }

    pub fn list<T: Into<String>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.block(Block::List(items.into_iter().map(Into::into).collect()))
    }

    pub fn facts(&mut self, facts: Vec<(&str, String)>) -> &mut Self {
        self.block(Block::Facts(facts.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()))
    }

    pub fn law(&mut self, clause: &'static str, text: impl Into<String>) -> &mut Self {
        self.block(Block::Law { clause, text: text.into() })
    }

    pub fn lines(&mut self, labels: &[&str]) -> &mut Self {
        self.block(Block::Lines(labels.iter().map(|label| (*label).to_owned()).collect()))
    }

    /// What was signed with, of which the file is `file`.
    pub fn hand(&mut self, file: FileHash, alt: &str) -> &mut Self {
        self.block(Block::Hand { file, alt: alt.to_owned(), seen: Seen::Unasked })
    }

    /// Whether a picture stands on it, which the page that shows it has to load.
    #[must_use]
    pub fn is_pictured(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block, Block::Hand { seen: Seen::Picture { .. }, .. }))
    }

    pub fn block(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }
}

impl std::fmt::Debug for Sheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sheet({:?}, {} blocks)", self.lang, self.blocks.len())
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Block([personal])")
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        match self {
            Self::Heading { text, .. } | Self::Prose(text) | Self::Said(text) | Self::Law { text, .. } => {
                text.zeroize();
            }
            Self::Hand { seen: Seen::Lines(text) | Seen::Named { text, .. } | Seen::Picture { text, .. }, .. } => {
                text.zeroize();
            }
            Self::Hand { .. } => {}
            Self::List(items) | Self::Lines(items) | Self::Boxes(items) => items.zeroize(),
            Self::Facts(facts) => facts.iter_mut().for_each(|(_, value)| value.zeroize()),
            Self::Table { rows, .. } => rows.iter_mut().for_each(Zeroize::zeroize),
        }
    }
}
