//! A gentle hint towards words that put the person first, while somebody writes (National Institute on Drug Abuse, "Words
//! Matter"). Never a block: what was written is sent as it is.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroizing;

/// A word that was written, and one that puts the person first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    pub word: String,
    pub instead: String,
}

/// Word or words, as they are written in lower case without accents; and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("substance abusers", "people with substance use disorder"),
    ("substance abuser", "person with substance use disorder"),
    ("substance abuse", "substance use"),
    ("drug abusers", "people who use drugs"),
    ("drug abuser", "person who uses drugs"),
    ("drug abuse", "drug use"),
    ("drug addicts", "people with substance use disorder"),
    ("drug addict", "person with substance use disorder"),
    ("drug users", "people who use drugs"),
    ("drug user", "person who uses drugs"),
    ("drug habit", "substance use disorder"),
    ("opioid abuse", "opioid use"),
    ("alcohol abuse", "alcohol use"),
    ("alcoholics", "people with alcohol use disorder"),
    ("alcoholic", "person with alcohol use disorder"),
    ("drunks", "people who drink heavily"),
    ("drunk", "person who drinks heavily"),
    ("addicts", "people with substance use disorder"),
    ("addict", "person with substance use disorder"),
    ("addicted to", "has a use disorder of"),
    ("abusers", "people who use"),
    ("abuser", "person who uses"),
    ("junkies", "people who use drugs"),
    ("junkie", "person who uses drugs"),
    ("crackhead", "person who uses cocaine"),
    ("user of heroin", "person who uses heroin"),
    ("clean and sober", "in recovery"),
    ("got clean", "is in recovery"),
    ("is clean", "does not use now"),
    ("stays clean", "stays in recovery"),
    ("staying clean", "staying in recovery"),
    ("clean urine", "negative test result"),
    ("dirty urine", "positive test result"),
    ("clean test", "negative test result"),
    ("dirty test", "positive test result"),
    ("clean drop", "negative test result"),
    ("dirty drop", "positive test result"),
    ("clean", "in recovery; of a test: negative"),
    ("dirty", "uses now; of a test: positive"),
    ("relapsed", "used again; had a recurrence"),
    ("relapses", "recurrences"),
    ("relapse", "recurrence"),
    ("fell off the wagon", "used again"),
    ("opioid substitution", "medication for opioid use disorder"),
    ("replacement therapy", "medication for opioid use disorder"),
    ("medication assisted treatment", "medication for opioid use disorder"),
    ("addicted baby", "baby exposed to opioids before birth"),
    ("born addicted", "exposed before birth"),
    ("frequent flyer", "person who comes often"),
    ("frequent flier", "person who comes often"),
    ("drug seeking", "asks for relief"),
    ("noncompliant", "does not take part as agreed"),
    ("non compliant", "does not take part as agreed"),
    ("former addict", "person in recovery"),
    ("reformed addict", "person in recovery"),
    ("patient of", "person in the care of"),
    ("inmates", "people in custody"),
    ("inmate", "person in custody"),
    ("felon", "person with a conviction"),
    ("ex con", "person who was in prison"),
    ("the homeless", "people without housing"),
    ("committed suicide", "died by suicide"),
    // Spanish.
    ("abuso de sustancias", "uso de sustancias"),
    ("abuso de drogas", "uso de drogas"),
    ("abuso de alcohol", "uso de alcohol"),
    ("drogadictos", "personas con trastorno por uso de sustancias"),
    ("drogadicto", "persona con trastorno por uso de sustancias"),
    ("drogadicta", "persona con trastorno por uso de sustancias"),
    ("drogadiccion", "trastorno por uso de sustancias"),
    ("toxicomano", "persona con trastorno por uso de sustancias"),
    ("toxicomana", "persona con trastorno por uso de sustancias"),
    ("adictos", "personas con trastorno por uso de sustancias"),
    ("adicto", "persona con trastorno por uso de sustancias"),
    ("adicta", "persona con trastorno por uso de sustancias"),
    ("alcoholico", "persona con trastorno por uso de alcohol"),
    ("alcoholica", "persona con trastorno por uso de alcohol"),
    ("borracho", "persona que bebe mucho"),
    ("borracha", "persona que bebe mucho"),
    ("recaidas", "recurrencias"),
    ("recaida", "recurrencia"),
    ("recayo", "tuvo una recurrencia"),
    ("orina limpia", "prueba negativa"),
    ("orina sucia", "prueba positiva"),
    ("esta limpio", "no consume ahora"),
    ("esta limpia", "no consume ahora"),
    ("paciente de", "persona atendida por"),
    ("preso", "persona privada de libertad"),
    ("presa", "persona privada de libertad"),
];

/// The same of every text in a request, before it is made.
#[must_use]
pub fn of(ask: &impl Serialize) -> Vec<Hint> {
    let mut found = Vec::new();
    let mut rest: Vec<Value> = serde_json::to_value(ask).into_iter().collect();
    while let Some(value) = rest.pop() {
        match value {
            Value::String(text) => {
                let text = Zeroizing::new(text);
                for hint in hints(&text) {
                    if !found.contains(&hint) {
                        found.push(hint);
                    }
                }
            }
            Value::Array(all) => rest.extend(all),
            Value::Object(fields) => rest.extend(fields.into_iter().map(|(_, value)| value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    found
}

/// What could be said otherwise, each once, the longest first.
#[must_use]
pub fn hints(text: &str) -> Vec<Hint> {
    let mut text = plain(text);
    let mut found = Vec::new();
    let mut words = WORDS.to_vec();
    words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    for (word, instead) in words {
        let spaced = format!(" {word} ");
        if text.contains(&spaced) {
            // What was found is taken out, so that a part of it is not found again.
            while text.contains(&spaced) {
                text = text.replace(&spaced, " | ");
            }
            found.push(Hint { word: word.to_owned(), instead: instead.to_owned() });
        }
    }
    found
}

/// Lower case, without accents, one blank between words and at both ends.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len() + 2);
    plain.push(' ');
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = match c {
            'á' => 'a',
            'é' => 'e',
            'í' => 'i',
            'ó' => 'o',
            'ú' | 'ü' => 'u',
            c if c.is_alphanumeric() => c,
            _ => ' ',
        };
        if c != ' ' || !plain.ends_with(' ') {
            plain.push(c);
        }
    }
    if !plain.ends_with(' ') {
        plain.push(' ');
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        hints(text).into_iter().map(|hint| hint.word).collect()
    }

    #[test]
    fn a_word_that_hides_the_person_gets_a_hint_in_both_languages() {
        assert_eq!(words("Known drug addict, relapsed twice."), ["drug addict", "relapsed"]);
        assert_eq!(words("Es DROGADICTA; tuvo una recaída."), ["drogadicta", "recaida"]);
        assert_eq!(words("substance-abuse history"), ["substance abuse"]);
        assert_eq!(words("She is a patient of Dr. Wren; last test was dirty"), ["patient of", "dirty"]);
        let hint = hints("addict").pop().expect("a hint");
        assert_eq!(hint.instead, "person with substance use disorder");
    }

    #[test]
    fn words_that_only_look_alike_get_none() {
        for fine in
            ["the addiction clinic", "cleaning job", "person with opioid use disorder", "is patient", "presto", ""]
        {
            assert_eq!(words(fine), [""; 0], "{fine}");
        }
    }

    #[test]
    fn each_is_said_once_and_no_suggestion_asks_for_another() {
        assert_eq!(words("addict, addict; an ADDICT"), ["addict"]);
        for (word, instead) in WORDS {
            assert_eq!(words(word), [*word], "found as itself");
            assert_eq!(words(instead), [""; 0], "{instead}");
            assert_eq!(plain(word), format!(" {word} "), "as it is compared");
        }
    }
}
