use super::*;
use crate::time::HOUR;

fn pass(n: u8) -> Pass {
    Pass::of(&InviteSecret::from_bytes([n; 16]))
}

const NOW: Time = Time(1_790_000_000_000);
const ONE: NodeId = NodeId([1; 32]);
const TWO: NodeId = NodeId([2; 32]);

#[test]
fn a_relay_learns_neither_the_code_nor_the_pass_from_what_is_published() {
    let secret = InviteSecret::from_bytes([7; 16]);
    let (pass, id) = (Pass::of(&secret), secret.id());
    assert_ne!(pass.name().0, id.0);
    assert_ne!(pass.as_bytes(), &pass.name().0);
    assert_eq!(format!("{pass:?}"), "Pass");
    assert_eq!(Pass::from_bytes(*pass.as_bytes()).name(), pass.name());
}

#[test]
fn a_pass_is_found_while_its_maker_publishes_it_and_no_node_of_its_organisation_has_ended_it() {
    let (name, expires) = (pass(1).name(), NOW.plus(HOUR));
    let made = Published { open: vec![(name, expires)], ended: Vec::new() };
    let ended = Published { open: Vec::new(), ended: vec![name] };
    let silent = Published::default();
    assert_eq!(find([(ONE, &silent), (TWO, &made)], name), Found::Open { maker: TWO, expires });
    assert_eq!(find([(ONE, &made)], pass(2).name()), Found::None);
    for order in [[(ONE, &made), (TWO, &ended)], [(TWO, &ended), (ONE, &made)]] {
        assert_eq!(find(order, name), Found::None);
    }
}

#[test]
fn who_shows_a_pass_first_is_the_only_one_until_it_expires() {
    let (mut shown, name, expires) = (Shown::default(), pass(1).name(), NOW.plus(HOUR));
    assert_eq!(shown.show(name, ONE, expires, NOW), Ok(()));
    assert_eq!(shown.show(name, ONE, expires, NOW), Ok(()), "it asks again and again until it is approved");
    assert_eq!(shown.show(name, TWO, expires, NOW), Err(NoPassage::Taken));
    assert_eq!(shown.show(pass(2).name(), TWO, expires, NOW), Ok(()));
    assert_eq!(shown.show(name, ONE, expires, expires.plus(1)), Err(NoPassage::Expired));
    assert!(shown.first.is_empty(), "what has expired is remembered no longer");
}

#[test]
fn what_a_relay_remembers_is_bounded() {
    let mut shown = Shown::default();
    let name = |n: usize| PassName(sha256(b"name", &[&n.to_be_bytes()]));
    for n in 0..limits::PASSES_SHOWN {
        assert_eq!(shown.show(name(n), ONE, NOW.plus(HOUR), NOW), Ok(()));
    }
    assert_eq!(shown.show(name(usize::MAX), ONE, NOW.plus(HOUR), NOW), Err(NoPassage::Busy));
    assert_eq!(shown.show(name(usize::MAX), ONE, NOW.plus(2 * HOUR), NOW.plus(HOUR + 1)), Ok(()));
}

#[test]
fn a_register_over_its_bound_says_nothing() {
    let many = |n: usize| Published { open: vec![(pass(1).name(), NOW); n], ended: Vec::new() };
    let most = limits::PASSES_OF_NODE;
    assert_eq!(Published::read(&codec::encode(&many(most))), many(most));
    assert_eq!(Published::read(&codec::encode(&many(most + 1))), Published::default());
    assert_eq!(Published::read(b"\xff\xff"), Published::default());
}

#[test]
fn each_reason_has_its_number_and_a_sentence() {
    for code in 1..=9 {
        let reason = NoPassage::from_code(code);
        assert_eq!(reason.code(), code);
        assert!(!reason.to_newcomer().is_empty());
    }
}

#[cfg(feature = "planted")]
#[test]
fn a_pass_that_outlives_its_end_would_show() {
    use crate::planted::{Bug, plant};
    plant(Some(Bug::PassOutlives));
    let test = a_pass_is_found_while_its_maker_publishes_it_and_no_node_of_its_organisation_has_ended_it;
    let outcome = std::panic::catch_unwind(test);
    plant(None);
    assert!(outcome.is_err(), "it shows nowhere");
}
