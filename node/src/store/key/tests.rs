use super::*;

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(Zeroizing::new(text.into())).unwrap()
}

/// Small figures: these tests are about the file, not about the cost of guessing.
fn sealed(passphrase_text: &str) -> (tempfile::TempDir, PathBuf, RawKey) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.json");
    let key = RawKey::random().unwrap();
    seal(&path, &passphrase(passphrase_text), &key, 64).unwrap();
    (folder, path, key)
}

#[test]
fn only_the_passphrase_opens_the_key() {
    let (_folder, path, key) = sealed("a long enough one");
    assert_eq!(open(&path, &passphrase("a long enough one")).unwrap().0, key.0);
    let fault = open(&path, &passphrase("a long enough two")).unwrap_err();
    assert!(fault.message.starts_with("wrong passphrase"), "{fault}");
    assert!(!fault.message.contains('\n'));
}

#[test]
fn a_key_file_with_weaker_figures_does_not_open() {
    let (_folder, path, _) = sealed("a long enough one");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"passes\": 3", "\"passes\": 1")).unwrap();
    assert!(open(&path, &passphrase("a long enough one")).is_err());
}

#[test]
fn a_key_file_can_not_ask_for_all_memory() {
    let (_folder, path, _) = sealed("a long enough one");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"memory_kib\": 64", "\"memory_kib\": 4000000000")).unwrap();
    let fault = open(&path, &passphrase("a long enough one")).unwrap_err();
    assert!(fault.message.contains("out of bounds"), "{fault}");
}

#[test]
fn bytes_that_are_no_key_file_are_told_as_such() {
    let (_folder, path, _) = sealed("a long enough one");
    for bytes in [&b""[..], b"{}", b"\xff\xfe", b"[1,2,3]"] {
        fs::write(&path, bytes).unwrap();
        assert!(open(&path, &passphrase("a long enough one")).unwrap_err().message.contains("damaged"));
    }
}

#[test]
fn a_passphrase_file_is_its_first_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p");
    fs::write(&path, "correct horse\nsomething else\n").unwrap();
    assert_eq!(*Passphrase::from_file(&path).unwrap().0, "correct horse");
    fs::write(&path, "short\n").unwrap();
    assert!(Passphrase::from_file(&path).unwrap_err().message.contains("fewer than 8"));
}

#[test]
fn neither_key_nor_passphrase_shows_itself() {
    let (_folder, _path, key) = sealed("a long enough one");
    assert_eq!(format!("{key:?} {:?}", passphrase("a long enough one")), "RawKey Passphrase");
}
