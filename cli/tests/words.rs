//! Nothing about a person is taken from process arguments, where others on the machine can read it.

use std::process::{Command, Output};

fn belay(args: &[&str]) -> Output {
    let folder = std::env::temp_dir().join("belay-no-such-folder");
    Command::new(env!("CARGO_BIN_EXE_belay")).args(args).arg("--data").arg(folder).output().unwrap()
}

fn said(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

#[test]
fn text_about_a_person_is_refused_as_an_argument() {
    for args in [
        &["referral", "message", "abcd", "--as", "noor", "--text", "She came"][..],
        &["referral", "send", "--consent", "abcd", "--as", "noor", "--reason", "withdrawal"],
        &["consent", "sign", "abcd", "--as", "noor", "--typed", "Ada Wick"],
        &["referral", "accept", "abcd", "--as", "noor", "--note", "Ada may come"],
    ] {
        let out = belay(args);
        assert_eq!(out.status.code(), Some(2), "{}", said(&out));
        assert!(said(&out).contains("@FILE"), "{}", said(&out));
    }
}

#[test]
fn a_person_is_named_by_id_and_never_by_name() {
    for args in [
        &["person", "show", "Ada Wick", "--as", "noor"][..],
        &["disclosures", "--person", "Ada", "--as", "noor"],
        &["consent", "list", "--person", "zz", "--as", "noor"],
    ] {
        let out = belay(args);
        assert_eq!(out.status.code(), Some(2), "{}", said(&out));
        assert!(said(&out).contains("named by id"), "{}", said(&out));
    }
}

/// A script that has the secret in a file, as the README says, and names who acts on the line.
#[test]
fn what_goes_without_a_consent_is_put_on_record_by_who_is_named_on_the_line() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "correct horse\n").unwrap();
    let words = format!("@{}", secret.display());
    let out = Command::new(env!("CARGO_BIN_EXE_belay"))
        .env_remove("BELAY_STAFF")
        .env("BELAY_STAFF_SECRET_FILE", &secret)
        .args(["disclosures", "record", "--person", "abcd", "--clause", "2.64", "--to", "Cedar Family Court"])
        .args(["--include", "clinical", "--told", &words, "--decided", &words, "--matter", &words, "--as", "ida"])
        .arg("--data")
        .arg(folder.path().join("none"))
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    assert_eq!(out.status.code(), Some(3), "no node runs there: {}", said(&out));
}

#[test]
fn a_line_that_is_no_field_is_named_by_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("person");
    std::fs::write(&file, "name: Ada Wick\nshoe size: 40\n").unwrap();
    let out = belay(&["person", "add", "--as", "noor", "--from", file.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    assert!(said(&out).contains("line 2") && !said(&out).contains("shoe"), "{}", said(&out));
}
