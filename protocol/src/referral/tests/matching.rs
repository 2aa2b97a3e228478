use super::*;

fn person(name: &str, birth_date: &str, phone: &str) -> Identity {
    let phones = if phone.is_empty() { Vec::new() } else { vec![phone.into()] };
    Identity { name: name.into(), birth_date: birth_date.into(), phones, ..Identity::default() }
}

fn reasons(incoming: &Identity, known: &Identity) -> Vec<Reason> {
    likely(incoming, [(PersonId([1; 32]), known)]).first().map(|c| c.reasons.clone()).unwrap_or_default()
}

#[test]
fn the_same_person_is_found_however_it_is_written() {
    let incoming = person("José Núñez", "1988-02-03", "+1 (618) 555-0142");
    let known = person("NUNEZ, Jose", "1988-02-03", "618.555.0142");
    assert_eq!(reasons(&incoming, &known), [Reason::SameName, Reason::SameBirthDate, Reason::SamePhone]);
}

#[test]
fn a_short_form_counts_as_similar_with_another_sign() {
    let known = person("Joanna Doe", "1990-01-01", "");
    assert_eq!(reasons(&person("Jo Doe", "1990-01-01", ""), &known), [Reason::SimilarName, Reason::SameBirthDate]);
    assert!(reasons(&person("Jo Doe", "1991-01-01", ""), &known).is_empty());
}

#[test]
fn one_word_in_common_is_near_where_both_were_born_on_one_day() {
    let known = person("José Smith", "1966-01-08", "");
    assert_eq!(reasons(&person("Jose Smyth", "1966-01-08", ""), &known), [Reason::SimilarName, Reason::SameBirthDate]);
    assert!(reasons(&person("Jose Smyth", "1966-01-09", ""), &known).is_empty());
    assert_eq!(reasons(&person("Ann Reed", "1966-01-08", ""), &known), [Reason::SameBirthDate]);
}

#[test]
fn what_both_tell_and_is_not_alike_speaks_against_it() {
    use Against::{BirthDate, Name};
    let known = person("José Smith", "1966-01-08", "");
    let rows: [(&str, &str, &[Against]); 10] = [
        ("SMITH, Jose", "1966-01-08", &[]),
        ("José", "1966", &[]),
        ("Jo Smith", "", &[]),
        ("Jose Smyth", "1966-01-08", &[]),
        ("Jose Smyth", "", &[Name]),
        ("Ann Reed", "1966-01-08", &[Name]),
        ("José Smith", "1966-01-09", &[BirthDate]),
        ("José Smith", "1967", &[BirthDate]),
        ("Ann Reed", "1970-05-05", &[Name, BirthDate]),
        ("", "", &[]),
    ];
    for (name, born, expected) in rows {
        assert_eq!(against(&person(name, born, ""), &known), expected, "{name}, {born}");
        assert_eq!(against(&known, &person(name, born, "")), expected, "{name}, {born}, the other way round");
    }
    let also = Identity { other_names: vec!["Ann Reed".into()], ..known };
    assert!(against(&person("Reed, Ann", "1966-01-08", ""), &also).is_empty(), "another name of theirs");
}

#[test]
fn a_text_is_searched_without_case_accents_and_apostrophes() {
    assert_eq!(folded("José O’Neil, D'Angelo 606-555"), "jose oneil, dangelo 606-555");
    assert_eq!(folded("jose\u{301}"), "jose");
    assert!(same_name("Doe, Jane", "jane DOE") && !same_name("Jane Doe", "Jane Roe") && !same_name("", "-"));
}

#[test]
fn another_person_is_no_candidate() {
    assert!(
        reasons(&person("Ann Reed", "1970-05-05", "6185550001"), &person("Bo Lind", "1970-05-06", "6185550002"))
            .is_empty()
    );
}

#[test]
fn empty_fields_match_nothing() {
    assert!(reasons(&Identity::default(), &Identity::default()).is_empty());
    assert!(reasons(&person("", "1990", "12"), &person("", "1990", "12")).is_empty());
}

#[test]
fn the_likeliest_comes_first() {
    let incoming = person("Ann Reed", "1970-05-05", "6185550001");
    let known = [
        (PersonId([1; 32]), person("Ann Reed", "", "")),
        (PersonId([2; 32]), person("Ann Reed", "1970-05-05", "")),
        (PersonId([3; 32]), person("Somebody Else", "1950-01-01", "")),
    ];
    let found: Vec<PersonId> =
        likely(&incoming, known.iter().map(|(id, p)| (*id, p))).into_iter().map(|c| c.person).collect();
    assert_eq!(found, [PersonId([2; 32]), PersonId([1; 32])]);
}

#[test]
fn whoever_is_likely_shares_a_sign() {
    let person = |name: &str, born: &str, phone: &str| Identity {
        name: name.into(),
        birth_date: born.into(),
        phones: vec![phone.into()],
        ..Identity::default()
    };
    let mut all = Vec::new();
    for name in ["Jo Doe", "Joanna Doe", "Doe, Jo", "José Díaz", "jose diaz", "Ann"] {
        for born in ["1990-01-02", "1990", ""] {
            for phone in ["618-555-0142", "+1 (618) 555 0142", "12"] {
                all.push(person(name, born, phone));
            }
        }
    }
    let numbered = || (0_u8..).zip(&all).map(|(n, identity)| (PersonId([n; 32]), identity));
    for incoming in &all {
        let near = signs(incoming);
        let shared = numbered().filter(|(_, known)| !signs(known).is_disjoint(&near));
        assert_eq!(likely(incoming, shared), likely(incoming, numbered()));
    }
}
