//! What staff say and do when somebody comes with a paper about a person: plain words with their clauses, to be read out or handed
//! over. It is the same whether or not that person was ever here (2.13(c)), and asks for no name.

use std::fmt::Write as _;

/// With what somebody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    Subpoena,
    Warrant,
    CourtOrder,
    /// Without any paper.
    Police,
}

impl Paper {
    pub const ALL: [Self; 4] = [Self::Subpoena, Self::Warrant, Self::CourtOrder, Self::Police];

    /// The word in commands.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Subpoena => "subpoena",
            Self::Warrant => "warrant",
            Self::CourtOrder => "court-order",
            Self::Police => "police",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Subpoena => "Somebody came with a subpoena",
            Self::Warrant => "Somebody came with a search or arrest warrant",
            Self::CourtOrder => "Somebody came with a court order",
            Self::Police => "Police or another official came and asks",
        }
    }

    /// The words that are read out; the same for whoever is asked about.
    const fn say(self) -> &'static str {
        match self {
            Self::Subpoena | Self::Warrant | Self::CourtOrder => SAY_OF_PAPER,
            Self::Police => SAY,
        }
    }

    /// What staff do with what was brought.
    const fn take(self) -> &'static str {
        match self {
            Self::Subpoena | Self::Warrant | Self::CourtOrder => {
                "Take the paper, or a copy. Write down who came, from where, when, and what they asked for."
            }
            Self::Police => "Write down who came, from where, when, with which badge, and what they asked for.",
        }
    }

    /// What this paper is worth here.
    const fn worth(self) -> &'static str {
        match self {
            Self::Subpoena => {
                "A subpoena alone, also one that a judge or a clerk signed, does not let us answer (2.61(b)). It takes a court order \
                 under subpart E besides: the order permits, the subpoena compels."
            }
            Self::Warrant => {
                "A search or arrest warrant alone does not open these records (2.12(d), 2.61, 2.66): a search for them to investigate \
                 or prosecute a person takes an order under 2.65, and one against us an order under 2.66. Do not stand in the way of \
                 officers and do not touch the machine: say the words below, ask them to seal what they take unread, and note what \
                 they took."
            }
            Self::CourtOrder => {
                "An order counts only if it was made under 42 CFR part 2, subpart E, after the person and we could be heard where \
                 the rule asks for it (2.64, 2.65, 2.66, 2.67), and it opens only what it names. An order alone permits and does not \
                 compel: a subpoena must come with it (2.61). The privacy officer and counsel read it; nobody else answers it."
            }
            Self::Police => {
                "A badge, a telephone call or a court date is no permission. Law enforcement hears nothing from us without the \
                 person's written consent or an order under subpart E (2.12(d), 2.13, 2.65)."
            }
        }
    }
}

impl std::str::FromStr for Paper {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let word = text.trim().to_ascii_lowercase().replace('_', "-");
        Self::ALL
            .into_iter()
            .find(|paper| paper.word() == word)
            .ok_or_else(|| "expected subpoena, warrant, court-order or police".to_owned())
    }
}

/// Of who brought a paper.
const SAY_OF_PAPER: &str = "\"Federal law, 42 CFR part 2, does not let me say whether somebody is or was served here, and I do not. It does not \
let me give records or testify without the person's written consent or a court order under subpart E of that part. I take your paper \
and give it to our privacy officer, who will answer you.\"";

/// Of who brought none.
const SAY: &str = "\"Federal law, 42 CFR part 2, does not let me say whether somebody is or was served here, and I do not. It does not \
let me give records or testify without the person's written consent or a court order under subpart E of that part. I tell our privacy \
officer that you were here, who will answer you.\"";

/// The text. `officers`: names of this organisation's privacy officers, as far as they are known.
#[must_use]
pub fn refusal(paper: Paper, officers: &[String]) -> String {
    let officer = match officers {
        [] => "the privacy officer of this organisation".to_owned(),
        names => format!("the privacy officer: {}", names.join(", ")),
    };
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", paper.title());
    let _ = writeln!(out, "Say this, and no more:\n\n  {}\n", paper.say());
    let _ = writeln!(out, "{}\n", paper.worth());
    let _ = writeln!(out, "Do:");
    for line in [
        "Neither confirm nor deny that anybody is or was here, not by a look, a file left open or \"let me check\" (2.13(c)).",
        paper.take(),
        "Look nothing up for them, and give nothing: no list, no calendar, no sign-in sheet, no camera picture.",
    ] {
        let _ = writeln!(out, "- {line}");
    }
    let _ = writeln!(out, "- Call {officer}, now. Nobody else answers.");
    for line in [
        "Destroy nothing from now on: the privacy officer sets a hold (`belay hold set --person PERSON`), and it stops all destruction.",
        "If they insist, say the words again, and let them go to the judge. Do not argue, and do not resist.",
    ] {
        let _ = writeln!(out, "- {line}");
    }
    let _ = writeln!(out, "\nWhat it takes:");
    for line in [
        "The person's written consent that names who asks and what for; for a proceeding a consent of its own (2.31(d)).",
        "Or a court order under subpart E (2.61 to 2.67) together with a subpoena: 2.64 for civil cases, 2.65 to investigate or \
         prosecute a person, 2.66 and 2.67 to investigate us. Counsel asks the court to hear us before it decides, to limit what is \
         opened, and to seal it (2.64(e), 2.65(e)).",
        "What was given under it may be used for nothing else, and never against the person without such an order or consent \
         (2.12(d)).",
        "A medical emergency is another matter: medical personnel may be told what they need (2.51), and police may not.",
        "We ourselves may go to the police about a crime on our premises or against our staff, or a threat of one, and say of it what \
         happened, that the person is here for treatment, name, address and where the person was last (2.12(c)(5)). That opens no record.",
        "We ourselves may make the first report of suspected child abuse or neglect that state law asks for (2.12(c)(6)). The records stay \
         closed, also in what follows from the report.",
    ] {
        let _ = writeln!(out, "- {line}");
    }
    let _ = writeln!(out, "\nThis sheet is no legal advice. State law may be stricter.");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_names_its_clauses_and_says_the_same_words_whoever_is_asked_about() {
        let wanted =
            [(Paper::Subpoena, "2.61"), (Paper::Warrant, "2.66"), (Paper::CourtOrder, "2.64"), (Paper::Police, "2.65")];
        for (paper, clause) in wanted {
            assert!(paper.worth().contains(clause), "{paper:?}");
            assert_eq!(paper.word().parse(), Ok(paper));
            let text = refusal(paper, &[]);
            for needed in [
                paper.say(),
                "2.13(c)",
                "2.12(d)",
                "subpart E",
                "2.31(d)",
                "2.12(c)(5)",
                "2.12(c)(6)",
                "Neither confirm nor deny",
                "belay hold set",
            ] {
                assert!(text.contains(needed), "{paper:?} lacks {needed}");
            }
        }
        let named = refusal(Paper::Police, &["Ida Moss".to_owned()]);
        assert!(named.contains("Call the privacy officer: Ida Moss, now."), "{named}");
        assert!(!named.contains("your paper") && !named.contains("Take the paper"), "there is none: {named}");
        assert!(refusal(Paper::Subpoena, &[]).contains("I take your paper"));
        assert!("writ".parse::<Paper>().is_err());
    }
}
