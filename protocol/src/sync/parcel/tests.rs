use super::*;
use crate::keys::root::RootKey;
use crate::random::{self, Foretold};
use crate::sync::wire::Page;
use proptest::prelude::*;

const TO: OrgId = OrgId([7; 32]);
const END: Time = Time(9_000);

struct Made {
    key: NodeKey,
    prekeys: Vec<PrekeySecret>,
    nodes: Vec<(NodeId, PrekeyPublic)>,
    content: Content,
}

fn made(seed: u64, nodes: u8, entries: Vec<Vec<u8>>) -> (Made, Foretold) {
    let mut random = Foretold::new(seed);
    let key = NodeKey::from_seed(random::array(&mut random));
    let own = PrekeySecret::generate(&mut random);
    let certificate = RootKey::from_seed([3; 32]).certify(&key, own.public(), Time(1));
    let prekeys: Vec<_> = (0..nodes).map(|_| PrekeySecret::generate(&mut random)).collect();
    let nodes = prekeys.iter().zip(1..).map(|(prekey, n)| (NodeId([n; 32]), prekey.public())).collect();
    let content = Content::new(certificate, Time(5), Page { entries, ..Page::default() });
    (Made { key, prekeys, nodes, content }, random)
}

fn seal(made: &Made, random: &mut Foretold) -> Parcel {
    Parcel::seal(&made.key, &made.content, (TO, END), &made.nodes, random).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn each_node_of_the_recipient_opens_what_was_sealed_and_the_size_is_one_of_four(
        seed: u64, nodes in 1_u8..4, entries in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30_000), 0..6)
    ) {
        let (made, mut random) = made(seed, nodes, entries);
        let parcel = seal(&made, &mut random);
        let bytes = parcel.bytes();
        let read = Parcel::read(&bytes).unwrap();
        prop_assert_eq!(&read, &parcel);
        for ((node, _), prekey) in made.nodes.iter().zip(&made.prekeys) {
            prop_assert_eq!(read.prekey_for(*node), Some(prekey.id()));
            prop_assert_eq!(&read.open(*node, prekey).unwrap(), &made.content);
        }
        let sizes: Vec<usize> = limits::PARCEL_SIZES.iter().map(|size| sealed_len(size + 1)).collect();
        prop_assert!(sizes.contains(&read.body.len()));
    }

    #[test]
    fn one_bit_changed_anywhere_and_it_does_not_open_or_is_another_parcel(seed: u64, at: prop::sample::Index, bit in 0_u8..8) {
        let (made, mut random) = made(seed, 1, vec![b"entry".to_vec()]);
        let bytes = seal(&made, &mut random).bytes();
        let mut changed = bytes.clone();
        let at = at.index(changed.len());
        changed[at] ^= 1 << bit;
        prop_assert_ne!(name(&changed), name(&bytes));
        let opened = Parcel::read(&changed).and_then(|parcel| parcel.open(made.nodes[0].0, &made.prekeys[0]));
        prop_assert!(opened.is_err());
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..5_000)) {
        let _ = Parcel::read(&bytes);
        let _ = Content::from_padded(&bytes, TO);
    }
}

#[test]
fn what_was_meant_for_one_is_not_taken_as_meant_for_another() {
    let (made, mut random) = made(1, 1, Vec::new());
    let plain = made.content.padded(&made.key, TO).unwrap();
    assert!(Content::from_padded(&plain, TO).is_ok());
    assert!(Content::from_padded(&plain, OrgId([8; 32])).is_err());
    let mut padded = plain.to_vec();
    *padded.last_mut().unwrap() = 1;
    assert!(Content::from_padded(&padded, TO).is_err(), "what hides in the padding is refused");
    padded.pop();
    assert!(Content::from_padded(&padded, TO).is_err());
    let parcel = seal(&made, &mut random);
    let mut longer = parcel;
    longer.expires = Time(10_000);
    assert!(longer.open(made.nodes[0].0, &made.prekeys[0]).is_err(), "its expiry is sealed too");
}

#[test]
fn the_largest_page_with_all_that_goes_with_it_fits_the_largest_size_and_one_frame() {
    let entries = vec![vec![0; limits::ENTRY_BYTES]; 1];
    let (mut made, mut random) = made(2, limits::PARCEL_NODES as u8, entries);
    made.content.entries.push(vec![0; limits::PARCEL_PAGE - limits::ENTRY_BYTES - 16]);
    made.content.wants = vec![crate::ids::EntryHash::ZERO; limits::PARCEL_WANTS];
    made.content.receipts = vec![Receipt::sign(&made.key, ParcelId::ZERO); limits::PARCEL_RECEIPTS];
    let bytes = seal(&made, &mut random).bytes();
    assert!(crate::sync::wire::Frame::Parcel(bytes).encode().len() <= limits::FRAME_BYTES);
}

#[test]
fn a_receipt_is_its_node_s_and_for_one_parcel() {
    let key = NodeKey::from_seed([4; 32]);
    let receipt = Receipt::sign(&key, ParcelId([1; 32]));
    assert!(receipt.holds());
    assert!(!Receipt { parcel: ParcelId([2; 32]), ..receipt }.holds());
    assert!(!Receipt { node: NodeId([1; 32]), ..receipt }.holds());
}

#[test]
fn a_bundle_of_many_parcels_is_several_texts_and_each_says_what_is_wrong_with_it() {
    let parcels: Vec<Vec<u8>> = (0..30_u8).map(|n| vec![n; 200_000]).collect();
    let texts = bundle::Bundle::texts(TO, parcels.clone());
    assert!(texts.len() > 2 && texts.iter().all(|text| text.len() < limits::REQUEST_BYTES * 3 / 4));
    let file = format!("For somebody.\r\n{}", texts.concat());
    let each = crate::coalition::invite::armor::each(&file);
    assert_eq!(each.len(), texts.len());
    let read: Vec<Vec<u8>> = each.iter().flat_map(|text| bundle::Bundle::read(text).unwrap().parcels).collect();
    assert_eq!(read, parcels);
    let cut = &file[..file.len() - 50];
    let each = crate::coalition::invite::armor::each(cut);
    let last = bundle::Bundle::read(each[each.len() - 1]).unwrap_err();
    assert!(last.message.contains("cut short"), "{last}");
    let damaged = texts[0].replacen("AAAA", "AAAB", 1);
    assert!(bundle::Bundle::read(&damaged).unwrap_err().message.contains("damaged"));
    assert!(bundle::Bundle::read("hello").unwrap_err().message.contains("not a file of belay"));
    assert_eq!(bundle::Bundle::read(&bundle::Bundle::texts(TO, Vec::new())[0]).unwrap().parcels.len(), 0);
}
