use super::*;
use crate::fault::Class;
use crate::random::Foretold;
use crate::time::DAY;
use proptest::prelude::*;

fn code(addresses: &[&str]) -> Code {
    Code {
        node: NodeId([1; 32]),
        org: OrgId([2; 32]),
        secret: InviteSecret::generate(&mut Foretold::new(7)),
        expires: Time(20_000 * DAY),
        addresses: addresses.iter().map(|&text| text.to_owned()).collect(),
        relays: Vec::new(),
    }
}

fn relay(node: u8, addresses: &[&str]) -> Relay {
    Relay { node: NodeId([node; 32]), addresses: addresses.iter().map(|&text| text.to_owned()).collect() }
}

fn full() -> Code {
    code(&["/ip4/203.0.113.7/udp/4001/quic-v1", "/ip6/2001:db8::7/tcp/443", "/dns4/node.example.org/udp/4001/quic-v1"])
}

#[test]
fn a_code_comes_back_however_it_was_copied() {
    let text = full().text();
    assert!(text.starts_with("belay1-"));
    assert!(text.len() < 250, "{} characters are too many for a small QR code", text.len());
    let grouped: String =
        text.char_indices().map(|(i, c)| if i > 7 && i % 5 == 0 { format!("-{c}") } else { c.into() }).collect();
    let broken = text.replace("belay1-", "  Belay1 - ").chars().fold(String::new(), |mut out, c| {
        out.push(c);
        if out.len() % 60 == 0 {
            out.push_str("\r\n > ".trim_end_matches("> "));
        }
        out
    });
    let confused = text.replacen("belay1-", "BELAY1\u{2011}", 1).replace('0', "O").replace("\u{2011}", "-");
    for copy in [text.to_string(), full().qr_text().to_string(), grouped, broken, confused] {
        assert_eq!(Code::parse(&copy).unwrap(), full(), "{copy}");
    }
}

#[test]
fn addresses_of_every_form_come_back_as_they_were() {
    for addresses in [
        vec![],
        vec!["/ip4/1.2.3.4/tcp/0"],
        vec!["/dns/a.example/tcp/4001", "/dns6/b.example/udp/9/quic-v1"],
        // Not canonical, or not of a form with a byte of its own: kept as text.
        vec![
            "/ip6/2001:DB8::7/tcp/443",
            "/ip4/1.2.3.4/tcp/04001",
            "/ip4/9.9.9.9/udp/4001/quic-v1/p2p/12D3KooWx/p2p-circuit",
        ],
        vec!["/", "/ip4", "/ip4/1.2.3.4/tcp/99999"],
    ] {
        let made = code(&addresses);
        assert_eq!(Code::parse(&made.text()).unwrap().addresses, addresses);
    }
}

#[test]
fn members_to_come_by_come_back_as_they_were_and_a_full_code_fits_a_qr_code() {
    let by = [
        relay(3, &["/ip4/203.0.113.7/udp/4870/quic-v1", "/ip4/203.0.113.7/tcp/4870"]),
        relay(4, &["/dns/node.example.org/tcp/4870"]),
    ];
    for count in 0..=by.len() {
        let made = Code { relays: by[..count].to_vec(), ..full() };
        assert_eq!(Code::parse(&made.text()).unwrap(), made);
        assert!(!made.is_file());
        assert!(made.text().len() < 500);
    }
    assert!(code(&[]).is_file());
    assert!(!Code { relays: by.to_vec(), ..code(&[]) }.is_file());
    for (bad, expected) in [
        (vec![relay(1, &["/ip4/1.2.3.4/tcp/1"]); 3], "at most 2 members' nodes"),
        (vec![relay(1, &[])], "has no address"),
        (vec![relay(1, &["/ip4/1.2.3.4/tcp/1"; 3])], "at most 2 addresses"),
        (vec![relay(1, &["example.org"])], "expected a multiaddr"),
    ] {
        let fault = check_relays(&bad).unwrap_err();
        assert!(fault.message.contains(expected), "{fault}");
        let made = Code { relays: bad, ..full() };
        assert_ne!(Code::parse(&made.text()).ok(), Some(made));
    }
}

#[test]
fn what_is_no_code_says_what_it_is() {
    for text in ["", "hello", "belay", "belay-abc", "https://example.org", "12D3KooWabc"] {
        let fault = Code::parse(text).unwrap_err();
        assert!(fault.message.contains("begins with belay1-"), "{text}: {fault}");
    }
    let later = Code::parse("belay2-0000").unwrap_err();
    assert_eq!(later.class, Class::Incompatible);
    assert!(later.message.contains("newest version"), "{later}");
}

#[test]
fn a_cut_code_says_that_it_is_cut_and_a_mistyped_one_that_it_is_mistyped() {
    let text = full().text();
    for length in 7..text.len() {
        let fault = Code::parse(&text[..length]).unwrap_err();
        assert!(fault.message.contains("cut short"), "{length}: {fault}");
    }
    let fault = Code::parse(&format!("{}abc", *text)).unwrap_err();
    assert!(fault.message.contains("copy the code alone"), "{fault}");
    let mut other: Vec<char> = text.chars().collect();
    other[50] = if other[50] == '7' { '8' } else { '7' };
    let fault = Code::parse(&other.iter().collect::<String>()).unwrap_err();
    assert!(fault.message.contains("a character is wrong"), "{fault}");
    let fault = Code::parse(&text.replace("belay1-", "belay1-u")).unwrap_err();
    assert!(fault.message.contains("character 1 "), "{fault}");
}

#[test]
fn no_fault_shows_the_code() {
    let text = full().text();
    let body = &text[7..];
    for bad in [&text[..100], &text.replace('7', "8"), &format!("{}!", *text)] {
        if let Err(fault) = Code::parse(bad) {
            assert!(!fault.message.contains(&body[20..30]), "{fault}");
        }
    }
    assert!(!format!("{:?}", full()).contains(&data_encoding::HEXLOWER.encode(full().secret.as_bytes())));
}

#[test]
fn an_expired_code_says_when_and_what_the_clock_is() {
    let code = full();
    assert!(code.check_expiry(code.expires).is_ok());
    let fault = code.check_expiry(code.expires.plus(1)).unwrap_err();
    assert!(fault.message.contains(&code.expires.rfc3339()) && fault.message.contains("clock"), "{fault}");
}

proptest! {
    #[test]
    fn every_other_character_is_noticed(position in 7usize..220, to in 0usize..32) {
        let text = full().text();
        let mut symbols: Vec<char> = text.chars().collect();
        prop_assume!(position < symbols.len());
        let symbol = "0123456789abcdefghjkmnpqrstvwxyz".chars().nth(to).unwrap();
        prop_assume!(symbols[position] != symbol);
        symbols[position] = symbol;
        prop_assert!(Code::parse(&symbols.iter().collect::<String>()).is_err());
    }

    #[test]
    fn foreign_text_is_a_fault(text in "(belay1-)?[0-9a-zA-Z \u{2010}é-]{0,300}") {
        prop_assert!(Code::parse(&text).is_err());
    }

    #[test]
    fn random_addresses_come_back(texts in prop::collection::vec("/[!-~]{0,159}", 0..=3)) {
        let made = Code { addresses: texts, ..code(&[]) };
        prop_assert_eq!(Code::parse(&made.text()).unwrap(), made);
    }
}
