use super::*;

const ALL: [(Purpose, &str); 11] = [
    (Purpose::Entry, "entry"),
    (Purpose::Register, "register"),
    (Purpose::Certificate, "certificate"),
    (Purpose::Possession, "possession"),
    (Purpose::Retirement, "retirement"),
    (Purpose::Founding, "founding"),
    (Purpose::Handshake, "handshake"),
    (Purpose::Removal, "removal"),
    (Purpose::Approval, "approval"),
    (Purpose::Receipt, "receipt"),
    (Purpose::Parcel, "parcel"),
];

#[test]
fn what_is_signed_for_one_purpose_is_signed_for_no_other() {
    let key = NodeKey::from_seed([1; 32]);
    for (purpose, name) in ALL {
        let message = [format!("belay sign {name} v1\0").as_bytes(), b"one", b"two"].concat();
        assert_eq!(purpose.message(&[b"one", b"two"]), message);
        let signature = key.sign(purpose, &[b"one", b"two"]);
        for (other, _) in ALL {
            assert_eq!(verify(&key.id().0, other, &[b"one", b"two"], &signature), other == purpose, "{name}");
        }
        assert!(!verify(&key.id().0, purpose, &[b"one"], &signature), "{name}, cut short");
    }
}

#[test]
fn a_node_key_is_its_seed() {
    let key = NodeKey::from_seed([5; 32]);
    assert_eq!(key.seed().as_slice(), [5; 32]);
    assert_eq!(NodeKey::from_seed(**key.seed()).id(), key.id());
    assert_ne!(NodeKey::from_seed([6; 32]).id(), key.id());
}
