//! Forms are read by people with six to eight years of school: each is measured, sentence by sentence of ours.
//!
//! English: the Flesch-Kincaid grade (Kincaid and others 1975). Spanish: the perspicuity index of Szigriszt-Pazos (1993) on the
//! scale INFLESZ (Barrio-Cantalejo 2008), where 55 to 65 is "normal", 65 to 80 "rather easy"; 55 is the bound below which texts
//! for people in care are held too hard. Words that the law gives, headings, labels and what staff or the person wrote are not
//! counted. No kept crate counts syllables in both languages; the counters below are measured against known answers.

use super::samples::{Sample, all};
use crate::forms::{Block, Lang, Sheet};

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    sentences: usize,
    words: usize,
    syllables: usize,
}

impl Counts {
    fn of(texts: &[String], syllables: fn(&str) -> usize) -> Self {
        let mut counts = Self::default();
        for text in texts {
            for sentence in text.split(['.', '!', '?', '\n']) {
                let words: Vec<&str> =
                    sentence.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty()).collect();
                counts.sentences += usize::from(!words.is_empty());
                counts.words += words.len();
                counts.syllables += words.iter().map(|word| syllables(word)).sum::<usize>();
            }
        }
        counts
    }

    fn per(over: usize, under: usize) -> f64 {
        f64::from(u32::try_from(over).unwrap_or(u32::MAX)) / f64::from(u32::try_from(under.max(1)).unwrap_or(1))
    }

    /// The school grade.
    fn flesch_kincaid(self) -> f64 {
        0.39f64.mul_add(Self::per(self.words, self.sentences), 11.8 * Self::per(self.syllables, self.words)) - 15.59
    }

    /// Higher is easier.
    fn inflesz(self) -> f64 {
        206.835 - 62.3 * Self::per(self.syllables, self.words) - Self::per(self.words, self.sentences)
    }
}

/// Groups of vowels, less a silent `e` at the end; numbers are read as one syllable a digit.
fn english(word: &str) -> usize {
    let word = word.to_lowercase();
    if word.chars().any(|c| c.is_ascii_digit()) {
        return word.chars().count();
    }
    let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
    let vowel = |c: char| "aeiouy".contains(c);
    let mut groups = 0;
    let mut before = false;
    for letter in &letters {
        groups += usize::from(vowel(*letter) && !before);
        before = vowel(*letter);
    }
    let text: String = letters.iter().collect();
    let silent_e = text.ends_with('e') && !text.ends_with("le") && letters.len() > 2;
    let silent_ed = text.ends_with("ed") && !text.ends_with("ted") && !text.ends_with("ded");
    let silent_es = ["kes", "mes", "nes", "ves", "res", "les"].iter().any(|end| text.ends_with(end));
    if (silent_e && !vowel(letters[letters.len() - 2])) || silent_ed || silent_es {
        groups -= 1;
    }
    // Vowels that meet and are said apart.
    for apart in ["ia", "io", "eo", "ua", "ui", "iu", "oe", "ea"] {
        let said_apart = match apart {
            "ia" => text.contains("ia") && !text.contains("cia") && !text.contains("tia"),
            "io" => text.contains("io") && !text.contains("tion") && !text.contains("sion") && !text.contains("cio"),
            "eo" => text.contains("eo") && !text.contains("people"),
            "ua" => text.contains("ua") && !text.contains("qua") && !text.contains("gua"),
            "ui" => text.contains("uin") && !text.contains("qui"),
            "ea" => text.contains("reat") && text.starts_with("crea"),
            _ => text.contains(apart) && apart == "iu",
        };
        groups += usize::from(said_apart);
    }
    groups.max(1)
}

/// Spanish is written as it is said: strong vowels (`a e o`) are syllables of their own, a weak one (`i u`) beside another vowel is
/// part of it unless it has an accent.
fn spanish(word: &str) -> usize {
    let word = word.to_lowercase().replace("qu", "k").replace("gue", "ge").replace("gui", "gi");
    if word.chars().any(|c| c.is_ascii_digit()) {
        return 2 * word.chars().count();
    }
    let letters: Vec<char> = word.chars().collect();
    let strong = |c: char| "aeoáéóíú".contains(c);
    let weak = |at: usize, c: char| "iuü".contains(c) || (c == 'y' && at + 1 == letters.len());
    let mut groups = 0;
    let mut last: Option<bool> = None;
    for (at, letter) in letters.iter().enumerate() {
        if strong(*letter) {
            // A strong vowel after a weak one without accent is one syllable with it.
            groups += usize::from(last != Some(false));
            last = Some(true);
        } else if weak(at, *letter) {
            groups += usize::from(last.is_none());
            // One that closes a diphthong leaves it closed: the next strong vowel begins anew.
            last = Some(last.unwrap_or(false));
        } else {
            last = None;
        }
    }
    groups.max(1)
}

/// The sentences of ours on a form.
fn ours(sheet: &Sheet) -> Vec<String> {
    sheet
        .blocks
        .iter()
        .flat_map(|block| match block {
            Block::Prose(text) => vec![text.clone()],
            Block::List(items) | Block::Boxes(items) => items.clone(),
            Block::Table { none, .. } => vec![none.clone()],
            // Most of what is marked as the law's is our own wording of what the law asks for.
            Block::Law { text, .. } if !of_the_law(text) && sheet.lang == Lang::En => vec![text.clone()],
            Block::Heading { .. }
            | Block::Said(_)
            | Block::Facts(_)
            | Block::Law { .. }
            | Block::Lines(_)
            | Block::Hand { .. } => Vec::new(),
        })
        .collect()
}

/// Words that the regulation itself gives: the notice of 2.32, and the statement of 2.31(a)(4)(iii).
fn of_the_law(text: &str) -> bool {
    use belay_protocol::consent::{notice, words};
    [notice::STATEMENT_1, notice::STATEMENT_2, words::REDISCLOSURE].iter().any(|law| law.trim() == text.trim())
}

fn words_of_the_law(sheet: &Sheet) -> usize {
    let law = |block: &Block| if let Block::Law { text, .. } = block { text.split_whitespace().count() } else { 0 };
    sheet.blocks.iter().map(law).sum()
}

#[test]
fn english_forms_take_at_most_eight_years_of_school() {
    for Sample { name, make } in all() {
        let sheet = make(Lang::En);
        let counts = Counts::of(&ours(&sheet), english);
        let grade = counts.flesch_kincaid();
        eprintln!("{name}: grade {grade:.1}, {} words of ours, {} of the law", counts.words, words_of_the_law(&sheet));
        assert!(counts.words > 30, "{name}: too little text to measure");
        assert!(grade <= 8.0, "{name}: grade {grade:.1}");
    }
}

#[test]
fn spanish_forms_are_at_least_of_normal_ease() {
    for Sample { name, make } in all() {
        let counts = Counts::of(&ours(&make(Lang::Es)), spanish);
        let ease = counts.inflesz();
        eprintln!("{name}: INFLESZ {ease:.1}, {} words", counts.words);
        assert!(ease >= 55.0, "{name}: INFLESZ {ease:.1}");
    }
}

#[test]
fn beside_a_statement_that_stays_in_english_stands_what_it_means() {
    use belay_protocol::consent::words::{REDISCLOSURE, TPO_REDISCLOSURE};
    let mut seen = [0; 2];
    for Sample { name, make } in all() {
        for pair in make(Lang::Es).blocks.windows(2) {
            let [before, Block::Law { text, .. }] = pair else { continue };
            let Some(which) = [REDISCLOSURE, TPO_REDISCLOSURE].iter().position(|law| law.trim() == text.trim()) else {
                continue;
            };
            seen[which] += 1;
            assert!(matches!(before, Block::Prose(says) if says.to_lowercase().contains("volver a dar")), "{name}");
        }
    }
    assert!(seen.iter().all(|times| *times > 0), "{seen:?}");
}

#[test]
fn the_law_s_own_words_would_not_pass() {
    let law = belay_protocol::consent::notice::STATEMENT_1.to_owned();
    let grade = Counts::of(&[law], english).flesch_kincaid();
    assert!(grade > 12.0, "{grade:.1}: the measure does not tell hard from easy");
}

#[test]
fn syllables_are_counted_as_they_are_said() {
    let count = |text: &str, count: fn(&str) -> usize| text.split(' ').map(count).collect::<Vec<_>>();
    let words = "the person signed this form people medicine clinic address information share table make created";
    assert_eq!(count(words, english), [1, 2, 1, 1, 1, 2, 3, 2, 2, 4, 1, 2, 1, 3]);
    let words = "yo persona firma medicina día cuidado información puede guerra quien ley oír ciudad aéreo estudia";
    assert_eq!(count(words, spanish), [1, 3, 2, 4, 2, 3, 4, 2, 2, 1, 1, 2, 2, 4, 3]);
}

/// Texts with published or hand-counted figures.
#[test]
fn known_texts_get_their_known_grade() {
    // By hand: 2 sentences, 12 words, 14 syllables.
    let counts = Counts::of(&["The cat sat on the mat. It saw a very little bird.".to_owned()], english);
    assert_eq!((counts.sentences, counts.words, counts.syllables), (2, 12, 14));
    // Lincoln at Gettysburg, first sentence: one sentence, 30 words, 48 syllables by dictionary; grade 15.0.
    let gettysburg = "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in \
                      Liberty, and dedicated to the proposition that all men are created equal.";
    let counts = Counts::of(&[gettysburg.to_owned()], english);
    assert_eq!((counts.sentences, counts.words, counts.syllables), (1, 30, 48));
    assert!((counts.flesch_kincaid() - 15.0).abs() < 0.05);
    // Cervantes: one sentence, 33 words, 60 syllables by hand; INFLESZ 60.6.
    let quijote = "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de \
                   los de lanza en astillero, adarga antigua, rocín flaco y galgo corredor.";
    let counts = Counts::of(&[quijote.to_owned()], spanish);
    assert_eq!((counts.sentences, counts.words, counts.syllables), (1, 33, 60));
    assert!((counts.inflesz() - 60.6).abs() < 0.05);
}
