use super::*;
use crate::codec;
use crate::keys::PrekeySecret;
use proptest::prelude::*;

fn root() -> RootKey {
    RootKey::from_seed([1; 32])
}

fn certificate() -> Certificate {
    root().certify(&NodeKey::from_seed([2; 32]), PrekeySecret::from_seed([3; 32]).public(), Time(5))
}

#[test]
fn a_certificate_names_the_organisation_of_its_root() {
    assert_eq!(certificate().verify().unwrap(), root().public().org());
    assert_ne!(root().public().org().0, root().public().0);
}

#[test]
fn nobody_is_certified_without_agreeing() {
    // Another organisation signs a certificate for a node that is not its own.
    let other = RootKey::from_seed([9; 32]);
    let stolen = other.certify(&NodeKey::from_seed([8; 32]), certificate().prekey, Time(5));
    let claimed = Certificate { node: certificate().node, ..stolen };
    assert!(claimed.verify().unwrap_err().message.contains("not signed"));
    let resigned = Certificate {
        possession: certificate().possession,
        ..other.certify(&NodeKey::from_seed([2; 32]), certificate().prekey, Time(5))
    };
    assert!(resigned.verify().unwrap_err().message.contains("by the node"));
}

#[test]
fn a_retirement_is_no_certificate_and_the_other_way_round() {
    let retirement = root().retire(certificate().node, Time(5));
    assert_eq!(retirement.verify().unwrap(), root().public().org());
    let confused = Retirement { signature: certificate().signature, ..retirement };
    assert!(confused.verify().is_err());
}

proptest! {
    #[test]
    fn a_changed_certificate_is_refused(position in 0usize..1500, bit in 0u8..8) {
        let mut bytes = codec::encode(&certificate());
        prop_assume!(position < bytes.len());
        bytes[position] ^= 1 << bit;
        if let Ok(changed) = codec::decode::<Certificate>("certificate", &bytes) {
            prop_assert!(changed.verify().is_err());
        }
    }
}
