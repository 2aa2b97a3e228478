//! What a consent is signed by has a hand in it.

use super::*;
use data_encoding::HEXLOWER;

#[test]
fn text_and_a_paper_or_picture_in_which_no_hand_can_be_seen_sign_no_consent() {
    let mut county = county();
    let hospital = county.office(HOSPITAL);
    hospital.person("Zephyrine Quillfeather");
    let draft: ConsentView = hospital.done(&Care::ConsentDraft(ConsentDraft {
        person: "Zephyrine Quillfeather".into(),
        to: vec!["Ridge Clinic".to_owned()],
        purpose: "tpo".to_owned(),
        expiry: ExpiryRequest::Never,
        ..ConsentDraft::default()
    }));
    let to = AttachTo::Consent { consent: draft.id.to_string() };
    let text = b"Signed on paper, it lies in the red folder.\n";
    let manifest = Manifest::of("scan.pdf", text).expect("a file");
    let why = hospital.refused(&attach(&to, &manifest, head(text))).1;
    assert!(why.contains("42 CFR 2.31(a)(8)") && why.contains("plain text"), "{why}");
    for (name, bytes) in [
        ("scan.pdf", b"%PDF-1.7\nnothing".as_slice()),
        ("hand.png", b"\x89PNG\r\n\x1a\nnothing"),
        ("scan.jpg", b"\xff\xd8\xff\xe0nothing"),
    ] {
        let manifest = Manifest::of(name, bytes).expect("a file by its first bytes");
        let _: AttachingView = hospital.done(&attach(&to, &manifest, head(bytes)));
        let _: AttachingView = hospital.done(&attach(&to, &manifest, chunks(bytes, &[0])));
        let why = hospital.refused(&attach(&to, &manifest, finish())).1;
        assert!(why.contains("42 CFR 2.31(a)(8)") && why.contains("empty or damaged"), "{name}: {why}");
        for drawn in [false, true] {
            let file = Some(SignedFile { id: HEXLOWER.encode(&manifest.sha256), drawn });
            let sign = ConsentSign { consent: draft.id.to_string(), file, ..ConsentSign::default() };
            assert!(hospital.refused(&Care::ConsentSign(sign)).1.contains("no such file"), "{name}");
        }
    }
}
