use super::*;
use crate::fault::Class;
use proptest::prelude::*;

#[test]
fn a_file_comes_back_with_any_line_ends_and_inside_a_mail() {
    let content: Vec<u8> = (0..=255).collect();
    let text = write(Paper::Claim, &content);
    assert!(text.lines().all(|line| line.len() <= 64));
    let mail = format!("Hello,\r\nhere it is:\r\n> {}\r\nGreetings\r\n", text.trim_end().replace('\n', "  \r\n> "));
    for copy in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}"), text.trim_end().to_owned(), mail]
    {
        assert_eq!(read(&copy).unwrap(), (Paper::Claim, content.clone()));
    }
    assert_eq!(read_as(Paper::Claim, &text).unwrap(), content);
}

#[test]
fn another_kind_of_file_is_named() {
    let fault = read_as(Paper::Welcome, &write(Paper::Claim, b"content")).unwrap_err();
    assert_eq!(fault.class, Class::Misuse);
    assert!(fault.message.contains("CLAIM") && fault.message.contains("WELCOME"), "{fault}");
}

#[test]
fn foreign_cut_and_later_files_are_told_apart() {
    let text = write(Paper::Invite, b"some content that is a line long, or so");
    for (text, expected) in [
        ("id,name,description\n1,Food bank,\n".to_owned(), "not a file of belay"),
        ("-----BEGIN BELAY KEY 1-----\n".to_owned(), "neither an invite"),
        (text.lines().next().unwrap().to_owned(), "cut short"),
        (text[..text.len() - 60].to_owned(), "cut short"),
        (text.replace("INVITE 1", "INVITE 2"), "another version"),
        (text.replace("IG", "Ig"), "damaged"),
    ] {
        let fault = read(&text).unwrap_err();
        assert!(fault.message.contains(expected), "{expected}: {fault}");
    }
}

proptest! {
    #[test]
    fn a_changed_byte_never_gives_other_content(position in 0usize..200, bit in 0u8..7) {
        let content = [7u8; 70];
        let mut bytes = write(Paper::Invite, &content).into_bytes();
        prop_assume!(position < bytes.len());
        bytes[position] ^= 1 << bit;
        if let Ok(text) = String::from_utf8(bytes)
            && let Ok(read) = read(&text)
        {
            // White space at a line's end may change without harm.
            prop_assert_eq!(read, (Paper::Invite, content.to_vec()));
        }
    }

    #[test]
    fn a_cut_file_is_refused(cut in 1usize..200) {
        let text = write(Paper::Invite, &[7u8; 70]);
        let end = text.trim_end().len().saturating_sub(cut);
        prop_assert!(read(&text[..end]).is_err());
    }

    #[test]
    fn foreign_text_is_a_fault(text in ".{0,200}") {
        prop_assert!(read(&text).is_err());
    }
}
