//! What a thread costs on the wire. Bytes do not hang on the machine, so that a bound can be held.

use super::{CLINIC, HOSPITAL, county, message, sent, taken_in};

/// A thread of two spaces and twelve messages between two organisations of one node each, to the last receipt.
#[test]
fn a_thread_of_two_spaces_and_twelve_messages_costs_at_most_20_kb_on_the_wire() {
    let mut county = county();
    county.pump();
    let before = county.carried;
    let id = sent(&mut county, None);
    let founded = county.carried - before;
    assert_eq!(county.office(CLINIC).thread_spaces().len(), 2);
    for round in 0..6 {
        county.office(HOSPITAL).act(&id, message(&format!("She has a ride on Tuesday, as we said in call {round}.")));
        county.pump();
        if round == 0 {
            taken_in(county.office(CLINIC), &id);
        }
        county
            .office(CLINIC)
            .act(&id, message(&format!("Thank you; we expect her at ten and call after it ({round}).")));
        county.pump();
    }
    let cost = county.carried - before;
    let told = format!("{cost} bytes, {founded} of them for founding, notices and request");
    assert!(cost <= 20 * 1024, "{told}");
}
